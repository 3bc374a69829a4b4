//! Numbers over time in flat memory: a fixed number of buckets, which grow twice as wide when all are full.
//!
//! A bucket holds what happened after its start, up to and at its end. It is closed by the first event after its
//! end, from counts that the world keeps anyway, so an event costs one comparison and no more.

use alloc::rc::Rc;
use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use super::histogram::{Histogram, Latency, Packed};
use crate::ids::NodeId;
use crate::outcome::Totals;

/// How many buckets there are at most.
pub const BUCKETS: usize = 240;
/// How wide a bucket is at first: all of them together are one minute.
pub const FIRST_WIDTH: SimDuration = SimDuration::from_millis(250);

/// The work of one node's workers in one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Requests that waited for a worker when the bucket ended; of buckets that grew together, the most.
    pub queued: u32,
    /// Busy share of all worker time, in millionths.
    pub busy_ppm: u32,
    /// Requests answered.
    pub served: u32,
}

/// How far a database was behind the primary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lag {
    /// Bytes of the primary's log that its reads did not see yet when the bucket ended; of buckets that grew
    /// together, the most.
    pub bytes: u64,
    /// How long ago the primary had written the first of these.
    pub time: SimDuration,
}

/// What happened in one stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Requests that were sent and that ended, reads and writes, in this stretch.
    pub totals: Totals,
    /// How long the answered requests took that ended in it.
    pub latency: Latency,
    latencies: Packed,
    work: Rc<[Work]>,
    lag: Rc<[Lag]>,
}

impl Bucket {
    pub(super) fn new(totals: &Totals, latencies: &Histogram, work: Rc<[Work]>, lag: Rc<[Lag]>) -> Self {
        Self { totals: *totals, latency: latencies.summary(), latencies: Packed::of(latencies), work, lag }
    }

    /// A node's work; zeros for a node without workers.
    pub fn work(&self, node: NodeId) -> Work {
        self.work.get(node.get()).copied().unwrap_or_default()
    }

    /// The work of every node, in scenario order.
    pub(super) fn works(&self) -> &[Work] {
        &self.work
    }

    /// How far each database was behind, in the order of [`Plan::databases`](crate::Plan::databases).
    pub fn lag(&self) -> &[Lag] {
        &self.lag
    }

    /// All durations of the answered requests that ended in it.
    pub fn latencies(&self) -> Histogram {
        self.latencies.unpack()
    }

    /// This bucket and the one that follows it as one.
    fn with(&self, next: &Self) -> Self {
        let mut latencies = self.latencies();
        latencies.add(&next.latencies());
        let work = self.work.iter().zip(next.work.iter()).map(|(one, other)| Work {
            queued: one.queued.max(other.queued),
            busy_ppm: one.busy_ppm.midpoint(other.busy_ppm),
            served: one.served.saturating_add(other.served),
        });
        let lag = self
            .lag
            .iter()
            .zip(next.lag.iter())
            .map(|(one, other)| Lag { bytes: one.bytes.max(other.bytes), time: one.time.max(other.time) });
        Self::new(&self.totals.plus(&next.totals), &latencies, work.collect(), lag.collect())
    }
}

/// The closed buckets of a run, from its start on. Copies share them.
#[derive(Clone, Debug)]
pub struct Series {
    width: SimDuration,
    closed: Vec<Rc<Bucket>>,
}

impl Default for Series {
    fn default() -> Self {
        Self { width: FIRST_WIDTH, closed: Vec::new() }
    }
}

impl Series {
    /// How wide each bucket is.
    pub const fn width(&self) -> SimDuration {
        self.width
    }

    /// The closed buckets and the instant at which each starts, oldest first.
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = (SimTime, &Bucket)> + ExactSizeIterator {
        let width = self.width;
        self.closed.iter().enumerate().map(move |(place, bucket)| {
            (SimTime::ZERO + width * u64::try_from(place).expect("there are few"), &**bucket)
        })
    }

    /// The last buckets, from the latest that starts at or before `since`, and when that is: the start of the open one
    /// if there is none.
    pub(super) fn from(&self, since: SimTime) -> (SimTime, &[Rc<Bucket>]) {
        let place = since.as_nanos() / self.width.as_nanos();
        let place = usize::try_from(place).unwrap_or(usize::MAX).min(self.closed.len());
        let start = SimTime::ZERO + self.width * u64::try_from(place).expect("there are few");
        (start, &self.closed[place..])
    }

    /// When the open bucket starts.
    pub fn open_since(&self) -> SimTime {
        SimTime::ZERO + self.width * u64::try_from(self.closed.len()).expect("there are few")
    }

    /// When the open bucket ends.
    pub(super) fn open_until(&self) -> SimTime {
        self.open_since() + self.width
    }

    /// Closes the open bucket.
    pub(super) fn push(&mut self, bucket: Bucket) {
        self.closed.push(Rc::new(bucket));
        if self.closed.len() == BUCKETS {
            self.closed = self.closed.chunks_exact(2).map(|pair| Rc::new(pair[0].with(&pair[1]))).collect();
            self.width = self.width * 2;
        }
    }
}
