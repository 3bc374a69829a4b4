//! Links: that their ends exist, and that what they join talks to each other.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::kinds::ppm;
use super::{MAX_LATENCY, Mistake, PlanLink, link_id, mistake};
use crate::distribution::Distribution;
use crate::ids::{LinkId, NodeId};
use crate::scenario::{Link, Node, Scenario};

/// The links of each node.
pub(super) struct Wiring {
    outgoing: Vec<Vec<LinkId>>,
    incoming: Vec<Vec<LinkId>>,
}

impl Wiring {
    pub(super) fn new(scenario: &Scenario, links: &[PlanLink]) -> Self {
        let mut wiring = Self {
            outgoing: scenario.nodes.iter().map(|_| Vec::new()).collect(),
            incoming: scenario.nodes.iter().map(|_| Vec::new()).collect(),
        };
        for (index, link) in links.iter().enumerate() {
            wiring.outgoing[link.from.get()].push(link_id(index));
            wiring.incoming[link.to.get()].push(link_id(index));
        }
        wiring
    }

    /// The links that start at a node, in scenario order.
    pub(super) fn from(&self, node: NodeId) -> &[LinkId] {
        &self.outgoing[node.get()]
    }

    /// The links that end at a node, in scenario order.
    pub(super) fn to(&self, node: NodeId) -> &[LinkId] {
        &self.incoming[node.get()]
    }

    /// All links of a node.
    pub(super) fn of(&self, node: NodeId) -> impl Iterator<Item = LinkId> {
        self.from(node).iter().chain(self.to(node)).copied()
    }
}

pub(super) fn resolve(scenario: &Scenario, names: &BTreeMap<&str, NodeId>) -> Result<Vec<PlanLink>, Mistake> {
    let mut links = Vec::with_capacity(scenario.links.len());
    let mut joined = BTreeMap::new();
    for (index, link) in scenario.links.iter().enumerate() {
        let Link { from, to, latency, tls, through, jitter, loss } = link;
        let find = |field: &str, name: &str| {
            names.get(name).copied().ok_or_else(|| {
                let known: Vec<&str> = scenario.nodes.iter().take(20).map(Node::name).collect();
                let known = known.join(", ");
                Mistake {
                    place: format!("links[{index}].{field}"),
                    problem: format!("there is no node \"{name}\"; the nodes are {known}"),
                }
            })
        };
        let through = through.as_ref().map(|name| find("through", name)).transpose()?;
        if let Some(firewall) = through.map(|id| &scenario.nodes[id.get()])
            && !matches!(firewall, Node::Firewall(_))
        {
            let problem = format!(
                "{} is a {}; only a firewall can stand in a link",
                firewall.name(),
                kind_name(firewall)
            );
            return mistake(format!("links[{index}].through"), problem);
        }
        let Some(loss_ppm) = ppm(*loss) else {
            let problem = format!(
                "{} is no share; write a number from 0 (nothing) to 1 (everything)",
                crate::number::write(*loss)
            );
            return mistake(format!("links[{index}].loss"), problem);
        };
        if let Some(Err(problem)) = jitter.as_ref().map(Distribution::check) {
            return mistake(format!("links[{index}].jitter"), problem);
        }
        let link = PlanLink {
            from: find("from", from)?,
            to: find("to", to)?,
            latency: *latency,
            jitter: *jitter,
            loss_ppm,
            tls: *tls,
            through,
        };
        if let Some(first) = joined.insert((link.from.min(link.to), link.from.max(link.to)), index) {
            let problem =
                format!("{from} and {to} are linked by links[{first}] already; remove one of the two");
            return mistake(format!("links[{index}]"), problem);
        }
        if *latency > MAX_LATENCY {
            let problem = format!("{latency} is more than an hour; write \"40ms\" or so");
            return mistake(format!("links[{index}].latency"), problem);
        }
        links.push(link);
    }
    Ok(links)
}

/// The kinds that a node may be linked to, for messages.
const fn may_link_to(node: &Node) -> &'static str {
    match node {
        Node::Clients(_) => "a firewall, a load balancer, a web or an application server, a DNS server",
        Node::Firewall(_) => "a load balancer, a web or an application server",
        Node::LoadBalancer(_) => {
            "a web or an application server, or a load balancer that shares its virtual address"
        }
        Node::WebServer(_) => "an application server or a database",
        Node::ApplicationServer(_) => "a database",
        Node::Database(_) => "another database",
        Node::FailoverManager(_) => "a database, or a server that is to be told where writes go",
        Node::Dns(_) => "nothing: clients are linked to it",
        Node::Monitor(_) => "a load balancer, a web or an application server, a database, a DNS server",
        Node::Attacker(_) => "a firewall, a load balancer, a web or an application server, a database",
        Node::Eavesdropper(_) => "nothing: it names the links that it listens on",
    }
}

const fn fits(from: &Node, to: &Node) -> bool {
    use Node::{
        ApplicationServer, Attacker, Clients, Database, Dns, FailoverManager, Firewall, LoadBalancer,
        Monitor, WebServer,
    };
    matches!(
        (from, to),
        (Clients(_), Firewall(_) | LoadBalancer(_) | WebServer(_) | ApplicationServer(_) | Dns(_))
            | (Firewall(_) | LoadBalancer(_), LoadBalancer(_) | WebServer(_) | ApplicationServer(_))
            | (WebServer(_), ApplicationServer(_) | Database(_))
            | (ApplicationServer(_) | Database(_), Database(_))
            | (FailoverManager(_), Database(_) | ApplicationServer(_) | WebServer(_))
            | (
                Attacker(_),
                Firewall(_) | LoadBalancer(_) | WebServer(_) | ApplicationServer(_) | Database(_)
            )
            | (Monitor(_), LoadBalancer(_) | WebServer(_) | ApplicationServer(_) | Database(_) | Dns(_))
    )
}

/// Whether every link joins kinds that talk to each other, in the right direction.
pub(super) fn check_kinds(scenario: &Scenario, links: &[PlanLink]) -> Result<(), Mistake> {
    for (index, link) in links.iter().enumerate() {
        let (from, to) = (&scenario.nodes[link.from.get()], &scenario.nodes[link.to.get()]);
        let shares = match (from, to) {
            (Node::LoadBalancer(one), Node::LoadBalancer(other)) => {
                matches!((&one.virtual_ip, &other.virtual_ip), (Some(one), Some(other)) if one.address == other.address)
            }
            _ => true,
        };
        if link.from == link.to || !fits(from, to) || !shares {
            let problem = format!(
                "{} ({}) cannot be linked to {} ({}); it may be linked to {}",
                from.name(),
                kind_name(from),
                to.name(),
                kind_name(to),
                may_link_to(from)
            );
            return mistake(format!("links[{index}]"), problem);
        }
    }
    Ok(())
}

/// A kind's name for people, as in [`super::NodeKind::name`].
pub(super) fn kind_name(node: &Node) -> String {
    let name = match node {
        Node::Clients(_) => "clients",
        Node::Firewall(_) => "firewall",
        Node::LoadBalancer(_) => "load balancer",
        Node::WebServer(_) => "web server",
        Node::ApplicationServer(_) => "application server",
        Node::Database(_) => "database",
        Node::FailoverManager(_) => "failover manager",
        Node::Dns(_) => "DNS server",
        Node::Monitor(_) => "monitor",
        Node::Attacker(_) => "attacker",
        Node::Eavesdropper(_) => "eavesdropper",
    };
    name.into()
}
