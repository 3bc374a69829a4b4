//! Who gets in and who reads along, as findings.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use understudy_core::SimDuration;
use understudy_sim::plan::ports;

use super::{Finder, PROOF_AT};
use crate::capacity::Capacity;
use crate::findings::{Finding, Level, Proof};
use crate::fixes;
use crate::security::{Readable, Security};

impl Finder<'_> {
    pub(crate) fn security(&mut self, security: &Security, capacity: &Capacity) {
        for exposed in &security.exposed {
            let guard = match (&exposed.guard, exposed.guard_is_off) {
                (None, _) => "there is no firewall in the way".to_string(),
                (Some(guard), true) => format!("{guard} is switched off"),
                (Some(guard), false) => format!("{guard} lets it through"),
            };
            let level = if exposed.port == ports::DATABASE { Level::Critical } else { Level::Warning };
            self.note(Finding {
                id: format!("security/exposed/{}:{}", exposed.node, exposed.port),
                level,
                service: None,
                services: Vec::new(),
                components: [exposed.node.clone()].into(),
                group: None,
                what: format!(
                    "{} reaches port {} of {} ({}): {guard}.",
                    exposed.from, exposed.port, exposed.node, exposed.what
                ),
                proof: Proof {
                    commands: [format!("{PROOF_AT:#} attack {} scan", exposed.from)].into(),
                    ..Self::without_loss(SimDuration::from_secs(30))
                },
                fix: fixes::guard(self.scenario, exposed),
                cases: Vec::new(),
            });
        }
        for entry in &security.unlimited {
            if self.system.is_flooded_by(entry.flood_per_s, capacity.carries_per_s) {
                self.note(Finding {
                    id: format!("security/flood/{}", entry.node),
                    level: Level::Warning,
                    service: None,
                    services: Vec::new(),
                    components: [entry.node.clone()].into(),
                    group: None,
                    what: format!(
                        "{} can send {:.0} requests per second to {}, which with those of the clients is more than the \
                         system carries; no firewall limits a single sender.",
                        entry.from, entry.flood_per_s, entry.node
                    ),
                    proof: Proof {
                        commands: [format!("{PROOF_AT:#} attack {} flood", entry.from)].into(),
                        ..Self::without_loss(SimDuration::from_secs(40))
                    },
                    fix: fixes::limit(self.scenario, &entry.node),
                    cases: Vec::new(),
                });
            }
        }
        self.readable(security);
    }

    fn readable(&mut self, security: &Security) {
        let ends = |links: &[Readable]| -> Vec<String> {
            links.iter().map(|readable| readable.link.join(" to ")).collect()
        };
        let nodes = |links: &[Readable]| -> Vec<String> {
            let mut nodes: Vec<String> = links.iter().flat_map(|readable| readable.link.clone()).collect();
            nodes.sort();
            nodes.dedup();
            nodes
        };
        let spied = security.readable.iter().find_map(|readable| readable.eavesdropper.clone());
        if !security.readable.is_empty() {
            let by = spied.as_ref().map_or(String::new(), |name| format!("; {name} listens there"));
            self.note(Finding {
                id: "security/plain-text".into(),
                level: if spied.is_some() { Level::Critical } else { Level::Warning },
                service: None,
                services: Vec::new(),
                components: nodes(&security.readable),
                group: None,
                what: format!(
                    "Requests, passwords included, cross the outside in plain text: {}{by}.",
                    ends(&security.readable).join(", ")
                ),
                proof: Self::without_loss(SimDuration::from_secs(15)),
                fix: fixes::encrypt(self.scenario, &security.readable),
                cases: Vec::new(),
            });
        }
        if !security.readable_inside.is_empty() {
            self.note(Finding {
                id: "security/plain-text-inside".into(),
                level: Level::Note,
                service: None,
                services: Vec::new(),
                components: nodes(&security.readable_inside),
                group: None,
                what: format!(
                    "Behind where TLS ends, {} links carry requests in plain text: whoever is inside reads along.",
                    security.readable_inside.len()
                ),
                proof: Self::without_loss(SimDuration::from_secs(15)),
                fix: fixes::encrypt(self.scenario, &security.readable_inside),
                cases: Vec::new(),
            });
        }
    }
}
