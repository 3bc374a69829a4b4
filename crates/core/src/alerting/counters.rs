//! What a server counts of its requests, and what can be told from how the counts grew.

use crate::SimDuration;

/// The upper bounds of the times that are counted apart, those of Prometheus' client libraries; above the last one
/// there is one count more.
pub const BOUNDS: [SimDuration; 11] = [
    SimDuration::from_millis(5),
    SimDuration::from_millis(10),
    SimDuration::from_millis(25),
    SimDuration::from_millis(50),
    SimDuration::from_millis(100),
    SimDuration::from_millis(250),
    SimDuration::from_millis(500),
    SimDuration::from_millis(1_000),
    SimDuration::from_millis(2_500),
    SimDuration::from_millis(5_000),
    SimDuration::from_millis(10_000),
];

const MILLION: u128 = 1_000_000;

/// Counts that only grow, until the process that keeps them starts anew. Also: how much they grew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    requests: u64,
    failed: u64,
    /// Requests by the time they took: each up to its bound and beyond the one before.
    by_time: [u64; BOUNDS.len() + 1],
}

impl Counters {
    /// Counts a request that took so long.
    pub fn count(&mut self, failed: bool, took: SimDuration) {
        self.requests += 1;
        self.failed += u64::from(failed);
        self.by_time[BOUNDS.partition_point(|bound| *bound < took)] += 1;
    }

    /// All requests.
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    /// Those that failed.
    pub const fn failed(&self) -> u64 {
        self.failed
    }

    /// Share of the requests that failed, in parts of a million; `None` if there were none.
    pub fn failed_ppm(&self) -> Option<u32> {
        let ppm = (u128::from(self.failed) * MILLION).checked_div(u128::from(self.requests))?;
        Some(u32::try_from(ppm).expect("the failed are among the requests"))
    }

    /// The time within which so many of a million requests were done, as `histogram_quantile()` estimates it: evenly
    /// spread between the two bounds that it lies between, and never above the last one. `None` if there were none.
    pub fn quantile(&self, ppm: u32) -> Option<SimDuration> {
        if self.requests == 0 {
            return None;
        }
        // In millionths of a request.
        let rank = u128::from(self.requests) * u128::from(ppm.min(1_000_000));
        let mut below = 0_u128;
        let mut lower = SimDuration::ZERO;
        for (&upper, &count) in BOUNDS.iter().zip(&self.by_time) {
            let inside = u128::from(count) * MILLION;
            if rank <= below + inside && count > 0 {
                let width = u128::from((upper - lower).as_nanos());
                let part = u64::try_from(width * (rank - below) / inside).expect("at most the width");
                return Some(lower + SimDuration::from_nanos(part));
            }
            below += inside;
            lower = upper;
        }
        Some(lower)
    }

    /// How much they grew since `earlier`. Counts that are lower now were started anew at zero in between.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        if self.requests < earlier.requests || self.failed < earlier.failed {
            return *self;
        }
        let mut grown = *self;
        grown.requests -= earlier.requests;
        grown.failed -= earlier.failed;
        for (count, before) in grown.by_time.iter_mut().zip(earlier.by_time) {
            *count = count.saturating_sub(before);
        }
        grown
    }

    pub(super) fn add(&mut self, more: &Self) {
        self.requests += more.requests;
        self.failed += more.failed;
        for (count, more) in self.by_time.iter_mut().zip(more.by_time) {
            *count += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(times_ms: &[u64]) -> Counters {
        let mut counters = Counters::default();
        for &ms in times_ms {
            counters.count(false, SimDuration::from_millis(ms));
        }
        counters
    }

    #[test]
    fn a_quantile_lies_between_the_bounds_of_its_times() {
        let counters = counted(&[3, 3, 7, 7, 7, 20, 20, 80, 80, 80]);
        assert_eq!(
            counters.quantile(200_000),
            Some(SimDuration::from_millis(5)),
            "two of ten are up to 5 ms"
        );
        assert_eq!(counters.quantile(500_000), Some(SimDuration::from_millis(10)));
        assert_eq!(counters.quantile(850_000), Some(SimDuration::from_millis(75)), "half of the last three");
        assert_eq!(counters.quantile(1_000_000), Some(SimDuration::from_millis(100)));
    }

    #[test]
    fn beyond_the_last_bound_nothing_is_known() {
        assert_eq!(counted(&[60_000]).quantile(990_000), Some(SimDuration::from_secs(10)));
        assert_eq!(Counters::default().quantile(990_000), None);
        assert_eq!(Counters::default().failed_ppm(), None);
    }

    #[test]
    fn a_share_is_that_of_the_failed() {
        let mut counters = counted(&[1, 1, 1]);
        counters.count(true, SimDuration::ZERO);
        assert_eq!((counters.failed_ppm(), counters.failed()), (Some(250_000), 1));
    }
}
