//! The signs of what moves and of what is so, as small pictures on a grid of 16 units.

/// Each sign: its name in the style sheet, its path, what it means.
pub const SIGNS: [(&str, &str, &str); 11] = [
    ("request", "M8 4a4 4 0 1 0 0 8 4 4 0 1 0 0-8z", "read"),
    ("write", "M8 2.8 13.2 8 8 13.2 2.8 8z", "write"),
    ("reply", "M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 1 0 0-7z", "answer"),
    ("failed", "M4.5 4.5l7 7M11.5 4.5l-7 7", "failure"),
    ("probe", "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 1 0 0-5z", "health check"),
    ("records", "M8 4.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 1 0 0-6.8z", "log records"),
    ("attack", "M8 3.4 12.6 12H3.4z", "attack"),
    ("attack path", "M2 8h12", "attack path"),
    ("load", "M8 3a5 5 0 1 1-4.7 3.3", "load"),
    ("waiting", "M5.5 5.5h5v5h-5z", "request that waits"),
    ("standby", "M3.5 4.5h9v7h-9z", "standby"),
];
