//! Names for the things of a world that are cheap to copy and to compare.

/// A node of the topology, by its place in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u16);

impl NodeId {
    /// As an index into a slice kept in scenario order.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// A link of the topology, by its place in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u16);

impl LinkId {
    /// As an index into a slice kept in scenario order.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// Number of a request in the order in which the clients sent them, from 1. People see this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestNumber(pub u64);

/// Which way along a link, as the scenario writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the link's `from` to its `to`: requests and probes.
    Forward,
    /// From its `to` back to its `from`: replies.
    Back,
}
