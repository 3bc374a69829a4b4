//! The lab: a player with everything that is looked at beside its stage: charts, log, ghost, inspector, saved runs.
//!
//! It is the player's [`Companion`]: when the player shows something new, the lab publishes its own part of it. Panels
//! read the signals and call the methods of both in the same way, for a [`Lab`] is a [`Player`] with more.

pub mod arrival;
pub mod ghost;
mod run;
pub mod share;
mod trial;

use std::ops::Deref;
use std::rc::Rc;

use leptos::prelude::*;
use understudy_address as address;
use understudy_audit::brief::Brief;
use understudy_sim::saved::SavedRun;
use understudy_sim::{Plan, Progress, SimTime, Snapshot, TimedCommand, Timeline};

use crate::acts::{self, Verb};
use crate::charts::axis::{SPANS, TimeAxis};
use crate::charts::lanes::read;
use crate::charts::marks;
use crate::charts::measured::Measured;
use crate::guide::Past;
use crate::panels::log::Line;
use crate::panels::table::Table;
use crate::player::{self, Companion, Player, set_if_new};
use crate::stage::Setting;
use arrival::Arrival;
use ghost::difference;
pub use run::Run;

/// Events between two looks at the clock.
const EVENTS_A_LOOK: u64 = 2_000;

/// The page's state: what every panel is given, and the only way to act on the run.
#[derive(Clone, Copy)]
pub struct Lab {
    /// What the stage is given.
    pub player: Player,
    kept: StoredValue<Kept, LocalStorage>,
    /// The open scenario.
    pub run: RwSignal<Run>,
    /// How long the time axis is, as an index into [`SPANS`].
    pub span: RwSignal<usize>,
    /// The instant that the pointer is on in the charts.
    pub hover: RwSignal<Option<SimTime>>,
    /// What is tried out at the moment, the latest last: a sentence for each run that can be had back.
    pub trials: RwSignal<Vec<String>>,
    /// Whether the charts show what nobody measured.
    pub peeks: RwSignal<bool>,
    /// The window with all facts as tables.
    pub table: Table,
    /// Whether this is the run of the page's address.
    pub arrival: Arrival,
    /// The brief of the page's address.
    pub brief: RwSignal<Option<Rc<Brief>>, LocalStorage>,
}

impl Deref for Lab {
    type Target = Player;

    fn deref(&self) -> &Player {
        &self.player
    }
}

/// What the lab keeps beside the player's run.
struct Kept {
    /// The run that this one is compared with.
    ghost: Option<Timeline>,
    /// The scenario as it was read, word for word.
    scenario: Rc<str>,
    seed: u64,
    /// What an address finds a scenario of the site by, and its text.
    named: Option<(address::Run, Rc<str>)>,
    /// Runs that can be had back, the latest last.
    formers: Vec<trial::Former>,
}

impl Lab {
    /// Opens `plan`, which `scenario` is the text of, at its start.
    pub fn new(plan: Rc<Plan>, scenario: Rc<str>, seed: u64, calm: ReadSignal<bool>) -> Self {
        let player = Player::new(plan.clone(), Timeline::new(plan, seed), calm, Setting::lab());
        let lab = Self {
            player,
            kept: StoredValue::new_local(Kept {
                ghost: None,
                scenario,
                seed,
                named: None,
                formers: Vec::new(),
            }),
            run: RwSignal::new(Run::new(player.run.get_untracked())),
            span: RwSignal::new(0),
            hover: RwSignal::new(None),
            trials: RwSignal::new(Vec::new()),
            peeks: RwSignal::new(false),
            table: Table::new(),
            arrival: Arrival::new(),
            brief: RwSignal::new_local(None),
        };
        player.accompany(Rc::new(lab));
        lab
    }

    /// Chooses one of [`SPANS`].
    pub fn set_span(&self, index: usize) {
        self.span.set(index.min(SPANS.len() - 1));
        self.publish_glance();
    }

    /// Shows in the charts what nobody measured, or no longer.
    pub fn peek(&self, on: bool) {
        self.peeks.set(on);
        self.publish_glance();
    }

