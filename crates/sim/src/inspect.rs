//! What is inside one node: asked for when somebody looks at it, so that the snapshot of every frame stays small.

use alloc::vec::Vec;

use understudy_core::vrrp::VrrpTimer;
use understudy_core::{Lsn, SimDuration, SimTime};

use crate::ids::{NodeId, RequestNumber};

/// The inside of one node at one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The timers that run, the next first.
    pub timers: Vec<Timer>,
    /// The requests that wait for a worker, the next first.
    pub queue: Vec<RequestNumber>,
    /// A balancer's inner state for each server, in pool order.
    pub pool: Vec<PoolInside>,
    /// For the primary: what would be gone if its host died now.
    pub if_lost: Option<IfLost>,
}

impl Inspection {
    /// Adds a timer where it belongs: there are too few to sort them.
    pub(crate) fn add(&mut self, timer: Timer) {
        let place = self.timers.partition_point(|other| other.at <= timer.at);
        self.timers.insert(place, timer);
    }
}

/// A timer that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// When it fires.
    pub at: SimTime,
    /// What for.
    pub kind: TimerKind,
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerKind {
    /// A worker is done with a request.
    WorkDone,
    /// The oldest request that the node waits for has waited long enough.
    GiveUp,
    /// The next check of a server, or the end of the one under way.
    HealthCheck(NodeId),
    /// A timer of VRRP.
    Vrrp(VrrpTimer),
    /// The log is flushed.
    Flush,
    /// The log is replayed.
    Replay,
    /// The right to take writes runs out.
    Lease,
    /// The failover manager looks around.
    Manager,
    /// A node's power is cut.
    Fence(NodeId),
    /// An overload ends.
    OverloadOver,
    /// A node that stopped starts again.
    Start,
    /// Anything else.
    Other,
}

/// What a balancer keeps of one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolInside {
    /// The server.
    pub server: NodeId,
    /// Requests that were sent to it and have not ended.
    pub connections: u32,
    /// How overdue its turn is (nginx's `current_weight`); `None` where the algorithm does not go by it.
    pub current_weight: Option<i64>,
    /// The latency that peak EWMA reckons with; `None` for other algorithms.
    pub latency: Option<SimDuration>,
}

/// What a primary has that nobody else has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfLost {
    /// The running replica that has most; `None` if none runs.
    pub best: Option<NodeId>,
    /// Up to where that one has flushed the log.
    pub flushed: Lsn,
    /// Acknowledged writes beyond that.
    pub writes: u64,
}
