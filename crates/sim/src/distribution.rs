//! How long something takes, when it does not always take the same.

use alloc::format;
use alloc::string::String;

use serde::Serialize;
use understudy_core::SimDuration;

use crate::rng::Rng;

/// A distribution of durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Distribution {
    /// Always the same.
    Constant(SimDuration),
    /// Exponential with this mean: mostly short, now and then long.
    Exponential(SimDuration),
    /// Anywhere between the two, equally likely.
    Uniform {
        /// The shortest.
        min: SimDuration,
        /// The longest.
        max: SimDuration,
    },
}

/// The longest mean that is allowed: draws stay far from the end of the clock.
const LONGEST: SimDuration = SimDuration::from_secs(24 * 3_600);

impl Distribution {
    /// The mean duration.
    pub fn mean(&self) -> SimDuration {
        match *self {
            Self::Constant(mean) | Self::Exponential(mean) => mean,
            Self::Uniform { min, max } => {
                SimDuration::from_nanos(u64::midpoint(min.as_nanos(), max.as_nanos()))
            }
        }
    }

    /// Draws one duration.
    #[inline]
    pub fn draw(&self, rng: &mut Rng) -> SimDuration {
        match *self {
            Self::Constant(always) => always,
            Self::Exponential(mean) => rng.exponential(mean),
            Self::Uniform { min, max } => {
                let width = max.as_nanos() - min.as_nanos();
                SimDuration::from_nanos(min.as_nanos() + rng.below(width + 1))
            }
        }
    }

    /// What is wrong with it, and what would be right.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Self::Uniform { min, max } = self
            && min > max
        {
            return Err(format!("the shortest, {min}, is longer than the longest, {max}; swap them"));
        }
        if self.mean() > LONGEST {
            return Err(format!("{} is more than a day", self.mean()));
        }
        Ok(())
    }
}
