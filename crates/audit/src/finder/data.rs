//! What the data risk, as findings.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use understudy_core::SimDuration;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;

use super::{Finder, PROOF_AT, about, percent};
use crate::data::Data;
use crate::findings::{Finding, Level, Proof};
use crate::fixes;
use crate::losses::Component;
use crate::service::Service;

impl Finder<'_> {
    pub(crate) fn data(&mut self, data: &Data) {
        if data.sync_replicas == 0 && data.modes.len() > 1 && self.system.writes {
            self.note(Finding {
                id: format!("data/asynchronous/{}", data.primary),
                level: Level::Warning,
                service: Some(Service::Writes),
                services: [Service::Writes].into(),
                components: [data.primary.clone()].into(),
                group: None,
                what: format!(
                    "Writes are acknowledged before any replica has them: if the host of {} goes down, those of the \
                     last {} are lost.",
                    data.primary,
                    about(data.rpo_if_lost)
                ),
                proof: Proof {
                    commands: self.cut_off_entirely(&data.primary),
                    ..Self::without_loss(SimDuration::from_secs(40))
                },
                fix: fixes::synchronous(self.plan, self.scenario, data),
                cases: Vec::new(),
            });
        }
        if data.rpo_if_cut_off.is_none() {
            self.split_brain(data);
        }
        for stale in data.stale_reads.iter().filter(|stale| stale.share > 1e-4) {
            self.found.push((
                Finding {
                    id: format!("data/stale-reads/{}", stale.server),
                    level: Level::Note,
                    service: Some(Service::Reads),
                    services: [Service::Reads].into(),
                    components: [stale.server.clone()].into(),
                    group: None,
                    what: format!(
                        "About {} of the reads of {} miss a write that was acknowledged before: they go to replicas \
                         that are {} behind.",
                        percent(stale.share),
                        stale.server,
                        about(stale.lag)
                    ),
                    proof: Self::without_loss(SimDuration::from_secs(60)),
                    fix: fixes::read_your_writes(self.scenario, &stale.server),
                    cases: Vec::new(),
                },
                stale.share,
            ));
        }
    }

    /// Everything that links a node: what a host that is gone looks like from outside.
    fn cut_off_entirely(&self, name: &str) -> Vec<String> {
        let Some(id) = self.plan.find(name) else { return Vec::new() };
        let links = self.plan.links().filter(|(_, link)| link.from == id || link.to == id);
        links
            .map(|(link, _)| format!("{PROOF_AT:#} {}", Component::Link(link).loss_text(self.plan)))
            .collect()
    }

    fn split_brain(&mut self, data: &Data) {
        let Some((manager, _)) = self.system.databases.manager(self.plan) else { return };
        let manager_name = self.plan.name(manager);
        let told_by = |id: NodeId| self.plan.find_link(manager_name, self.plan.name(id));
        let servers = self
            .plan
            .nodes()
            .filter(|(_, node)| matches!(node.kind, NodeKind::WebServer(_) | NodeKind::ApplicationServer(_)));
        // A server that the manager does not reach either goes on writing to the old primary.
        let deaf = servers.into_iter().find_map(|(id, _)| told_by(id));
        let mut commands = Vec::new();
        commands.push(format!("{PROOF_AT:#} cut {manager_name} {}", data.primary));
        if let Some(link) = deaf {
            commands.push(format!("{PROOF_AT:#} {}", Component::Link(link).loss_text(self.plan)));
        }
        self.note(Finding {
            id: format!("data/two-primaries/{manager_name}"),
            level: Level::Critical,
            service: Some(Service::Writes),
            services: [Service::Writes].into(),
            components: [manager_name.to_string(), data.primary.clone()].into(),
            group: None,
            what: format!(
                "{manager_name} promotes a replica without making sure that {} has stopped: if it only cannot reach \
                 it, two primaries acknowledge writes, and those of one of them are lost in the end.",
                data.primary
            ),
            proof: Proof { commands, ..Self::without_loss(SimDuration::from_secs(25)) },
            fix: fixes::fencing(self.plan, self.scenario),
            cases: Vec::new(),
        });
    }
}
