//! The ways that requests take in one state of the system, as a graph, and what all of them have in common.
//!
//! The graph holds what carries requests that are answered: the clients, the links, the nodes. A component that
//! dominates the end (every path from the clients to an answer leads through it) is a single point of failure as far
//! as paths go; whether something takes its place is for [`crate::system`] to say.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use petgraph::Directed;
use petgraph::algo::dominators;
use petgraph::graph::{Graph, NodeIndex};
use understudy_sim::Plan;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{NextTier, NodeKind};

use crate::losses::Component;
use crate::service::Service;
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
    pub(crate) fn on_every_path(&self, plan: &Plan) -> Vec<Component> {
        // Links are vertices too, so that they can dominate.
        let (nodes, links) = (plan.nodes().len(), plan.links().len());
        let mut graph: Graph<(), (), Directed, u32> =
            Graph::with_capacity(nodes + links + 2, 2 * links + nodes);
        for _ in 0..nodes + links + 2 {
            graph.add_node(());
        }
        let at = |id: NodeId| NodeIndex::new(id.get());
        let link_at = |id: LinkId| NodeIndex::new(nodes + id.get());
        let (start, end) = (NodeIndex::new(nodes + links), NodeIndex::new(nodes + links + 1));
        for &clients in &self.clients {
            graph.add_edge(start, at(clients), ());
        }
        for (id, _) in plan.nodes() {
            for &link in &self.out[id.get()] {
                graph.add_edge(at(id), link_at(link), ());
                graph.add_edge(link_at(link), at(plan.link(link).to), ());
            }
            if self.answers[id.get()] {
                graph.add_edge(at(id), end, ());
            }
        }
        let dominators = dominators::simple_fast(&graph, start);
        let Some(chain) = dominators.strict_dominators(end) else { return Vec::new() };
        let component = |vertex: NodeIndex| {
            let index = vertex.index();
            let (node, _) = plan.nodes().nth(index).filter(|_| index < nodes).unzip();
            let link = index.checked_sub(nodes).and_then(|index| plan.links().nth(index)).map(|(id, _)| id);
            node.map(Component::Node).or(link.map(Component::Link))
        };
        let is_clients =
            |component: &Component| matches!(component, Component::Node(id) if self.clients.contains(id));
        chain.filter_map(component).filter(|component| !is_clients(component)).collect()
    }
}
