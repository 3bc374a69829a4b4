//! When an open-loop population sends next: a Poisson process whose rate may change over time.
//!
//! How much is expected from now until the next request is drawn from the exponential distribution with mean 1; the
//! request comes when the rate, added up over time, has come to that (inversion: Çinlar, *Introduction to Stochastic
//! Processes*, 1975, section 4.7). A process has no memory, so when the rate is changed from outside, what was left
//! to be expected of the next request is expected at the new rate, and nothing is drawn for it.
//!
//! Under a steady rate the time between two requests is drawn directly, to the nanosecond.

use understudy_core::{SimDuration, SimTime};

use crate::plan::Pattern;
use crate::rng::Rng;

#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    draws: Rng,
    mean_gap: SimDuration,
    pattern: Pattern,
    /// How many times as much as usual, in an overload.
    times: u32,
    next_at: SimTime,
}

/// A stretch of time on which the rate is a straight line.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Requests per nanosecond at its start.
    rate: f64,
    /// By how much the rate changes per nanosecond.
    slope: f64,
    /// Where it ends; `None` if nowhere.
    nanos_left: Option<u64>,
}

#[expect(clippy::cast_precision_loss, reason = "53 bits of nanoseconds are 104 days")]
const fn float(nanos: u64) -> f64 {
    nanos as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and never negative")]
fn whole(nanos: f64) -> u64 {
    libm::round(nanos) as u64
}

impl Stretch {
    /// Requests expected in its first `nanos`.
    fn expected(&self, nanos: f64) -> f64 {
        nanos * (self.rate + self.slope * nanos / 2.0)
    }

    /// After how many nanoseconds so many requests were expected.
    fn until(&self, expected: f64) -> f64 {
        // The root of a square, in the form that loses no digits when the slope is small. It is never negative on the
        // stretch, but for rounding.
        let square = (self.rate * self.rate + 2.0 * self.slope * expected).max(0.0);
        2.0 * expected / (self.rate + libm::sqrt(square))
    }
}

impl Arrivals {
    pub(super) fn new(draws: Rng, mean_gap: SimDuration, pattern: Pattern) -> Self {
        Self { draws, mean_gap, pattern, times: 1, next_at: SimTime::ZERO }
    }

    pub(super) const fn mean_gap(&self) -> SimDuration {
        self.mean_gap
    }

    /// When the next request comes.
    pub(super) const fn next_at(&self) -> SimTime {
        self.next_at
    }

    /// Draws when the request after the one of `now` comes.
    pub(super) fn draw(&mut self, now: SimTime) -> SimTime {
        self.next_at = match self.pattern {
            Pattern::Steady if self.times == 1 => now + self.draws.exponential(self.mean_gap),
            Pattern::Steady | Pattern::Ramp { .. } | Pattern::Burst { .. } => {
                let expected = self.draws.unit_exponential();
                self.when(now, expected)
            }
        };
        self.next_at
    }

    /// Sets the rate, for good: a ramp ends with that, bursts go on.
    pub(super) fn set_mean_gap(&mut self, now: SimTime, mean_gap: SimDuration) {
        self.change(now, |arrivals| {
            arrivals.mean_gap = mean_gap;
            if let Pattern::Ramp { .. } = arrivals.pattern {
                arrivals.pattern = Pattern::Steady;
            }
        });
    }

    /// Sends so many times as much from now on.
    pub(super) fn set_times(&mut self, now: SimTime, times: u32) {
        self.change(now, |arrivals| arrivals.times = times);
    }

    fn change(&mut self, now: SimTime, change: impl FnOnce(&mut Self)) {
        let left = self.expected(now, self.next_at);
        change(self);
        self.next_at = self.when(now, left);
    }

    fn period(&self) -> Option<SimDuration> {
        match self.pattern {
            Pattern::Ramp { over, repeats: true, .. } => Some(over),
            Pattern::Burst { every, .. } => Some(every),
            Pattern::Steady | Pattern::Ramp { repeats: false, .. } => None,
        }
    }

    /// The rate from `at` on, as far as it is a straight line.
    fn stretch(&self, at: SimTime) -> Stretch {
        let usual = f64::from(self.times) / float(self.mean_gap.as_nanos());
        let level = |rate, nanos_left| Stretch { rate, slope: 0.0, nanos_left };
        match self.pattern {
            Pattern::Steady => level(usual, None),
            Pattern::Ramp { to_mean_gap, over, repeats } => {
                let end = f64::from(self.times) / float(to_mean_gap.as_nanos());
                let over = over.as_nanos();
                let gone = if repeats { at.as_nanos() % over } else { at.as_nanos().min(over) };
                if gone == over {
                    return level(end, None);
                }
                let slope = (end - usual) / float(over);
                Stretch { rate: usual + slope * float(gone), slope, nanos_left: Some(over - gone) }
            }
            Pattern::Burst { every, times_permille, lasts } => {
                let gone = at.as_nanos() % every.as_nanos();
                let calm = every.as_nanos() - lasts.as_nanos();
                if gone < calm {
                    level(usual, Some(calm - gone))
                } else {
                    level(usual * f64::from(times_permille) / 1e3, Some(every.as_nanos() - gone))
                }
            }
        }
    }

    /// How many requests are expected between two instants.
    fn expected(&self, from: SimTime, to: SimTime) -> f64 {
        let (mut at, mut sum) = (from, 0.0);
        if let Some(period) = self.period() {
            let times = to.since(from).as_nanos() / period.as_nanos();
            at += period * times;
            sum = float(times) * self.expected_in_period(from, period);
        }
        while at < to {
            let stretch = self.stretch(at);
            let left = to.since(at).as_nanos();
            let nanos = stretch.nanos_left.map_or(left, |nanos| nanos.min(left));
            sum += stretch.expected(float(nanos));
            at += SimDuration::from_nanos(nanos);
        }
        sum
    }

    fn expected_in_period(&self, from: SimTime, period: SimDuration) -> f64 {
        let (mut at, mut left, mut sum) = (from, period.as_nanos(), 0.0);
        while left > 0 {
            let stretch = self.stretch(at);
            let nanos = stretch.nanos_left.map_or(left, |nanos| nanos.min(left));
            sum += stretch.expected(float(nanos));
            at += SimDuration::from_nanos(nanos);
            left -= nanos;
        }
        sum
    }

    /// When so many requests were expected since `from`.
    fn when(&self, from: SimTime, mut expected: f64) -> SimTime {
        let mut at = from;
        if let Some(period) = self.period() {
            let in_period = self.expected_in_period(from, period);
            let periods = libm::floor(expected / in_period);
            expected = (expected - periods * in_period).max(0.0);
            at += period * whole(periods);
        }
        loop {
            let stretch = self.stretch(at);
            let after = whole(stretch.until(expected));
            match stretch.nanos_left {
                Some(nanos)
                    if at < SimTime::MAX && (after > nanos || stretch.expected(float(nanos)) < expected) =>
                {
                    expected = (expected - stretch.expected(float(nanos))).max(0.0);
                    at += SimDuration::from_nanos(nanos);
                }
                _ => return at + SimDuration::from_nanos(after),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(rate_per_s: u64, pattern: Pattern) -> Arrivals {
        let gap = SimDuration::from_nanos(1_000_000_000 / rate_per_s);
        Arrivals::new(Rng::for_purpose(1, "test"), gap, pattern)
    }

    /// How many requests come in each second.
    fn counts(arrivals: &mut Arrivals, seconds: usize) -> std::vec::Vec<u64> {
        let mut counts = std::vec![0; seconds];
        let mut at = SimTime::ZERO;
        loop {
            at = arrivals.draw(at);
            let second = usize::try_from(at.as_nanos() / 1_000_000_000).expect("few");
            if second >= seconds {
                return counts;
            }
            counts[second] += 1;
        }
    }

    /// Whether a Poisson count is what it should be, within five standard deviations.
    fn is_about(count: u64, expected: f64) -> bool {
        (float(count) - expected).abs() <= 5.0 * libm::sqrt(expected)
    }

    #[test]
    fn a_ramp_grows_evenly_and_stays_or_begins_anew() {
        let to_mean_gap = SimDuration::from_micros(200);
        for repeats in [false, true] {
            let ramp = Pattern::Ramp { to_mean_gap, over: SimDuration::from_secs(10), repeats };
            let counts = counts(&mut arrivals(1_000, ramp), 25);
            for (second, &count) in counts.iter().enumerate() {
                let into = if repeats { second % 10 } else { second.min(10) };
                let middle = if into == 10 { 10.0 } else { float(into as u64) + 0.5 };
                let expected = 1_000.0 + 400.0 * middle;
                assert!(is_about(count, expected), "second {second}: {count}, not {expected}");
            }
        }
    }

    #[test]
    fn bursts_come_every_so_often() {
        let burst = Pattern::Burst {
            every: SimDuration::from_secs(5),
            times_permille: 4_000,
            lasts: SimDuration::from_secs(2),
        };
        for (second, count) in counts(&mut arrivals(1_000, burst), 20).into_iter().enumerate() {
            let expected = if second % 5 < 3 { 1_000.0 } else { 4_000.0 };
            assert!(is_about(count, expected), "second {second}: {count}, not {expected}");
        }
    }

    #[test]
    fn a_change_counts_at_once_and_draws_nothing() {
        let mut arrivals = arrivals(1, Pattern::Steady);
        let next = arrivals.draw(SimTime::ZERO);
        let before = arrivals.draws.clone();
        arrivals.set_times(SimTime::ZERO, 1_000);
        let sooner = arrivals.next_at().as_nanos();
        assert!((sooner * 1_000).abs_diff(next.as_nanos()) <= 1_000, "{sooner} and {next}");
        arrivals.set_times(SimTime::ZERO, 1);
        assert!(arrivals.next_at().as_nanos().abs_diff(next.as_nanos()) <= 1_000);
        assert_eq!(arrivals.draws, before);
    }

    #[test]
    fn a_rate_that_is_very_low_is_no_reason_to_walk_through_every_burst() {
        let burst = Pattern::Burst {
            every: SimDuration::from_nanos(1_000),
            times_permille: 2_000,
            lasts: SimDuration::from_nanos(1),
        };
        let mut arrivals = Arrivals::new(Rng::for_purpose(1, "test"), SimDuration::from_secs(100_000), burst);
        let next = arrivals.draw(SimTime::ZERO);
        assert!(next > SimTime::from_secs(1_000), "{next}");
        arrivals.set_mean_gap(SimTime::from_secs(1), SimDuration::from_secs(1));
        assert!(arrivals.next_at() < SimTime::from_secs(50));
    }
}
