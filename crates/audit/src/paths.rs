//! The ways that requests take in one state of the system, as a graph, and what all of them have in common.
//!
//! The graph holds what carries requests that are answered: the clients, the links, the nodes. A component that
//! dominates the end (every path from the clients to an answer leads through it) is a single point of failure as far
//! as paths go; whether something takes its place is for [`crate::system`] to say.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use understudy_sim::Plan;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{NextTier, NodeKind};

use crate::losses::Component;
use crate::service::Service;
use crate::system::System;
use crate::walk::Walk;

/// Rates below this are those of servers that are only there for retries.
const CARRIES: f64 = 1e-9;

/// What carries the answered requests of one service.
#[derive(PartialEq, Eq)]
pub(crate) struct Carrying {
    /// By node: its links that carry requests.
    out: Vec<Vec<LinkId>>,
    /// By node: whether requests are answered there.
    answers: Vec<bool>,
    clients: Vec<NodeId>,
}

/// Whether a request of this service ends at the node.
fn is_end(plan: &Plan, id: NodeId, service: Service) -> bool {
    match plan.node(id).map(|node| &node.kind) {
        Some(NodeKind::Database(_)) => true,
        Some(NodeKind::WebServer(server) | NodeKind::ApplicationServer(server)) => match &server.next_tier {
            NextTier::Nothing => true,
            NextTier::Servers(_) => service == Service::StaticFiles,
            NextTier::Databases { .. } => false,
        },
        _ => false,
    }
}

impl Carrying {
    pub(crate) fn new(walk: &mut Walk<'_>, service: Service) -> Self {
        let plan = walk.system.plan;
        let nodes = plan.nodes().len();
        let mut out = vec![Vec::new(); nodes];
        let mut answers = vec![false; nodes];
        for (id, link) in plan.links() {
            if walk.along(id, service) > CARRIES && walk.via(id, service).answered > 0.0 {
                out[link.from.get()].push(id);
                answers[link.to.get()] = is_end(plan, link.to, service);
            }
        }
        let sends = |population: &&crate::system::Population| population.rates[service.index()] > 0.0;
        let clients = walk.system.populations.iter().filter(sends).map(|population| population.clients);
        Self { out, answers, clients: clients.collect() }
    }

    /// Up to `most` paths, as names from the clients to where the answer comes from.
    pub(crate) fn paths(&self, plan: &Plan, most: usize) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        for &clients in &self.clients {
            let mut way = vec![clients];
            self.follow(plan, &mut way, most, &mut found);
        }
        found
    }

    fn follow(&self, plan: &Plan, way: &mut Vec<NodeId>, most: usize, found: &mut Vec<Vec<String>>) {
        let Some(&here) = way.last() else { return };
        if found.len() >= most {
            return;
        }
        if self.answers[here.get()] {
            found.push(way.iter().map(|&id| plan.name(id).to_string()).collect());
            return;
        }
        for &link in &self.out[here.get()] {
            way.push(plan.link(link).to);
            self.follow(plan, way, most, found);
            way.pop();
        }
    }

    /// What every path leads through: the dominators of the end, clients left out.
    ///
    /// A vertex is on every path if as many paths lead through it as there are. Counted modulo 2^64, which is right for
    /// what is on every path and, once in 2^64, too much for what is not. Links lead from tier to tier, so one pass down
    /// and one up count all.
    pub(crate) fn on_every_path(&self, system: &System<'_>) -> Vec<Component> {
        let plan = system.plan;
        let nodes = plan.nodes().len();
        // Paths from the clients to a node, and from a node to an answer.
        let (mut to, mut from) = (vec![0_u64; nodes], vec![0_u64; nodes]);
        for &clients in &self.clients {
            to[clients.get()] = 1;
        }
        for &id in &system.downstream {
            for &link in &self.out[id.get()] {
                let next = plan.link(link).to.get();
                to[next] = to[next].wrapping_add(to[id.get()]);
            }
        }
        for &id in system.downstream.iter().rev() {
            let ways = self.out[id.get()].iter().map(|&link| from[plan.link(link).to.get()]);
            from[id.get()] = ways.fold(u64::from(self.answers[id.get()]), u64::wrapping_add);
        }
        let all = self.clients.iter().fold(0, |sum: u64, id| sum.wrapping_add(from[id.get()]));
        if all == 0 {
            return Vec::new();
        }
        let mut found = Vec::new();
        for &id in &system.downstream {
            let is_clients = self.clients.contains(&id);
            if !is_clients && to[id.get()].wrapping_mul(from[id.get()]) == all {
                found.push(Component::Node(id));
            }
            for &link in &self.out[id.get()] {
                if to[id.get()].wrapping_mul(from[plan.link(link).to.get()]) == all {
                    found.push(Component::Link(link));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use petgraph::algo::dominators;
    use petgraph::graph::{DiGraph, NodeIndex};
    use understudy_sim::Scenario;

    use super::*;
    use crate::losses::Losses;
    use crate::system::Reactions;
    use crate::weakness::components;

    /// The same by dominators, with links as vertices of their own.
    fn dominators(carrying: &Carrying, plan: &Plan) -> BTreeSet<Component> {
        let (nodes, links) = (plan.nodes().len(), plan.links().len());
        let mut graph: DiGraph<(), ()> = DiGraph::new();
        for _ in 0..nodes + links + 2 {
            graph.add_node(());
        }
        let at = |id: NodeId| NodeIndex::new(id.get());
        let link_at = |id: LinkId| NodeIndex::new(nodes + id.get());
        let (start, end) = (NodeIndex::new(nodes + links), NodeIndex::new(nodes + links + 1));
        for &clients in &carrying.clients {
            graph.add_edge(start, at(clients), ());
        }
        for (id, _) in plan.nodes() {
            for &link in &carrying.out[id.get()] {
                graph.add_edge(at(id), link_at(link), ());
                graph.add_edge(link_at(link), at(plan.link(link).to), ());
            }
            if carrying.answers[id.get()] {
                graph.add_edge(at(id), end, ());
            }
        }
        let dominators = dominators::simple_fast(&graph, start);
        let chain: BTreeSet<_> = dominators.strict_dominators(end).into_iter().flatten().collect();
        let nodes = plan.nodes().map(|(id, _)| id).filter(|id| !carrying.clients.contains(id));
        let nodes = nodes.filter(|&id| chain.contains(&at(id))).map(Component::Node);
        let links = plan.links().map(|(id, _)| id).filter(|&id| chain.contains(&link_at(id)));
        nodes.chain(links.map(Component::Link)).collect()
    }

    #[test]
    fn what_is_on_every_path_is_what_dominates_the_end() {
        let files = [
            include_str!("../../../scenarios/classic-stack.json"),
            include_str!("../../../scenarios/two-balancers.json"),
            include_str!("../../../scenarios/primary-and-replicas.json"),
            include_str!("../../../scenarios/open-to-the-world.json"),
        ];
        let mut compared = 0;
        for text in files {
            let plan = Scenario::read("shipped", text).expect("a shipped scenario is right");
            let system = System::new(&plan);
            for lost in components(&plan) {
                let losses = Losses::of(&plan, &[lost]);
                let mut walk = system.walk(&losses, Reactions::ALL, 1.0);
                for service in system.services() {
                    let carrying = Carrying::new(&mut walk, service);
                    let found: BTreeSet<_> = carrying.on_every_path(&system).into_iter().collect();
                    assert_eq!(found, dominators(&carrying, &plan), "without {}", lost.name(&plan));
                    compared += usize::from(!found.is_empty());
                }
            }
        }
        assert!(compared > 100, "only {compared} had anything on every path");
    }
}
