//! Drives the run from the browser's frames, and publishes what there is to see.
//!
//! One direction round: components read a [`Run`]'s signals and call [`Lab`]'s methods; only the driver touches the
//! timeline. A frame takes at most [`BUDGET_MS`]; what does not fit is left for the next one, and the clock slows
//! down meanwhile. No frame is asked for while time stands still and nothing is being looked for.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_sim::follow::Followed;
use understudy_sim::ids::NodeId;
use understudy_sim::inspect::Inspection;
use understudy_sim::saved::SavedRun;
use understudy_sim::view::{Choice, NodeDetail};
use understudy_sim::{Command, Plan, Progress, SimTime, Snapshot, Timeline};

use crate::acts::{self, Verb};
use crate::bind::{Flag, flag};
use crate::browser::now_ms;
use crate::charts::axis::{SPANS, TimeAxis};
use crate::charts::lanes::{Lane, lanes, read};
use crate::charts::marks::{self, Mark};
use crate::charts::samples::Samples;
use crate::ghost::{Difference, difference};
use crate::guide::Past;
use crate::panels::log::Line;
use crate::panels::table::Table;
use crate::playback::{Playback, SPEEDS, START_SPEED};
use crate::problem::Problem;
use crate::selection::Selection;
use crate::stage::MOST_DRAWN;

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
/// Beyond this many nodes, changing what all of them show takes longer than a frame: it is done in shares.
const MANY_NODES: usize = 40;
/// So many shares, and so many frames from one to the next: each is as often new as what is read in panels.
const SHARES: usize = 5;
const FRAMES_A_SHARE: usize = 3;
/// Below this share of the chosen speed, in parts per thousand, the page says that it cannot keep up.
pub const KEEPS_UP_PERMILLE: u32 = 930;

/// Where a run stands, for the controls of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    /// The instant that is shown.
    pub now: SimTime,
    /// The furthest instant that the run was played to.
    pub end: SimTime,
    /// The stretch that scrubber and charts show.
    pub axis: TimeAxis,
    /// Whether there is a command to take back.
    pub can_undo: bool,
    /// Whether one that was taken back can be given again.
    pub can_redo: bool,
    /// Whether another instant is being looked for.
    pub seeking: bool,
}

/// A world that can be seen, and the news when it has changed.
pub type World = RwSignal<Rc<Snapshot>, LocalStorage>;

/// What can be seen of the scenario that is open. Another scenario is another `Run`.
#[derive(Clone, Copy)]
pub struct Run {
    plan: StoredValue<Rc<Plan>, LocalStorage>,
    /// The world, every frame: for what moves.
    pub frame: World,
    /// The world, a few times a second: for what is read.
    pub glance: World,
    /// The world of each share of a large stage.
    shares: StoredValue<[World; SHARES], LocalStorage>,
    /// Where the run stands.
    pub standing: RwSignal<Standing>,
    /// The log, newest first.
    pub log: RwSignal<Vec<Line>>,
    /// What was broken so far.
    pub past: RwSignal<Past>,
    /// The turning points of the whole run, in order of time.
    pub marks: RwSignal<Vec<Mark>>,
    /// The charts there are.
    lanes: StoredValue<Vec<Lane>>,
    /// What they show, line by line.
    pub charts: RwSignal<Vec<Vec<Samples>>>,
    /// The same of the run that was kept as a ghost; empty if there is none.
    pub ghost_charts: RwSignal<Vec<Vec<Samples>>>,
    /// What differs between this run and the ghost; `None` if there is none.
    pub difference: RwSignal<Option<Difference>>,
    /// A choice of each balancer that is explained at the moment.
    pub why: RwSignal<Vec<(NodeId, Choice)>>,
    /// The inside of the selected node.
    pub inside: RwSignal<Inspection>,
    /// The request that is followed, and its way so far.
    pub followed: RwSignal<Option<Followed>, LocalStorage>,
}

