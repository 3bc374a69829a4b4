//! From what was computed to findings: the sentences, the proof, the fix.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};
use understudy_sim::Plan;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, ports};
use understudy_sim::scenario::Scenario;

use crate::capacity::Capacity;
use crate::data::Data;
use crate::dependability;
use crate::findings::{Finding, Level, Proof};
use crate::fixes;
use crate::interruption::Takes;
use crate::losses::{Component, Losses};
use crate::monitoring::{Monitoring, Watched};
use crate::paths::Carrying;
use crate::security::{Readable, Security};
use crate::service::Service;
use crate::slices::Pauses;
use crate::system::{Reactions, System};
use crate::weakness::{Effect, Weakness};

/// When a proof's commands are given: addresses are held and replicas stream by then.
const PROOF_AT: SimDuration = SimDuration::from_secs(10);
/// How many paths a proof shows.
const PATHS: usize = 4;
/// How many pairs become findings; all of them are in the report.
const PAIRS: usize = 5;
/// An interruption is worth a warning from here on: seconds, times the share that fails.
const WARN_FROM_S: f64 = 30.0;
/// Less than this share is worth a note.
const LITTLE: f64 = 0.01;

/// Collects findings.
pub(crate) struct Finder<'a> {
    system: &'a System<'a>,
    plan: &'a Plan,
    scenario: &'a Scenario,
    /// Each finding with how many requests it costs, to rank it among those of its level.
    found: Vec<(Finding, f64)>,
}

pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if (0.05..9.95).contains(&percent) { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// A time for people: two digits are enough.
pub(crate) fn about(duration: SimDuration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds >= 7_200.0 {
        format!("{:.0} h", seconds / 3_600.0)
    } else if seconds >= 120.0 {
        format!("{:.0} min", seconds / 60.0)
    } else if seconds >= 9.95 {
        format!("{seconds:.0} s")
    } else if seconds >= 0.095 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} ms", seconds * 1e3)
    }
}

impl<'a> Finder<'a> {
    pub(crate) fn new(system: &'a System<'a>, scenario: &'a Scenario) -> Self {
        Self { system, plan: system.plan, scenario, found: Vec::new() }
    }

    /// The worst first.
    pub(crate) fn ranked(mut self) -> Vec<Finding> {
        self.found.sort_by(|(one, cost), (other, more)| {
            other.level.cmp(&one.level).then(more.total_cmp(cost)).then(one.id.cmp(&other.id))
        });
        self.found.into_iter().map(|(finding, _)| finding).collect()
    }

    pub(crate) async fn weaknesses(&mut self, weaknesses: &[Weakness], pauses: Pauses) {
        for weakness in weaknesses {
            // A group is worth a finding where it is worse than any of its members.
            let same_or_worse = |other: &&Weakness| {
                other.group.is_none()
                    && other.service == weakness.service
                    && other.effect <= weakness.effect
                    && other.components.iter().all(|component| weakness.components.contains(component))
            };
            if weakness.group.is_none() || !weaknesses.iter().any(|other| same_or_worse(&other)) {
                self.weakness(weakness);
                pauses.here().await;
            }
        }
    }

    fn names(&self, components: &[Component]) -> Vec<String> {
        let mut names = Vec::new();
        for component in components {
            match *component {
                Component::Node(id) => names.push(self.plan.name(id).to_string()),
                Component::Link(id) => {
                    let link = self.plan.link(id);
                    names.extend([link.from, link.to].map(|end| self.plan.name(end).to_string()));
                }
            }
        }
        names
    }

    /// What is lost, as the subject of a sentence.
    fn subject(&self, weakness: &Weakness) -> String {
        match (&weakness.group, &weakness.components[..]) {
            (Some(group), _) => format!("{group} ({})", self.names(&weakness.components).join(", ")),
            (None, [Component::Link(link)]) => {
                let link = self.plan.link(*link);
                format!("the link from {} to {}", self.plan.name(link.from), self.plan.name(link.to))
            }
            (None, components) => self.names(components).join(" and "),
        }
    }

    fn id(&self, prefix: &str, weakness: &Weakness) -> String {
        let what = match &weakness.group {
            Some(group) => format!("in-{group}"),
            None => self.names(&weakness.components).join("+"),
        };
        format!("{prefix}/{}/{what}", weakness.service.key())
    }

