//! Drives the simulation from the browser's frames, and publishes what there is to see.
//!
//! One direction round: components read a [`Run`]'s signals and call [`Lab`]'s methods; only the driver touches the
//! simulation. A frame takes at most [`BUDGET_MS`]; what does not fit is left for the next one, and the clock slows
//! down meanwhile. No frame is asked for while time stands still.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_sim::ids::NodeId;
use understudy_sim::log::Entry;
use understudy_sim::view::{Choice, NodeDetail};
use understudy_sim::{Command, Plan, Progress, Sim, SimTime, Snapshot};

use crate::bind::{Flag, flag};
use crate::browser::now_ms;
use crate::panels::series::{Second, seconds};
use crate::playback::{Playback, START_SPEED};
use crate::problem::Problem;
use crate::selection::Selection;

/// The simulation's share of a frame, in milliseconds of the reader's clock.
const BUDGET_MS: f64 = 8.0;
/// Events between two looks at the clock.
const EVENTS_A_LOOK: u64 = 2_000;
/// How often numbers in panels change: often enough to be live, seldom enough to be read.
const GLANCE_MS: f64 = 250.0;
/// How long the explanation of one choice stays.
const WHY_MS: f64 = 2_500.0;
/// How often the stage changes in reduced motion.
const CALM_MS: f64 = 500.0;
/// Below this share of the chosen speed, in parts per thousand, the page says that it cannot keep up.
pub const KEEPS_UP_PERMILLE: u32 = 930;

/// What can be seen of the scenario that is open. Another scenario is another `Run`.
#[derive(Clone, Copy)]
pub struct Run {
    plan: StoredValue<Rc<Plan>, LocalStorage>,
    /// The world, every frame: for what moves.
    pub frame: RwSignal<Rc<Snapshot>, LocalStorage>,
    /// The world, a few times a second: for what is read.
    pub glance: RwSignal<Rc<Snapshot>, LocalStorage>,
    /// The log, newest first.
    pub log: RwSignal<Vec<Entry>>,
    /// What ended in each of the newest seconds.
    pub series: RwSignal<Vec<Second>>,
    /// A choice of each balancer that is explained at the moment.
    pub why: RwSignal<Vec<(NodeId, Choice)>>,
}

impl Run {
    fn new(sim: &Sim, plan: Rc<Plan>) -> Self {
        let snapshot = Rc::new(sim.snapshot());
        Self {
            plan: StoredValue::new_local(plan),
            frame: RwSignal::new_local(snapshot.clone()),
            glance: RwSignal::new_local(snapshot),
            log: RwSignal::new(Vec::new()),
            series: RwSignal::new(Vec::new()),
            why: RwSignal::new(Vec::new()),
        }
    }

    /// The open scenario's plan.
    pub fn plan(&self) -> Rc<Plan> {
        self.plan.get_value()
    }

    /// Whether a balancer tries the next server when one refuses.
    pub fn retries(self, balancer: NodeId) -> Flag {
        flag(move || {
            self.frame.with(|snapshot| {
                matches!(snapshot.nodes[balancer.get()].detail, NodeDetail::LoadBalancer { retry: true, .. })
            })
        })
    }

    /// A node's name.
    pub fn name(&self, id: NodeId) -> String {
        self.plan.with_value(|plan| plan.name(id).to_string())
    }
}

/// The page's state: what every component is given, and the only way to act on the run.
#[derive(Clone, Copy)]
pub struct Lab {
    driver: StoredValue<Driver, LocalStorage>,
    /// The open scenario.
    pub run: RwSignal<Run>,
    /// Whether time passes.
    pub playing: RwSignal<bool>,
    /// How fast, as an index into [`crate::playback::SPEEDS`].
    pub speed: RwSignal<usize>,
    /// The share of that speed that the machine keeps, in parts per thousand.
    pub kept: RwSignal<u32>,
    /// What the panel is about.
    pub selected: RwSignal<Selection>,
    /// The node whose menu is open.
    pub menu: RwSignal<Option<NodeId>>,
    /// What could not be done, until the reader closes it.
    pub problems: RwSignal<Vec<Problem>>,
    /// Whether the reader asked for less motion.
    pub calm: ReadSignal<bool>,
}

