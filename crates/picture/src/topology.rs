//! What the layout needs to know of a plan: which nodes stand side by side, and how the links join them.
//!
//! A node's tier is where its kind stands on a request's way. Links lead from tier to tier; one that leads further than
//! the next passes through those between, where room is kept for it. Links within a tier (balancers that share an
//! address, databases that replicate) run beside it. Who only watches stands aside, and its links run around the tiers.

use understudy_core::sort;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan};

use super::order::order;
use crate::kinds::{look, mixed};

/// The most nodes that the page draws; the command line runs any number.
pub const MOST_DRAWN: usize = 200;

/// Nodes in tiers, and the links between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// The tiers in the order of a request's way, each in the order in which it is drawn.
    pub tiers: Vec<Vec<Slot>>,
    /// Those that stand aside, in scenario order.
    pub aside: Vec<usize>,
    /// The nodes in scenario order.
    pub nodes: Vec<Standing>,
    /// The links in scenario order.
    pub links: Vec<Joint>,
    /// Who listens on which link.
    pub taps: Vec<(usize, usize)>,
}

/// What has a place in a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A node, by its place in the scenario.
    Node(usize),
    /// A link that passes, by its place in the scenario.
    Pass(usize),
}

/// What the layout needs to know of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The tier of its kind; `None` if it stands aside.
    pub tier: Option<u8>,
    /// Whether the newest records of a log are on its card.
    pub has_log: bool,
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
    /// How it runs.
    pub run: Runs,
}

/// How a link runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// From a tier to a later one.
    Along,
    /// Within a tier.
    Beside,
    /// Around the tiers, because one end only watches.
    Around,
}

/// Why the page cannot draw a plan that the simulator can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undrawable {
    /// Where in the scenario: `nodes`.
    pub place: String,
    /// What is too much for the page, and what can be done.
    pub problem: String,
}

/// Whether the page can draw a plan.
pub fn check(plan: &Plan) -> Result<(), Undrawable> {
    let count = plan.nodes().len();
    if count <= MOST_DRAWN {
        return Ok(());
    }
    let problem = format!(
        "there are {count}, and the page draws at most {MOST_DRAWN}; the command line runs any number"
    );
    Err(Undrawable { place: "nodes".into(), problem })
}

impl Topology {
    /// The topology of a plan.
    pub fn of(plan: &Plan) -> Self {
        let nodes = plan.nodes().map(|(_, node)| {
            let look = look(&node.kind);
            Standing { tier: look.tier, has_log: look.has_log }
        });
        let is_balancer =
            |id: NodeId| plan.node(id).is_some_and(|node| matches!(node.kind, NodeKind::LoadBalancer(_)));
        let links = plan.links().map(|(_, link)| {
            (link.from.get(), link.to.get(), is_balancer(link.from) && !is_balancer(link.to))
        });
        let taps = plan.nodes().flat_map(|(id, node)| match &node.kind {
            NodeKind::Eavesdropper(settings) => {
                settings.links.iter().map(|link| (id.get(), link.get())).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        });
        let (nodes, links) = (nodes.collect(), links.collect::<Vec<_>>());
        Self { taps: taps.collect(), ..Self::arranged(nodes, &links, plan.is_arranged()) }
    }

    /// Puts nodes into tiers and orders these, unless they are `placed` already. Links are (from, to, whether `from`
    /// checks the health of `to`).
    pub fn arranged(nodes: Vec<Standing>, links: &[(usize, usize, bool)], placed: bool) -> Self {
        let mut ranks: Vec<u8> = nodes.iter().filter_map(|node| node.tier).collect();
        sort::by_key(&mut ranks, |rank| u128::from(*rank));
        ranks.dedup();
        let place = |node: usize| ranks.iter().position(|rank| Some(*rank) == nodes[node].tier);
        let joints: Vec<Joint> = links
            .iter()
            .map(|&(from, to, checked)| {
                let run = match (place(from), place(to)) {
                    (Some(from), Some(to)) if from < to => Runs::Along,
                    (Some(from), Some(to)) if from == to => Runs::Beside,
                    _ => Runs::Around,
                };
                Joint { from, to, checked: checked && run == Runs::Along, run }
            })
            .collect();
        let mut tiers = vec![Vec::new(); ranks.len()];
        for node in 0..nodes.len() {
            if let Some(tier) = place(node) {
                tiers[tier].push(node);
            }
        }
        let mut edges = vec![Vec::new(); ranks.len().saturating_sub(1)];
        let mut leaps = Vec::new();
        for (index, joint) in joints.iter().enumerate().filter(|(_, joint)| joint.run == Runs::Along) {
            match (place(joint.from), place(joint.to)) {
                (Some(first), Some(last)) if first + 1 == last => edges[first].push((joint.from, joint.to)),
                (Some(first), Some(last)) => leaps.push((index, first, last)),
                _ => {}
            }
        }
        if !placed {
            order(&mut tiers, &edges);
        }
        // A link that leaps over tiers passes outside of their nodes, on the side where its ends are.
        let share = |tier: usize, node: usize| {
            let at = tiers[tier].iter().position(|other| *other == node).unwrap_or(0);
            (2 * at + 1) * 1_000 / (2 * tiers[tier].len())
        };
        let lower = |&(index, first, last): &(usize, usize, usize)| {
            share(first, joints[index].from) + share(last, joints[index].to) >= 1_000
        };
        let lower: Vec<bool> = leaps.iter().map(lower).collect();
        let mut slots: Vec<Vec<Slot>> =
            tiers.iter().map(|tier| tier.iter().map(|node| Slot::Node(*node)).collect()).collect();
        for (&(index, first, last), lower) in leaps.iter().zip(lower) {
            for tier in &mut slots[first + 1..last] {
                let at = if lower { tier.len() } else { 0 };
                tier.insert(at, Slot::Pass(index));
            }
        }
        let aside = (0..nodes.len()).filter(|node| nodes[*node].tier.is_none()).collect();
        Self { tiers: slots, aside, nodes, links: joints, taps: Vec::new() }
    }

    /// The nodes of a tier, without the links that pass.
    pub fn nodes_of(&self, tier: usize) -> impl Iterator<Item = usize> {
        self.tiers[tier].iter().filter_map(|slot| match slot {
            Slot::Node(node) => Some(*node),
            Slot::Pass(_) => None,
        })
    }
}

/// The words above each tier.
pub fn headings(plan: &Plan, topology: &Topology) -> Vec<&'static str> {
    let heading = |tier: usize| {
        let nodes: Vec<usize> = topology.nodes_of(tier).collect();
        let first = nodes.first().and_then(|node| plan.nodes().nth(*node));
        let of = |node: &usize| plan.nodes().nth(*node).map(|(_, node)| look(&node.kind));
        first.map_or("", |(_, node)| {
            let look = look(&node.kind);
            match look.tier {
                Some(tier)
                    if nodes.iter().any(|other| of(other).is_some_and(|it| it.heading != look.heading)) =>
                {
                    mixed(tier)
                }
                _ if nodes.len() > 1 => look.headings,
                _ => look.heading,
            }
        })
    };
    (0..topology.tiers.len()).map(heading).collect()
}

