//! Two runs beside one another: what a change changed.

use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use super::Timeline;
use crate::metrics::{Bucket, Fault, Latency, Metrics, Series};
use crate::outcome::{Outcome, Totals};
use crate::sim::Sim;

/// Two runs up to the same instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Up to when both are compared.
    pub until: SimTime,
    /// When the lists of commands part; `None` if they are the same up to [`Self::until`].
    pub parts_at: Option<SimTime>,
    /// The first run.
    pub ours: RunSummary,
    /// The other one.
    pub theirs: RunSummary,
    /// What happened when, in both, oldest first.
    pub series: Vec<ComparedBucket>,
}

/// What a run comes down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Requests sent, how they ended, stale reads, lost writes.
    pub totals: Totals,
    /// The longest that it took to find a fault out; `None` if none was found out.
    pub time_to_detect: Option<SimDuration>,
    /// The longest that it took to recover from a fault; `None` if it recovered from none.
    pub time_to_recover: Option<SimDuration>,
    /// Faults that it has not recovered from.
    pub unrecovered: usize,
}

/// What one run did in one stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparedRun {
    /// Requests answered.
    pub answered: u64,
    /// Requests that ended otherwise.
    pub failed: u64,
    /// How long the answered ones took.
    pub latency: Latency,
}

/// One stretch of time in each of two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparedBucket {
    /// Where it starts.
    pub start: SimTime,
    /// How long it is.
    pub width: SimDuration,
    /// The first run.
    pub ours: ComparedRun,
    /// The other one.
    pub theirs: ComparedRun,
}

/// Compares two runs, each as far as it is shown. Runs that show different instants are compared up to the last end
/// of a bucket that both have reached; show the same instant in both for more.
pub fn compare(ours: &Timeline, theirs: &Timeline) -> Comparison {
    let (our_sim, their_sim) = (ours.sim(), theirs.sim());
    let (our_series, their_series) = (our_sim.metrics().series(), their_sim.metrics().series());
    let width = our_series.width().max(their_series.width());
    let both = our_series.open_since().min(their_series.open_since());
    let same_instant = our_sim.now() == their_sim.now();
    let whole = both.as_nanos() / width.as_nanos();
    let until = if same_instant { our_sim.now() } else { SimTime::from_nanos(whole * width.as_nanos()) };
    let (our_buckets, their_buckets) = (rebinned(our_series, width), rebinned(their_series, width));
    let series =
        (0..whole).zip(our_buckets.into_iter().zip(their_buckets)).map(|(number, (ours, theirs))| {
            ComparedBucket { start: SimTime::ZERO + width * number, width, ours, theirs }
        });
    Comparison {
        until,
        parts_at: ours.parts_from(theirs).filter(|at| *at <= until),
        ours: summary(our_sim, until),
        theirs: summary(their_sim, until),
        series: series.collect(),
    }
}

/// The buckets of a series at `width`, which is theirs or twice, four times, ... as much.
fn rebinned(series: &Series, width: SimDuration) -> Vec<ComparedRun> {
    let together = usize::try_from(width.as_nanos() / series.width().as_nanos()).unwrap_or(usize::MAX);
    let buckets: Vec<&Bucket> = series.buckets().map(|(_, bucket)| bucket).collect();
    buckets.chunks_exact(together.max(1)).map(joined).collect()
}

fn joined(buckets: &[&Bucket]) -> ComparedRun {
    let totals = buckets.iter().fold(Totals::default(), |sum, bucket| sum.plus(&bucket.totals));
    let latency = match buckets {
        [only] => only.latency,
        several => {
            let mut all = several[0].latencies();
            several[1..].iter().for_each(|bucket| all.add(&bucket.latencies()));
            all.summary()
        }
    };
    ComparedRun { answered: totals.of(Outcome::Answered), failed: totals.failed(), latency }
}

/// A run as it was at `until`, which is now or the end of a bucket.
fn summary(sim: &Sim, until: SimTime) -> RunSummary {
    let metrics = sim.metrics();
    let happened = |at: Option<SimTime>| at.filter(|at| *at <= until);
    let faults = metrics.incidents().faults().iter().filter(|fault| fault.at <= until);
    let faults: Vec<Fault> = faults
        .map(|fault| Fault {
            detected_at: happened(fault.detected_at),
            recovered_at: happened(fault.recovered_at),
            ..*fault
        })
        .collect();
    RunSummary {
        totals: if until == sim.now() { *sim.totals() } else { totals_at(metrics, until) },
        time_to_detect: faults.iter().filter_map(Fault::detected_after).max(),
        time_to_recover: faults.iter().filter_map(Fault::recovered_after).max(),
        unrecovered: faults.iter().filter(|fault| fault.recovered_at.is_none()).count(),
    }
}

fn totals_at(metrics: &Metrics, until: SimTime) -> Totals {
    let before = metrics.series().buckets().take_while(|(start, _)| *start < until);
    before.fold(Totals::default(), |sum, (_, bucket)| sum.plus(&bucket.totals))
}
