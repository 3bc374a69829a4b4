//! A web server: workers that serve one request each, and a queue of limited length in front of them.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::vec::Vec;

use understudy_core::SimTime;

use super::Ground;
use crate::event::{Body, Event, Incarnation};
use crate::ids::{Direction, LinkId, NodeId};
use crate::log::Fact;
use crate::meter::{BusyMeter, RateMeter};
use crate::outcome::Outcome;
use crate::plan::WebServerPlan;
use crate::requests::{RequestId, Stage};
use crate::rng::Rng;
use crate::view::NodeDetail;

#[derive(Clone, Debug)]
pub(super) struct WebServer {
    id: NodeId,
    settings: WebServerPlan,
    service: Rng,
    busy: u32,
    queue: VecDeque<RequestId>,
    served: u64,
    answers: RateMeter,
    load: BusyMeter,
}

impl WebServer {
    pub(super) fn new(id: NodeId, settings: WebServerPlan, name: &str, seed: u64) -> Self {
        Self {
            id,
            settings,
            service: Rng::for_purpose(seed, &format!("service/{name}")),
            busy: 0,
            queue: VecDeque::new(),
            served: 0,
            answers: RateMeter::default(),
            load: BusyMeter::default(),
        }
    }

    pub(super) fn take_request(&mut self, ground: &mut Ground, request: RequestId, link: LinkId) {
        // Its balancer died and reset the connection while the request was on the way.
        let Some(held) = ground.requests.get_mut(request).filter(|held| held.stage == Stage::ToServer) else {
            return;
        };
        if self.busy < self.settings.workers {
            held.stage = Stage::Inside(self.id);
            self.serve(ground, request);
        } else if self.queue.len() < self.settings.queue_limit as usize {
            held.stage = Stage::Inside(self.id);
            self.queue.push_back(request);
        } else {
            held.stage = Stage::ToBalancerBack;
            ground.fail(self.id, Some(link), request, Outcome::QueueFull);
            ground.note(Fact::QueueFull { node: self.id, count: 1 });
            ground.send(link, Direction::Back, Body::Reply(request, Outcome::QueueFull));
        }
    }

    fn serve(&mut self, ground: &mut Ground, request: RequestId) {
        self.busy += 1;
        self.load.set(ground.now, self.busy);
        let service_time = self.settings.service_time.draw(&mut self.service);
        let incarnation = ground.incarnation(self.id);
        ground.schedule(service_time, Event::ServiceDone { server: self.id, request, incarnation });
    }

    pub(super) fn service_done(&mut self, ground: &mut Ground, request: RequestId, incarnation: Incarnation) {
        if incarnation != ground.incarnation(self.id) {
            return;
        }
        self.busy -= 1;
        // A request whose balancer died was worked on in vain: there is nobody to answer.
        if let Some(held) =
            ground.requests.get_mut(request).filter(|held| held.stage == Stage::Inside(self.id))
        {
            held.stage = Stage::ToBalancerBack;
            let link = held.server_link.expect("a request inside a server came over a link");
            self.served += 1;
            self.answers.count(ground.now);
            ground.send(link, Direction::Back, Body::Reply(request, Outcome::Answered));
        }
        while let Some(next) = self.queue.pop_front() {
            if ground.requests.get(next).is_some_and(|held| held.stage == Stage::Inside(self.id)) {
                self.serve(ground, next);
                break;
            }
        }
        self.load.set(ground.now, self.busy);
    }

    /// The process ends. Returns the requests that were inside it.
    pub(super) fn die(&mut self, ground: &mut Ground) -> Vec<RequestId> {
        self.busy = 0;
        self.queue.clear();
        self.load.set(ground.now, 0);
        let id = self.id;
        ground.requests.find_all(|request| request.stage == Stage::Inside(id))
    }

    pub(super) fn view(&self, now: SimTime) -> (u32, NodeDetail) {
        let detail = NodeDetail::WebServer {
            busy: self.busy,
            queued: u32::try_from(self.queue.len()).expect("the queue's limit is a u32"),
            load_permille: self.load.permille(now, self.settings.workers),
            served: self.served,
        };
        (self.answers.per_second(now), detail)
    }
}