impl Run {
    fn new(timeline: &Timeline, plan: Rc<Plan>) -> Self {
        let snapshot = Rc::new(timeline.sim().snapshot_with(MOST_DRAWN));
        Self {
            lanes: StoredValue::new(lanes(&plan)),
            plan: StoredValue::new_local(plan),
            frame: RwSignal::new_local(snapshot.clone()),
            shares: StoredValue::new_local(std::array::from_fn(|_| RwSignal::new_local(snapshot.clone()))),
            glance: RwSignal::new_local(snapshot),
            standing: RwSignal::new(Standing::default()),
            log: RwSignal::new(Vec::new()),
            past: RwSignal::new(Past::default()),
            marks: RwSignal::new(Vec::new()),
            charts: RwSignal::new(Vec::new()),
            ghost_charts: RwSignal::new(Vec::new()),
            difference: RwSignal::new(None),
            why: RwSignal::new(Vec::new()),
            inside: RwSignal::new(Inspection::default()),
            followed: RwSignal::new_local(None),
        }
    }

    /// The open scenario's plan.
    pub fn plan(&self) -> Rc<Plan> {
        self.plan.get_value()
    }

    /// The world as the card, lamp or line of this number shows it: every frame. Where there are very many of them, a
    /// share of them in one frame and the next share some frames later.
    pub fn shown(&self, number: usize) -> World {
        self.share(number).unwrap_or(self.frame)
    }

    /// The world as what is written on the card or line of this number: a few times a second.
    pub fn written(&self, number: usize) -> World {
        self.share(number).unwrap_or(self.glance)
    }

    fn share(&self, number: usize) -> Option<World> {
        self.has_many_nodes().then(|| self.shares.with_value(|shares| shares[number % SHARES]))
    }

    /// Whether there are so many nodes that changing what all of them show takes longer than a frame.
    pub fn has_many_nodes(&self) -> bool {
        self.plan.with_value(|plan| plan.nodes().len()) > MANY_NODES
    }

