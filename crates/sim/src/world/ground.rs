//! What all nodes share: the clock, what is true of each node, the calls, the books.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use understudy_core::alerting::Counters;
use understudy_core::replication::Chunks;
use understudy_core::{SimDuration, SimTime};

use super::network::LinkState;
use crate::calls::{CallId, Caller, Calls, Request, Stage};
use crate::event::{Event, Incarnation, Wake};
use crate::follow::{Followed, HopStep};
use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::log::{Fact, Log};
use crate::metrics::Metrics;
use crate::outcome::{Outcome, Totals};
use crate::plan::{NodeKind, Plan};
use crate::post::Post;
use crate::queue::EventQueue;
use crate::view::{FAILURES_KEPT, Failure, Truth};

use super::writes::Writes;

#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) plan: Rc<Plan>,
    /// The run's seed.
    pub(super) seed: u64,
    pub(super) now: SimTime,
    pub(super) queue: EventQueue<Event>,
    pub(super) calls: Calls,
    pub(super) post: Post,
    pub(super) truths: Vec<Truth>,
    incarnations: Vec<Incarnation>,
    started_at: Vec<SimTime>,
    gave_address_up: Vec<bool>,
    /// How many times as long as usual each node's work takes.
    slowness: Vec<u32>,
    pub(super) links: Vec<LinkState>,
    pub(super) totals: Totals,
    pub(super) metrics: Metrics,
    /// The instant that, once passed, makes the world be read.
    pub(super) next_reading: SimTime,
    pub(super) log: Log,
    /// Copies of the world share them.
    pub(super) failures: Chunks<Failure, 32>,
    pub(super) writes: Writes,
    /// Whom somebody looks at: changes nothing of what happens.
    pub(super) followed: Option<Followed>,
    /// What each node counts of its calls, if a monitor watches anything; else empty.
    pub(super) counters: Vec<Counters>,
    /// When the newest fault happened.
    pub(super) last_fault: Option<SimTime>,
}

impl Ground {
    pub(super) fn new(plan: Rc<Plan>, seed: u64) -> Self {
        let nodes = plan.nodes().len();
        let links = plan.links().map(|(_, link)| LinkState::new(link.latency)).collect();
        let metrics = Metrics::new(&plan);
        let mut ground = Self {
            plan,
            seed,
            now: SimTime::ZERO,
            queue: EventQueue::default(),
            calls: Calls::default(),
            post: Post::default(),
            truths: vec![Truth::Up; nodes],
            incarnations: vec![Incarnation::default(); nodes],
            started_at: vec![SimTime::ZERO; nodes],
            gave_address_up: vec![false; nodes],
            slowness: vec![1; nodes],
            links,
            totals: Totals::default(),
            metrics,
            next_reading: SimTime::ZERO,
            log: Log::default(),
            failures: Chunks::default(),
            writes: Writes::default(),
            followed: None,
            counters: Vec::new(),
            last_fault: None,
        };
        ground.lay_links();
        ground.impair_links();
        ground
    }

    pub(super) fn is_up(&self, node: NodeId) -> bool {
        self.truths[node.get()].is_up()
    }

    pub(super) fn incarnation(&self, node: NodeId) -> Incarnation {
        self.incarnations[node.get()]
    }

    /// How long the node has not worked, if it does not.
    pub(super) fn out_for(&self, node: NodeId) -> Option<SimDuration> {
        match self.truths[node.get()] {
            Truth::Up | Truth::Stopping { .. } => None,
            Truth::Down { since } | Truth::Hung { since } => Some(self.now.since(since)),
        }
    }

    /// How long ago the node was started, if it works.
    pub(super) fn up_for(&self, node: NodeId) -> Option<SimDuration> {
        self.is_up(node).then(|| self.now.since(self.started_at[node.get()]))
    }

    pub(super) fn set_down(&mut self, node: NodeId) {
        self.truths[node.get()] = Truth::Down { since: self.now };
        self.incarnations[node.get()].0 += 1;
        self.slowness[node.get()] = 1;
    }

    pub(super) fn set_stopping(&mut self, node: NodeId) {
        self.truths[node.get()] = Truth::Stopping { since: self.now };
        self.gave_address_up[node.get()] = self.plan.vrrp_priority(node).is_some();
    }

    /// Whether the node was stopped cleanly and gave its virtual address up: its host drops what is still sent there.
    pub(super) fn gave_address_up(&self, node: NodeId) -> bool {
        self.gave_address_up[node.get()]
    }

