//! What a read missed: a ledger of acknowledged writes, kept by whoever watches the whole.
//!
//! A read is stale if it does not see a write to its key that was acknowledged before it began. The nodes cannot
//! tell, for none knows what the others acknowledged; the [`Ledger`] stands outside of them and is told of every
//! acknowledgement. It answers how many writes a read missed and for how long the first of them had been
//! acknowledged, and after a failover which acknowledged writes are lost.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::chunks::Chunks;
use super::history::History;
use super::routing::View;
use super::{Key, Write, WriteId};
use crate::sort;
use crate::{LogPosition, Lsn, SimDuration, SimTime, TimelineId};

/// What a read missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Missed {
    /// How many acknowledged writes to its key.
    pub versions: u64,
    /// For how long the first of them had been acknowledged.
    pub behind: SimDuration,
}

/// Whether a read saw everything that was acknowledged before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Freshness {
    /// It did.
    Fresh,
    /// It did not.
    Stale(Missed),
}

impl fmt::Display for Freshness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fresh => f.write_str("fresh"),
            Self::Stale(Missed { versions: 1, behind }) => {
                write!(f, "stale: it missed a write that was acknowledged {behind} before")
            }
            Self::Stale(Missed { versions, behind }) => {
                write!(f, "stale: it missed {versions} writes, the first acknowledged {behind} before")
            }
        }
    }
}

/// An acknowledged write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcknowledgedWrite {
    /// The write.
    pub write: Write,
    /// Where it is in the log.
    pub position: LogPosition,
    /// When its client was told.
    pub at: SimTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    lsn: Lsn,
    id: WriteId,
    at: SimTime,
}

