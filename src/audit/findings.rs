//! What the panel says of a report: findings numbered by rank, those that differ only in the service put together.

use crate::selection::Selection;
use crate::words::counted;
use understudy_audit::findings::{Finding, Level};
use understudy_audit::{Report, service::Service};
use understudy_sim::Plan;
use understudy_sim::ids::{LinkId, NodeId};

/// A finding, for all services that it is the same for.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its rank, from 1, the worst first.
    pub number: usize,
    /// Its place in the report.
    pub place: usize,
    /// Names the weakness, whatever the service, in this audit and in later ones.
    pub key: String,
    /// How bad it is.
    pub level: Level,
    /// What is weak, in a sentence: of the service that suffers most.
    pub what: String,
    /// The same for each other service.
    pub others: Vec<String>,
    /// What to light up.
    pub parts: Vec<Selection>,
    /// How it shows: commands with their times, and when to look.
    pub commands: Vec<String>,
    /// When it shows, in seconds.
    pub shows_at_s: f64,
    /// A way that requests take before, and one that they take after; empty if there is none.
    pub ways: [Vec<String>; 2],
    /// The answered share before, at first and in the end; `None` where nothing is lost.
    pub answered: Option<[f64; 3]>,
    /// What would mend it.
    pub fix: Option<Mend>,
}

/// What would mend a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Mend {
    /// What to do.
    pub what: String,
    /// What it costs; empty if nothing that the audit knows of.
    pub cost: String,
    /// Whether a scenario can say it, so that it can be tried.
    pub can_be_tried: bool,
}

/// The name of a level, and what stands for it beside the word: an octagon, a triangle, a disc.
pub const fn level_look(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Critical => (
            "critical",
            "M5.7 1.500h6.600l4.200 4.200v6.600l-4.200 4.200H5.700l-4.200-4.200V5.700zM9 5v5M9 12.800h.01",
        ),
        Level::Warning => ("warning", "M9 2 16.800 15.500H1.200zM9 7v4M9 13.300h.01"),
        Level::Note => {
            ("note", "M15.500 9a6.500 6.500 0 1 1-13 0 6.500 6.500 0 0 1 13 0M9 8.300v4M9 5.700h.01")
        }
    }
}

/// The findings of a report.
pub fn items(report: &Report, plan: &Plan) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for (place, finding) in report.findings.iter().enumerate() {
        let key = key(finding);
        if let Some(known) = items.iter_mut().find(|item| item.key == key && item.level == finding.level) {
            known.others.push(finding.what.clone());
            continue;
        }
        items.push(Item { number: items.len() + 1, place, key, ..item(finding, plan) });
    }
    items
}

/// The finding's name without the service.
fn key(finding: &Finding) -> String {
    match finding.service {
        Some(service) => finding.id.replacen(&format!("/{}/", service.key()), "/", 1),
        None => finding.id.clone(),
    }
}

fn item(finding: &Finding, plan: &Plan) -> Item {
    let proof = &finding.proof;
    let has_ways = !proof.paths_before.is_empty();
    let way = |ways: &[Vec<String>]| ways.first().cloned().unwrap_or_default();
    Item {
        number: 0,
        place: 0,
        key: String::new(),
        level: finding.level,
        what: finding.what.clone(),
        others: Vec::new(),
        parts: parts(finding, plan),
        shows_at_s: proof.at.as_secs_f64(),
        answered: has_ways.then_some([proof.answered_before, proof.answered_at_first, proof.answered_after]),
        ways: [way(&proof.paths_before), way(&proof.paths_after)],
        commands: proof.commands.clone(),
        fix: finding.fix.as_ref().map(|fix| {
            let mut costs: Vec<String> = Vec::new();
            if fix.cost.nodes > 0 {
                costs.push(format!("{} more", counted(fix.cost.nodes.into(), "node")));
            }
            if let Some(latency) = fix.cost.latency_per_write {
                costs.push(format!("{} more for every write", crate::words::duration(latency)));
            }
            Mend { what: fix.what.clone(), cost: costs.join(" and "), can_be_tried: fix.scenario.is_some() }
        }),
    }
}

