//! Changes of role and of history: promotion, rewind, restart.

use alloc::vec::Vec;
use core::fmt;

use super::{Link, Replica, ReplicaOutput};
use crate::replication::primary::{Primary, PrimaryConfig};
use crate::replication::wal::{Divergence, Record, Recycled};
use crate::{Lsn, SimTime, TimelineId};

/// Why a replica cannot be promoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPromoted {
    /// How far its log goes.
    pub end: Lsn,
    /// How far it must go before its data is whole.
    pub consistent_at: Lsn,
}

impl fmt::Display for NotPromoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not promoted: it was rewound and needs the log up to {}, it has it up to {}",
            self.consistent_at, self.end
        )
    }
}

impl core::error::Error for NotPromoted {}

/// What became of a log that was rewound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewound {
    /// Up to where it was one with the source's.
    pub fork: Lsn,
    /// What was beyond and is lost, oldest first.
    pub discarded: Vec<Record>,
    /// From where on the replica can be read again.
    pub consistent_at: Lsn,
}

impl Replica {
    /// How far its log must go before its data is whole, if it does not go there yet: until then it cannot be
    /// promoted.
    pub fn whole_at(&self) -> Option<Lsn> {
        (self.wal.end() < self.consistent_at).then_some(self.consistent_at)
    }

    /// Begins its promotion: it leaves its upstream and replays all that it has received, paused or not. Then
    /// [`ReplicaOutput::ReadyToPromote`] comes, and [`into_primary`](Self::into_primary) can follow.
    ///
    /// `timeline` is the one that it will start, as a failover manager names it; without a manager it is
    /// [`Wal::next_timeline`](crate::replication::Wal::next_timeline). It must be later than the current one. Asked
    /// once more before it is done, the replica starts the timeline that was named last.
    pub fn handle_promote(&mut self, timeline: TimelineId) -> Result<(), NotPromoted> {
        assert!(
            self.wal.history().current() < timeline,
            "a promotion starts a timeline later than the current one"
        );
        let end = self.wal.end();
        if let Some(consistent_at) = self.whole_at() {
            return Err(NotPromoted { end, consistent_at });
        }
        if self.promoting.replace(timeline).is_some() {
            return Ok(());
        }
        self.hang_up();
        self.paused = false;
        self.upstream = None;
        self.link = Link::Detached;
        self.flushing = None;
        self.flushed = end;
        self.replaying = None;
        self.start_replay();
        self.check_promotion();
        Ok(())
    }

    /// Whether its promotion has begun and everything is replayed.
    pub fn is_ready_to_promote(&self) -> bool {
        self.promoting.is_some() && self.replayed == self.wal.end()
    }

    /// The primary that a replica which is [ready](Self::is_ready_to_promote) becomes, on the timeline that was
    /// named.
    pub fn into_primary(self, now: SimTime, config: PrimaryConfig) -> Primary {
        assert!(self.is_ready_to_promote(), "a replica replays what it has before it becomes the primary");
        let timeline = self.promoting.expect("a replica is ready only once its promotion has begun");
        Primary::promoted(self.id, config, self.wal, timeline, now)
    }

    /// Makes its log a part of `source`'s, as `pg_rewind` does: drops what it has beyond the point where the two
    /// part, and follows the source's history. It can be read again when it has replayed what the source had
    /// flushed by now. Then it connects, if it has an upstream.
    ///
    /// Fails, and changes nothing, if its log no longer reaches back to that point: it must be
    /// [rebuilt](Self::rebuild).
    pub fn rewind(&mut self, now: SimTime, source: &Primary) -> Result<Rewound, Recycled> {
        let Divergence { fork, records } = self.wal.diverged(source.wal().history())?;
        if !records.is_empty() || self.view().is_none() {
            self.consistent_at = source.flushed();
        }
        self.hang_up();
        self.cut(fork);
        self.wal.follow(source.wal().history().clone());
        self.link = Link::Detached;
        self.promoting = None;
        self.paused = false;
        self.start_flush();
        self.start_replay();
        self.connect(now);
        Ok(Rewound { fork, discarded: records, consistent_at: self.consistent_at })
    }

    /// Replaces all that it has by a base backup of `source`, and connects if it has an upstream: what is left when
    /// its log can neither be caught up nor rewound.
    pub fn rebuild(&mut self, now: SimTime, source: &Primary) {
        self.hang_up();
        self.cut(self.wal.start());
        let at = source.flushed();
        self.wal.restart_at(at, source.wal().history().clone());
        (self.flushed, self.replayed, self.checkpoint_at, self.consistent_at) = (at, at, at, at);
        self.link = Link::Detached;
        self.promoting = None;
        self.paused = false;
        self.connect(now);
    }

    /// It crashed and starts again: what it had not flushed is gone, and it connects anew. Answers what is gone.
    pub fn handle_restart(&mut self, now: SimTime) -> Vec<Record> {
        let lost = self.wal.after(self.flushed).copied().collect();
        self.hang_up();
        self.cut(self.flushed);
        self.paused = false;
        self.link = Link::Detached;
        self.start_replay();
        self.connect(now);
        self.check_promotion();
        lost
    }

    pub(super) fn check_promotion(&mut self) {
        if self.is_ready_to_promote() {
            self.outputs.push_back(ReplicaOutput::ReadyToPromote { at: self.replayed });
        }
    }
}
