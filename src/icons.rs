//! Line icons on a grid of 18 units, each a single path: they take the colour of the text around them.

use leptos::prelude::*;
use understudy_sim::plan::NodeKind;

use crate::bind::Text;

const CLIENTS: &str = "M10 6a3 3 0 1 1-6 0 3 3 0 0 1 6 0M1.5 16c0-3.4 2.4-5.5 5.5-5.5s5.5 2.1 5.5 5.5M12 3.4a3 3 0 0 1 0 5.2M14 11c1.6.8 2.6 2.5 2.6 5";
const BALANCER: &str = "M5.5 9a2 2 0 1 1-4 0 2 2 0 0 1 4 0M16.5 3.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M16.5 9a2 2 0 1 1-4 0 2 2 0 0 1 4 0M16.5 14.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M5.5 9h7M5.2 8l7.5-3.7M5.2 10l7.5 3.7";
const SERVER: &str = "M3.5 2.5h11A1.5 1.5 0 0 1 16 4v2.5A1.5 1.5 0 0 1 14.5 8h-11A1.5 1.5 0 0 1 2 6.5V4a1.5 1.5 0 0 1 1.5-1.5M3.5 10h11a1.5 1.5 0 0 1 1.5 1.5V14a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 2 14v-2.5A1.5 1.5 0 0 1 3.5 10M5 5.25h.01M5 12.75h.01M9 5.25h4M9 12.75h4";
const FIREWALL: &str = "M2 3h14v12H2zM2 7h14M2 11h14M7 3v4M12 7v4M6 11v4";
const DATABASE: &str = "M15 4.2c0 1.3-2.7 2.3-6 2.3S3 5.5 3 4.2s2.7-2.3 6-2.3 6 1 6 2.3M3 4.2v9.8c0 1.3 2.7 2.3 6 2.3s6-1 6-2.3V4.2M3 9.1c0 1.3 2.7 2.3 6 2.3s6-1 6-2.3";
const MANAGER: &str =
    "M1.5 9S4 4 9 4s7.5 5 7.5 5S14 14 9 14 1.5 9 1.5 9zM11.3 9a2.3 2.3 0 1 1-4.6 0 2.3 2.3 0 0 1 4.6 0";
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

/// The icon of a kind of node.
pub const fn of_kind(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::Clients(_) => CLIENTS,
        NodeKind::LoadBalancer(_) => BALANCER,
        NodeKind::Firewall(_) => FIREWALL,
        NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) => SERVER,
        NodeKind::Database(_) => DATABASE,
        NodeKind::FailoverManager(_) => MANAGER,
    }
}

/// An icon beside a word, or one whose control has an accessible name: never the only thing that tells.
pub fn icon(path: impl Into<Text>) -> impl IntoView {
    let path = path.into();
    view! {
        <svg class="icon" viewBox="0 0 18 18" aria-hidden="true">
            <path d=path />
        </svg>
    }
}
