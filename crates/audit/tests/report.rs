//! The whole report: what it finds in systems whose weaknesses are known, and whether its fixes mend them.

use std::rc::Rc;

use understudy_audit::findings::{Finding, Level};
use understudy_audit::service::Service;
use understudy_audit::{Options, Report};
use understudy_sim::log::{AlertStep, Fact, Symptom};
use understudy_sim::{Command, Plan, Scenario, Sim, SimDuration, SimTime, TimedCommand};

use crate::random::Draw;

const SHIPPED: [(&str, &str); 7] = [
    ("three-web-servers", include_str!("../../../scenarios/three-web-servers.json")),
    ("two-balancers", include_str!("../../../scenarios/two-balancers.json")),
    ("primary-and-replicas", include_str!("../../../scenarios/primary-and-replicas.json")),
    ("two-primaries", include_str!("../../../scenarios/two-primaries.json")),
    ("classic-stack", include_str!("../../../scenarios/classic-stack.json")),
    ("open-to-the-world", include_str!("../../../scenarios/open-to-the-world.json")),
    ("unmonitored", include_str!("../../../scenarios/unmonitored.json")),
];

fn scenario(name: &str) -> Scenario {
    let (name, text) = SHIPPED.iter().find(|(shipped, _)| *shipped == name).expect("it is shipped");
    Scenario::parse(name, text).expect("a shipped scenario is right")
}

fn report(scenario: &Scenario) -> Report {
    Report::of(scenario, &Options::default()).expect("the scenario makes sense")
}

fn find<'a>(report: &'a Report, id: &str) -> &'a Finding {
    let ids: Vec<&str> = report.findings.iter().map(|finding| finding.id.as_str()).collect();
    report
        .findings
        .iter()
        .find(|finding| finding.id == id)
        .unwrap_or_else(|| panic!("{id} is not in {ids:#?}"))
}

#[test]
fn one_balancer_is_a_single_point_and_a_pair_is_not() {
    let one = report(&scenario("three-web-servers"));
    assert_eq!(one.spof["reads"], ["lb-1"]);
    let balancer = find(&one, "spof/reads/lb-1");
    assert_eq!((balancer.level, balancer.service), (Level::Critical, Some(Service::Reads)));
    assert_eq!(balancer.proof.commands, ["10s kill lb-1"]);
    assert!(!balancer.proof.paths_before.is_empty() && balancer.proof.paths_after.is_empty());
    let fix = balancer.fix.as_ref().expect("a second balancer mends it");
    assert_eq!(fix.cost.nodes, 1);
    let preview = fix.preview.as_ref().expect("it is previewed");
    assert!(preview.mended && preview.summary.spof["reads"].is_empty(), "{preview:?}");
    assert!(preview.summary.availability["reads"] > one.availability["reads"].estimate);

    let pair = report(&scenario("two-balancers"));
    assert_eq!(pair.spof["reads"], ["firewall"]);
    let takeover = find(&pair, "interruption/reads/lb-1");
    let lasts = takeover.proof.lasts.expect("until the other has taken over");
    // Three adverts of a second and a skew of 156/256 s, less half an advert on average.
    assert!((2.9..3.4).contains(&lasts.typical.as_secs_f64()), "{lasts:?}");
    assert!(pair.pairs["reads"].contains(&["lb-1".into(), "lb-2".into()]));
}

#[test]
fn a_failover_without_fencing_is_critical_and_a_device_mends_it() {
    let two = report(&scenario("two-primaries"));
    let finding = find(&two, "data/two-primaries/manager");
    assert_eq!(finding.level, Level::Critical);
    let preview = finding.fix.as_ref().and_then(|fix| fix.preview.as_ref()).expect("a fix with a preview");
    assert!(preview.mended);
}

#[test]
fn who_shares_a_rack_falls_with_it() {
    let mut scenario = scenario("two-balancers");
    for node in &mut scenario.nodes {
        if let understudy_sim::scenario::Node::LoadBalancer(balancer) = node {
            balancer.dependability.groups = vec!["rack-1".into()];
        }
    }
    let report = report(&scenario);
    assert_eq!(report.spof["reads"], ["firewall", "rack-1"]);
    let rack = find(&report, "spof/reads/in-rack-1");
    assert_eq!(rack.components, ["lb-1", "lb-2"]);
    assert_eq!(rack.proof.commands, ["10s kill lb-1", "10s kill lb-2"]);
}