    /// Whether a request is inside the node. Walks over all calls: for rare events only.
    pub(super) fn has_inside(&self, node: NodeId) -> bool {
        self.calls.any(|call| call.callee == node && call.is_inside())
    }

    pub(super) fn set_hung(&mut self, node: NodeId) {
        self.truths[node.get()] = Truth::Hung { since: self.now };
    }

    pub(super) fn set_up(&mut self, node: NodeId) {
        self.truths[node.get()] = Truth::Up;
        if let Some(counters) = self.counters.get_mut(node.get()) {
            *counters = Counters::default();
        }
        self.gave_address_up[node.get()] = false;
        self.started_at[node.get()] = self.now;
    }

    /// Sets how many times as long as usual the node's work takes; false if it was so already.
    pub(super) fn set_slowness(&mut self, node: NodeId, times: u32) -> bool {
        core::mem::replace(&mut self.slowness[node.get()], times) != times
    }

    pub(super) fn slowness(&self, node: NodeId) -> u32 {
        self.slowness[node.get()]
    }

    pub(super) fn note(&mut self, fact: Fact) {
        // A count breaks and mends nothing.
        if !fact.counts() {
            self.metrics.incidents_mut().note(self.now, &fact, &self.plan);
        }
        self.log.note(self.now, fact);
    }

    /// A balancer had a request answered, or a database acknowledged a write.
    pub(super) fn works(&mut self, node: NodeId) {
        self.metrics.incidents_mut().works(self.now, node, &self.plan);
    }

    /// Lets `node` hear of `wake` after `after`, unless it is started anew before.
    pub(super) fn wake(&mut self, after: SimDuration, node: NodeId, wake: Wake) {
        let incarnation = self.incarnation(node);
        self.queue.schedule(self.now + after, Event::Wake { node, incarnation, wake });
    }

    /// Whether this request is followed.
    pub(super) fn follows(&self, request: RequestNumber) -> bool {
        self.followed.as_ref().is_some_and(|followed| followed.request == request)
    }

    /// Keeps what happened to a request, if it is followed.
    pub(super) fn hop(&mut self, request: RequestNumber, step: HopStep) {
        if self.follows(request)
            && let Some(followed) = &mut self.followed
        {
            followed.note(self.now, step);
        }
    }

    /// Keeps what happened to a call, if its request is followed.
    pub(super) fn hop_of(&mut self, call: CallId, step: HopStep) {
        if self.followed.is_some()
            && let Some(number) = self.calls.get(call).map(|call| call.number)
        {
            self.hop(number, step);
        }
    }

    /// Makes a call over a link.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is handed on as a whole is copied as a whole")]
    pub(super) fn call(&mut self, link: LinkId, caller: Caller, request: &Request) -> CallId {
        let call = self.prepare_call(link, caller, request, Stage::Going);
        self.hop(request.number, HopStep::Sent(link));
        self.send_call(call);
        call
    }

    /// A call that is not sent yet.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    pub(super) fn prepare_call(
        &mut self,
        link: LinkId,
        caller: Caller,
        request: &Request,
        stage: Stage,
    ) -> CallId {
        self.calls.insert(request, caller, link, self.plan.link(link).to, stage, self.now)
    }

    /// Marks where a request met trouble.
    pub(super) fn fail(&mut self, node: NodeId, link: Option<LinkId>, call: CallId, outcome: Outcome) {
        let Some(held) = self.calls.get(call) else { return };
        let request = held.number;
        self.hop(request, HopStep::Failed { node, outcome });
        if self.failures.len() == FAILURES_KEPT {
            self.failures.drop_front(1);
        }
        self.failures.push_back(Failure { at: self.now, node, link, request, outcome });
    }

    /// The call that waits for `child`, if it does still.
    pub(super) fn waiting_for(&self, child: CallId) -> Option<CallId> {
        let Caller::Call(parent) = self.calls.get(child)?.caller else { return None };
        let waits = self.calls.get(parent)?.stage() == Stage::Waiting(child);
        waits.then_some(parent)
    }

    /// Why nobody answered a call: something lost it or works on it still, or a firewall dropped it on the way.
    pub(super) fn why_unanswered(&self, call: CallId) -> Outcome {
        match self.calls.get(call).map(|held| (held.stage(), held.callee)) {
            Some((Stage::Dropped, _)) => Outcome::Dropped,
            Some((Stage::Waiting(child), callee)) if self.is_firewall(callee) => self.why_unanswered(child),
            _ => Outcome::TimedOut,
        }
    }

    pub(super) fn is_firewall(&self, node: NodeId) -> bool {
        matches!(self.plan.node(node).map(|node| &node.kind), Some(NodeKind::Firewall(_)))
    }

    /// Whoever waits for `call` waits no longer. The call goes on, in vain. A firewall keeps nothing about the calls
    /// through it and has no time limit of its own: with the way in, the way on is given up too.
    pub(super) fn abandon(&mut self, call: CallId) {
        let Some(held) = self.calls.get_mut(call) else { return };
        held.caller = Caller::Nobody;
        let (callee, stage) = (held.callee, held.stage());
        match stage {
            Stage::Gone | Stage::Dropped | Stage::Resolving => {
                self.calls.remove(call);
            }
            // A frozen process will never touch it: the connection is closed and nothing of it is left.
            Stage::Inside if matches!(self.truths[callee.get()], Truth::Hung { .. }) => {
                self.calls.remove(call);
            }
            Stage::Waiting(onward) if self.is_firewall(callee) => {
                self.calls.remove(call);
                self.abandon(onward);
            }
            _ => {}
        }
    }
}

