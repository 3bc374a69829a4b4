//! A run that remembers: any instant of it can be shown again, and one command can be changed.
//!
//! A run is its plan, its seed and its commands. The timeline keeps these, copies of the world along the way
//! ([`keyframes`](self)) and the world at the instant that is shown. To show another instant it takes the last copy
//! before it and runs on from there, so what is shown again is what was there.
//!
//! # The contract
//!
//! - The same plan, seed and commands give the same world at the same instant, by whatever way it was reached.
//! - A command at an instant of the past makes what came after it another run: later commands are dropped, and
//!   what was known of the time after is forgotten.
//! - Work is bounded where it can be long: [`Timeline::run_until`] and [`Timeline::seek`] do at most `max_steps`
//!   and are called again until they answer [`Progress::Reached`]. [`Timeline::undo`], [`Timeline::redo`] and
//!   [`Timeline::with_commands`] leave the shown instant where it is if that takes at most [`CATCH_UP_STEPS`];
//!   otherwise [`Timeline::now`] is before [`Timeline::wanted`], and `seek(wanted, max_steps)` brings it there.

mod compare;
mod following;
mod keyframes;
pub mod mark;
mod moment;

use alloc::rc::Rc;
use alloc::vec::Vec;

use understudy_core::{SimTime, sort};

use crate::command::{Command, CommandError, TimedCommand};
use crate::follow::Followed;
use crate::plan::Plan;
use crate::sim::{Progress, Sim};
use crate::trace::TraceEntry;

pub use compare::{ComparedBucket, ComparedRun, Comparison, RunSummary, compare};
pub use keyframes::Keeping;
pub use mark::{Mark, MarkKind, Subject};

use keyframes::Keyframes;
use moment::{Copier, Kept, Moment};

/// How many steps an undo, a redo or another list of commands may run at once to show the same instant again.
pub const CATCH_UP_STEPS: u64 = 100_000;
/// Steps between the shown moment and the nearest copy that stepping back leaves: less than a frame's work.
const TRAIL_GAP: u64 = 256;
/// How many lists of commands can be undone.
const UNDO_KEPT: usize = 200;

/// A run that remembers.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// What the reader commanded, in order of time.
    commands: Rc<[TimedCommand]>,
    shown: Moment,
    wanted: SimTime,
    end: SimTime,
    /// The furthest moment that was reached, if it lies after the shown one.
    ahead: Option<Rc<Kept>>,
    keyframes: Keyframes,
    /// How copies are made; `None` if only the start is remembered.
    copier: Option<&'static Copier>,
    /// Copies of the world shortly before the shown moment, for stepping back again and again.
    trail: Vec<Rc<Kept>>,
    undone: Vec<Rc<[TimedCommand]>>,
    done: Vec<Rc<[TimedCommand]>>,
    /// The request that is followed, as far as its story is known: beyond the shown moment too.
    story: Option<Followed>,
}

impl Timeline {
    /// The run of `plan` at its start.
    pub fn new(plan: Rc<Plan>, seed: u64) -> Self {
        Self::keeping(plan, seed, Keeping::default())
    }

    /// The run of `plan` at its start, that remembers more or less than usual. It changes how long a seek takes and
    /// nothing else.
    pub fn keeping(plan: Rc<Plan>, seed: u64, keeping: Keeping) -> Self {
        let mut shown = Moment { sim: Sim::new(plan, seed), applied: 0 };
        let start = (Copier::PACKING.of)(&mut shown);
        Self::at_start(shown, start, keeping, Some(&Copier::PACKING))
    }

    /// The run of `plan` under commands, at its start, that remembers nothing but the start: to show an instant of the
    /// past it runs all the way there again. For short runs, in programs that have to be small. Fails if a command
    /// makes no sense.
    pub fn without_copies(
        plan: Rc<Plan>,
        seed: u64,
        commands: Vec<TimedCommand>,
    ) -> Result<Self, CommandError> {
        let commands = checked(commands, &plan)?;
        let (shown, start) = (Kept::start(Rc::clone(&plan), seed).into_moment(), Kept::start(plan, seed));
        let run = Self::at_start(shown, start, Keeping::default(), None);
        Ok(Self { commands: commands.into(), ..run })
    }

