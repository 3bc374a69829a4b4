//! Arrow keys: from a node along its links to the next one, and within a tier from node to node.

use understudy_core::sort;
use understudy_sim::ids::{LinkId, NodeId};

use super::geometry::{Flow, Point};
use super::layout::Layout;
use super::topology::Topology;
use crate::selection::Selection;

/// Which way an arrow key points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrow {
    /// Along the flow.
    On,
    /// Against it.
    Back,
    /// Further along the tier.
    Next,
    /// Back along the tier.
    Before,
}

impl Arrow {
    /// The arrow of a key, as the drawing runs.
    pub fn of(key: &str, flow: Flow) -> Option<Self> {
        Some(match (key, flow) {
            ("ArrowRight", Flow::Across) | ("ArrowDown", Flow::Down) => Self::On,
            ("ArrowLeft", Flow::Across) | ("ArrowUp", Flow::Down) => Self::Back,
            ("ArrowDown", Flow::Across) | ("ArrowRight", Flow::Down) => Self::Next,
            ("ArrowUp", Flow::Across) | ("ArrowLeft", Flow::Down) => Self::Before,
            _ => return None,
        })
    }
}

fn node(index: usize) -> Selection {
    Selection::Node(NodeId(u16::try_from(index).expect("a stage has few nodes")))
}

fn link(index: usize) -> Selection {
    Selection::Link(LinkId(u16::try_from(index).expect("a stage has few links")))
}

/// Where the keyboard goes from here.
pub fn step(topology: &Topology, layout: &Layout, from: Selection, arrow: Arrow) -> Option<Selection> {
    match from {
        Selection::Node(id) => from_node(topology, layout, id.get(), arrow),
        Selection::Link(id) => from_link(topology, layout, id.get(), arrow),
        Selection::Request(_) => None,
    }
}

fn from_node(topology: &Topology, layout: &Layout, at: usize, arrow: Arrow) -> Option<Selection> {
    let by_place = |links: Vec<usize>| links.into_iter().min_by_key(|link| order(layout, *link));
    match arrow {
        Arrow::On => by_place(links(topology, |joint| joint.from == at)).map(link),
        Arrow::Back => by_place(links(topology, |joint| joint.to == at)).map(link),
        Arrow::Next | Arrow::Before => {
            let tier = (0..topology.tiers.len()).find(|tier| topology.nodes_of(*tier).any(|node| node == at));
            let row: Vec<usize> =
                tier.map_or_else(|| topology.aside.clone(), |tier| topology.nodes_of(tier).collect());
            Some(node(beside(&row, at, arrow)?))
        }
    }
}

fn from_link(topology: &Topology, layout: &Layout, at: usize, arrow: Arrow) -> Option<Selection> {
    let joint = topology.links.get(at)?;
    match arrow {
        Arrow::On => Some(node(joint.to)),
        Arrow::Back => Some(node(joint.from)),
        Arrow::Next | Arrow::Before => {
            let mut row = links(topology, |other| other.from == joint.from);
            sort::by_key(&mut row, |link| order(layout, *link));
            Some(link(beside(&row, at, arrow)?))
        }
    }
}

fn links(topology: &Topology, wanted: impl Fn(&super::topology::Joint) -> bool) -> Vec<usize> {
    (0..topology.links.len()).filter(|index| wanted(&topology.links[*index])).collect()
}

/// Where a link leaves, from the top left, as a key to sort by: of numbers that are not negative the bits sort too.
fn order(layout: &Layout, link: usize) -> u128 {
    let Point { x, y } = layout.links[link].track.at(0.0, 0.0);
    let along = if layout.flow == Flow::Across { y } else { x };
    along.max(0.0).to_bits().into()
}

/// The one after or before, round at both ends.
fn beside(row: &[usize], at: usize, arrow: Arrow) -> Option<usize> {
    let place = row.iter().position(|other| *other == at)?;
    let step = if arrow == Arrow::Next { 1 } else { row.len() - 1 };
    Some(row[(place + step) % row.len()])
}

#[cfg(test)]
mod tests {
    use understudy_sim::Scenario;

    use super::*;
    use crate::stage::geometry::Size;
    use crate::stage::layout::lay_out;

    #[test]
    fn the_keyboard_walks_from_the_clients_to_the_last_server_and_round() {
        let text = include_str!("../../scenarios/three-web-servers.json");
        let topology = Topology::of(&Scenario::read("three", text).expect("a shipped scenario is right"));
        let layout = lay_out(&topology, Size { w: 1_100.0, h: 500.0 });
        let go = |from, arrow| step(&topology, &layout, from, arrow).expect("there is somewhere to go");
        let mut at = node(0);
        for _ in 0..4 {
            at = go(at, Arrow::On);
        }
        assert_eq!(at, node(2), "clients, link, balancer, link, first server");
        assert_eq!(go(at, Arrow::Before), node(4));
        assert_eq!(go(go(at, Arrow::Back), Arrow::Next), link(2));
        assert_eq!(step(&topology, &layout, at, Arrow::On), None, "nothing lies beyond");
    }
}
