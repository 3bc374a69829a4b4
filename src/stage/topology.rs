//! What the layout needs to know of a plan: which nodes stand side by side, and which links join them.

use petgraph::Direction;
use petgraph::algo::toposort;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan};

/// The most nodes that the page draws; the command line runs any number.
pub const MOST_DRAWN: usize = 60;

/// Nodes in tiers, and the links between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// The nodes of each tier in scenario order. Links lead from a tier to a later one.
    pub tiers: Vec<Vec<usize>>,
    /// The links in scenario order.
    pub links: Vec<Joint>,
}

/// A link between two nodes, each given by its place in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joint {
    /// The node that connects.
    pub from: usize,
    /// The node that accepts.
    pub to: usize,
    /// Whether `from` checks the health of `to`, so that the link has a lamp.
    pub checked: bool,
}

/// The first tier in which a kind of node may stand, so that equal kinds line up.
const fn rank(kind: &NodeKind) -> usize {
    match kind {
        NodeKind::Clients(_) => 0,
        NodeKind::LoadBalancer(_) => 1,
        NodeKind::WebServer(_) => 2,
    }
}

impl Topology {
    /// The topology of a plan. A node stands one tier after the last of those that send to it.
    pub fn of(plan: &Plan) -> Self {
        let graph = plan.graph();
        let mut depth: Vec<usize> = plan.nodes().map(|(_, node)| rank(&node.kind)).collect();
        // On a cycle there is no longest path; the kinds alone then make the tiers.
        for at in toposort(graph, None).unwrap_or_default() {
            let here = depth[at.index()];
            for next in graph.neighbors_directed(at, Direction::Outgoing) {
                depth[next.index()] = depth[next.index()].max(here + 1);
            }
        }
        let last = depth.iter().copied().max().unwrap_or(0);
        let tiers = (0..=last)
            .map(|tier| (0..depth.len()).filter(|node| depth[*node] == tier).collect::<Vec<_>>())
            .filter(|tier| !tier.is_empty())
            .collect();
        let is_balancer =
            |id: NodeId| plan.node(id).is_some_and(|node| matches!(node.kind, NodeKind::LoadBalancer(_)));
        let links = plan
            .links()
            .map(|(_, link)| Joint {
                from: link.from.get(),
                to: link.to.get(),
                checked: is_balancer(link.from),
            })
            .collect();
        Self { tiers, links }
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.tiers.iter().map(Vec::len).sum()
    }
}
