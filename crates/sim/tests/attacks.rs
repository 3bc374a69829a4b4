//! Attackers: what they find, what they break, what they steal, and what stops them.

use std::rc::Rc;

use understudy_sim::view::{Finding, NodeDetail, PortState};
use understudy_sim::{Outcome, Plan, Scenario, Sim};

use crate::worlds::{run_to, scripted, tells};

/// A small site with its database; the attacker is linked to the entry and, through the firewall, to the database.
fn plan(firewall: &str, entry: &str) -> Rc<Plan> {
    let text = format!(
        r#"{{"title":"Attacks","nodes":[
            {{"kind":"clients","name":"Readers","rate_per_s":20,"timeout":"3s"}},
            {{"kind":"attacker","name":"attacker","timeout":"1s","flood_per_s":400,"inject_per_s":2}},
            {{"kind":"firewall","name":"firewall"{firewall}}},
            {{"kind":"load-balancer","name":"lb-1"}},
            {{"kind":"web-server","name":"web-1","workers":4,"queue_limit":10,"service_time":{{"constant":"20ms"}}}},
            {{"kind":"database","name":"db-1","role":"primary","workers":16,"queue_limit":50,
              "read_time":{{"constant":"5ms"}},"write_time":{{"constant":"5ms"}}}}
        ],"links":[
            {{"from":"Readers","to":"firewall","latency":"20ms"}},
            {{"from":"attacker","to":"{entry}","latency":"20ms"}},
            {{"from":"attacker","to":"db-1","latency":"20ms","through":"firewall"}},
            {{"from":"firewall","to":"lb-1","latency":"5ms"}},
            {{"from":"lb-1","to":"web-1","latency":"1ms"}},
            {{"from":"web-1","to":"db-1","latency":"1ms"}}
        ]}}"#
    );
    Rc::new(Scenario::read("attacks.json", &text).expect("the test's scenario is right"))
}

fn run(plan: &Rc<Plan>, commands: &[&str], until: u64) -> Sim {
    let mut sim = scripted(plan, 1, commands);
    for second in 1..=until {
        run_to(&mut sim, second);
        sim.check_invariants();
        let attack = sim.snapshot().totals.attack;
        assert_eq!(attack.sent, attack.ended() + attack.in_flight());
    }
    sim
}

struct Loot {
    findings: Vec<Finding>,
    sent: u64,
    stolen_rows: u64,
}

fn loot(sim: &Sim) -> Loot {
    match &sim.snapshot().nodes[1].detail {
        NodeDetail::Attacker { findings, sent, stolen_rows, .. } => {
            Loot { findings: findings.clone(), sent: *sent, stolen_rows: *stolen_rows }
        }
        other => panic!("an attacker: {other:?}"),
    }
}

fn state(sim: &Sim, name: &str, port: u16) -> PortState {
    let target = sim.plan().find(name).expect("it has it");
    let found = loot(sim).findings.into_iter().find(|one| one.target == target && one.port == port);
    found.unwrap_or_else(|| panic!("{name}:{port} was tried")).state
}

#[test]
fn an_idle_attacker_does_nothing() {
    let sim = run(&plan("", "firewall"), &[], 20);
    assert!(loot(&sim).findings.is_empty() && loot(&sim).sent == 0);
}

