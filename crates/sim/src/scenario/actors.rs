//! The nodes around the tiers: name service, monitor, attacker, eavesdropper.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde::Serialize;

use super::Dependability;
use understudy_core::SimDuration;

/// A DNS server: tells the clients that are linked to it the addresses of what they call.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// What it shares its fate with, and how often it fails.
    #[serde(flatten)]
    pub dependability: Dependability,
    /// How long an answer may be kept.
    #[serde(default = "default_ttl")]
    pub ttl: SimDuration,
    /// The nodes whose addresses it gives out; none written means all that its clients are linked to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<String>,
}

pub(super) const fn default_ttl() -> SimDuration {
    SimDuration::from_secs(30)
}

/// A monitor: scrapes what it is linked to and raises alerts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Monitor {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// What it shares its fate with, and how often it fails.
    #[serde(flatten)]
    pub dependability: Dependability,
    /// Whether it watches from the start.
    #[serde(default = "on")]
    pub on: bool,
    /// Time between two scrapes of a target.
    #[serde(default = "default_scrape_interval")]
    pub interval: SimDuration,
    /// How long it waits for a target's answer.
    #[serde(default = "default_scrape_timeout")]
    pub timeout: SimDuration,
    /// What it raises alerts for.
    #[serde(default = "default_rules")]
    pub rules: Vec<AlertRule>,
}

pub(super) const fn default_scrape_interval() -> SimDuration {
    SimDuration::from_secs(5)
}

pub(super) const fn default_scrape_timeout() -> SimDuration {
    SimDuration::from_secs(2)
}

/// An alert: what must be so, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AlertRule {
    /// What must be so.
    pub when: AlertCondition,
    /// For how long, until the alert fires.
    #[serde(rename = "for", default)]
    pub hold: SimDuration,
}

/// What an alert is raised for, by what the scrapes of one target show.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AlertCondition {
    /// The target does not answer its scrapes.
    TargetDown,
    /// A large share of the target's requests fails.
    ErrorRateHigh {
        /// More than this share, from 0 to 1.
        above: f64,
        /// Counted over the last so long.
        window: SimDuration,
    },
    /// The target takes long: the 99th percentile of its times.
    LatencyHigh {
        /// Longer than this.
        above: SimDuration,
        /// Counted over the last so long.
        window: SimDuration,
    },
    /// A replica is far behind the end of the primary's log.
    ReplicationLagHigh {
        /// By more than so many bytes; a write takes 100.
        above_bytes: u64,
    },
    /// The target gets far fewer requests than shortly before.
    QpsCollapse {
        /// Less than this share of the rate of the window before, from 0 to 1.
        below: f64,
        /// Counted over the last so long.
        window: SimDuration,
    },
}

const fn seconds(seconds: u64) -> SimDuration {
    SimDuration::from_secs(seconds)
}

pub(super) fn default_rules() -> Vec<AlertRule> {
    vec![
        AlertRule { when: AlertCondition::TargetDown, hold: seconds(5) },
        AlertRule {
            when: AlertCondition::ErrorRateHigh { above: 0.02, window: seconds(15) },
            hold: seconds(5),
        },
        AlertRule {
            when: AlertCondition::LatencyHigh { above: seconds(1), window: seconds(15) },
            hold: seconds(10),
        },
        AlertRule { when: AlertCondition::ReplicationLagHigh { above_bytes: 10_000 }, hold: seconds(10) },
        AlertRule { when: AlertCondition::QpsCollapse { below: 0.5, window: seconds(15) }, hold: seconds(5) },
    ]
}

/// An attacker: tries the ports of what it is linked to, floods its entries, asks its databases.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Attacker {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// What it shares its fate with, and how often it fails.
    #[serde(flatten)]
    pub dependability: Dependability,
    /// What it does from the start.
    #[serde(default)]
    pub behaviour: Behaviour,
    /// How long it waits for an answer.
    #[serde(default = "default_attack_timeout")]
    pub timeout: SimDuration,
    /// Requests per second while it floods.
    #[serde(default = "default_flood")]
    pub flood_per_s: f64,
    /// Queries per second while it asks databases.
    #[serde(default = "default_inject")]
    pub inject_per_s: f64,
    /// Rows that one such query reads.
    #[serde(default = "default_rows")]
    pub rows_per_query: u32,
}

pub(super) const fn default_attack_timeout() -> SimDuration {
    SimDuration::from_secs(2)
}

pub(super) const fn default_flood() -> f64 {
    500.0
}

pub(super) const fn default_inject() -> f64 {
    2.0
}

pub(super) const fn default_rows() -> u32 {
    100
}

/// What an attacker does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Behaviour {
    /// Nothing.
    #[default]
    Idle,
    /// Tries ports, one after another, once through all.
    Scan,
    /// Sends many requests to its entries.
    Flood,
    /// Sends queries straight to the port of its databases.
    Inject,
}

impl Behaviour {
    /// All behaviours and how commands write them.
    pub const ALL: [(Self, &str); 4] =
        [(Self::Idle, "stop"), (Self::Scan, "scan"), (Self::Flood, "flood"), (Self::Inject, "inject")];

    /// How a command writes it.
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(behaviour, _)| *behaviour == self).map_or("", |(_, word)| word)
    }
}

/// An eavesdropper: copies whatever passes on the links that it listens on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Eavesdropper {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// What it shares its fate with, and how often it fails.
    #[serde(flatten)]
    pub dependability: Dependability,
    /// The links, each by the names of its two ends.
    pub listens_on: Vec<[String; 2]>,
}

pub(super) const fn on() -> bool {
    true
}
