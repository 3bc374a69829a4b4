//! How a node that sends requests on chooses among its links.
//!
//! Links to balancers that share a virtual address are one way, not several: the address is wherever the last
//! gratuitous ARP said it is. Whoever hears nothing from there for a while asks all of them where the address is, as a
//! host does whose ARP entry nobody confirms. Otherwise the links are used in turn, as clients of several DNS addresses
//! do on average.

use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use super::ground::Ground;
use crate::event::Body;
use crate::ids::{Direction, LinkId};
use crate::plan::Plan;

/// How long an ARP entry is used without a sign of life: Linux's `delay_first_probe_time` and three probes of a second.
const DOUBT_AFTER: SimDuration = SimDuration::from_secs(8);

#[derive(Clone, Debug)]
pub(super) enum Uplink {
    InTurn {
        links: Vec<LinkId>,
        next: usize,
    },
    VirtualAddress {
        holder: LinkId,
        links: Vec<LinkId>,
        /// Since when something was sent and nothing was heard.
        silent_since: Option<SimTime>,
    },
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
            Some((_, holder)) => Self::VirtualAddress { holder, links: links.to_vec(), silent_since: None },
            None => Self::InTurn { links: links.to_vec(), next: 0 },
        }
    }

    /// The link for one more call.
    pub(super) fn choose(&mut self, ground: &mut Ground) -> LinkId {
        match self {
            Self::VirtualAddress { holder, links, silent_since } => {
                let since = *silent_since.get_or_insert(ground.now);
                if ground.now.since(since) > DOUBT_AFTER {
                    *silent_since = Some(ground.now);
                    for &link in &*links {
                        ground.send(link, Direction::Forward, Body::ArpRequest);
                    }
                }
                *holder
            }
            Self::InTurn { links, next } => {
                let link = links[*next];
                *next = (*next + 1) % links.len();
                link
            }
        }
    }

    /// The way to an address that a DNS server gave: the virtual address is where its holder is.
    pub(super) fn link_to_address(&mut self, ground: &mut Ground, entry: LinkId) -> LinkId {
        match self {
            Self::VirtualAddress { .. } => self.choose(ground),
            Self::InTurn { .. } => entry,
        }
    }

    /// A gratuitous ARP, or the answer to a question, came in over `link`.
    pub(super) fn learn(&mut self, link: LinkId) {
        if let Self::VirtualAddress { holder, silent_since, .. } = self {
            *holder = link;
            *silent_since = None;
        }
    }

    /// A call over `link` was answered: whoever is there is alive.
    pub(super) fn heard(&mut self, link: LinkId) {
        if let Self::VirtualAddress { holder, silent_since, .. } = self
            && *holder == link
        {
            *silent_since = None;
        }
    }
}