    /// Starts the same scenario again with the same seed and no commands.
    pub fn restart(&self) {
        let seed = self.kept.with_value(|kept| kept.seed);
        self.take(Timeline::new(self.run.get_untracked().plan(), seed));
    }

    /// Opens another scenario at its start; what is shown of the one before is gone.
    pub fn open(&self, plan: &Rc<Plan>, scenario: &str) {
        let seed = self.kept.with_value(|kept| kept.seed);
        self.open_run(plan, scenario, Timeline::new(plan.clone(), seed), seed);
    }

    /// Opens a run from a file, at the instant that it was saved at.
    pub fn open_saved(&self, saved: SavedRun) {
        let SavedRun { scenario, plan, seed, commands, at } = saved;
        self.open_at(&Rc::new(plan), &scenario, seed, commands, Some(at));
    }

    /// Opens a run whose commands were checked, and stands still at an instant of it if one is given.
    fn open_at(
        &self,
        plan: &Rc<Plan>,
        scenario: &str,
        seed: u64,
        commands: Vec<TimedCommand>,
        at: Option<SimTime>,
    ) {
        let run = Timeline::new(plan.clone(), seed).with_commands(commands);
        let mut run = run.expect("the commands were checked when they were read");
        if let Some(at) = at {
            // What is left of the way is done frame by frame.
            let _ = run.seek(at, EVENTS_A_LOOK);
            self.set_playing(false);
        }
        self.open_run(plan, scenario, run, seed);
    }

    /// Keeps what an address finds the open scenario by.
    fn name(&self, run: address::Run) {
        self.kept.update_value(|kept| kept.named = Some((run, kept.scenario.clone())));
    }

    /// What an address finds a scenario by, if it is the one that the page's address named.
    fn named(&self, scenario: &str) -> Option<address::Run> {
        self.kept.with_value(|kept| {
            let named = kept.named.as_ref().filter(|(_, text)| **text == *scenario);
            named.map(|(run, _)| run.clone())
        })
    }

    fn open_run(&self, plan: &Rc<Plan>, scenario: &str, timeline: Timeline, seed: u64) {
        self.kept.update_value(|kept| {
            kept.scenario = scenario.into();
            kept.seed = seed;
            kept.formers.clear();
        });
        self.trials.set(Vec::new());
        self.player.open(plan, timeline);
    }

    /// The open scenario, word for word.
    pub fn scenario(&self) -> String {
        self.kept.with_value(|kept| kept.scenario.to_string())
    }

    /// The run as the text of a file.
    pub fn saved(&self) -> String {
        let plan = self.run.get_untracked().plan();
        self.kept.with_value(|kept| {
            self.timeline(|timeline| {
                let (commands, at) = (timeline.commands(), timeline.wanted());
                understudy_sim::saved::write(&kept.scenario, &plan, kept.seed, commands, at)
            })
        })
    }

    /// Breaks something at random. What it is depends on the seed and on how many commands were given before, so that
    /// the same run holds the same surprises.
    pub fn surprise(&self) {
        let run = self.run.get_untracked();
        let seed = self.kept.with_value(|kept| kept.seed);
        let number = self.timeline(|timeline| timeline.commands().len());
        let drawn = run.frame.with_untracked(|snapshot| acts::surprise(seed, number, &run.plan(), snapshot));
        if let Some((selection, act)) = drawn {
            self.selected.set(selection);
            self.commands(&act.commands);
        }
    }

    /// Does to what is selected what a key means.
    pub fn act(&self, verb: Verb) {
        let run = self.run.get_untracked();
        let selected = self.selected.get_untracked();
        let act = run.frame.with_untracked(|snapshot| acts::by_verb(verb, selected, &run.plan(), snapshot));
        if let Some(act) = act {
            self.commands(&act.commands);
        }
    }

    /// Shows another instant, past or future.
    pub fn seek(&self, at: SimTime) {
        self.hover.set(None);
        self.player.seek(at);
    }

