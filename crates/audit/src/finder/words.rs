//! Numbers and times, as people say them.

use alloc::format;
use alloc::string::{String, ToString};

use understudy_core::SimDuration;

pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    fixed(percent, u32::from((0.05..9.95).contains(&percent))) + " %"
}

/// A number that is not negative, with so many decimals; halves go up. How the standard library prints a float takes
/// more room in a page than all words here.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares, rates and times are small"
)]
pub(crate) fn fixed(number: f64, decimals: u32) -> String {
    let unit = 10_u64.pow(decimals);
    #[expect(clippy::cast_precision_loss, reason = "a small power of ten")]
    let all = (number * unit as f64 + 0.5) as u64;
    let (whole, rest) = (all / unit, all % unit);
    if decimals == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{rest:0width$}", width = decimals as usize)
    }
}

/// A time for people: two digits are enough.
pub(crate) fn about(duration: SimDuration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds >= 172_800.0 {
        fixed(seconds / 86_400.0, 0) + " days"
    } else if seconds >= 7_200.0 {
        fixed(seconds / 3_600.0, 0) + " h"
    } else if seconds >= 120.0 {
        fixed(seconds / 60.0, 0) + " min"
    } else if seconds >= 9.95 {
        fixed(seconds, 0) + " s"
    } else if seconds >= 0.095 {
        fixed(seconds, 1) + " s"
    } else {
        fixed(seconds * 1e3, 0) + " ms"
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
