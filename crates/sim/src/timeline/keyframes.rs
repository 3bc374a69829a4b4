//! Copies of the world along a run, from which any instant is reached by running on.
//!
//! They stand at every so many steps. When there are more than [`Keeping::keyframes`], every second one is dropped and they
//! stand twice as far apart: memory is bounded however long the run is, and the way from the last one before an
//! instant is at most one distance.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use understudy_core::SimTime;

use super::moment::{Copier, Kept, Moment};

/// How much a timeline remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// How many copies of the world are kept at most; at least 2.
    pub keyframes: usize,
    /// How large they may be together, about, in bytes.
    pub bytes: usize,
    /// Events and commands between two of them at first; at least 1. It doubles when there are too many.
    pub first_interval: u64,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { keyframes: 256, bytes: 64 << 20, first_interval: 8_192 }
    }
}

/// The keyframes of one run, in order. Copies share them.
#[derive(Clone, Debug)]
pub(super) struct Keyframes {
    list: Vec<Rc<Kept>>,
    keeping: Keeping,
    interval: u64,
    bytes: usize,
}

impl Keyframes {
    /// Only the start of the run.
    pub(super) fn new(start: Kept, keeping: Keeping) -> Self {
        let bytes = start.bytes();
        Self { list: vec![Rc::new(start)], keeping, interval: keeping.first_interval.max(1), bytes }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// How large they are together, about.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Steps between two of them.
    pub(super) const fn interval(&self) -> u64 {
        self.interval
    }

    /// The step after `steps` at which a keyframe belongs.
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
        let kept = (copier.of)(moment);
        self.bytes += kept.bytes();
        self.list.push(Rc::new(kept));
        let Keeping { keyframes, bytes, .. } = self.keeping;
        while self.list.len() > 2 && (self.list.len() > keyframes || self.bytes > bytes) {
            self.interval = self.interval.saturating_mul(2);
            self.list.retain(|kept| kept.peek().sim.steps().is_multiple_of(self.interval));
            self.weigh();
        }
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