/// When calls that a node waits for have waited long enough: all wait equally long, so the oldest is first.
#[derive(Clone, Debug)]
pub(super) struct Deadlines {
    node: NodeId,
    timeout: SimDuration,
    waiting: VecDeque<(SimTime, CallId)>,
    /// When this many wait, those that are over are taken out.
    tidy_at: usize,
    armed: bool,
}

/// Calls between two looks for those that are over, at least.
const TIDIED_AT_ONCE: usize = 32;

impl Deadlines {
    pub(super) fn new(node: NodeId, timeout: SimDuration) -> Self {
        Self { node, timeout, waiting: VecDeque::new(), tidy_at: TIDIED_AT_ONCE, armed: false }
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.armed = false;
    }

    pub(super) fn watch(&mut self, ground: &mut Ground, call: CallId) {
        if self.waiting.len() >= self.tidy_at {
            self.tidy(ground);
        }
        self.waiting.push_back((ground.now + self.timeout, call));
        if !self.armed {
            self.armed = true;
            ground.wake(self.timeout, self.node, Wake::Deadline);
        }
    }

    /// Calls that are over need no watching: without this, a copy of the world would carry all of a timeout's. Many at a
    /// time, which takes less than one or two with each call.
    #[cold]
    fn tidy(&mut self, ground: &Ground) {
        while let Some(&(_, oldest)) = self.waiting.front()
            && ground.calls.get(oldest).is_none_or(|held| held.caller == Caller::Nobody)
        {
            self.waiting.pop_front();
        }
        self.set_tidy_at();
    }

    fn set_tidy_at(&mut self) {
        self.tidy_at = self.waiting.len() + (self.waiting.len() / 16).max(TIDIED_AT_ONCE);
    }

    /// The next call that has waited long enough, if it is still waited for. Call until it answers `None`.
    pub(super) fn pop_due(&mut self, ground: &mut Ground) -> Option<CallId> {
        let next = self.take_due(ground);
        if next.is_none() {
            self.set_tidy_at();
        }
        next
    }

    fn take_due(&mut self, ground: &mut Ground) -> Option<CallId> {
        while let Some(&(due, call)) = self.waiting.front() {
            let is_waited_for = ground.calls.get(call).is_some_and(|call| call.caller != Caller::Nobody);
            if is_waited_for && due > ground.now {
                self.armed = true;
                ground.wake(due.since(ground.now), self.node, Wake::Deadline);
                return None;
            }
            self.waiting.pop_front();
            if is_waited_for {
                return Some(call);
            }
        }
        self.armed = false;
        None
    }
}

/// One thing that a node wants to be woken for, whose time can move.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Alarm {
    armed: Option<SimTime>,
}

impl Alarm {
    /// Sees to it that the node is woken at `wanted` at the latest.
    pub(super) fn set(&mut self, ground: &mut Ground, node: NodeId, wake: Wake, wanted: Option<SimTime>) {
        let Some(wanted) = wanted.filter(|at| *at < SimTime::MAX) else { return };
        if self.armed.is_none_or(|armed| wanted < armed) {
            self.armed = Some(wanted);
            ground.wake(wanted.since(ground.now), node, wake);
        }
    }

    /// It rang. What was to be done then may have moved to later: ask, and set it again.
    pub(super) fn rang(&mut self, now: SimTime) {
        if self.armed.is_some_and(|armed| armed <= now) {
            self.armed = None;
        }
    }
}
