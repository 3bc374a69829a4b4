//! What a reader could do in a figure: its buttons, its settings and, where nodes are open, their menus.

use std::rc::Rc;

use understudy_lessons::{Condition, Figure, Scene, all_hold};
use understudy_sim::plan::NodeKind;
use understudy_sim::{Command, Sim, SimDuration, SimTime};

/// How far apart two looks are.
const LOOK: SimDuration = SimDuration::from_millis(250);
/// From one thing that the reader does to the next.
const PAUSE: SimDuration = SimDuration::from_secs(8);
/// How long the reader waits for what comes of the last one.
const PATIENCE: SimDuration = SimDuration::from_secs(20);

/// Something that the reader can do.
#[derive(Clone, Debug)]
struct Step {
    label: String,
    commands: Vec<Command>,
}

impl Step {
    fn of(step: &understudy_lessons::Step) -> Self {
        Self { label: step.label.clone(), commands: step.commands.clone() }
    }
}

/// The settings of a figure.
fn options(figure: &Figure) -> Vec<Step> {
    figure.choices.iter().flat_map(|choice| &choice.options).map(Step::of).collect()
}

/// All that a reader can do in a figure: buttons and settings first, then what the menus of its nodes offer.
fn steps(figure: &Figure) -> Vec<Step> {
    let mut steps: Vec<Step> = figure.actions.iter().map(Step::of).collect();
    steps.extend(options(figure));
    if !figure.breakable {
        return steps;
    }
    for (id, node) in figure.plan.nodes() {
        let acts =
            [("kill", Command::Kill(id)), ("freeze", Command::Hang(id)), ("start", Command::Revive(id))];
        if !matches!(node.kind, NodeKind::Clients(_) | NodeKind::Attacker(_) | NodeKind::Eavesdropper(_)) {
            let act =
                |(verb, command)| Step { label: format!("{verb} {}", node.name), commands: vec![command] };
            steps.extend(acts.map(act));
        }
    }
    steps
}

/// The run of a figure up to where the reader does something: what was prepared for later does not happen then.
fn until_touched(figure: &Figure, at: SimTime) -> Sim {
    let mut sim = Sim::new(Rc::clone(&figure.plan), figure.seed).without_trace();
    for timed in figure.commands.iter().filter(|timed| timed.at <= at) {
        sim.schedule(*timed).expect("it was checked");
    }
    sim.run_until(at, u64::MAX);
    sim
}

/// Lets a run go on until an instant, and looks at it again and again; ends early when `look` has seen what it wants.
pub(crate) fn watch(sim: &mut Sim, until: SimTime, look: &mut impl FnMut(&Scene<'_>) -> bool) -> bool {
    loop {
        let snapshot = sim.snapshot_with(0);
        if look(&Scene::new(sim, &snapshot)) {
            return true;
        }
        if sim.now() >= until {
            return false;
        }
        sim.run_until((sim.now() + LOOK).min(until), u64::MAX);
    }
}

/// When the first thing is done: at once, when all that was prepared has happened, and when it has settled.
fn beginnings(figure: &Figure) -> Vec<SimTime> {
    let last = figure.commands.last().map_or(figure.starts_at, |timed| timed.at);
    let mut all = vec![figure.starts_at, last + SimDuration::from_secs(1), figure.until];
    all.retain(|at| *at >= figure.starts_at);
    all.sort_unstable();
    all.dedup();
    all
}

/// Does up to `depth` things in a figure, in every order, and looks at all that comes of it. Answers what was done when
/// `look` had seen what it wants.
pub(crate) fn explore(
    figure: &Figure,
    depth: usize,
    look: &mut impl FnMut(&Scene<'_>) -> bool,
) -> Option<Vec<String>> {
    let steps = steps(figure);
    // Few steps first: what takes one is not looked for among those of three.
    (1..=depth).find_map(|depth| {
        // Settings that are made before the run is started again: all that was prepared happens.
        let whole = figure.until.since(figure.starts_at) + PATIENCE;
        let mut set =
            Search { steps: &options(figure), pause: SimDuration::default(), patience: whole, look };
        set.further(&figure.run_until(figure.starts_at), depth, &mut Vec::new()).or_else(|| {
            beginnings(figure).into_iter().find_map(|at| {
                let mut search = Search { steps: &steps, pause: PAUSE, patience: PATIENCE, look };
                search.further(&until_touched(figure, at), depth, &mut Vec::new())
            })
        })
    })
}

struct Search<'a, L> {
    steps: &'a [Step],
    /// From one step to the next, and after the last.
    pause: SimDuration,
    patience: SimDuration,
    look: &'a mut L,
}

impl<L: FnMut(&Scene<'_>) -> bool> Search<'_, L> {
    /// Does `depth` more things; `done` was done before.
    fn further(&mut self, sim: &Sim, depth: usize, done: &mut Vec<String>) -> Option<Vec<String>> {
        for step in self.steps {
            if done.contains(&step.label) {
                continue;
            }
            done.push(step.label.clone());
            let mut next = sim.clone();
            for command in &step.commands {
                next.command(*command).expect("it was checked");
            }
            let until = next.now() + if depth == 1 { self.patience } else { self.pause };
            if watch(&mut next, until, self.look) {
                return Some(done.clone());
            }
            if depth > 1
                && let found @ Some(_) = self.further(&next, depth - 1, done)
            {
                return found;
            }
            done.pop();
        }
        None
    }
}

/// When conditions hold for the first time in a run that nobody touches.
pub(crate) fn when(
    figure: &Figure,
    from: SimTime,
    until: SimTime,
    conditions: &[Condition],
) -> Option<SimTime> {
    let mut sim = figure.run_until(from);
    watch(&mut sim, until, &mut |scene| all_hold(conditions, scene)).then(|| sim.now())
}
