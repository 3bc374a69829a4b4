//! How a scenario says what clients send, and when, and what they do when it fails.

use alloc::string::String;

use serde::Serialize;

use super::Dependability;
use understudy_core::SimDuration;

use crate::distribution::Distribution;

/// A population of clients: either so many requests per second, whatever becomes of them (an open loop), or so many
/// users, each of whom waits for an answer and thinks before the next request (a closed loop).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Clients {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// What it shares its fate with, and how often it fails.
    #[serde(flatten)]
    pub dependability: Dependability,
    /// Requests per second, on average, as a Poisson process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_per_s: Option<f64>,
    /// How the rate grows or shrinks from the start of the run on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ramp: Option<Ramp>,
    /// When there is more than the rate, again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<Burst>,
    /// Users, in place of a rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<u32>,
    /// How long a user thinks between an answer and the next request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think_time: Option<Distribution>,
    /// Share of the requests that write, from 0 to 1.
    #[serde(default)]
    pub writes: f64,
    /// Share of the requests that ask for static files, from 0 to 1.
    #[serde(default)]
    pub static_files: f64,
    /// How many rows the requests are spread over, equally.
    #[serde(default = "default_keys")]
    pub keys: u32,
    /// How long a client waits before it gives up.
    #[serde(default = "super::default_client_timeout")]
    pub timeout: SimDuration,
    /// What it does when a request fails; without this, nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<Retries>,
}

pub(super) const fn default_keys() -> u32 {
    100
}

/// A rate that changes evenly, from `rate_per_s` at the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ramp {
    /// The rate that it comes to, in requests per second.
    pub to_per_s: f64,
    /// How long it takes.
    pub over: SimDuration,
    /// What happens then.
    #[serde(default)]
    pub then: AfterRamp,
}

/// What happens when a ramp has come to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AfterRamp {
    /// The rate stays there.
    #[default]
    Stay,
    /// It begins anew.
    Repeat,
}

/// Bursts: every so often, so many times the rate, for so long. The first comes after `every` less `lasts`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// Time from the end of one burst to the end of the next.
    pub every: SimDuration,
    /// How many times the rate.
    pub times: f64,
    /// How long a burst lasts.
    pub lasts: SimDuration,
}

/// Retries of clients: how often, how many at most of all, and after how long.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Retries {
    /// How often a request is tried, the first time included.
    pub attempts: u32,
    /// How many retries there may be for each request, on average, from 0 to 1.
    pub budget: f64,
    /// How long to wait before each.
    pub backoff: Backoff,
}

impl Default for Retries {
    /// Three attempts, and one retry for every five requests: Finagle's budget.
    fn default() -> Self {
        Self { attempts: 3, budget: 0.2, backoff: Backoff::default() }
    }
}

/// A wait that doubles with every retry, up to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct Backoff {
    /// Before the first retry.
    pub base: SimDuration,
    /// The longest.
    pub max: SimDuration,
    /// How much of it is left to chance.
    pub jitter: Jitter,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: SimDuration::from_millis(100), max: SimDuration::from_secs(10), jitter: Jitter::Full }
    }
}

/// How much of a wait is left to chance, so that clients that failed together do not come back together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Jitter {
    /// All of it: anywhere from nothing to the whole wait.
    #[default]
    Full,
    /// Half of it.
    Equal,
    /// Nothing: the whole wait, always.
    None,
}
