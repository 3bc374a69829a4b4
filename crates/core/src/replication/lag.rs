//! How far a replica is behind in time, as the primary knows it.
//!
//! The primary notes when it flushed up to where. When a replica reports that it has written, flushed or replayed
//! up to a position, the lag of that kind is the time since the primary flushed that position itself: what a
//! client waits longer for a commit that waits for that replica.
//!
//! Follows `write_lag`, `flush_lag` and `replay_lag` of the view `pg_stat_replication`: each keeps its last value,
//! and all are blank once a replica that has replayed everything reports the same again. PostgreSQL samples at
//! most 8,192 positions and interpolates in between; ours keeps every flush that a connected replica has yet to
//! replay.

use super::chunks::Chunks;
use super::message::Positions;
use crate::{Lsn, SimDuration, SimTime};

/// Time behind, by kind; `None` when there is nothing to measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// From the primary's flush until the replica's report that it has written.
    pub write: Option<SimDuration>,
    /// Until its report that it has flushed.
    pub flush: Option<SimDuration>,
    /// Until its report that it has replayed.
    pub replay: Option<SimDuration>,
}

/// When the primary flushed up to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flush {
    to: Lsn,
    at: SimTime,
}

/// The primary's flushes, as far back as a replica needs them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Flushes(Chunks<Flush>);

impl Flushes {
    pub(super) fn push(&mut self, to: Lsn, at: SimTime) {
        self.0.push_back(Flush { to, at });
    }

    /// Forgets the flushes that lie before the last one at or below `position`.
    pub(super) fn forget_before(&mut self, position: Lsn) {
        let reached = self.0.partition_point(|flush| flush.to <= position);
        self.0.drop_front(reached.saturating_sub(1));
    }

    /// When the log was first flushed beyond `position`; `None` if it was not yet.
    pub(super) fn passed(&self, position: Lsn) -> Option<SimTime> {
        self.0.get(self.0.partition_point(|flush| flush.to <= position)).map(|flush| flush.at)
    }

    /// When the newest flush at or below `position` was; `None` if that is forgotten.
    fn reached(&self, position: Lsn) -> Option<SimTime> {
        let count = self.0.partition_point(|flush| flush.to <= position);
        self.0.get(count.checked_sub(1)?).map(|flush| flush.at)
    }
}

/// Follows one replica's lag from report to report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LagTracker {
    lag: Lag,
    last: Positions,
    /// Whether the last report said that everything sent was replayed.
    was_done: bool,
}

impl LagTracker {
    pub(super) const fn lag(&self) -> Lag {
        self.lag
    }

    /// The replica reported `positions`; everything up to `sent` was sent to it.
    pub(super) fn report(&mut self, now: SimTime, positions: Positions, sent: Lsn, flushes: &Flushes) {
        let done = positions.replay == sent;
        if done && self.was_done {
            self.lag = Lag::default();
        }
        self.was_done = done;
        let measure = |kept: &mut Option<SimDuration>, before: Lsn, position: Lsn| {
            if position > before
                && let Some(flushed_at) = flushes.reached(position)
            {
                *kept = Some(now.since(flushed_at));
            }
        };
        measure(&mut self.lag.write, self.last.write, positions.write);
        measure(&mut self.lag.flush, self.last.flush, positions.flush);
        measure(&mut self.lag.replay, self.last.replay, positions.replay);
        self.last = positions;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(write: u64, flush: u64, replay: u64) -> Positions {
        Positions { write: Lsn(write), flush: Lsn(flush), replay: Lsn(replay) }
    }

    #[test]
    fn lag_is_the_time_since_the_primary_flushed_what_is_reported() {
        let mut flushes = Flushes::default();
        flushes.push(Lsn(100), SimTime::from_millis(10));
        flushes.push(Lsn(200), SimTime::from_millis(20));
        let mut tracker = LagTracker::default();
        tracker.report(SimTime::from_millis(25), at(200, 100, 0), Lsn(200), &flushes);
        let lag = tracker.lag();
        assert_eq!(lag.write, Some(SimDuration::from_millis(5)));
        assert_eq!(lag.flush, Some(SimDuration::from_millis(15)));
        assert_eq!(lag.replay, None);
        assert_eq!(flushes.passed(Lsn(100)), Some(SimTime::from_millis(20)));
        assert_eq!(flushes.passed(Lsn(200)), None);
    }

    #[test]
    fn lag_goes_blank_when_nothing_is_left_to_measure() {
        let mut flushes = Flushes::default();
        flushes.push(Lsn(100), SimTime::from_millis(10));
        let mut tracker = LagTracker::default();
        tracker.report(SimTime::from_millis(12), at(100, 100, 100), Lsn(100), &flushes);
        assert_eq!(tracker.lag().replay, Some(SimDuration::from_millis(2)));
        tracker.report(SimTime::from_secs(10), at(100, 100, 100), Lsn(100), &flushes);
        assert_eq!(tracker.lag(), Lag::default());
    }

    #[test]
    fn forgets_only_what_no_replica_needs() {
        let mut flushes = Flushes::default();
        (1..=10).for_each(|n| flushes.push(Lsn(n * 100), SimTime::from_millis(n)));
        flushes.forget_before(Lsn(450));
        assert_eq!(flushes.0.len(), 7);
        assert_eq!(flushes.passed(Lsn(400)), Some(SimTime::from_millis(5)));
        assert_eq!(flushes.reached(Lsn(400)), Some(SimTime::from_millis(4)));
    }
}
