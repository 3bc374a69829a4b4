//! The world: all nodes and what they share, driven event by event.
//!
//! A node's state machine (this module's children) sees its own state and the [`Ground`]: the clock, the network,
//! the books. It never sees another node, so that all it learns comes over a link. Two things reach across, as they
//! do in life: a fencing device that cuts a node's power, and a rewind that reads the other database's files.

mod actor_commands;
mod actor_messages;
mod arrivals;
mod attacker;
mod clients;
mod commands;
mod database;
mod databases;
mod dns;
mod eavesdropper;
mod firewall;
mod flights;
mod ground;
mod impairment;
mod inspect;
mod load_balancer;
mod manager;
mod measure;
mod monitor;
mod network;
mod process;
mod resolver;
mod retries;
mod server;
mod uplink;
mod workers;
mod writes;

use alloc::rc::Rc;
use alloc::vec::Vec;

use understudy_core::SimTime;
use understudy_core::failover::Instruction;
use understudy_core::replication::{AcknowledgedWrite, Primary, Wal};

use crate::calls::{Caller, Stage};
use crate::event::{Body, Event, Message, Wake};
use crate::follow::{Followed, HopStep};
use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::log::{Fact, Log};
use crate::plan::{NodeKind, Plan, PlanLink, PlanNode};
use crate::post::Letter;
use crate::queue::Scheduled;
use crate::view::{LinkView, NodeView, Snapshot, TargetHealth};

use attacker::Attacker;
use clients::Clients;
use database::Database;
use dns::Dns;
use eavesdropper::Eavesdropper;
use firewall::Firewall;
use ground::Ground;
use load_balancer::LoadBalancer;
use manager::Manager;
use monitor::Monitor;
use network::Delivery;
use process::Stop;
use server::Server;

/// One node's state machine.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one for each node, kept in place: no event goes through a pointer"
)]
enum Node {
    Clients(Clients),
    Firewall(Firewall),
    LoadBalancer(LoadBalancer),
    Server(Server),
    Database(Database),
    Manager(Manager),
    Dns(Dns),
    Monitor(Monitor),
    Attacker(Attacker),
    Eavesdropper(Eavesdropper),
}

/// All nodes and what they share.
#[derive(Clone, Debug)]
pub(crate) struct World {
    nodes: Vec<Node>,
    eavesdroppers: Vec<NodeId>,
    ground: Ground,
    /// The nodes that die as soon as a request is inside them.
    armed: Vec<NodeId>,
    stopping: Vec<Stop>,
}

impl World {
    /// The world of `plan` at its start, with its first events scheduled.
    pub(crate) fn new(plan: Rc<Plan>, seed: u64) -> Self {
        let ground = Ground::new(plan, seed);
        let node = |(id, node): (NodeId, &PlanNode)| match &node.kind {
            NodeKind::Clients(settings) => {
                Node::Clients(Clients::new(&ground, id, settings, &node.name, seed))
            }
            NodeKind::Firewall(settings) => Node::Firewall(Firewall::new(&ground, id, settings)),
            NodeKind::LoadBalancer(settings) => {
                Node::LoadBalancer(LoadBalancer::new(id, settings, &node.name, seed))
            }
            NodeKind::WebServer(settings) | NodeKind::ApplicationServer(settings) => {
                Node::Server(Server::new(&ground, id, settings, &node.name, seed))
            }
            NodeKind::Database(settings) => Node::Database(Database::new(id, settings, &node.name, seed)),
            NodeKind::FailoverManager(settings) => Node::Manager(Manager::new(id, settings)),
            NodeKind::Dns(settings) => Node::Dns(Dns::new(id, settings)),
            NodeKind::Monitor(settings) => Node::Monitor(Monitor::new(&ground, id, settings)),
            NodeKind::Attacker(settings) => {
                Node::Attacker(Attacker::new(&ground, id, settings, &node.name, seed))
            }
            NodeKind::Eavesdropper(settings) => Node::Eavesdropper(Eavesdropper::new(settings)),
        };
        let nodes = ground.plan.nodes().map(node).collect();
        let listens = |node: &PlanNode| matches!(node.kind, NodeKind::Eavesdropper(_));
        let eavesdroppers = ground.plan.nodes().filter(|(_, node)| listens(node)).map(|(id, _)| id).collect();
        let mut world = Self { nodes, eavesdroppers, ground, armed: Vec::new(), stopping: Vec::new() };
        for node in &mut world.nodes {
            match node {
                Node::Clients(clients) => clients.start(&mut world.ground),
                Node::LoadBalancer(balancer) => balancer.start(&mut world.ground),
                Node::Database(database) => database.start(&mut world.ground),
                Node::Manager(manager) => manager.start(&mut world.ground),
                Node::Monitor(monitor) => monitor.start(&mut world.ground),
                Node::Attacker(attacker) => attacker.start(&mut world.ground),
                Node::Firewall(_) | Node::Server(_) | Node::Dns(_) | Node::Eavesdropper(_) => {}
            }
        }
        world
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.ground.plan
    }

