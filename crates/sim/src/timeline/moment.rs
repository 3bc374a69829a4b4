//! A world and how much of the reader's list of commands it has seen.

use alloc::rc::Rc;
use core::cmp::Ordering;

use understudy_core::SimTime;

use crate::command::TimedCommand;
use crate::plan::Plan;
use crate::sim::{Progress, Sim};
use crate::trace::TraceEntry;

/// A world on its way along a list of commands.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) sim: Sim,
    /// How many commands of the list it has carried out.
    pub(super) applied: usize,
}

/// A moment to be kept and not run until it is taken out again: smaller.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    moment: Moment,
    bytes: usize,
}

/// How copies are made. A program that never asks for it has none of the code that copies a world: a quarter of the
/// simulator's, in WebAssembly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copier {
    /// A copy of a moment, to be kept.
    pub(super) of: fn(&mut Moment) -> Kept,
    /// A copy of what was kept, that can be run.
    pub(super) take: fn(&Kept) -> Moment,
}

impl Copier {
    /// The one there is.
    pub(super) const PACKING: Self = Self { of: Kept::of, take: Kept::take };
}

impl Kept {
    /// The start of a run.
    pub(super) fn start(plan: Rc<Plan>, seed: u64) -> Self {
        Self { moment: Moment { sim: Sim::new(plan, seed), applied: 0 }, bytes: 0 }
    }

    fn of(moment: &mut Moment) -> Self {
        let bytes = moment.sim.size_when_kept();
        Self { moment: Moment { sim: moment.sim.packed(), applied: moment.applied }, bytes }
    }

    fn take(&self) -> Moment {
        Moment { sim: self.moment.sim.unpacked(), applied: self.moment.applied }
    }

    /// The start of a run that was made anew instead of copied.
    pub(super) fn into_moment(self) -> Moment {
        self.moment
    }

    /// Where it is: to be looked at only.
    pub(super) const fn peek(&self) -> &Moment {
        &self.moment
    }

    /// How large it is, about.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Moment {
    /// Before and after, along one run: by what has happened, then by the clock.
    pub(super) fn along(&self, other: &Self) -> Ordering {
        let place = |moment: &Self| (moment.sim.steps(), moment.sim.now());
        place(self).cmp(&place(other))
    }

    /// Whether it belongs to the run of `commands` too, which starts with the same `shared` commands; the next one
    /// of either list is at `next`.
    pub(super) fn is_before(&self, shared: usize, next: SimTime) -> bool {
        self.applied <= shared && self.sim.now() <= next
    }

    /// Lets the next event or command happen if it is due by `until`.
    pub(super) fn step(&mut self, commands: &[TimedCommand], until: SimTime) -> Option<TraceEntry> {
        let next = commands.get(self.applied).filter(|timed| timed.at <= until);
        // A command takes effect after everything that is due by its instant.
        if let Some(entry) = self.sim.step(next.map_or(until, |timed| timed.at)) {
            return Some(entry);
        }
        let next = next?;
        self.applied += 1;
        Some(self.sim.carry_out_at(next.at, next.command))
    }

    /// Lets everything up to and at `target` happen, but no more than `max_steps` events and commands.
    pub(super) fn run_until(
        &mut self,
        commands: &[TimedCommand],
        target: SimTime,
        max_steps: u64,
    ) -> Progress {
        let stop = self.sim.steps().saturating_add(max_steps);
        while self.sim.steps() < stop {
            let next = commands.get(self.applied).filter(|timed| timed.at <= target);
            let until = next.map_or(target, |timed| timed.at);
            if self.sim.run_until(until, stop - self.sim.steps()) == Progress::OutOfBudget {
                break;
            }
            let Some(next) = next else { return Progress::Reached };
            self.applied += 1;
            self.sim.carry_out_at(next.at, next.command);
        }
        Progress::OutOfBudget
    }
}
