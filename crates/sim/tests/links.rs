//! Links that are worse than wires: jitter, loss, delay.

use understudy_core::vrrp::VrrpState;
use understudy_sim::view::NodeDetail;
use understudy_sim::{Outcome, Sim};

use crate::worlds::{CLASSIC_STACK, SHIPPED, THREE_WEB_SERVERS, changed, detail, run_to, scripted, tells};

fn answered(sim: &Sim) -> u64 {
    sim.snapshot().totals.of(Outcome::Answered)
}

#[test]
fn a_little_loss_makes_requests_late_and_loses_none() {
    let mut sim = scripted(&changed(THREE_WEB_SERVERS, &[]), 1, &["5s lose Readers lb-1 20%"]);
    run_to(&mut sim, 30);
    let totals = sim.snapshot().totals;
    assert_eq!(totals.failed(), 0, "TCP sends again what was lost: {totals:?}");
    let late = |sim: &Sim| {
        let flights = sim.snapshot().flights;
        flights.iter().filter(|flight| flight.duration().as_nanos() > 300_000_000).count()
    };
    assert!(late(&sim) > 0, "what was lost is on its way for a timeout longer");
    assert!(tells(&sim, "the link between Readers and lb-1 loses 20 % of all packets"));
    sim.check_invariants();
}

#[test]
fn where_all_is_lost_nothing_arrives() {
    let commands = ["10s lose Readers lb-1 100%", "20s lose Readers lb-1 0%"];
    let mut sim = scripted(&changed(THREE_WEB_SERVERS, &[]), 1, &commands);
    run_to(&mut sim, 11);
    let before = answered(&sim);
    run_to(&mut sim, 20);
    assert_eq!(answered(&sim), before);
    run_to(&mut sim, 40);
    assert!(answered(&sim) > before + 300);
    assert!(sim.snapshot().totals.of(Outcome::TimedOut) > 150);
    sim.check_invariants();
}

#[test]
fn lost_adverts_are_lost_for_good_and_make_two_masters_now_and_then() {
    let state = |sim: &Sim, name: &str| match detail(sim, name) {
        NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } => shared.state,
        other => panic!("{name} is a balancer with an address, not {other:?}"),
    };
    let mut sim = scripted(&changed(CLASSIC_STACK, &[]), 1, &["10s lose lb-1 lb-2 90%"]);
    let mut both = 0;
    for second in 1..=60 {
        run_to(&mut sim, second);
        both += u32::from([state(&sim, "lb-1"), state(&sim, "lb-2")] == [VrrpState::Master; 2]);
        assert!(second > 10 || both == 0);
        sim.check_invariants();
    }
    assert!((5..45).contains(&both), "for {both} s, until one hears the other once more");
}

#[test]
fn replication_keeps_its_order_under_loss_jitter_and_delay() {
    let jitter =
        (r#""latency": "15ms""#, r#""latency": "15ms", "jitter": { "exponential": "40ms" }, "loss": 0.05"#);
    let plan = changed(CLASSIC_STACK, &[jitter]);
    let commands = ["10s delay db-1 db-2 2s", "15s delay db-1 db-2 0s"];
    let mut sim = scripted(&plan, 1, &commands);
    for second in 1..=40 {
        run_to(&mut sim, second);
        sim.check_invariants();
    }
    let end = |name: &str| match detail(&sim, name) {
        NodeDetail::Database { end, .. } => end.0,
        other => panic!("{name} is a database, not {other:?}"),
    };
    assert!(end("db-1") > 50_000, "{}", end("db-1"));
    for replica in ["db-2", "db-3"] {
        assert!(end("db-1") - end(replica) < 5_000, "{replica} is at {} of {}", end(replica), end("db-1"));
    }
    assert!(!tells(&sim, "promoted"));
}

#[test]
fn replication_goes_on_when_a_link_that_lost_everything_is_whole_again() {
    // Commits wait for db-2, so that nothing new is written that would show db-2 what it lacks.
    let plan = changed(SHIPPED[2].1, &[(r#""role": "primary""#, r#""role": "primary", "sync_replicas": 2"#)]);
    let commands = ["10s automatic manager off", "10s lose db-1 db-2 100%", "16s lose db-1 db-2 0%"];
    let mut sim = scripted(&plan, 1, &commands);
    let end = |sim: &Sim, name: &str| match detail(sim, name) {
        NodeDetail::Database { end, .. } => end,
        other => panic!("{name} is a database, not {other:?}"),
    };
    run_to(&mut sim, 16);
    assert!(end(&sim, "db-2") < end(&sim, "db-1"));
    let written = end(&sim, "db-1");
    run_to(&mut sim, 20);
    assert!(end(&sim, "db-2") > written, "{} of {written}", end(&sim, "db-2"));
}

#[test]
fn replication_goes_on_though_a_link_that_nobody_mends_gives_a_message_up_now_and_then() {
    let plan = changed(SHIPPED[2].1, &[]);
    // At half of the packets one message in 256 is given up: several in these minutes.
    let commands = ["1s automatic manager off", "1s rate Readers 2", "1s lose db-1 db-2 50%"];
    let mut sim = scripted(&plan, 1, &commands);
    let replayed = |sim: &Sim| match detail(sim, "db-2") {
        NodeDetail::Database { replayed, .. } => replayed,
        other => panic!("db-2 is a database, not {other:?}"),
    };
    run_to(&mut sim, 900);
    let before = replayed(&sim);
    run_to(&mut sim, 1_200);
    assert!(replayed(&sim) > before, "{}", replayed(&sim));
}

#[test]
fn replication_goes_on_when_a_firewall_in_its_link_runs_again() {
    let wall = r#"{ "kind": "firewall", "name": "wall", "allow": [5432] }, { "kind": "failover-manager""#;
    let plan = changed(
        SHIPPED[2].1,
        &[
            (r#""role": "primary""#, r#""role": "primary", "sync_replicas": 2"#),
            (r#"{ "kind": "failover-manager""#, wall),
            (r#""from": "db-1", "to": "db-2","#, r#""from": "db-1", "to": "db-2", "through": "wall","#),
        ],
    );
    let mut sim = scripted(&plan, 1, &["10s automatic manager off", "10s kill wall", "16s revive wall"]);
    let end = |sim: &Sim, name: &str| match detail(sim, name) {
        NodeDetail::Database { end, .. } => end,
        other => panic!("{name} is a database, not {other:?}"),
    };
    run_to(&mut sim, 16);
    let written = end(&sim, "db-1");
    assert!(end(&sim, "db-2") < written);
    run_to(&mut sim, 20);
    assert!(end(&sim, "db-2") > written, "{} of {written}", end(&sim, "db-2"));
}

#[test]
fn a_link_that_is_never_touched_draws_nothing_and_changes_nothing() {
    for (name, text) in SHIPPED {
        let plain = changed(text, &[]);
        let mut without = scripted(&plain, 1, &[]);
        let quiet = text.replacen(r#""latency": "#, r#""loss": 0, "latency": "#, 1);
        let mut with = scripted(&changed(&quiet, &[]), 1, &[]);
        run_to(&mut without, 10);
        run_to(&mut with, 10);
        assert_eq!(without.trace_hash(), with.trace_hash(), "{name}");
    }
}
