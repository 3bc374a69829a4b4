//! How times, counts and states are said. One thing, one name, everywhere.

use understudy_core::Lsn;
use understudy_core::health::Belief;
use understudy_sim::view::Truth;
use understudy_sim::{SimDuration, SimTime};

use crate::geometry::decimal;

/// A thin space that does not break a line: groups digits, and ties a number to its unit.
pub const THIN: char = '\u{202f}';

/// An instant to a tenth of a second: `12.4 s`.
pub fn instant(at: SimTime) -> String {
    let tenths = at.as_nanos() / 100_000_000;
    format!("{}.{}{THIN}s", tenths / 10, tenths % 10)
}

/// A duration in the unit that reads best: `2 s`, `40 ms`.
pub fn duration(length: SimDuration) -> String {
    // The model's own text is exact and has a plain space; the page keeps number and unit together.
    length.to_string().replace(' ', "\u{202f}")
}

/// A count with its digits in groups of three: `1 482`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len());
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text
}

/// A count and its noun: `1 request`, `2 requests`.
pub fn counted(count: u64, noun: &str) -> String {
    let number = grouped(count);
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("{number} {noun}"),
        Some(stem) => format!("{number} {stem}ies"),
        None => format!("{number} {noun}s"),
    }
}

/// A rate: `5/s`.
pub fn per_s(rate: u64) -> String {
    format!("{}/s", grouped(rate))
}

/// A belief in one word, for the lamp.
pub const fn belief_word(belief: Belief) -> &'static str {
    match belief {
        Belief::Unchecked | Belief::Up => "up",
        Belief::GoingDown { .. } => "failing",
        Belief::Down => "down",
        Belief::GoingUp { .. } => "rising",
    }
}

/// The truth about a node: `up`, `down since 12.4 s`.
pub fn truth(truth: Truth) -> String {
    match truth {
        Truth::Up => "up".into(),
        Truth::Stopping { since } => format!("stopping since {}", instant(since)),
        Truth::Down { since } => format!("down since {}", instant(since)),
        Truth::Hung { since } => format!("frozen since {}", instant(since)),
    }
}

/// How far a replica is behind: `18 ms behind`.
pub fn behind(behind: SimDuration) -> String {
    let millis = behind.as_nanos() / 1_000_000;
    if millis < 1_000 {
        format!("{millis}{THIN}ms behind")
    } else {
        format!("{}.{}{THIN}s behind", millis / 1_000, millis % 1_000 / 100)
    }
}

/// The end of a position in a log, for where there is no room for all of it: its last four digits.
pub fn short_lsn(lsn: Lsn) -> String {
    format!("{:X}", lsn.0 & 0xFFFF)
}

/// Parts in a million as a percentage: `2.5 %`.
pub fn percent(ppm: u32) -> String {
    format!("{}{THIN}%", decimal(f64::from(ppm) / 10_000.0, 1))
}