struct Driver {
    sim: Sim,
    plan: Rc<Plan>,
    seed: u64,
    playback: Playback,
    /// Outlives every event handler: signals of a new run belong to it.
    owner: Owner,
    last_frame_ms: f64,
    last_calm_ms: f64,
    last_glance_ms: f64,
    last_why_ms: f64,
    frame_asked: bool,
}

impl Lab {
    /// Opens `plan` at its start.
    pub fn new(plan: Rc<Plan>, seed: u64, problems: Vec<Problem>, calm: ReadSignal<bool>) -> Self {
        let sim = Sim::new(plan.clone(), seed);
        let run = Run::new(&sim, plan.clone());
        let selected = first_balancer(&plan);
        let driver = Driver {
            sim,
            plan,
            seed,
            playback: Playback::new(START_SPEED, false),
            owner: Owner::current().unwrap_or_default(),
            last_frame_ms: 0.0,
            last_calm_ms: 0.0,
            last_glance_ms: 0.0,
            last_why_ms: 0.0,
            frame_asked: false,
        };
        Self {
            driver: StoredValue::new_local(driver),
            run: RwSignal::new(run),
            playing: RwSignal::new(false),
            speed: RwSignal::new(START_SPEED),
            kept: RwSignal::new(1_000),
            selected: RwSignal::new(Selection::Node(selected)),
            menu: RwSignal::new(None),
            problems: RwSignal::new(problems),
            calm,
        }
    }

    /// Lets time pass, or stops it.
    pub fn set_playing(&self, playing: bool) {
        self.driver.update_value(|driver| {
            driver.playback.set_playing(playing);
            driver.last_frame_ms = now_ms();
        });
        self.playing.set(playing);
        self.kept.set(1_000);
        if playing {
            self.ask_frame();
        } else {
            self.publish_all();
        }
    }

    /// Stops time if it passes, and the other way round.
    pub fn toggle(&self) {
        self.set_playing(!self.playing.get_untracked());
    }

    /// Chooses one of [`crate::playback::SPEEDS`].
    pub fn set_speed(&self, index: usize) {
        self.driver.update_value(|driver| driver.playback.set_speed(index));
        self.speed.set(index);
        self.kept.set(1_000);
    }

    /// Starts the same scenario again with the same seed.
    pub fn restart(&self) {
        self.driver.update_value(|driver| {
            driver.sim = Sim::new(driver.plan.clone(), driver.seed);
            driver.playback.rewind();
        });
        self.menu.set(None);
        self.publish_all();
    }

    /// Opens another scenario at its start; what is shown of the one before is gone.
    pub fn open(&self, plan: &Rc<Plan>) {
        let run = self.driver.try_update_value(|driver| {
            driver.sim = Sim::new(plan.clone(), driver.seed);
            driver.plan = plan.clone();
            driver.playback.rewind();
            let owner = driver.owner.clone();
            owner.with(|| Run::new(&driver.sim, plan.clone()))
        });
        self.menu.set(None);
        self.problems.set(Vec::new());
        if let Some(run) = run {
            self.selected.set(Selection::Node(first_balancer(plan)));
            self.run.set(run);
        }
    }

    /// Does something to the world, now.
    pub fn command(&self, command: Command) {
        let refused = self.driver.try_update_value(|driver| driver.sim.command(command).err()).flatten();
        if let Some(error) = refused {
            self.problems.set(vec![Problem {
                title: String::from("That cannot be done"),
                place: String::from("the page"),
                text: error.to_string(),
                then: String::from("The run goes on unchanged."),
            }]);
        }
        self.publish_all();
    }

    fn ask_frame(self) {
        let asked = self.driver.try_update_value(|driver| std::mem::replace(&mut driver.frame_asked, true));
        if asked == Some(false) {
            request_animation_frame(move || self.on_frame());
        }
    }

