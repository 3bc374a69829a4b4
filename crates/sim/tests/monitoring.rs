//! Monitors: what they see, when they call somebody, and what they never hear of.

use std::fmt::Write;
use std::rc::Rc;

use understudy_sim::log::{AlertStep, Fact, Symptom};
use understudy_sim::view::{AlertView, NodeDetail, TargetHealth};
use understudy_sim::{Outcome, Plan, Scenario, Sim};

use crate::worlds::{run_to, scripted, tells};

/// A balancer that checks only whether ports accept, three servers, and a monitor with these settings and links.
fn plan(monitor: &str, watched: &[&str]) -> Rc<Plan> {
    let mut links = String::new();
    for name in watched {
        write!(links, r#",{{"from":"monitor","to":"{name}","latency":"5ms"}}"#)
            .expect("a string takes any text");
    }
    let text = format!(
        r#"{{"title":"Watched","nodes":[
            {{"kind":"clients","name":"Readers","rate_per_s":60,"timeout":"5s"}},
            {{"kind":"load-balancer","name":"lb-1","timeout":"1s",
              "health_check":{{"interval":"1s","fall":3,"rise":2,"passes":"connecting"}}}},
            {{"kind":"web-server","name":"web-1","workers":8,"queue_limit":50,"service_time":{{"exponential":"20ms"}}}},
            {{"kind":"web-server","name":"web-2","workers":8,"queue_limit":50,"service_time":{{"exponential":"20ms"}}}},
            {{"kind":"monitor","name":"monitor",{monitor}}}
        ],"links":[
            {{"from":"Readers","to":"lb-1","latency":"20ms"}},
            {{"from":"lb-1","to":"web-1","latency":"1ms"}},
            {{"from":"lb-1","to":"web-2","latency":"1ms"}}{links}
        ]}}"#
    );
    Rc::new(Scenario::read("watched.json", &text).expect("the test's scenario is right"))
}

const ERRORS: &str = r#""interval":"1s","timeout":"500ms",
    "rules":[{"when":{"error-rate-high":{"above":0.02,"window":"5s"}},"for":"3s"}]"#;
const DOWN: &str = r#""interval":"1s","timeout":"500ms","rules":[{"when":"target-down","for":"2s"}]"#;

fn run(plan: &Rc<Plan>, commands: &[&str], until: u64) -> Sim {
    let mut sim = scripted(plan, 1, commands);
    for second in 1..=until {
        run_to(&mut sim, second);
        sim.check_invariants();
    }
    sim
}

fn monitor(sim: &Sim) -> (Vec<TargetHealth>, Vec<AlertView>) {
    let node = sim.plan().find("monitor").expect("it has one");
    match &sim.snapshot().nodes[node.get()].detail {
        NodeDetail::Monitor { targets, alerts, .. } => {
            (targets.iter().map(|target| target.health).collect(), alerts.clone())
        }
        other => panic!("a monitor: {other:?}"),
    }
}

