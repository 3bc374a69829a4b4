//! Time to detect: what the audit says of each alert rule, held against the instants at which the simulator's monitor
//! calls somebody.

use std::rc::Rc;

use understudy_audit::{Options, Report};
use understudy_sim::log::{AlertStep, Fact};
use understudy_sim::{Plan, Scenario, Sim, SimDuration, SimTime, TimedCommand};

/// A watched pool whose balancer gives a server up after a second, with a database pair behind it and one alert rule.
fn watched(rule: &str) -> Scenario {
    let server = r#""workers":8,"queue_limit":200,"service_time":{"exponential":"5ms"}"#;
    let store = r#""workers":32,"queue_limit":200,"read_time":{"exponential":"2ms"},"write_time":{"exponential":"2ms"}"#;
    let text = format!(
        r#"{{"title":"Watched","nodes":[
            {{"kind":"clients","name":"Readers","rate_per_s":200,"writes":0.5,"timeout":"5s"}},
            {{"kind":"load-balancer","name":"lb-1","timeout":"200ms","retry":false,
              "health_check":{{"interval":"60s","fall":10,"rise":2}}}},
            {{"kind":"application-server","name":"web-1","reads":"all",{server}}},
            {{"kind":"application-server","name":"web-2","reads":"all",{server}}},
            {{"kind":"database","name":"db-1","role":"primary",{store}}},
            {{"kind":"database","name":"db-2","role":"replica",{store}}},
            {{"kind":"monitor","name":"monitor","interval":"1s","timeout":"500ms","rules":[{rule}]}}
        ],"links":[
            {{"from":"Readers","to":"lb-1","latency":"1ms"}},
            {{"from":"lb-1","to":"web-1","latency":"1ms"}},
            {{"from":"lb-1","to":"web-2","latency":"1ms"}},
            {{"from":"web-1","to":"db-1","latency":"1ms"}},
            {{"from":"web-2","to":"db-1","latency":"1ms"}},
            {{"from":"web-1","to":"db-2","latency":"1ms"}},
            {{"from":"web-2","to":"db-2","latency":"1ms"}},
            {{"from":"db-1","to":"db-2","latency":"1ms"}},
            {{"from":"monitor","to":"lb-1","latency":"1ms"}},
            {{"from":"monitor","to":"db-1","latency":"1ms"}},
            {{"from":"monitor","to":"db-2","latency":"1ms"}}
        ]}}"#
    );
    Scenario::parse("watched.json", &text).unwrap_or_else(|error| panic!("the test's scenario: {error:?}"))
}

/// From the fault at `at` to the first alert.
fn detected_after(plan: &Rc<Plan>, fault: &str, at: SimTime, seed: u64) -> Option<SimDuration> {
    let mut sim = Sim::new(Rc::clone(plan), seed);
    let timed = TimedCommand::parse(&format!("{at:#} {fault}"), plan).expect("the test's fault is right");
    sim.schedule(timed).expect("it can be carried out");
    sim.run_until(at + SimDuration::from_secs(40), u64::MAX);
    let fired = sim
        .log()
        .entries()
        .find(|entry| matches!(entry.fact, Fact::Alert { step: AlertStep::Firing { .. }, .. }));
    fired.map(|entry| entry.at.since(at))
}

#[test]
fn every_alert_rule_fires_within_what_the_audit_says() {
    for (rule, fault) in [
        (r#"{"when":"target-down","for":"2s"}"#, "kill lb-1"),
        (r#"{"when":{"error-rate-high":{"above":0.1,"window":"4s"}},"for":"2s"}"#, "hang web-2"),
        (r#"{"when":{"latency-high":{"above":"60ms","window":"4s"}},"for":"2s"}"#, "slow web-1 20x"),
        (r#"{"when":{"qps-collapse":{"below":0.5,"window":"4s"}},"for":"1s"}"#, "cut Readers lb-1"),
        (r#"{"when":{"replication-lag-high":{"above_bytes":500}},"for":"2s"}"#, "cut db-1 db-2"),
    ] {
        let scenario = watched(rule);
        let report = Report::of(&scenario, &Options::default()).expect("it makes sense");
        let said = report.monitoring.rules[0].fires_after;
        let plan = Rc::new(Plan::build(&scenario).expect("it makes sense"));
        // The fault at twenty phases of the monitor's round.
        let took: Vec<f64> = (0..20)
            .map(|phase| {
                let at = SimTime::from_millis(20_000 + 50 * phase);
                let took = detected_after(&plan, fault, at, 3 + phase);
                took.unwrap_or_else(|| panic!("{rule}: nobody is called")).as_secs_f64()
            })
            .collect();
        let longest = took.iter().copied().fold(0.0, f64::max);
        assert!(longest <= said.at_most.as_secs_f64(), "{rule}: {longest} s, said {said:?}");
        assert!(took.iter().all(|took| *took > 0.9), "{rule}: no alert before its time: {took:?}");
    }
}
