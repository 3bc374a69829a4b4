//! Deaths at the worst moment, and clean stops.

use understudy_core::vrrp::VrrpState;
use understudy_sim::view::{DatabaseRole, NodeDetail, Truth};
use understudy_sim::{Outcome, SimTime};

use crate::worlds::{CLASSIC_STACK, THREE_WEB_SERVERS, changed, detail, run_to, scripted, tells, truth};

#[test]
fn a_node_that_is_to_die_with_a_request_inside_waits_for_one() {
    let plan = changed(THREE_WEB_SERVERS, &[(r#""rate_per_s": 24"#, r#""rate_per_s": 0.5"#)]);
    let mut sim = scripted(&plan, 2, &["0s kill-mid-request web-1"]);
    let mut alive_until = SimTime::ZERO;
    while truth(&sim, "web-1").is_up() {
        alive_until = sim.now();
        sim.step(SimTime::MAX).expect("requests come");
    }
    assert!(alive_until > SimTime::ZERO, "it waited");
    assert!(tells(&sim, "web-1 will die as soon as a request is inside it"));
    assert!(tells(&sim, "web-1 killed; 1 request lost with it"));
    sim.run_until(alive_until + understudy_sim::SimDuration::from_secs(1), u64::MAX);
    assert_eq!(sim.snapshot().totals.of(Outcome::Lost), 1);
}

#[test]
fn with_a_request_inside_it_dies_at_once() {
    let mut sim = scripted(&changed(CLASSIC_STACK, &[]), 1, &["10s kill-mid-request lb-1"]);
    run_to(&mut sim, 10);
    assert!(!truth(&sim, "lb-1").is_up());
    assert!(!tells(&sim, "will die"));
    run_to(&mut sim, 11);
    assert!(sim.snapshot().totals.of(Outcome::Lost) > 0);
}

#[test]
fn a_balancer_that_is_stopped_cleanly_hands_the_address_over_within_a_second() {
    let gap = |act: &str| {
        let mut sim = scripted(&changed(CLASSIC_STACK, &[]), 1, &[act]);
        run_to(&mut sim, 20);
        let NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } = detail(&sim, "lb-2") else {
            panic!("lb-2 shares an address")
        };
        assert_eq!(shared.state, VrrpState::Master, "{act}");
        run_to(&mut sim, 40);
        sim.check_invariants();
        sim.snapshot().totals
    };
    let (killed, stopped) = (gap("10s kill lb-1"), gap("10s stop lb-1"));
    assert!(stopped.failed() * 4 < killed.failed(), "{stopped:?} and {killed:?}");
    assert_eq!(stopped.of(Outcome::Lost), 0, "what was inside could end");
    assert_eq!(stopped.of(Outcome::Refused), 0, "the address was not there any more: nobody refused");
}

#[test]
fn a_server_that_restarts_lets_requests_end_and_is_back_after_a_second() {
    let busy =
        [(r#""rate_per_s": 24"#, r#""rate_per_s": 4"#), (r#""exponential": "120ms""#, r#""constant": "1s""#)];
    let mut sim = scripted(&changed(THREE_WEB_SERVERS, &busy), 2, &["10s restart web-2"]);
    run_to(&mut sim, 10);
    assert!(matches!(truth(&sim, "web-2"), Truth::Stopping { .. }), "{:?}", truth(&sim, "web-2"));
    let mut last_stopping = sim.now();
    while !matches!(truth(&sim, "web-2"), Truth::Up) {
        if matches!(truth(&sim, "web-2"), Truth::Stopping { .. }) {
            last_stopping = sim.now();
        }
        sim.step(SimTime::MAX).expect("it starts again");
    }
    let down = sim.now().since(last_stopping).as_secs_f64();
    assert!((0.9..=1.1).contains(&down), "{down}");
    assert!(last_stopping < SimTime::from_secs(12));
    run_to(&mut sim, 30);
    assert!(tells(&sim, "web-2 is restarting") && tells(&sim, "web-2 stopped cleanly; nothing was lost"));
    assert_eq!(sim.snapshot().totals.of(Outcome::Lost), 0);
}

#[test]
fn what_does_not_end_in_time_is_lost() {
    let slow = (r#""service_time": { "exponential": "120ms" }"#, r#""service_time": { "constant": "4s" }"#);
    let mut sim = scripted(&changed(THREE_WEB_SERVERS, &[slow]), 1, &["6s stop web-2"]);
    run_to(&mut sim, 9);
    assert!(tells(&sim, "had not ended in time and were lost"));
    assert!(matches!(truth(&sim, "web-2"), Truth::Down { since } if since == SimTime::from_secs(8)));
    sim.check_invariants();
}

#[test]
fn a_primary_that_restarts_loses_nothing_and_goes_on_as_primary() {
    let mut sim = scripted(&changed(CLASSIC_STACK, &[]), 1, &["10s restart db-1", "20s restart db-1"]);
    for second in 1..=40 {
        run_to(&mut sim, second);
        sim.check_invariants();
    }
    let totals = sim.snapshot().totals;
    assert_eq!(totals.lost_writes, 0);
    assert!(tells(&sim, "goes on as primary") && !tells(&sim, "promoted"));
    assert!(matches!(detail(&sim, "db-1"), NodeDetail::Database { role: DatabaseRole::Primary, .. }));
    let before = totals.acknowledged_writes;
    run_to(&mut sim, 50);
    assert!(sim.snapshot().totals.acknowledged_writes > before + 100);
}

#[test]
fn a_primary_that_is_stopped_is_replaced_without_losing_a_write() {
    for seed in 1..6 {
        let mut sim = scripted(&changed(CLASSIC_STACK, &[]), seed, &["10s stop db-1", "25s revive db-1"]);
        run_to(&mut sim, 50);
        assert_eq!(
            sim.snapshot().totals.lost_writes,
            0,
            "asynchronous, and still nothing: it streamed all it had"
        );
        assert!(tells(&sim, "db-2 was promoted"));
        assert!(matches!(
            detail(&sim, "db-1"),
            NodeDetail::Database { role: DatabaseRole::Replica { .. }, .. }
        ));
        sim.check_invariants();
    }
}

#[test]
fn a_frozen_process_does_not_hear_a_clean_stop_and_is_killed() {
    let mut sim = scripted(&changed(CLASSIC_STACK, &[]), 1, &["5s hang app-1", "6s restart app-1"]);
    run_to(&mut sim, 6);
    assert!(matches!(truth(&sim, "app-1"), Truth::Down { .. }));
    run_to(&mut sim, 8);
    assert_eq!(truth(&sim, "app-1"), Truth::Up);
    sim.check_invariants();
}