    fn at_start(shown: Moment, start: Kept, keeping: Keeping, copier: Option<&'static Copier>) -> Self {
        Self {
            commands: Rc::from([]),
            keyframes: Keyframes::new(start, keeping),
            copier,
            shown,
            wanted: SimTime::ZERO,
            end: SimTime::ZERO,
            ahead: None,
            trail: Vec::new(),
            undone: Vec::new(),
            done: Vec::new(),
            story: None,
        }
    }

    /// The world at the shown instant.
    pub const fn sim(&self) -> &Sim {
        &self.shown.sim
    }

    /// The plan that is run.
    pub fn plan(&self) -> &Plan {
        self.shown.sim.plan()
    }

    /// The seed of all randomness.
    pub const fn seed(&self) -> u64 {
        self.shown.sim.seed()
    }

    /// The shown instant.
    pub const fn now(&self) -> SimTime {
        self.shown.sim.now()
    }

    /// The instant that is to be shown: later or earlier than [`Self::now`] while a seek is under way, or after an
    /// undo that needs more work than is done at once.
    pub const fn wanted(&self) -> SimTime {
        self.wanted
    }

    /// The furthest instant that this run has reached.
    pub const fn end(&self) -> SimTime {
        self.end
    }

    /// The reader's commands, in order of time: those to come too, if the shown instant is in the past.
    pub fn commands(&self) -> &[TimedCommand] {
        &self.commands
    }

    /// The turning points of the run so far, those after the shown instant too.
    pub fn marks(&self) -> &[Mark] {
        self.furthest().sim.log().marks()
    }

    /// The world at the furthest instant: its log and metrics tell of what comes after the shown one too.
    pub fn furthest_sim(&self) -> &Sim {
        &self.furthest().sim
    }

    /// How many copies of the world are kept.
    pub fn keyframes(&self) -> usize {
        self.keyframes.len()
    }

    /// How large these are together, about, in bytes.
    pub const fn keyframe_bytes(&self) -> usize {
        self.keyframes.bytes()
    }

    /// The most events and commands that lie between an instant and the copy before it: what a seek runs.
    pub const fn replay_limit(&self) -> u64 {
        self.keyframes.widest()
    }

    /// Another timeline of the same run, that goes its own way from here. Copies of the world are shared.
    #[must_use]
    pub fn fork(&self) -> Self {
        self.clone()
    }

    /// Lets everything up to and at `target` happen, but no more than `max_steps` events and commands. A target in
    /// the past changes nothing.
    pub fn run_until(&mut self, target: SimTime, max_steps: u64) -> Progress {
        if target < self.now() {
            return Progress::Reached;
        }
        self.seek(target, max_steps)
    }

    /// Shows `target`, past or future, with everything up to and at it done; if that takes more than `max_steps`
    /// events and commands, shows an instant on the way there. Call it again with the same target then.
    pub fn seek(&mut self, target: SimTime, max_steps: u64) -> Progress {
        self.wanted = target;
        self.jump_towards(target);
        let progress = self.advance(target, max_steps);
        self.arrived();
        progress
    }

    /// Lets the next event or command happen, whenever it is due. `None` if nothing will ever happen.
    pub fn step_forward(&mut self) -> Option<TraceEntry> {
        let entry = self.shown.step(&self.commands, SimTime::MAX)?;
        self.wanted = self.now();
        self.offer();
        self.arrived();
        Some(entry)
    }

    /// Shows the world as it was just before the last event or command, at the instant of the one before that.
    /// False at the start of the run.
    pub fn step_back(&mut self) -> bool {
        let before = self.shown.sim.steps();
        let steps = before.saturating_sub(1);
        self.remember_ahead();
        self.learn();
        self.shown = self.at_step(steps);
        self.wanted = self.now();
        before > 0
    }

