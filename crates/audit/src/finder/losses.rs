//! What the loss of a component, a group or a pair does, as findings.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use super::{Finder, PROOF_AT, about, percent};
use crate::dependability;
use crate::findings::{Finding, Level, Proof};
use crate::fixes;
use crate::interruption::Takes;
use crate::losses::{Component, Losses};
use crate::paths::Carrying;
use crate::service::Service;
use crate::system::Reactions;
use crate::weakness::{Effect, Weakness};

/// How many paths a proof shows.
const PATHS: usize = 4;
/// How many pairs become findings; all of them are in the report.
const PAIRS: usize = 5;
/// An interruption is worth a warning from here on: seconds, times the share that fails.
const WARN_FROM_S: f64 = 30.0;
/// Less than this share is worth a note.
const LITTLE: f64 = 0.01;

impl Finder<'_> {
    pub(crate) fn weaknesses(&mut self, weaknesses: &[Weakness]) {
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
            }
        }
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
}
