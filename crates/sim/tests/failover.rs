//! One server dies and comes back: what the balancer does before, while and after it knows.

use understudy_core::balancer::PassedOver;
use understudy_core::health::Belief;
use understudy_sim::ids::NodeId;
use understudy_sim::log::Fact;
use understudy_sim::view::{NodeDetail, PoolEntry};
use understudy_sim::{Command, Outcome, Sim, story};

use crate::worlds::{pool, run_to, seconds, three_web_servers};

fn entries(sim: &Sim) -> Vec<PoolEntry> {
    let balancer = sim.plan().find("lb-1").expect("it has a balancer");
    match &sim.snapshot().nodes[balancer.get()].detail {
        NodeDetail::LoadBalancer { pool, .. } => pool.clone(),
        other => panic!("lb-1 is a balancer, not {other:?}"),
    }
}

fn picked(sim: &Sim) -> Vec<u64> {
    entries(sim).iter().map(|entry| entry.picked).collect()
}

fn find(sim: &Sim, name: &str) -> NodeId {
    sim.plan().find(name).expect("the plan has it")
}

fn tell(sim: &Sim) -> Vec<String> {
    sim.log().entries().map(|entry| story::sentence(&entry.fact, sim.plan())).collect()
}

#[test]
fn round_robin_gives_three_equal_shares() {
    let mut sim = Sim::new(three_web_servers(), 1);
    run_to(&mut sim, 60);
    let picks = picked(&sim);
    let (least, most) = (picks.iter().min().expect("three"), picks.iter().max().expect("three"));
    assert!(*least > 400 && most - least <= 1, "{picks:?}");
}

#[test]
fn a_dead_server_gets_its_turns_until_three_checks_have_failed() {
    let mut sim = Sim::new(three_web_servers(), 1);
    run_to(&mut sim, 10);
    let web_2 = find(&sim, "web-2");
    sim.command(Command::Kill(web_2)).expect("a web server can be killed");

    run_to(&mut sim, 12);
    assert!(entries(&sim)[1].belief.in_use(), "after two seconds it is still believed up");
    assert!(sim.snapshot().totals.of(Outcome::Refused) > 0, "and its requests are refused");

    run_to(&mut sim, 17);
    assert_eq!(entries(&sim)[1].belief, Belief::Down);
    let (refused, picks) = (sim.snapshot().totals.of(Outcome::Refused), picked(&sim)[1]);
    run_to(&mut sim, 40);
    assert_eq!(sim.snapshot().totals.of(Outcome::Refused), refused, "nobody is refused any more");
    assert_eq!(picked(&sim)[1], picks, "for nothing is sent there");

    let told = tell(&sim);
    assert!(told.iter().any(|line| line.starts_with("web-2 killed; ")), "{told:?}");
    let logged: u64 = sim
        .log()
        .entries()
        .map(|entry| if let Fact::Refused { count, .. } = entry.fact { count } else { 0 })
        .sum();
    assert_eq!(logged, refused, "the log counts every refusal: {told:?}");
    let taken_out = told.iter().find(|line| line.starts_with("lb-1 took web-2 out after 3 failed checks, "));
    let after: f64 = taken_out
        .and_then(|line| line.split(", ").nth(1)?.split(' ').next()?.parse().ok())
        .unwrap_or_else(|| panic!("it says after how long: {told:?}"));
    assert!((4.0..=6.1).contains(&after), "three checks two seconds apart take 4 to 6 s, not {after}");
}

#[test]
fn the_first_check_of_a_server_decides_alone_and_the_log_says_so() {
    let mut sim = Sim::new(three_web_servers(), 1);
    let web_2 = find(&sim, "web-2");
    sim.command(Command::Kill(web_2)).expect("it can be killed");
    run_to(&mut sim, 2);
    assert_eq!(entries(&sim)[1].belief, Belief::Down);
    let told = tell(&sim);
    assert!(
        told.iter().any(|line| line.starts_with("lb-1 took web-2 out after 1 failed check, ")),
        "{told:?}"
    );
}

#[test]
fn a_revived_server_comes_back_after_two_passed_checks() {
    let mut sim = Sim::new(three_web_servers(), 1);
    let web_2 = find(&sim, "web-2");
    run_to(&mut sim, 5);
    sim.command(Command::Kill(web_2)).expect("it can be killed");
    run_to(&mut sim, 20);
    sim.command(Command::Revive(web_2)).expect("it can be revived");
    let before = picked(&sim)[1];
    run_to(&mut sim, 21);
    assert!(!entries(&sim)[1].belief.in_use());
    assert_eq!(picked(&sim)[1], before, "alive, but not yet believed so");
    run_to(&mut sim, 30);
    assert_eq!(entries(&sim)[1].belief, Belief::Up);
    assert!(picked(&sim)[1] > before + 20);
    assert!(tell(&sim).iter().any(|line| line.starts_with("lb-1 put web-2 back after 2 passed checks, ")));
}

