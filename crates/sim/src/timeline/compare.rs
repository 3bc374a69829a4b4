//! Two runs beside one another: what a change changed.

use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use super::Timeline;
use crate::history::BUCKET;
use crate::outcome::Totals;
use crate::sim::Sim;

/// Two runs up to the same instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Up to when.
    pub until: SimTime,
    /// When the lists of commands part; `None` if they are the same up to [`Self::until`].
    pub parts_at: Option<SimTime>,
    /// The first run.
    pub ours: RunSummary,
    /// The other one.
    pub theirs: RunSummary,
    /// What ended when, in both, oldest first.
    pub series: Vec<ComparedBucket>,
}

/// What a run comes down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Requests sent, how they ended, stale reads, lost writes.
    pub totals: Totals,
    /// The longest that it took to recover from a fault; `None` if there was none, or if it has not recovered.
    pub time_to_recover: Option<SimDuration>,
    /// Faults that it has not recovered from.
    pub unrecovered: u32,
}

/// What ended in one stretch of time in each of two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparedBucket {
    /// Where it starts.
    pub start: SimTime,
    /// How long it is.
    pub width: SimDuration,
    /// Requests answered: in the first run, in the other.
    pub answered: (u64, u64),
    /// Requests that ended otherwise: in the first run, in the other.
    pub failed: (u64, u64),
}

/// Compares two runs, each at its shown instant. Show the same instant in both first.
pub fn compare(ours: &Timeline, theirs: &Timeline) -> Comparison {
    let until = ours.now().min(theirs.now());
    let lists = (ours.commands(), theirs.commands());
    let shared = lists.0.iter().zip(lists.1).take_while(|(a, b)| a == b).count();
    let parting = [lists.0.get(shared), lists.1.get(shared)].into_iter().flatten();
    let parts_at = parting.map(|timed| timed.at).min().filter(|at| *at <= until);
    let theirs_at = |start| theirs.sim().history().buckets().find(|(other, _)| *other == start);
    let series = ours.sim().history().buckets().filter_map(|(start, our)| {
        let (_, their) = theirs_at(start)?;
        Some(ComparedBucket {
            start,
            width: BUCKET,
            answered: (our.answered.into(), their.answered.into()),
            failed: (our.failed.into(), their.failed.into()),
        })
    });
    Comparison {
        until,
        parts_at,
        ours: summary(ours.sim()),
        theirs: summary(theirs.sim()),
        series: series.collect(),
    }
}

fn summary(sim: &Sim) -> RunSummary {
    RunSummary { totals: sim.snapshot().totals, time_to_recover: None, unrecovered: 0 }
}