    fn weakness(&mut self, weakness: &Weakness) {
        let (service, subject) = (weakness.service.name(), self.subject(weakness));
        let lost = weakness.before - weakness.after;
        let slowest = weakness.interruptions.iter().map(|interruption| interruption.takes).max();
        let (prefix, level, what) = match weakness.effect {
            Effect::Ends => {
                let back = self
                    .repair_takes(&weakness.components)
                    .map_or(String::new(), |repair| format!(", as a rule {}", about(repair)));
                let what = format!(
                    "If {subject} is lost, {service} end for good: nobody is answered until it is repaired{back}."
                );
                ("spof", Level::Critical, what)
            }
            Effect::Partly => {
                let cut_off: Vec<&str> = weakness.cut_off.iter().map(|&id| self.plan.name(id)).collect();
                let whom = if cut_off.is_empty() {
                    String::new()
                } else {
                    format!("; {} get nothing at all", cut_off.join(", "))
                };
                let share = percent(lost / weakness.before);
                let what = format!(
                    "If {subject} is lost, {share} of the {service} fail until it is repaired{whom}."
                );
                let level = if lost < LITTLE { Level::Note } else { Level::Warning };
                ("partial", level, what)
            }
            Effect::Interrupts => {
                let share: f64 = weakness.interruptions.iter().map(|interruption| interruption.share).sum();
                let by: Vec<&str> =
                    weakness.interruptions.iter().map(|interruption| interruption.by.name()).collect();
                let takes = slowest.unwrap_or_default();
                let what = format!(
                    "If {subject} is lost, {} of the {service} fail for about {}, at most {}, until {} \
                     took effect.",
                    percent((share / weakness.before).min(1.0)),
                    about(takes.typical),
                    about(takes.at_most),
                    by.join(" and ")
                );
                let cost = takes.typical.as_secs_f64() * share.min(1.0);
                let level = if cost >= WARN_FROM_S { Level::Warning } else { Level::Note };
                ("interruption", level, what)
            }
        };
        let proof = self.proof(weakness, slowest);
        let cost = self.costs(weakness, slowest);
        self.found.push((
            Finding {
                id: self.id(prefix, weakness),
                level,
                service: Some(weakness.service),
                components: self.names(&weakness.components),
                group: weakness.group.clone(),
                what,
                proof,
                fix: fixes::of_weakness(self.plan, self.scenario, weakness),
            },
            cost,
        ));
    }

    fn repair_takes(&self, components: &[Component]) -> Option<SimDuration> {
        let nodes = components.iter().filter_map(|component| match *component {
            Component::Node(id) => Some(dependability::of(self.plan, id)?.mttr),
            Component::Link(_) => None,
        });
        nodes.max()
    }

    /// Requests per second that a weakness costs in the long run. Links count as if they failed as rarely as nothing.
    fn costs(&self, weakness: &Weakness, slowest: Option<Takes>) -> f64 {
        let rate: f64 =
            self.system.populations.iter().map(|population| population.rates[weakness.service.index()]).sum();
        let mut likely = 1.0;
        let mut failures_per_s = 0.0;
        for component in &weakness.components {
            match *component {
                Component::Node(id) => {
                    let Some(times) = dependability::of(self.plan, id) else { continue };
                    likely *= times.unavailability();
                    failures_per_s = times.failures_per_s();
                }
                Component::Link(_) => likely *= 1e-6,
            }
        }
        let lost = (weakness.before - weakness.after) * likely;
        let share: f64 = weakness.interruptions.iter().map(|interruption| interruption.share).sum();
        let lasts = slowest.map_or(0.0, |takes| takes.typical.as_secs_f64());
        rate * (lost + share * failures_per_s * lasts)
    }

    fn proof(&self, weakness: &Weakness, slowest: Option<Takes>) -> Proof {
        let losses = Losses::of(self.plan, &weakness.components);
        let commands =
            weakness.components.iter().map(|one| format!("{PROOF_AT:#} {}", one.loss_text(self.plan)));
        let shows_after = if weakness.effect == Effect::Interrupts {
            SimDuration::from_secs(1)
        } else {
            self.system.settles_within(&losses) + SimDuration::from_secs(5)
        };
        let at_first = self.system.outcome(&losses, Reactions::NONE);
        Proof {
            commands: commands.collect(),
            at: SimTime::ZERO + PROOF_AT + shows_after,
            paths_before: self.paths(&Losses::none(self.plan), weakness.service),
            paths_after: self.paths(&losses, weakness.service),
            answered_before: weakness.before,
            answered_at_first: at_first.answered(weakness.service),
            answered_after: weakness.after,
            lasts: if weakness.effect == Effect::Interrupts { slowest } else { None },
        }
    }

    fn paths(&self, losses: &Losses, service: Service) -> Vec<Vec<String>> {
        let mut walk = self.system.walk(losses, Reactions::ALL, 1.0);
        Carrying::new(&mut walk, service).paths(self.plan, PATHS)
    }

    pub(crate) fn pairs(&mut self, pairs: &[(Service, [Component; 2])]) {
        for &service in &Service::ALL {
            // What joins nodes fails with them often enough; links are in the report.
            let are_nodes = |pair: &[Component; 2]| pair.iter().all(|one| matches!(one, Component::Node(_)));
            let of_service = pairs.iter().filter(|(of, pair)| *of == service && are_nodes(pair)).take(PAIRS);
            for (_, pair) in of_service {
                self.pair(service, *pair);
            }
        }
    }

    fn pair(&mut self, service: Service, pair: [Component; 2]) {
        let weakness = Weakness {
            components: pair.to_vec(),
            group: None,
            service,
            effect: Effect::Ends,
            before: self.system.healthy().answered(service),
            after: 0.0,
            cut_off: Vec::new(),
            interruptions: Vec::new(),
        };
        let names = pair.map(|one| one.name(self.plan));
        let what = format!(
            "If {} and {} are both lost at once, {} end, though neither ends them alone.",
            names[0],
            names[1],
            service.name()
        );
        self.found.push((
            Finding {
                id: self.id("pair", &weakness),
                level: Level::Note,
                service: Some(service),
                components: self.names(&pair),
                group: None,
                what,
                proof: self.proof(&weakness, None),
                fix: None,
            },
            self.costs(&weakness, None),
        ));
    }

