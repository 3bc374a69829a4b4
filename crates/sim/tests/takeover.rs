//! The balancer as the victim: a virtual address, the takeover gap, two masters.

use std::rc::Rc;

use understudy_core::vrrp::VrrpState;
use understudy_sim::view::NodeDetail;
use understudy_sim::{Outcome, Scenario, Sim, SimTime, TimedCommand};

use crate::worlds::run_to;

const SCENARIO: &str = include_str!("../../../scenarios/two-balancers.json");

fn sim(commands: &[&str]) -> Sim {
    let plan = Rc::new(Scenario::read("two-balancers.json", SCENARIO).expect("a shipped scenario is right"));
    let mut sim = Sim::new(Rc::clone(&plan), 1);
    for command in commands {
        sim.schedule(TimedCommand::parse(command, &plan).expect("the test's commands are right"))
            .expect("sensible");
    }
    sim
}

/// The balancers that hold the virtual address.
fn holders(sim: &Sim) -> Vec<&str> {
    let snapshot = sim.snapshot();
    let holds = |detail: &NodeDetail| match detail {
        NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } => {
            assert_eq!(shared.held, shared.state == VrrpState::Master);
            shared.held
        }
        _ => false,
    };
    let nodes = sim.plan().nodes().zip(&snapshot.nodes);
    nodes
        .filter(|(_, view)| view.truth.is_up() && holds(&view.detail))
        .map(|((_, node), _)| node.name.as_str())
        .collect()
}

#[test]
fn the_higher_priority_holds_the_address_and_the_other_takes_over_when_it_dies() {
    let mut sim = sim(&["10s kill lb-1", "30s revive lb-1"]);
    run_to(&mut sim, 9);
    assert_eq!(holders(&sim), ["lb-1"]);
    run_to(&mut sim, 12);
    assert_eq!(holders(&sim), [""; 0], "the gap: three adverts and the skew");
    run_to(&mut sim, 15);
    assert_eq!(holders(&sim), ["lb-2"]);
    let gap = sim.snapshot().totals;
    assert!(gap.of(Outcome::Refused) > 30, "requests were refused in the gap: {gap:?}");
    run_to(&mut sim, 28);
    assert_eq!(sim.snapshot().totals.of(Outcome::Refused), gap.of(Outcome::Refused), "and none after it");
    run_to(&mut sim, 36);
    assert_eq!(holders(&sim), ["lb-1"], "it preempts when it is back");
    sim.check_invariants();
}

#[test]
fn the_gap_is_the_master_down_interval() {
    let mut sim = sim(&["10s kill lb-1"]);
    run_to(&mut sim, 10);
    let mut at = sim.now();
    while holders(&sim).is_empty() || at == SimTime::from_secs(10) {
        at += understudy_sim::SimDuration::from_millis(10);
        sim.run_until(at, u64::MAX);
    }
    // Three adverts of 1 s and a skew of 156/256 s after the last advert, which came up to 1 s before the death.
    let gap = at.since(SimTime::from_secs(10)).as_secs_f64();
    assert!((2.6..=3.7).contains(&gap), "{gap}");
}

#[test]
fn two_masters_while_the_pair_is_cut_and_one_when_it_heals() {
    let mut sim = sim(&["10s cut lb-1 lb-2", "20s heal lb-1 lb-2"]);
    run_to(&mut sim, 19);
    assert_eq!(holders(&sim), ["lb-1", "lb-2"]);
    run_to(&mut sim, 23);
    assert_eq!(holders(&sim), ["lb-1"]);
    run_to(&mut sim, 40);
    sim.check_invariants();
    let before = sim.snapshot().totals;
    run_to(&mut sim, 50);
    let after = sim.snapshot().totals;
    assert!(after.of(Outcome::Answered) > before.of(Outcome::Answered) + 150);
    assert_eq!(after.failed(), before.failed());
}

#[test]
fn a_frozen_balancer_is_replaced_like_a_dead_one() {
    let mut sim = sim(&["10s hang lb-1"]);
    run_to(&mut sim, 15);
    assert_eq!(holders(&sim), ["lb-2"]);
    run_to(&mut sim, 30);
    let totals = sim.snapshot().totals;
    assert!(totals.of(Outcome::TimedOut) > 30, "nobody answered those that it had accepted: {totals:?}");
    sim.check_invariants();
}
