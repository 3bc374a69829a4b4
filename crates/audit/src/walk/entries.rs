//! Clients and firewalls: who sends to which entry, who looks its address up first, and who tries again.

use alloc::vec;
use alloc::vec::Vec;

use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{ClientsPlan, NodeKind};

use super::{Turn, Walk};
use crate::service::Service;
use crate::shares::Shares;

/// How long a resolver waits for a DNS server before it asks the next.
const LOOKUP_TIMEOUT_S: f64 = 5.0;

impl Walk<'_> {
    /// What clients get, who may look addresses up first and may try again.
    pub(super) fn population(&mut self, id: NodeId, clients: &ClientsPlan, service: Service) -> Shares {
        let found = self.looked_up(clients);
        let links = self.addresses_of(clients);
        let once = self.uplink(id, &links, service);
        let once = once.of(found) + Shares::TIMED_OUT.of(1.0 - found);
        let Some(retries) = clients.retries else { return once };
        let failing = 1.0 - once.answered;
        if failing <= 0.0 {
            return once;
        }
        // Each attempt fares as the first; the budget says how many requests may be tried again at all.
        let most = 1.0 - libm::pow(failing, f64::from(retries.attempts));
        let budget = f64::from(retries.budget_ppm) / 1e6;
        let answered = most.min(once.answered + budget * once.answered);
        let rest = Shares { answered: 0.0, ..once }.of((1.0 - answered) / failing);
        Shares { answered, ..rest }
    }

    /// The entries that clients know: those that their DNS servers give out, if they ask any.
    pub(super) fn addresses_of(&self, clients: &ClientsPlan) -> Vec<LinkId> {
        let records =
            clients.dns.iter().find_map(|&link| match &self.plan.node(self.plan.link(link).to)?.kind {
                NodeKind::Dns(dns) => Some(&dns.records),
                _ => None,
            });
        let known = |link: &LinkId| records.is_none_or(|known| known.contains(&self.plan.link(*link).to));
        clients.links.iter().copied().filter(known).collect()
    }

    /// The share of the requests for which an address is known before their time is up.
    fn looked_up(&self, clients: &ClientsPlan) -> f64 {
        if clients.dns.is_empty() {
            return 1.0;
        }
        let answers = |link: &LinkId| !self.is_cut(*link) && !self.is_dead(self.plan.link(*link).to);
        let Some(silent) = clients.dns.iter().position(answers) else { return 0.0 };
        let Some(NodeKind::Dns(dns)) =
            self.plan.node(self.plan.link(clients.dns[silent]).to).map(|node| &node.kind)
        else {
            return 0.0;
        };
        // Each silent server is waited for. Requests that run out of time meanwhile are lost.
        let waits = f64::from(u16::try_from(silent).unwrap_or(u16::MAX)) * LOOKUP_TIMEOUT_S;
        let lost = (waits - clients.timeout.as_secs_f64()).max(0.0);
        1.0 - lost / (waits + dns.ttl.as_secs_f64())
    }

    pub(super) fn uplink(&mut self, sender: NodeId, links: &[LinkId], service: Service) -> Shares {
        let turns = self.uplink_turns(sender, links);
        self.first_of(&turns, service)
    }

    pub(super) fn uplink_turns(&self, sender: NodeId, links: &[LinkId]) -> Vec<Turn> {
        match self.settled.addresses.holder(sender) {
            Some(link) => vec![Turn { link, weight: 1.0 }],
            None => links.iter().map(|&link| Turn { link, weight: 1.0 }).collect(),
        }
    }
}