    pub(crate) fn shared_plan(&self) -> Rc<Plan> {
        Rc::clone(&self.ground.plan)
    }

    pub(crate) const fn log(&self) -> &Log {
        &self.ground.log
    }

    /// The next event, if it is due by `until`.
    #[inline]
    pub(crate) fn pop_due(&mut self, until: SimTime) -> Option<Scheduled<Event>> {
        self.ground.queue.pop_due(until)
    }

    /// Nothing more happens up to `now`.
    pub(crate) fn rest(&mut self, now: SimTime) {
        self.pass(now);
    }

    #[inline]
    pub(crate) fn handle(&mut self, now: SimTime, event: Event) {
        self.pass(now);
        match event {
            Event::Emit { clients: id } => {
                if let Node::Clients(clients) = &mut self.nodes[id.get()] {
                    clients.emit(&mut self.ground);
                }
            }
            Event::Deliver(message) => {
                if self.ground.links[message.link.get()].inspected && !self.inspect(&message) {
                    return;
                }
                if let Delivery::To(node) = self.ground.arrive(&message) {
                    self.deliver(node, message);
                }
                if !self.armed.is_empty() {
                    self.spring(&message);
                }
            }
            Event::Wake { node, incarnation, wake } => {
                // A frozen process does nothing, and what an earlier one had set itself is void.
                if incarnation == self.ground.incarnation(node) {
                    if self.ground.is_up(node) {
                        self.wake(node, wake);
                    } else if wake == Wake::Start {
                        self.revive(node);
                    }
                }
            }
        }
    }

    fn wake(&mut self, id: NodeId, wake: Wake) {
        let ground = &mut self.ground;
        match (&mut self.nodes[id.get()], wake) {
            (Node::Server(server), Wake::ServiceDone(call)) => server.service_done(ground, call),
            (Node::Database(database), Wake::ServiceDone(call)) => database.service_done(ground, call),
            (Node::Clients(clients), Wake::Deadline) => clients.deadline(ground),
            (Node::Clients(clients), Wake::Retry(number)) => clients.retry_due(ground, number),
            (Node::Clients(clients), Wake::OverloadOver) => clients.overload_over(ground),
            (Node::LoadBalancer(balancer), Wake::Deadline) => balancer.deadline(ground),
            (Node::Server(server), Wake::Deadline) => server.deadline(ground),
            (Node::LoadBalancer(balancer), Wake::Check(server)) => balancer.check_due(ground, server),
            (Node::LoadBalancer(balancer), Wake::Vrrp) => balancer.vrrp_due(ground),
            (Node::Database(database), Wake::Flushed(timeline, to)) => database.flushed(ground, timeline, to),
            (Node::Database(database), Wake::Replayed(timeline, to)) => {
                database.replayed(ground, timeline, to);
            }
            (Node::Database(database), Wake::Replication) => database.replication_due(ground),
            (Node::Database(database), Wake::Lease) => database.lease_due(ground),
            (Node::Manager(manager), Wake::Manager) => manager.due(ground),
            (_, Wake::Stop) => self.stop_due(id),
            // It was started by hand in the meantime.
            (_, Wake::Start) => {}
            (Node::Manager(_), Wake::Fenced { victim, request }) => self.fence(id, victim, request),
            (Node::Clients(clients), Wake::Lookup { query, attempt }) => {
                clients.lookup_over(ground, query, attempt);
            }
            (Node::Attacker(attacker), Wake::Deadline) => attacker.deadline(ground),
            (Node::Attacker(attacker), Wake::Attack { round }) => attacker.due(ground, round),
            (Node::Attacker(attacker), Wake::PortOver { attempt }) => attacker.port_over(ground, attempt),
            (Node::Monitor(monitor), Wake::Scrape { target, round }) => {
                monitor.scrape_due(ground, target, round);
            }
            (Node::Monitor(monitor), Wake::ScrapeOver { target, scrape }) => {
                monitor.scrape_failed(ground, target, scrape, TargetHealth::TimedOut);
            }
            // Without the values: code that prints them all would be a tenth of the page.
            _ => unreachable!("node {} set itself what only another kind of node can", id.0),
        }
    }

