//! The whole audit of a scenario.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use understudy_sim::Plan;
use understudy_sim::plan::Mistake;
use understudy_sim::scenario::Scenario;

use crate::availability::{Availability, Effort};
use crate::capacity::Capacity;
use crate::data::Data;
use crate::dependability::{self, Assumed};
use crate::finder::Finder;
use crate::findings::{Finding, Level, Preview};
use crate::losses::Component;
use crate::monitoring::Monitoring;
use crate::pools::{self, PoolChoice};
use crate::security::Security;
use crate::slices::{Pauses, at_once};
use crate::system::System;
use crate::weakness::Effect;

/// What an audit looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether pairs are looked at as well.
    pub pairs: bool,
    /// Whether each fix is audited in turn.
    pub previews: bool,
    /// How much is spent on the availability.
    pub effort: Effort,
}

impl Default for Options {
    fn default() -> Self {
        Self { pairs: true, previews: true, effort: Effort::default() }
    }
}

/// By service, as its key.
pub type ByService<T> = BTreeMap<&'static str, T>;

/// What there is to say of a system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The scenario's title.
    pub title: String,
    /// What is weak, the worst first.
    pub findings: Vec<Finding>,
    /// The availability of each service.
    pub availability: ByService<Availability>,
    /// How often what fails is taken to fail, and who says so.
    pub assumed: Vec<Assumed>,
    /// The nodes and groups whose loss alone ends each service.
    pub spof: ByService<Vec<String>>,
    /// The links whose loss alone does.
    pub spof_links: ByService<Vec<String>>,
    /// The pairs of components that end each service together, the likeliest first; links only where no node does it.
    pub pairs: ByService<Vec<[String; 2]>>,
    /// What load it carries.
    pub capacity: Capacity,
    /// The same with all servers active and with standbys, side by side; empty where no balancer has a choice.
    pub pools: Vec<PoolChoice>,
    /// Who gets in and who can read along.
    pub security: Security,
    /// Who notices a failure.
    pub monitoring: Monitoring,
    /// What the data risk, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
}

fn is_loss(id: &str) -> bool {
    ["spof/", "partial/", "interruption/"].iter().any(|kind| id.starts_with(kind))
}

/// A report in a few numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Findings of each level.
    pub critical: usize,
    /// Findings of each level.
    pub warning: usize,
    /// Findings of each level.
    pub note: usize,
    /// The nodes and groups whose loss alone ends each service.
    pub spof: ByService<Vec<String>>,
    /// The answered share of each service, in the long run.
    pub availability: ByService<f64>,
    /// Unanswered, as if all of it were one outage a month.
    pub downtime_s_per_month: ByService<f64>,
}

impl Report {
    /// Audits a scenario, or says why it makes no sense.
    pub fn of(scenario: &Scenario, options: &Options) -> Result<Self, Mistake> {
        at_once(Self::with_pauses(scenario, options, Pauses::NONE))
    }

    pub(crate) async fn with_pauses(
        scenario: &Scenario,
        options: &Options,
        pauses: Pauses,
    ) -> Result<Self, Mistake> {
        let plan = Plan::build(scenario)?;
        let system = System::new(&plan);
        let mut weaknesses = system.weaknesses_with(pauses).await;
        weaknesses.extend(system.group_weaknesses());
        pauses.here().await;
        let availability: ByService<Availability> = system
            .availability_with(&weaknesses, options.effort, pauses)
            .await
            .into_iter()
            .map(|(service, availability)| (service.key(), availability))
            .collect();
        let (mut spof, mut spof_links) = (ByService::new(), ByService::new());
        for service in system.services() {
            let (nodes, links): (&mut Vec<String>, &mut Vec<String>) =
                (spof.entry(service.key()).or_default(), spof_links.entry(service.key()).or_default());
            let ends = |weakness: &&crate::weakness::Weakness| {
                weakness.service == service && weakness.effect == Effect::Ends
            };
            for weakness in weaknesses.iter().filter(ends) {
                match (&weakness.group, &weakness.components[..]) {
                    (Some(group), _) => nodes.push(group.clone()),
                    (None, &[component @ Component::Link(_)]) => links.push(component.name(&plan)),
                    (None, components) => nodes.extend(components.iter().map(|one| one.name(&plan))),
                }
            }
        }
        let capacity = system.capacity_with(pauses).await;
        let data = system.data();
        pauses.here().await;
        let pairs = if options.pairs { system.ranked_pairs(pauses).await } else { Vec::new() };
        let security = system.security();
        let felt: Vec<_> = weaknesses
            .iter()
            .flat_map(|weakness| &weakness.components)
            .filter_map(|component| match *component {
                Component::Node(id) => Some(id),
                Component::Link(_) => None,
            })
            .collect();
        let mut monitoring = system.monitoring(&felt);
        monitoring.uncovered_by(&plan, &pairs);
        let mut finder = Finder::new(&system, scenario);
        finder.security(&security, &capacity);
        finder.monitoring(&monitoring);
        finder.weaknesses(&weaknesses, pauses).await;
        finder.pairs(&pairs);
        finder.capacity(&capacity);
        if let Some(data) = &data {
            finder.data(data);
        }
        let mut by_service: ByService<Vec<[String; 2]>> = ByService::new();
        for (service, pair) in pairs {
            by_service.entry(service.key()).or_default().push(pair.map(|component| component.name(&plan)));
        }
        let mut report = Self {
            title: scenario.title.clone(),
            findings: finder.ranked(),
            availability,
            assumed: dependability::assumed(&plan),
            spof,
            spof_links,
            pairs: by_service,
            capacity,
            pools: if options.previews { pools::compare(scenario) } else { Vec::new() },
            security,
            monitoring,
            data,
        };
        if options.previews {
            report.preview_fixes(options, pauses).await;
        }
        Ok(report)
    }