#[cfg(test)]
mod tests {
    use understudy_sim::Scenario;

    use super::*;

    fn topology(name: &str, text: &str) -> Topology {
        let plan = Scenario::read(name, text).expect("a shipped scenario is right");
        assert_eq!(check(&plan), Ok(()));
        Topology::of(&plan)
    }

    #[test]
    fn tiers_follow_the_requests() {
        let three = topology("three", include_str!("../../../scenarios/three-web-servers.json"));
        let nodes: Vec<Vec<usize>> = (0..3).map(|tier| three.nodes_of(tier).collect()).collect();
        assert_eq!(nodes, [vec![0], vec![1], vec![2, 3, 4]]);
        assert!(three.links.iter().all(|link| link.run == Runs::Along));
    }

    #[test]
    fn a_pair_of_balancers_talks_beside_its_tier() {
        let pair = topology("pair", include_str!("../../../scenarios/two-balancers.json"));
        assert_eq!(pair.tiers.len(), 4);
        assert_eq!(pair.links[3], Joint { from: 2, to: 3, checked: false, run: Runs::Beside });
    }

    #[test]
    fn a_failover_manager_stands_aside() {
        let databases = topology("db", include_str!("../../../scenarios/primary-and-replicas.json"));
        assert_eq!(databases.aside, [5]);
        let beside = databases.links.iter().filter(|link| link.run == Runs::Beside).count();
        let around = databases.links.iter().filter(|link| link.run == Runs::Around).count();
        assert_eq!((beside, around), (3, 4));
    }

    #[test]
    fn a_placed_node_stays_where_it_was_put() {
        let standing = |tier| Standing { tier: Some(tier), has_log: false };
        let nodes = vec![standing(0), standing(0), standing(1), standing(1)];
        let crossed = [(0, 3, false), (1, 2, false)];
        let drawn = |placed| -> Vec<usize> {
            Topology::arranged(nodes.clone(), &crossed, placed).nodes_of(1).collect()
        };
        assert_eq!((drawn(false), drawn(true)), (vec![3, 2], vec![2, 3]));
    }

    #[test]
    fn a_link_that_leads_further_passes_through_the_tiers_between() {
        let standing = |tier| Standing { tier: Some(tier), has_log: false };
        let nodes = vec![standing(0), standing(1), standing(3)];
        let topology = Topology::arranged(nodes, &[(0, 1, false), (1, 2, true), (0, 2, false)], false);
        assert_eq!(topology.tiers[1].len(), 2);
        assert!(topology.tiers[1].contains(&Slot::Pass(2)));
    }
}