    fn deliver(&mut self, to: NodeId, message: Message) {
        let (ground, link) = (&mut self.ground, message.link);
        match (&mut self.nodes[to.get()], message.body) {
            (Node::Firewall(firewall), Body::Call(call)) => firewall.take_call(ground, link, call),
            (Node::LoadBalancer(balancer), Body::Call(call)) => balancer.take_call(ground, call),
            (Node::Server(server), Body::Call(call)) => server.take_call(ground, call),
            (Node::Database(database), Body::Call(call)) => database.take_call(ground, call),
            (Node::Clients(clients), Body::Answer(call, outcome)) => {
                clients.take_answer(ground, call, outcome);
            }
            (Node::Firewall(firewall), Body::Answer(call, outcome)) => {
                firewall.take_answer(ground, call, outcome);
            }
            (Node::LoadBalancer(balancer), Body::Answer(call, outcome)) => {
                balancer.take_answer(ground, call, outcome);
            }
            (Node::Server(server), Body::Answer(call, outcome)) => server.take_answer(ground, call, outcome),
            (_, Body::Probe { server, probe, incarnation, .. }) => {
                // Whoever runs answers: the check of a live server passes.
                ground.send_from(to, link, Body::ProbeAnswer { server, probe, incarnation, passed: true });
            }
            (Node::LoadBalancer(balancer), Body::ProbeAnswer { server, probe, incarnation, passed }) => {
                balancer.take_probe_answer(ground, server, probe, incarnation, passed);
            }
            (Node::LoadBalancer(balancer), Body::Advert(letter)) => {
                if let Letter::Advert(advert) = ground.post.take(letter) {
                    balancer.take_advert(ground, advert);
                }
            }
            (Node::LoadBalancer(balancer), Body::ArpRequest) => balancer.take_arp_request(ground, link),
            // Only the one that holds the address answers, and only a balancer can.
            (_, Body::ArpRequest) => {}
            (Node::Clients(clients), Body::GratuitousArp) => clients.learn(link),
            (Node::Firewall(firewall), Body::GratuitousArp) => firewall.learn(link),
            (Node::Database(database), Body::Replication(letter)) => {
                let letter = ground.post.take(letter);
                database.take_letter(ground, link, letter);
            }
            (Node::Database(database), Body::HangUp) => database.take_hang_up(ground, link),
            (Node::Database(_), Body::Control(letter)) => {
                let letter = ground.post.take(letter);
                self.obey(to, link, &letter);
            }
            (Node::Manager(manager), Body::Control(letter)) => match ground.post.take(letter) {
                Letter::Report(report) => manager.take_report(ground, link, report),
                Letter::Refused { call } => manager.take_refusal(ground, link, call),
                _ => {}
            },
            (Node::Server(server), Body::Route(primary)) => server.take_route(ground, primary),
            (_, Body::DnsQuery { .. } | Body::DnsAnswer(_)) => self.deliver_lookup(to, message),
            (_, Body::Scrape { .. } | Body::Scraped(_) | Body::ScrapeRefused { .. }) => {
                self.deliver_scrape(to, message);
            }
            (_, Body::PortProbe { .. } | Body::PortAnswer { .. }) => self.deliver_port(to, message),
            (Node::Attacker(attacker), Body::Answer(call, outcome)) => {
                attacker.take_answer(ground, call, outcome);
            }
            (Node::Attacker(attacker), Body::GratuitousArp) => attacker.learn(link),
            _ => unreachable!("the plan has no link on which node {} could receive that", to.0),
        }
    }

