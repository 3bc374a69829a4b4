//! Simulated time: an integer count of nanoseconds, so that it adds up exactly on every platform.
//!
//! A [`SimTime`] is an instant since the start of a run, a [`SimDuration`] is a length of time. Both hold up to
//! 584 years. People write durations as a number and a unit, `2s`, `1.5ms` (see [`SimDuration::from_str`]).

use alloc::string::String;
use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Mul, Sub};
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const NANOS_PER_MICRO: u64 = 1_000;
const NANOS_PER_MILLI: u64 = 1_000_000;
const NANOS_PER_SEC: u64 = 1_000_000_000;

/// Units that a duration can be written in, longest first, with their length in nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("h", 3_600 * NANOS_PER_SEC),
    ("min", 60 * NANOS_PER_SEC),
    ("s", NANOS_PER_SEC),
    ("ms", NANOS_PER_MILLI),
    ("us", NANOS_PER_MICRO),
    ("ns", 1),
];

/// An instant: nanoseconds since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct SimTime(u64);

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct SimDuration(u64);

impl SimTime {
    /// The start of the run.
    pub const ZERO: Self = Self(0);
    /// Later than every instant of a run.
    pub const MAX: Self = Self(u64::MAX);

    /// The instant `nanos` nanoseconds after the start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The instant `millis` milliseconds after the start.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * NANOS_PER_MILLI)
    }

    /// The instant `secs` seconds after the start.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * NANOS_PER_SEC)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for drawing and printing only.
    #[expect(clippy::cast_precision_loss, reason = "drawing needs no more than 53 bits")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }

    /// How long after `earlier` this is; zero if it is before.
    pub const fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest duration.
    pub const MAX: Self = Self(u64::MAX);

    /// A duration of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A duration of `micros` microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros * NANOS_PER_MICRO)
    }

    /// A duration of `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * NANOS_PER_MILLI)
    }

    /// A duration of `secs` seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * NANOS_PER_SEC)
    }

    /// This duration in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// This duration in seconds, for drawing and printing only.
    #[expect(clippy::cast_precision_loss, reason = "drawing needs no more than 53 bits")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// This duration less `other`, or zero if `other` is longer.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    fn add(self, later: SimDuration) -> Self {
        Self(self.0.saturating_add(later.0))
    }
}

impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, later: SimDuration) {
        *self = *self + later;
    }
}

impl Add for SimDuration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for SimDuration {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("a duration is never negative"))
    }
}

impl Mul<u64> for SimDuration {
    type Output = Self;
    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Sum for SimDuration {
    fn sum<I: Iterator<Item = Self>>(durations: I) -> Self {
        durations.fold(Self::ZERO, Add::add)
    }
}

/// Writes nanoseconds with the longest unit that leaves at least one whole, as many decimals as it takes to be
/// exact, and `separator` between number and unit.
fn write_exact(f: &mut fmt::Formatter<'_>, nanos: u64, separator: &str) -> fmt::Result {
    // Hours and minutes would need remainders that are not decimal; people read seconds well enough.
    let (unit, size) =
        UNITS[2..].iter().copied().find(|(_, size)| nanos >= *size).unwrap_or(("s", NANOS_PER_SEC));
    let (whole, rest) = (nanos / size, nanos % size);
    write!(f, "{whole}")?;
    if rest > 0 {
        let digits = size.ilog10() as usize;
        let decimals = alloc::format!("{rest:0digits$}");
        write!(f, ".{}", decimals.trim_end_matches('0'))?;
    }
    write!(f, "{separator}{unit}")
}

/// Prints as people read it, `1.5 ms`; with `{:#}` as files are written, `1.5ms`.
impl fmt::Display for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_exact(f, self.0, if f.alternate() { "" } else { " " })
    }
}

/// Prints the instant in seconds with every digit that counts: `12.4 s`, `0.000001 s`.
impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / NANOS_PER_SEC, self.0 % NANOS_PER_SEC);
        write!(f, "{whole}")?;
        if rest > 0 {
            let decimals = alloc::format!("{rest:09}");
            write!(f, ".{}", decimals.trim_end_matches('0'))?;
        }
        f.write_str(if f.alternate() { "s" } else { " s" })
    }
}

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDurationError {
    text: String,
    problem: &'static str,
}

impl fmt::Display for ParseDurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is not a duration: {}; write a number and one of h, min, s, ms, us, ns, like \"1.5s\" or \"200ms\"",
            self.text, self.problem
        )
    }
}

