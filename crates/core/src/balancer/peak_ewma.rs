//! Peak EWMA: the server that is likely to answer soonest. Each server's latency is remembered as a moving
//! average that a slow answer lifts at once and that time brings down; of two servers drawn at random, the one
//! with the lower average times requests under way is picked.
//!
//! Follows Finagle's `PeakEwma` load metric (`com.twitter.finagle.loadbalancer`) over two random choices, which
//! linkerd took over; its time constant is 10 s. A server that has not answered yet costs nothing until a request
//! is on it, and then more than any other until that has ended: so each is tried by one request first.
//!
//! Here as integers, for the order of events hangs on it: nanoseconds, and a decay computed to one part in 10,000.
//! Two additions: load is divided by weight; and a failed attempt counts as an answer that took the time constant,
//! or a server that refuses at once would look like the fastest of all. Flat, as two choices is.

use alloc::vec;
use alloc::vec::Vec;

use super::reason::{Because, Choice};
use super::server::{Outcome, Server, ServerIndex};
use super::shares::Shares;
use super::turn::Turn;
use super::two_choices::draw_two;
use crate::time::{SimDuration, SimTime};

/// Costs more than any latency, and still bears being multiplied by requests and weights.
const UNKNOWN_AND_BUSY: u64 = u64::MAX >> 16;

/// One in the fixed point used here: 32 bits after the point.
const ONE: u64 = 1 << 32;

/// The averages of all servers of a pool.
#[derive(Clone, Debug)]
pub(super) struct PeakEwma {
    decay: SimDuration,
    averages: Vec<Average>,
}

/// One server's average as it was at its last answer.
#[derive(Clone, Copy, Debug, Default)]
struct Average {
    nanos: u64,
    at: SimTime,
}

impl PeakEwma {
    pub(super) fn new(decay: SimDuration, servers: usize) -> Self {
        assert!(decay >= SimDuration::from_micros(1), "the time constant of the average is at least 1 us");
        Self { decay, averages: vec![Average::default(); servers] }
    }

    pub(super) fn pick(&self, turn: &mut Turn<'_>, shares: &Shares, random: u64) -> Option<Choice> {
        let (first, second) = draw_two(turn, shares, random)?;
        let load = |index: usize| self.load(index, &turn.servers[index], turn.now);
        let (first_load, second_load) = (load(first), load(second));
        let weight = |index: usize| u128::from(turn.servers[index].config.weight.0);
        let second_is_worse =
            u128::from(second_load) * weight(first) > u128::from(first_load) * weight(second);
        let (index, load, other, other_load) = if second_is_worse {
            (first, first_load, second, second_load)
        } else {
            (second, second_load, first, first_load)
        };
        let because = Because::SoonerOfTwo {
            expected: SimDuration::from_nanos(load),
            other: ServerIndex::of(other),
            other_expected: (other_load < UNKNOWN_AND_BUSY).then(|| SimDuration::from_nanos(other_load)),
        };
        Some(Choice { index, because })
    }

    /// What the average of a server has come down to; zero before its first answer.
    pub(super) fn average(&self, index: usize, now: SimTime) -> SimDuration {
        let Average { nanos, at } = self.averages[index];
        SimDuration::from_nanos(scale(nanos, decayed(now.since(at), self.decay)))
    }

    pub(super) fn handle_result(&mut self, now: SimTime, server: ServerIndex, outcome: Outcome) {
        let took = match outcome {
            Outcome::Answered { took } => took,
            Outcome::Failed => self.decay,
            Outcome::Abandoned => return,
        }
        .as_nanos();
        let Average { nanos, at } = self.averages[server.get()];
        let kept = decayed(now.since(at), self.decay);
        let nanos = if took > nanos { took } else { scale(nanos, kept) + scale(took, ONE - kept) };
        self.averages[server.get()] = Average { nanos, at: now };
    }

