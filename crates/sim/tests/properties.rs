//! What holds for every pool, traffic, seed and schedule of faults.

use proptest::prelude::*;
use understudy_sim::view::NodeDetail;
use understudy_sim::{Command, Outcome, Sim, SimDuration, SimTime};

use crate::worlds::pool;

#[derive(Clone, Debug)]
struct Fault {
    after_ms: u64,
    node: usize,
    kill: bool,
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = (0..4_000_u64, 0..6_usize, any::<bool>());
    proptest::collection::vec(fault.prop_map(|(after_ms, node, kill)| Fault { after_ms, node, kill }), 0..12)
}

/// A run with these faults; `chunk` is how many events are handled at a time.
fn run(servers: usize, rate: f64, retry: bool, seed: u64, faults: &[Fault], chunk: u64) -> Sim {
    let balancer = format!(r#""retry":{retry},"health_check":{{"interval":"500ms","fall":2,"rise":2}}"#);
    let server = r#""workers":2,"queue_limit":3,"service_time":{"exponential":"30ms"}"#;
    let mut sim = Sim::new(pool(servers, rate, &balancer, server), seed);
    let mut at = SimTime::ZERO;
    for fault in faults {
        at += SimDuration::from_millis(fault.after_ms);
        while sim.run_until(at, chunk) == understudy_sim::Progress::OutOfBudget {}
        // Node 0 are the clients, who cannot be killed; 1 is the balancer.
        let (node, _) = sim.plan().nodes().nth(1 + fault.node % (servers + 1)).expect("in range");
        let command = if fault.kill { Command::Kill(node) } else { Command::Revive(node) };
        sim.command(command).expect("servers and balancers can be killed and revived");
        check_accounts(&sim);
    }
    at += SimDuration::from_secs(2);
    while sim.run_until(at, chunk) == understudy_sim::Progress::OutOfBudget {}
    check_accounts(&sim);
    sim
}

fn check_accounts(sim: &Sim) {
    sim.check_invariants();
    let snapshot = sim.snapshot();
    let totals = snapshot.totals;
    let by_outcome: u64 = Outcome::ALL.iter().map(|&outcome| totals.of(outcome)).sum();
    assert_eq!(totals.sent, by_outcome + totals.in_flight());
    for flight in &snapshot.flights {
        assert!(flight.sent_at <= snapshot.now && snapshot.now < flight.arrives_at, "{flight:?}");
    }
    for ((_, node), view) in sim.plan().nodes().zip(&snapshot.nodes) {
        if let NodeDetail::Server { busy, queued, load_permille, .. } = view.detail {
            assert!(busy <= 2 && queued <= 3 && load_permille <= 1_000, "{}: {view:?}", node.name);
            assert!(queued == 0 || busy == 2, "nobody waits while a worker is idle: {view:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_request_ends_once_and_all_is_well_after_healing(
        servers in 1..5_usize,
        rate in 1.0..120.0_f64,
        retry: bool,
        seed: u64,
        faults in faults(),
    ) {
        let mut sim = run(servers, rate, retry, seed, &faults, u64::MAX);
        for (node, _) in sim.plan().nodes().skip(1).map(|(id, node)| (id, node.name.clone())).collect::<Vec<_>>() {
            sim.command(Command::Revive(node)).expect("all can be revived");
        }
        // Two checks put a server back; what was on its way has ended a second later.
        let healed = sim.now() + SimDuration::from_secs(3);
        sim.run_until(healed, u64::MAX);
        let before = sim.snapshot().totals;
        sim.run_until(healed + SimDuration::from_secs(5), u64::MAX);
        let after = sim.snapshot().totals;
        for outcome in [Outcome::Refused, Outcome::Rejected, Outcome::Lost] {
            prop_assert_eq!(after.of(outcome), before.of(outcome), "{:?}", outcome);
        }
        check_accounts(&sim);
    }

    #[test]
    fn the_same_run_gives_the_same_trace_however_it_is_cut_up(
        servers in 1..5_usize,
        rate in 1.0..120.0_f64,
        retry: bool,
        seed: u64,
        faults in faults(),
        chunk in 1..50_u64,
    ) {
        let whole = run(servers, rate, retry, seed, &faults, u64::MAX);
        let in_pieces = run(servers, rate, retry, seed, &faults, chunk);
        prop_assert_eq!(whole.trace_hash(), in_pieces.trace_hash());
        prop_assert_eq!(whole.snapshot(), in_pieces.snapshot());
    }

    #[test]
    fn a_fork_goes_its_own_way_and_leaves_the_first_run_alone(seed: u64, faults in faults()) {
        let mut first = run(3, 40.0, false, seed, &faults, u64::MAX);
        let mut fork = first.clone();
        let (node, _) = fork.plan().nodes().nth(2).expect("a server");
        fork.command(Command::Kill(node)).expect("it can be killed");
        let later = first.now() + SimDuration::from_secs(5);
        fork.run_until(later, u64::MAX);
        first.run_until(later, u64::MAX);
        let mut again = run(3, 40.0, false, seed, &faults, u64::MAX);
        again.run_until(later, u64::MAX);
        prop_assert_eq!(first.trace_hash(), again.trace_hash());
        prop_assert_ne!(first.trace_hash(), fork.trace_hash());
    }

    #[test]
    fn reading_any_text_gives_a_plan_or_a_message(text in "\\PC{0,300}") {
        if let Err(error) = understudy_sim::Scenario::read("any.json", &text) {
            prop_assert!(error.to_string().starts_with("any.json, "));
        }
    }
}
