//! Who gets in and who reads along, as findings.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use understudy_core::SimDuration;
use understudy_sim::plan::ports;

use super::{Finder, PROOF_AT, all_of, fixed};
use crate::capacity::Capacity;
use crate::findings::{Case, Finding, Level, Proof};
use crate::fixes;
use crate::security::{Exposure, Readable, Security};

/// When a proof asks the database: the scan is over by then.
const INJECTED_AT: SimDuration = SimDuration::from_secs(20);

impl Finder<'_> {
    pub(crate) fn security(&mut self, security: &Security, capacity: &Capacity) {
        let mut told: Vec<Vec<&Exposure>> = Vec::new();
        for exposed in &security.exposed {
            // The same port, open for the same reason: told together.
            let alike = told.iter_mut().find(|alike| {
                let first = alike[0];
                first.port == exposed.port
                    && first.from == exposed.from
                    && first.guard == exposed.guard
                    && first.guard_is_off == exposed.guard_is_off
            });
            match alike {
                Some(alike) => alike.push(exposed),
                None => told.push([exposed].into()),
            }
        }
        for alike in &told {
            self.exposed(alike);
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
                        "{} can send {} requests per second to {}, which with those of the clients is more than the \
                         system carries; no firewall limits a single sender.",
                        entry.from, fixed(entry.flood_per_s, 0), entry.node
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

    /// One port that is open on one node or several.
    fn exposed(&mut self, alike: &[&Exposure]) {
        let first = alike[0];
        let guard = match (&first.guard, first.guard_is_off) {
            (None, _) => "there is no firewall in the way".to_string(),
            (Some(guard), true) => format!("{guard} is switched off"),
            (Some(guard), false) => format!("{guard} lets it through"),
        };
        let is_database = first.port == ports::DATABASE;
        let nodes: Vec<String> = alike.iter().map(|exposed| exposed.node.clone()).collect();
        let what = format!(
            "{} reaches port {} of {} ({}): {guard}.",
            first.from,
            first.port,
            all_of(&nodes),
            first.what
        );
        let id = |exposed: &Exposure| format!("security/exposed/{}:{}", exposed.node, exposed.port);
        let level = if is_database { Level::Critical } else { Level::Warning };
        let mut finding = Finding::new(id(first), level, nodes, what);
        let mut commands: Vec<String> = [format!("{PROOF_AT:#} attack {} scan", first.from)].into();
        if is_database {
            // A port that is open is a request away from the data.
            commands.push(format!("{INJECTED_AT:#} attack {} inject", first.from));
        }
        finding.proof = Proof { commands, ..Self::without_loss(SimDuration::from_secs(30)) };
        finding.fix = fixes::guard(self.scenario, alike);
        if alike.len() > 1 {
            let case = |exposed: &&Exposure| Case {
                id: id(exposed),
                service: None,
                components: [exposed.node.clone()].into(),
                commands: finding.proof.commands.clone(),
                at: finding.proof.at,
            };
            finding.cases = alike.iter().map(case).collect();
        }
        self.note(finding);
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
