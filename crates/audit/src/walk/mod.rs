//! One look at the whole system in one state: from the databases up to what clients get, and from the clients down
//! to how much reaches each node.

mod base;
mod databases;
mod entries;
mod flow;
mod pools;
mod servers;

use alloc::vec;
use alloc::vec::Vec;

use understudy_sim::Plan;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::NodeKind;

pub(crate) use base::Base;

use crate::losses::Losses;
use crate::service::Service;
use crate::shares::Shares;
use crate::system::{Outcome, Settled, System};

/// How the requests of each service end at one node; `None` where nobody has asked yet.
type Known = [Option<Shares>; 3];

/// A look at the system in one state.
pub(crate) struct Walk<'s> {
    pub(crate) system: &'s System<'s>,
    plan: &'s Plan,
    losses: &'s Losses,
    pub(crate) settled: Settled,
    load: f64,
    known: Vec<Known>,
    /// By web server: whether all application servers behind it are well; `None` where nobody has asked yet.
    well: Vec<Option<bool>>,
    /// By node: the share of what reaches it that finds a place in its queue.
    admitted: Vec<f64>,
    /// By node and service: requests per second that reach it.
    arriving: Vec<[f64; 3]>,
    /// By node: workers that would be busy if there were enough of them.
    pub(crate) busy: Vec<f64>,
    /// By node: what happens if it gets all its turns and has too few workers for them.
    overloads: Vec<Option<Overload>>,
    overloads_are_known: bool,
    /// Whether what was known on the way down is so: nothing depended on how much arrives.
    is_known: bool,
    /// By link and service: requests per second that go along it.
    along: Vec<[f64; 3]>,
}

/// A node that has too few workers for what it gets.
#[derive(Clone, Copy)]
struct Overload {
    /// How long a request takes there with a full queue before it.
    takes_s: f64,
    /// How long until the queue is full.
    fills_in_s: f64,
    /// The share of the requests that finds a place then.
    admitted: f64,
}

/// Where requests may go next, with the share that goes there first.
struct Turn {
    link: LinkId,
    weight: f64,
}

impl<'s> Walk<'s> {
    pub(crate) fn new(system: &'s System<'s>, losses: &'s Losses, settled: Settled, load: f64) -> Self {
        let mut walk = Self::unseen(system, losses, settled, load);
        walk.forget();
        walk.flow_down();
        if walk.overloads.iter().any(Option::is_some) {
            // Whoever waits too long in a full queue gives up, and looks elsewhere from then on: once more with that.
            walk.overloads_are_known = true;
            walk.forget();
            walk.admitted.fill(1.0);
            walk.arriving.fill([0.0; 3]);
            walk.busy.fill(0.0);
            walk.along.fill([0.0; 3]);
            walk.flow_down();
        }
        if !walk.is_known {
            // What is turned away for want of workers changes what is answered, and what fails on the way up.
            walk.forget();
        }
        walk
    }

    /// Before anybody has asked anything.
    fn unseen(system: &'s System<'s>, losses: &'s Losses, settled: Settled, load: f64) -> Self {
        let nodes = system.plan.nodes().len();
        Self {
            system,
            plan: system.plan,
            losses,
            settled,
            load,
            known: vec![[None; 3]; nodes],
            well: vec![None; nodes],
            admitted: vec![1.0; nodes],
            arriving: vec![[0.0; 3]; nodes],
            busy: vec![0.0; nodes],
            overloads: vec![None; nodes],
            overloads_are_known: false,
            is_known: true,
            along: vec![[0.0; 3]; system.plan.links().len()],
        }
    }

    /// What clients get.
    pub(crate) fn outcome(mut self) -> Outcome {
        let populations = self.by_population();
        self.system.outcome_of(populations)
    }

    fn by_population(&mut self) -> Vec<Known> {
        let system = self.system;
        let ask = |population: &crate::system::Population| {
            Service::ALL.map(|service| {
                let asked = population.rates[service.index()] > 0.0;
                asked.then(|| self.at(population.clients, service))
            })
        };
        system.populations.iter().map(ask).collect()
    }

    /// What clients get, while the walk can still be asked for more.
    pub(crate) fn peek(&mut self) -> Outcome {
        let populations = self.by_population();
        self.system.outcome_of(populations)
    }

    /// Requests per second of a service that go along a link.
    pub(crate) fn along(&self, link: LinkId, service: Service) -> f64 {
        self.along[link.get()][service.index()]
    }

    /// Requests per second of a service that reach a node.
    pub(crate) fn arriving(&self, node: NodeId, service: Service) -> f64 {
        self.arriving[node.get()][service.index()]
    }

    fn is_dead(&self, node: NodeId) -> bool {
        self.losses.has_node(node) || self.settled.cluster.powered_off == Some(node)
    }

    fn is_cut(&self, link: LinkId) -> bool {
        self.losses.has_link(link)
    }

    /// How requests that go along a link end.
    pub(crate) fn via(&mut self, link: LinkId, service: Service) -> Shares {
        let to = self.plan.link(link).to;
        if self.is_cut(link) || self.system.closed[link.get()] {
            Shares::TIMED_OUT
        } else if self.is_dead(to) {
            // A dead firewall is a break in the line: nobody is there who could refuse.
            if self.is_firewall(to) { Shares::TIMED_OUT } else { Shares::REFUSED }
        } else {
            self.at(to, service)
        }
    }

    fn is_firewall(&self, id: NodeId) -> bool {
        matches!(self.plan.node(id).map(|node| &node.kind), Some(NodeKind::Firewall(_)))
    }

    /// How requests that reach a node end; the node is not lost.
    fn at(&mut self, id: NodeId, service: Service) -> Shares {
        if let Some(known) = self.known[id.get()][service.index()] {
            return known;
        }
        let plan = self.plan;
        let Some(node) = plan.node(id) else { return Shares::REJECTED };
        let shares = match &node.kind {
            NodeKind::Clients(clients) => self.population(id, clients, service),
            NodeKind::Firewall(firewall) => self.uplink(id, &firewall.links, service),
            NodeKind::LoadBalancer(balancer) => self.pool(id, balancer, service),
            NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => {
                // It runs: what it hands on of those behind it is an answer, and nobody tries elsewhere for that.
                let shares = self.server(id, server, service);
                let passed_on = Shares { refused: 0.0, rejected: shares.rejected + shares.refused, ..shares };
                passed_on.admitted(self.admitted[id.get()])
            }
            NodeKind::Database(_) => self.database(id, service).admitted(self.admitted[id.get()]),
            NodeKind::FailoverManager(_)
            | NodeKind::Dns(_)
            | NodeKind::Monitor(_)
            | NodeKind::Attacker(_)
            | NodeKind::Eavesdropper(_) => Shares::REJECTED,
        };
        self.known[id.get()][service.index()] = Some(shares);
        shares
    }
}

/// One of so many equal parts.
fn part(count: usize) -> f64 {
    1.0 / f64::from(u16::try_from(count).unwrap_or(u16::MAX))
}
