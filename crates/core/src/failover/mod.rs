//! The failover manager: who is primary, and who becomes it when the primary fails.
//!
//! A replicated database has one node that accepts writes. When it fails, another one must take over, and
//! three things can go wrong. The new primary may lack writes that a client was told are safe: so the most
//! advanced replica is chosen, and with quorum commit enough replicas are heard to be sure. The old primary
//! may not be dead but only out of reach, and accept writes still: so it is fenced before anyone is promoted.
//! And it may come back with writes that nobody else has: so it is rewound to where the histories part, and
//! what it loses is named.
//!
//! This is one manager apart from the database nodes, as pg_auto_failover's monitor is. It calls every node
//! each `interval`; what it asks of them follows pg_auto_failover's states, the lease follows Patroni's
//! leader key, and fencing by a device follows Pacemaker's STONITH. `docs/model/failover.md` compares them in
//! detail.
//!
//! # How a takeover goes
//!
//! 1. *Detection.* `fall` calls in a row fail: the primary is believed unreachable. Its lease is extended no more.
//! 2. *Electing.* Every replica stops receiving and reports where its log ends. From then on nothing that the
//!    old primary writes can be acknowledged on its word.
//! 3. *Fencing.* The most advanced candidate waits until the old primary has surely stopped: it says so itself,
//!    the device confirms, or its lease has run out.
//! 4. *Promoting.* The candidate starts a new timeline. From the moment it is told it counts as primary, for it
//!    may be accepting writes already: if it fails now, it is fenced like any other.
//! 5. *Watching.* It confirms: writes are routed to it and the others follow it; the old primary, when it
//!    comes back, is demoted and rewound first.
//!
//! Until a candidate is told, a primary that answers again keeps its place (unless the fencing device was
//! already asked, or an operator wants it replaced).
//!
//! # What the driver must keep
//!
//! Beyond the crate's contract: calls to one node are delivered in order or not at all; a node that was told
//! to stop receiving does so before it reports, and neither receives nor accepts writes until it is told to,
//! a restart included; a node starts as [`Role::Demoted`] after a restart.

mod calls;
mod config;
mod election;
mod history;
mod message;
mod peer;
mod phase;
mod sentence;
mod step;
mod switchover;
mod takeover;
mod timers;

use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

pub use self::config::{ConfigError, Durability, FailoverConfig, Fencing, Mode, NodeConfig};
pub use self::election::{Choice, NoCandidate, PassedOver, WhyNot};
pub use self::history::History;
pub use self::message::{CallId, Command, FailoverOutput, FenceId, Instruction, NodeIndex, Report, Role};
pub use self::phase::{Phase, Switchover, Takeover};
pub use self::sentence::Sentence;
pub use self::step::{FencedBy, GivenUp, Refusal, Step, Trigger};

use self::peer::{Answer, Peer};
use self::timers::{Timer, Timers};
use crate::lsn::TimelineId;
use crate::time::SimTime;

/// Whether the primary knows that it may take writes only while it holds a lease: not at once after leases were
/// brought into use, nor before the first call to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum LeaseKnown {
    Yes,
    /// It was not told yet.
    Untold,
    /// It is told in this call.
    Told(CallId),
}

impl LeaseKnown {
    /// Of a primary that was not called since this way to fence was brought into use.
    const fn under(fencing: Fencing) -> Self {
        match fencing {
            Fencing::Lease { .. } => Self::Untold,
            Fencing::Device { .. } | Fencing::None => Self::Yes,
        }
    }

    /// A call that gives a lease is made.
    const fn after_call(self, call: CallId) -> Self {
        match self {
            Self::Untold => Self::Told(call),
            known => known,
        }
    }

    /// The primary has answered a call.
    fn after_answer(self, answered: CallId) -> Self {
        match self {
            Self::Told(call) if answered >= call => Self::Yes,
            known => known,
        }
    }
}

/// Watches one cluster. See the [module](self) for the rules and the [crate] for how it is driven.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FailoverManager {
    config: Arc<FailoverConfig>,
    mode: Mode,
    peers: Vec<Peer>,
    /// The node that accepts writes, or would if it could be reached.
    primary: NodeIndex,
    /// The timeline that the primary leads, or was told to start.
    timeline: TimelineId,
    history: History,
    /// No lease that was ever given to the primary lasts beyond this.
    lease_until: SimTime,
    lease_known: LeaseKnown,
    route: Option<NodeIndex>,
    phase: Phase,
    last_fence: FenceId,
    timers: Timers,
    outputs: VecDeque<FailoverOutput>,
}

