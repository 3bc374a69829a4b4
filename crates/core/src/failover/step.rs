//! Every decision of the manager as data, and as a sentence for people.

use alloc::vec::Vec;
use core::fmt;

use super::config::{Mode, NodeConfig};
use super::election::{Choice, NoCandidate, PassedOver};
use super::history::LogPosition;
use super::message::{Command, NodeIndex};
use super::sentence::Sentence;
use crate::lsn::TimelineId;
use crate::time::{SimDuration, SimTime};

/// Why a takeover began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// The primary is believed to have failed.
    Detected,
    /// An operator asked for it.
    Operator {
        /// The replica that was named, if one was.
        to: Option<NodeIndex>,
        /// Acknowledged writes may be lost.
        allow_data_loss: bool,
    },
}

/// What makes sure that the old primary accepts no more writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FencedBy {
    /// It says itself that it has stopped.
    OwnReport,
    /// The fencing device has cut its power.
    Device,
    /// Its last lease has run out.
    LeaseExpiry,
    /// An operator vouches for it.
    Operator,
}

/// Why a takeover or a switchover was given up, with the primary left as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GivenUp {
    /// The primary answers again.
    PrimaryBack,
    /// Manual mode was switched on.
    ManualMode,
    /// The replica to be promoted did not catch up in time.
    CatchUpTimeout,
    /// The replica to be promoted is unreachable.
    TargetLost,
    /// The operator asked for a failover, but nobody can be promoted and the primary is still there.
    NoCandidate,
    /// The primary was lost during the switchover, and manual mode leaves it to the operator what to do.
    PrimaryLost,
}

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A takeover or switchover is under way.
    Busy,
    /// There is no such node.
    UnknownNode,
    /// The node named is the primary.
    IsPrimary,
    /// The primary cannot stop as planned: it is not there.
    PrimaryUnreachable,
    /// No replica is reachable, following and allowed to be promoted.
    NoTarget,
    /// No old primary waits to be fenced.
    NothingToFence,
}

/// What the manager decided or learned.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A node is believed unreachable from now on.
    Unreachable {
        /// The node.
        node: NodeIndex,
        /// Checks in a row that it failed.
        missed: u32,
        /// When it answered last, if it ever did.
        last_answer: Option<SimTime>,
    },
    /// A node answers again.
    Reachable {
        /// The node.
        node: NodeIndex,
        /// How long it was believed unreachable.
        away: SimDuration,
    },
    /// The primary is believed to have failed, and manual mode leaves the rest to the operator.
    WaitsForOperator {
        /// The primary.
        primary: NodeIndex,
    },
    /// The primary shall be replaced: replicas are asked to stop receiving and to report.
    TakeoverStarted {
        /// The primary to replace.
        primary: NodeIndex,
        /// Why.
        trigger: Trigger,
    },
    /// Nobody can be promoted for now.
    Stalled {
        /// Why.
        why: NoCandidate,
        /// What is against each replica.
        passed_over: Vec<PassedOver>,
    },
    /// This replica shall be promoted.
    Chosen(Choice),
    /// The fencing device was asked to cut the old primary off.
    FenceAsked {
        /// The old primary.
        node: NodeIndex,
        /// Whether it is not the first time.
        again: bool,
    },
    /// The old primary may hold a lease until then.
    LeaseAwaited {
        /// The old primary.
        node: NodeIndex,
        /// When the lease has surely run out.
        until: SimTime,
    },
    /// The old primary surely accepts no more writes.
    Fenced {
        /// The old primary.
        node: NodeIndex,
        /// Why that is sure.
        by: FencedBy,
    },
    /// A replica is about to be promoted though the old primary may still accept writes.
    NotFenced {
        /// The old primary.
        node: NodeIndex,
    },
    /// A replica is told to become primary.
    Promoting {
        /// The replica.
        node: NodeIndex,
        /// The timeline that it starts.
        timeline: TimelineId,
        /// Where its log ended.
        from: LogPosition,
    },
    /// The new primary accepts writes and they are routed to it.
    Promoted {
        /// The new primary.
        node: NodeIndex,
        /// Its timeline.
        timeline: TimelineId,
        /// How long it took from the decision to replace the old one.
        took: SimDuration,
    },
    /// A takeover or switchover was given up.
    GivenUp {
        /// The primary that stays.
        primary: NodeIndex,
        /// Why.
        why: GivenUp,
    },
    /// A planned switchover began: the primary is asked to stop.
    SwitchoverStarted {
        /// The primary.
        from: NodeIndex,
        /// Its successor.
        to: NodeIndex,
    },
    /// The old primary has stopped in a planned switchover.
    Drained {
        /// The old primary.
        node: NodeIndex,
        /// Where its log ends, and the successor's must too.
        position: LogPosition,
    },
    /// A node that accepts writes but is not the primary is told to stop.
    DemotingStray {
        /// The node.
        node: NodeIndex,
    },
    /// A node throws away log that the primary does not have.
    Rewinding {
        /// The node.
        node: NodeIndex,
        /// The last position in common.
        to: LogPosition,
        /// Where its log ended: the writes after `to`, up to here, are lost.
        from: LogPosition,
    },
    /// A node is told to follow the primary.
    Following {
        /// The node.
        node: NodeIndex,
        /// The primary.
        primary: NodeIndex,
    },
    /// The primary had stopped and is told to go on.
    Resuming {
        /// The primary.
        node: NodeIndex,
        /// Its timeline.
        timeline: TimelineId,
    },
    /// A node needs to be demoted or rewound, which manual mode leaves to the operator.
    AwaitsRejoin {
        /// The node.
        node: NodeIndex,
        /// Whether it is accepting writes beside the primary.
        accepts_writes: bool,
    },
    /// Someone else decides from now on.
    ModeChanged(Mode),
    /// A command was not carried out.
    Refused {
        /// The command.
        command: Command,
        /// Why.
        why: Refusal,
    },
}

impl Step {
    /// This step as a sentence, with the nodes' names.
    pub const fn describe<'a>(&'a self, nodes: &'a [NodeConfig]) -> Sentence<'a> {
        Sentence { step: self, nodes }
    }
}

/// Without names: nodes by their number.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(&[]).fmt(f)
    }
}
