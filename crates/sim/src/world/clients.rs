//! A population of clients: sends requests, hears how each one ends or gives up, and tries again where it may.
//!
//! An open-loop population sends as a Poisson process, whatever becomes of its requests. A closed-loop one is so many
//! users, each of whom sends, waits for the outcome, thinks, and sends again: it slows down when the service does.

use alloc::format;

use understudy_core::replication::{Key, Session};
use understudy_core::{SimDuration, SimTime};

use super::arrivals::Arrivals;
use super::ground::{Deadlines, Ground};
use super::resolver::Resolver;
use super::retries::Retries;
use super::uplink::Uplink;
use crate::calls::{CallId, Caller, Request, Stage};
use crate::distribution::Distribution;
use crate::event::{Event, Wake};
use crate::follow::HopStep;
use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::log::Fact;
use crate::meter::RateMeter;
use crate::outcome::{Outcome, RequestKind};
use crate::plan::{ClientsPlan, Traffic};
use crate::rng::Rng;
use crate::view::{NodeDetail, Sends};

const MILLION: u64 = 1_000_000;

#[derive(Clone, Debug)]
pub(super) struct Clients {
    id: NodeId,
    settings: ClientsPlan,
    source: Source,
    choices: Rng,
    uplink: Uplink,
    /// How it looks addresses up, if it does not know them.
    resolver: Option<Resolver>,
    deadlines: Deadlines,
    retries: Option<Retries>,
    /// How many times as much as usual it sends.
    times: u32,
    /// When that ends, if it does.
    overload_until: Option<SimTime>,
    /// The population writes and reads as one session: what one writes, all may look for.
    session: Session,
    ended: RateMeter,
}

/// Where its requests come from.
#[derive(Clone, Debug)]
enum Source {
    Open(Arrivals),
    Users(Users),
}

#[derive(Clone, Debug)]
struct Users {
    thinking: Rng,
    think_time: Distribution,
    /// How many there are as a rule.
    usual: u32,
    /// How many there are now: those that an overload brought go when they would next send.
    present: u32,
}

impl Source {
    fn new(traffic: Traffic, name: &str, seed: u64) -> Self {
        let draws = Rng::for_purpose(seed, &format!("arrivals/{name}"));
        match traffic {
            Traffic::Open { mean_gap, pattern } => Self::Open(Arrivals::new(draws, mean_gap, pattern)),
            Traffic::Closed { users, think_time } => {
                Self::Users(Users { thinking: draws, think_time, usual: users, present: 0 })
            }
        }
    }
}

impl Clients {
    pub(super) fn new(ground: &Ground, id: NodeId, settings: &ClientsPlan, name: &str, seed: u64) -> Self {
        let retries = settings
            .retries
            .map(|plan| Retries::new(plan, Rng::for_purpose(seed, &format!("retries/{name}"))));
        Self {
            id,
            settings: settings.clone(),
            source: Source::new(settings.traffic, name, seed),
            choices: Rng::for_purpose(seed, &format!("requests/{name}")),
            uplink: Uplink::new(&ground.plan, &settings.links),
            resolver: (!settings.dns.is_empty()).then(|| Resolver::new(id, &settings.dns, &settings.links)),
            deadlines: Deadlines::new(id, settings.timeout),
            retries,
            times: 1,
            overload_until: None,
            session: Session::default(),
            ended: RateMeter::default(),
        }
    }

    pub(super) fn start(&mut self, ground: &mut Ground) {
        match &mut self.source {
            Source::Open(arrivals) => {
                let at = arrivals.draw(ground.now);
                ground.queue.schedule(at, Event::Emit { clients: self.id });
            }
            Source::Users(_) => self.let_users_come(ground),
        }
    }

    /// Sets how often they send.
    pub(super) fn set_mean_gap(&mut self, ground: &mut Ground, mean_gap: SimDuration) {
        if let Source::Open(arrivals) = &mut self.source {
            arrivals.set_mean_gap(ground.now, mean_gap);
            ground.queue.schedule(arrivals.next_at(), Event::Emit { clients: self.id });
        }
    }