impl FailoverManager {
    /// A manager of a cluster in which `primary` leads `timeline` and the others follow it, all believed
    /// reachable. The first round of checks is due at `now`.
    pub fn new(config: FailoverConfig, primary: NodeIndex, timeline: TimelineId, now: SimTime) -> Self {
        if let Err(problem) = config.validate() {
            panic!("the settings are validated before a manager is made: {problem}");
        }
        assert!(primary.get() < config.nodes.len(), "the primary is one of the nodes");
        let mut timers = Timers::default();
        timers.arm(Timer::Check, now);
        let mut manager = Self {
            mode: config.mode,
            peers: alloc::vec![Peer::new(); config.nodes.len()],
            primary,
            timeline,
            history: History::new(timeline),
            lease_until: now,
            lease_known: LeaseKnown::under(config.fencing),
            route: None,
            phase: Phase::Watching,
            last_fence: FenceId(0),
            timers,
            outputs: VecDeque::new(),
            config: Arc::new(config),
        };
        manager.set_route(Some(primary));
        manager
    }

    /// The settings in force, but for the mode: see [`mode`](Self::mode).
    pub fn config(&self) -> &FailoverConfig {
        &self.config
    }

    /// Who decides.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// What it is doing.
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The node that is primary, or was told to become it.
    pub const fn primary(&self) -> NodeIndex {
        self.primary
    }

    /// The primary's timeline.
    pub const fn timeline(&self) -> TimelineId {
        self.timeline
    }

    /// The timelines it has started.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Where writes go.
    pub const fn route(&self) -> Option<NodeIndex> {
        self.route
    }

    /// Since when a node is believed unreachable; `None` if it is believed reachable.
    pub fn unreachable_since(&self, node: NodeIndex) -> Option<SimTime> {
        self.peers[node.get()].unreachable_since()
    }

    /// How many calls in a row a node has failed to answer, up to `fall`.
    pub fn missed(&self, node: NodeIndex) -> u32 {
        self.peers[node.get()].missed()
    }

    /// What a node said last, however long ago.
    pub fn last_report(&self, node: NodeIndex) -> Option<Report> {
        self.peers[node.get()].report
    }

