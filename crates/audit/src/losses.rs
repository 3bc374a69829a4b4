//! What can be lost, and a set of it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::{Command, Plan};

/// A part of the system that can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// A node: its process ends.
    Node(NodeId),
    /// A link: nothing gets through, either way.
    Link(LinkId),
}

impl Component {
    /// What people call it: `lb-1`, or `lb-1 to web-1` for a link.
    pub fn name(self, plan: &Plan) -> String {
        match self {
            Self::Node(node) => plan.name(node).to_string(),
            Self::Link(link) => {
                let link = plan.link(link);
                format!("{} to {}", plan.name(link.from), plan.name(link.to))
            }
        }
    }

    /// What makes the simulator lose it.
    pub const fn loss(self) -> Command {
        match self {
            Self::Node(node) => Command::Kill(node),
            Self::Link(link) => Command::Cut { link, forward: true, back: true },
        }
    }

    /// The same as people write it: `kill lb-1`, `cut lb-1 web-1`.
    pub fn loss_text(self, plan: &Plan) -> String {
        match self {
            Self::Node(node) => format!("kill {}", plan.name(node)),
            Self::Link(link) => {
                let link = plan.link(link);
                format!("cut {} {}", plan.name(link.from), plan.name(link.to))
            }
        }
    }
}

/// What is lost: a set of components.
#[derive(Clone, Debug)]
pub struct Losses {
    /// The same as a list.
    lost: Vec<Component>,
    nodes: Vec<bool>,
    links: Vec<bool>,
    /// By link: the firewall that stands in it; empty if none does anywhere.
    guards: Vec<Option<NodeId>>,
}

impl Losses {
    /// Nothing is lost.
    pub fn none(plan: &Plan) -> Self {
        let has_guards = plan.links().any(|(_, link)| link.through.is_some());
        Self {
            lost: Vec::new(),
            nodes: vec![false; plan.nodes().len()],
            links: vec![false; plan.links().len()],
            guards: plan.links().filter(|_| has_guards).map(|(_, link)| link.through).collect(),
        }
    }

    /// These components are lost.
    pub fn of(plan: &Plan, components: &[Component]) -> Self {
        let mut losses = Self::none(plan);
        for &component in components {
            losses.set(component, true);
        }
        losses
    }

    /// Loses a component or brings it back.
    pub fn set(&mut self, component: Component, lost: bool) {
        let known = match component {
            Component::Node(node) => &mut self.nodes[node.get()],
            Component::Link(link) => &mut self.links[link.get()],
        };
        if *known != lost {
            *known = lost;
            if lost {
                self.lost.push(component);
            } else {
                self.lost.retain(|other| *other != component);
            }
        }
    }

    /// What is lost, as a list.
    pub(crate) fn lost(&self) -> &[Component] {
        &self.lost
    }

    /// Whether firewalls stand in links, so that these are lost with them.
    pub(crate) fn has_guards(&self) -> bool {
        !self.guards.is_empty()
    }

    /// Whether a node is lost.
    pub fn has_node(&self, node: NodeId) -> bool {
        self.nodes[node.get()]
    }

    /// Whether a link is lost, or the firewall that stands in it.
    pub fn has_link(&self, link: LinkId) -> bool {
        let guard = self.guards.get(link.get()).copied().flatten();
        self.links[link.get()] || guard.is_some_and(|guard| self.has_node(guard))
    }
}
