//! Positions in a database's log: [`Lsn`] says how far, [`TimelineId`] says on which history.
//!
//! Follows PostgreSQL: an LSN (log sequence number) is a byte position in the write-ahead log and prints as two
//! hexadecimal halves, `0/16B3748`; a promotion starts a new timeline, one higher than the last.

use core::fmt;

/// A position in the write-ahead log: the number of bytes before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lsn(pub u64);

impl Lsn {
    /// Before the first record.
    pub const ZERO: Self = Self(0);

    /// The position `bytes` further on.
    #[must_use]
    pub const fn advanced(self, bytes: u32) -> Self {
        Self(self.0 + bytes as u64)
    }

    /// The position `bytes` before, or the start of the log if there are fewer.
    #[must_use]
    pub const fn back(self, bytes: u64) -> Self {
        Self(self.0.saturating_sub(bytes))
    }

    /// Bytes between `earlier` and this position; zero if this is not ahead.
    pub const fn bytes_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

/// A history of the log. The first is 1; each promotion starts the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimelineId(pub u32);

impl TimelineId {
    /// The timeline of a database that was never promoted.
    pub const FIRST: Self = Self(1);

    /// The timeline that a promotion from this one starts.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for TimelineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "timeline {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn prints_as_postgresql_does() {
        assert_eq!(Lsn(0x1_6B37_4800).to_string(), "1/6B374800");
        assert_eq!(Lsn(0x16B_3748).to_string(), "0/16B3748");
    }
}
