//! What a monitor got from one target over time.

use alloc::collections::VecDeque;

use super::Counters;
use crate::{SimDuration, SimTime};

/// The samples of one target, as long as they are needed.
#[derive(Clone, Debug)]
pub struct Series {
    keep: SimDuration,
    samples: VecDeque<(SimTime, Counters)>,
}

impl Series {
    /// A series that keeps samples for `keep`.
    pub const fn new(keep: SimDuration) -> Self {
        Self { keep, samples: VecDeque::new() }
    }

    /// A scrape was answered at `now`.
    pub fn push(&mut self, now: SimTime, counters: Counters) {
        self.samples.push_back((now, counters));
        while self.samples.front().is_some_and(|(at, _)| now.since(*at) > self.keep) {
            self.samples.pop_front();
        }
    }

    /// How much the counters grew from the first to the last sample within `window` before `until`; `None` with
    /// fewer than two.
    pub fn increase(&self, until: SimTime, window: SimDuration) -> Option<Counters> {
        let within = |at: SimTime| at <= until && until.since(at) <= window;
        let mut samples = self.samples.iter().filter(|(at, _)| within(*at)).map(|(_, counters)| counters);
        let mut before = samples.next()?;
        let mut grown = None;
        for sample in samples {
            grown.get_or_insert_with(Counters::default).add(&sample.since(before));
            before = sample;
        }
        grown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(requests: u32) -> Counters {
        let mut counters = Counters::default();
        for _ in 0..requests {
            counters.count(false, SimDuration::ZERO);
        }
        counters
    }

    fn series(samples: &[(u64, u32)]) -> Series {
        let mut series = Series::new(SimDuration::from_secs(60));
        for &(at, requests) in samples {
            series.push(SimTime::from_secs(at), counters(requests));
        }
        series
    }

    fn increase(series: &Series, until: u64, window: u64) -> Option<u64> {
        series
            .increase(SimTime::from_secs(until), SimDuration::from_secs(window))
            .map(|grown| grown.requests())
    }

    #[test]
    fn the_increase_is_over_the_window_only() {
        let series = series(&[(0, 0), (5, 10), (10, 30), (15, 60)]);
        assert_eq!(increase(&series, 15, 10), Some(50));
        assert_eq!(increase(&series, 10, 10), Some(30));
        assert_eq!(increase(&series, 15, 4), None, "one sample says nothing about growth");
    }

    #[test]
    fn a_process_that_started_anew_counts_from_zero() {
        let series = series(&[(0, 100), (5, 110), (10, 4), (15, 9)]);
        assert_eq!(increase(&series, 15, 20), Some(19));
    }

    #[test]
    fn old_samples_are_forgotten() {
        let series = series(&[(0, 0), (40, 10), (80, 20), (120, 30)]);
        assert_eq!(increase(&series, 120, 1_000), Some(10), "of the last 60 s two are left");
    }
}
