//! Who gets in and who can read along.
//!
//! - *Exposure.* An outsider (an attacker of the scenario) tries the ports of what it has a way to. What listens there
//!   and is not kept out by a firewall in the way is open.
//! - *Reading along.* What goes over a link without TLS can be read by whoever is on the network there. A balancer or web
//!   server ends TLS: behind it the links are on their own.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{AttackerPlan, FirewallPlan, NodeKind, ports};

use crate::service::Service;
use crate::system::System;

/// What there is to attack.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Security {
    /// Ports that an outsider reaches.
    pub exposed: Vec<Exposure>,
    /// Ways on which an outsider may send as much as it likes.
    pub unlimited: Vec<Entry>,
    /// Links outside, up to where TLS ends, that carry requests in plain text.
    pub readable: Vec<Readable>,
    /// Links inside that do.
    pub readable_inside: Vec<Readable>,
}

/// A port that an outsider reaches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exposure {
    /// Who reaches it.
    pub from: String,
    /// Where.
    pub node: String,
    /// The port.
    pub port: u16,
    /// What listens there.
    pub what: &'static str,
    /// The firewall in the way that lets it through, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
    /// Whether that one is switched off.
    pub guard_is_off: bool,
}

/// A way in for requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Who sends.
    pub from: String,
    /// Where to.
    pub node: String,
    /// Requests per second that it can send.
    pub flood_per_s: f64,
}

/// A link whose messages can be read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Readable {
    /// Its two ends.
    pub link: [String; 2],
    /// Who listens there in the scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eavesdropper: Option<String>,
}

const fn what_listens(port: u16) -> &'static str {
    match port {
        ports::SSH => "remote log-in",
        ports::DATABASE => "a database",
        ports::APPLICATION => "an application server",
        ports::HTTP => "HTTP",
        _ => "HTTPS",
    }
}

impl System<'_> {
    /// What there is to attack.
    pub fn security(&self) -> Security {
        let mut security = Security::default();
        for (id, node) in self.plan.nodes() {
            if let NodeKind::Attacker(attacker) = &node.kind {
                self.expose(id, attacker, &mut security);
            }
        }
        let outer = self.plan.outer_links();
        for (id, link) in self.plan.links() {
            if link.tls || !self.carries_requests(id) {
                continue;
            }
            let readable = Readable {
                link: [link.from, link.to].map(|end| self.plan.name(end).to_string()),
                eavesdropper: self.eavesdropper_on(id),
            };
            if outer.contains(&id) { &mut security.readable } else { &mut security.readable_inside }
                .push(readable);
        }
        security
    }

    fn firewall(&self, id: NodeId) -> Option<&FirewallPlan> {
        match &self.plan.node(id)?.kind {
            NodeKind::Firewall(firewall) => Some(firewall),
            _ => None,
        }
    }

    fn expose(&self, from: NodeId, attacker: &AttackerPlan, security: &mut Security) {
        let from = self.plan.name(from).to_string();
        for &link in &attacker.targets {
            let link = self.plan.link(link);
            // A firewall at the end of the link hands on to the first node behind it.
            let behind = self.firewall(link.to).and_then(|firewall| firewall.links.first());
            let (guard, target) = match behind {
                Some(&behind) => (Some(link.to), self.plan.link(behind).to),
                None => (link.through, link.to),
            };
            let Some(node) = self.plan.node(target) else { continue };
            let settings = guard.and_then(|guard| self.firewall(guard));
            let passes = |port: u16| settings.is_none_or(|guard| !guard.on || guard.allow.contains(&port));
            // What clients use is meant to be open.
            let is_entry = matches!(node.kind, NodeKind::LoadBalancer(_) | NodeKind::WebServer(_));
            for port in ports::SCANNED {
                let is_meant = is_entry && matches!(port, ports::HTTP | ports::HTTPS);
                if !is_meant && node.kind.listens_on(port) && passes(port) {
                    security.exposed.push(Exposure {
                        from: from.clone(),
                        node: node.name.clone(),
                        port,
                        what: what_listens(port),
                        guard: guard.map(|guard| self.plan.name(guard).to_string()),
                        guard_is_off: settings.is_some_and(|guard| !guard.on),
                    });
                }
            }
            let is_limited = settings.is_some_and(|guard| guard.on && guard.limit_per_source.is_some());
            if attacker.entries.iter().any(|&entry| self.plan.link(entry).to == link.to) && !is_limited {
                security.unlimited.push(Entry {
                    from: from.clone(),
                    node: self.plan.name(link.to).to_string(),
                    flood_per_s: 1.0 / attacker.flood_gap.as_secs_f64(),
                });
            }
        }
    }

    /// Whether requests of clients may go along a link.
    fn carries_requests(&self, id: LinkId) -> bool {
        let link = self.plan.link(id);
        let kind = |id: NodeId| self.plan.node(id).map(|node| &node.kind);
        let hands_on = matches!(
            kind(link.from),
            Some(
                NodeKind::Clients(_)
                    | NodeKind::Firewall(_)
                    | NodeKind::LoadBalancer(_)
                    | NodeKind::WebServer(_)
                    | NodeKind::ApplicationServer(_)
            )
        );
        let is_peer = matches!(
            (kind(link.from), kind(link.to)),
            (Some(NodeKind::LoadBalancer(_)), Some(NodeKind::LoadBalancer(_)))
        );
        hands_on && !is_peer && !matches!(kind(link.to), Some(NodeKind::Dns(_)))
    }

    fn eavesdropper_on(&self, id: LinkId) -> Option<String> {
        let listens = self.plan.nodes().find(|(_, node)| {
            matches!(&node.kind, NodeKind::Eavesdropper(eavesdropper) if eavesdropper.links.contains(&id))
        });
        listens.map(|(_, node)| node.name.clone())
    }

    /// What a flood adds to what clients send, if that is more than the system carries.
    pub(crate) fn is_flooded_by(&self, flood_per_s: f64, carries_per_s: Option<f64>) -> bool {
        // A flood is of the kind that clients send most: reads.
        let reads: f64 = self.populations.iter().map(|all| all.rates[Service::Reads.index()]).sum();
        carries_per_s.is_some_and(|carries| reads > 0.0 && self.offered_per_s() + flood_per_s > carries)
    }
}