/// The acknowledged writes that some node may not have replayed, by key. Copies share them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// By key and timeline, each in the order of positions.
    entries: BTreeMap<(Key, TimelineId), Chunks<Entry>>,
    floor: Lsn,
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// A client was told at `acknowledged.at` that its write is done.
    pub fn acknowledge(&mut self, acknowledged: AcknowledgedWrite) {
        let AcknowledgedWrite { write, position: LogPosition { timeline, lsn }, at } = acknowledged;
        let entries = self.entries.entry((write.key, timeline)).or_default();
        let newer: Vec<Entry> =
            entries.iter_from(entries.partition_point(|entry| entry.lsn <= lsn)).copied().collect();
        // Almost always none: writes of different levels can be acknowledged out of order.
        entries.truncate(entries.len() - newer.len());
        entries.push_back(Entry { lsn, id: write.id, at });
        for entry in newer {
            entries.push_back(entry);
        }
    }

    /// Every node has replayed the log up to `floor`, on a history that all share so far: what lies below is no
    /// longer needed.
    pub fn all_have(&mut self, floor: Lsn) {
        if floor <= self.floor {
            return;
        }
        self.floor = floor;
        self.entries.retain(|_, entries| {
            entries.drop_front(entries.partition_point(|entry| entry.lsn <= floor));
            !entries.is_empty()
        });
    }

    /// What a read of `key` that began at `began` misses on a node that sees `view`. A write that was acknowledged only
    /// after the read had begun is no miss: nobody could have known of it.
    pub fn freshness(&self, began: SimTime, key: Key, view: View<'_>) -> Freshness {
        let mut missed: Option<(u64, SimTime)> = None;
        let timelines = (key, TimelineId(0))..=(key, TimelineId(u32::MAX));
        for ((_, timeline), entries) in self.entries.range(timelines) {
            let seen_to = match view.history.end_of(*timeline) {
                None => Lsn::ZERO,
                Some(None) => view.position,
                Some(Some(end)) => view.position.min(end),
            };
            let from = entries.partition_point(|entry| entry.lsn <= seen_to.max(self.floor));
            for entry in (from..entries.len()).filter_map(|index| entries.get(index)) {
                if entry.at <= began {
                    let (versions, earliest) = missed.unwrap_or((0, entry.at));
                    missed = Some((versions + 1, earliest.min(entry.at)));
                }
            }
        }
        missed.map_or(Freshness::Fresh, |(versions, first)| {
            Freshness::Stale(Missed { versions, behind: began.since(first) })
        })
    }

    /// The acknowledged writes that are on record and not lost, by key.
    pub fn standing(&self) -> impl Iterator<Item = AcknowledgedWrite> {
        self.entries.iter().flat_map(|(&(key, timeline), entries)| {
            entries.iter_from(0).map(move |entry| AcknowledgedWrite {
                write: Write { id: entry.id, key },
                position: LogPosition { timeline, lsn: entry.lsn },
                at: entry.at,
            })
        })
    }

    /// `history` is the one that goes on: removes the acknowledged writes that do not lie on it and answers them,
    /// by position. They are lost.
    pub fn settle(&mut self, history: &History) -> Vec<AcknowledgedWrite> {
        self.keep(|timeline| match history.end_of(timeline) {
            None => Some(Lsn::ZERO),
            Some(end) => end,
        })
    }

    /// A primary crashed and lost the log of `position.timeline` beyond `position.lsn`, which was not flushed:
    /// removes the acknowledged writes there and answers them. They are lost.
    pub fn lose_after(&mut self, position: LogPosition) -> Vec<AcknowledgedWrite> {
        self.keep(|timeline| (timeline == position.timeline).then_some(position.lsn))
    }

    /// Keeps of each timeline what lies up to where `end_of` says, if it says, and answers the rest by position.
    fn keep(&mut self, end_of: impl Fn(TimelineId) -> Option<Lsn>) -> Vec<AcknowledgedWrite> {
        let mut lost = Vec::new();
        for ((key, timeline), entries) in &mut self.entries {
            let Some(end) = end_of(*timeline) else { continue };
            let kept = entries.partition_point(|entry| entry.lsn <= end);
            lost.extend(entries.iter_from(kept).map(|entry| AcknowledgedWrite {
                write: Write { id: entry.id, key: *key },
                position: LogPosition { timeline: *timeline, lsn: entry.lsn },
                at: entry.at,
            }));
            entries.truncate(kept);
        }
        sort::by_key(&mut lost, |acknowledged| acknowledged.position.lsn.0.into());
        lost
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::replication::NodeId;

    const KEY: Key = Key(7);

    fn told(id: u64, timeline: u32, lsn: u64) -> AcknowledgedWrite {
        AcknowledgedWrite {
            write: Write { id: WriteId(id), key: KEY },
            position: LogPosition { timeline: TimelineId(timeline), lsn: Lsn(lsn) },
            at: SimTime::from_millis(lsn),
        }
    }

    fn at(history: &History, position: u64) -> View<'_> {
        View { history, position: Lsn(position) }
    }

    #[test]
    fn a_read_is_stale_by_the_acknowledged_writes_to_its_key_that_it_misses() {
        let history = History::default();
        let mut ledger = Ledger::new();
        for lsn in [10, 20, 40] {
            ledger.acknowledge(told(lsn, 1, lsn));
        }
        let now = SimTime::from_millis(45);
        assert_eq!(ledger.freshness(now, KEY, at(&history, 40)), Freshness::Fresh);
        let stale = ledger.freshness(now, KEY, at(&history, 10));
        assert_eq!(
            stale,
            Freshness::Stale(Missed { versions: 2, behind: SimDuration::from_nanos(25_000_000) })
        );
        assert_eq!(stale.to_string(), "stale: it missed 2 writes, the first acknowledged 25 ms before");
        assert_eq!(ledger.freshness(now, Key(8), at(&history, 0)), Freshness::Fresh, "another key");
    }

    #[test]
    fn a_write_acknowledged_after_the_read_began_is_no_miss() {
        let history = History::default();
        let mut ledger = Ledger::new();
        ledger.acknowledge(told(1, 1, 10));
        ledger.acknowledge(told(2, 1, 30));
        let missed = |began| match ledger.freshness(SimTime::from_millis(began), KEY, at(&history, 0)) {
            Freshness::Fresh => 0,
            Freshness::Stale(missed) => missed.versions,
        };
        assert_eq!([9, 10, 29, 30].map(missed), [0, 1, 1, 2]);
    }

    #[test]
    fn acknowledgements_out_of_order_are_put_in_order() {
        let history = History::default();
        let mut ledger = Ledger::new();
        for lsn in [20, 30, 10] {
            ledger.acknowledge(told(lsn, 1, lsn));
        }
        let Freshness::Stale(missed) = ledger.freshness(SimTime::from_secs(1), KEY, at(&history, 15)) else {
            panic!("two writes are missed")
        };
        assert_eq!(missed.versions, 2);
    }

    #[test]
    fn between_two_primaries_each_misses_what_the_other_acknowledged() {
        let (old, new) = (History::default(), History::default().promoted(Lsn(20), TimelineId(2), NodeId(2)));
        let mut ledger = Ledger::new();
        for write in [told(1, 1, 10), told(2, 1, 30), told(3, 1, 40), told(4, 2, 35)] {
            ledger.acknowledge(write);
        }
        let now = SimTime::from_millis(50);
        let versions = |view| match ledger.freshness(now, KEY, view) {
            Freshness::Fresh => 0,
            Freshness::Stale(missed) => missed.versions,
        };
        assert_eq!((versions(at(&old, 100)), versions(at(&new, 100))), (1, 2));
        let lost: Vec<u64> = ledger.settle(&new).iter().map(|lost| lost.write.id.0).collect();
        assert_eq!(lost, [2, 3]);
        assert_eq!(
            ledger.freshness(now, KEY, at(&new, 100)),
            Freshness::Fresh,
            "what is lost is not waited for"
        );
    }

    #[test]
    fn what_every_node_has_is_forgotten() {
        let history = History::default();
        let mut ledger = Ledger::new();
        for lsn in 1..=1_000 {
            ledger.all_have(Lsn(lsn - 1));
            ledger.acknowledge(told(lsn, 1, lsn));
        }
        assert_eq!(ledger.entries.values().map(Chunks::len).sum::<usize>(), 1);
        assert_eq!(ledger.freshness(SimTime::from_secs(2), KEY, at(&history, 1_000)), Freshness::Fresh);
    }
}
