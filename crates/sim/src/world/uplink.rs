//! How a node that sends requests on chooses among its links.
//!
//! Links to balancers that share a virtual address are one way, not several: the address is wherever the last
//! gratuitous ARP said it is. Otherwise the links are used in turn, as clients of several DNS addresses do on average.

use alloc::vec::Vec;

use crate::ids::LinkId;
use crate::plan::Plan;

#[derive(Clone, Debug)]
pub(super) enum Uplink {
    InTurn { links: Vec<LinkId>, next: usize },
    VirtualAddress { holder: LinkId },
}

impl Uplink {
    pub(super) fn new(plan: &Plan, links: &[LinkId]) -> Self {
        let best = links
            .iter()
            .copied()
            .filter_map(|link| Some((plan.vrrp_priority(plan.link(link).to)?, link)))
            .reduce(|best, other| if other.0 > best.0 { other } else { best });
        match best {
            // Until the first announcement the address is taken to be with the one that will win it.
            Some((_, holder)) => Self::VirtualAddress { holder },
            None => Self::InTurn { links: links.to_vec(), next: 0 },
        }
    }

    pub(super) fn choose(&mut self) -> LinkId {
        match self {
            Self::VirtualAddress { holder } => *holder,
            Self::InTurn { links, next } => {
                let link = links[*next];
                *next = (*next + 1) % links.len();
                link
            }
        }
    }

    /// The way to an address that a DNS server gave: the virtual address is where its holder is.
    pub(super) const fn to_address(&self, entry: LinkId) -> LinkId {
        match self {
            Self::VirtualAddress { holder } => *holder,
            Self::InTurn { .. } => entry,
        }
    }

    /// A gratuitous ARP came in over `link`.
    pub(super) fn learn(&mut self, link: LinkId) {
        if let Self::VirtualAddress { holder } = self {
            *holder = link;
        }
    }
}
