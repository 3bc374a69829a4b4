//! The data itself: what a failover loses, what waiting costs, what two primaries do.

use std::rc::Rc;

use understudy_core::TimelineId;
use understudy_sim::view::{DatabaseRole, NodeDetail};
use understudy_sim::{Outcome, Plan, Scenario, Sim, TimedCommand, Totals, story};

use crate::worlds::{detail, run_to, scripted};

const SCENARIO: &str = include_str!("../../../scenarios/primary-and-replicas.json");
const TWO_PRIMARIES: &str = include_str!("../../../scenarios/two-primaries.json");

fn plan(changes: &[(&str, &str)]) -> Rc<Plan> {
    let mut text = String::from(SCENARIO);
    for (from, to) in changes {
        assert!(text.contains(from), "the scenario has no {from}");
        text = text.replace(from, to);
    }
    Rc::new(Scenario::read("primary-and-replicas.json", &text).expect("the test's scenario is right"))
}

fn run(changes: &[(&str, &str)], seed: u64, commands: &[&str], until: u64) -> Sim {
    let plan = plan(changes);
    let mut sim = Sim::new(Rc::clone(&plan), seed);
    for command in commands {
        sim.schedule(TimedCommand::parse(command, &plan).expect("the test's commands are right"))
            .expect("sensible");
    }
    for second in 1..=until {
        run_to(&mut sim, second);
        sim.check_invariants();
    }
    sim
}

fn role(sim: &Sim, name: &str) -> DatabaseRole {
    let node = sim.plan().find(name).expect("the scenario has it");
    match sim.snapshot().nodes[node.get()].detail {
        NodeDetail::Database { role, .. } => role,
        ref other => panic!("{name} is a database, not {other:?}"),
    }
}

fn tells(sim: &Sim, part: &str) -> bool {
    sim.log().entries().any(|entry| story::sentence(&entry.fact, sim.plan()).contains(part))
}

fn totals(sim: &Sim) -> Totals {
    sim.snapshot().totals
}

#[test]
fn writes_reach_the_replicas_and_reads_there_can_be_stale() {
    let sim = run(&[], 1, &[], 30);
    let end = |name: &str| {
        let node = sim.plan().find(name).expect("it has it");
        match sim.snapshot().nodes[node.get()].detail {
            NodeDetail::Database { end, .. } => end.0,
            _ => panic!("{name} is a database"),
        }
    };
    assert!(end("db-1") > 30_000, "a hundred bytes for each of some 360 writes: {}", end("db-1"));
    assert!(end("db-1") - end("db-2") < 1_000 && end("db-1") - end("db-3") < 1_000);
    let totals = totals(&sim);
    assert_eq!(totals.failed(), 0);
    assert!(totals.acknowledged_writes > 300 && totals.lost_writes == 0);
    assert!(totals.stale_reads < totals.reads / 20, "replication takes 20 ms: few reads notice");
}

