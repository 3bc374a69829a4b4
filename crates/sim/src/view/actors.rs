//! What the nodes around the tiers know: clients of names, monitors of targets, attackers of ports, eavesdroppers of
//! people.

use alloc::string::String;

use understudy_core::alerting::AlertState;
use understudy_core::{SimDuration, SimTime};

use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::log::Symptom;
use crate::outcome::RequestKind;

/// What a client population knows of the address that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameLookup {
    /// The node at the address that it uses; `None` while it knows none, or the answer had none.
    pub address: Option<NodeId>,
    /// Until when it keeps the answer; `None` if it never had one.
    pub valid_until: Option<SimTime>,
    /// Requests that wait for an answer.
    pub waiting: u32,
    /// Whether a query is under way.
    pub asking: bool,
}

/// What a monitor knows of one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetView {
    /// The target.
    pub target: NodeId,
    /// The link to it.
    pub link: LinkId,
    /// How its last scrape went.
    pub health: TargetHealth,
    /// When the last scrape was answered, refused or given up.
    pub scraped_at: Option<SimTime>,
}

/// How a target's last scrape went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetHealth {
    /// There was none yet.
    #[default]
    Unknown,
    /// It answered.
    Up,
    /// Its host refused the connection.
    Refused,
    /// Nobody answered in time.
    TimedOut,
}

/// An alert that is pending or firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertView {
    /// The rule, by its place in the monitor's rules.
    pub rule: usize,
    /// The target that it is about.
    pub target: NodeId,
    /// Its state and since when.
    pub state: AlertState,
    /// What was seen last.
    pub symptom: Symptom,
    /// For how long it has been so.
    pub held: SimDuration,
}

/// What an attacker found out about one port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Of which node.
    pub target: NodeId,
    /// The port.
    pub port: u16,
    /// What it is.
    pub state: PortState,
}

/// What a port is to somebody who tries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortState {
    /// Somebody listens.
    Open,
    /// The host says that nobody listens.
    Refused,
    /// Nobody answered in time: something drops it on the way.
    Filtered,
}

impl PortState {
    /// How people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Refused => "refused",
            Self::Filtered => "filtered",
        }
    }
}

/// A request that an eavesdropper read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overheard {
    /// When it passed.
    pub at: SimTime,
    /// On which link.
    pub link: LinkId,
    /// Which request.
    pub request: RequestNumber,
    /// What it wants.
    pub kind: RequestKind,
    /// What can be read of it.
    pub line: String,
}
