//! What nobody would notice, as findings.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use understudy_core::SimDuration;

use super::{Finder, PROOF_AT, about, all_of};
use crate::findings::{Finding, Level, Proof};
use crate::fixes;
use crate::monitoring::{Monitoring, Watched};

impl Finder<'_> {
    pub(crate) fn monitoring(&mut self, monitoring: &Monitoring) {
        let blind: Vec<&Watched> = monitoring.blind_spots().collect();
        let unwatched: Vec<&Watched> = blind
            .iter()
            .copied()
            .filter(|node| {
                !monitoring.monitors.contains(&node.name) && !monitoring.switched_off.contains(&node.name)
            })
            .collect();
        if let Some(&first) = unwatched.iter().find(|node| !node.is_felt).or(unwatched.first()) {
            let names: Vec<String> = unwatched.iter().map(|node| node.name.clone()).collect();
            let silent: Vec<&str> =
                unwatched.iter().filter(|node| !node.is_felt).map(|node| node.name.as_str()).collect();
            let silent = if silent.is_empty() {
                "Clients would be the first to notice.".to_string()
            } else {
                let longest = unwatched.iter().filter_map(|node| node.hidden_for).max();
                let until = longest.map_or(String::new(), |time| {
                    format!(", for {} or so, until another failure ends a service", about(time))
                });
                format!("Nothing at all would show the death of {}{until}.", all_of(&silent))
            };
            let why = if monitoring.monitors.is_empty() {
                "no monitor watches"
            } else {
                "the monitor does not watch"
            };
            self.note(Finding {
                id: "monitoring/unwatched".into(),
                level: Level::Warning,
                service: None,
                services: Vec::new(),
                components: names.clone(),
                group: None,
                what: format!("If {} dies, nobody is told, for {why} it. {silent}", names.join(" or ")),
                proof: Proof {
                    commands: [format!("{PROOF_AT:#} kill {}", first.name)].into(),
                    ..Self::without_loss(SimDuration::from_secs(60))
                },
                fix: fixes::watch(self.plan, self.scenario, monitoring, &names),
                cases: Vec::new(),
            });
        }
        for monitor in &monitoring.monitors {
            if blind.iter().any(|node| node.name == *monitor) {
                self.note(Finding {
                    id: format!("monitoring/the-monitor/{monitor}"),
                    level: Level::Note,
                    service: None,
                    services: Vec::new(),
                    components: [monitor.clone()].into(),
                    group: None,
                    what: format!(
                        "Nobody watches {monitor}: while it is down, no other failure is noticed either."
                    ),
                    proof: Proof {
                        commands: [format!("{PROOF_AT:#} kill {monitor}")].into(),
                        ..Self::without_loss(SimDuration::from_secs(60))
                    },
                    fix: Some(fixes::heartbeat(monitor)),
                    cases: Vec::new(),
                });
            }
        }
    }
}
