//! Where the manager is in its work.

use alloc::vec::Vec;
use core::mem::Discriminant;

use super::election::{NoCandidate, WhyNot};
use super::history::LogPosition;
use super::message::{FenceId, NodeIndex};
use super::step::{FencedBy, Trigger};
use super::timers::since;
use crate::time::SimTime;

/// What the manager is doing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// There is a primary; all nodes are checked, and those that do not follow it are made to.
    Watching,
    /// The primary shall be replaced: the replicas stop receiving and report how far they came.
    Electing(Takeover),
    /// There is a candidate; it waits until the old primary surely accepts no more writes.
    Fencing(Takeover),
    /// The new primary was told, and has not confirmed. It counts as the primary already: it may be accepting
    /// writes.
    Promoting {
        /// When the replacement was decided.
        since: SimTime,
    },
    /// A planned switchover: the primary stops and its successor catches up.
    Draining(Switchover),
}

impl Phase {
    /// The takeover that is under way before anyone is told to become primary.
    pub(super) const fn takeover(&self) -> Option<&Takeover> {
        match self {
            Self::Electing(takeover) | Self::Fencing(takeover) => Some(takeover),
            Self::Watching | Self::Promoting { .. } | Self::Draining(_) => None,
        }
    }

    pub(super) const fn takeover_mut(&mut self) -> Option<&mut Takeover> {
        match self {
            Self::Electing(takeover) | Self::Fencing(takeover) => Some(takeover),
            Self::Watching | Self::Promoting { .. } | Self::Draining(_) => None,
        }
    }

    /// Counts time from `start`.
    pub(super) fn rebase(&mut self, start: SimTime) {
        let instant = match self {
            Self::Watching => return,
            Self::Electing(takeover) | Self::Fencing(takeover) => &mut takeover.since,
            Self::Promoting { since } => since,
            Self::Draining(switchover) => &mut switchover.since,
        };
        *instant = since(*instant, start);
    }
}

/// A takeover before the promotion.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Takeover {
    pub(super) trigger: Trigger,
    pub(super) since: SimTime,
    pub(super) fenced: Option<FencedBy>,
    /// The request that the fencing device has not confirmed yet.
    pub(super) fence_request: Option<FenceId>,
    pub(super) window_closed: bool,
    pub(super) candidate: Option<NodeIndex>,
    /// Why nobody could be promoted when that was last said.
    pub(super) stalled: Option<(NoCandidate, Vec<Discriminant<WhyNot>>)>,
}

impl Takeover {
    pub(super) const fn new(trigger: Trigger, since: SimTime, fenced: Option<FencedBy>) -> Self {
        Self {
            trigger,
            since,
            fenced,
            fence_request: None,
            window_closed: false,
            candidate: None,
            stalled: None,
        }
    }

    /// Why it began.
    pub const fn trigger(&self) -> Trigger {
        self.trigger
    }

    /// When it began.
    pub const fn since(&self) -> SimTime {
        self.since
    }

    /// Why the old primary surely accepts no more writes, if it is sure.
    pub const fn fenced(&self) -> Option<FencedBy> {
        self.fenced
    }

    /// Who would be promoted, as things stand.
    pub const fn candidate(&self) -> Option<NodeIndex> {
        self.candidate
    }
}

/// A planned switchover before the promotion.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Switchover {
    pub(super) target: NodeIndex,
    pub(super) since: SimTime,
    pub(super) final_position: Option<LogPosition>,
}

impl Switchover {
    /// Who shall be primary.
    pub const fn target(&self) -> NodeIndex {
        self.target
    }

    /// When it began.
    pub const fn since(&self) -> SimTime {
        self.since
    }

    /// Where the old primary's log ended when it stopped; `None` until it has.
    pub const fn final_position(&self) -> Option<LogPosition> {
        self.final_position
    }
}