    /// The charts there are.
    pub fn lanes(&self) -> Vec<Lane> {
        self.lanes.get_value()
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
    /// How long the time axis is, as an index into [`SPANS`].
    pub span: RwSignal<usize>,
    /// The share of the speed that the machine keeps, in parts per thousand.
    pub kept: RwSignal<u32>,
    /// The instant that the pointer is on in the charts.
    pub hover: RwSignal<Option<SimTime>>,
    /// What the panel is about.
    pub selected: RwSignal<Selection>,
    /// The node whose menu is open.
    pub menu: RwSignal<Option<NodeId>>,
    /// What could not be done, until the reader closes it.
    pub problems: RwSignal<Vec<Problem>>,
    /// Whether the reader asked for less motion.
    pub calm: ReadSignal<bool>,
    /// The window with all facts as tables.
    pub table: Table,
}

struct Driver {
    timeline: Timeline,
    /// The run that this one is compared with.
    ghost: Option<Timeline>,
    plan: Rc<Plan>,
    /// The scenario as it was read, word for word.
    scenario: Rc<str>,
    seed: u64,
    playback: Playback,
    axis: TimeAxis,
    /// Outlives every event handler: signals of a new run belong to it.
    owner: Owner,
    last_frame_ms: f64,
    last_calm_ms: f64,
    last_glance_ms: f64,
    last_why_ms: f64,
    frame_asked: bool,
    /// Frames since the first share of a large stage had its turn.
    turn: usize,
}

impl Lab {
    /// Opens `plan`, which `scenario` is the text of, at its start.
    pub fn new(
        plan: Rc<Plan>,
        scenario: Rc<str>,
        seed: u64,
        problems: Vec<Problem>,
        calm: ReadSignal<bool>,
    ) -> Self {
        let timeline = Timeline::new(plan.clone(), seed);
        let run = Run::new(&timeline, plan.clone());
        let selected = first_balancer(&plan);
        let driver = Driver {
            timeline,
            ghost: None,
            plan,
            scenario,
            seed,
            playback: Playback::new(START_SPEED, false),
            axis: TimeAxis::default(),
            owner: Owner::current().unwrap_or_default(),
            last_frame_ms: 0.0,
            last_calm_ms: 0.0,
            last_glance_ms: 0.0,
            last_why_ms: 0.0,
            frame_asked: false,
            turn: 0,
        };
        Self {
            driver: StoredValue::new_local(driver),
            run: RwSignal::new(run),
            playing: RwSignal::new(false),
            speed: RwSignal::new(START_SPEED),
            span: RwSignal::new(0),
            kept: RwSignal::new(1_000),
            hover: RwSignal::new(None),
            selected: RwSignal::new(Selection::Node(selected)),
            menu: RwSignal::new(None),
            problems: RwSignal::new(problems),
            calm,
            table: Table::new(),
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
        let index = index.min(SPEEDS.len() - 1);
        self.driver.update_value(|driver| driver.playback.set_speed(index));
        self.speed.set(index);
        self.kept.set(1_000);
    }

    /// Chooses one of [`SPANS`].
    pub fn set_span(&self, index: usize) {
        self.span.set(index.min(SPANS.len() - 1));
        self.publish_glance();
    }

    /// Starts the same scenario again with the same seed and no commands.
    pub fn restart(&self) {
        self.driver.update_value(|driver| {
            driver.take(Timeline::new(driver.plan.clone(), driver.seed));
            driver.axis = TimeAxis::default();
        });
        self.menu.set(None);
        self.publish_all();
    }

    /// Opens another scenario at its start; what is shown of the one before is gone.
    pub fn open(&self, plan: &Rc<Plan>, scenario: &str) {
        let seed = self.driver.with_value(|driver| driver.seed);
        self.take_run(plan, scenario, Timeline::new(plan.clone(), seed), seed);
    }

    /// Opens a run from a file, at the instant that it was saved at.
    pub fn open_saved(&self, saved: SavedRun) {
        let SavedRun { scenario, plan, seed, commands, at } = saved;
        let plan = Rc::new(plan);
        let run = Timeline::new(plan.clone(), seed).with_commands(commands);
        let mut run = run.expect("the commands were checked when the file was read");
        // What is left of the way is done frame by frame.
        let _ = run.seek(at, EVENTS_A_LOOK);
        self.set_playing(false);
        self.take_run(&plan, &scenario, run, seed);
        self.ask_frame();
    }

    fn take_run(&self, plan: &Rc<Plan>, scenario: &str, timeline: Timeline, seed: u64) {
        let run = self.driver.try_update_value(|driver| {
            driver.take(timeline);
            driver.plan = plan.clone();
            driver.scenario = scenario.into();
            driver.seed = seed;
            driver.axis = TimeAxis::default();
            let owner = driver.owner.clone();
            owner.with(|| Run::new(&driver.timeline, plan.clone()))
        });
        self.menu.set(None);
        self.problems.set(Vec::new());
        if let Some(run) = run {
            self.selected.set(Selection::Node(first_balancer(plan)));
            self.run.set(run);
            self.publish_all();
        }
    }

    /// The open scenario, word for word.
    pub fn scenario(&self) -> String {
        self.driver.with_value(|driver| driver.scenario.to_string())
    }

    /// The run as the text of a file.
    pub fn saved(&self) -> String {
        self.driver.with_value(|driver| {
            understudy_sim::saved::write(
                &driver.scenario,
                &driver.plan,
                driver.seed,
                driver.timeline.commands(),
                driver.timeline.wanted(),
            )
        })
    }

    /// Does something to the world, now. In the past that makes what came after another run; the one that was stays
    /// as a ghost.
    pub fn command(&self, command: Command) {
        self.commands(&[command]);
    }

    /// Does several things to the world, now.
    pub fn commands(&self, commands: &[Command]) {
        let refused = self.driver.try_update_value(|driver| {
            if driver.timeline.now() < driver.timeline.end() {
                driver.ghost = Some(driver.timeline.fork());
            }
            let refused = commands.iter().find_map(|command| driver.timeline.command(*command).err());
            driver.playback.move_to(driver.timeline.now());
            refused
        });
        if let Some(error) = refused.flatten() {
            self.problems.set(vec![Problem::refused_command(&error)]);
        }
        self.publish_all();
    }

    /// Breaks something at random. What it is depends on the seed and on how many commands were given before, so that
    /// the same run holds the same surprises.
    pub fn surprise(&self) {
        let run = self.run.get_untracked();
        let (seed, number) = self.driver.with_value(|driver| (driver.seed, driver.timeline.commands().len()));
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

    /// Shows the turning point after or before the shown instant.
    pub fn seek_mark(&self, forward: bool) {
        let run = self.run.get_untracked();
        let now = run.standing.with_untracked(|standing| standing.now);
        if let Some(at) = run.marks.with_untracked(|all| marks::beside(all, now, forward)) {
            self.seek(at);
        }
    }

    /// Shows another instant, past or future.
    pub fn seek(&self, at: SimTime) {
        self.driver.update_value(|driver| {
            let _ = driver.timeline.seek(at, EVENTS_A_LOOK);
            driver.playback.move_to(driver.timeline.wanted());
        });
        self.hover.set(None);
        self.publish_all();
        self.ask_frame();
    }

    /// Pauses, and lets one event happen or takes one back.
    pub fn step(&self, forward: bool) {
        if self.playing.get_untracked() {
            self.set_playing(false);
        }
        self.driver.update_value(|driver| {
            if forward {
                let _ = driver.timeline.step_forward();
            } else {
                driver.timeline.step_back();
            }
            driver.playback.move_to(driver.timeline.now());
        });
        self.publish_all();
    }

    /// Takes the newest command back, or gives it again.
    pub fn undo(&self, again: bool) {
        self.driver.update_value(|driver| {
            if again {
                driver.timeline.redo()
            } else {
                driver.timeline.undo()
            };
            driver.playback.move_to(driver.timeline.wanted());
        });
        self.publish_all();
        self.ask_frame();
    }

    /// Keeps this run as a ghost to compare with, or forgets the one that was kept.
    pub fn what_if(&self) {
        self.driver.update_value(|driver| {
            driver.ghost = if driver.ghost.is_some() { None } else { Some(driver.timeline.fork()) };
        });
        self.publish_all();
    }

    /// Pins what the panel is about. A request is followed from now on; anything else ends that.
    pub fn pin(&self, selection: Selection) {
        self.selected.set(selection);
        self.driver.update_value(|driver| {
            driver.timeline.follow(selection.request());
        });
        let run = self.run.get_untracked();
        let followed = self.driver.with_value(|driver| driver.timeline.sim().followed().cloned());
        run.followed.set(followed);
        self.publish_glance();
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
            // Whether another instant was being looked for.
            let was_behind = driver.is_behind();
            driver.step(now);
            (driver.due(now, calm), was_behind)
        });
        let Some((due, was_behind)) = due else { return };
        if due.frame {
            self.publish_frame();
            self.publish_share();
        }
        if due.glance {
            self.publish_glance();
        }
        // The first choice is explained at once.
        if due.why || self.run.get_untracked().why.with_untracked(Vec::is_empty) {
            self.publish_why();
        }
        let is_behind = self.driver.with_value(Driver::is_behind);
        if !is_behind && was_behind {
            self.publish_all();
        }
        if self.playing.get_untracked() || is_behind {
            self.ask_frame();
        }
    }

