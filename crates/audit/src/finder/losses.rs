//! What the loss of a component, a group or a pair does, as findings.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use super::together::{Loss, Told, share, together};
use super::words::{all_of, list};
use super::{Finder, PROOF_AT, about, percent};
use crate::dependability;
use crate::findings::{Case, Finding, Fix, Level, Proof};
use crate::fixes;
use crate::interruption::Takes;
use crate::losses::{Component, Losses};
use crate::paths::Carrying;
use crate::service::Service;
use crate::slices::Pauses;
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

/// The longest that others take to make up for a loss.
fn slowest(weakness: &Weakness) -> Option<Takes> {
    weakness.interruptions.iter().map(|interruption| interruption.takes).max()
}

fn level_of(weakness: &Weakness) -> Level {
    let lost = share(weakness);
    let is_note = match weakness.effect {
        Effect::Ends => return Level::Critical,
        Effect::Partly => lost * weakness.before < LITTLE,
        Effect::Interrupts => {
            let lasts = slowest(weakness).unwrap_or_default().typical;
            lasts.as_secs_f64() * lost < WARN_FROM_S
        }
    };
    if is_note { Level::Note } else { Level::Warning }
}

/// `20 %`, or `16 % to 20 %`.
fn between(shares: impl Iterator<Item = f64> + Clone) -> String {
    let least = percent(shares.clone().fold(1.0, f64::min));
    let most = percent(shares.fold(0.0, f64::max));
    if least == most { most } else { format!("{least} to {most}") }
}