    /// The world after so many steps, at the instant of the last of them. Copies of it are left on the way, nearer
    /// and nearer to each other, so that the steps before are found quickly.
    fn at_step(&mut self, steps: u64) -> Moment {
        let keyframe = self.keyframes.with_at_most(steps);
        let still_near = keyframe.peek().sim.steps() + 1..=steps;
        self.trail.retain(|moment| still_near.contains(&moment.peek().sim.steps()));
        let nearest = self.trail.last().unwrap_or(keyframe);
        let mut moment = self.copy(nearest);
        let mut next_copy = steps - (steps - moment.sim.steps()) / 2;
        while moment.sim.steps() < steps {
            if moment.sim.steps() == next_copy && steps - next_copy >= TRAIL_GAP {
                self.trail.extend(self.copier.map(|copier| Rc::new((copier.of)(&mut moment))));
                next_copy += (steps - next_copy) / 2;
            }
            moment.step(&self.commands, SimTime::MAX).expect("it happened before");
        }
        moment
    }

    /// Carries out a command at the shown instant, after everything that is due by then. What came after is another
    /// run now: later commands are dropped. A command that makes no sense is refused and changes nothing.
    pub fn command(&mut self, command: Command) -> Result<TraceEntry, CommandError> {
        command.check(self.plan())?;
        let at = self.now();
        self.wanted = at;
        self.advance(at, u64::MAX);
        self.forget_after_shown();
        let kept = self.commands[..self.shown.applied].iter().copied();
        let commands: Vec<_> = kept.chain([TimedCommand { at, command }]).collect();
        let before = core::mem::replace(&mut self.commands, commands.into());
        self.remember_list(before);
        self.shown.applied += 1;
        let entry = self.shown.sim.carry_out_at(at, command);
        self.offer();
        Ok(entry)
    }

    /// Carries out a command at the shown instant; of what was to come afterwards, `later` still comes. A command that
    /// makes no sense is refused and changes nothing.
    pub fn command_before(&mut self, command: Command, later: &[TimedCommand]) -> Result<(), CommandError> {
        command.check(self.plan())?;
        let at = self.now();
        self.wanted = at;
        self.advance(at, u64::MAX);
        let kept = self.commands[..self.shown.applied].iter().copied();
        let later = later.iter().copied().filter(|timed| timed.at > at);
        let list: Vec<_> = kept.chain([TimedCommand { at, command }]).chain(later).collect();
        let before = self.change_to(list.into());
        self.remember_list(before);
        Ok(())
    }

    /// Takes the last change of the list of commands back; false if there is none. The shown instant stays, see
    /// [`Self::wanted`].
    pub fn undo(&mut self) -> bool {
        let Some(list) = self.done.pop() else { return false };
        let before = self.change_to(list);
        self.undone.push(before);
        true
    }

    /// Makes the last change that was taken back again; false if there is none. The shown instant stays, see
    /// [`Self::wanted`].
    pub fn redo(&mut self) -> bool {
        let Some(list) = self.undone.pop() else { return false };
        let before = self.change_to(list);
        self.done.push(before);
        true
    }

    /// Whether there is a change to take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is a change to make again.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// The same run with another list of commands, at the same shown instant (see [`Self::wanted`]). What the two
    /// have in common is shared. Fails if a command makes no sense.
    pub fn with_commands(&self, commands: Vec<TimedCommand>) -> Result<Self, CommandError> {
        let commands = checked(commands, self.plan())?;
        let mut other = self.clone();
        let before = other.change_to(commands.into());
        other.remember_list(before);
        Ok(other)
    }

    /// When the list of commands parts from another's; `None` if they are the same.
    fn parts_from(&self, other: &Self) -> Option<SimTime> {
        parting(&self.commands, &other.commands).map(|(_, at)| at)
    }

    fn furthest(&self) -> &Moment {
        self.ahead.as_deref().map_or(&self.shown, Kept::peek)
    }

    /// The list of commands before a change can be had back.
    fn remember_list(&mut self, before: Rc<[TimedCommand]>) {
        if self.done.len() == UNDO_KEPT {
            self.done.remove(0);
        }
        self.done.push(before);
        self.undone.clear();
    }

