//! A web or application server: works on a request, and asks the next tier where it has one.
//!
//! A web server passes requests on as nginx does: its worker is free again while the next tier works. An
//! application server's worker waits for the database, as a thread of most application servers does; when the
//! database is slow, these run out first.

use alloc::format;
use alloc::vec::Vec;

use understudy_core::SimTime;
use understudy_core::balancer::Tried;
use understudy_core::balancer::{
    Algorithm, Balancer, Outcome as AttemptOutcome, Request as Attempt, ServerConfig, ServerIndex,
};

use super::databases::Databases;
use super::ground::{Deadlines, Ground};
use super::workers::Workers;
use crate::calls::{Call, CallId, Caller, Request, Stage};
use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::log::Fact;
use crate::metrics::WorkTotals;
use crate::outcome::{Outcome, RequestKind};
use crate::plan::{NextTier, ServerPlan};
use crate::rng::Rng;
use crate::scenario::ReadRoute;
use crate::view::NodeDetail;

#[derive(Clone, Debug)]
pub(super) struct Server {
    id: NodeId,
    settings: ServerPlan,
    service: Rng,
    workers: Workers,
    next_tier: Next,
    deadlines: Deadlines,
}

#[derive(Clone, Debug)]
enum Next {
    Nothing,
    /// Application servers, in turn; one that fails is left alone for a while, as nginx does.
    Servers(Balancer),
    Databases(Databases),
}

impl Server {
    pub(super) fn new(ground: &Ground, id: NodeId, settings: &ServerPlan, name: &str, seed: u64) -> Self {
        Self {
            id,
            service: Rng::for_purpose(seed, &format!("service/{name}")),
            workers: Workers::new(id, settings.workers, settings.queue_limit),
            next_tier: Self::fresh_next(ground, settings),
            deadlines: Deadlines::new(id, settings.timeout),
            settings: settings.clone(),
        }
    }

    fn fresh_next(ground: &Ground, settings: &ServerPlan) -> Next {
        match &settings.next_tier {
            NextTier::Nothing => Next::Nothing,
            NextTier::Servers(links) => {
                let servers = links.iter().map(|_| ServerConfig::default());
                Next::Servers(Balancer::new(Algorithm::RoundRobin, servers))
            }
            NextTier::Databases { links, reads } => {
                Next::Databases(Databases::new(&ground.plan, links, *reads))
            }
        }
    }

    /// Starts the process anew, empty.
    pub(super) fn restart(&mut self, ground: &Ground) {
        self.next_tier = Self::fresh_next(ground, &self.settings);
    }

    /// The requests that wait for a worker.
    pub(super) fn waiting(&self, ground: &Ground, most: usize) -> Vec<RequestNumber> {
        self.workers.waiting(ground, most)
    }

    /// The process ended.
    pub(super) fn die(&mut self, ground: &Ground) {
        self.workers.clear(ground.now);
        self.deadlines.clear();
    }

    pub(super) fn take_call(&mut self, ground: &mut Ground, call: CallId) {
        if self.workers.admit(ground, call) {
            self.serve(ground, call);
        }
    }

    fn serve(&mut self, ground: &mut Ground, call: CallId) {
        let service_time = self.settings.service_time.draw(&mut self.service);
        self.workers.serve(ground, call, service_time);
    }

    pub(super) fn service_done(&mut self, ground: &mut Ground, call: CallId) {
        let needs_next = ground
            .calls
            .get(call)
            .is_some_and(|held| held.caller != Caller::Nobody && self.goes_on(held.kind));
        if !needs_next {
            self.finish(ground, call, Outcome::Answered);
            self.release(ground);
            return;
        }
        if self.ask_next(ground, call, None) {
            if !self.settings.worker_waits {
                self.release(ground);
            }
        } else {
            ground.fail(self.id, None, call, Outcome::Rejected);
            ground.note(Fact::Rejected { node: self.id, count: 1 });
            self.finish(ground, call, Outcome::Rejected);
            self.release(ground);
        }
    }

    fn goes_on(&self, kind: RequestKind) -> bool {
        match self.next_tier {
            Next::Nothing => false,
            Next::Servers(_) => kind != RequestKind::Static,
            Next::Databases(_) => true,
        }
    }

    /// Sends a call on to the next tier; false if there is nowhere left to send it. `last` is the attempt before: which
    /// server, and when.
    fn ask_next(&mut self, ground: &mut Ground, call: CallId, last: Option<(ServerIndex, SimTime)>) -> bool {
        let now = ground.now;
        let Some(mut request) = ground.calls.request(call) else { return false };
        let link = match (&mut self.next_tier, &self.settings.next_tier) {
            (Next::Servers(balancer), NextTier::Servers(links)) => {
                let attempt = Attempt::default().with_key(request.number.0);
                let pick = |tried: &mut Tried| balancer.pick(now, &attempt, tried);
                ground.calls.with_tried(call, last, pick).map(|server| links[server.get()])
            }
            (Next::Databases(databases), _) => databases.choose(&mut request),
            _ => None,
        };
        let Some(link) = link else { return false };
        self.ask(ground, call, link, &request);
        true
    }

    fn ask(&mut self, ground: &mut Ground, call: CallId, link: LinkId, request: &Request) {
        let child = ground.call(link, Caller::Call(call), request);
        if let Some(held) = ground.calls.get_mut(call) {
            held.set_stage(Stage::Waiting(child));
        }
        self.deadlines.watch(ground, child);
    }

