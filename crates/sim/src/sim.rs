//! A run: the world, its clock and what is going to happen next.
//!
//! # The order of things
//!
//! Events happen in order of (time, sequence). A command takes effect after every event up to and at its
//! instant, so a command that a person gives while the clock shows 12.4 s and the same command read from a file
//! as `12.4s` are the same.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use crate::command::{Command, CommandError, TimedCommand};
use crate::event::Event;
use crate::follow::Followed;
use crate::ids::{NodeId, RequestNumber};
use crate::inspect::Inspection;
use crate::log::Log;
use crate::metrics::{Metrics, Stretch, WorkTotals};
use crate::outcome::Totals;
use crate::plan::Plan;
use crate::queue::Scheduled;
use crate::trace::{Step, TraceEntry, TraceHash};
use crate::view::Snapshot;
use crate::world::World;

/// A running simulation. Cloning it forks the run.
#[derive(Clone, Debug)]
pub struct Sim {
    world: World,
    now: SimTime,
    seed: u64,
    events: u64,
    steps: u64,
    trace: TraceHash,
    /// Whether the trace is summed up.
    traced: bool,
    /// Commands that are still to come, in order of time.
    agenda: VecDeque<TimedCommand>,
}

/// How far [`Sim::run_until`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All events up to the target have happened and the clock shows the target.
    Reached,
    /// The allowed number of events was used up first; the clock shows the last one.
    OutOfBudget,
}

impl Sim {
    /// A run of `plan` at its start.
    pub fn new(plan: Rc<Plan>, seed: u64) -> Self {
        let agenda = plan.script().iter().copied().collect();
        let world = World::new(plan, seed);
        Self {
            world,
            now: SimTime::ZERO,
            seed,
            events: 0,
            steps: 0,
            trace: TraceHash::default(),
            traced: true,
            agenda,
        }
    }

    pub(crate) const fn world(&self) -> &World {
        &self.world
    }

    /// The plan that is run.
    pub fn plan(&self) -> &Plan {
        self.world.plan()
    }

    /// The plan that is run, to be kept.
    pub(crate) fn shared_plan(&self) -> Rc<Plan> {
        self.world.shared_plan()
    }

    /// The seed of all its randomness.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The clock.
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// Events so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// Events and commands so far.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The same run without summing its trace up, which takes a fifteenth of the time: for those who want figures and
    /// compare no runs. Its [`Self::trace_hash`] stays where it is.
    #[must_use]
    pub fn without_trace(self) -> Self {
        Self { traced: false, ..self }
    }

    /// One number for all that happened so far; see [`crate::trace`].
    pub const fn trace_hash(&self) -> TraceHash {
        self.trace
    }

    /// What happened, as facts.
    pub const fn log(&self) -> &Log {
        self.world.log()
    }

    /// What was measured, over time.
    pub const fn metrics(&self) -> &Metrics {
        self.world.metrics()
    }

    /// What each node's workers have done, in scenario order: zeros for a node without workers.
    pub fn work(&self) -> Vec<WorkTotals> {
        self.world.work(self.now)
    }

    /// What happened in the last `length` of time, or since up to a bucket of the metrics before that.
    pub fn last(&self, length: SimDuration) -> Stretch {
        let since = SimTime::from_nanos(self.now.as_nanos().saturating_sub(length.as_nanos()));
        self.metrics().stretch(since, self.totals(), self.work())
    }

    /// How many requests were sent and how they ended.
    pub const fn totals(&self) -> &Totals {
        self.world.totals()
    }

    /// What can be seen now.
    pub fn snapshot(&self) -> Snapshot {
        self.world.snapshot(self.now, usize::MAX)
    }

    /// What can be seen now, with a sample of at most about `most_flights` of what is on the links.
    pub fn snapshot_with(&self, most_flights: usize) -> Snapshot {
        self.world.snapshot(self.now, most_flights)
    }

    /// What is inside a node now.
    pub fn inspect(&self, node: NodeId) -> Inspection {
        self.world.look_inside(node)
    }

    /// Follows a request that is under way, from where it is now; `None` follows nobody. False if it is not under way.
    /// It changes how the run is looked at, and nothing that happens in it.
    pub fn follow(&mut self, request: Option<RequestNumber>) -> bool {
        self.world.follow(request)
    }

