//! What holds in every state of a small cluster, and the shortest way to break what does not.
//!
//! `BLESS=1 cargo test -p understudy-model` writes the counter-examples anew. `-- --nocapture` shows how many
//! states were visited, `--release` visits more, and `--release -- --ignored` still more for some minutes.

use std::collections::BTreeMap;
use std::time::Instant;

use stateright::{Checker, Model, Path};
use understudy_core::failover::{Durability, Fencing, NodeIndex};
use understudy_model::{
    Action, Bounds, Cluster, NO_SPLIT_BRAIN, NOTHING_LOST, ONE_PRIMARY, REJOIN, TAKEOVER, World, schedule,
};

const QUORUM: Durability = Durability::AnyOf { required: 1 };
/// Two writes under two faults: enough for a takeover that fails and is done again.
const TWO_FAULTS: Bounds = Bounds { writes: 2, faults: 2, switchovers: 0 };
/// The same to visit every state of; unoptimised with one write, so that this too takes seconds.
const EVERY_STATE: Bounds = Bounds { writes: if cfg!(debug_assertions) { 1 } else { 2 }, ..TWO_FAULTS };
/// One write and one fault while an operator switches over.
const SWITCHOVER: Bounds = Bounds { writes: 1, faults: 1, switchovers: 1 };

/// Visits every state, or stops once each property has been decided; what was found, by property.
fn check(cluster: &Cluster) -> BTreeMap<&'static str, Path<World, Action>> {
    let started = Instant::now();
    // One thread: the order of visits, and so the counter-example, is always the same.
    let checker = cluster.clone().checker().threads(1).spawn_bfs().join();
    println!(
        "{:?}, {:?}, {:?}: {} states, depth {}, {:.1} s",
        cluster.config.fencing,
        cluster.config.durability,
        cluster.bounds,
        checker.unique_state_count(),
        checker.max_depth(),
        started.elapsed().as_secs_f64()
    );
    checker.discoveries().into_iter().collect()
}

/// Demands that these hold in every state, in a cluster where takeovers do happen and the old primary does
/// come back.
fn holds(fencing: Fencing, durability: Durability, bounds: Bounds, always: &[&'static str]) {
    let cluster = Cluster::new(fencing, durability, bounds, &[always, &[TAKEOVER, REJOIN]].concat());
    let mut found = check(&cluster);
    for expected in [TAKEOVER, REJOIN] {
        assert!(found.remove(expected).is_some(), "the check is about nothing: never seen that {expected}");
    }
    if let Some((broken, path)) = found.into_iter().next() {
        panic!("it is not so that {broken}:\n{}", schedule(&cluster, &path.into_actions()));
    }
}

/// Demands that this is broken, and returns the shortest way there.
fn breaks(cluster: &Cluster) -> Vec<Action> {
    let [property] = cluster.properties[..] else {
        panic!("one property, so that the search ends at the first")
    };
    let path = check(cluster).remove(property);
    path.unwrap_or_else(|| panic!("expected a counter-example to: {property}")).into_actions()
}

/// Compares with the file that is checked in, or writes it.
fn compare(file: &str, found: &str) {
    let path = format!("{}/counterexamples/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, found).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, kept, "{file} is not what the checker finds; BLESS=1 writes it anew");
}

#[test]
fn a_fencing_device_and_a_quorum_keep_one_primary_and_every_acknowledged_write() {
    holds(Cluster::DEVICE, QUORUM, EVERY_STATE, &[ONE_PRIMARY, NOTHING_LOST]);
}

#[test]
fn a_lease_and_a_quorum_keep_one_primary_and_every_acknowledged_write() {
    holds(Cluster::LEASE, QUORUM, EVERY_STATE, &[ONE_PRIMARY, NOTHING_LOST]);
}

#[test]
fn a_switchover_loses_nothing_even_with_asynchronous_commit_if_nothing_else_fails() {
    let bounds = Bounds { writes: 2, faults: 0, switchovers: 1 };
    holds(Cluster::LEASE, Durability::Asynchronous, bounds.clone(), &[ONE_PRIMARY, NOTHING_LOST]);
    holds(Fencing::None, Durability::Asynchronous, bounds, &[ONE_PRIMARY, NOTHING_LOST]);
}

#[test]
fn a_fault_during_a_switchover_loses_nothing_with_a_quorum() {
    for fencing in [Cluster::DEVICE, Cluster::LEASE] {
        holds(fencing, QUORUM, SWITCHOVER, &[ONE_PRIMARY, NOTHING_LOST]);
    }
}

#[test]
fn a_quorum_alone_keeps_every_acknowledged_write_but_not_one_primary() {
    // The old primary accepts writes but cannot have them acknowledged: no replica follows it any more.
    holds(Fencing::None, QUORUM, EVERY_STATE, &[NOTHING_LOST, NO_SPLIT_BRAIN]);
    breaks(&Cluster::new(Fencing::None, QUORUM, TWO_FAULTS, &[ONE_PRIMARY]));
}

#[test]
fn fencing_alone_keeps_one_primary_but_not_every_acknowledged_write() {
    holds(Cluster::LEASE, Durability::Asynchronous, EVERY_STATE, &[ONE_PRIMARY]);
    let cluster = Cluster::new(Cluster::LEASE, Durability::Asynchronous, TWO_FAULTS, &[NOTHING_LOST]);
    let actions = breaks(&cluster);
    compare(
        "lost-write.txt",
        &format!(
            "# The shortest way to lose an acknowledged write with a lease and asynchronous commit.\n{}",
            schedule(&cluster, &actions)
        ),
    );
}

#[test]
fn without_fencing_two_primaries_acknowledge_writes_and_some_are_lost() {
    let cluster = Cluster::new(Fencing::None, Durability::Asynchronous, TWO_FAULTS, &[NO_SPLIT_BRAIN]);
    let mut actions = breaks(&cluster);
    let found = schedule(&cluster, &actions);
    actions.extend([Action::HealManager(NodeIndex(0)), Action::Tick]);
    let whole = schedule(&cluster, &actions);
    compare(
        "two-primaries.txt",
        &format!(
            "# The shortest way to two primaries that both acknowledge writes: no fencing, asynchronous commit.\n\
             {found}\n# The same, and then the cut heals.\n{whole}"
        ),
    );
}

#[test]
#[ignore = "takes some minutes"]
fn more_faults_and_a_switchover_change_nothing() {
    let bounds = Bounds { writes: 2, faults: 2, switchovers: 1 };
    for fencing in [Cluster::DEVICE, Cluster::LEASE] {
        holds(fencing, QUORUM, bounds.clone(), &[ONE_PRIMARY, NOTHING_LOST]);
    }
    holds(Fencing::None, QUORUM, bounds, &[NOTHING_LOST, NO_SPLIT_BRAIN]);
}
