//! How the requests of one kind end, as shares of all of them: what the rest of the audit reckons with.
//!
//! The kinds of failure are kept apart because callers treat them apart: a refused connection is tried elsewhere, a
//! request that timed out is not.

use core::ops::{Add, AddAssign};

/// Shares of requests by how they end; they add up to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shares {
    /// Answered.
    pub answered: f64,
    /// Nobody listens: safe to try elsewhere.
    pub refused: f64,
    /// Nobody answers in time.
    pub timed_out: f64,
    /// Turned away by a node that runs.
    pub rejected: f64,
}

impl Shares {
    /// No requests at all.
    pub const NONE: Self = Self { answered: 0.0, refused: 0.0, timed_out: 0.0, rejected: 0.0 };
    /// All are answered.
    pub const ANSWERED: Self = Self { answered: 1.0, ..Self::NONE };
    /// All are refused.
    pub const REFUSED: Self = Self { refused: 1.0, ..Self::NONE };
    /// All time out.
    pub const TIMED_OUT: Self = Self { timed_out: 1.0, ..Self::NONE };
    /// All are turned away.
    pub const REJECTED: Self = Self { rejected: 1.0, ..Self::NONE };

    /// These shares of `part` of the requests.
    #[must_use]
    pub fn of(self, part: f64) -> Self {
        Self {
            answered: self.answered * part,
            refused: self.refused * part,
            timed_out: self.timed_out * part,
            rejected: self.rejected * part,
        }
    }

    /// Of these requests only `kept` are served at all; the others find the queue full.
    #[must_use]
    pub(crate) fn admitted(self, kept: f64) -> Self {
        if kept >= 1.0 { self } else { self.of(kept) + Self::REJECTED.of(1.0 - kept) }
    }
}

impl Add for Shares {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            answered: self.answered + other.answered,
            refused: self.refused + other.refused,
            timed_out: self.timed_out + other.timed_out,
            rejected: self.rejected + other.rejected,
        }
    }
}

impl AddAssign for Shares {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