    fn on_frame(self) {
        let now = now_ms();
        let calm = self.calm.get_untracked();
        let due = self.driver.try_update_value(|driver| {
            driver.frame_asked = false;
            driver.step(now);
            driver.due(now, calm)
        });
        let Some(due) = due else { return };
        if due.frame {
            self.publish_frame();
        }
        if due.glance {
            self.publish_glance();
        }
        // The first choice is explained at once.
        if due.why || self.run.get_untracked().why.with_untracked(Vec::is_empty) {
            self.publish_why();
        }
        if self.playing.get_untracked() {
            self.ask_frame();
        }
    }

    fn publish_all(&self) {
        self.publish_frame();
        self.publish_glance();
        self.publish_why();
    }

    fn publish_frame(&self) {
        let snapshot = self.driver.with_value(|driver| driver.sim.snapshot());
        self.run.get_untracked().frame.set(Rc::new(snapshot));
    }

    fn publish_glance(&self) {
        let run = self.run.get_untracked();
        run.glance.set(run.frame.get_untracked());
        let (log, series, kept) = self.driver.with_value(|driver| {
            let log: Vec<Entry> = driver.sim.log().entries().rev().cloned().collect();
            (log, seconds(driver.sim.history(), driver.sim.now()), driver.playback.kept_permille())
        });
        if run.log.with_untracked(|shown| *shown != log) {
            run.log.set(log);
        }
        if run.series.with_untracked(|shown| *shown != series) {
            run.series.set(series);
        }
        if self.kept.get_untracked() != kept {
            self.kept.set(kept);
        }
    }

    fn publish_why(&self) {
        let run = self.run.get_untracked();
        let choices = run.frame.with_untracked(|snapshot| {
            let nodes = run.plan.with_value(|plan| plan.nodes().map(|(id, _)| id).collect::<Vec<_>>());
            let choice = |id: NodeId| match &snapshot.nodes[id.get()].detail {
                NodeDetail::LoadBalancer { last_choice: Some(choice), .. } => Some((id, choice.clone())),
                _ => None,
            };
            nodes.into_iter().filter_map(choice).collect::<Vec<_>>()
        });
        run.why.set(choices);
    }
}

/// What is to be published after a frame.
struct Due {
    frame: bool,
    glance: bool,
    why: bool,
}

impl Driver {
    /// Runs the simulation up to where the playback wants it, or as far as the frame's budget goes.
    fn step(&mut self, now: f64) {
        let real_ms = now - self.last_frame_ms;
        self.last_frame_ms = now;
        let from = self.sim.now();
        let target = self.playback.advance(real_ms);
        while self.sim.run_until(target, EVENTS_A_LOOK) == Progress::OutOfBudget {
            if now_ms() - now > BUDGET_MS {
                break;
            }
        }
        self.playback.settle(from, self.reached(), real_ms);
    }

    fn reached(&self) -> SimTime {
        self.sim.now()
    }

    fn due(&mut self, now: f64, calm: bool) -> Due {
        let mut every = |last: fn(&mut Self) -> &mut f64, gap: f64| {
            let last = last(self);
            let due = now - *last >= gap;
            if due {
                *last = now;
            }
            due
        };
        let frame = !calm || every(|driver| &mut driver.last_calm_ms, CALM_MS);
        Due {
            frame,
            glance: frame && every(|driver| &mut driver.last_glance_ms, GLANCE_MS),
            why: frame && every(|driver| &mut driver.last_why_ms, WHY_MS),
        }
    }
}

/// The node that the panel starts with: whose beliefs there are to see.
fn first_balancer(plan: &Plan) -> NodeId {
    let is_balancer = |node: &understudy_sim::plan::PlanNode| {
        matches!(node.kind, understudy_sim::plan::NodeKind::LoadBalancer(_))
    };
    plan.nodes().find(|(_, node)| is_balancer(node)).map_or(NodeId(0), |(id, _)| id)
}
