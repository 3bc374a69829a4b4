//! The checkers bite: each passes what is true and complains about a doctored sight of the same run.
//!
//! And they hold for the shipped scenarios, watched after every event.

use std::rc::Rc;

use understudy_core::balancer::PassedOver;
use understudy_core::failover::Fencing;
use understudy_core::health::Belief;
use understudy_core::replication::{AcknowledgedWrite, Key, Write, WriteId};
use understudy_core::{LogPosition, Lsn, SimDuration, SimTime, TimelineId};
use understudy_sim::scenario::PoolMode;
use understudy_sim::view::{DatabaseRole, NodeDetail, Snapshot};
use understudy_sim::{Plan, Scenario, Sim, TimedCommand};
use understudy_swarm::checks::{
    Accounts, Acknowledged, Checker, KeptWrites, LogPrefix, OneMaster, OnePrimary, Picks, Secrets, Sight,
    Watch,
};

const THREE_WEB_SERVERS: &str = include_str!("../../../scenarios/three-web-servers.json");
const TWO_BALANCERS: &str = include_str!("../../../scenarios/two-balancers.json");
const PRIMARY_AND_REPLICAS: &str = include_str!("../../../scenarios/primary-and-replicas.json");
const CLASSIC_STACK: &str = include_str!("../../../scenarios/classic-stack.json");
const TWO_PRIMARIES: &str = include_str!("../../../scenarios/two-primaries.json");

fn plan(text: &str) -> Rc<Plan> {
    Rc::new(Scenario::read("shipped.json", text).expect("a shipped scenario is right"))
}

/// A run of a plan as it is after `seconds`.
fn run(plan: &Rc<Plan>, seed: u64, seconds: u64) -> Sim {
    let mut sim = Sim::new(Rc::clone(plan), seed);
    sim.run_until(SimTime::from_secs(seconds), u64::MAX);
    sim
}

/// The same plan, with commits that wait for one replica.
fn quorum() -> Rc<Plan> {
    plan(
        &PRIMARY_AND_REPLICAS.replace(r#""kind": "database","#, r#""kind": "database", "sync_replicas": 1,"#),
    )
}

fn role<'a>(plan: &Plan, snapshot: &'a mut Snapshot, name: &str) -> &'a mut DatabaseRole {
    let id = plan.find(name).expect("the plan has it");
    match &mut snapshot.nodes[id.get()].detail {
        NodeDetail::Database { role, .. } => role,
        other => panic!("{name} is no database: {other:?}"),
    }
}

#[test]
fn a_request_that_nobody_waits_for_is_missed() {
    let plan = plan(THREE_WEB_SERVERS);
    let sim = run(&plan, 1, 5);
    let mut sight = Sight::of(&sim);
    assert!(sight.awaited > 0);
    assert_eq!(Accounts.check(&plan, &sight), Ok(()));
    sight.awaited -= 1;
    assert!(Accounts.check(&plan, &sight).is_err_and(|problem| problem.contains("clients wait for")));
}

#[test]
fn a_pick_of_a_server_believed_down_is_seen() {
    let plan = plan(THREE_WEB_SERVERS);
    let sim = run(&plan, 1, 5);
    let mut sight = Sight::of(&sim);
    assert_eq!(Picks::new(&plan).check(&plan, &sight), Ok(()));
    let balancer = plan.find("lb-1").expect("the plan has it");
    let NodeDetail::LoadBalancer { pool, last_choice: Some(choice), .. } =
        &mut sight.snapshot.nodes[balancer.get()].detail
    else {
        panic!("it has chosen");
    };
    for entry in pool.iter_mut() {
        entry.belief = if Some(entry.server) == choice.server { Belief::Down } else { Belief::Up };
    }
    let mut picks = Picks::new(&plan);
    assert!(picks.check(&plan, &sight).is_err_and(|problem| problem.contains("down and picked it")));
    assert_eq!(picks.check(&plan, &sight), Ok(()), "an old choice is not held against new beliefs");
}

#[test]
fn an_attack_that_nobody_waits_for_is_missed() {
    let plan = plan(THREE_WEB_SERVERS);
    let sim = run(&plan, 1, 5);
    let mut sight = Sight::of(&sim);
    assert_eq!(Accounts.check(&plan, &sight), Ok(()));
    sight.attacks += 1;
    assert!(Accounts.check(&plan, &sight).is_err_and(|problem| problem.contains("attackers sent 0")));
}

