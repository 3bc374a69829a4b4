//! Addresses: what a DNS server gives out, and how long clients keep it, whatever has become of it.

use std::rc::Rc;

use understudy_sim::view::{Cargo, NameLookup, NodeDetail};
use understudy_sim::{Outcome, Plan, Scenario, Sim, SimTime};

use crate::worlds::{run_to, scripted, seconds, tells};

/// Two balancers without a virtual address, each with a server; clients look the name up.
fn plan(dns: &str) -> Rc<Plan> {
    let text = format!(
        r#"{{"title":"Names","nodes":[
            {{"kind":"clients","name":"Readers","rate_per_s":20,"timeout":"8s"}},
            {{"kind":"dns","name":"dns",{dns}}},
            {{"kind":"load-balancer","name":"lb-1"}},
            {{"kind":"load-balancer","name":"lb-2"}},
            {{"kind":"web-server","name":"web-1","workers":8,"queue_limit":50,"service_time":{{"constant":"20ms"}}}}
        ],"links":[
            {{"from":"Readers","to":"dns","latency":"20ms"}},
            {{"from":"Readers","to":"lb-1","latency":"10ms"}},
            {{"from":"Readers","to":"lb-2","latency":"10ms"}},
            {{"from":"lb-1","to":"web-1","latency":"1ms"}},
            {{"from":"lb-2","to":"web-1","latency":"1ms"}}
        ]}}"#
    );
    Rc::new(Scenario::read("names.json", &text).expect("the test's scenario is right"))
}

fn lookup(sim: &Sim) -> NameLookup {
    match sim.snapshot().nodes[0].detail {
        NodeDetail::Clients { lookup: Some(lookup), .. } => lookup,
        ref other => panic!("Readers look names up: {other:?}"),
    }
}

fn address(sim: &Sim) -> Option<&str> {
    lookup(sim).address.map(|node| sim.plan().name(node))
}

fn queries(sim: &Sim) -> u64 {
    match sim.snapshot().nodes[1].detail {
        NodeDetail::Dns { answered, .. } => answered,
        ref other => panic!("dns is a DNS server: {other:?}"),
    }
}