    /// Shows the turning point after or before the shown instant.
    pub fn seek_mark(&self, forward: bool) {
        let run = self.run.get_untracked();
        let now = run.standing.with_untracked(|standing| standing.now);
        if let Some(at) = run.marks.with_untracked(|all| marks::beside(all, now, forward)) {
            self.seek(at);
        }
    }

    /// Pauses, and lets one event happen or takes one back.
    pub fn step(&self, forward: bool) {
        if self.playing.get_untracked() {
            self.set_playing(false);
        }
        self.change(&|timeline| {
            if forward {
                let _ = timeline.step_forward();
            } else {
                timeline.step_back();
            }
        });
    }

    /// Takes the newest command back, or gives it again.
    pub fn undo(&self, again: bool) {
        self.change(&|timeline| {
            if again {
                timeline.redo()
            } else {
                timeline.undo()
            };
        });
    }

    /// Keeps this run as a ghost to compare with, or forgets the one that was kept.
    pub fn what_if(&self) {
        let fork = self.timeline(Timeline::fork);
        self.kept.update_value(|kept| kept.ghost = if kept.ghost.is_some() { None } else { Some(fork) });
        self.publish_all();
    }

    fn publish_axis(&self, run: Run, timeline: &Timeline) {
        let span_s = SPANS[self.span.get_untracked()].1;
        let axis = run.axis.get_untracked().follow(span_s, timeline.now(), timeline.end());
        set_if_new(run.axis, axis);
    }
}

impl Companion for Lab {
    fn opened(&self, run: player::Run) {
        self.run.set(Run::new(run));
        self.kept.update_value(|kept| kept.ghost = None);
    }

    fn taken(&self) {
        self.run.get_untracked().axis.set(TimeAxis::default());
        self.kept.update_value(|kept| kept.ghost = None);
    }

    /// Commands in the past make what came after another run; the one that was stays as a ghost.
    fn before_commands(&self, timeline: &Timeline) {
        if timeline.now() < timeline.end() {
            self.kept.update_value(|kept| kept.ghost = Some(timeline.fork()));
        }
    }

    /// Runs the ghost to the same instant.
    fn work(&self, shown: SimTime, in_budget: &dyn Fn() -> bool) {
        self.kept.update_value(|kept| {
            if let Some(ghost) = &mut kept.ghost {
                while ghost.seek(shown, EVENTS_A_LOOK) == Progress::OutOfBudget && in_budget() {}
            }
        });
    }

    fn is_behind(&self, shown: SimTime) -> bool {
        self.kept.with_value(|kept| kept.ghost.as_ref().is_some_and(|ghost| ghost.now() != shown))
    }

    fn frame(&self, timeline: &Timeline, _snapshot: &Snapshot) {
        self.publish_axis(self.run.get_untracked(), timeline);
    }

    fn glance(&self, timeline: &Timeline, _snapshot: &Snapshot) {
        let run = self.run.get_untracked();
        let plan = run.plan();
        let sim = timeline.sim();
        self.publish_axis(run, timeline);
        set_if_new(run.log, sim.log().entries().rev().map(|entry| Line::of(entry, &plan)).collect());
        set_if_new(run.past, Past::of(sim.log().entries(), &plan));
        set_if_new(run.marks, marks::of_run(timeline, &plan));
        run.lanes.with_value(|lanes| {
            let known = |timeline: &Timeline| {
                if self.peeks.get_untracked() { Measured::default() } else { Measured::of(&plan, timeline) }
            };
            let measured = Measured::of(&plan, timeline);
            set_if_new(run.gaps, measured.gaps());
            set_if_new(run.is_dark, measured.is_dark());
            set_if_new(run.charts, read(lanes, timeline, &known(timeline)));
            self.kept.with_value(|kept| {
                let ghost = kept.ghost.as_ref();
                set_if_new(
                    run.ghost_charts,
                    ghost.map(|ghost| read(lanes, ghost, &known(ghost))).unwrap_or_default(),
                );
                set_if_new(run.difference, ghost.map(|ghost| difference(timeline, ghost)));
            });
        });
        let node = self.selected.get_untracked().node();
        set_if_new(run.inside, node.map(|node| sim.inspect(node)).unwrap_or_default());
    }
}