    /// A database does what the failover manager asks, and reports.
    fn obey(&mut self, id: NodeId, link: LinkId, letter: &Letter) {
        let Letter::Instruction { call, instruction, lease_until, leases } = *letter else { return };
        if let Instruction::Rewind { .. } = instruction {
            self.rewind(id);
        }
        if let Node::Database(database) = &mut self.nodes[id.get()] {
            database.obey(&mut self.ground, instruction, lease_until, leases);
            let report = database.report(call, &self.ground);
            self.ground.post_from(id, link, Letter::Report(report), Body::Control);
        }
    }

    /// Rewinds a database to the primary whose history goes on furthest.
    fn rewind(&mut self, id: NodeId) {
        let source = self
            .nodes
            .iter()
            .zip(&self.ground.truths)
            .filter_map(|(node, truth)| match node {
                Node::Database(database) if truth.is_up() => database.as_primary(),
                _ => None,
            })
            .filter(|primary| primary.id().0 != id.0)
            .max_by_key(|primary| primary.wal().history().current())
            .cloned();
        if let (Some(source), Node::Database(database)) = (source, &mut self.nodes[id.get()]) {
            database.rewind(&mut self.ground, &source);
        }
    }

    /// The fencing device cuts a node's power, over wires of its own.
    fn fence(&mut self, manager: NodeId, victim: NodeId, request: u32) {
        self.kill(victim);
        self.ground.note(Fact::Fenced { node: victim });
        if let Node::Manager(manager) = &mut self.nodes[manager.get()] {
            manager.fenced(&mut self.ground, request);
        }
    }

    /// Asserts what must hold after every event, whatever happened.
    pub(crate) fn check(&self) {
        let ground = &self.ground;
        let awaited = self.awaited_requests();
        assert_eq!(awaited, ground.totals.in_flight(), "clients wait for every request that has not ended");
        let attacks = ground.calls.count(|call| call.caller == Caller::Attacker) as u64;
        assert_eq!(attacks, ground.totals.attack.in_flight(), "attackers wait for what has not ended");
        for call in ground.calls.find_all(|call| matches!(call.stage(), Stage::Waiting(_))) {
            let held = ground.calls.get(call).expect("it was just found");
            let Stage::Waiting(child) = held.stage() else { continue };
            let child = ground.calls.get(child).expect("a call that is waited for exists");
            assert!(child.caller == Caller::Call(call), "the one that is waited for knows by whom");
        }
    }

    /// Follows a request that is under way, or nobody. False if there is no such request.
    pub(crate) fn follow(&mut self, request: Option<RequestNumber>) -> bool {
        let Some(number) = request else {
            self.ground.followed = None;
            return true;
        };
        let mut calls: Vec<_> = self.ground.calls.find_all(|call| call.number == number);
        // All of them are there.
        let made_at = |call: &_| self.ground.calls.get(*call).map_or(0, |call| call.made_at.as_nanos());
        understudy_core::sort::by_key(&mut calls, |call| made_at(call).into());
        let mut followed = None;
        for call in calls.iter().filter_map(|call| self.ground.calls.get(*call)) {
            let followed = followed.get_or_insert_with(|| Followed::new(number, call.kind, call.sent_at));
            followed.note(call.made_at, HopStep::Sent(call.link));
        }
        self.ground.followed = followed;
        self.ground.followed.is_some()
    }

    /// Goes on following where somebody else has come to.
    pub(crate) fn set_followed(&mut self, followed: Option<Followed>) {
        self.ground.followed = followed;
    }

    pub(crate) const fn followed(&self) -> Option<&Followed> {
        self.ground.followed.as_ref()
    }

    /// The database that the others are behind: of those that run and take writes, the one on the newest timeline.
    fn leader(&self) -> Option<&Primary> {
        let primaries = self.nodes.iter().zip(&self.ground.truths).filter_map(|(node, truth)| match node {
            Node::Database(database) if truth.is_up() => database.as_leader(),
            _ => None,
        });
        primaries.max_by_key(|primary| primary.wal().history().current())
    }

