//! The world: all nodes and what they share, driven event by event.
//!
//! A node's state machine (this module's children) sees its own state and the [`Ground`]: the clock, the network,
//! the books. It never sees another node, so that all it learns comes over a link.

mod clients;
mod ground;
mod load_balancer;
mod web_server;

use alloc::rc::Rc;
use alloc::vec::Vec;

use understudy_core::SimTime;

use crate::command::Command;
use crate::event::{Body, Event, Message};
use crate::history::History;
use crate::ids::{Direction, NodeId};
use crate::log::{Fact, Log};
use crate::outcome::Outcome;
use crate::plan::{NodeKind, Plan};
use crate::queue::Scheduled;
use crate::view::{Cargo, Flight, LinkView, NodeView, Snapshot};

use clients::Clients;
use ground::Ground;
use load_balancer::LoadBalancer;
use web_server::WebServer;

/// One node's state machine.
#[derive(Clone, Debug)]
enum Node {
    Clients(Clients),
    LoadBalancer(LoadBalancer),
    WebServer(WebServer),
}

/// All nodes and what they share.
#[derive(Clone, Debug)]
pub(crate) struct World {
    nodes: Vec<Node>,
    ground: Ground,
}

impl World {
    /// The world of `plan` at its start, with its first events scheduled.
    pub(crate) fn new(plan: Rc<Plan>, seed: u64) -> Self {
        let nodes = plan
            .nodes()
            .map(|(id, node)| match &node.kind {
                NodeKind::Clients(settings) => Node::Clients(Clients::new(id, settings, &node.name, seed)),
                NodeKind::LoadBalancer(settings) => Node::LoadBalancer(LoadBalancer::new(id, settings)),
                NodeKind::WebServer(settings) => {
                    Node::WebServer(WebServer::new(id, *settings, &node.name, seed))
                }
            })
            .collect();
        let mut world = Self { nodes, ground: Ground::new(plan) };
        for node in &mut world.nodes {
            match node {
                Node::Clients(clients) => clients.start(&mut world.ground),
                Node::LoadBalancer(balancer) => balancer.start(&mut world.ground),
                Node::WebServer(_) => {}
            }
        }
        world
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.ground.plan
    }

    pub(crate) const fn log(&self) -> &Log {
        &self.ground.log
    }

    pub(crate) const fn history(&self) -> &History {
        &self.ground.history
    }

    pub(crate) fn next_at(&self) -> Option<SimTime> {
        self.ground.queue.next_at()
    }

    pub(crate) fn pop(&mut self) -> Option<Scheduled> {
        self.ground.queue.pop()
    }

    /// Nothing more happens up to `now`.
    pub(crate) fn rest(&mut self, now: SimTime) {
        self.ground.now = now;
        self.ground.history.advance_to(now);
    }

    pub(crate) fn handle(&mut self, now: SimTime, event: Event) {
        self.ground.now = now;
        match event {
            Event::Emit { clients: id } => {
                if let Node::Clients(clients) = &mut self.nodes[id.get()] {
                    clients.emit(&mut self.ground);
                }
            }
            Event::ServiceDone { server: id, request, incarnation } => {
                if let Node::WebServer(server) = &mut self.nodes[id.get()] {
                    server.service_done(&mut self.ground, request, incarnation);
                }
            }
            Event::CheckDue { balancer: id, server, incarnation } => {
                if let Node::LoadBalancer(balancer) = &mut self.nodes[id.get()] {
                    balancer.check_due(&mut self.ground, server, incarnation);
                }
            }
            Event::Deliver(message) => self.deliver(message),
        }
    }

    fn deliver(&mut self, message: Message) {
        let link = *self.ground.plan.link(message.link);
        let to = match message.direction {
            Direction::Forward => link.to,
            Direction::Back => link.from,
        };
        if !self.ground.is_up(to) {
            self.ground.meet_dead(to, message);
            return;
        }
        match (&mut self.nodes[to.get()], message.body) {
            (Node::LoadBalancer(balancer), Body::Request(request)) => {
                balancer.take_request(&mut self.ground, request);
            }
            (Node::WebServer(server), Body::Request(request)) => {
                server.take_request(&mut self.ground, request, message.link);
            }
            (Node::Clients(clients), Body::Reply(request, outcome)) => {
                clients.take_reply(&mut self.ground, request, outcome);
            }
            (Node::LoadBalancer(balancer), Body::Reply(request, outcome)) => {
                balancer.take_reply(&mut self.ground, request, outcome);
            }
            (Node::WebServer(_), Body::Probe { server, probe, incarnation }) => {
                // Whoever listens accepts a connection: the check of a live server passes.
                self.ground.answer(&message, Body::ProbeReply { server, probe, incarnation, passed: true });
            }
            (Node::LoadBalancer(balancer), Body::ProbeReply { server, probe, incarnation, passed }) => {
                balancer.take_probe_reply(&mut self.ground, server, probe, incarnation, passed);
            }
            (node, body) => unreachable!("the plan links no kinds such that {node:?} receives {body:?}"),
        }
    }