#[test]
fn a_scan_tells_open_refused_and_filtered_apart() {
    use PortState::{Filtered, Open, Refused};
    let scan = ["1s attack attacker scan"];
    let open = run(&plan(r#","on":false"#, "lb-1"), &scan, 20);
    for (name, port, wanted) in [
        ("lb-1", 22, Open),
        ("lb-1", 443, Open),
        ("lb-1", 5432, Refused),
        ("lb-1", 8080, Refused),
        ("db-1", 22, Open),
        ("db-1", 80, Refused),
        ("db-1", 5432, Open),
    ] {
        assert_eq!(state(&open, name, port), wanted, "{name}:{port}");
    }
    assert!(tells(&open, "attacker found db-1:5432 open"));
    assert!(tells(&open, "attacker has tried all ports: 5 open, 5 refused, 0 without an answer"));

    let guarded = run(&plan("", "firewall"), &scan, 20);
    for (name, port, wanted) in [
        ("firewall", 22, Filtered),
        ("firewall", 80, Open),
        ("firewall", 5432, Filtered),
        ("db-1", 5432, Filtered),
        ("db-1", 22, Filtered),
        ("db-1", 80, Refused),
    ] {
        assert_eq!(state(&guarded, name, port), wanted, "{name}:{port}");
    }
    // What is dead: its host still refuses. What is frozen: its host still accepts.
    let dead = run(&plan(r#","on":false"#, "lb-1"), &["0s kill db-1", "0s hang lb-1", scan[0]], 20);
    assert_eq!((state(&dead, "db-1", 5432), state(&dead, "db-1", 22)), (Refused, Open));
    assert_eq!(state(&dead, "lb-1", 80), Open);
}

#[test]
fn queries_read_rows_where_the_way_is_open_and_get_nothing_behind_a_firewall() {
    let inject = ["1s attack attacker inject"];
    let open = run(&plan(r#","on":false"#, "firewall"), &inject, 11);
    assert_eq!(loot(&open).stolen_rows, 19 * 100, "two queries a second, a hundred rows each");
    assert!(tells(&open, "attacker read 1900 rows"));
    let totals = open.snapshot().totals;
    assert_eq!(totals.failed(), 0, "clients notice nothing");

    let guarded = run(&plan("", "firewall"), &inject, 11);
    assert_eq!(loot(&guarded).stolen_rows, 0);
    let attack = guarded.snapshot().totals.attack;
    assert_eq!(attack.of(Outcome::Dropped), attack.ended());
    assert!(attack.ended() > 15);
}

#[test]
fn a_flood_takes_the_clients_places_and_a_limit_gives_them_back() {
    let flood = ["5s attack attacker flood", "15s attack attacker stop"];
    let before = run(&plan("", "firewall"), &[], 30).snapshot().totals;
    let flooded = run(&plan("", "firewall"), &flood, 30);
    let totals = flooded.snapshot().totals;
    assert_eq!(totals.sent, before.sent, "clients send what they sent anyway");
    assert!(totals.of(Outcome::QueueFull) > 60, "and half of it finds no place: {totals:?}");
    assert!(totals.attack.sent > 3_500 && totals.attack.in_flight() == 0, "{:?}", totals.attack);
    assert!(totals.attack.of(Outcome::Answered) > 1_000, "the attacker's requests take the workers");

    let limited = run(&plan(r#","limit_per_source_per_s":60"#, "firewall"), &flood, 30);
    // What a full bucket lets through at once costs a few places, and then it is over.
    assert!(limited.snapshot().totals.failed() < 10, "{:?}", limited.snapshot().totals);
    assert!(limited.snapshot().totals.attack.of(Outcome::Dropped) > 3_000);
}

#[test]
fn the_clients_own_choices_do_not_depend_on_the_attack() {
    let mut quiet = scripted(&plan("", "firewall"), 3, &[]);
    let mut loud = scripted(&plan("", "firewall"), 3, &["2s attack attacker flood"]);
    run_to(&mut quiet, 20);
    run_to(&mut loud, 20);
    assert_eq!(quiet.snapshot().totals.sent, loud.snapshot().totals.sent);
    assert_eq!(quiet.snapshot().totals.attack.sent, 0);
}

#[test]
fn the_shipped_scenario_shows_what_each_guard_stops() {
    let text = include_str!("../../../scenarios/open-to-the-world.json");
    let plan = Rc::new(Scenario::read("open-to-the-world.json", text).expect("a shipped scenario is right"));
    let mut sim = Sim::new(plan, 1);
    run_to(&mut sim, 29);
    assert!(tells(&sim, "attacker found db-1:5432 open"));
    let stolen = loot(&sim).stolen_rows;
    assert!(stolen > 500);
    run_to(&mut sim, 32);
    let failed = sim.snapshot().totals.failed();
    run_to(&mut sim, 70);
    assert_eq!(loot(&sim).stolen_rows, stolen, "nothing is stolen once the firewall filters");
    assert_eq!(sim.snapshot().totals.failed(), failed, "and no client fails");
    assert!(tells(&sim, "attacker has tried all ports: 2 open, 2 refused, 6 without an answer"));
}