/// The alerts' steps in order: when, and what.
fn steps(sim: &Sim) -> Vec<(f64, Symptom, AlertStep)> {
    sim.log()
        .entries()
        .filter_map(|entry| match entry.fact {
            Fact::Alert { symptom, step, .. } => Some((entry.at.as_secs_f64(), symptom, step)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_healthy_site_raises_no_alert() {
    let defaults = r#""interval":"2s","timeout":"1s""#;
    let sim = run(&plan(defaults, &["lb-1", "web-1", "web-2"]), &[], 120);
    assert!(steps(&sim).is_empty(), "{:?}", steps(&sim));
    assert_eq!(monitor(&sim).0, [TargetHealth::Up; 3]);
}

#[test]
fn errors_are_pending_then_fire_and_are_resolved() {
    let sim = run(&plan(ERRORS, &["lb-1"]), &["10s hang web-2", "30s revive web-2"], 60);
    let steps = steps(&sim);
    let [pending, firing, resolved] = steps[..] else { panic!("three steps: {steps:?}") };
    assert!(
        matches!(pending, (at, Symptom::Errors { .. }, AlertStep::Pending) if (11.0..13.0).contains(&at))
    );
    let (at, Symptom::Errors { ppm }, AlertStep::Firing { held, after_fault: Some(after) }) = firing else {
        panic!("it fires: {firing:?}")
    };
    assert!((at - pending.0 - 3.0).abs() < 0.05, "three seconds later: {at}");
    assert!(held.as_secs_f64() >= 2.99, "{held}");
    assert!((after.as_secs_f64() - (at - 10.0)).abs() < 0.01, "time to detect: {after}");
    assert!((200_000..520_000).contains(&ppm), "up to half of the requests fail: {ppm}");
    assert!(matches!(resolved, (at, _, AlertStep::Resolved { .. }) if (30.0..38.0).contains(&at)));
    assert!(tells(&sim, "ErrorRateHigh fires for lb-1: "));
    assert!(tells(&sim, "ErrorRateHigh is resolved for lb-1 after "));
}

#[test]
fn a_dead_target_refuses_a_frozen_one_times_out_and_both_are_down() {
    let watched = plan(DOWN, &["web-1", "web-2"]);
    let sim = run(&watched, &["10s kill web-1", "10s hang web-2"], 15);
    let (health, alerts) = monitor(&sim);
    assert_eq!(health, [TargetHealth::Refused, TargetHealth::TimedOut]);
    assert!(alerts.len() == 2 && alerts.iter().all(|alert| alert.state.is_firing()), "{alerts:?}");
    assert!(tells(&sim, "TargetDown fires for web-1: it does not answer, for "));
}

#[test]
fn a_cut_link_looks_like_a_dead_target() {
    let sim = run(&plan(DOWN, &["web-1"]), &["10s cut monitor web-1"], 20);
    assert_eq!(monitor(&sim).0, [TargetHealth::TimedOut]);
    assert!(tells(&sim, "TargetDown fires for web-1"));
    assert_eq!(sim.snapshot().totals.failed(), 0, "though nobody else notices anything");
}

#[test]
fn what_no_link_reaches_is_not_seen_and_a_dead_monitor_sees_nothing() {
    let sim = run(&plan(ERRORS, &["web-1"]), &["10s hang web-2"], 40);
    assert!(sim.snapshot().totals.of(Outcome::TimedOut) > 500);
    assert!(steps(&sim).is_empty(), "web-1 counts no errors, and nobody watches the balancer");
    let sim = run(&plan(ERRORS, &["lb-1"]), &["9s kill monitor", "10s hang web-2"], 40);
    assert!(steps(&sim).is_empty());
    let sim = run(&plan(ERRORS, &["lb-1"]), &["9s kill monitor", "10s hang web-2", "40s revive monitor"], 50);
    assert!(tells(&sim, "ErrorRateHigh fires for lb-1"), "it starts anew, and sees");
}

#[test]
fn slow_answers_raise_latency_high() {
    let rules = r#""interval":"1s","timeout":"500ms",
        "rules":[{"when":{"latency-high":{"above":"400ms","window":"5s"}},"for":"2s"}]"#;
    let sim = run(&plan(rules, &["lb-1"]), &["10s slow web-1 20x"], 30);
    assert!(tells(&sim, "LatencyHigh fires for lb-1: one in a hundred takes longer than "));
    assert!(steps(&sim)[0].0 > 10.0);
}

#[test]
fn a_cut_from_the_world_is_a_collapse_not_an_error() {
    let rules = r#""interval":"1s","timeout":"500ms",
        "rules":[{"when":{"qps-collapse":{"below":0.5,"window":"6s"}},"for":"1s"},
                 {"when":{"error-rate-high":{"above":0.02,"window":"6s"}}}]"#;
    let sim = run(&plan(rules, &["lb-1"]), &["20s cut Readers lb-1"], 30);
    assert!(tells(&sim, "QpsCollapse fires for lb-1: it gets "));
    assert!(!tells(&sim, "ErrorRateHigh"), "the balancer has failed nobody");
}

#[test]
fn a_replica_that_is_cut_off_lags() {
    let text = include_str!("../../../scenarios/classic-stack.json").replace(
        r#""name": "monitor", "interval": "5s""#,
        r#""name": "monitor", "interval": "1s", "timeout": "500ms",
           "rules": [{"when": {"replication-lag-high": {"above_bytes": 2000}}, "for": "2s"}]"#,
    );
    let plan = Rc::new(Scenario::read("classic-stack.json", &text).expect("the test's scenario is right"));
    let sim = run(&plan, &["10s cut db-1 db-3"], 40);
    assert!(tells(&sim, "ReplicationLagHigh fires for db-3: it is "), "8 writes a second of 100 bytes");
    assert!(!tells(&sim, "for db-2"));
}

#[test]
fn a_rule_that_makes_no_sense_says_what_would() {
    let text = include_str!("../../../scenarios/unmonitored.json");
    for (from, to, place, problem) in [
        (r#""target-down""#, r#""target-up""#, "nodes[5].rules[0].when", "write \"target-down\", {"),
        (r#""error-rate-high""#, r#""error-rate""#, "nodes[5].rules[1].when", "there is no condition"),
        (r#""above": 0.02"#, r#""above": 2"#, "nodes[5].rules[1].when.error-rate-high.above", "is no share"),
        (r#", "window": "6s""#, "", "nodes[5].rules[1].when.error-rate-high", "\"window\" is missing"),
        (r#""window": "6s""#, r#""window": "0s""#, "nodes[5].rules[1].when", "from \"1ms\" to \"1h\""),
        (r#""for": "3s""#, r#""fro": "3s""#, "nodes[5].rules[1].fro", "the fields are when, for"),
    ] {
        assert!(text.contains(from), "the scenario has no {from}");
        let message = Scenario::read("mine.json", &text.replacen(from, to, 1)).expect_err(to).to_string();
        assert!(message.contains(place) && message.contains(problem), "{message}");
    }
}

#[test]
fn nobody_notices_until_the_monitor_is_switched_on() {
    let text = include_str!("../../../scenarios/unmonitored.json");
    let plan = Rc::new(Scenario::read("unmonitored.json", text).expect("a shipped scenario is right"));
    let sim = run(&plan, &[], 60);
    let first = steps(&sim).first().copied().expect("it is noticed in the end");
    assert!(first.0 > 40.0);
    assert!(tells(&sim, "s after the fault"));
    let early = run(&plan, &["0s monitoring monitor on"], 30);
    let fired = steps(&early).into_iter().find(|(_, _, step)| matches!(step, AlertStep::Firing { .. }));
    let (at, ..) = fired.expect("it fires");
    assert!((10.0..20.0).contains(&at), "within seconds: {at}");
    let off = run(&plan, &["0s monitoring monitor on", "5s monitoring monitor off"], 39);
    assert!(steps(&off).is_empty() && monitor(&off).0.iter().all(|health| *health == TargetHealth::Unknown));
}

#[test]
fn the_classic_stack_runs_well_and_is_watched() {
    let text = include_str!("../../../scenarios/classic-stack.json");
    let plan = Rc::new(Scenario::read("classic-stack.json", text).expect("a shipped scenario is right"));
    let sim = run(&plan, &[], 60);
    let totals = sim.snapshot().totals;
    assert_eq!(totals.failed(), 0, "{totals:?}");
    assert!(steps(&sim).is_empty(), "{:?}", steps(&sim));
    let sim = run(&plan, &["20s kill db-1"], 60);
    assert!(tells(&sim, "TargetDown fires for db-1"));
    assert!(tells(&sim, "db-2 was promoted") || tells(&sim, "db-3 was promoted"));
}
