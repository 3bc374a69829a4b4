//! Turning points of a run, for a scrubber: what the log's facts come down to.

use understudy_core::SimTime;
use understudy_core::failover::{Step, Trigger};

use crate::ids::{LinkId, NodeId};
use crate::log::{AlertStep, Entry, Fact};
use crate::metrics::incidents::Change;

/// How many marks a run keeps: the newest.
pub const MARKS_KEPT: usize = 512;

/// What kind of turning point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// Something broke: a node was killed, froze or became slow, a link was cut or delayed.
    Fault,
    /// Somebody found out: health checks took a server out, the failover manager lost the primary.
    Detection,
    /// A balancer took the virtual address, be it the first of the run.
    Takeover,
    /// A replica was promoted.
    Promotion,
    /// Somebody was called, or something that should not be was noticed.
    Alert,
    /// Something works again: it was started, healed, or put back into use.
    Recovery,
    /// A command that breaks and mends nothing: another rate, another route.
    Command,
}

impl MarkKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Fault,
        Self::Detection,
        Self::Takeover,
        Self::Promotion,
        Self::Alert,
        Self::Recovery,
        Self::Command,
    ];

    /// The kind's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Detection => "detection",
            Self::Takeover => "takeover",
            Self::Promotion => "promotion",
            Self::Alert => "alert",
            Self::Recovery => "recovery",
            Self::Command => "command",
        }
    }
}

/// What a mark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A node.
    Node(NodeId),
    /// A link.
    Link(LinkId),
}

/// One turning point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: SimTime,
    /// Of which kind.
    pub kind: MarkKind,
    /// What it is about; `None` if it is about all of the world.
    pub subject: Option<Subject>,
    /// Number of the log's entry that tells it: [`Entry::id`]. The log may have dropped it since.
    pub fact: u64,
}

impl Mark {
    /// The mark of an entry, if it is a turning point.
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        let kind = match (Change::of(&entry.fact), &entry.fact) {
            (Some(Change::Breaks(_)), _) => MarkKind::Fault,
            (Some(Change::Mends(_)), _) | (_, Fact::PutBack { .. } | Fact::OverloadOver { .. }) => {
                MarkKind::Recovery
            }
            (_, Fact::TakenOut { .. }) => MarkKind::Detection,
            (_, Fact::ManagerStep { step, .. }) => of_step(step)?,
            (_, Fact::BecameMaster { .. }) => MarkKind::Takeover,
            (_, Fact::Promoted { .. }) => MarkKind::Promotion,
            (_, Fact::LeaseRanOut { .. } | Fact::Alert { step: AlertStep::Firing { .. }, .. }) => {
                MarkKind::Alert
            }
            (_, Fact::Overloaded { .. }) => MarkKind::Fault,
            (_, fact) if is_setting(fact) => MarkKind::Command,
            _ => return None,
        };
        let subject = match Change::of(&entry.fact) {
            Some(Change::Breaks(subject) | Change::Mends(subject)) => Some(subject),
            None => entry.fact.subject().map(Subject::Node),
        };
        Some(Self { at: entry.at, kind, subject, fact: entry.id })
    }
}

/// Whether a command that breaks and mends nothing is told.
const fn is_setting(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::RateSet { .. }
            | Fact::WritesSet { .. }
            | Fact::ReadsSet { .. }
            | Fact::AllReadsSet { .. }
            | Fact::RetrySet { .. }
            | Fact::AlgorithmSet { .. }
            | Fact::WeightSet { .. }
            | Fact::PoolSet { .. }
            | Fact::StandbySet { .. }
            | Fact::HealthSet { .. }
            | Fact::CommitSet { .. }
            | Fact::FencingSet { .. }
            | Fact::FirewallSet { .. }
            | Fact::RecordSet { .. }
            | Fact::TlsSet { .. }
            | Fact::HttpsSet { .. }
            | Fact::AttackSet { .. }
            | Fact::MonitoringSet { .. }
            | Fact::Stopping { .. }
            | Fact::Armed { .. }
    )
}

/// The kind of turning point that a failover manager's step is, if it is one.
const fn of_step(step: &Step) -> Option<MarkKind> {
    match step {
        Step::Unreachable { .. } => Some(MarkKind::Detection),
        Step::Reachable { .. } => Some(MarkKind::Recovery),
        Step::WaitsForOperator { .. } | Step::Stalled { .. } | Step::NotFenced { .. } => {
            Some(MarkKind::Alert)
        }
        Step::ModeChanged(_)
        | Step::SwitchoverStarted { .. }
        | Step::TakeoverStarted { trigger: Trigger::Operator { .. }, .. } => Some(MarkKind::Command),
        _ => None,
    }
}