    fn publish_all(&self) {
        self.publish_frame();
        self.publish_shares(0..SHARES);
        self.publish_glance();
        self.publish_why();
    }

    fn publish_frame(&self) {
        let run = self.run.get_untracked();
        let (snapshot, standing) = self.driver.with_value(|driver| {
            let span_s = SPANS[self.span.get_untracked()].1;
            let followed = driver.timeline.sim().followed();
            if run.followed.with_untracked(|shown| shown.as_ref() != followed) {
                run.followed.set(followed.cloned());
            }
            (driver.timeline.sim().snapshot_with(MOST_DRAWN), driver.standing(span_s))
        });
        self.driver.update_value(|driver| driver.axis = standing.axis);
        run.frame.set(Rc::new(snapshot));
        set_if_new(run.standing, standing);
    }

    /// Tells the share of a large stage whose turn it is.
    fn publish_share(&self) {
        let turn = self.driver.try_update_value(|driver| {
            driver.turn = (driver.turn + 1) % (SHARES * FRAMES_A_SHARE);
            driver.turn
        });
        if let Some(turn) = turn.filter(|turn| turn % FRAMES_A_SHARE == 0) {
            self.publish_shares(turn / FRAMES_A_SHARE..turn / FRAMES_A_SHARE + 1);
        }
    }

    fn publish_shares(&self, shares: std::ops::Range<usize>) {
        let run = self.run.get_untracked();
        if run.has_many_nodes() {
            let snapshot = run.frame.get_untracked();
            for share in run.shares.with_value(|all| all[shares].to_vec()) {
                share.set(snapshot.clone());
            }
        }
    }

