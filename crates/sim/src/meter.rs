//! Meters over the last second, in whole numbers.
//!
//! Time is cut into slots of 100 ms. A reading covers the ten complete slots before the current one, so it lags
//! by at most 100 ms and never shows a slot that is only half over.

use understudy_core::{SimDuration, SimTime};

const SLOT: SimDuration = SimDuration::from_millis(100);
const READ: usize = 10;
/// The slots that are read and the current one.
const KEPT: usize = READ + 1;

/// The slots' sums, by slot number modulo [`KEPT`]. What falls into the current one is added up apart: a meter is told
/// something with every event, and then only adds.
#[derive(Clone, Debug, Default)]
struct Slots {
    sums: [u64; KEPT],
    current: u64,
    /// What fell into the current slot since it was last put down.
    open: u64,
    /// When the current slot ends; zero before the first.
    ends: SimTime,
}

const fn slot_of(at: SimTime) -> u64 {
    at.as_nanos() / SLOT.as_nanos()
}

impl Slots {
    /// Makes the slot of `now` the current one, if it is not.
    #[inline]
    fn come_to(&mut self, now: SimTime) {
        if now >= self.ends {
            self.turn(now);
        }
    }

    #[cold]
    fn turn(&mut self, now: SimTime) {
        let slot = slot_of(now);
        self.advance_to(slot);
        self.ends = SimTime::from_nanos((slot + 1) * SLOT.as_nanos());
    }

    /// Makes `slot` the current one and empties those skipped on the way.
    fn advance_to(&mut self, slot: u64) {
        let open = core::mem::take(&mut self.open);
        *self.at(self.current) += open;
        let steps = slot.saturating_sub(self.current).min(KEPT as u64);
        self.current = self.current.max(slot);
        for back in 0..steps {
            *self.at(self.current - back) = 0;
        }
    }

    fn at(&mut self, slot: u64) -> &mut u64 {
        let index = usize::try_from(slot % KEPT as u64).expect("below KEPT");
        &mut self.sums[index]
    }

    /// The sum over the ten slots before the one of `now`.
    fn sum(&self, now: SimTime) -> u64 {
        let mut seen = self.clone();
        seen.advance_to(slot_of(now));
        *seen.at(seen.current) = 0;
        seen.sums.iter().sum()
    }
}

/// Counts events.
#[derive(Clone, Debug, Default)]
pub(crate) struct RateMeter(Slots);

impl RateMeter {
    #[inline]
    pub(crate) fn count(&mut self, now: SimTime) {
        self.0.come_to(now);
        self.0.open += 1;
    }

    /// Events in the last second.
    pub(crate) fn per_second(&self, now: SimTime) -> u32 {
        u32::try_from(self.0.sum(now)).unwrap_or(u32::MAX)
    }
}

/// Adds up how long workers were busy.
#[derive(Clone, Debug, Default)]
pub(crate) struct BusyMeter {
    slots: Slots,
    busy: u32,
    since: SimTime,
    /// Busy time of all workers together up to `since`, in nanoseconds.
    total_ns: u64,
}

impl BusyMeter {
    /// From `now` on, `busy` workers are.
    #[inline]
    pub(crate) fn set(&mut self, now: SimTime, busy: u32) {
        self.account(now);
        self.busy = busy;
    }

    /// Busy time of all workers together since the start of the run, in nanoseconds.
    pub(crate) const fn total_ns(&self, now: SimTime) -> u64 {
        self.total_ns + self.busy as u64 * now.since(self.since).as_nanos()
    }

    /// Busy share of `workers` over the last second, in parts per thousand.
    pub(crate) fn permille(&self, now: SimTime, workers: u32) -> u32 {
        let mut seen = self.clone();
        seen.account(now);
        let whole = u64::from(workers) * SLOT.as_nanos() * READ as u64;
        u32::try_from(seen.slots.sum(now) * 1_000 / whole).expect("at most a thousand")
    }

    /// Adds the time from `since` to `now` to the slots it fell into.
    #[inline]
    fn account(&mut self, now: SimTime) {
        let spent = u64::from(self.busy) * now.since(self.since).as_nanos();
        self.total_ns += spent;
        // The current slot is the one of `since`.
        if now < self.slots.ends {
            self.slots.open += spent;
        } else {
            self.share_out(now);
        }
        self.since = now;
    }

    #[cold]
    fn share_out(&mut self, now: SimTime) {
        let last = slot_of(now);
        // Older slots than those kept would be emptied again at once.
        let first = slot_of(self.since).max(last.saturating_sub(READ as u64));
        for slot in first..=last {
            self.slots.advance_to(slot);
            let start = SimTime::from_nanos(slot * SLOT.as_nanos()).max(self.since);
            let end = SimTime::from_nanos((slot + 1) * SLOT.as_nanos()).min(now);
            *self.slots.at(slot) += u64::from(self.busy) * end.since(start).as_nanos();
        }
        self.slots.come_to(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_covers_the_last_whole_second() {
        let mut meter = RateMeter::default();
        for event in 0..40 {
            meter.count(SimTime::from_millis(event * 50));
        }
        assert_eq!(meter.per_second(SimTime::from_millis(2_000)), 20);
        assert_eq!(meter.per_second(SimTime::from_millis(2_500)), 10);
        assert_eq!(meter.per_second(SimTime::from_secs(10)), 0);
    }

    #[test]
    fn busy_time_is_shared_out_exactly() {
        let mut meter = BusyMeter::default();
        meter.set(SimTime::from_millis(50), 2);
        meter.set(SimTime::from_millis(550), 0);
        // Two of four workers for half of the second.
        assert_eq!(meter.permille(SimTime::from_millis(1_000), 4), 250);
        assert_eq!(meter.permille(SimTime::from_millis(1_300), 4), 125);
        meter.set(SimTime::from_secs(60), 4);
        assert_eq!(meter.permille(SimTime::from_secs(70), 4), 1_000);
    }
}
