//! What all nodes share: the clock, the network, the requests, the books.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use crate::event::{Body, Event, Incarnation, Message};
use crate::history::History;
use crate::ids::{Direction, LinkId, NodeId};
use crate::log::{Fact, Log};
use crate::meter::RateMeter;
use crate::outcome::{Outcome, Totals};
use crate::plan::Plan;
use crate::queue::EventQueue;
use crate::requests::{RequestId, Requests, Stage};
use crate::view::{FAILURES_KEPT, Failure, Truth};

#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) plan: Rc<Plan>,
    pub(super) now: SimTime,
    pub(super) queue: EventQueue,
    pub(super) requests: Requests,
    pub(super) truths: Vec<Truth>,
    incarnations: Vec<Incarnation>,
    revived_at: Vec<SimTime>,
    link_rates: Vec<RateMeter>,
    pub(super) totals: Totals,
    pub(super) history: History,
    pub(super) log: Log,
    pub(super) failures: VecDeque<Failure>,
}

impl Ground {
    pub(super) fn new(plan: Rc<Plan>) -> Self {
        let (nodes, links) = (plan.nodes().len(), plan.links().len());
        Self {
            plan,
            now: SimTime::ZERO,
            queue: EventQueue::default(),
            requests: Requests::default(),
            truths: vec![Truth::Up; nodes],
            incarnations: vec![Incarnation::default(); nodes],
            revived_at: vec![SimTime::ZERO; nodes],
            link_rates: vec![RateMeter::default(); links],
            totals: Totals::default(),
            history: History::default(),
            log: Log::default(),
            failures: VecDeque::new(),
        }
    }

    pub(super) fn is_up(&self, node: NodeId) -> bool {
        self.truths[node.get()].is_up()
    }

    pub(super) fn incarnation(&self, node: NodeId) -> Incarnation {
        self.incarnations[node.get()]
    }

    /// How long the node has been dead, if it is.
    pub(super) fn dead_for(&self, node: NodeId) -> Option<SimDuration> {
        match self.truths[node.get()] {
            Truth::Up => None,
            Truth::Down { since } => Some(self.now.since(since)),
        }
    }

    /// How long ago the node was started, if it runs.
    pub(super) fn up_for(&self, node: NodeId) -> Option<SimDuration> {
        self.is_up(node).then(|| self.now.since(self.revived_at[node.get()]))
    }

    pub(super) fn set_down(&mut self, node: NodeId) {
        self.truths[node.get()] = Truth::Down { since: self.now };
        self.incarnations[node.get()].0 += 1;
    }

    pub(super) fn set_up(&mut self, node: NodeId) {
        self.truths[node.get()] = Truth::Up;
        self.revived_at[node.get()] = self.now;
    }

    pub(super) fn note(&mut self, fact: Fact) {
        self.log.note(self.now, fact);
    }

    pub(super) fn schedule(&mut self, after: SimDuration, event: Event) {
        self.queue.schedule(self.now + after, event);
    }

    /// Puts a message on a link.
    pub(super) fn send(&mut self, link: LinkId, direction: Direction, body: Body) {
        if let Body::Request(_) = body {
            self.link_rates[link.get()].count(self.now);
        }
        let latency = self.plan.link(link).latency;
        self.schedule(latency, Event::Deliver(Message { link, direction, sent_at: self.now, body }));
    }

    /// Sends an answer the way that `message` came.
    pub(super) fn answer(&mut self, message: &Message, body: Body) {
        self.send(message.link, Direction::Back, body);
    }

    /// Requests that were sent along a link in the last second.
    pub(super) fn request_rate(&self, link: LinkId, now: SimTime) -> u32 {
        self.link_rates[link.get()].per_second(now)
    }

    /// A message meets a node whose process does not run: its host refuses connections, and what belonged to a
    /// connection that died with the process goes nowhere.
    pub(super) fn meet_dead(&mut self, node: NodeId, message: Message) {
        match message.body {
            Body::Request(request) => {
                self.fail(node, Some(message.link), request, Outcome::Refused);
                if let Some(request) = self.requests.get_mut(request) {
                    request.stage = if request.stage == Stage::ToBalancer {
                        Stage::ToClients
                    } else {
                        request.stage.back()
                    };
                }
                self.answer(&message, Body::Reply(request, Outcome::Refused));
            }
            Body::Probe { server, probe, incarnation } => {
                self.answer(&message, Body::ProbeReply { server, probe, incarnation, passed: false });
            }
            Body::Reply(..) | Body::ProbeReply { .. } => {}
        }
    }

    /// Tells whoever waits for `request` at the other end of its connection to the dead `node` that it is gone.
    pub(super) fn reset_connection(&mut self, node: NodeId, request: RequestId) {
        let Some(held) = self.requests.get_mut(request) else { return };
        let link = if held.balancer == node {
            held.stage = Stage::ToClients;
            held.client_link
        } else {
            held.stage = held.stage.back();
            held.server_link.expect("a request inside a server came over a link")
        };
        self.send(link, Direction::Back, Body::Reply(request, Outcome::Lost));
    }

    /// Sends the news of how a request ended to its clients.
    pub(super) fn answer_client(&mut self, request: RequestId, outcome: Outcome) {
        let Some(held) = self.requests.get_mut(request) else { return };
        held.stage = Stage::ToClients;
        let link = held.client_link;
        self.send(link, Direction::Back, Body::Reply(request, outcome));
    }

    /// Marks where a request met trouble.
    pub(super) fn fail(&mut self, node: NodeId, link: Option<LinkId>, request: RequestId, outcome: Outcome) {
        let Some(held) = self.requests.get(request) else { return };
        if self.failures.len() == FAILURES_KEPT {
            self.failures.pop_front();
        }
        let request = held.number;
        self.failures.push_back(Failure { at: self.now, node, link, request, outcome });
    }

    /// Ends a request: its client knows.
    pub(super) fn end(&mut self, request: RequestId, outcome: Outcome) -> bool {
        let ended = self.requests.remove(request).is_some();
        if ended {
            self.totals.end(outcome);
            self.history.end(self.now, outcome);
        }
        ended
    }
}
