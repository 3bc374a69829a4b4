//! What a run measures: how long requests took and how they ended, how busy nodes were, how far replicas were
//! behind, and for each fault how long it took to find out and to recover.
//!
//! All of it is whole numbers in bounded memory, whatever the length of the run, and cheap to copy. A request costs
//! one increment of a histogram when it ends; all else is read off the world when a bucket of time is full.
//! `docs/model/metrics.md` says what each number means.

pub mod histogram;
pub mod incidents;
pub mod series;

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use crate::outcome::Totals;
use crate::plan::Plan;

pub use histogram::{Histogram, Latency};
pub use incidents::{Failover, FailoverKind, Fault, Incidents};
pub use series::{Bucket, Lag, Series, Work};

/// What one node's workers have done since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkTotals {
    /// How many workers there are.
    pub workers: u32,
    /// Requests that wait for one now.
    pub queued: u32,
    /// Requests answered.
    pub served: u64,
    /// Worker time that was used, of all workers together, in nanoseconds.
    pub busy_ns: u64,
}

impl WorkTotals {
    /// Busy share of all worker time from the start to `now`, from 0 to 1; `None` for a node without workers.
    #[expect(clippy::cast_precision_loss, reason = "a share for people to read")]
    pub fn utilisation(&self, now: SimTime) -> Option<f64> {
        let whole = u128::from(self.workers) * u128::from(now.as_nanos());
        (whole > 0).then(|| self.busy_ns as f64 / whole as f64)
    }
}

/// What the world reads off its nodes when a bucket is full.
pub(crate) struct Reading {
    pub(crate) work: Vec<WorkTotals>,
    pub(crate) lag: Vec<Lag>,
}

/// What happened from an instant until now.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// The instant.
    pub since: SimTime,
    /// Requests that were sent and that ended.
    pub totals: Totals,
    /// How long the answered requests took that ended.
    pub latencies: Histogram,
    /// What each node's workers did, in scenario order. How many wait is that of now.
    pub work: Vec<WorkTotals>,
}

/// The books of one run.
#[derive(Clone, Debug)]
pub struct Metrics {
    series: Series,
    /// Durations of the answered requests that ended in closed buckets, and in the open one.
    closed: Histogram,
    open: Histogram,
    /// What the totals, and the workers' work, were when the open bucket started.
    totals_before: Totals,
    work_before: Rc<[WorkTotals]>,
    incidents: Incidents,
}

impl Metrics {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            series: Series::default(),
            closed: Histogram::default(),
            open: Histogram::default(),
            totals_before: Totals::default(),
            work_before: vec![WorkTotals::default(); plan.nodes().len()].into(),
            incidents: Incidents::new(plan),
        }
    }

    /// The closed buckets.
    pub const fn series(&self) -> &Series {
        &self.series
    }

    /// How long the answered requests took, from their sending to the client's knowing, over the whole run.
    pub fn latencies(&self) -> Histogram {
        let mut all = self.closed.clone();
        all.add(&self.open);
        all
    }

    /// What happened from `since` on, or from up to a bucket earlier: the open bucket too. `totals` and `work` are those
    /// of now.
    pub fn stretch(&self, since: SimTime, totals: &Totals, mut work: Vec<WorkTotals>) -> Stretch {
        let (since, buckets) = self.series.from(since);
        let width = u128::from(self.series.width().as_nanos());
        let mut totals = totals.since(&self.totals_before);
        let mut latencies = self.open.clone();
        for (work, before) in work.iter_mut().zip(self.work_before.iter()) {
            work.served = work.served.saturating_sub(before.served);
            work.busy_ns = work.busy_ns.saturating_sub(before.busy_ns);
        }
        for bucket in buckets {
            totals = totals.plus(&bucket.totals);
            latencies.add(&bucket.latencies());
            for (work, then) in work.iter_mut().zip(bucket.works()) {
                let busy = width * u128::from(work.workers) * u128::from(then.busy_ppm) / 1_000_000;
                work.served += u64::from(then.served);
                work.busy_ns += u64::try_from(busy).unwrap_or(u64::MAX);
            }
        }
        Stretch { since, totals, latencies, work }
    }

    /// Faults and failovers.
    pub const fn incidents(&self) -> &Incidents {
        &self.incidents
    }

    pub(crate) const fn incidents_mut(&mut self) -> &mut Incidents {
        &mut self.incidents
    }

    /// Bytes that a copy does not share with the next one, about.
    pub(crate) fn own_bytes(&self) -> usize {
        self.open.bytes() + self.closed.bytes() + self.series.buckets().len() * size_of::<usize>()
    }

    /// A request was answered.
    #[inline]
    pub(crate) fn answered(&mut self, took: SimDuration) {
        self.open.record(took);
    }

    /// When the open bucket ends.
    pub(crate) fn open_until(&self) -> SimTime {
        self.series.open_until()
    }

    /// Closes the open bucket: `reading` is how the world is when it ends.
    pub(crate) fn close(&mut self, totals: &Totals, reading: &Reading) {
        let width = u128::from(self.series.width().as_nanos());
        let work = reading.work.iter().zip(self.work_before.iter()).map(|(now, before)| {
            let busy = u128::from(now.busy_ns.saturating_sub(before.busy_ns)) * 1_000_000;
            let share = busy.checked_div(width * u128::from(now.workers)).unwrap_or(0);
            Work {
                queued: now.queued,
                busy_ppm: u32::try_from(share).unwrap_or(u32::MAX),
                served: u32::try_from(now.served.saturating_sub(before.served)).unwrap_or(u32::MAX),
            }
        });
        let bucket = Bucket::new(
            &totals.since(&self.totals_before),
            &self.open,
            work.collect(),
            reading.lag.as_slice().into(),
        );
        self.series.push(bucket);
        self.closed.add(&self.open);
        self.open = Histogram::default();
        self.totals_before = *totals;
        self.work_before = reading.work.as_slice().into();
    }
}
