//! The primary's end of one stream: PostgreSQL's WAL sender, one for each connected replica.

use crate::replication::lag::{Lag, LagTracker};
use crate::replication::message::{Positions, StreamId};
use crate::replication::{NodeId, SyncRule};
use crate::{Lsn, SimDuration, SimTime};

/// Whether a replica has what the primary has flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamState {
    /// It was behind when it connected, and still is.
    CatchingUp,
    /// It has caught up once since it connected. Only now it counts for synchronous commits.
    Streaming,
}

/// What a replica counts for in synchronous commits: `sync_state` of the view `pg_stat_replication`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyncState {
    /// Nothing: it is not listed.
    Asynchronous,
    /// It is listed and does not count: it is catching up, or under `FIRST` others come before it.
    Potential,
    /// Under `FIRST` it is waited for.
    Synchronous,
    /// Under `ANY` it is one of those that count.
    Quorum,
}

/// A connected replica as its primary sees it: a row of the view `pg_stat_replication`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaStatus {
    /// Whether it has caught up.
    pub state: StreamState,
    /// Up to where it was sent the log.
    pub sent: Lsn,
    /// How far it said it has come; all zero before its first report.
    pub positions: Positions,
    /// Time behind, at its reports.
    pub lag: Lag,
    /// When it last said anything.
    pub last_reply: SimTime,
    /// What it counts for.
    pub sync_state: SyncState,
}

#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub(super) stream: StreamId,
    pub(super) state: StreamState,
    /// Where the stream started.
    from: Lsn,
    pub(super) sent: Lsn,
    pub(super) positions: Positions,
    /// Whether it said how far it is.
    pub(super) reported: bool,
    pub(super) lag: LagTracker,
    pub(super) last_reply: SimTime,
    /// Whether it was asked to report because it was silent for half the timeout.
    pub(super) pinged: bool,
}

impl Sender {
    pub(super) fn new(now: SimTime, stream: StreamId, from: Lsn) -> Self {
        Self {
            stream,
            state: StreamState::CatchingUp,
            from,
            sent: from,
            positions: Positions::default(),
            reported: false,
            lag: LagTracker::default(),
            last_reply: now,
            pinged: false,
        }
    }

    /// Sent and, for all the primary knows, not yet written: what is in flight.
    pub(super) fn in_flight(&self) -> u64 {
        self.sent.bytes_since(self.positions.write.max(self.from))
    }

    /// The positions that count for synchronous commits, if the replica counts at all.
    pub(super) fn counting(&self) -> Option<Positions> {
        (self.state == StreamState::Streaming && self.reported).then_some(self.positions)
    }

    /// When to ask for a sign of life, or to give the replica up.
    pub(super) fn deadline(&self, timeout: SimDuration) -> SimTime {
        if self.pinged {
            self.last_reply + timeout
        } else {
            self.last_reply + SimDuration::from_nanos(timeout.as_nanos() / 2)
        }
    }

    pub(super) fn status(&self, sync_state: SyncState) -> ReplicaStatus {
        ReplicaStatus {
            state: self.state,
            sent: self.sent,
            positions: self.positions,
            lag: self.lag.lag(),
            last_reply: self.last_reply,
            sync_state,
        }
    }
}

/// What `replica` counts for under `rule`, where `counts` says which replicas stream.
pub(super) fn sync_state(rule: &SyncRule, replica: NodeId, counts: impl Fn(NodeId) -> bool) -> SyncState {
    let Some(place) = rule.listed().iter().position(|listed| *listed == replica) else {
        return SyncState::Asynchronous;
    };
    if !counts(replica) {
        return SyncState::Potential;
    }
    match rule {
        SyncRule::Asynchronous => SyncState::Asynchronous,
        SyncRule::Any { .. } => SyncState::Quorum,
        SyncRule::First { count, listed } => {
            let preferred = listed[..place].iter().filter(|before| counts(**before)).count();
            if preferred < *count { SyncState::Synchronous } else { SyncState::Potential }
        }
    }
}
