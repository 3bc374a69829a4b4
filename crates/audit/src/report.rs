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
use crate::finder::Finder;
use crate::findings::{Finding, Level, Preview};
use crate::losses::Component;
use crate::monitoring::Monitoring;
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
    /// The nodes and groups whose loss alone ends each service.
    pub spof: ByService<Vec<String>>,
    /// The links whose loss alone does.
    pub spof_links: ByService<Vec<String>>,
    /// The pairs of components that end each service together, the likeliest first; links only where no node does it.
    pub pairs: ByService<Vec<[String; 2]>>,
    /// What load it carries.
    pub capacity: Capacity,
    /// Who gets in and who can read along.
    pub security: Security,
    /// Who notices a failure.
    pub monitoring: Monitoring,
    /// What the data risk, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
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
        let availability: ByService<Availability> = system
            .availability_with(&weaknesses, options.effort, pauses)
            .await
            .into_iter()
            .map(|(service, availability)| (service.key(), availability))
            .collect();
        weaknesses.extend(system.group_weaknesses());
        pauses.here().await;
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
        let monitoring = system.monitoring(&felt);
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
            spof,
            spof_links,
            pairs: by_service,
            capacity,
            security,
            monitoring,
            data,
        };
        if options.previews {
            report.preview_fixes(options, pauses).await;
        }
        Ok(report)
    }

    /// Audits what each fix makes of the scenario. The same fix is audited once.
    async fn preview_fixes(&mut self, options: &Options, pauses: Pauses) {
        let inner = Options { pairs: false, previews: false, ..*options };
        let mut known: Vec<(Scenario, Self)> = Vec::new();
        for finding in &mut self.findings {
            let Some(fix) = &mut finding.fix else { continue };
            let Some(scenario) = &fix.scenario else { continue };
            let place = known.iter().position(|(seen, _)| seen == scenario);
            let place = if let Some(place) = place {
                place
            } else {
                // Boxed, for it is of the same kind as what it is a part of.
                let after = Box::pin(Self::with_pauses(scenario, &inner, pauses)).await;
                let Ok(after) = after else { continue };
                known.push((scenario.clone(), after));
                known.len() - 1
            };
            let after = &known[place].1;
            // It is mended where nothing as bad is left of it, under whatever name.
            let is_loss =
                |id: &str| ["spof/", "partial/", "interruption/"].iter().any(|kind| id.starts_with(kind));
            let is_left = |left: &Finding| {
                left.id == finding.id
                    || is_loss(&left.id)
                        && is_loss(&finding.id)
                        && left.service == finding.service
                        && left.components == finding.components
                        && left.level >= finding.level.min(Level::Warning)
            };
            let mended = !after.findings.iter().any(is_left);
            let summary = after.summary();
            // A fix that mends nothing and makes nothing better is none.
            let better = self.availability.iter().any(|(service, before)| {
                let after = summary.availability.get(service).copied().unwrap_or_default();
                after > before.estimate + 1e-9
            });
            let as_bad = after.findings.iter().any(|left| {
                left.service == finding.service
                    && left.components == finding.components
                    && left.level >= finding.level
            });
            if mended || better || !as_bad {
                fix.preview = Some(Box::new(Preview { mended, summary }));
            } else {
                finding.fix = None;
            }
        }
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
