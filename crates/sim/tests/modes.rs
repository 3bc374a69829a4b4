//! Modes that change while everything runs: nothing under way is lost by that, and the next decision goes by the new
//! mode.

use understudy_core::balancer::Algorithm;
use understudy_sim::view::{DatabaseRole, NodeDetail, PoolEntry};
use understudy_sim::{Command, Outcome, Sim, SimTime, TimedCommand};

use crate::worlds::{
    CLASSIC_STACK, SHIPPED, THREE_WEB_SERVERS, changed, detail, run_to, scripted, seconds, tells,
};

fn pool(sim: &Sim, name: &str) -> Vec<PoolEntry> {
    match detail(sim, name) {
        NodeDetail::LoadBalancer { pool, .. } => pool,
        other => panic!("{name} is a balancer, not {other:?}"),
    }
}

fn picked(sim: &Sim) -> [u64; 3] {
    let picks: Vec<u64> = pool(sim, "lb-1").iter().map(|entry| entry.picked).collect();
    picks.try_into().expect("three servers")
}

/// Who was picked how often between two seconds.
fn shares(sim: &mut Sim, from: u64, to: u64) -> [u64; 3] {
    run_to(sim, from);
    let before = picked(sim);
    run_to(sim, to);
    let after = picked(sim);
    core::array::from_fn(|server| after[server] - before[server])
}

fn lb(commands: &[&str]) -> Sim {
    scripted(&changed(THREE_WEB_SERVERS, &[]), 1, commands)
}

#[test]
fn a_weight_shares_the_turns_anew() {
    let mut sim = lb(&["10s weight web-1 4"]);
    let [first, second, third] = shares(&mut sim, 10, 40);
    assert!(second.abs_diff(third) <= 2 && first.abs_diff(4 * second) <= 8, "{first}, {second}, {third}");
    assert_eq!(pool(&sim, "lb-1")[0].weight, 4);
    assert!(tells(&sim, "web-1 now has the weight 4"));
}

#[test]
fn every_algorithm_can_take_over_from_every_other_and_loses_nothing() {
    for algorithm in Algorithm::ALL {
        for next in Algorithm::ALL {
            let commands = [format!("5s algorithm lb-1 {algorithm}"), format!("10s algorithm lb-1 {next}")];
            let mut sim = lb(&[&commands[0], &commands[1]]);
            run_to(&mut sim, 15);
            let totals = sim.snapshot().totals;
            assert_eq!(totals.of(Outcome::Lost) + totals.of(Outcome::TimedOut), 0, "{algorithm}, {next}");
            let NodeDetail::LoadBalancer { algorithm: shown, .. } = detail(&sim, "lb-1") else { return };
            assert_eq!(shown, next);
            sim.check_invariants();
        }
    }
}

#[test]
fn a_standby_waits_until_no_active_server_is_up() {
    let commands = ["0s standby web-3 on", "5s pool lb-1 active-passive", "20s kill web-1", "20s kill web-2"];
    let mut sim = lb(&commands);
    assert!(shares(&mut sim, 1, 5)[2] > 10, "active-active: it takes turns like the others");
    assert_eq!(shares(&mut sim, 6, 20)[2], 0);
    // Three failed checks, two seconds apart, and it serves.
    assert!(shares(&mut sim, 27, 37)[2] > 180);
    assert!(pool(&sim, "lb-1")[2].standby && !pool(&sim, "lb-1")[0].standby);
    assert!(tells(&sim, "web-3 is a standby now"));
    sim.check_invariants();
}

