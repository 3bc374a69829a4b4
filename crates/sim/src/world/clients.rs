//! A population of clients: sends requests as a Poisson process and hears how each one ends, or gives up.

use alloc::format;

use understudy_core::replication::{Key, Session};
use understudy_core::{SimDuration, SimTime};

use super::ground::{Deadlines, Ground};
use super::uplink::Uplink;
use crate::calls::{CallId, Caller, Request};
use crate::event::Event;
use crate::follow::HopStep;
use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::log::Fact;
use crate::meter::RateMeter;
use crate::outcome::{Outcome, RequestKind};
use crate::plan::ClientsPlan;
use crate::rng::Rng;
use crate::view::{NodeDetail, Sends};

const MILLION: u64 = 1_000_000;

#[derive(Clone, Debug)]
pub(super) struct Clients {
    id: NodeId,
    settings: ClientsPlan,
    arrivals: Rng,
    choices: Rng,
    uplink: Uplink,
    deadlines: Deadlines,
    /// The population writes and reads as one session: what one writes, all may look for.
    session: Session,
    ended: RateMeter,
}

impl Clients {
    pub(super) fn new(ground: &Ground, id: NodeId, settings: &ClientsPlan, name: &str, seed: u64) -> Self {
        Self {
            id,
            settings: settings.clone(),
            arrivals: Rng::for_purpose(seed, &format!("arrivals/{name}")),
            choices: Rng::for_purpose(seed, &format!("requests/{name}")),
            uplink: Uplink::new(&ground.plan, &settings.links),
            deadlines: Deadlines::new(id, settings.timeout),
            session: Session::default(),
            ended: RateMeter::default(),
        }
    }

    pub(super) fn start(&mut self, ground: &mut Ground) {
        self.schedule_next(ground);
    }

    fn schedule_next(&mut self, ground: &mut Ground) {
        let gap = self.arrivals.exponential(self.settings.mean_gap);
        ground.queue.schedule(ground.now + gap, Event::Emit { clients: self.id });
    }

    /// Sets how often they send, from the next request on.
    pub(super) fn set_mean_gap(&mut self, mean_gap: SimDuration) {
        self.settings.mean_gap = mean_gap;
    }

    /// Sets how many of the requests write; false if it was so already.
    pub(super) fn set_writes(&mut self, writes_ppm: u32) -> bool {
        core::mem::replace(&mut self.settings.writes_ppm, writes_ppm) != writes_ppm
    }

    pub(super) fn emit(&mut self, ground: &mut Ground) {
        self.schedule_next(ground);
        ground.totals.sent += 1;
        let kind = self.draw_kind();
        let key = if self.settings.keys > 1 { self.choices.below(u64::from(self.settings.keys)) } else { 0 };
        let request = Request {
            number: RequestNumber(ground.totals.sent),
            kind,
            key: Key(u32::try_from(key).expect("below a u32")),
            sent_at: ground.now,
            position: self.session.last_write().filter(|_| kind == RequestKind::Read),
        };
        let call = ground.call(self.uplink.choose(), Caller::Clients, request);
        self.deadlines.watch(ground, call);
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
        let Some(call) = ground.calls.remove(call) else { return };
        if call.caller != Caller::Clients {
            return;
        }
        if outcome == Outcome::Answered
            && call.request.kind == RequestKind::Write
            && let Some(position) = call.request.position
        {
            self.session.wrote(position);
        }
        ground.hop(call.request.number, HopStep::Ended(self.id, outcome));
        if outcome == Outcome::Answered {
            ground.metrics.answered(ground.now.since(call.request.sent_at));
        }
        self.end(ground, outcome);
    }

    pub(super) fn deadline(&mut self, ground: &mut Ground) {
        while let Some(call) = self.deadlines.pop_due(ground) {
            ground.fail(self.id, None, call, Outcome::TimedOut);
            ground.hop_of(call, HopStep::Ended(self.id, Outcome::TimedOut));
            ground.abandon(call);
            ground.note(Fact::TimedOut { node: self.id, count: 1 });
            self.end(ground, Outcome::TimedOut);
        }
    }

    fn end(&mut self, ground: &mut Ground, outcome: Outcome) {
        ground.totals.end(outcome);
        ground.history.end(ground.now, outcome);
        self.ended.count(ground.now);
    }

    pub(super) fn learn(&mut self, link: LinkId) {
        self.uplink.learn(link);
    }

    pub(super) fn view(&self, now: SimTime) -> (u32, NodeDetail) {
        let detail = NodeDetail::Clients {
            sends: Sends::Every(self.settings.mean_gap),
            writes_ppm: self.settings.writes_ppm,
            times: 1,
        };
        (self.ended.per_second(now), detail)
    }
}
