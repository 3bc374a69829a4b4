//! The write-ahead log of one node: what was written, in order, as far back as it is kept.
//!
//! Every write is one [`Record`], known by where it ends: a commit is safe at a place when the log there reaches
//! its record's end. The log starts at `start` (everything before was recycled) and ends at `end`; it follows one
//! [`History`] of timelines.
//!
//! Positions are bytes, as PostgreSQL's, but a record stands for a whole transaction, there is no page header,
//! and recycling cuts between records instead of between 16 MiB segment files.

use alloc::vec::Vec;
use core::fmt;

use super::chunks::Chunks;
use super::history::History;
use super::{NodeId, Write};
use crate::{Lsn, SimTime, TimelineId};

/// Bytes of the record that a promotion writes first (PostgreSQL's end-of-recovery record, 42 bytes aligned to 8).
const END_OF_RECOVERY_BYTES: u32 = 48;

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// A committed write.
    Write(Write),
    /// A replica was promoted: the first record of a new timeline.
    EndOfRecovery,
}

/// One record of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Position after its last byte: the record is at a place when the log there reaches this.
    pub end: Lsn,
    /// Its length.
    pub bytes: u32,
    /// The timeline that it was written on.
    pub timeline: TimelineId,
    /// What it says.
    pub content: Content,
    /// When the primary inserted it.
    pub inserted_at: SimTime,
    /// Whether replicas report at once when they have replayed it, as a commit that waits for that asks.
    pub apply_feedback: bool,
}

impl Record {
    /// Position of its first byte: the end of the record before.
    pub const fn start(&self) -> Lsn {
        Lsn(self.end.0 - self.bytes as u64)
    }

    /// The write that it commits, if it is one.
    pub const fn write(&self) -> Option<Write> {
        match self.content {
            Content::Write(write) => Some(write),
            Content::EndOfRecovery => None,
        }
    }
}

/// The records needed are no longer kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recycled {
    /// From where they were wanted.
    pub wanted: Lsn,
    /// Where the log starts now.
    pub start: Lsn,
}

impl fmt::Display for Recycled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the log from {} on was recycled: it starts at {}", self.wanted, self.start)
    }
}

impl core::error::Error for Recycled {}

/// What one node has and a history has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Up to where the two are one.
    pub fork: Lsn,
    /// The records beyond it, oldest first: lost when the node follows that history.
    pub records: Vec<Record>,
}

/// The log. Copies share their records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wal {
    records: Chunks<Record>,
    start: Lsn,
    end: Lsn,
    history: History,
    /// The newest timeline that the node ever heard of.
    newest_timeline: Option<TimelineId>,
}

impl Wal {
    /// An empty log on the first timeline.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty log that goes on from `at` on `history`, as a base backup leaves it.
    pub(super) fn starting_at(at: Lsn, history: History) -> Self {
        let newest_timeline = Some(history.current());
        Self { records: Chunks::default(), start: at, end: at, history, newest_timeline }
    }

    /// Position of the oldest byte that is kept.
    pub const fn start(&self) -> Lsn {
        self.start
    }

    /// Position after the newest record.
    pub const fn end(&self) -> Lsn {
        self.end
    }

    /// The timelines that the log follows.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// How many records are kept.
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether no record is kept.
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The kept records that end after `position`, oldest first.
    pub fn after(&self, position: Lsn) -> impl DoubleEndedIterator<Item = &Record> + ExactSizeIterator {
        self.records.iter_from(self.count_up_to(position))
    }

    /// The newest `count` records, oldest first.
    pub fn newest(&self, count: usize) -> impl DoubleEndedIterator<Item = &Record> + ExactSizeIterator {
        self.records.iter_from(self.records.len().saturating_sub(count))
    }

    /// The record that ends at `end`.
    pub fn record(&self, end: Lsn) -> Option<&Record> {
        let index = self.records.partition_point(|record| record.end < end);
        self.records.get(index).filter(|record| record.end == end)
    }

    /// Whether a record starts or ends at `position`, within what is kept.
    pub fn is_boundary(&self, position: Lsn) -> bool {
        position == self.start || self.record(position).is_some()
    }

    /// What this log has and `history` has not.
    ///
    /// Fails if the log no longer reaches back to where the two part.
    pub fn diverged(&self, history: &History) -> Result<Divergence, Recycled> {
        let fork = self.history.parts_from(history).map_or(self.end, |fork| fork.min(self.end));
        if fork < self.start {
            return Err(Recycled { wanted: fork, start: self.start });
        }
        Ok(Divergence { fork, records: self.after(fork).copied().collect() })
    }

    /// Writes a commit at the end and answers where it ends.
    pub(super) fn insert(&mut self, now: SimTime, write: Write, bytes: u32, apply_feedback: bool) -> Lsn {
        self.append(Record {
            end: self.end.advanced(bytes),
            bytes,
            timeline: self.history.current(),
            content: Content::Write(write),
            inserted_at: now,
            apply_feedback,
        });
        self.end
    }

    /// The timeline that a promotion starts when nobody names another: the one after every timeline that the node
    /// ever heard of, as PostgreSQL's `findNewestTimeLine` picks it, so that it never gives a number twice.
    pub fn next_timeline(&self) -> TimelineId {
        self.newest_timeline.unwrap_or(TimelineId::FIRST).next()
    }