impl core::error::Error for ParseDurationError {}

/// Reads a decimal number and a unit, `2s`, `1.5ms`, `250us`, `1 min`, exactly to the nanosecond.
impl FromStr for SimDuration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |problem| ParseDurationError { text: text.into(), problem };
        let trimmed = text.trim();
        let unit_at = trimmed.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(trimmed.len());
        let (number, unit) = (&trimmed[..unit_at], trimmed[unit_at..].trim_start());
        if number.is_empty() {
            return Err(error("it does not start with a number"));
        }
        if unit.is_empty() {
            return Err(error("it has no unit"));
        }
        let (_, size) =
            UNITS.into_iter().find(|(name, _)| *name == unit).ok_or_else(|| error("its unit is unknown"))?;
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        let malformed = || error("its number is malformed");
        if whole.is_empty() || decimals.contains('.') || (decimals.is_empty() && number.contains('.')) {
            return Err(malformed());
        }
        let whole: u64 = whole.parse().map_err(|_| error("it is too long"))?;
        let mut nanos = whole.checked_mul(size).ok_or_else(|| error("it is too long"))?;
        let mut place = size;
        for digit in decimals.bytes() {
            if place % 10 != 0 {
                // Sixths of an hour and the like: the remaining digits are below a nanosecond or not decimal.
                return Err(error("it is finer than a nanosecond"));
            }
            place /= 10;
            nanos =
                nanos.checked_add(u64::from(digit - b'0') * place).ok_or_else(|| error("it is too long"))?;
        }
        Ok(Self(nanos))
    }
}

/// Reads a time of day of the run, written as a duration since its start: `12.4s`.
impl FromStr for SimTime {
    type Err = ParseDurationError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(|SimDuration(nanos)| Self(nanos))
    }
}

impl Serialize for SimDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:#}"))
    }
}

impl<'de> Deserialize<'de> for SimDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for SimTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:#}"))
    }
}

impl<'de> Deserialize<'de> for SimTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A duration or an instant in a file is a text: a number and a unit.
#[cfg(feature = "schema")]
mod schema {
    use alloc::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{SimDuration, SimTime};

    fn text(description: &str) -> Schema {
        json_schema!({
            "type": "string",
            "description": description,
            "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(h|min|s|ms|us|ns)\s*$",
        })
    }

    impl JsonSchema for SimDuration {
        fn schema_name() -> Cow<'static, str> {
            "Duration".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            text("A duration: a number and one of h, min, s, ms, us, ns, like \"1.5s\" or \"200ms\".")
        }
    }

    impl JsonSchema for SimTime {
        fn schema_name() -> Cow<'static, str> {
            "Time".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            text("An instant of the run, as the time since its start, like \"12.4s\".")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, nanos) in [
            ("2s", 2_000_000_000),
            ("1.5ms", 1_500_000),
            ("250us", 250_000),
            ("7ns", 7),
            ("1 min", 60_000_000_000),
            ("0.5h", 1_800_000_000_000),
            ("0s", 0),
        ] {
            assert_eq!(text.parse(), Ok(SimDuration::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_what_would_be_right() {
        for (text, problem) in [
            ("", "does not start with a number"),
            ("fast", "does not start with a number"),
            ("-1s", "does not start with a number"),
            ("20", "no unit"),
            ("20 minutes", "unit is unknown"),
            ("1.2.3s", "malformed"),
            (".5s", "malformed"),
            ("5.s", "malformed"),
            ("0.5ns", "finer than a nanosecond"),
            ("99999999999h", "too long"),
        ] {
            let message = text.parse::<SimDuration>().expect_err(text).to_string();
            assert!(message.contains(problem), "{text}: {message}");
            assert!(message.contains("\"1.5s\""), "{message}");
        }
    }

    #[test]
    fn prints_exactly_and_reads_back() {
        for nanos in [0, 1, 999, 1_500, 2_000_000, 1_234_567_891, 60_000_000_000] {
            let duration = SimDuration::from_nanos(nanos);
            assert_eq!(std::format!("{duration:#}").parse(), Ok(duration));
        }
        assert_eq!(SimDuration::from_micros(1_500).to_string(), "1.5 ms");
        assert_eq!(SimTime::from_millis(12_400).to_string(), "12.4 s");
    }

    #[test]
    fn never_wraps() {
        assert_eq!(SimTime::MAX + SimDuration::from_secs(1), SimTime::MAX);
        assert_eq!(SimTime::ZERO.since(SimTime::from_secs(1)), SimDuration::ZERO);
    }
}
