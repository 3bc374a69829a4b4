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

/// The books of one run.
#[derive(Clone, Debug)]
pub struct Metrics {
    series: Series,
    /// Durations of the answered requests that ended in closed buckets, and in the open one.
    closed: Histogram,
    open: Histogram,
    /// What the totals, and the workers' busy time, were when the open bucket started.
    totals_before: Totals,
    busy_before: Rc<[u64]>,
    incidents: Incidents,
}

impl Metrics {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            series: Series::default(),
            closed: Histogram::default(),
            open: Histogram::default(),
            totals_before: Totals::default(),
            busy_before: vec![0; plan.nodes().len()].into(),
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
        let work = reading.work.iter().zip(self.busy_before.iter()).map(|(now, before)| {
            let busy = u128::from(now.busy_ns.saturating_sub(*before)) * 1_000_000;
            let share = busy.checked_div(width * u128::from(now.workers)).unwrap_or(0);
            Work { queued: now.queued, busy_ppm: u32::try_from(share).unwrap_or(u32::MAX) }
        });
        let bucket = Bucket::new(
            totals.since(&self.totals_before),
            &self.open,
            work.collect(),
            reading.lag.as_slice().into(),
        );
        self.series.push(bucket);
        self.closed.add(&self.open);
        self.open = Histogram::default();
        self.totals_before = *totals;
        self.busy_before = reading.work.iter().map(|work| work.busy_ns).collect();
    }
}
