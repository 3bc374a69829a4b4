//! What is told of a report: its findings without the scenarios that their fixes make, and a few numbers.
//!
//! Every field has the name and the value that it has in the JSON of `understudy audit --json`.

use serde::Serialize;
use understudy_audit::findings::{self, Case, Cost, Level};
use understudy_audit::interruption::Takes;
use understudy_audit::report::{self, Summary};
use understudy_audit::service::Service;
use understudy_sim::SimTime;

/// A finding.
#[derive(Serialize)]
pub(crate) struct Finding<'a> {
    id: &'a str,
    level: Level,
    services: &'a [Service],
    components: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    what: &'a str,
    proof: Proof<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix<'a>>,
    #[serde(skip_serializing_if = "<[Case]>::is_empty")]
    cases: &'a [Case],
}

/// How it shows.
#[derive(Serialize)]
struct Proof<'a> {
    commands: &'a [String],
    at: SimTime,
    answered_before: f64,
    answered_at_first: f64,
    answered_after: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lasts: Option<Takes>,
}

/// What would mend it.
#[derive(Serialize)]
struct Fix<'a> {
    what: &'a str,
    cost: Cost,
}

impl<'a> Finding<'a> {
    /// What is told of a finding.
    pub(crate) fn of(finding: &'a findings::Finding) -> Self {
        let proof = &finding.proof;
        Self {
            id: &finding.id,
            level: finding.level,
            services: &finding.services,
            components: &finding.components,
            group: finding.group.as_deref(),
            what: &finding.what,
            proof: Proof {
                commands: &proof.commands,
                at: proof.at,
                answered_before: proof.answered_before,
                answered_at_first: proof.answered_at_first,
                answered_after: proof.answered_after,
                lasts: proof.lasts,
            },
            fix: finding.fix.as_ref().map(|fix| Fix { what: &fix.what, cost: fix.cost }),
            cases: &finding.cases,
        }
    }
}

/// All of it.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    title: &'a str,
    #[serde(flatten)]
    summary: Summary,
    findings: Vec<Finding<'a>>,
}

impl<'a> Report<'a> {
    /// What is told of a report.
    pub(crate) fn of(report: &'a report::Report) -> Self {
        Self {
            title: &report.title,
            summary: report.summary(),
            findings: report.findings.iter().map(Finding::of).collect(),
        }
    }
}

/// As JSON.
pub(crate) fn json(told: &impl Serialize) -> String {
    serde_json::to_string(told).expect("names and numbers can be written")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use understudy_audit::Options;
    use understudy_sim::scenario::Scenario;

    use super::*;

    /// Whether everything in `told` stands in `whole` under the same name.
    fn assert_within(told: &Value, whole: &Value, place: &str) {
        match (told, whole) {
            (Value::Object(told), Value::Object(whole)) => {
                for (name, value) in told {
                    let place = format!("{place}.{name}");
                    assert_within(value, whole.get(name).unwrap_or_else(|| panic!("{place} is new")), &place);
                }
            }
            (Value::Array(told), Value::Array(whole)) => {
                assert_eq!(told.len(), whole.len(), "{place}");
                for (told, whole) in told.iter().zip(whole) {
                    assert_within(told, whole, place);
                }
            }
            _ => assert_eq!(told, whole, "{place}"),
        }
    }

    #[test]
    fn it_is_what_the_command_line_says() {
        let scenario = Scenario::parse("scene", include_str!("../../../scenarios/two-balancers.json"))
            .expect("a shipped scenario is right");
        let report = report::Report::of(&scenario, &Options::default()).expect("it makes sense");
        let whole: Value = serde_json::from_str(&report.to_json()).expect("it is JSON");
        let told: Value = serde_json::from_str(&json(&Report::of(&report))).expect("it is JSON");
        assert!(!report.findings.is_empty());
        assert_within(&told["findings"], &whole["findings"], "findings");
        let critical = whole["findings"].as_array().expect("a list");
        let critical = critical.iter().filter(|finding| finding["level"] == "critical").count();
        assert_eq!(told["critical"], critical);
    }
}