/// What a finding is about. A finding names both ends of a link; whether it means the link or the two nodes shows in
/// what the proof does, and where the proof does nothing, in whether the message is about what goes over links.
fn parts(finding: &Finding, plan: &Plan) -> Vec<Selection> {
    let ids: Vec<NodeId> = finding.components.iter().filter_map(|name| plan.find(name)).collect();
    let between = |one: NodeId, other: NodeId| -> Option<LinkId> {
        let mut links = plan
            .links()
            .filter(|(_, link)| [link.from, link.to] == [one, other] || [link.from, link.to] == [other, one]);
        links.next().map(|(id, _)| id)
    };
    let is_cut = finding.proof.commands.len() == 1 && finding.proof.commands[0].contains(" cut ");
    if let (true, &[one, other]) = (is_cut, &ids[..])
        && let Some(link) = between(one, other)
    {
        return vec![Selection::Link(link)];
    }
    if finding.id.contains("plain-text") {
        let named = |id: &NodeId| ids.contains(id);
        let carries = plan.links().filter(|(_, link)| named(&link.from) && named(&link.to) && !link.tls);
        return carries.map(|(id, _)| Selection::Link(id)).collect();
    }
    ids.into_iter().map(Selection::Node).collect()
}

/// What there is to say of the whole system.
#[derive(Clone, Debug, PartialEq)]
pub struct Overall {
    /// By service: its name, the answered share, downtime in seconds per month, what ends it alone.
    pub services: Vec<(&'static str, f64, f64, Vec<String>)>,
    /// Requests per second: sent, carried with everything up, carried after the worst loss, and what that is.
    pub capacity: (f64, Option<f64>, Option<(String, f64)>),
}

impl Overall {
    /// That of a report.
    pub fn of(report: &Report) -> Self {
        let services = Service::ALL.into_iter().filter_map(|service| {
            let availability = report.availability.get(service.key())?;
            let alone = report.spof.get(service.key()).cloned().unwrap_or_default();
            Some((service.name(), availability.estimate, availability.downtime_s_per_month, alone))
        });
        let capacity = &report.capacity;
        let worst = capacity.worst_loss.as_ref().map(|worst| (worst.lost.clone(), worst.carries_per_s));
        Self {
            services: services.collect(),
            capacity: (capacity.offered_per_s, capacity.carries_per_s, worst),
        }
    }
}

/// What a change makes of the findings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// The numbers of those that disappear.
    pub gone: Vec<usize>,
    /// Those that come: level and sentence.
    pub new: Vec<(Level, String)>,
}

/// Compares two audits.
pub fn change(before: &[Item], after: &[Item]) -> Change {
    let is_in = |item: &Item, all: &[Item]| {
        all.iter().any(|other| other.key == item.key && other.level >= item.level)
    };
    Change {
        gone: before.iter().filter(|item| !is_in(item, after)).map(|item| item.number).collect(),
        new: after
            .iter()
            .filter(|item| !is_in(item, before))
            .map(|item| (item.level, item.what.clone()))
            .collect(),
    }
}

/// The findings that name a part of the drawing, the worst first.
#[cfg(test)]
pub fn at(items: &[Item], part: Selection) -> impl Iterator<Item = &Item> {
    items.iter().filter(move |item| item.parts.contains(&part))
}

/// A share for people, with as many nines as there are: `99.85 %`, `99.9997 %`.
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    let mut digits = 2;
    let mut rest = 100.0 - percent;
    while rest > 0.0 && rest < 0.1 && digits < 6 {
        rest *= 10.0;
        digits += 1;
    }
    let text = crate::stage::geometry::decimal(percent, digits);
    format!("{text}\u{202f}%")
}