    /// Carries out a command that was checked against the plan.
    pub(crate) fn command(&mut self, now: SimTime, command: Command) {
        self.ground.now = now;
        match command {
            Command::Kill(id) => self.kill(id),
            Command::Revive(id) => self.revive(id),
            Command::SetRetry { balancer: id, on } => {
                if let Node::LoadBalancer(balancer) = &mut self.nodes[id.get()]
                    && balancer.set_retry(on)
                {
                    self.ground.note(Fact::RetrySet { balancer: id, on });
                }
            }
        }
    }

    fn kill(&mut self, id: NodeId) {
        if !self.ground.is_up(id) {
            return;
        }
        self.ground.set_down(id);
        let inside = match &mut self.nodes[id.get()] {
            Node::LoadBalancer(balancer) => balancer.die(&mut self.ground),
            Node::WebServer(server) => server.die(&mut self.ground),
            Node::Clients(_) => unreachable!("the command was checked"),
        };
        for &request in &inside {
            self.ground.fail(id, None, request, Outcome::Lost);
        }
        self.ground.note(Fact::Killed { node: id, lost: inside.len() as u64 });
        // The host's kernel outlives the process and closes its connections at once.
        for request in inside {
            self.ground.reset_connection(id, request);
        }
    }

    fn revive(&mut self, id: NodeId) {
        if self.ground.is_up(id) {
            return;
        }
        self.ground.set_up(id);
        self.ground.note(Fact::Revived { node: id });
        if let Node::LoadBalancer(balancer) = &mut self.nodes[id.get()] {
            balancer.start(&mut self.ground);
        }
    }

    /// What can be seen at `now`.
    pub(crate) fn snapshot(&self, now: SimTime) -> Snapshot {
        let ground = &self.ground;
        let nodes = self.nodes.iter().zip(&ground.truths).map(|(node, truth)| {
            let (rate_per_s, detail) = match node {
                Node::Clients(clients) => clients.view(now),
                Node::LoadBalancer(balancer) => balancer.view(ground, now),
                Node::WebServer(server) => server.view(now),
            };
            NodeView { truth: *truth, rate_per_s, detail }
        });
        let nodes: Vec<NodeView> = nodes.collect();
        let links = ground.plan.links().map(|(id, link)| LinkView {
            belief: match &self.nodes[link.from.get()] {
                Node::LoadBalancer(balancer) if ground.is_up(link.from) => balancer.belief_of(id),
                _ => None,
            },
            rate_per_s: ground.request_rate(id, now),
        });
        Snapshot {
            now,
            links: links.collect(),
            nodes,
            flights: ground.flights(now),
            failures: ground.failures.iter().copied().collect(),
            totals: ground.totals,
        }
    }
}

impl Ground {
    /// What is on the links at `now`, in order of arrival.
    fn flights(&self, now: SimTime) -> Vec<Flight> {
        let mut flights: Vec<(u64, Flight)> = self
            .queue
            .iter()
            .filter_map(|scheduled| {
                let Event::Deliver(message) = scheduled.event else { return None };
                let number = |request| self.requests.get(request).map(|request| request.number);
                let cargo = match message.body {
                    Body::Request(request) => Cargo::Request(number(request)?),
                    Body::Reply(request, outcome) => Cargo::Reply(number(request)?, outcome),
                    Body::Probe { .. } => Cargo::Probe,
                    Body::ProbeReply { passed, .. } => Cargo::ProbeReply { passed },
                };
                let Message { link, direction, sent_at, .. } = message;
                (scheduled.at > now).then_some((
                    scheduled.sequence,
                    Flight { link, direction, cargo, sent_at, arrives_at: scheduled.at },
                ))
            })
            .collect();
        flights.sort_unstable_by_key(|(sequence, flight)| (flight.arrives_at, *sequence));
        flights.into_iter().map(|(_, flight)| flight).collect()
    }
}
