//! Fixes: what one would change, and doing it.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_audit::findings::Level;
use understudy_sim::SimTime;
use understudy_sim::plan::Plan;
use understudy_sim::scenario::Scenario;

use super::findings::{Change, change};
use super::{Audit, Done, Purpose, play};
use crate::problem::Problem;

/// The audit after a fix beside the one before.
pub struct Preview {
    /// The finding that it is for.
    pub number: usize,
    /// By service: its name, the answered share before and after, downtime a month before and after, in seconds.
    pub services: Vec<(&'static str, [f64; 2], [f64; 2])>,
    /// Findings of each level before and after, the worst first.
    pub counts: [(Level, [usize; 2]); 3],
    /// What disappears and what comes.
    pub change: Change,
    /// Whether the finding itself disappears.
    pub mended: bool,
}

impl Preview {
    /// Compares two audits.
    pub fn new(number: usize, before: &Done, after: &Done) -> Self {
        let services = before.overall.services.iter().filter_map(|(name, share, down, _)| {
            let then = after.overall.services.iter().find(|(other, ..)| other == name)?;
            Some((*name, [*share, then.1], [*down, then.2]))
        });
        let count = |done: &Done, level| done.items.iter().filter(|item| item.level == level).count();
        let change = change(&before.items, &after.items);
        Self {
            number,
            services: services.collect(),
            counts: Level::ALL.map(|(level, _)| (level, [count(before, level), count(after, level)])),
            mended: change.gone.contains(&number),
            change,
        }
    }
}

impl Audit {
    fn fixed(self, number: usize) -> Option<Scenario> {
        self.done.with_untracked(|done| {
            let done = done.as_ref()?;
            done.report.findings.get(done.item(number)?.place)?.fix.as_ref()?.scenario.clone()
        })
    }

    /// Audits what the fix of a finding makes of the scenario.
    pub(super) fn preview_fix(self, number: usize) {
        self.preview.set(None);
        if let Some(scenario) = self.fixed(number) {
            self.start(Purpose::Fix(number), Rc::new(scenario));
        }
    }

    /// Opens the scenario with the fix of a finding done, as a new run.
    pub(super) fn apply_fix(self, number: usize) {
        let (Some(fixed), Some(item)) = (self.fixed(number), self.item(number)) else { return };
        let lab = self.lab;
        // What happens by itself goes on happening, as far as it still makes sense.
        let script = Scenario::parse("", &lab.scenario()).map(|before| before.script).unwrap_or_default();
        let with_script = Scenario { script, ..fixed.clone() };
        let (scenario, plan) = match Plan::build(&with_script) {
            Ok(plan) => (with_script, plan),
            Err(_) => match Plan::build(&fixed) {
                Ok(plan) => (fixed, plan),
                Err(_) => return,
            },
        };
        let what = item.fix.map(|fix| fix.what).unwrap_or_default();
        self.open(&scenario, plan, Vec::new(), SimTime::ZERO, format!("Mended in a new run: {what}"));
    }

    /// Runs the scenario with what shows a finding.
    pub(super) fn play(self, number: usize) {
        let Some(item) = self.item(number) else { return };
        let Some(scenario) = self.done.with_untracked(|done| Some(done.as_ref()?.scenario.clone())) else {
            return;
        };
        let Ok(plan) = Plan::build(&scenario) else { return };
        match play::commands(&item, &plan) {
            Ok(commands) => {
                let from = play::from(&item, &commands);
                self.lab.set_speed(play::speed(&item, from));
                let why = format!("Playing finding {number}: {}", item.what);
                self.open(&scenario, plan, commands, from, why);
                if let Some(first) = item.parts.first() {
                    self.lab.pin(*first);
                }
            }
            Err(error) => self.lab.problems.set(vec![Problem::refused_command(&error)]),
        }
    }

    fn open(
        self,
        scenario: &Scenario,
        plan: Plan,
        commands: Vec<understudy_sim::TimedCommand>,
        from: SimTime,
        why: String,
    ) {
        let text = serde_json::to_string_pretty(scenario).expect("every part of a scenario can be written");
        let opened = self.lab.try_out(&Rc::new(plan), &text, commands, from, why);
        if let Err(error) = opened {
            self.lab.problems.set(vec![Problem::refused_command(&error)]);
        }
    }
}
