//! Numbers and times, as people say them.

use alloc::format;
use alloc::string::String;

use understudy_core::SimDuration;

pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if (0.05..9.95).contains(&percent) { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// A time for people: two digits are enough.
pub(crate) fn about(duration: SimDuration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds >= 172_800.0 {
        format!("{:.0} days", seconds / 86_400.0)
    } else if seconds >= 7_200.0 {
        format!("{:.0} h", seconds / 3_600.0)
    } else if seconds >= 120.0 {
        format!("{:.0} min", seconds / 60.0)
    } else if seconds >= 9.95 {
        format!("{seconds:.0} s")
    } else if seconds >= 0.095 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} ms", seconds * 1e3)
    }
}

/// `a, b and c`, or with another last word.
pub(crate) fn list(names: &[impl AsRef<str>], last: &str) -> String {
    let mut text = String::new();
    for (place, name) in names.iter().enumerate() {
        if place > 0 {
            text.push_str(if place + 1 == names.len() { last } else { ", " });
        }
        text.push_str(name.as_ref());
    }
    text
}

/// `a, b and c`.
pub(crate) fn all_of(names: &[impl AsRef<str>]) -> String {
    list(names, " and ")
}