#[test]
fn one_standby_serves_or_all_of_them_as_the_mode_says() {
    let standby = |name: &str| {
        let (from, to) = (format!(r#""name": "{name}","#), format!(r#""name": "{name}", "standby": true,"#));
        (from, to)
    };
    let (two, three) = (standby("web-2"), standby("web-3"));
    for (mode, alone) in [("active-passive", true), ("active-passive-all", false)] {
        let changes = [
            (two.0.as_str(), two.1.as_str()),
            (three.0.as_str(), three.1.as_str()),
            (r#""retry": false"#, &format!(r#""retry": false, "pool_mode": "{mode}""#)),
        ];
        let mut sim = scripted(&changed(THREE_WEB_SERVERS, &changes), 1, &["5s kill web-1"]);
        assert_eq!(shares(&mut sim, 1, 5)[1..], [0, 0]);
        let [_, second, third] = shares(&mut sim, 12, 30);
        assert!(second > 100 && (third == 0) == alone, "{mode}: {second}, {third}");
    }
}

#[test]
fn faster_checks_find_a_death_sooner() {
    let found_after = |commands: &[&str]| {
        let mut sim = lb(commands);
        let mut at = SimTime::from_secs(10);
        sim.run_until(at, u64::MAX);
        while pool(&sim, "lb-1")[1].belief.in_use() {
            at += understudy_sim::SimDuration::from_millis(100);
            sim.run_until(at, u64::MAX);
        }
        at.since(seconds(10)).as_secs_f64()
    };
    let slow = found_after(&["10s kill web-2"]);
    let fast = found_after(&["9s health lb-1 interval 500ms fall 2 rise 2", "10s kill web-2"]);
    assert!(slow >= 4.0 && fast <= 1.2, "{slow}, {fast}");
    let NodeDetail::LoadBalancer { health, .. } = detail(&lb(&[]), "lb-1") else { return };
    assert_eq!(health.fall, 3);
}

#[test]
fn reads_go_where_they_are_sent() {
    let served = |sim: &Sim, name: &str| match detail(sim, name) {
        NodeDetail::Database { served, .. } => served,
        other => panic!("{name} is a database, not {other:?}"),
    };
    let plan = changed(CLASSIC_STACK, &[]);
    let mut sim = scripted(&plan, 1, &["10s reads * primary", "20s reads app-1 replicas"]);
    run_to(&mut sim, 11);
    let before = served(&sim, "db-2") + served(&sim, "db-3");
    assert!(before > 100);
    run_to(&mut sim, 20);
    assert_eq!(served(&sim, "db-2") + served(&sim, "db-3"), before);
    run_to(&mut sim, 30);
    assert!(served(&sim, "db-2") + served(&sim, "db-3") > before + 100);
    assert!(tells(&sim, "all reads now go to the primary"));
}

#[test]
fn a_new_commit_rule_counts_for_writes_that_wait() {
    let plan = changed(CLASSIC_STACK, &[]);
    let commands = ["10s commit any 1", "15s cut db-1 db-2", "15s cut db-1 db-3", "16.5s commit async"];
    let mut sim = scripted(&plan, 1, &commands);
    sim.run_until(SimTime::from_millis(15_200), u64::MAX);
    let before = sim.snapshot().totals.acknowledged_writes;
    sim.run_until(SimTime::from_millis(16_499), u64::MAX);
    assert!(sim.snapshot().totals.acknowledged_writes <= before + 2, "nobody confirms");
    sim.run_until(SimTime::from_millis(16_500), u64::MAX);
    let at_once = sim.snapshot().totals.acknowledged_writes - before;
    assert_eq!(at_once, 8, "as many as there are workers wait, and are told at once");
    assert!(tells(&sim, "when any 1 replica has flushed it too"));
    sim.check_invariants();
}

#[test]
fn with_a_quorum_set_while_running_a_failover_loses_nothing() {
    let lost = |commit: &str| {
        let plan = changed(CLASSIC_STACK, &[]);
        let commands = [commit, "15s cut db-1 db-2", "15s cut db-1 db-3", "16s kill db-1"];
        let mut sim = scripted(&plan, 1, &commands);
        run_to(&mut sim, 40);
        assert!(tells(&sim, "was promoted"), "{commit}");
        sim.snapshot().totals.lost_writes
    };
    assert!(lost("5s commit async") > 5);
    assert_eq!(lost("5s commit any 1"), 0);
}

fn primaries(sim: &Sim) -> usize {
    let is_primary =
        |name: &&str| matches!(detail(sim, name), NodeDetail::Database { role: DatabaseRole::Primary, .. });
    ["db-1", "db-2", "db-3"].iter().filter(|name| is_primary(name)).count()
}

#[test]
fn fencing_can_be_taken_away_and_given_back_while_running() {
    let (_, two_primaries) = SHIPPED[3];
    for (fencing, most) in [("none", 2), ("device", 1), ("lease", 1)] {
        // The other way round in the file, so that it is the command that counts.
        let other = if fencing == "none" { r#""fencing": "device""# } else { r#""fencing": "none""# };
        let plan = changed(two_primaries, &[(r#""fencing": "none""#, other)]);
        let command = format!("2s fencing manager {fencing}");
        let mut sim = scripted(&plan, 1, &[&command]);
        let mut seen = 0;
        for tenth in 1..300 {
            sim.run_until(SimTime::from_millis(100 * tenth), u64::MAX);
            seen = seen.max(primaries(&sim));
        }
        assert_eq!(seen, most, "{fencing}");
        assert!(tells(&sim, "was promoted"), "{fencing}");
    }
}

#[test]
fn a_primary_that_had_a_lease_keeps_taking_writes_when_leases_are_given_up() {
    let plan = changed(CLASSIC_STACK, &[(r#""fencing": "device""#, r#""fencing": "lease""#)]);
    let mut sim = scripted(&plan, 1, &["10s fencing manager none"]);
    run_to(&mut sim, 60);
    assert!(!tells(&sim, "its lease ran out"));
    assert_eq!(sim.snapshot().totals.of(Outcome::Rejected), 0);
}

#[test]
fn a_manager_that_does_not_run_learns_its_settings_when_it_starts() {
    let plan = changed(CLASSIC_STACK, &[]);
    let commands = ["5s kill manager", "6s fencing manager none", "6s commit any 1", "10s revive manager"];
    let mut sim = scripted(&plan, 1, &commands);
    run_to(&mut sim, 20);
    let NodeDetail::FailoverManager { fencing, .. } = detail(&sim, "manager") else { return };
    assert_eq!(fencing, understudy_core::failover::Fencing::None);
    sim.check_invariants();
}

#[test]
fn an_operator_names_who_takes_over() {
    let plan = changed(CLASSIC_STACK, &[]);
    let mut sim = scripted(&plan, 1, &["5s automatic manager off", "10s switchover manager db-3"]);
    run_to(&mut sim, 30);
    assert!(matches!(detail(&sim, "db-3"), NodeDetail::Database { role: DatabaseRole::Primary, .. }));
    assert_eq!(sim.snapshot().totals.lost_writes, 0);
}

#[test]
fn a_mode_that_is_so_already_is_no_news() {
    let plan = changed(CLASSIC_STACK, &[]);
    let mut sim = scripted(&plan, 1, &[]);
    run_to(&mut sim, 5);
    let before = sim.log().entries().len();
    for text in [
        "algorithm lb-1 round-robin",
        "weight web-1 1",
        "pool lb-1 active-active",
        "standby web-1 off",
        "health lb-1 interval 2s fall 3 rise 2",
        "retry lb-1 on",
        "commit async",
        "fencing manager device",
        "writes Readers 0.15",
        "lose lb-1 lb-2 0%",
    ] {
        let command = Command::parse(text, &plan).expect(text);
        sim.command(command).expect(text);
        assert_eq!(command.write(&plan), text);
    }
    assert_eq!(sim.log().entries().len(), before);
}

#[test]
fn a_mode_for_the_wrong_node_says_which_would_be_right() {
    let plan = changed(CLASSIC_STACK, &[]);
    let mut sim = scripted(&plan, 1, &[]);
    for (text, problem) in [
        ("algorithm web-1 ip-hash", "name a load balancer"),
        ("weight app-1 2", "name a server that a balancer is linked to"),
        ("weight web-1 0", "write 1 to 1000000"),
        ("pool firewall active-passive", "name a load balancer"),
        ("standby db-2 on", "name a server that a balancer is linked to"),
        ("health lb-1 interval 0s fall 3 rise 2", "write \"2s\" or so"),
        ("health lb-1 interval 1s fall 0 rise 2", "write 1 to 100"),
        ("reads web-1 all", "name a server that has"),
        ("commit any 3", "there are 2; write at most that"),
        ("fencing db-1 none", "name a failover manager"),
        ("overload web-1 2x 1s", "name clients"),
        ("overload Readers 0x 1s", "write 1 to 1000"),
        ("overload Readers 2x 0s", "more than 0 s"),
        ("kill-mid-request manager", "name a server or a balancer"),
        ("stop Readers", "name a server or a balancer"),
        ("delay lb-1 lb-2 2h", "cut the link"),
    ] {
        let command = Command::parse(text, &plan).expect(text);
        let message = sim.command(command).expect_err(text).to_string();
        assert!(message.contains(problem), "{text}: {message}");
    }
    for (text, problem) in [
        ("1s algorithm lb-1 fastest", "write one of round-robin"),
        ("1s pool lb-1 passive", "active-passive-all"),
        ("1s fencing manager stonith", "none, device, lease"),
        ("1s lose lb-1 lb-2 120%", "\"0%\" to \"100%\""),
        ("1s writes Readers 2", "from 0 to 1"),
        ("1s commit any 0", "write \"commit async\""),
        ("1s health lb-1 2s 3 2", "write \"health BALANCER interval 2s fall 3 rise 2\""),
        ("1s switchover manager lb-1", "the databases are db-1, db-2, db-3"),
    ] {
        let message = TimedCommand::parse(text, &plan).expect_err(text).to_string();
        assert!(message.contains(problem), "{text}: {message}");
    }
}
