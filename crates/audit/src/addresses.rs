//! Virtual addresses: which balancers hold one, and where those who send to it believe it to be.
//!
//! A balancer is master unless it hears one of higher rank that is. It hears only those that it is linked to, so two
//! that share an address without a link are both master. Whoever sends to the address goes by the last gratuitous ARP
//! that reached it: a takeover that cannot be announced helps nobody, and a dead master whose peers were masters
//! already leaves its senders behind, for nobody announces anything.

use alloc::vec;
use alloc::vec::Vec;

use understudy_core::SimDuration;
use understudy_sim::Plan;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{LoadBalancerPlan, NodeKind};

use crate::losses::Losses;

/// Who holds and who sends where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addresses {
    /// By node: whether it is a master. False for all that share no address.
    master: Vec<bool>,
    /// By node: the link by which it takes the address to be reached.
    holder: Vec<Option<LinkId>>,
}

/// The balancers that share addresses, the highest rank first.
#[derive(Clone, Debug)]
pub(crate) struct Ranking {
    balancers: Vec<NodeId>,
    /// Nodes that send to a virtual address, with their links to it.
    senders: Vec<(NodeId, Vec<LinkId>)>,
}

pub(crate) fn balancer(plan: &Plan, id: NodeId) -> Option<&LoadBalancerPlan> {
    match &plan.node(id)?.kind {
        NodeKind::LoadBalancer(balancer) => Some(balancer),
        _ => None,
    }
}

/// How long a balancer waits for an advert before it takes the address.
pub(crate) fn master_down_interval(plan: &Plan, id: NodeId) -> Option<SimDuration> {
    let config = balancer(plan, id)?.vrrp.as_ref()?;
    Some(if config.priority.is_owner() {
        SimDuration::ZERO
    } else {
        config.down_interval(config.interval).total()
    })
}

fn rank(plan: &Plan, id: NodeId) -> Option<u8> {
    Some(balancer(plan, id)?.vrrp.as_ref()?.priority.get())
}

impl Ranking {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut balancers: Vec<NodeId> =
            plan.nodes().map(|(id, _)| id).filter(|&id| rank(plan, id).is_some()).collect();
        // Of equal priority the later one has the higher address.
        balancers.sort_by_key(|&id| core::cmp::Reverse((rank(plan, id), id)));
        let mut senders = Vec::new();
        for (id, node) in plan.nodes() {
            let (NodeKind::Clients(understudy_sim::plan::ClientsPlan { links, .. })
            | NodeKind::Firewall(understudy_sim::plan::FirewallPlan { links, .. })) = &node.kind
            else {
                continue;
            };
            let shared: Vec<LinkId> =
                links.iter().copied().filter(|&link| rank(plan, plan.link(link).to).is_some()).collect();
            if !shared.is_empty() {
                senders.push((id, shared));
            }
        }
        Self { balancers, senders }
    }

    /// The balancers that share an address.
    pub(crate) fn balancers(&self) -> &[NodeId] {
        &self.balancers
    }

    fn masters(&self, plan: &Plan, losses: &Losses) -> Vec<bool> {
        let mut master = vec![false; plan.nodes().len()];
        for &id in &self.balancers {
            if losses.has_node(id) {
                continue;
            }
            let peers = balancer(plan, id).map_or(&[][..], |balancer| &balancer.peers);
            // Those of lower rank are not decided yet, so every master seen here ranks higher.
            let hears = peers
                .iter()
                .any(|&link| !losses.has_link(link) && master[plan.link(link).other_end(id).get()]);
            master[id.get()] = !hears;
        }
        master
    }

    /// With nothing lost: the last announcement is that of the master that waited longest.
    pub(crate) fn at_the_start(&self, plan: &Plan) -> Addresses {
        let losses = Losses::none(plan);
        let master = self.masters(plan, &losses);
        let mut holder = vec![None; plan.nodes().len()];
        for (sender, links) in &self.senders {
            let announced = last_announcement(plan, links, |id| master[id.get()]);
            holder[sender.get()] = announced.or(links.first().copied());
        }
        Addresses { master, holder }
    }

    /// After these losses, once everybody has reacted who will.
    pub(crate) fn after(&self, plan: &Plan, losses: &Losses, before: &Addresses) -> Addresses {
        let master = self.masters(plan, losses);
        let mut holder = before.holder.clone();
        for (sender, links) in &self.senders {
            let is_new = |id: NodeId| master[id.get()] && !before.master[id.get()];
            let heard: Vec<LinkId> = links.iter().copied().filter(|&link| !losses.has_link(link)).collect();
            if let Some(link) = last_announcement(plan, &heard, is_new) {
                holder[sender.get()] = Some(link);
            }
            // Who hears nothing from there asks all of them; a dead host that refuses is heard.
            let is_silent = holder[sender.get()].is_some_and(|link| {
                let to = plan.link(link).to;
                losses.has_link(link) || !losses.has_node(to) && !master[to.get()]
            });
            if is_silent {
                let answers = heard.iter().copied().filter(|&link| master[plan.link(link).to.get()]);
                let last = answers.max_by_key(|&link| (plan.link(link).latency, link));
                holder[sender.get()] = last.or(holder[sender.get()]);
            }
        }
        Addresses { master, holder }
    }
}

fn last_announcement(plan: &Plan, links: &[LinkId], announces: impl Fn(NodeId) -> bool) -> Option<LinkId> {
    let when = |link: &LinkId| {
        let waits = master_down_interval(plan, plan.link(*link).to).unwrap_or_default();
        (waits + plan.link(*link).latency, *link)
    };
    links.iter().copied().filter(|&link| announces(plan.link(link).to)).max_by_key(when)
}

impl Addresses {
    /// Whether a balancer takes what is sent to its virtual address.
    pub(crate) fn is_master(&self, id: NodeId) -> bool {
        self.master[id.get()]
    }

    /// The link by which a node sends to the virtual address, if it sends to one.
    pub(crate) fn holder(&self, sender: NodeId) -> Option<LinkId> {
        self.holder[sender.get()]
    }
}