    /// Goes on following a request of which so much is known already.
    pub(crate) fn set_followed(&mut self, followed: Option<Followed>) {
        self.world.set_followed(followed);
    }

    /// The request that is followed, and what happened to it.
    pub const fn followed(&self) -> Option<&Followed> {
        self.world.followed()
    }

    /// Bytes that a copy of the world takes in a [`Timeline`](crate::Timeline), about: without what copies share.
    pub fn size_when_kept(&self) -> usize {
        self.world.packed_bytes()
    }

    /// Asserts what must hold at any instant of any run: for tests, as it looks at everything that is under way.
    pub fn check_invariants(&self) {
        self.world.check();
    }

    /// Lets the next event or command on the agenda take effect, if it is due by `until`, and says what it was.
    pub fn step(&mut self, until: SimTime) -> Option<TraceEntry> {
        if let Some(scheduled) = self.pop_due(until) {
            self.happen(&scheduled);
            return Some(TraceEntry { at: scheduled.at, step: Step::Event(scheduled.event) });
        }
        self.command_due(until)
    }

    /// The next event, if it is due by `until` and no command comes first.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "an event that is handed on as a whole is copied as a whole")]
    fn pop_due(&mut self, until: SimTime) -> Option<Scheduled<Event>> {
        let until = self.agenda.front().map_or(until, |timed| timed.at.min(until));
        self.world.pop_due(until)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    fn happen(&mut self, scheduled: &Scheduled<Event>) {
        assert!(scheduled.at >= self.now, "time went backwards");
        self.now = scheduled.at;
        self.events += 1;
        self.steps += 1;
        if self.traced {
            self.trace.event(scheduled);
        }
        self.world.handle(scheduled.at, scheduled.event);
    }

    /// Carries out the next command on the agenda if it is due by `until`: no event comes before it.
    #[cold]
    fn command_due(&mut self, until: SimTime) -> Option<TraceEntry> {
        let &TimedCommand { at, command } = self.agenda.front().filter(|timed| timed.at <= until)?;
        self.agenda.pop_front();
        self.now = self.now.max(at);
        Some(self.carry_out(command))
    }

    /// Lets everything up to and at `target` happen, but no more than `max_steps` events and commands, and sets the
    /// clock to `target` if all of it did. A target in the past changes nothing.
    pub fn run_until(&mut self, target: SimTime, max_steps: u64) -> Progress {
        for _ in 0..max_steps {
            if let Some(scheduled) = self.pop_due(target) {
                self.happen(&scheduled);
            } else if self.command_due(target).is_none() {
                self.now = self.now.max(target);
                self.world.rest(self.now);
                return Progress::Reached;
            }
        }
        self.world.rest(self.now);
        Progress::OutOfBudget
    }

    /// Carries out a command at this instant, after everything that is due by now. A command that makes no sense
    /// is refused and changes nothing; one that changes nothing, like killing a dead node, is accepted.
    pub fn command(&mut self, command: Command) -> Result<TraceEntry, CommandError> {
        command.check(self.plan())?;
        self.run_until(self.now, u64::MAX);
        Ok(self.carry_out(command))
    }

    /// Puts a command on the agenda: it takes effect at its time, after those that are on it for the same time. One
    /// whose time is past takes effect next.
    pub fn schedule(&mut self, timed: TimedCommand) -> Result<(), CommandError> {
        timed.command.check(self.plan())?;
        let place = self.agenda.partition_point(|earlier| earlier.at <= timed.at);
        self.agenda.insert(place, timed);
        Ok(())
    }

    /// A copy to be kept and not run until it is unpacked: smaller than a clone.
    pub(crate) fn packed(&mut self) -> Self {
        Self { world: self.world.packed(), agenda: self.agenda.clone(), ..*self }
    }

    /// A usable copy of a packed one.
    pub(crate) fn unpacked(&self) -> Self {
        let mut copy = self.clone();
        copy.world.unpack();
        copy
    }

    /// Carries out a command that was checked, at `at`: nothing is due before it.
    pub(crate) fn carry_out_at(&mut self, at: SimTime, command: Command) -> TraceEntry {
        self.now = self.now.max(at);
        self.carry_out(command)
    }

    fn carry_out(&mut self, command: Command) -> TraceEntry {
        self.steps += 1;
        self.trace.command(self.now, &command, self.world.plan());
        self.world.command(self.now, command);
        TraceEntry { at: self.now, step: Step::Command(command) }
    }
}
