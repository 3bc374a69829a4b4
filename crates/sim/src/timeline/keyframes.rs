//! Copies of the world along a run, from which any instant is reached by running on.
//!
//! They stand close together near the newest one and ever further apart before it: of those that are so many steps
//! old, every second one is dropped each time that the age doubles, until they are [`Keeping::widest`] apart. So their
//! number grows with the logarithm of the run's length for the first minutes, and the way from the last one before an
//! instant stays short. When there are more than [`Keeping::keyframes`], or they are larger together than
//! [`Keeping::bytes`], the widest distance doubles: memory is bounded however long the run is.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use understudy_core::SimTime;

use super::moment::{Copier, Kept, Moment};

/// A copy is dropped when it is so many times older than the distance at which it stands.
const AGE_IN_GAPS: u64 = 4;

/// How much a timeline remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// How many copies of the world are kept at most; at least 2.
    pub keyframes: usize,
    /// How large they may be together, about, in bytes.
    pub bytes: usize,
    /// Events and commands between the newest two; at least 1.
    pub first_interval: u64,
    /// How often that doubles towards the start of the run. Once more each time that there are too many.
    pub doublings: u32,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { keyframes: 96, bytes: 32 << 20, first_interval: 8_192, doublings: 4 }
    }
}

/// The keyframes of one run, in order. Copies share them.
#[derive(Clone, Debug)]
pub(super) struct Keyframes {
    list: Vec<Rc<Kept>>,
    keeping: Keeping,
    /// Steps between two of them: at the end of the run and, at most, anywhere.
    interval: u64,
    widest: u64,
    bytes: usize,
}

impl Keyframes {
    /// Only the start of the run.
    pub(super) fn new(start: Kept, keeping: Keeping) -> Self {
        let bytes = start.bytes();
        let interval = keeping.first_interval.max(1);
        let widest = interval.saturating_mul(1 << keeping.doublings);
        Self { list: vec![Rc::new(start)], keeping, interval, widest, bytes }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// How large they are together, about.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Steps between two of them, at most.
    pub(super) const fn widest(&self) -> u64 {
        self.widest
    }

    /// The step after `steps` at which a keyframe may belong.
    pub(super) const fn next_due(&self, steps: u64) -> u64 {
        (steps / self.interval + 1) * self.interval
    }

    /// Keeps `moment` if it stands where a keyframe belongs and none is kept.
    pub(super) fn offer(&mut self, moment: &mut Moment, copier: &Copier) {
        let steps = moment.sim.steps();
        let is_new = self.list.last().is_none_or(|last| last.peek().sim.steps() < steps);
        if !steps.is_multiple_of(self.interval) || !is_new {
            return;
        }
        self.list.push(Rc::new((copier.of)(moment)));
        self.thin(steps);
        let Keeping { keyframes, bytes, .. } = self.keeping;
        while self.list.len() > 2 && (self.list.len() > keyframes || self.bytes > bytes) {
            self.widest = self.widest.saturating_mul(2);
            // Nothing but the newest ones is left to be dropped.
            if self.widest > steps {
                self.interval = self.interval.saturating_mul(2);
            }
            self.thin(steps);
        }
    }

    /// Drops those that stand closer together than their age allows; the newest one has so many steps.
    fn thin(&mut self, newest: u64) {
        let Self { interval, widest, .. } = *self;
        self.list.retain(|kept| {
            let steps = kept.peek().sim.steps();
            // The widest distance at which it would still stand.
            let gap = if steps == 0 { u64::MAX } else { steps & steps.wrapping_neg() };
            steps.is_multiple_of(interval)
                && (gap >= widest || newest - steps <= gap.saturating_mul(AGE_IN_GAPS))
        });
        self.weigh();
    }

    /// The last one at or before an instant.
    pub(super) fn at_or_before(&self, at: SimTime) -> &Rc<Kept> {
        self.last_that(|moment| moment.sim.now() <= at)
    }

    /// The last one with at most so many steps.
    pub(super) fn with_at_most(&self, steps: u64) -> &Rc<Kept> {
        self.last_that(|moment| moment.sim.steps() <= steps)
    }

    /// The last one for which `wanted` holds, as it does for all before.
    pub(super) fn last_that(&self, wanted: impl Fn(&Moment) -> bool) -> &Rc<Kept> {
        let count = self.list.partition_point(|kept| wanted(kept.peek()));
        &self.list[count.saturating_sub(1)]
    }

    /// Forgets those after the first for which `wanted` does not hold; the start is always kept.
    pub(super) fn keep_while(&mut self, wanted: impl Fn(&Moment) -> bool) {
        let count = self.list.partition_point(|kept| wanted(kept.peek()));
        self.list.truncate(count.max(1));
        self.weigh();
    }

    fn weigh(&mut self) {
        self.bytes = self.list.iter().map(|kept| kept.bytes()).sum();
    }
}
