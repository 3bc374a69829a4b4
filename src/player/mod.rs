//! The player: owns a run, lets it pass in the browser's frames and publishes what there is to see.
//!
//! One direction round: components read a [`Run`]'s signals and call [`Player`]'s methods; only the player touches the
//! timeline. It knows no more than the stage and the controls of time need. What is built on it (the lab with its
//! charts and its log, a figure with its caption) is its [`Companion`], and is told at the right moments.

mod companion;
mod driver;
pub mod playback;
mod publish;
mod run;

use std::rc::Rc;

use leptos::prelude::*;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;
use understudy_sim::{Command, Plan, SimTime, TimedCommand, Timeline};

use crate::browser::now_ms;
use crate::problem::Problem;
use crate::selection::Selection;
use crate::stage::Setting;
pub use companion::Companion;
use driver::{Driver, EVENTS_A_LOOK};
use playback::{SPEEDS, START_SPEED};
pub use publish::set_if_new;
pub use run::Run;

/// Below this share of the chosen speed, in parts per thousand, the page says that it cannot keep up.
pub const KEEPS_UP_PERMILLE: u32 = 930;

/// What every component of a stage is given, and the only way to act on the run.
#[derive(Clone, Copy)]
pub struct Player {
    driver: StoredValue<Driver, LocalStorage>,
    /// The open scenario.
    pub run: RwSignal<Run>,
    /// Whether time passes.
    pub playing: RwSignal<bool>,
    /// How fast, as an index into [`SPEEDS`].
    pub speed: RwSignal<usize>,
    /// The share of the speed that the machine keeps, in parts per thousand.
    pub kept: RwSignal<u32>,
    /// What is pinned.
    pub selected: RwSignal<Selection>,
    /// The node whose menu is open.
    pub menu: RwSignal<Option<NodeId>>,
    /// What could not be done, until the reader closes it.
    pub problems: RwSignal<Vec<Problem>>,
    /// Whether the reader asked for less motion.
    pub calm: ReadSignal<bool>,
    /// Where the stage stands.
    pub setting: &'static Setting,
}

impl Player {
    /// Holds `timeline`, a run of `plan`, and lets no time pass yet.
    pub fn new(
        plan: Rc<Plan>,
        timeline: Timeline,
        calm: ReadSignal<bool>,
        setting: &'static Setting,
    ) -> Self {
        let selected = first_balancer(&plan);
        let run = Run::new(&timeline, plan);
        Self {
            driver: StoredValue::new_local(Driver::new(timeline)),
            run: RwSignal::new(run),
            playing: RwSignal::new(false),
            speed: RwSignal::new(START_SPEED),
            kept: RwSignal::new(1_000),
            selected: RwSignal::new(Selection::Node(selected)),
            menu: RwSignal::new(None),
            problems: RwSignal::new(Vec::new()),
            calm,
            setting,
        }
    }

    /// What happens by itself at its time, whatever is commanded before.
    pub fn prepare(&self, commands: Vec<TimedCommand>) {
        self.driver.update_value(|driver| driver.prepared = commands);
    }

    /// Whom to tell, from now on.
    pub fn accompany(&self, companion: Rc<dyn Companion>) {
        self.driver.update_value(|driver| driver.companion = Some(companion));
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

    /// Chooses one of [`SPEEDS`].
    pub fn set_speed(&self, index: usize) {
        let index = index.min(SPEEDS.len() - 1);
        self.driver.update_value(|driver| driver.playback.set_speed(index));
        self.speed.set(index);
        self.kept.set(1_000);
    }

    /// Where time stops by itself, the next time that it comes there.
    pub fn stop_at(&self, at: Option<SimTime>) {
        self.driver.update_value(|driver| driver.stop_at = at);
    }

    /// Asks for no frame while the stage is out of sight; afterwards the run goes on where it was.
    pub fn set_asleep(&self, asleep: bool) {
        let is_behind = self.driver.try_update_value(|driver| {
            driver.asleep = asleep;
            driver.last_frame_ms = now_ms();
            driver.timeline.wanted() != driver.timeline.now()
        });
        if !asleep && (self.playing.get_untracked() || is_behind == Some(true)) {
            self.ask_frame();
        }
    }

    /// Shows another run of the open scenario.
    pub fn take(&self, timeline: Timeline) {
        self.driver.update_value(|driver| {
            driver.take(timeline);
            driver.tell(|companion| companion.taken());
        });
        self.menu.set(None);
        self.publish_all();
        self.ask_frame();
    }

    /// Shows a run of another scenario; what is shown of the one before is gone.
    pub fn open(&self, plan: &Rc<Plan>, timeline: Timeline) {
        let run = self.driver.try_update_value(|driver| {
            driver.take(timeline);
            driver.owner.with(|| {
                let run = Run::new(&driver.timeline, plan.clone());
                driver.tell(|companion| companion.opened(run));
                run
            })
        });
        self.menu.set(None);
        self.problems.set(Vec::new());
        if let Some(run) = run {
            self.selected.set(Selection::Node(first_balancer(plan)));
            self.run.set(run);
            self.publish_all();
            self.ask_frame();
        }
    }

    /// Does something to the world, now.
    pub fn command(&self, command: Command) {
        self.commands(&[command]);
    }

    /// Does several things to the world, now. In the past that makes what came after another run.
    pub fn commands(&self, commands: &[Command]) {
        let refused = self.driver.try_update_value(|driver| {
            driver.tell(|companion| companion.before_commands(&driver.timeline));
            let refused = commands.iter().find_map(|command| driver.command(*command).err());
            driver.playback.move_to(driver.timeline.now());
            refused
        });
        if let Some(error) = refused.flatten() {
            self.problems.set(vec![Problem::refused_command(&error)]);
        }
        self.publish_all();
    }

    /// Shows another instant, past or future.
    pub fn seek(&self, at: SimTime) {
        self.driver.update_value(|driver| {
            let _ = driver.timeline.seek(at, EVENTS_A_LOOK);
            driver.playback.move_to(driver.timeline.wanted());
        });
        self.publish_all();
        self.ask_frame();
    }

    /// Pins something. A request is followed from now on; anything else ends that.
    pub fn pin(&self, selection: Selection) {
        self.selected.set(selection);
        self.driver.update_value(|driver| {
            driver.timeline.follow(selection.request());
        });
        let run = self.run.get_untracked();
        let followed = self.timeline(|timeline| timeline.sim().followed().cloned());
        run.followed.set(followed);
        self.publish_glance();
    }

    /// What there is to know of the run that no signal tells.
    pub fn timeline<R>(&self, ask: impl FnOnce(&Timeline) -> R) -> R {
        self.driver.with_value(|driver| ask(&driver.timeline))
    }

    /// Changes the run in a way of the companion's own: a step, an undo. Shows what has become of it.
    pub fn change(&self, change: &dyn Fn(&mut Timeline)) {
        self.driver.update_value(|driver| {
            change(&mut driver.timeline);
            driver.playback.move_to(driver.timeline.wanted());
        });
        self.publish_all();
        self.ask_frame();
    }
}

/// The node that is pinned at first: whose beliefs there are to see.
fn first_balancer(plan: &Plan) -> NodeId {
    let mut nodes = plan.nodes();
    let balancer = nodes.find(|(_, node)| matches!(node.kind, NodeKind::LoadBalancer(_)));
    balancer.map_or(NodeId(0), |(id, _)| id)
}