impl Finder<'_> {
    pub(crate) async fn weaknesses(&mut self, weaknesses: &[Weakness], pauses: Pauses) {
        // A group is worth a finding where it is worse than any of its members.
        let is_new = |weakness: &&Weakness| {
            let same_or_worse = |other: &&Weakness| {
                other.group.is_none()
                    && other.service == weakness.service
                    && other.effect <= weakness.effect
                    && other.components.iter().all(|component| weakness.components.contains(component))
            };
            weakness.group.is_none() || !weaknesses.iter().any(|other| same_or_worse(&other))
        };
        for told in together(self.plan, weaknesses.iter().filter(is_new)) {
            let (prefix, what) = match told.first().effect {
                Effect::Ends => ("spof", self.ends(&told)),
                Effect::Partly => ("partial", self.partly(&told)),
                Effect::Interrupts => ("interruption", self.interrupts(&told)),
            };
            let level = told.all().map(level_of).max().unwrap_or(Level::Note);
            let alike: Vec<&Weakness> = told.alike.iter().map(Loss::first).collect();
            let fix = fixes::of_weakness(self.plan, self.scenario, &alike);
            self.tell(prefix, level, what, &told, fix);
            pauses.here().await;
        }
    }

    /// A finding of what is told together.
    fn tell(&mut self, prefix: &str, level: Level, what: String, told: &Told<'_>, fix: Option<Fix>) {
        let first = told.first();
        let mut components: Vec<String> = Vec::new();
        for loss in &told.alike {
            for name in self.names(&loss.first().components) {
                if !components.contains(&name) {
                    components.push(name);
                }
            }
        }
        let mut finding = Finding::new(self.id(prefix, first), level, components, what);
        finding.service = Some(first.service);
        finding.services = told.alike[0].of.iter().map(|weakness| weakness.service).collect();
        finding.group.clone_from(&first.group);
        finding.proof = self.proof(first);
        finding.fix = fix;
        if told.all().nth(1).is_some() {
            let case = |weakness: &Weakness| Case {
                id: self.id(prefix, weakness),
                service: Some(weakness.service),
                components: self.names(&weakness.components),
                commands: self.commands(weakness),
                at: self.shows_at(weakness),
            };
            finding.cases = told.all().map(case).collect();
        }
        let cost = told.all().map(|weakness| self.costs(weakness)).sum();
        self.found.push((finding, cost));
    }

    pub(super) fn names(&self, components: &[Component]) -> Vec<String> {
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

    /// What is lost, as the subject of a sentence: one thing, or one of several.
    fn subject(&self, told: &Told<'_>) -> String {
        let first = told.first();
        if let Some(group) = &first.group {
            return format!("{group} ({})", self.names(&first.components).join(", "));
        }
        let pairs = || told.alike.iter().map(|loss| self.names(&loss.first().components).join(" and "));
        let (mut from, mut to): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for loss in &told.alike {
            let &[Component::Link(id)] = &loss.first().components[..] else {
                let subjects: Vec<String> = pairs().collect();
                return list(&subjects, " or ");
            };
            let link = self.plan.link(id);
            from.push(self.plan.name(link.from));
            to.push(self.plan.name(link.to));
        }
        let which =
            if let [_] = from[..] { "the link".into() } else { format!("one of the {} links", from.len()) };
        for ends in [&mut from, &mut to] {
            ends.sort_unstable();
            ends.dedup();
        }
        format!("{which} from {} to {}", all_of(&from), all_of(&to))
    }

    fn id(&self, prefix: &str, weakness: &Weakness) -> String {
        let what = match &weakness.group {
            Some(group) => format!("in-{group}"),
            None => self.names(&weakness.components).join("+"),
        };
        format!("{prefix}/{}/{what}", weakness.service.key())
    }

    fn services(told: &Told<'_>) -> String {
        let names: Vec<&str> = told.alike[0].of.iter().map(|weakness| weakness.service.name()).collect();
        all_of(&names)
    }

    /// `33 % of the reads and 100 % of the writes`: of each service, over all that are alike.
    fn shares(told: &Told<'_>) -> String {
        let count = told.alike[0].of.len();
        let of = |place: usize| between(told.alike.iter().map(move |loss| share(loss.of[place])));
        let shares: Vec<String> = (0..count).map(of).collect();
        if shares.iter().all(|share| *share == shares[0]) {
            return format!("{} of the {}", shares[0], Self::services(told));
        }
        let named = shares.iter().zip(&told.alike[0].of);
        let named: Vec<String> =
            named.map(|(share, weakness)| format!("{share} of the {}", weakness.service.name())).collect();
        all_of(&named)
    }

    fn ends(&self, told: &Told<'_>) -> String {
        let back = self
            .repair_takes(&told.first().components)
            .map_or(String::new(), |repair| format!(", as a rule {}", about(repair)));
        let own = |component: &Component| {
            let Component::Link(id) = *component else { return None };
            let link = self.plan.link(id);
            let here = |end| told.alike.iter().any(|loss| loss.first().components == [Component::Node(end)]);
            Some(self.plan.name(if here(link.from) { link.to } else { link.from }))
        };
        let mut ends: Vec<&str> =
            told.links.iter().filter_map(|loss| own(&loss.first().components[0])).collect();
        ends.sort_unstable();
        ends.dedup();
        let links = match ends[..] {
            [] => String::new(),
            _ => format!(" So they do without the link between it and {}.", list(&ends, " or ")),
        };
        format!(
            "If {} is lost, {} end for good: nobody is answered until it is repaired{back}.{links}",
            self.subject(told),
            Self::services(told)
        )
    }

    fn partly(&self, told: &Told<'_>) -> String {
        let mut cut_off: Vec<&str> =
            told.all().flat_map(|weakness| &weakness.cut_off).map(|&id| self.plan.name(id)).collect();
        cut_off.sort_unstable();
        cut_off.dedup();
        let whom = if cut_off.is_empty() {
            String::new()
        } else {
            format!("; {} get nothing at all", all_of(&cut_off))
        };
        format!("If {} is lost, {} fail until it is repaired{whom}.", self.subject(told), Self::shares(told))
    }

    fn interrupts(&self, told: &Told<'_>) -> String {
        let first = told.first();
        let by: Vec<&str> = first.interruptions.iter().map(|interruption| interruption.by.name()).collect();
        let takes = told.all().filter_map(slowest).max().unwrap_or_default();
        format!(
            "If {} is lost, {} fail for about {}, at most {}, until {} took effect.",
            self.subject(told),
            Self::shares(told),
            about(takes.typical),
            about(takes.at_most),
            all_of(&by)
        )
    }

    fn repair_takes(&self, components: &[Component]) -> Option<SimDuration> {
        let nodes = components.iter().filter_map(|component| match *component {
            Component::Node(id) => Some(dependability::of(self.plan, id)?.mttr),
            Component::Link(_) => None,
        });
        nodes.max()
    }

    /// Requests per second that a weakness costs in the long run. Links count as if they failed as rarely as nothing.
    fn costs(&self, weakness: &Weakness) -> f64 {
        let rate: f64 =
            self.system.populations.iter().map(|population| population.rates[weakness.service.index()]).sum();
        let mut likely = 1.0;
        let mut failures_per_s = 0.0;
        if let Some(group) = &weakness.group {
            let times = dependability::of_group(self.plan, group);
            (likely, failures_per_s) = (times.unavailability(), times.failures_per_s());
        }
        for component in weakness.components.iter().filter(|_| weakness.group.is_none()) {
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
        let lasts = slowest(weakness).map_or(0.0, |takes| takes.typical.as_secs_f64());
        rate * (lost + share * failures_per_s * lasts)
    }

    fn commands(&self, weakness: &Weakness) -> Vec<String> {
        let loss = |one: &Component| format!("{PROOF_AT:#} {}", one.loss_text(self.plan));
        weakness.components.iter().map(loss).collect()
    }

    fn shows_at(&self, weakness: &Weakness) -> SimTime {
        let after = if weakness.effect == Effect::Interrupts {
            SimDuration::from_secs(1)
        } else {
            let losses = Losses::of(self.plan, &weakness.components);
            self.system.settles_within(&losses) + SimDuration::from_secs(5)
        };
        SimTime::ZERO + PROOF_AT + after
    }

    fn proof(&self, weakness: &Weakness) -> Proof {
        let losses = Losses::of(self.plan, &weakness.components);
        let at_first = self.system.outcome(&losses, Reactions::NONE);
        Proof {
            commands: self.commands(weakness),
            at: self.shows_at(weakness),
            paths_before: self.paths(&Losses::none(self.plan), weakness.service),
            paths_after: self.paths(&losses, weakness.service),
            answered_before: weakness.before,
            answered_at_first: at_first.answered(weakness.service),
            answered_after: weakness.after,
            lasts: if weakness.effect == Effect::Interrupts { slowest(weakness) } else { None },
        }
    }

    fn paths(&self, losses: &Losses, service: Service) -> Vec<Vec<String>> {
        let mut walk = self.system.walk(losses, Reactions::ALL, 1.0);
        Carrying::new(&mut walk, service).paths(self.plan, PATHS)
    }

    /// The likeliest pairs of nodes. What joins nodes fails with them often enough; links are in the report.
    pub(crate) fn pairs(&mut self, pairs: &[(Service, [Component; 2])]) {
        let are_nodes =
            |(_, pair): &&(Service, [Component; 2])| pair.iter().all(|one| matches!(one, Component::Node(_)));
        let healthy = self.system.healthy();
        let mut weaknesses: Vec<Weakness> = Vec::new();
        for &(service, pair) in pairs.iter().filter(are_nodes) {
            let weakness = Weakness {
                components: pair.to_vec(),
                group: None,
                service,
                effect: Effect::Ends,
                before: healthy.answered(service),
                after: 0.0,
                cut_off: Vec::new(),
                interruptions: Vec::new(),
            };
            // Beside the same pair of another service.
            let same = weaknesses.iter().rposition(|other| other.components == weakness.components);
            match same {
                Some(place) => weaknesses.insert(place + 1, weakness),
                None => weaknesses.push(weakness),
            }
        }
        for told in together(self.plan, weaknesses.iter()).into_iter().take(PAIRS) {
            let what = format!(
                "If {} are both lost at once, {} end, though neither ends them alone.",
                self.subject(&told),
                Self::services(&told)
            );
            let fix = fixes::of_pair(self.plan, self.scenario, told.first());
            self.tell("pair", Level::Note, what, &told, fix);
        }
    }
}