#[test]
fn a_pick_of_a_standby_that_is_not_needed_is_seen() {
    let plan = plan(THREE_WEB_SERVERS);
    let sim = run(&plan, 1, 5);
    let mut sight = Sight::of(&sim);
    let balancer = plan.find("lb-1").expect("the plan has it");
    let NodeDetail::LoadBalancer { pool, mode, last_choice: Some(choice), .. } =
        &mut sight.snapshot.nodes[balancer.get()].detail
    else {
        panic!("it has chosen");
    };
    *mode = PoolMode::ActivePassive;
    for entry in pool.iter_mut() {
        entry.standby = Some(entry.server) == choice.server;
    }
    let problem = Picks::new(&plan).check(&plan, &sight).expect_err("an active server is up");
    assert!(problem.contains("picked the standby"), "{problem}");
    let NodeDetail::LoadBalancer { pool, last_choice: Some(choice), .. } =
        &mut sight.snapshot.nodes[balancer.get()].detail
    else {
        panic!("it has chosen");
    };
    let active = pool.iter().filter(|entry| !entry.standby).map(|entry| entry.server);
    choice.passed_over = active.map(|server| (server, PassedOver::Tried)).collect();
    assert_eq!(Picks::new(&plan).check(&plan, &sight), Ok(()), "this request has tried the active ones");
}

#[test]
fn what_is_read_on_an_encrypted_link_is_seen() {
    let plan = plan(CLASSIC_STACK);
    let sim = run(&plan, 1, 5);
    let mut sight = Sight::of(&sim);
    let mut read = |encrypted: bool| {
        for link in &mut sight.snapshot.links {
            link.tls = encrypted;
        }
        for node in &mut sight.snapshot.nodes {
            if let NodeDetail::Eavesdropper { readable, .. } = &mut node.detail {
                *readable += 1;
            }
        }
        sight.clone()
    };
    let mut secrets = Secrets::default();
    assert_eq!(secrets.check(&plan, &read(false)), Ok(()));
    assert_eq!(secrets.check(&plan, &read(false)), Ok(()), "plain text is anybody's");
    assert_eq!(secrets.check(&plan, &read(true)), Ok(()), "it may have passed before");
    assert!(secrets.check(&plan, &read(true)).is_err_and(|problem| problem.contains("encrypted link")));
}

#[test]
fn fencing_is_relied_on_again_once_nobody_but_the_primary_accepts_writes() {
    let plan = plan(PRIMARY_AND_REPLICAS);
    let sim = run(&plan, 1, 5);
    let honest = Sight::of(&sim);
    let set = |sight: &mut Sight<'_>, how: Fencing| {
        for node in &mut sight.snapshot.nodes {
            if let NodeDetail::FailoverManager { fencing, .. } = &mut node.detail {
                *fencing = how;
            }
        }
    };
    let mut two = honest.clone();
    *role(&plan, &mut two.snapshot, "db-2") = DatabaseRole::Primary;
    let mut unfenced = two.clone();
    set(&mut unfenced, Fencing::None);
    let mut checker = OnePrimary::new(&plan);
    assert_eq!(checker.check(&plan, &unfenced), Ok(()), "nothing is promised");
    assert_eq!(checker.check(&plan, &two), Ok(()), "the stray one is left from before");
    assert_eq!(checker.check(&plan, &honest), Ok(()));
    assert!(checker.check(&plan, &two).is_err(), "it was gone, and there is fencing again");
}

#[test]
fn a_second_primary_is_seen_where_fencing_promises_that_there_is_none() {
    let fenced = plan(PRIMARY_AND_REPLICAS);
    let sim = run(&fenced, 1, 5);
    let mut sight = Sight::of(&sim);
    assert_eq!(OnePrimary::new(&fenced).check(&fenced, &sight), Ok(()));
    *role(&fenced, &mut sight.snapshot, "db-2") = DatabaseRole::Primary;
    let problem = OnePrimary::new(&fenced).check(&fenced, &sight).expect_err("two accept writes");
    assert_eq!(problem, "db-1 and db-2 accept writes at the same time");

    let unfenced = plan(TWO_PRIMARIES);
    let sim = run(&unfenced, 1, 5);
    let mut sight = Sight::of(&sim);
    *role(&unfenced, &mut sight.snapshot, "db-2") = DatabaseRole::Primary;
    assert_eq!(OnePrimary::new(&unfenced).check(&unfenced, &sight), Ok(()), "nothing was promised");
}

#[test]
fn logs_that_differ_on_the_same_history_are_seen() {
    let plan = plan(PRIMARY_AND_REPLICAS);
    let (sim, other) = (run(&plan, 1, 5), run(&plan, 2, 5));
    let sight = Sight::of(&sim);
    let mut watched = LogPrefix::default();
    assert_eq!(watched.check(&plan, &sight), Ok(()));
    // The first replica has the log of another run.
    let mut doctored = sight.clone();
    doctored.logs[1].1 = other.examine().log_of(doctored.logs[1].0).expect("a database");
    let problem = LogPrefix::default().check(&plan, &doctored).expect_err("they differ");
    assert!(problem.contains("the logs of db-1 and db-2 share their history"), "{problem}");
}