    /// Follows another list from where it parts from this one. Answers the list so far.
    fn change_to(&mut self, list: Rc<[TimedCommand]>) -> Rc<[TimedCommand]> {
        let before = core::mem::replace(&mut self.commands, list);
        let Some((shared, next)) = parting(&before, &self.commands) else { return before };
        let belongs = |moment: &Moment| moment.is_before(shared, next);
        self.trail.retain(|kept| belongs(kept.peek()));
        self.end = self.end.min(next).max(self.wanted);
        self.keyframes.keep_while(belongs);
        if self.ahead.as_deref().is_some_and(|ahead| !belongs(ahead.peek())) {
            self.ahead = None;
        }
        self.learn();
        self.doubt_from(next);
        if !belongs(&self.shown) {
            self.shown = self.copy(self.keyframes.last_that(belongs));
        }
        self.seek(self.wanted, CATCH_UP_STEPS);
        before
    }

    /// Takes a moment that is kept instead of the shown one, if that is nearer before `target`.
    fn jump_towards(&mut self, target: SimTime) {
        let is_past = target < self.now();
        if is_past {
            self.remember_ahead();
        }
        let ahead = self.ahead.as_ref().filter(|ahead| ahead.peek().sim.now() <= target);
        let nearest = ahead.unwrap_or_else(|| self.keyframes.at_or_before(target));
        let nearest = Rc::clone(nearest);
        if is_past {
            self.learn();
        } else if nearest.peek().along(&self.shown).is_gt() {
            self.learn_until(nearest.peek().sim.steps());
        } else {
            return;
        }
        self.shown = self.copy(&nearest);
    }

    /// Runs on, and keeps copies of the world where they belong.
    fn advance(&mut self, target: SimTime, max_steps: u64) -> Progress {
        let stop = self.shown.sim.steps().saturating_add(max_steps);
        loop {
            let steps = self.shown.sim.steps();
            let pause = self.keyframes.next_due(steps).min(stop);
            if self.shown.run_until(&self.commands, target, pause - steps) == Progress::Reached {
                return Progress::Reached;
            }
            self.offer();
            if pause == stop {
                return Progress::OutOfBudget;
            }
        }
    }

    /// The shown moment may be about to be left: if nothing further is known, it is kept.
    fn remember_ahead(&mut self) {
        if self.ahead.is_none() {
            self.ahead = self.copier.map(|copier| Rc::new((copier.of)(&mut self.shown)));
        }
    }

    /// Keeps a copy of the shown moment if one belongs here.
    fn offer(&mut self) {
        if let Some(copier) = self.copier {
            self.keyframes.offer(&mut self.shown, copier);
        }
    }

    /// What was kept, so that it can be run; without copies that is always the start.
    fn copy(&self, kept: &Kept) -> Moment {
        let anew = || Kept::start(self.shown.sim.shared_plan(), self.seed()).into_moment();
        let mut moment = self.copier.map_or_else(anew, |copier| (copier.take)(kept));
        moment.sim.set_followed(self.story.as_ref().map(|story| story.by(moment.sim.now())));
        moment
    }

    /// The shown moment may be the furthest now.
    fn arrived(&mut self) {
        self.end = self.end.max(self.now());
        if self.ahead.as_deref().is_some_and(|ahead| ahead.peek().along(&self.shown).is_le()) {
            self.ahead = None;
        }
    }

    fn forget_after_shown(&mut self) {
        self.story = self.shown.sim.followed().cloned();
        self.ahead = None;
        self.end = self.now();
        let steps = self.shown.sim.steps();
        self.trail.retain(|kept| kept.peek().sim.steps() <= steps);
        self.keyframes.keep_while(|keyframe| keyframe.sim.steps() <= steps);
    }
}

/// Commands in order of time, if all of them make sense.
fn checked(mut commands: Vec<TimedCommand>, plan: &Plan) -> Result<Vec<TimedCommand>, CommandError> {
    for timed in &commands {
        timed.command.check(plan)?;
    }
    sort::by_key(&mut commands, |timed| timed.at.as_nanos().into());
    Ok(commands)
}

/// How many commands at the start of two lists are the same, and when the first of those that differ is due; `None`
/// if the lists are the same.
fn parting(one: &[TimedCommand], other: &[TimedCommand]) -> Option<(usize, SimTime)> {
    let shared = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let next = [one.get(shared), other.get(shared)].into_iter().flatten().map(|timed| timed.at).min()?;
    Some((shared, next))
}
