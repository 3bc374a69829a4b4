//! Which histories of the log lead to a node's: where each timeline was left for the next.
//!
//! A promotion forks the log: the new primary goes on from the last record that it had, on a new timeline. A
//! node's [`History`] lists the forks that it followed, as PostgreSQL's `.history` files do. Two nodes share their
//! log up to the point where their histories part; what either has beyond it, the other has not.
//!
//! Follows PostgreSQL's `timeline.c` and, for the point where two histories part, `pg_rewind`'s
//! `findCommonAncestorTimeline`. One thing is stricter: a fork also names the node that was promoted. Two replicas
//! promoted at once without a manager both start "timeline 2"; PostgreSQL takes the two for one, ours does not.

use alloc::vec::Vec;
use core::fmt;

use super::NodeId;
use crate::{Lsn, TimelineId};

/// The end of one timeline and the start of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fork {
    /// The timeline that was left.
    pub from: TimelineId,
    /// Where it was left: the end of the last record that both share.
    pub at: Lsn,
    /// The timeline that starts here.
    pub to: TimelineId,
    /// The node whose promotion started it.
    pub by: NodeId,
}

impl fmt::Display for Fork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} forked from {} at {}", self.to, self.from, self.at)
    }
}

/// The forks that lead from the first timeline to a node's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct History {
    forks: Vec<Fork>,
}

impl History {
    /// The timeline that the history ends on.
    pub fn current(&self) -> TimelineId {
        self.forks.last().map_or(TimelineId::FIRST, |fork| fork.to)
    }

    /// The forks, oldest first.
    pub fn forks(&self) -> &[Fork] {
        &self.forks
    }

    /// Where `timeline` ends on this history: `None` if it does not lie on it, `Some(None)` if it is the current
    /// one and still open.
    pub fn end_of(&self, timeline: TimelineId) -> Option<Option<Lsn>> {
        if timeline == self.current() {
            return Some(None);
        }
        self.forks.iter().find(|fork| fork.from == timeline).map(|fork| Some(fork.at))
    }

    /// Whether the record of `timeline` that ends at `lsn` lies on this history.
    pub fn contains(&self, timeline: TimelineId, lsn: Lsn) -> bool {
        self.end_of(timeline).is_some_and(|end| end.is_none_or(|end| lsn <= end))
    }

    /// Up to where the two histories are one; `None` if they are one and the same to their ends.
    pub fn parts_from(&self, other: &Self) -> Option<Lsn> {
        let shared = self.forks.iter().zip(&other.forks).take_while(|(ours, theirs)| ours == theirs).count();
        let ours = self.forks.get(shared).map(|fork| fork.at);
        let theirs = other.forks.get(shared).map(|fork| fork.at);
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
            (ours, theirs) => ours.or(theirs),
        }
    }

    /// Whether every fork of `self` is one of `other`'s too: `other` is the same history or goes on from it.
    pub fn leads_to(&self, other: &Self) -> bool {
        other.forks.starts_with(&self.forks)
    }

    /// The history of a node that had followed this one up to `at` when it was promoted and started `to`.
    #[must_use]
    pub fn promoted(&self, at: Lsn, to: TimelineId, by: NodeId) -> Self {
        // Forks that it knew of and had not reached are none of its past.
        let mut forks: Vec<Fork> = self.forks.iter().take_while(|fork| fork.at < at).copied().collect();
        let from = forks.last().map_or(TimelineId::FIRST, |fork| fork.to);
        forks.push(Fork { from, at, to, by });
        Self { forks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DB_1: NodeId = NodeId(1);
    const DB_2: NodeId = NodeId(2);

    #[test]
    fn a_promotion_starts_the_next_timeline_where_the_last_was_left() {
        let second = History::default().promoted(Lsn(100), TimelineId(2), DB_2);
        assert_eq!(second.current(), TimelineId(2));
        assert!(second.contains(TimelineId(1), Lsn(100)));
        assert!(!second.contains(TimelineId(1), Lsn(101)));
        assert!(second.contains(TimelineId(2), Lsn(5_000)));
        let third = second.promoted(Lsn(300), TimelineId(3), DB_1);
        assert_eq!(third.end_of(TimelineId(2)), Some(Some(Lsn(300))));
        assert_eq!(third.end_of(TimelineId(4)), None);
    }

    #[test]
    fn histories_part_where_the_first_of_them_was_left() {
        let first = History::default();
        let second = first.promoted(Lsn(100), TimelineId(2), DB_2);
        let third = second.promoted(Lsn(300), TimelineId(3), DB_1);
        assert_eq!(first.parts_from(&first), None);
        assert_eq!(first.parts_from(&third), Some(Lsn(100)));
        assert_eq!(third.parts_from(&second), Some(Lsn(300)));
        assert!(first.leads_to(&third) && !third.leads_to(&second));
    }

    #[test]
    fn two_promotions_to_the_same_number_are_two_histories() {
        let first = History::default();
        let one = first.promoted(Lsn(100), TimelineId(2), DB_1);
        let other = first.promoted(Lsn(140), TimelineId(2), DB_2);
        assert_eq!((one.current(), other.current()), (TimelineId(2), TimelineId(2)));
        assert_eq!(one.parts_from(&other), Some(Lsn(100)));
    }

    #[test]
    fn a_fork_known_but_not_reached_is_no_past() {
        let known = History::default().promoted(Lsn(100), TimelineId(2), DB_2);
        let promoted = known.promoted(Lsn(60), TimelineId(3), DB_1);
        let fork = Fork { from: TimelineId(1), at: Lsn(60), to: TimelineId(3), by: DB_1 };
        assert_eq!(promoted.forks(), [fork]);
    }
}
