//! The algorithms a balancer can pick by, with their names.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::SimDuration;

/// How the next server is chosen among those that may be used. Each variant's module names what it follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Algorithm {
    /// Smooth weighted round robin, as nginx does by default.
    #[default]
    RoundRobin,
    /// Fewest requests under way for its weight: nginx's `least_conn`.
    LeastConnections,
    /// The less loaded of two drawn at random: nginx's `random two least_conn`.
    RandomTwo,
    /// By the client's network: nginx's `ip_hash`.
    IpHash,
    /// By the request's key, consistently: Maglev.
    Maglev,
    /// By how long answers have been taking lately: Finagle's and linkerd's peak EWMA.
    PeakEwma,
}

impl Algorithm {
    /// Every algorithm, in the order people are shown them.
    pub const ALL: [Self; 6] = [
        Self::RoundRobin,
        Self::LeastConnections,
        Self::RandomTwo,
        Self::IpHash,
        Self::Maglev,
        Self::PeakEwma,
    ];

    /// The time constant of peak EWMA's average: Finagle's default.
    pub const PEAK_EWMA_DECAY: SimDuration = SimDuration::from_secs(10);

    /// As written in files and on the command line: `round-robin`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RoundRobin => "round-robin",
            Self::LeastConnections => "least-connections",
            Self::RandomTwo => "random-two",
            Self::IpHash => "ip-hash",
            Self::Maglev => "maglev",
            Self::PeakEwma => "peak-ewma",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no algorithm has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm(String);

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no algorithm \"{}\"; write one of", self.0)?;
        for (position, algorithm) in Algorithm::ALL.into_iter().enumerate() {
            write!(f, "{} {algorithm}", if position == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl core::error::Error for UnknownAlgorithm {}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|algorithm| algorithm.name() == text);
        named.ok_or_else(|| UnknownAlgorithm(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn reads_back_every_name_and_says_what_would_be_right() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
        let message = "fastest".parse::<Algorithm>().expect_err("no such algorithm").to_string();
        assert!(
            message.contains("\"fastest\"") && message.contains("one of round-robin, least"),
            "{message}"
        );
    }
}