#[test]
fn with_retry_on_a_refused_request_is_answered_by_the_next_server() {
    let mut sim = Sim::new(three_web_servers(), 1);
    let (lb_1, web_2) = (find(&sim, "lb-1"), find(&sim, "web-2"));
    sim.command(Command::SetRetry { balancer: lb_1, on: true }).expect("a balancer retries");
    run_to(&mut sim, 10);
    sim.command(Command::Kill(web_2)).expect("it can be killed");
    run_to(&mut sim, 40);
    let totals = sim.snapshot().totals;
    assert_eq!(totals.of(Outcome::Refused), 0);
    assert_eq!(totals.failed(), totals.of(Outcome::Lost), "only what was inside web-2 when it died is lost");
    assert!(tell(&sim).iter().any(|line| line.contains("retried on another server")), "{:?}", tell(&sim));
}

#[test]
fn requests_inside_a_dying_server_are_lost_and_counted() {
    // One worker that never gets done: two requests inside, one served and one waiting, whatever the traffic.
    let plan =
        pool(1, 50.0, r#""retry":false"#, r#""workers":1,"queue_limit":1,"service_time":{"constant":"1h"}"#);
    let mut sim = Sim::new(plan, 3);
    run_to(&mut sim, 1);
    let before = sim.snapshot().totals;
    assert!(before.of(Outcome::QueueFull) > 10);
    let web_1 = find(&sim, "web-1");
    sim.command(Command::Kill(web_1)).expect("it can be killed");
    run_to(&mut sim, 2);
    assert_eq!(sim.snapshot().totals.of(Outcome::Lost), 2);
    assert!(tell(&sim).contains(&String::from("web-1 killed; 2 requests lost with it")), "{:?}", tell(&sim));
}

#[test]
fn with_every_server_down_the_balancer_rejects() {
    let mut sim = Sim::new(three_web_servers(), 1);
    for name in ["web-1", "web-2", "web-3"] {
        let node = find(&sim, name);
        sim.command(Command::Kill(node)).expect("it can be killed");
    }
    run_to(&mut sim, 10);
    let before = sim.snapshot().totals;
    run_to(&mut sim, 20);
    let after = sim.snapshot().totals;
    assert_eq!(after.of(Outcome::Refused), before.of(Outcome::Refused));
    assert!(after.of(Outcome::Rejected) > before.of(Outcome::Rejected) + 100);
    assert_eq!(after.of(Outcome::Answered), before.of(Outcome::Answered));
}

#[test]
fn a_dead_balancer_loses_what_it_forwarded_and_refuses_the_rest() {
    let mut sim = Sim::new(three_web_servers(), 1);
    run_to(&mut sim, 10);
    let lb_1 = find(&sim, "lb-1");
    sim.command(Command::Kill(lb_1)).expect("a balancer can be killed");
    let lost =
        sim.snapshot().failures.iter().filter(|failure| failure.outcome == Outcome::Lost).count() as u64;
    assert!(lost > 0);
    run_to(&mut sim, 11);
    let totals = sim.snapshot().totals;
    assert_eq!(totals.of(Outcome::Lost), lost);
    let answered = totals.of(Outcome::Answered);
    run_to(&mut sim, 20);
    let totals = sim.snapshot().totals;
    assert_eq!(totals.of(Outcome::Answered), answered, "nothing gets past a dead balancer");
    assert!(totals.of(Outcome::Refused) > 150);

    sim.command(Command::Revive(lb_1)).expect("it can be revived");
    run_to(&mut sim, 30);
    assert!(sim.snapshot().totals.of(Outcome::Answered) > answered + 150);
    assert_eq!(sim.snapshot().totals.of(Outcome::Lost), lost);
}

#[test]
fn the_balancer_says_why_a_server_got_a_request() {
    let mut sim = Sim::new(three_web_servers(), 1);
    let web_2 = find(&sim, "web-2");
    run_to(&mut sim, 10);
    sim.command(Command::Kill(web_2)).expect("it can be killed");
    run_to(&mut sim, 20);
    let balancer = find(&sim, "lb-1");
    let snapshot = sim.snapshot();
    let NodeDetail::LoadBalancer { last_choice: Some(choice), .. } = &snapshot.nodes[balancer.get()].detail
    else {
        panic!("it has chosen");
    };
    let [(node, PassedOver::Down { since })] = choice.passed_over[..] else { panic!("{choice:?}") };
    assert_eq!(node, web_2);
    assert!(since > seconds(13) && since < seconds(17), "{since}");
    assert_ne!(choice.server, Some(web_2));
}

#[test]
fn killing_the_dead_and_reviving_the_living_changes_nothing() {
    let mut sim = Sim::new(three_web_servers(), 1);
    let (web_1, web_2) = (find(&sim, "web-1"), find(&sim, "web-2"));
    sim.command(Command::Revive(web_1)).expect("accepted");
    sim.command(Command::Kill(web_2)).expect("accepted");
    let entries = sim.log().entries().len();
    sim.command(Command::Kill(web_2)).expect("accepted");
    assert_eq!(sim.log().entries().len(), entries);
}
