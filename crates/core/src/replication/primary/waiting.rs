//! Commits whose clients are not told yet.
//!
//! First each waits for the primary's own flush, then those of a level that needs replicas wait for these, in one
//! queue a level, in the order of their positions.

use alloc::collections::VecDeque;

use crate::replication::WriteId;
use crate::replication::commit::CommitLevel;
use crate::{Lsn, SimTime};

/// A commit whose client waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiter {
    pub(super) lsn: Lsn,
    pub(super) write: WriteId,
    pub(super) level: CommitLevel,
    /// Since when it waits for what it now waits for.
    pub(super) since: SimTime,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    /// Not yet flushed here, oldest first.
    pub(super) unflushed: VecDeque<Waiter>,
    /// For replicas, by level, each oldest first.
    queues: [VecDeque<Waiter>; 3],
    /// Up to where each level was ever released.
    released: [Lsn; 3],
}

impl Waiting {
    /// The oldest commit that the flush up to `to` covers.
    pub(super) fn next_flushed(&mut self, to: Lsn) -> Option<Waiter> {
        self.unflushed.pop_front_if(|waiter| waiter.lsn <= to)
    }

    /// Lets a flushed commit wait for replicas, unless its level is released beyond it already: answers whether
    /// it waits.
    pub(super) fn wait_for_replicas(&mut self, now: SimTime, waiter: Waiter) -> bool {
        let level = waiter.level.remote().expect("only levels that need replicas wait for them");
        if waiter.lsn <= self.released[level] {
            return false;
        }
        self.queues[level].push_back(Waiter { since: now, ..waiter });
        true
    }

    /// `level` is released up to `to`. What was released stays so.
    pub(super) fn release(&mut self, level: CommitLevel, to: Lsn) {
        let level = level.remote().expect("only levels that need replicas are released by them");
        self.released[level] = self.released[level].max(to);
    }

    /// The next commit of `level` that is released.
    pub(super) fn next_released(&mut self, level: CommitLevel) -> Option<Waiter> {
        let level = level.remote().expect("only levels that need replicas are released by them");
        let to = self.released[level];
        self.queues[level].pop_front_if(|waiter| waiter.lsn <= to)
    }

    /// The oldest commit that waits for replicas at `level`.
    pub(super) fn pop(&mut self, level: CommitLevel) -> Option<Waiter> {
        self.queues[level.remote()?].pop_front()
    }

    /// Takes the wait for replicas of `write` out, if it is in one.
    pub(super) fn cancel(&mut self, write: WriteId) -> Option<Waiter> {
        self.queues.iter_mut().find_map(|queue| {
            let place = queue.iter().position(|waiter| waiter.write == write)?;
            queue.remove(place)
        })
    }

    /// Those that wait for replicas, the lowest level first.
    pub(super) fn for_replicas(&self) -> impl Iterator<Item = &Waiter> {
        self.queues.iter().flatten()
    }

    /// Everything that waits, for whatever; then nothing waits.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Waiter> {
        let [write, flush, apply] = core::mem::take(&mut self.queues);
        let unflushed = core::mem::take(&mut self.unflushed);
        write.into_iter().chain(flush).chain(apply).chain(unflushed)
    }
}