    fn without_loss(at: SimDuration) -> Proof {
        Proof { at: SimTime::ZERO + at, ..Proof::default() }
    }

    fn note(&mut self, finding: Finding) {
        self.found.push((finding, 0.0));
    }

    pub(crate) fn capacity(&mut self, capacity: &Capacity) {
        let offered = capacity.offered_per_s;
        if let (Some(carries), Some(first)) = (capacity.carries_per_s, &capacity.saturates_first)
            && carries < offered
        {
            self.note(Finding {
                id: "capacity/now".into(),
                level: Level::Critical,
                service: None,
                components: [first.clone()].into(),
                group: None,
                what: format!(
                    "Clients send {offered:.0} requests per second and {first} is saturated at {carries:.0}, with \
                     everything up."
                ),
                proof: Self::without_loss(SimDuration::from_secs(30)),
                fix: fixes::more_of(self.plan, self.scenario, first),
            });
        } else if let Some(worst) = &capacity.worst_loss
            && worst.carries_per_s < offered
        {
            self.note(Finding {
                id: format!("capacity/without-{}", worst.lost),
                level: Level::Warning,
                service: None,
                components: [worst.lost.clone(), worst.saturates_first.clone()].into(),
                group: None,
                what: format!(
                    "Without {}, the system carries {:.0} requests per second, less than the {offered:.0} that \
                     clients send: {} is saturated.",
                    worst.lost, worst.carries_per_s, worst.saturates_first
                ),
                proof: Proof {
                    commands: [format!("{PROOF_AT:#} kill {}", worst.lost)].into(),
                    ..Self::without_loss(SimDuration::from_secs(60))
                },
                fix: fixes::more_of(self.plan, self.scenario, &worst.saturates_first),
            });
        }
    }

    pub(crate) fn data(&mut self, data: &Data) {
        if data.sync_replicas == 0 && data.modes.len() > 1 && self.system.writes {
            self.note(Finding {
                id: format!("data/asynchronous/{}", data.primary),
                level: Level::Warning,
                service: Some(Service::Writes),
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
            components: [manager_name.to_string(), data.primary.clone()].into(),
            group: None,
            what: format!(
                "{manager_name} promotes a replica without making sure that {} has stopped: if it only cannot reach \
                 it, two primaries acknowledge writes, and those of one of them are lost in the end.",
                data.primary
            ),
            proof: Proof { commands, ..Self::without_loss(SimDuration::from_secs(25)) },
            fix: fixes::fencing(self.plan, self.scenario),
        });
    }

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
            });
        }
        for entry in &security.unlimited {
            if self.system.is_flooded_by(entry.flood_per_s, capacity.carries_per_s) {
                self.note(Finding {
                    id: format!("security/flood/{}", entry.node),
                    level: Level::Warning,
                    service: None,
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
                components: nodes(&security.readable),
                group: None,
                what: format!(
                    "Requests, passwords included, cross the outside in plain text: {}{by}.",
                    ends(&security.readable).join(", ")
                ),
                proof: Self::without_loss(SimDuration::from_secs(15)),
                fix: fixes::encrypt(self.scenario, &security.readable),
            });
        }
        if !security.readable_inside.is_empty() {
            self.note(Finding {
                id: "security/plain-text-inside".into(),
                level: Level::Note,
                service: None,
                components: nodes(&security.readable_inside),
                group: None,
                what: format!(
                    "Behind where TLS ends, {} links carry requests in plain text: whoever is inside reads along.",
                    security.readable_inside.len()
                ),
                proof: Self::without_loss(SimDuration::from_secs(15)),
                fix: fixes::encrypt(self.scenario, &security.readable_inside),
            });
        }
    }

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
                format!("Nothing at all would show the death of {}.", silent.join(", "))
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
                components: names.clone(),
                group: None,
                what: format!("If {} dies, nobody is told, for {why} it. {silent}", names.join(" or ")),
                proof: Proof {
                    commands: [format!("{PROOF_AT:#} kill {}", first.name)].into(),
                    ..Self::without_loss(SimDuration::from_secs(60))
                },
                fix: fixes::watch(self.scenario, monitoring, &names),
            });
        }
        for monitor in &monitoring.monitors {
            if blind.iter().any(|node| node.name == *monitor) {
                self.note(Finding {
                    id: format!("monitoring/the-monitor/{monitor}"),
                    level: Level::Note,
                    service: None,
                    components: [monitor.clone()].into(),
                    group: None,
                    what: format!(
                        "Nobody watches {monitor}: while it is down, no other failure is noticed either."
                    ),
                    proof: Proof {
                        commands: [format!("{PROOF_AT:#} kill {monitor}")].into(),
                        ..Self::without_loss(SimDuration::from_secs(60))
                    },
                    fix: None,
                });
            }
        }
    }
}
