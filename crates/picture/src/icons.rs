//! Line icons on a grid of 18 units, each a single path: they take the colour of the text around them.

/// Two people.
pub const CLIENTS: &str = "M10 6a3 3 0 1 1-6 0 3 3 0 0 1 6 0M1.5 16c0-3.4 2.4-5.5 5.5-5.5s5.5 2.1 5.5 5.5M12 3.4a3 3 0 0 1 0 5.2M14 11c1.6.8 2.6 2.5 2.6 5";
/// One way that becomes three.
pub const BALANCER: &str = "M5.5 9a2 2 0 1 1-4 0 2 2 0 0 1 4 0M16.5 3.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M16.5 9a2 2 0 1 1-4 0 2 2 0 0 1 4 0M16.5 14.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M5.5 9h7M5.2 8l7.5-3.7M5.2 10l7.5 3.7";
/// Two boxes of a rack.
pub const SERVER: &str = "M3.5 2.5h11A1.5 1.5 0 0 1 16 4v2.5A1.5 1.5 0 0 1 14.5 8h-11A1.5 1.5 0 0 1 2 6.5V4a1.5 1.5 0 0 1 1.5-1.5M3.5 10h11a1.5 1.5 0 0 1 1.5 1.5V14a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 2 14v-2.5A1.5 1.5 0 0 1 3.5 10M5 5.25h.01M5 12.75h.01M9 5.25h4M9 12.75h4";
/// A wall of bricks.
pub const FIREWALL: &str = "M2 3h14v12H2zM2 7h14M2 11h14M7 3v4M12 7v4M6 11v4";
/// A drum.
pub const DATABASE: &str = "M15 4.2c0 1.3-2.7 2.3-6 2.3S3 5.5 3 4.2s2.700-2.300 6-2.300 6 1 6 2.300M3 4.200v9.800c0 1.300 2.700 2.300 6 2.300s6-1 6-2.300V4.200M3 9.100c0 1.300 2.700 2.300 6 2.300s6-1 6-2.300";
/// An eye.
pub const MANAGER: &str = "M1.500 9S4 4 9 4s7.500 5 7.500 5S14 14 9 14 1.500 9 1.500 9zM11.300 9a2.300 2.300 0 1 1-4.600 0 2.300 2.300 0 0 1 4.600 0";
/// A clock.
pub const CLOCK: &str = "M16 9A7 7 0 1 1 2 9a7 7 0 0 1 14 0M9 4.8V9l2.8 2";
/// A plus.
pub const CLOSER: &str = "M9 3.5v11M3.5 9h11";
/// A minus.
pub const FURTHER: &str = "M3.5 9h11";
/// Four corners.
pub const FIT: &str = "M2.5 6.5v-4h4M11.5 2.5h4v4M15.5 11.5v4h-4M6.5 15.5h-4v-4";
/// A page with lines.
pub const DNS: &str = "M3 2.500h8.500L15 6v9.500H3zM11.500 2.500V6H15M6 8.500h6M6 11h6M6 13.300h3.500";
/// A pulse.
pub const MONITOR: &str = "M1.500 9.500h3.200l2-5.500 4 10 2.200-6 1.100 1.500h2.500";
/// A sight.
pub const ATTACKER: &str = "M9 2v3.500M9 12.500V16M2 9h3.500M12.500 9H16M14 9a5 5 0 1 1-10 0 5 5 0 0 1 10 0";
/// An ear.
pub const EAVESDROPPER: &str =
    "M5 7a4 4 0 0 1 8 0c0 2.600-2.800 3.200-2.800 5.500A2.300 2.300 0 0 1 6 13.800M7 7.300a2 2 0 0 1 4 0";
/// A triangle that points forward.
pub const PLAY: &str = "M5 3.2v11.6l9.5-5.8z";
/// Two bars.
pub const PAUSE: &str = "M6 3.5v11M12 3.5v11";
/// Back to the start.
pub const RESTART: &str = "M4 3.5v11M14.5 3.8v10.4L7 9z";
/// Back by one event.
pub const STEP_BACK: &str = "M13.5 3.8v10.4L6.5 9zM3.8 5v8";
/// On by one event.
pub const STEP: &str = "M4.5 3.8v10.4L11.5 9zM14.2 5v8";
/// An arrow that turns back.
pub const UNDO: &str = "M6.2 3.5 2.8 7l3.4 3.5M3 7h7.5a4.2 4.2 0 0 1 0 8.4H6";
/// An arrow that turns forward.
pub const REDO: &str = "M11.8 3.5 15.2 7l-3.4 3.5M15 7H7.5a4.2 4.2 0 0 0 0 8.4H12";
/// A pencil.
pub const EDIT: &str = "M3 15l.8-3.6L12 3.200a1.800 1.800 0 0 1 2.600 0l.2.2a1.800 1.800 0 0 1 0 2.600L6.600 14.200zM10.700 4.500l2.800 2.800";
/// Into a file.
pub const SAVE: &str =
    "M9 2.5v8.7M5.8 8 9 11.2 12.2 8M2.5 11v3a1.5 1.5 0 0 0 1.5 1.5h10a1.5 1.5 0 0 0 1.5-1.5v-3";
/// Rows and columns.
pub const TABLE: &str = "M2.5 3.5h13v11h-13zM2.5 7h13M2.5 10.7h13M7 3.5v11";
/// A file that is opened.
pub const OPEN: &str =
    "M9 11.5V3M5.8 6 9 2.8 12.2 6M2.5 11v3a1.5 1.5 0 0 0 1.5 1.5h10a1.5 1.5 0 0 0 1.5-1.5v-3";
/// A sun.
pub const SUN: &str = "M12.2 9a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0M9 1.5v1.6M9 14.9v1.6M1.5 9h1.6M14.9 9h1.6M3.7 3.7l1.1 1.1M13.2 13.2l1.1 1.1M3.7 14.3l1.1-1.1M13.2 4.8l1.1-1.1";
/// A moon.
pub const MOON: &str = "M15.5 10.6A6.8 6.8 0 1 1 7.4 2.5a5.4 5.4 0 0 0 8.1 8.1z";
/// Half dark, half light.
pub const HALF: &str =
    "M15.5 9a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0M9 2.5v13M9 4.5h3.2M9 7.2h5.6M9 9.9h6M9 12.6h4.6";
/// A question mark.
pub const HELP: &str = "M6.3 6.7a2.8 2.8 0 1 1 4.3 2.4C9.5 9.8 9 10.3 9 11.4M9 14.3h.01";
/// A cross.
pub const CLOSE: &str = "M4.5 4.5l9 9M13.5 4.5l-9 9";