/// A length of time for people: two figures are enough.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, for people")]
pub fn about(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s >= 7_200.0 => (s / 3_600.0, "h"),
        s if s >= 120.0 => (s / 60.0, "min"),
        s => (s, "s"),
    };
    let tenths = (value * 10.0).round() as u64;
    if tenths >= 100 || tenths.is_multiple_of(10) {
        format!("{}\u{202f}{unit}", (tenths + 5) / 10)
    } else {
        format!("{}.{}\u{202f}{unit}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use understudy_audit::Options;
    use understudy_sim::Scenario;

    use super::*;

    fn audited(text: &str) -> (Vec<Item>, Report, Plan) {
        let scenario = Scenario::parse("scene", text).expect("a shipped scenario is right");
        let scenario = Scenario { script: Vec::new(), ..scenario };
        let plan = Plan::build(&scenario).expect("a shipped scenario is right");
        let options = Options { previews: false, ..Options::default() };
        let report = Report::of(&scenario, &options).expect("it makes sense");
        (items(&report, &plan), report, plan)
    }

    #[test]
    fn the_same_weakness_of_three_services_is_one_finding() {
        let (items, report, plan) = audited(include_str!("../../scenarios/classic-stack.json"));
        let dns = plan.find("dns").expect("there");
        let of_dns: Vec<&Item> = at(&items, Selection::Node(dns)).collect();
        assert_eq!(of_dns[0].level, Level::Critical);
        let services = "reads, writes and static files";
        assert!(of_dns[0].what.contains(services) && of_dns[0].others.is_empty(), "{of_dns:?}");
        assert!(items.iter().enumerate().all(|(place, item)| item.number == place + 1));
        assert!(items.windows(2).all(|two| two[0].level >= two[1].level), "the worst first");
        let overall = Overall::of(&report);
        assert_eq!(overall.services.len(), 3);
        assert!(overall.services[0].3.contains(&"dns".to_string()));
    }

    #[test]
    fn a_finding_about_a_link_lights_the_link_and_one_about_a_pair_the_nodes() {
        let (items, _, plan) = audited(include_str!("../../scenarios/three-web-servers.json"));
        let link = plan.find_link("Readers", "lb-1").expect("there");
        let of_link: Vec<&Item> = at(&items, Selection::Link(link)).collect();
        assert!(of_link.iter().any(|item| item.key.contains("plain-text")), "{of_link:?}");
        let (items, _, plan) = audited(include_str!("../../scenarios/two-balancers.json"));
        let pair = items.iter().find(|item| item.key == "pair/lb-1+lb-2").expect("both balancers");
        let nodes = ["lb-1", "lb-2"].map(|name| Selection::Node(plan.find(name).expect("there")));
        assert_eq!(pair.parts, nodes);
    }

    #[test]
    fn every_finding_of_every_scene_names_something_to_light_up_and_its_proof_can_be_played() {
        for text in [
            include_str!("../../scenarios/classic-stack.json"),
            include_str!("../../scenarios/open-to-the-world.json"),
            include_str!("../../scenarios/two-primaries.json"),
            include_str!("../../scenarios/unmonitored.json"),
        ] {
            let (items, report, plan) = audited(text);
            for item in &items {
                assert!(!item.parts.is_empty(), "{}", item.key);
                assert!(super::super::play::commands(item, &plan).is_ok(), "{:?}", item.commands);
                let fix = report.findings[item.place].fix.as_ref();
                if let Some(scenario) = fix.and_then(|fix| fix.scenario.as_ref()) {
                    assert!(item.fix.as_ref().is_some_and(|fix| fix.can_be_tried));
                    let text = serde_json::to_string_pretty(scenario).expect("it can be written");
                    let read = Scenario::read("fixed", &text);
                    assert!(read.is_ok(), "{}: {:?}", item.key, read.err());
                }
            }
        }
    }

    #[test]
    fn what_a_fix_changes_is_told_by_what_goes_and_what_comes() {
        let (before, report, _) = audited(include_str!("../../scenarios/three-web-servers.json"));
        let lb = before.iter().find(|item| item.key == "spof/lb-1").expect("one balancer is none");
        let fix = report.findings[lb.place].fix.as_ref().expect("a second balancer");
        let fixed = fix.scenario.clone().expect("a scenario can say that");
        let plan = Plan::build(&fixed).expect("it makes sense");
        let options = Options { previews: false, ..Options::default() };
        let after = items(&Report::of(&fixed, &options).expect("it makes sense"), &plan);
        let change = change(&before, &after);
        assert!(change.gone.contains(&lb.number), "{change:?}");
        assert!(!after.iter().any(|item| item.key == "spof/lb-1"));
    }

    #[test]
    fn nines_and_times_are_written_for_people() {
        assert_eq!(share(0.998_494), "99.85\u{202f}%");
        assert_eq!(share(0.999_974), "99.9974\u{202f}%");
        assert_eq!(share(1.0), "100\u{202f}%");
        assert_eq!(about(3_962.0), "66\u{202f}min");
        assert_eq!(about(8_640.0), "2.4\u{202f}h");
        assert_eq!(about(0.4), "0.4\u{202f}s");
    }
}
