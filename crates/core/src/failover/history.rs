//! Which log is ahead of which, and where two of them part.
//!
//! A promotion starts a new timeline at the position where the promoted node's log ended. What the old
//! primary wrote after that position is on a branch that nobody follows: those are the lost writes.
//!
//! This is the history of a cluster as its manager knows it: from the promotions that it ordered and the positions
//! that nodes report. The history of one node's log, with the log beside it, is
//! [`replication::History`](crate::replication::History); nodes tell that to each other, never to the manager, as
//! Patroni and pg_auto_failover see positions only.
//!
//! Follows PostgreSQL's timeline history files and what `pg_rewind` makes of them.

use alloc::vec::Vec;
use core::fmt;

use crate::lsn::{Lsn, TimelineId};

/// The end of a log: the timeline of its last record, and its length. The greater one is the more advanced: a
/// later timeline first, as a log with a record of it holds all that its primary started from; then the
/// longer log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogPosition {
    /// The timeline of the last record.
    pub timeline: TimelineId,
    /// How far the log goes.
    pub lsn: Lsn,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.lsn, self.timeline)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Branch {
    timeline: TimelineId,
    forked_from: LogPosition,
}

/// Every timeline that the manager has started, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct History {
    first: TimelineId,
    branches: Vec<Branch>,
}

impl History {
    /// A history that begins on this timeline.
    pub const fn new(first: TimelineId) -> Self {
        Self { first, branches: Vec::new() }
    }

    /// Starts `timeline` from a log that ended at `forked_from`.
    pub fn start(&mut self, timeline: TimelineId, forked_from: LogPosition) {
        assert!(forked_from.timeline < timeline, "a new timeline is above the one it leaves");
        assert!(self.branches.last().is_none_or(|last| last.timeline < timeline), "timelines only increase");
        self.branches.push(Branch { timeline, forked_from });
    }

    /// The last position that a log ending at `end` has in common with that of the primary of `current`, or
    /// `None` if all of it is in the primary's. What lies after it must be rewound, and is lost.
    ///
    /// On a timeline that this manager did not start nothing can be known to be common: rewind to the very
    /// start, that is, make a new copy.
    pub fn divergence(&self, current: TimelineId, end: LogPosition) -> Option<LogPosition> {
        let mut common = end;
        loop {
            if let Some(limit) = self.end_of(common.timeline, current) {
                common.lsn = common.lsn.min(limit);
                break;
            }
            let Some(origin) = self.origin(common.timeline) else {
                common = LogPosition { timeline: self.first, lsn: Lsn::ZERO };
                break;
            };
            common = origin;
        }
        (common != end).then_some(common)
    }

    /// Up to where `timeline` is part of the history of `current`; `None` if it is not.
    fn end_of(&self, timeline: TimelineId, current: TimelineId) -> Option<Lsn> {
        let mut end = LogPosition { timeline: current, lsn: Lsn(u64::MAX) };
        while end.timeline != timeline {
            end = self.origin(end.timeline)?;
        }
        Some(end.lsn)
    }

    fn origin(&self, timeline: TimelineId) -> Option<LogPosition> {
        self.branches.iter().find(|branch| branch.timeline == timeline).map(|branch| branch.forked_from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(timeline: u32, lsn: u64) -> LogPosition {
        LogPosition { timeline: TimelineId(timeline), lsn: Lsn(lsn) }
    }

    /// Timeline 1 to 60, where 2 starts; 2 is given up and 3 starts from 1 at 50; 4 starts from 3 at 80.
    fn history() -> History {
        let mut history = History::new(TimelineId::FIRST);
        history.start(TimelineId(2), at(1, 60));
        history.start(TimelineId(3), at(1, 50));
        history.start(TimelineId(4), at(3, 80));
        history
    }

    #[test]
    fn a_log_that_is_behind_has_nothing_to_rewind() {
        for end in [at(1, 40), at(1, 50), at(3, 80), at(4, 90)] {
            assert_eq!(history().divergence(TimelineId(4), end), None, "{end}");
        }
    }

    #[test]
    fn what_the_old_primary_wrote_after_the_fork_is_rewound() {
        assert_eq!(history().divergence(TimelineId(4), at(1, 70)), Some(at(1, 50)));
        assert_eq!(history().divergence(TimelineId(4), at(3, 95)), Some(at(3, 80)));
    }

    #[test]
    fn a_timeline_that_was_given_up_is_rewound_to_where_both_were_one() {
        assert_eq!(history().divergence(TimelineId(4), at(2, 66)), Some(at(1, 50)));
        assert_eq!(history().divergence(TimelineId(2), at(2, 66)), None);
    }

    #[test]
    fn nothing_is_known_of_a_timeline_that_someone_else_started() {
        assert_eq!(history().divergence(TimelineId(4), at(9, 66)), Some(at(1, 0)));
    }

    #[test]
    fn a_later_timeline_is_ahead_of_a_longer_log() {
        assert!(at(2, 60) > at(1, 900));
        assert!(at(2, 61) > at(2, 60));
    }
}
