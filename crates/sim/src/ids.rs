//! Names for the things of a world that are cheap to copy and to compare.

/// A node of the topology, by its place in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct NodeId(pub u16);

impl NodeId {
    /// As an index into a slice kept in scenario order.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// A link of the topology, by its place in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
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

impl RequestNumber {
    /// Attackers' requests are numbered apart, so that those of clients stay what they are: their top bit is set.
    const ATTACK: u64 = 1 << 63;

    /// Number of an attacker's request in the order in which attackers sent them, from 1.
    pub(crate) const fn of_attack(number: u64) -> Self {
        Self(number | Self::ATTACK)
    }

    /// Whether an attacker sent the request.
    pub const fn is_attack(self) -> bool {
        self.0 & Self::ATTACK != 0
    }

    /// The number without the mark of an attack.
    pub const fn ordinal(self) -> u64 {
        self.0 & !Self::ATTACK
    }
}

/// Which way along a link, as the scenario writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the link's `from` to its `to`: requests and probes.
    Forward,
    /// From its `to` back to its `from`: replies.
    Back,
}