#[test]
fn the_order_turns_with_every_query_and_an_answer_is_kept_for_its_time() {
    let mut sim = scripted(&plan(r#""ttl":"10s""#), 1, &[]);
    let seen: Vec<String> = [5, 15, 25, 35]
        .into_iter()
        .map(|at| {
            run_to(&mut sim, at);
            address(&sim).expect("there is an address").to_owned()
        })
        .collect();
    assert_eq!(seen, ["lb-1", "lb-2", "lb-1", "lb-2"]);
    assert_eq!(queries(&sim), 4, "one query for each ten seconds");
    assert_eq!(sim.snapshot().totals.failed(), 0);
}

#[test]
fn the_first_requests_wait_for_the_answer_and_are_in_flight_meanwhile() {
    let mut sim = scripted(&plan(r#""ttl":"60s""#), 1, &[]);
    while lookup(&sim).waiting == 0 {
        assert!(sim.step(seconds(5)).is_some(), "somebody asks within five seconds");
    }
    let snapshot = sim.snapshot();
    assert!(snapshot.flights.iter().any(|flight| flight.cargo == Cargo::DnsQuery));
    assert_eq!(snapshot.totals.in_flight(), 1, "it is in flight though it is on no link");
    sim.check_invariants();
    let answered_at = snapshot.now + understudy_sim::SimDuration::from_millis(40);
    sim.run_until(answered_at, u64::MAX);
    assert_eq!((lookup(&sim).waiting, address(&sim)), (0, Some("lb-1")));
}

#[test]
fn a_dead_balancers_address_is_given_out_until_it_is_taken_out_and_times_run_out() {
    let plan = plan(r#""ttl":"10s""#);
    let refused = |until, commands: &[&str]| {
        let mut sim = scripted(&plan, 1, commands);
        run_to(&mut sim, until);
        sim.check_invariants();
        (sim.snapshot().totals.of(Outcome::Refused), sim)
    };
    let kill = "2s kill lb-1";
    let (first, sim) = refused(10, &[kill]);
    assert!(first > 100, "all requests of eight seconds go there: {first}");
    assert_eq!(address(&sim), Some("lb-1"));
    let (second, _) = refused(40, &[kill]);
    assert!(second > first + 150, "after ten good seconds it has its turn again: {second}");

    // Taking the record out changes nothing for those who have it.
    let (out, sim) = refused(10, &[kill, "3s record dns lb-1 off"]);
    assert_eq!(out, first);
    assert!(tells(&sim, "dns no longer gives out the address of lb-1"));
    let (later, sim) = refused(60, &[kill, "3s record dns lb-1 off"]);
    assert!(later < first + 15, "but it is never given out again: {later}");
    assert_eq!(address(&sim), Some("lb-2"));
}

#[test]
fn while_the_server_is_dead_the_kept_answer_serves_and_then_requests_wait_in_vain() {
    let plan = plan(r#""ttl":"10s""#);
    let mut sim = scripted(&plan, 1, &["5s kill dns"]);
    run_to(&mut sim, 10);
    assert_eq!(sim.snapshot().totals.failed(), 0, "nobody needs it yet");
    run_to(&mut sim, 30);
    sim.check_invariants();
    let timed_out = sim.snapshot().totals.of(Outcome::TimedOut);
    assert!(timed_out > 150, "requests of twelve seconds: {timed_out}");
    assert!(tells(&sim, "Readers asked for the address and got no answer"));
    let mut sim = scripted(&plan, 1, &["5s kill dns", "30s revive dns"]);
    run_to(&mut sim, 50);
    let healed = sim.snapshot().totals.failed();
    run_to(&mut sim, 80);
    assert_eq!(sim.snapshot().totals.failed(), healed, "and all is well again");
}

#[test]
fn a_lost_query_is_sent_again_after_five_seconds() {
    let mut sim = scripted(&plan(r#""ttl":"60s""#), 1, &["0s cut Readers dns", "2s heal Readers dns"]);
    run_to(&mut sim, 4);
    assert_eq!(address(&sim), None);
    assert!(lookup(&sim).waiting > 20);
    run_to(&mut sim, 8);
    assert_eq!(address(&sim), Some("lb-1"));
    assert_eq!(sim.snapshot().totals.of(Outcome::TimedOut), 0, "clients wait eight seconds: just enough");
}

#[test]
fn records_are_those_that_the_scenario_names() {
    let mut sim = scripted(&plan(r#""ttl":"5s","records":["lb-2"]"#), 1, &[]);
    run_to(&mut sim, 30);
    assert_eq!(address(&sim), Some("lb-2"));
    let text = r#"{"title":"T","nodes":[{"kind":"clients","name":"R","rate_per_s":1},
        {"kind":"dns","name":"dns","records":["web-2"]},
        {"kind":"web-server","name":"web-1","workers":1,"queue_limit":1,"service_time":{"constant":"1ms"}}],
        "links":[{"from":"R","to":"dns","latency":"1ms"},{"from":"R","to":"web-1","latency":"1ms"}]}"#;
    let message = Scenario::read("mine.json", text).expect_err("there is no web-2").to_string();
    assert!(message.contains("nodes[1].records[0]") && message.contains("but to web-1"), "{message}");
}

/// An address that nobody gives out is looked for again when the empty answer's time is over.
#[test]
fn an_empty_answer_is_kept_too() {
    let commands = ["0s record dns lb-1 off", "0s record dns lb-2 off", "3s record dns lb-2 on"];
    let mut sim = scripted(&plan(r#""ttl":"6s""#), 1, &commands);
    run_to(&mut sim, 5);
    assert_eq!((address(&sim), queries(&sim)), (None, 1));
    assert!(lookup(&sim).valid_until.is_some_and(|until| until < SimTime::from_secs(8)));
    run_to(&mut sim, 10);
    assert_eq!(address(&sim), Some("lb-2"));
}