#[test]
fn synchronous_commit_loses_nothing_and_costs_time() {
    let report = report(&scenario("primary-and-replicas"));
    let data = report.data.as_ref().expect("it has databases");
    assert_eq!(data.rpo_if_lost, SimDuration::from_millis(20));
    assert_eq!(
        data.modes.iter().map(|mode| mode.rpo_if_lost.is_zero()).collect::<Vec<_>>(),
        [false, true, true]
    );
    // There and back to a replica, 20 ms each way, and its flush of 1 ms, instead of the own flush of 1 ms.
    let fix = find(&report, "data/asynchronous/db-1").fix.as_ref().expect("a fix");
    assert_eq!(fix.cost.latency_per_write, Some(SimDuration::from_millis(40)));
    assert_eq!(fix.cost.nodes, 0);
}

#[test]
fn a_proof_can_be_played_and_shows_what_it_says() {
    for (name, _) in SHIPPED {
        let mut scenario = scenario(name);
        scenario.script.clear();
        let plan = Rc::new(Plan::build(&scenario).expect("it makes sense"));
        for finding in report(&scenario).findings {
            let (Some(service), false) = (finding.service, finding.proof.commands.is_empty()) else {
                continue;
            };
            if !finding.id.starts_with("spof/") && !finding.id.starts_with("interruption/") {
                continue;
            }
            let mut sim = Sim::new(Rc::clone(&plan), 5);
            for command in &finding.proof.commands {
                let timed = TimedCommand::parse(command, &plan).expect("a proof's command is right");
                sim.schedule(timed).expect("it can be carried out");
            }
            sim.run_until(finding.proof.at, u64::MAX);
            let before = sim.snapshot().totals;
            // Clients that are never answered wait for as long as they are patient.
            sim.run_until(finding.proof.at + SimDuration::from_secs(12), u64::MAX);
            let after = sim.snapshot().totals;
            let kind = service.request();
            let answered = after.answered_of(kind) - before.answered_of(kind);
            let failed = after.failed_of(kind) - before.failed_of(kind);
            assert!(failed > 0, "{name}: {}: nothing fails", finding.id);
            if finding.id.starts_with("spof/") {
                assert_eq!(answered, 0, "{name}: {}: some are answered", finding.id);
            } else {
                assert!(answered > 0, "{name}: {}: it does not come back", finding.id);
            }
        }
    }
}

#[test]
fn the_json_has_what_is_promised() {
    let json: serde_json::Value =
        serde_json::from_str(&report(&scenario("three-web-servers")).to_json()).expect("it is JSON");
    let finding = &json["findings"][0];
    for field in ["id", "level", "service", "components", "what", "proof", "fix"] {
        assert!(finding.get(field).is_some(), "{field} is missing in {finding}");
    }
    let availability = &json["availability"]["reads"];
    assert!(availability["estimate"].is_f64() && availability["downtime_s_per_month"].is_f64());
    assert_eq!(json["spof"]["reads"], serde_json::json!(["lb-1"]));
    assert!(json["assumed"][0]["source"].is_string() && json["pools"][0]["mode"].is_string());
    // The fix can be opened as a scenario.
    let fixed = finding["fix"]["scenario"].to_string();
    Scenario::read("fixed", &fixed).expect("a fix is a scenario");
}

#[test]
fn every_finding_of_a_shipped_scenario_is_whole() {
    for (name, _) in SHIPPED {
        let scenario = scenario(name);
        let plan = Plan::build(&scenario).expect("it makes sense");
        let report = report(&scenario);
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).expect("it is JSON");
        let levels = report.findings.iter().map(|finding| finding.level);
        assert!(levels.is_sorted_by(|one, other| one >= other), "{name}: the worst is not first");
        let mut ids: Vec<&str> = report.findings.iter().flat_map(Finding::each).map(|(id, ..)| id).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{name}: {ids:#?}");
        for (finding, written) in report.findings.iter().zip(json["findings"].as_array().expect("a list")) {
            let id = &finding.id;
            assert!(!finding.components.is_empty() && !finding.what.is_empty(), "{name}: {id}");
            for component in &finding.components {
                assert!(plan.find(component).is_some(), "{name}: {id}: there is no {component}");
            }
            let commands =
                finding.cases.iter().flat_map(|case| &case.commands).chain(&finding.proof.commands);
            for command in commands {
                TimedCommand::parse(command, &plan).expect("a proof's command is right");
            }
            assert!(finding.proof.at > SimTime::ZERO, "{name}: {id}");
            let fix = finding.fix.as_ref().unwrap_or_else(|| panic!("{name}: {id} has no fix"));
            assert_eq!(fix.scenario.is_some(), fix.preview.is_some(), "{name}: {id}");
            assert!(written["fix"]["cost"]["nodes"].is_u64() && written["level"].is_string());
            assert_eq!(written["service"].is_string(), finding.service.is_some());
        }
    }
}

