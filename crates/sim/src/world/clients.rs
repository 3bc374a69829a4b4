//! A population of clients: sends requests as a Poisson process and hears how each one ends.

use alloc::format;
use alloc::vec::Vec;

use understudy_core::balancer::Tried;
use understudy_core::{SimDuration, SimTime};

use super::Ground;
use crate::event::{Body, Event};
use crate::ids::{Direction, LinkId, NodeId, RequestNumber};
use crate::log::Fact;
use crate::meter::RateMeter;
use crate::outcome::Outcome;
use crate::plan::ClientsPlan;
use crate::requests::{Request, RequestId, Stage};
use crate::rng::Rng;
use crate::view::NodeDetail;

#[derive(Clone, Debug)]
pub(super) struct Clients {
    id: NodeId,
    arrivals: Rng,
    mean_gap: SimDuration,
    links: Vec<LinkId>,
    next_link: usize,
    ended: RateMeter,
}

impl Clients {
    pub(super) fn new(id: NodeId, settings: &ClientsPlan, name: &str, seed: u64) -> Self {
        Self {
            id,
            arrivals: Rng::for_purpose(seed, &format!("arrivals/{name}")),
            mean_gap: settings.mean_gap,
            links: settings.links.clone(),
            next_link: 0,
            ended: RateMeter::default(),
        }
    }

    pub(super) fn start(&mut self, ground: &mut Ground) {
        self.schedule_next(ground);
    }

    fn schedule_next(&mut self, ground: &mut Ground) {
        let gap = self.arrivals.exponential(self.mean_gap);
        ground.schedule(gap, Event::Emit { clients: self.id });
    }

    pub(super) fn emit(&mut self, ground: &mut Ground) {
        self.schedule_next(ground);
        let link = self.links[self.next_link];
        self.next_link = (self.next_link + 1) % self.links.len();
        ground.totals.sent += 1;
        let request = ground.requests.insert(Request {
            number: RequestNumber(ground.totals.sent),
            client_link: link,
            server_link: None,
            balancer: ground.plan.link(link).to,
            tried: Tried::default(),
            stage: Stage::ToBalancer,
        });
        ground.send(link, Direction::Forward, Body::Request(request));
    }

    pub(super) fn take_reply(&mut self, ground: &mut Ground, request: RequestId, outcome: Outcome) {
        let Some(held) = ground.requests.get(request) else { return };
        let (balancer, reached_it) = (held.balancer, held.server_link.is_some());
        if outcome == Outcome::Refused && !reached_it {
            ground.note(Fact::Refused { node: balancer, count: 1, retried: 0 });
        }
        if ground.end(request, outcome) {
            self.ended.count(ground.now);
        }
    }

    pub(super) fn view(&self, now: SimTime) -> (u32, NodeDetail) {
        (self.ended.per_second(now), NodeDetail::Clients)
    }
}