    /// Audits what each fix makes of the scenario. The same fix is audited once. One that helps nothing is taken back.
    async fn preview_fixes(&mut self, options: &Options, pauses: Pauses) {
        // Pairs are not looked for again: their fix was tried on the pair.
        let inner = Options { pairs: false, previews: false, ..*options };
        let mut known: Vec<(Scenario, Self)> = Vec::new();
        for place in 0..self.findings.len() {
            let Some(mut fix) = self.findings[place].fix.take() else { continue };
            if let Some(scenario) = &fix.scenario {
                let mut seen = known.iter().position(|(seen, _)| seen == scenario);
                if seen.is_none() {
                    // Boxed, for it is of the same kind as what it is a part of.
                    let after = Box::pin(Self::with_pauses(scenario, &inner, pauses)).await;
                    if let Ok(after) = after {
                        seen = Some(known.len());
                        known.push((scenario.clone(), after));
                    }
                }
                let Some(preview) = seen.and_then(|seen| self.preview(place, &known[seen].1)) else {
                    continue;
                };
                fix.preview = Some(Box::new(preview));
            }
            self.findings[place].fix = Some(fix);
        }
    }

    /// What a fix makes of one finding and of the rest; `None` if it mends nothing and makes nothing better.
    fn preview(&self, place: usize, after: &Self) -> Option<Preview> {
        let finding = &self.findings[place];
        // What is only told along, the links of a node, is no part of what the fix is for.
        let own = || {
            let is_part =
                |components: &[String]| components.iter().all(|name| finding.components.contains(name));
            finding.each().filter(move |(_, _, components)| is_part(components))
        };
        let about_the_same = |left: &Finding| {
            left.each().any(|(_, service, components)| {
                own().any(|(_, own_service, own)| service == own_service && components == own)
            })
        };
        // It is mended where nothing as bad is left of it, under whatever name.
        let is_left = |left: &Finding| {
            left.each().any(|(id, ..)| own().any(|(own, ..)| id == own))
                || is_loss(&left.id)
                    && is_loss(&finding.id)
                    && left.level >= finding.level.min(Level::Warning)
                    && about_the_same(left)
        };
        let mended = !after.findings.iter().any(is_left);
        let summary = after.summary();
        let better = self.availability.iter().any(|(service, before)| {
            let after = summary.availability.get(service).copied().unwrap_or_default();
            after > before.estimate + 1e-9
        });
        let as_bad = after.findings.iter().any(|left| left.level >= finding.level && about_the_same(left));
        let left = after.findings.iter().filter(|left| is_left(left));
        let lasts =
            left.filter_map(|left| left.proof.lasts).max().filter(|lasts| Some(*lasts) < finding.proof.lasts);
        // A service that no longer ends is helped, even where what is left is no rarer.
        let eased = !as_bad && (finding.id.starts_with("spof/") || !is_loss(&finding.id));
        (mended || better || eased || lasts.is_some()).then_some(Preview { mended, lasts, summary })
    }

    /// The report as JSON, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("every part of a report can be written")
    }

    /// How many findings there are of a level.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }

    /// The report in a few numbers.
    pub fn summary(&self) -> Summary {
        let of = |number: fn(&Availability) -> f64| {
            self.availability.iter().map(|(service, availability)| (*service, number(availability))).collect()
        };
        Summary {
            critical: self.count(Level::Critical),
            warning: self.count(Level::Warning),
            note: self.count(Level::Note),
            spof: self.spof.clone(),
            availability: of(|availability| availability.estimate),
            downtime_s_per_month: of(|availability| availability.downtime_s_per_month),
        }
    }
}