    /// The requests that clients wait for, counted one by one.
    pub(crate) fn awaited_requests(&self) -> u64 {
        let retrying = self.nodes.iter().map(|node| match node {
            Node::Clients(clients) => clients.waiting_to_retry(),
            _ => 0,
        });
        let called = self.ground.calls.count(|call| call.caller == Caller::Clients) as u64;
        called + retrying.sum::<u64>()
    }

    /// The attackers' requests that have not ended, counted one by one.
    pub(crate) fn awaited_attacks(&self) -> u64 {
        self.ground.calls.count(|call| call.caller == Caller::Attacker) as u64
    }

    pub(crate) fn log_of(&self, database: NodeId) -> Option<&Wal> {
        match self.nodes.get(database.get())? {
            Node::Database(database) => Some(database.wal()),
            _ => None,
        }
    }

    pub(crate) fn acknowledged_writes(&self) -> Vec<AcknowledgedWrite> {
        self.ground.writes.standing()
    }

    /// What can be seen at `now` but for what is on the links.
    pub(crate) fn snapshot_without_flights(&self, now: SimTime) -> Snapshot {
        Snapshot { flights: Vec::new(), ..self.snapshot(now, 0) }
    }

    /// What can be seen at `now`, with about `most_flights` of what is on the links at most.
    pub(crate) fn snapshot(&self, now: SimTime, most_flights: usize) -> Snapshot {
        let ground = &self.ground;
        let leader = self.leader();
        let flights = flights::look(ground, now, most_flights);
        let nodes = (0..).zip(self.nodes.iter().zip(&ground.truths)).map(|(index, (node, truth))| {
            let (rate_per_s, detail) = match node {
                Node::Clients(clients) => clients.view(ground, now),
                Node::Firewall(firewall) => firewall.view(now),
                Node::LoadBalancer(balancer) => balancer.view(ground, now),
                Node::Server(server) => server.view(ground, now),
                Node::Database(database) => database.view(ground, now, leader),
                Node::Manager(manager) => manager.view(ground),
                Node::Dns(dns) => dns.view(now),
                Node::Monitor(monitor) => monitor.view(now),
                Node::Attacker(attacker) => attacker.view(now),
                Node::Eavesdropper(eavesdropper) => eavesdropper.view(ground),
            };
            NodeView { truth: *truth, slowness: ground.slowness(NodeId(index)), rate_per_s, detail }
        });
        let nodes: Vec<NodeView> = nodes.collect();
        let links = ground.plan.links().map(|(id, link)| {
            let state = &ground.links[id.get()];
            LinkView {
                belief: match &self.nodes[link.from.get()] {
                    Node::LoadBalancer(balancer) if ground.is_up(link.from) => balancer.belief_of(id),
                    _ => None,
                },
                rate_per_s: state.rate_per_s(now),
                cut_forward: state.cut_forward,
                cut_back: state.cut_back,
                delay: state.delay,
                traffic: flights.traffic[id.get()],
                tls: state.tls,
                readable: !state.tls && carries_data(&ground.plan, link),
                loss_ppm: state.loss_ppm(),
            }
        });
        let links = links.collect();
        Snapshot {
            now,
            links,
            nodes,
            flights: flights.told,
            sample: flights.sample,
            failures: ground.failures.iter().copied().collect(),
            totals: ground.totals,
        }
    }
}

/// Whether people's data goes over a link.
fn carries_data(plan: &Plan, link: &PlanLink) -> bool {
    let kind = |node| plan.node(node).map(|node| &node.kind);
    let between_balancers = matches!(
        (kind(link.from), kind(link.to)),
        (Some(NodeKind::LoadBalancer(_)), Some(NodeKind::LoadBalancer(_)))
    );
    let of_a_watcher = matches!(kind(link.from), Some(NodeKind::FailoverManager(_) | NodeKind::Monitor(_)));
    let of_names = matches!(kind(link.to), Some(NodeKind::Dns(_)));
    !between_balancers && !of_a_watcher && !of_names
}