#[test]
fn every_random_system_gets_a_report_and_no_fix_makes_it_worse() {
    let mut mended = 0;
    for (seed, _) in Draw::plans(1, 60) {
        let scenario = Scenario::parse("random", &Draw::text(seed)).expect("it makes sense");
        let report = report(&scenario);
        let markdown = understudy_audit::markdown::write(&report);
        assert!(markdown.starts_with("# Audit: "));
        for finding in &report.findings {
            let Some(preview) = finding.fix.as_ref().and_then(|fix| fix.preview.as_ref()) else { continue };
            let better = preview.summary.availability.iter().any(|(service, after)| {
                *after > report.availability.get(service).map_or(0.0, |before| before.estimate)
            });
            let spof = finding.id.starts_with("spof/");
            // A monitor watches what can be asked; the rest stays unwatched.
            let watched = finding.id == "monitoring/unwatched";
            // What others make up for lasts less long.
            let sooner = preview.lasts.is_some();
            assert!(
                preview.mended || better || sooner || spof || watched,
                "system {seed}: {} helps nothing",
                finding.id
            );
            if let Some(service) = finding.service.filter(|_| finding.id.starts_with("spof/")) {
                // Part of the requests may still depend on it, as on one of two firewalls.
                let left = &preview.summary.spof[service.key()];
                let what = &finding.fix.as_ref().expect("it has a preview").what;
                assert!(!left.contains(&finding.components[0]), "system {seed}: {}: {what}", finding.id);
                mended += 1;
            }
        }
    }
    assert!(mended > 20, "only {mended} fixes were tried");
}

#[test]
fn the_time_to_notice_is_that_of_the_simulators_monitor() {
    let mut scenario = scenario("classic-stack");
    scenario.script.clear();
    let report = report(&scenario);
    let plan = Rc::new(Plan::build(&scenario).expect("it makes sense"));
    let mut watched = 0;
    for node in &report.monitoring.nodes {
        let Some(takes) = node.noticed_after else { continue };
        let id = plan.find(&node.name).expect("it is there");
        let mut sim = Sim::new(Rc::clone(&plan), 3);
        let at = SimTime::from_millis(21_300);
        sim.run_until(at, u64::MAX);
        sim.command(Command::Kill(id)).expect("it can be killed");
        sim.run_until(at + takes.at_most + SimDuration::from_secs(1), u64::MAX);
        let fired = sim.log().entries().find(|entry| match entry.fact {
            Fact::Alert { target, symptom: Symptom::Down, step: AlertStep::Firing { .. }, .. } => {
                target == id
            }
            _ => false,
        });
        let after = fired.unwrap_or_else(|| panic!("{} goes unnoticed", node.name)).at.since(at);
        assert!(after <= takes.at_most, "{}: {after}, said at most {}", node.name, takes.at_most);
        assert!(
            after >= takes.typical.saturating_sub(takes.at_most.saturating_sub(takes.typical)),
            "{after}"
        );
        watched += 1;
    }
    assert_eq!(watched, 10);
    let blind: Vec<&str> = report.monitoring.blind_spots().map(|node| node.name.as_str()).collect();
    assert_eq!(blind, ["dns", "firewall", "manager", "monitor"]);
}

#[test]
fn an_open_database_and_plain_text_are_critical_until_the_guard_is_on() {
    let mut open = scenario("open-to-the-world");
    let before = report(&open);
    for id in ["security/exposed/db-1:5432", "security/plain-text"] {
        let finding = find(&before, id);
        assert_eq!(finding.level, Level::Critical);
        let preview =
            finding.fix.as_ref().and_then(|fix| fix.preview.as_ref()).expect("a fix with a preview");
        assert!(preview.mended, "{id}");
    }
    for node in &mut open.nodes {
        if let understudy_sim::scenario::Node::Firewall(firewall) = node {
            firewall.on = true;
        }
    }
    let after = report(&open);
    assert!(after.security.exposed.is_empty() && after.security.unlimited.is_empty(), "{:?}", after.security);
}

#[test]
fn active_active_carries_more_and_active_passive_loses_nothing_of_it() {
    let report = report(&scenario("two-balancers"));
    let [active, passive] = &report.pools[..] else { panic!("both ways: {:?}", report.pools) };
    assert_eq!((active.mode, passive.mode), ("active-active", "active-passive"));
    assert!(active.is_now && !passive.is_now);
    assert!(active.idle.is_empty());
    assert_eq!(passive.idle, ["web-2"]);
    let carries = |choice: &understudy_audit::pools::PoolChoice| {
        let left = choice.worst_loss.as_ref().expect("a loss that ends nothing").carries_per_s;
        (choice.carries_per_s.expect("servers have workers"), left)
    };
    let ((both, either), (first, standby)) = (carries(active), carries(passive));
    assert!((both - 2.0 * either).abs() < 1e-6 && (first - standby).abs() < 1e-6, "{:?}", report.pools);
    assert!((either - standby).abs() < 1e-6, "N-1 is the same: {:?}", report.pools);
    assert!(passive.fails_at_first > active.fails_at_first, "{:?}", report.pools);
}