    /// A call to the next tier ended, or nobody answered it in time.
    fn attempt_ended(&mut self, now: SimTime, over: &Call, outcome: Outcome) {
        let server = self.server_at(over.link);
        if let (Next::Servers(balancer), Some(server)) = (&mut self.next_tier, server) {
            let attempt = match outcome {
                Outcome::Answered => AttemptOutcome::Answered { took: now.since(over.made_at) },
                _ if over.passed_on => AttemptOutcome::Abandoned,
                Outcome::Refused | Outcome::TimedOut | Outcome::Lost | Outcome::Dropped => {
                    AttemptOutcome::Failed
                }
                Outcome::QueueFull | Outcome::Rejected => AttemptOutcome::Abandoned,
            };
            balancer.handle_result(now, server, attempt);
        }
    }

    /// The application server at the end of a link.
    fn server_at(&self, link: LinkId) -> Option<ServerIndex> {
        let NextTier::Servers(links) = &self.settings.next_tier else { return None };
        let index = links.binary_search(&link).ok()?;
        Some(ServerIndex(u16::try_from(index).expect("a pool's size")))
    }

    pub(super) fn take_answer(&mut self, ground: &mut Ground, child: CallId, outcome: Outcome) {
        let waiting = ground.waiting_for(child);
        let Some(request) = ground.calls.request(child) else { return };
        let Some(over) = ground.calls.remove(child) else { return };
        if over.caller == Caller::Nobody {
            return;
        }
        let Some(call) = waiting else { return };
        self.attempt_ended(ground.now, &over, outcome);
        ground.calls.set_position(call, request.position);
        let goes_on = match &self.next_tier {
            // A connection that was refused did nothing: it is safe to try the next one, as nginx does.
            Next::Servers(_) => {
                let last = self.server_at(over.link).map(|server| (server, over.made_at));
                outcome == Outcome::Refused && !over.passed_on && self.ask_next(ground, call, last)
            }
            Next::Databases(databases) => {
                let elsewhere = databases.fallback(&over, outcome);
                if let Some(link) = elsewhere {
                    self.ask(ground, call, link, &Request { position: None, ..request });
                }
                elsewhere.is_some()
            }
            Next::Nothing => false,
        };
        if !goes_on {
            self.finish_after_wait(ground, call, outcome);
        }
    }

    pub(super) fn deadline(&mut self, ground: &mut Ground) {
        while let Some(child) = self.deadlines.pop_due(ground) {
            let (waiting, outcome) = (ground.waiting_for(child), ground.why_unanswered(child));
            if let Some(over) = ground.calls.get(child).copied() {
                self.attempt_ended(ground.now, &over, outcome);
                ground.note(Fact::TimedOut { node: self.id, count: 1 });
                ground.fail(over.callee, Some(over.link), child, outcome);
            }
            ground.abandon(child);
            if let Some(call) = waiting {
                self.finish_after_wait(ground, call, outcome);
            }
        }
    }

    fn finish_after_wait(&mut self, ground: &mut Ground, call: CallId, outcome: Outcome) {
        if outcome != Outcome::Answered
            && let Some(held) = ground.calls.get_mut(call)
        {
            held.passed_on = true;
        }
        self.finish(ground, call, outcome);
        if self.settings.worker_waits {
            self.release(ground);
        }
    }

    fn finish(&mut self, ground: &mut Ground, call: CallId, outcome: Outcome) {
        if outcome == Outcome::Answered {
            self.workers.count_answer(ground.now);
        }
        ground.answer(call, outcome);
    }

    fn release(&mut self, ground: &mut Ground) {
        if let Some(next) = self.workers.release(ground) {
            self.serve(ground, next);
        }
    }

    /// The failover manager says where writes go.
    pub(super) fn take_route(&mut self, ground: &Ground, primary: Option<NodeId>) {
        if let Next::Databases(databases) = &mut self.next_tier {
            databases.set_primary(&ground.plan, primary);
        }
    }

    /// Where reads go, if it has databases.
    pub(super) const fn reads(&self) -> Option<ReadRoute> {
        match self.settings.next_tier {
            NextTier::Databases { reads, .. } => Some(reads),
            NextTier::Nothing | NextTier::Servers(_) => None,
        }
    }

    /// Sets where reads go.
    pub(super) fn set_reads(&mut self, reads: ReadRoute) {
        if let NextTier::Databases { reads: setting, .. } = &mut self.settings.next_tier {
            *setting = reads;
        }
        if let Next::Databases(databases) = &mut self.next_tier {
            databases.set_reads(reads);
        }
    }

    /// The link that it sends writes along, if it knows a primary.
    fn write_link(&self) -> Option<LinkId> {
        match &self.next_tier {
            Next::Databases(databases) => databases.primary(),
            Next::Nothing | Next::Servers(_) => None,
        }
    }

    /// Its workers' totals at `now`.
    pub(super) fn work(&self, now: SimTime) -> WorkTotals {
        self.workers.totals(now)
    }

    pub(super) fn view(&self, ground: &Ground, now: SimTime) -> (u32, NodeDetail) {
        let workers = self.workers.view(now);
        let detail = NodeDetail::Server {
            busy: workers.busy,
            queued: workers.queued,
            load_permille: workers.load_permille,
            served: workers.served,
            reads: self.reads(),
            writes_to: self.write_link().map(|link| ground.plan.link(link).to),
        };
        (workers.rate_per_s, detail)
    }
}