    /// Sets how many of the requests write; false if it was so already.
    pub(super) fn set_writes(&mut self, writes_ppm: u32) -> bool {
        core::mem::replace(&mut self.settings.writes_ppm, writes_ppm) != writes_ppm
    }

    /// Sends so many times as much for a while. A later overload takes the place of an earlier one.
    pub(super) fn overload(&mut self, ground: &mut Ground, times: u32, lasts: SimDuration) {
        self.overload_until = Some(ground.now + lasts);
        ground.wake(lasts, self.id, Wake::OverloadOver);
        self.set_times(ground, times);
    }

    pub(super) fn overload_over(&mut self, ground: &mut Ground) {
        if self.overload_until == Some(ground.now) {
            self.overload_until = None;
            self.set_times(ground, 1);
            ground.note(Fact::OverloadOver { clients: self.id });
        }
    }

    fn set_times(&mut self, ground: &mut Ground, times: u32) {
        self.times = times;
        match &mut self.source {
            Source::Open(arrivals) => {
                arrivals.set_times(ground.now, times);
                ground.queue.schedule(arrivals.next_at(), Event::Emit { clients: self.id });
            }
            Source::Users(_) => self.let_users_come(ground),
        }
    }

    /// Users come until there are as many as there should be. Each thinks first.
    fn let_users_come(&mut self, ground: &mut Ground) {
        let Source::Users(users) = &mut self.source else { return };
        let wanted = users.usual.saturating_mul(self.times);
        while users.present < wanted {
            users.present += 1;
            let thinks = users.think_time.draw(&mut users.thinking);
            ground.queue.schedule(ground.now + thinks, Event::Emit { clients: self.id });
        }
    }

    /// Time to send, for the population or for one of its users.
    pub(super) fn emit(&mut self, ground: &mut Ground) {
        match &mut self.source {
            Source::Open(arrivals) => {
                // The rate was changed since: the request comes at another time.
                if ground.now < arrivals.next_at() {
                    return;
                }
                let at = arrivals.draw(ground.now);
                ground.queue.schedule(at, Event::Emit { clients: self.id });
            }
            Source::Users(users) => {
                if users.present > users.usual.saturating_mul(self.times) {
                    users.present -= 1;
                    return;
                }
            }
        }
        self.send_new(ground);
    }

    fn send_new(&mut self, ground: &mut Ground) {
        let kind = self.draw_kind();
        ground.totals.send(kind);
        let key = if self.settings.keys > 1 { self.choices.below(u64::from(self.settings.keys)) } else { 0 };
        let request = Request {
            number: RequestNumber(ground.totals.sent),
            kind,
            attempt: 1,
            key: Key(u32::try_from(key).expect("below a u32")),
            sent_at: ground.now,
            position: self.session.last_write().filter(|_| kind == RequestKind::Read),
        };
        if let Some(retries) = &mut self.retries {
            retries.deposit();
        }
        self.send(ground, &request);
    }

    fn send(&mut self, ground: &mut Ground, request: &Request) {
        let link = match &mut self.resolver {
            None => self.uplink.choose(ground),
            Some(resolver) => {
                if let Some(entry) = resolver.entry(ground) {
                    self.uplink.link_to_address(ground, entry)
                } else {
                    let call = resolver.hold(ground, request);
                    self.deadlines.watch(ground, call);
                    return;
                }
            }
        };
        let call = ground.call(link, Caller::Clients, request);
        self.deadlines.watch(ground, call);
    }

    /// A DNS server answered: what waited for it goes.
    pub(super) fn take_addresses(
        &mut self,
        ground: &mut Ground,
        query: u32,
        addresses: &[NodeId],
        ttl: SimDuration,
    ) {
        let Some(resolver) = &mut self.resolver else { return };
        let waiting = resolver.take_answer(ground, query, addresses, ttl);
        let Some(entry) = resolver.entry(ground) else { return };
        let entry = self.uplink.link_to_address(ground, entry);
        let (now, callee) = (ground.now, ground.plan.link(entry).to);
        for call in waiting {
            if let Some(held) = ground.calls.get_mut(call) {
                (held.link, held.callee, held.made_at) = (entry, callee, now);
                held.set_stage(Stage::Going);
                ground.send_call(call);
            }
        }
    }

