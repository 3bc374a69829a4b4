//! Another run for a while: the one before is kept and can be had back.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_sim::command::CommandError;
use understudy_sim::{Plan, SimTime, TimedCommand, Timeline};

use super::{EVENTS_A_LOOK, Lab};

/// So many runs are kept, one under the other.
const MOST: usize = 4;

/// A run that can be had back.
pub(super) struct Former {
    timeline: Timeline,
    plan: Rc<Plan>,
    scenario: Rc<str>,
    seed: u64,
}

impl Lab {
    /// Opens a run of `plan`, which `scenario` is the text of, with commands on its agenda, at an instant, and lets it
    /// pass. The run that was open can be had back: it is kept under `why`, in a sentence for the reader.
    pub fn try_out(
        &self,
        plan: &Rc<Plan>,
        scenario: &str,
        commands: Vec<TimedCommand>,
        at: SimTime,
        why: String,
    ) -> Result<(), CommandError> {
        let seed = self.kept.with_value(|kept| kept.seed);
        let mut run = Timeline::new(plan.clone(), seed);
        if !commands.is_empty() {
            run = run.with_commands(commands)?;
        }
        let _ = run.seek(at, EVENTS_A_LOOK);
        let former = Former {
            timeline: self.timeline(Timeline::fork),
            plan: self.run.get_untracked().plan(),
            scenario: self.scenario().into(),
            seed,
        };
        let mut trials = self.trials.get_untracked();
        let mut formers =
            self.kept.try_update_value(|kept| std::mem::take(&mut kept.formers)).unwrap_or_default();
        formers.push(former);
        trials.push(why);
        if formers.len() > MOST {
            formers.remove(0);
            trials.remove(0);
        }
        self.open_run(plan, scenario, run, seed);
        self.kept.update_value(|kept| kept.formers = formers);
        self.trials.set(trials);
        self.set_playing(true);
        Ok(())
    }

    /// The run that was open before the last trial, at the instant at which it was left.
    pub fn take_back(&self) {
        let mut trials = self.trials.get_untracked();
        let mut formers =
            self.kept.try_update_value(|kept| std::mem::take(&mut kept.formers)).unwrap_or_default();
        let Some(Former { timeline, plan, scenario, seed }) = formers.pop() else { return };
        trials.pop();
        self.set_playing(false);
        self.open_run(&plan, &scenario, timeline, seed);
        self.kept.update_value(|kept| kept.formers = formers);
        self.trials.set(trials);
    }
}