    /// Forks to a new timeline at the end, by the promotion of `by`.
    pub(super) fn promote(&mut self, now: SimTime, timeline: TimelineId, by: NodeId) {
        assert!(
            self.history.current() < timeline,
            "a promotion starts a timeline later than the current one"
        );
        self.follow(self.history.promoted(self.end, timeline, by));
        self.append(Record {
            end: self.end.advanced(END_OF_RECOVERY_BYTES),
            bytes: END_OF_RECOVERY_BYTES,
            timeline: self.history.current(),
            content: Content::EndOfRecovery,
            inserted_at: now,
            apply_feedback: false,
        });
    }

    /// Adds a record that goes on exactly where the log ends.
    pub(super) fn append(&mut self, record: Record) {
        assert!(record.bytes >= 1, "a record has a length");
        assert!(record.start() == self.end, "a log has no gaps");
        assert!(
            self.history.contains(record.timeline, record.end),
            "a record lies on the history that its log follows"
        );
        self.end = record.end;
        self.records.push_back(record);
    }

    /// Removes what lies beyond `position`, which must be kept.
    pub(super) fn truncate_after(&mut self, position: Lsn) {
        assert!(self.start <= position && position <= self.end, "only what is kept can be cut");
        self.records.truncate(self.count_up_to(position));
        self.end = self.records.back().map_or(self.start, |record| record.end);
    }

    /// Forgets the records that end at or before `position`, and answers how many there were.
    pub(super) fn recycle_before(&mut self, position: Lsn) -> usize {
        let count = self.count_up_to(position);
        if let Some(last) = count.checked_sub(1).and_then(|last| self.records.get(last)) {
            self.start = last.end;
            self.records.drop_front(count);
        }
        count
    }

    /// Follows `history` from here on. The log must lie on it.
    pub(super) fn follow(&mut self, history: History) {
        assert!(
            self.history.parts_from(&history).is_none_or(|fork| self.end <= fork),
            "a log only follows a history that contains it"
        );
        self.newest_timeline = self.newest_timeline.max(Some(history.current()));
        self.history = history;
    }

    /// Starts over, empty, at `at` on `history`: what a base backup brings.
    pub(super) fn restart_at(&mut self, at: Lsn, history: History) {
        *self = Self {
            newest_timeline: self.newest_timeline.max(Some(history.current())),
            ..Self::starting_at(at, history)
        };
    }

    fn count_up_to(&self, position: Lsn) -> usize {
        self.records.partition_point(|record| record.end <= position)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::replication::{Key, WriteId};

    fn log(writes: u64) -> Wal {
        let mut wal = Wal::new();
        for id in 1..=writes {
            wal.insert(SimTime::ZERO, Write { id: WriteId(id), key: Key(0) }, 10, false);
        }
        wal
    }

    fn ids<'a>(records: impl Iterator<Item = &'a Record>) -> Vec<u64> {
        records.filter_map(Record::write).map(|write| write.id.0).collect()
    }

    #[test]
    fn records_follow_one_another_byte_by_byte() {
        let wal = log(5);
        assert_eq!(wal.end(), Lsn(50));
        assert_eq!(ids(wal.after(Lsn(20))), [3, 4, 5]);
        assert_eq!(ids(wal.after(Lsn(25))), [3, 4, 5], "half a record is none");
        assert_eq!(ids(wal.newest(2)), [4, 5]);
        assert_eq!(wal.record(Lsn(30)).map(Record::start), Some(Lsn(20)));
        assert!(wal.is_boundary(Lsn(0)) && wal.is_boundary(Lsn(50)) && !wal.is_boundary(Lsn(15)));
    }

    #[test]
    fn what_is_recycled_is_gone_and_said_so() {
        let mut wal = log(5);
        assert_eq!(wal.recycle_before(Lsn(29)), 2);
        assert_eq!((wal.start(), wal.len()), (Lsn(20), 3));
        let history = History::default().promoted(Lsn(10), TimelineId(2), NodeId(2));
        let gone = wal.diverged(&history).expect_err("the fork is no longer kept");
        assert_eq!(gone, Recycled { wanted: Lsn(10), start: Lsn(20) });
    }

    #[test]
    fn a_log_diverges_from_a_promotion_by_what_it_wrote_after_the_fork() {
        let mut old = log(5);
        let mut new = log(3);
        new.promote(SimTime::ZERO, new.next_timeline(), NodeId(2));
        let divergence = old.diverged(new.history()).expect("all is kept");
        assert_eq!((divergence.fork, ids(divergence.records.iter())), (Lsn(30), [4, 5].into()));
        old.truncate_after(divergence.fork);
        old.follow(new.history().clone());
        assert_eq!(old.diverged(new.history()).expect("all is kept").records, []);
    }

    #[test]
    fn a_timeline_that_was_named_is_started_and_never_again() {
        let mut log = log(3);
        log.promote(SimTime::ZERO, TimelineId(7), NodeId(2));
        assert_eq!(log.history().current(), TimelineId(7));
        assert_eq!(log.next_timeline(), TimelineId(8));
    }

    #[test]
    #[should_panic(expected = "later than the current one")]
    fn going_back_to_an_old_timeline_is_a_bug_of_who_named_it() {
        log(3).promote(SimTime::ZERO, TimelineId::FIRST, NodeId(2));
    }

    #[test]
    #[should_panic(expected = "no gaps")]
    fn a_gap_is_our_own_bug() {
        let (mut short, long) = (log(2), log(4));
        short.append(*long.record(Lsn(40)).expect("it was written"));
    }
}