    /// Nobody answered a question for an address in time.
    pub(super) fn lookup_over(&mut self, ground: &mut Ground, query: u32, attempt: u32) {
        if let Some(resolver) = &mut self.resolver {
            resolver.attempt_over(ground, query, attempt);
        }
    }

    /// The wait before a retry is over.
    pub(super) fn retry_due(&mut self, ground: &mut Ground, number: u32) {
        if let Some(request) = self.retries.as_mut().and_then(|retries| retries.take(number)) {
            ground.totals.retries += 1;
            ground.note(Fact::TriedAgain { node: self.id, count: 1 });
            self.send(ground, &request);
        }
    }

    /// Requests that have failed, have not ended, and wait to be tried again.
    pub(super) fn waiting_to_retry(&self) -> u64 {
        self.retries.as_ref().map_or(0, Retries::count)
    }

    /// A scenario with one kind of request draws nothing.
    fn draw_kind(&mut self) -> RequestKind {
        let ClientsPlan { writes_ppm, static_ppm, .. } = self.settings;
        if writes_ppm + static_ppm == 0 {
            return RequestKind::Read;
        }
        let draw = self.choices.below(MILLION);
        if draw < u64::from(writes_ppm) {
            RequestKind::Write
        } else if draw < u64::from(writes_ppm) + u64::from(static_ppm) {
            RequestKind::Static
        } else {
            RequestKind::Read
        }
    }

    pub(super) fn take_answer(&mut self, ground: &mut Ground, call: CallId, outcome: Outcome) {
        let Some(request) = ground.calls.request(call) else { return };
        let over = ground.calls.end(call, |call| (call.link, call.caller));
        let Some((link, caller)) = over else { return };
        self.uplink.heard(link);
        if caller != Caller::Clients {
            return;
        }
        if outcome == Outcome::Answered
            && request.kind == RequestKind::Write
            && let Some(position) = request.position
        {
            self.session.wrote(position);
        }
        if outcome == Outcome::Answered {
            ground.metrics.answered(ground.now.since(request.sent_at));
        }
        self.attempt_ended(ground, &request, outcome);
    }

    pub(super) fn deadline(&mut self, ground: &mut Ground) {
        while let Some(call) = self.deadlines.pop_due(ground) {
            let outcome = ground.why_unanswered(call);
            ground.fail(self.id, None, call, outcome);
            let request = ground.calls.request(call);
            ground.abandon(call);
            ground.note(Fact::TimedOut { node: self.id, count: 1 });
            if let Some(request) = request {
                self.attempt_ended(ground, &request, outcome);
            }
        }
    }

    /// An attempt ended: with it the request, unless it is tried again.
    fn attempt_ended(&mut self, ground: &mut Ground, request: &Request, outcome: Outcome) {
        if outcome != Outcome::Answered
            && let Some(retries) = &mut self.retries
            && let Some((number, wait)) = retries.try_again(*request)
        {
            ground.wake(wait, self.id, Wake::Retry(number));
            return;
        }
        ground.hop(request.number, HopStep::Ended(self.id, outcome));
        ground.totals.end(request.kind, outcome);
        self.ended.count(ground.now);
        if let Source::Users(users) = &mut self.source {
            let thinks = users.think_time.draw(&mut users.thinking);
            ground.queue.schedule(ground.now + thinks, Event::Emit { clients: self.id });
        }
    }

    pub(super) fn learn(&mut self, link: LinkId) {
        self.uplink.learn(link);
    }

    pub(super) fn view(&self, ground: &Ground, now: SimTime) -> (u32, NodeDetail) {
        let sends = match &self.source {
            Source::Open(arrivals) => Sends::Every(arrivals.mean_gap()),
            Source::Users(users) => Sends::Users(users.usual),
        };
        let lookup = self.resolver.as_ref().map(|resolver| resolver.view(ground));
        let writes_ppm = self.settings.writes_ppm;
        let detail = NodeDetail::Clients { lookup, sends, writes_ppm, times: self.times };
        (self.ended.per_second(now), detail)
    }
}