#[test]
fn a_replica_that_is_ahead_of_its_primary_is_seen() {
    let plan = plan(PRIMARY_AND_REPLICAS);
    let (sim, later) = (run(&plan, 1, 5), run(&plan, 1, 6));
    let mut sight = Sight::of(&sim);
    sight.logs[1].1 = later.examine().log_of(sight.logs[1].0).expect("a database");
    let problem = LogPrefix::default().check(&plan, &sight).expect_err("it is ahead");
    assert_eq!(problem, "db-2 follows db-1 on the same history, and its log is longer");
}

#[test]
fn a_lost_write_is_seen_where_none_may_be_lost() {
    let quorum = quorum();
    let sim = run(&quorum, 1, 5);
    let mut sight = Sight::of(&sim);
    assert!(sight.snapshot.totals.acknowledged_writes > 0);
    assert_eq!(KeptWrites::new(&quorum).check(&quorum, &sight), Ok(()));
    sight.snapshot.totals.lost_writes = 1;
    let problem = KeptWrites::new(&quorum).check(&quorum, &sight).expect_err("one is lost");
    assert!(problem.contains("though commits wait for replicas"), "{problem}");
}

#[test]
fn an_acknowledged_write_that_is_in_no_log_is_seen() {
    let plan = plan(PRIMARY_AND_REPLICAS);
    let sim = run(&plan, 1, 5);
    let mut sight = Sight::of(&sim);
    let mut writes = sight.acknowledged.list();
    assert!(!writes.is_empty());
    assert_eq!(KeptWrites::new(&plan).check(&plan, &sight), Ok(()));
    writes[0] = AcknowledgedWrite {
        write: Write { id: WriteId(1_000_000), key: Key(0) },
        position: LogPosition { timeline: TimelineId::FIRST, lsn: Lsn(100) },
        at: SimTime::ZERO,
    };
    sight.acknowledged = Acknowledged::These(writes);
    let problem = KeptWrites::new(&plan).check(&plan, &sight).expect_err("one is nowhere");
    assert!(problem.contains("in no log and not counted as lost"), "{problem}");
}

#[test]
fn two_masters_are_seen_unless_they_are_cut_off_or_have_not_heard_yet() {
    let plan = plan(TWO_BALANCERS);
    let sim = run(&plan, 1, 20);
    let honest = Sight::of(&sim);
    let mut doctored = honest.clone();
    for node in &mut doctored.snapshot.nodes {
        if let NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } = &mut node.detail {
            shared.held = true;
        }
    }
    let later = |sight: &Sight<'_>, by| {
        let mut sight = sight.clone();
        sight.snapshot.now += by;
        drop(std::mem::replace(&mut sight.acknowledged, Acknowledged::These(Vec::new())));
        sight.snapshot
    };
    let moment = SimDuration::from_secs(1);
    let at = |snapshot: Snapshot| Sight { snapshot, ..honest.clone() };

    let mut checker = OneMaster::new(&plan);
    assert_eq!(checker.check(&plan, &honest), Ok(()), "the first look is when something happened last");
    assert_eq!(checker.check(&plan, &at(later(&honest, moment * 30))), Ok(()));
    assert_eq!(checker.check(&plan, &at(later(&doctored, moment * 31))), Ok(()), "not heard yet");
    let problem = checker.check(&plan, &at(later(&doctored, moment * 32))).expect_err("both hold it");
    assert!(problem.contains("have both held the virtual address since 51 s"), "{problem}");

    let mut checker = OneMaster::new(&plan);
    let (one, other) = (plan.find_link("lb-1", "lb-2"), moment * 60);
    let mut cut = later(&doctored, moment);
    cut.links[one.expect("they are linked").get()].cut_back = true;
    assert_eq!(checker.check(&plan, &at(cut.clone())), Ok(()));
    cut.now += other;
    assert_eq!(checker.check(&plan, &at(cut)), Ok(()), "they are cut off from each other");
}

#[test]
fn the_shipped_scenarios_pass_every_checker_after_every_event() {
    for (text, commands) in [
        (THREE_WEB_SERVERS, &["3s kill web-2", "12s revive web-2", "14s hang web-1", "20s revive web-1"][..]),
        (TWO_BALANCERS, &["5s cut lb-1 lb-2", "12s heal lb-1 lb-2", "20s kill lb-1", "30s revive lb-1"]),
        (PRIMARY_AND_REPLICAS, &["5s kill db-1", "20s revive db-1", "30s switchover manager"]),
        (TWO_PRIMARIES, &[]),
    ] {
        let plan = plan(text);
        let mut sim = Sim::new(Rc::clone(&plan), 3);
        for command in commands {
            let timed = TimedCommand::parse(command, &plan).expect("the test's commands are right");
            sim.schedule(timed).expect("they make sense");
        }
        let mut watch = Watch::new(&plan);
        while let Some(entry) = sim.step(SimTime::from_secs(45)) {
            if let Err(violation) = watch.check(&sim) {
                panic!("{}: {violation}, after {}", plan.title(), entry.line(&plan));
            }
        }
    }
}
