//! What the failover manager and its driver say to each other.

use super::config::Mode;
use super::step::Step;
use crate::lsn::{LogPosition, TimelineId};
use crate::time::SimTime;

/// Position of a node in its manager's configuration, from 0. The nodes call each other by
/// [`replication::NodeId`](crate::replication::NodeId), a name that whoever sets them up gives and that need not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct NodeIndex(pub u16);

impl NodeIndex {
    /// As an index into a slice kept in configuration order.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// Number of a call to one node, so that a late answer is not taken for that to a later call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

/// Number of a request to the fencing device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FenceId(pub u32);

/// What a node is being.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Accepts writes (while it holds a lease, if leases are in use).
    Primary,
    /// Was told to stop, or has just started: accepts no writes until told to, and sends its log to who
    /// follows it.
    Demoted,
    /// A replica: writes down what it receives.
    Replica {
        /// Whom it receives from; `None` if it was told to stop receiving, so that its log stands still.
        following: Option<NodeIndex>,
    },
}

/// A node's answer to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Report {
    /// The latest call that the node has received.
    pub call: CallId,
    /// What it is being, after carrying out that call's instruction as far as it has come.
    pub role: Role,
    /// The end of the log it has safely on disk: PostgreSQL's flush position and the timeline of the last
    /// record, as [`History::position`](crate::replication::History::position) has it.
    pub position: LogPosition,
    /// How far it must read on until its data is whole, if it is not: a log that was rewound is not at first
    /// (`pg_rewind`'s minimum recovery point). A node that is not whole cannot be promoted.
    pub whole_at: Option<LogPosition>,
}

/// What a call asks of a node. All can be carried out twice without harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instruction {
    /// Nothing but to report: a health check.
    Report,
    /// Stop receiving log, so that the position reported is final (pg_auto_failover's `report_lsn`).
    StopReceiving,
    /// Accept no more writes; go on sending the log to the replicas (`draining`).
    Demote,
    /// Become primary on this new timeline. To be ignored by a node that has seen this timeline or a later
    /// one, unless it leads it.
    Promote {
        /// One above every timeline there was.
        timeline: TimelineId,
    },
    /// Accept writes again on the timeline that this node led last.
    Resume {
        /// That timeline.
        timeline: TimelineId,
    },
    /// Throw away the log after `to`, which the primary does not have (`pg_rewind`).
    Rewind {
        /// The last position that this log and the primary's have in common.
        to: LogPosition,
    },
    /// Receive the log from this primary.
    Follow {
        /// Whom to receive from.
        primary: NodeIndex,
    },
}

/// What the driver must do or know. Drain with [`poll_output`](super::FailoverManager::poll_output) after
/// every input.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FailoverOutput {
    /// Send this to the node; its [`Report`] comes back through
    /// [`handle_report`](super::FailoverManager::handle_report). Calls to one node arrive in order or not at
    /// all.
    Call {
        /// To whom.
        node: NodeIndex,
        /// To be repeated in the report.
        call: CallId,
        /// What to do before reporting.
        instruction: Instruction,
        /// Until when the node may accept writes, if leases are in use and it is the primary.
        lease_until: Option<SimTime>,
    },
    /// Ask the fencing device to cut this node's power; its answer comes back through
    /// [`handle_fence_result`](super::FailoverManager::handle_fence_result).
    Fence {
        /// The node to cut off.
        node: NodeIndex,
        /// To be repeated in the answer.
        request: FenceId,
    },
    /// From now on writes go to this node; to none, if `None`.
    SetRoute {
        /// The primary.
        primary: Option<NodeIndex>,
    },
    /// Something was decided, for people and traces.
    Step(Step),
}

/// What an operator can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Command {
    /// Replace the primary now, whether it lives or not.
    Failover {
        /// Promote this one; the most advanced if `None`.
        to: Option<NodeIndex>,
        /// Promote even when writes that were acknowledged may be missing (`pg_autoctl perform failover
        /// --allow-data-loss`).
        allow_data_loss: bool,
    },
    /// Replace a healthy primary as planned: it stops first, and the new one catches up. No write is lost.
    Switchover {
        /// Promote this one; the most advanced if `None`.
        to: Option<NodeIndex>,
    },
    /// The operator vouches that the old primary is off (`stonith_admin --confirm`).
    ConfirmFenced,
    /// In manual mode: let this node be demoted, rewound and made a replica as it needs.
    Rejoin {
        /// The node.
        node: NodeIndex,
    },
    /// Change who decides.
    SetMode(Mode),
}