    /// Nanoseconds until one more request would be answered, if requests are answered one after the other.
    fn load(&self, index: usize, server: &Server, now: SimTime) -> u64 {
        let connections = u64::from(server.connections);
        let average = self.average(index, now).as_nanos();
        if average == 0 && connections > 0 {
            return UNKNOWN_AND_BUSY + connections;
        }
        average.saturating_mul(connections + 1).min(UNKNOWN_AND_BUSY - 1)
    }
}

/// `number` times a fixed-point factor of at most one, rounded down.
fn scale(number: u64, factor: u64) -> u64 {
    u64::try_from((u128::from(number) * u128::from(factor)) >> 32).expect("a factor of at most one")
}

/// `exp(-elapsed / decay)` in fixed point: a shift for the whole powers of two, a series for the rest.
fn decayed(elapsed: SimDuration, decay: SimDuration) -> u64 {
    /// `log2(e)` and `ln(2)`.
    const LOG2_E: u128 = 6_196_328_019;
    const LN_2: u64 = 2_977_044_472;
    let halvings = u128::from(elapsed.as_nanos()) * LOG2_E / u128::from(decay.as_nanos());
    if halvings >= u128::from(32 * ONE) {
        return 0;
    }
    let halvings = u64::try_from(halvings).expect("below 32");
    let (whole, rest) = (halvings >> 32, halvings & (ONE - 1));
    let exponent = (rest * LN_2) >> 32;
    // 1 - x (1 - x/2 (1 - x/3 ...)), off by less than x^7 / 7! < 2 in 100,000 for x up to ln(2).
    let series = (1..=6).rev().fold(ONE, |inner, term| ONE - ((exponent * inner) >> 32) / term);
    series >> whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECAY: SimDuration = SimDuration::from_secs(10);

    #[test]
    fn the_decay_is_the_exponential() {
        // exp(-x) for x in tenths, times 1,000,000.
        for (tenths, millionths) in
            [(0, 1_000_000), (1, 904_837), (5, 606_531), (10, 367_879), (23, 100_259), (50, 6_738), (100, 45)]
        {
            let elapsed = SimDuration::from_secs(tenths);
            let computed = scale(1_000_000, decayed(elapsed, DECAY));
            assert!(computed.abs_diff(millionths) <= 20, "exp(-{tenths}/10): {computed}");
        }
        assert_eq!(decayed(SimDuration::from_secs(100_000), DECAY), 0);
        assert_eq!(decayed(SimDuration::MAX, SimDuration::from_micros(1)), 0);
    }

    #[test]
    fn the_decay_never_rises_with_time() {
        let weights = (0..40_000).map(|step| decayed(SimDuration::from_millis(step), DECAY));
        assert!(weights.is_sorted_by(|earlier, later| earlier >= later));
    }

    #[test]
    fn a_slow_answer_counts_at_once_and_fast_ones_only_with_time() {
        let mut ewma = PeakEwma::new(DECAY, 1);
        let mut answer = |at: u64, took_ms: u64| {
            let took = SimDuration::from_millis(took_ms);
            ewma.handle_result(SimTime::from_secs(at), ServerIndex(0), Outcome::Answered { took });
            ewma.average(0, SimTime::from_secs(at)).as_nanos() / 1_000_000
        };
        assert_eq!(answer(1, 10), 10);
        assert_eq!(answer(1, 500), 500);
        assert_eq!(answer(2, 10), 453);
        assert_eq!(answer(12, 10), 173);
    }

    #[test]
    fn a_failure_costs_as_much_as_the_slowest_answer_and_leaving_costs_nothing() {
        let mut ewma = PeakEwma::new(DECAY, 1);
        ewma.handle_result(SimTime::ZERO, ServerIndex(0), Outcome::Abandoned);
        assert_eq!(ewma.average(0, SimTime::ZERO), SimDuration::ZERO);
        ewma.handle_result(SimTime::ZERO, ServerIndex(0), Outcome::Failed);
        assert_eq!(ewma.average(0, SimTime::ZERO), DECAY);
    }
}