    fn publish_glance(&self) {
        let run = self.run.get_untracked();
        let span_s = SPANS[self.span.get_untracked()].1;
        run.glance.set(run.frame.get_untracked());
        let selected = self.selected.get_untracked();
        let glance = self.driver.with_value(|driver| {
            let sim = driver.timeline.sim();
            let log: Vec<Line> =
                sim.log().entries().rev().map(|entry| Line::of(entry, &driver.plan)).collect();
            let ghost = driver.ghost.as_ref();
            Glance {
                log,
                past: Past::of(sim.log().entries(), &driver.plan),
                marks: marks::of_run(&driver.timeline, &driver.plan),
                charts: run.lanes.with_value(|lanes| read(lanes, &driver.timeline)),
                ghost_charts: ghost
                    .map(|ghost| run.lanes.with_value(|lanes| read(lanes, ghost)))
                    .unwrap_or_default(),
                difference: ghost.map(|ghost| difference(&driver.timeline, ghost)),
                standing: driver.standing(span_s),
                kept: driver.playback.kept_permille(),
                inside: selected.node().map(|node| sim.inspect(node)).unwrap_or_default(),
            }
        });
        self.driver.update_value(|driver| driver.axis = glance.standing.axis);
        set_if_new(run.standing, glance.standing);
        set_if_new(run.log, glance.log);
        set_if_new(run.past, glance.past);
        set_if_new(run.marks, glance.marks);
        set_if_new(run.charts, glance.charts);
        set_if_new(run.ghost_charts, glance.ghost_charts);
        set_if_new(run.difference, glance.difference);
        set_if_new(self.kept, glance.kept);
        set_if_new(run.inside, glance.inside);
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

/// What panels show, taken at one moment.
struct Glance {
    log: Vec<Line>,
    past: Past,
    marks: Vec<Mark>,
    charts: Vec<Vec<Samples>>,
    ghost_charts: Vec<Vec<Samples>>,
    difference: Option<Difference>,
    standing: Standing,
    kept: u32,
    inside: Inspection,
}

/// Tells only those who read it, and only if there is something to tell.
fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|shown| *shown != value) {
        signal.set(value);
    }
}

/// What is to be published after a frame.
struct Due {
    frame: bool,
    glance: bool,
    why: bool,
}

impl Driver {
    /// Runs the timeline up to where the playback wants it, or as far as the frame's budget goes; then the ghost to
    /// the same instant with what is left.
    fn step(&mut self, now: f64) {
        let real_ms = now - self.last_frame_ms;
        self.last_frame_ms = now;
        let in_budget = || now_ms() - now <= BUDGET_MS;
        let from = self.timeline.now();
        if self.timeline.wanted() == from {
            let target = self.playback.advance(real_ms);
            while self.timeline.run_until(target, EVENTS_A_LOOK) == Progress::OutOfBudget {
                if !in_budget() {
                    break;
                }
            }
            // What was not reached is not owed: the clock has slowed down instead.
            let reached = self.timeline.now();
            self.playback.settle(from, reached, real_ms);
            if reached < target {
                let _ = self.timeline.seek(reached, 0);
            }
        } else {
            let wanted = self.timeline.wanted();
            while self.timeline.seek(wanted, EVENTS_A_LOOK) == Progress::OutOfBudget {
                if !in_budget() {
                    break;
                }
            }
            self.playback.move_to(wanted);
        }
        let shown = self.timeline.now();
        if let Some(ghost) = &mut self.ghost {
            while ghost.seek(shown, EVENTS_A_LOOK) == Progress::OutOfBudget && in_budget() {}
        }
    }

    /// Whether there is work to be done although time may stand still.
    fn is_behind(&self) -> bool {
        let ghost = self.ghost.as_ref();
        self.timeline.wanted() != self.timeline.now()
            || ghost.is_some_and(|ghost| ghost.now() != self.timeline.now())
    }

    /// Another run from now on.
    fn take(&mut self, timeline: Timeline) {
        self.playback.move_to(timeline.wanted());
        self.timeline = timeline;
        self.ghost = None;
    }

    fn standing(&self, span_s: u64) -> Standing {
        let (now, end) = (self.timeline.now(), self.timeline.end());
        Standing {
            now,
            end,
            axis: self.axis.follow(span_s, now, end),
            can_undo: self.timeline.can_undo(),
            can_redo: self.timeline.can_redo(),
            seeking: self.timeline.wanted() != now,
        }
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