    /// A step as a sentence with the nodes' names.
    pub fn explain(&self, step: &Step) -> String {
        step.with_names(&self.config.nodes).to_string()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted next.
    pub fn poll_timeout(&self) -> Option<SimTime> {
        self.timers.next()
    }

    /// The next thing for the driver to do, or `None` when all is done.
    pub fn poll_output(&mut self) -> Option<FailoverOutput> {
        self.outputs.pop_front()
    }

    /// Time has come.
    pub fn handle_timeout(&mut self, now: SimTime) {
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::Check => self.check_round(now),
                Timer::ReportWindow => self.close_report_window(now),
                Timer::FenceRetry => self.ask_to_fence(now),
                Timer::LeaseExpiry => self.fenced(now, FencedBy::LeaseExpiry),
                Timer::CatchUp => self.give_up(now, GivenUp::CatchUpTimeout),
            }
        }
    }

    /// A node has answered a call, or has something new to say since the latest one.
    pub fn handle_report(&mut self, now: SimTime, node: NodeIndex, report: Report) {
        let Answer::Current { away } = self.peers[node.get()].answer(now, report) else { return };
        if let Some(away) = away {
            self.note(Step::Reachable { node, away });
        }
        if node == self.primary {
            self.lease_known = self.lease_known.after_answer(report.call);
        }
        match &self.phase {
            Phase::Watching => {
                if self.leads(self.primary) {
                    self.set_route(Some(self.primary));
                }
            }
            Phase::Electing(_) | Phase::Fencing(_) => self.heard_in_takeover(now, node),
            Phase::Promoting { since } => {
                if self.leads(self.primary) {
                    self.confirm_promotion(now, *since);
                }
            }
            Phase::Draining(_) => self.heard_in_switchover(now, node),
        }
        self.instruct_after_report(now, node);
    }

    /// A call could not be delivered: the connection was refused. It need not be waited for.
    pub fn handle_call_failed(&mut self, now: SimTime, node: NodeIndex, call: CallId) {
        let fall = self.config.fall;
        let peer = &mut self.peers[node.get()];
        if peer.awaits(call) && peer.miss(now, fall) {
            self.lost_contact(now, node);
        }
    }

    /// The fencing device has answered a request: the node is off, or it could not be done.
    pub fn handle_fence_result(&mut self, now: SimTime, request: FenceId, confirmed: bool) {
        let pending = self.phase.takeover().and_then(|takeover| takeover.fence_request);
        if confirmed && pending == Some(request) {
            self.fenced(now, FencedBy::Device);
        }
    }

    /// An operator asks for something. What comes of it, or why nothing does, is in the outputs.
    pub fn handle_command(&mut self, now: SimTime, command: Command) {
        let done = match command {
            Command::Failover { to, allow_data_loss } => self.command_failover(now, to, allow_data_loss),
            Command::Switchover { to } => self.start_switchover(now, to),
            Command::ConfirmFenced => self.command_confirm_fenced(now),
            Command::Rejoin { node } => self.command_rejoin(now, node),
            Command::SetMode(mode) => {
                self.set_mode(now, mode);
                Ok(())
            }
        };
        if let Err(why) = done {
            self.note(Step::Refused { command, why });
        }
    }

    /// Sets how it makes sure that an old primary has stopped. A takeover that waits for the old way goes on in the new
    /// one. A lease counts only once the primary has answered a call that gave it one: before that it may not know
    /// that its right to take writes ends.
    pub fn set_fencing(&mut self, now: SimTime, fencing: Fencing) {
        if fencing == self.config.fencing {
            return;
        }
        let config = Arc::make_mut(&mut self.config);
        config.fencing = fencing;
        debug_assert!(config.validate().is_ok(), "the settings are validated before they are set");
        self.lease_known = LeaseKnown::under(fencing);
        self.begin_fencing_anew();
        let goal = self.goal(self.primary);
        self.call(now, self.primary, goal);
        self.proceed(now);
    }

    /// Sets the commit rule that the databases go by from now on: it says how many replicas must be heard before one
    /// is promoted.
    pub fn set_durability(&mut self, now: SimTime, durability: Durability) {
        if durability != self.config.durability {
            Arc::make_mut(&mut self.config).durability = durability;
            self.proceed(now);
        }
    }

    /// Counts time from `start` on, as if this manager had been made later: everything that is still to come
    /// is as far ahead as before, what is past is at zero. For drivers that compare states whatever the
    /// clock, such as a model checker; only while no call is on its way, since call numbers begin again.
    pub fn rebase(&mut self, start: SimTime) {
        assert!(self.outputs.is_empty(), "the outputs are drained before time is counted anew");
        for peer in &mut self.peers {
            peer.rebase(start);
        }
        self.phase.rebase(start);
        self.timers.rebase(start);
        self.lease_until = timers::since(self.lease_until, start);
    }

    /// One round of health checks: judge the calls that are overdue, then call everyone.
    fn check_round(&mut self, now: SimTime) {
        self.timers.arm(Timer::Check, now + self.config.interval);
        let fall = self.config.fall;
        let nodes = self.config.indices();
        let lost: Vec<NodeIndex> = nodes.filter(|node| self.peers[node.get()].judge(now, fall)).collect();
        for node in lost {
            self.lost_contact(now, node);
        }
        for node in self.config.indices() {
            // A takeover that has just begun has called them already.
            if !self.peers[node.get()].called_at(now, self.config.interval) {
                let goal = self.goal(node);
                self.call(now, node, goal);
            }
        }
    }

    fn lost_contact(&mut self, now: SimTime, node: NodeIndex) {
        let peer = &self.peers[node.get()];
        let (missed, last_answer) = (peer.missed(), peer.last_answer());
        self.note(Step::Unreachable { node, missed, last_answer });
        match &self.phase {
            Phase::Watching | Phase::Promoting { .. } => {
                if node == self.primary {
                    self.lost_primary(now);
                }
            }
            Phase::Electing(_) | Phase::Fencing(_) => self.proceed(now),
            Phase::Draining(_) => self.lost_in_switchover(now, node),
        }
    }

    fn lost_primary(&mut self, now: SimTime) {
        match self.mode {
            Mode::Automatic => self.start_takeover(now, Trigger::Detected, None),
            Mode::Manual => self.note(Step::WaitsForOperator { primary: self.primary }),
        }
    }

    fn set_mode(&mut self, now: SimTime, mode: Mode) {
        if mode == self.mode {
            return;
        }
        self.mode = mode;
        self.note(Step::ModeChanged(mode));
        match (mode, &self.phase) {
            (Mode::Automatic, Phase::Watching | Phase::Promoting { .. })
                if !self.peers[self.primary.get()].reachable() =>
            {
                self.lost_primary(now);
            }
            (Mode::Manual, Phase::Electing(takeover) | Phase::Fencing(takeover))
                if takeover.trigger == Trigger::Detected =>
            {
                self.give_up(now, GivenUp::ManualMode);
            }
            _ => self.instruct_all(now),
        }
    }

    /// Leaves the primary what it is and makes everyone follow it again.
    fn give_up(&mut self, now: SimTime, why: GivenUp) {
        for timer in [Timer::ReportWindow, Timer::FenceRetry, Timer::LeaseExpiry, Timer::CatchUp] {
            self.timers.cancel(timer);
        }
        self.phase = match self.phase.takeover() {
            // It was lost before it had confirmed that it is primary, and may never have heard.
            Some(takeover) if self.last_report(self.primary).is_some() && !self.has_started(self.primary) => {
                Phase::Promoting { since: takeover.since }
            }
            _ => Phase::Watching,
        };
        self.note(Step::GivenUp { primary: self.primary, why });
        if self.leads(self.primary) && self.peers[self.primary.get()].reachable() {
            self.set_route(Some(self.primary));
        }
        self.instruct_all(now);
    }

    fn set_route(&mut self, primary: Option<NodeIndex>) {
        if self.route != primary {
            self.route = primary;
            self.outputs.push_back(FailoverOutput::SetRoute { primary });
        }
    }

    fn note(&mut self, step: Step) {
        self.outputs.push_back(FailoverOutput::Step(step));
    }

    fn check_node(&self, node: NodeIndex) -> Result<(), Refusal> {
        if node.get() >= self.peers.len() {
            Err(Refusal::UnknownNode)
        } else if node == self.primary {
            Err(Refusal::IsPrimary)
        } else {
            Ok(())
        }
    }
}