#[test]
fn reads_from_the_primary_are_never_stale_and_a_slow_replica_makes_the_others_so() {
    let slow = (r#""name": "db-2","#, r#""name": "db-2", "replay_time": { "constant": "500ms" },"#);
    let all = totals(&run(&[slow], 1, &[], 30));
    assert!(all.stale_reads > 20, "{all:?}");
    let own = totals(&run(&[slow, (r#""reads": "all""#, r#""reads": "read-your-writes""#)], 1, &[], 30));
    // All write in one session. What a read may still miss is a write whose acknowledgement is on its way.
    assert!(own.stale_reads < all.stale_reads / 10, "{own:?}");
    let primary = totals(&run(&[slow, (r#""reads": "all""#, r#""reads": "primary""#)], 1, &[], 30));
    assert_eq!(primary.stale_reads, 0);
    assert!(primary.reads > 1_000);
}

#[test]
fn a_dead_primary_is_replaced_and_comes_back_as_a_replica() {
    let sim = run(&[], 1, &["10s kill db-1", "25s revive db-1"], 60);
    assert_eq!(role(&sim, "db-2"), DatabaseRole::Primary);
    let db_2 = sim.plan().find("db-2");
    assert_eq!(role(&sim, "db-1"), DatabaseRole::Replica { follows: db_2 });
    assert_eq!(role(&sim, "db-3"), DatabaseRole::Replica { follows: db_2 });
    assert!(tells(&sim, "db-2 was promoted and starts timeline 2"));
    let before = totals(&run(&[], 1, &["10s kill db-1", "25s revive db-1"], 35));
    let after = totals(&sim);
    assert!(after.acknowledged_writes > before.acknowledged_writes + 200, "writes are taken again");
    assert_eq!(after.failed(), before.failed(), "and nothing fails any more");
}

#[test]
fn an_acknowledged_write_is_lost_when_it_had_not_reached_a_replica() {
    let cut = ["9s cut db-1 db-2", "9s cut db-1 db-3", "10s kill db-1"];
    let sim = run(&[], 1, &cut, 30);
    assert_eq!(role(&sim, "db-2"), DatabaseRole::Primary);
    let totals = totals(&sim);
    assert!(totals.lost_writes >= 5, "a second of writes was acknowledged and is gone: {totals:?}");
    assert!(tells(&sim, "acknowledged writes are lost"));
}

#[test]
fn a_write_that_waits_for_a_replica_is_never_lost_and_waits_while_they_are_cut_off() {
    let quorum = [(r#""role": "primary","#, r#""role": "primary", "sync_replicas": 1,"#)];
    let cut = ["9s cut db-1 db-2", "9s cut db-1 db-3", "10s kill db-1"];
    for seed in 1..8 {
        let totals = totals(&run(&quorum, seed, &cut, 30));
        assert_eq!(totals.lost_writes, 0, "seed {seed}");
    }
    let waiting = totals(&run(&quorum, 1, &cut[..2], 20));
    assert!(waiting.of(Outcome::TimedOut) > 30, "nobody confirms, so clients wait in vain: {waiting:?}");
}

#[test]
fn without_fencing_a_primary_that_is_only_cut_off_goes_on_and_both_take_writes() {
    let plan =
        Rc::new(Scenario::read("two-primaries.json", TWO_PRIMARIES).expect("a shipped scenario is right"));
    let mut sim = Sim::new(plan, 1);
    run_to(&mut sim, 19);
    let roles = ["db-1", "db-2", "db-3"].map(|name| role(&sim, name));
    assert_eq!(roles.iter().filter(|role| **role == DatabaseRole::Primary).count(), 2, "{roles:?}");
    run_to(&mut sim, 40);
    let roles = ["db-1", "db-2", "db-3"].map(|name| role(&sim, name));
    assert_eq!(roles.iter().filter(|role| **role == DatabaseRole::Primary).count(), 1, "{roles:?}");
    assert!(
        totals(&sim).lost_writes > 20,
        "what the old one acknowledged meanwhile is gone: {:?}",
        totals(&sim)
    );
}

#[test]
fn with_a_fencing_device_or_a_lease_there_is_one_primary_at_a_time() {
    for fencing in ["device", "lease"] {
        let text = TWO_PRIMARIES.replace(r#""fencing": "none""#, &format!(r#""fencing": "{fencing}""#));
        let plan =
            Rc::new(Scenario::read("two-primaries.json", &text).expect("the test's scenario is right"));
        let mut sim = Sim::new(plan, 1);
        for tenth in 1..400 {
            sim.run_until(understudy_sim::SimTime::from_millis(tenth * 100), u64::MAX);
            let primaries = ["db-1", "db-2", "db-3"]
                .iter()
                .filter(|name| role(&sim, name) == DatabaseRole::Primary)
                .count();
            assert!(primaries <= 1, "{fencing}: two primaries at {}", sim.now());
        }
        assert!(tells(&sim, "was promoted"), "{fencing}");
    }
}

#[test]
fn a_replica_that_is_still_replaying_when_the_timeline_changes_goes_on_afterwards() {
    let commands = ["10s slow db-2 200x", "14s switchover manager db-3", "20s slow db-2 1x"];
    let mut sim = scripted(&plan(&[]), 1, &commands);
    run_to(&mut sim, 60);
    let state = |name: &str| match detail(&sim, name) {
        NodeDetail::Database { timeline, end, replayed, .. } => (timeline, end, replayed),
        other => panic!("{name} is a database, not {other:?}"),
    };
    let (db2, db3) = (state("db-2"), state("db-3"));
    assert_eq!((db2.0, db3.0), (TimelineId(2), TimelineId(2)));
    assert!(db3.1.0 - db2.2.0 < 2_000, "db-2 has replayed {} of {}", db2.2, db3.1);
}
