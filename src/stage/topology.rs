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
        NodeKind::Clients(_) | NodeKind::Attacker(_) => 0,
        NodeKind::Firewall(_) | NodeKind::Dns(_) | NodeKind::Eavesdropper(_) => 1,
        NodeKind::LoadBalancer(_) => 2,
        NodeKind::WebServer(_) => 3,
        NodeKind::ApplicationServer(_) => 4,
        NodeKind::Database(_) | NodeKind::FailoverManager(_) | NodeKind::Monitor(_) => 5,
    }
}

/// Why the page cannot draw a plan that the simulator can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undrawable {
    /// Where in the scenario: `links[3]`.
    pub place: String,
    /// What is too much for the page, and what can be done.
    pub problem: String,
}

/// Whether the page can draw a plan: not too many nodes, and links that all lead from tier to tier.
pub fn check(plan: &Plan) -> Result<(), Undrawable> {
    let count = plan.nodes().len();
    if count > MOST_DRAWN {
        let problem = format!(
            "there are {count}, and the page draws at most {MOST_DRAWN}; the command line runs any number"
        );
        return Err(Undrawable { place: "nodes".into(), problem });
    }
    let rank_of = |id: NodeId| plan.node(id).map_or(0, |node| rank(&node.kind));
    let sideways = plan.links().position(|(_, link)| rank_of(link.from) >= rank_of(link.to));
    let Some(index) = sideways else { return Ok(()) };
    let (_, link) = plan.links().nth(index).expect("it was just found");
    let (from, to) = (plan.name(link.from), plan.name(link.to));
    Err(Undrawable {
        place: format!("links[{index}]"),
        problem: format!(
            "{from} and {to} stand in the same tier, and the page draws links from tier to tier only; \
             the command line runs any scenario"
        ),
    })
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

#[cfg(test)]
mod tests {
    use understudy_sim::Scenario;

    use super::*;

    fn plan(name: &str, text: &str) -> Plan {
        Scenario::read(name, text).expect("a shipped scenario is right")
    }

    #[test]
    fn tiers_follow_the_requests() {
        let three = plan("three-web-servers", include_str!("../../scenarios/three-web-servers.json"));
        assert_eq!(check(&three), Ok(()));
        assert_eq!(Topology::of(&three).tiers, [vec![0], vec![1], vec![2, 3, 4]]);
    }

    #[test]
    fn links_within_a_tier_are_refused_in_words() {
        let pair = plan("two-balancers", include_str!("../../scenarios/two-balancers.json"));
        let Err(Undrawable { place, problem }) = check(&pair) else {
            panic!("lb-1 and lb-2 are side by side")
        };
        assert_eq!(place, "links[3]");
        assert!(problem.starts_with("lb-1 and lb-2 stand in the same tier"), "{problem}");
    }
}
