//! How a number stands in a sentence: grouped digits, a unit that stays on the line, no more digits than it deserves.
//!
//! A float is brought to tenths once and written from whole numbers: the code that prints floats is large.

use alloc::string::{String, ToString};

use crate::fact::Unit;

/// Keeps a number and its unit, or its groups of digits, together.
const THIN: char = '\u{202f}';

/// What stands where there is nothing to say yet: no request has ended, nobody has found out.
pub const UNKNOWN: &str = "\u{2013}";

/// A count with its digits in groups of three: `1 482`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text
}

/// A number as people read it; with its unit, if that is wanted.
pub fn written(value: f64, unit: Unit, with_unit: bool) -> String {
    let mut text = match unit {
        Unit::Count | Unit::Name => grouped(rounded(value)),
        Unit::Milliseconds | Unit::PerSecond if value >= 10.0 => grouped(rounded(value)),
        Unit::Percent => tenths(share(value)),
        _ => tenths(rounded(value * 10.0)),
    };
    let (space, suffix) = match unit {
        Unit::Count | Unit::Name => (false, ""),
        Unit::Seconds => (true, "s"),
        Unit::Milliseconds => (true, "ms"),
        Unit::Percent => (true, "%"),
        Unit::PerSecond => (false, "/s"),
    };
    if with_unit {
        if space {
            text.push(THIN);
        }
        text.push_str(suffix);
    }
    text
}

/// Tenths of a percentage. Nearly all is never written as all, and something never as nothing.
fn share(percent: f64) -> u64 {
    match rounded(percent * 10.0) {
        1_000.. if percent < 100.0 => 999,
        0 if percent > 0.0 => 1,
        tenths => tenths,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "facts are never negative")]
fn rounded(value: f64) -> u64 {
    (value.max(0.0) + 0.5) as u64
}

fn tenths(tenths: u64) -> String {
    let mut text = grouped(tenths / 10);
    if !tenths.is_multiple_of(10) {
        text.push('.');
        text.push_str(&(tenths % 10).to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_groups_a_unit_and_no_more_digits_than_they_deserve() {
        for (value, unit, text) in [
            (24.0, Unit::Count, "24"),
            (1_234_567.0, Unit::Count, "1\u{202f}234\u{202f}567"),
            (5.26, Unit::Seconds, "5.3\u{202f}s"),
            (5.0, Unit::Seconds, "5\u{202f}s"),
            (0.04, Unit::Seconds, "0\u{202f}s"),
            (181.7, Unit::Milliseconds, "182\u{202f}ms"),
            (1.84, Unit::Milliseconds, "1.8\u{202f}ms"),
            (23.96, Unit::PerSecond, "24/s"),
            (99.96, Unit::Percent, "99.9\u{202f}%"),
            (100.0, Unit::Percent, "100\u{202f}%"),
            (0.01, Unit::Percent, "0.1\u{202f}%"),
            (0.0, Unit::Percent, "0\u{202f}%"),
        ] {
            assert_eq!(written(value, unit, true), text);
        }
        assert_eq!(written(5.26, Unit::Seconds, false), "5.3");
    }
}
