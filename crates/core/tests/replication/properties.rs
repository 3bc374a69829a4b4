//! What replication promises, over random inputs in any order.
//!
//! Three nodes, anything can happen: writes at every level, messages, flushes and replays in any order, cuts,
//! stalls, crashes, promotions with and without fencing, rewinds, rebuilds, a log that is recycled early. After every
//! step the promises are checked from outside; at the end all is healed, and the cluster must come together again.

use std::collections::BTreeSet;

use proptest::prelude::*;
use understudy_core::replication::{
    Cluster, CommitLevel, Grounds, Key, Link, Node, NodeId, Primary, PrimaryConfig, Record, ReplicaConfig,
    Standing, Step, StreamState, SyncRule, Wal, WalConfig, WriteId,
};
use understudy_core::{Lsn, SimDuration};

use super::{DB_1, DB_2, DB_3};

const NODES: [NodeId; 3] = [DB_1, DB_2, DB_3];

#[derive(Clone, Debug)]
enum Action {
    Write { node: usize, key: u32, level: CommitLevel },
    Take(usize),
    Settle,
    Pass(u64),
    Cut(usize),
    Stall(usize),
    Heal(usize),
    Crash(usize),
    Start(usize),
    Fence(usize),
    Drain(usize),
    Promote(usize),
    Follow { node: usize, upstream: usize },
    Demote { node: usize, upstream: usize },
    Rewind { node: usize, source: usize },
    Pause(usize),
    Resume(usize),
    Rule { node: usize, rule: SyncRule },
    Slot(usize),
    Checkpoint(usize),
    Cancel(u64),
}

fn level() -> impl Strategy<Value = CommitLevel> {
    prop::sample::select(vec![
        CommitLevel::Off,
        CommitLevel::Local,
        CommitLevel::RemoteWrite,
        CommitLevel::RemoteFlush,
        CommitLevel::RemoteApply,
    ])
}

fn rule() -> impl Strategy<Value = SyncRule> {
    let listed = prop::sample::subsequence(NODES.to_vec(), 1..=3).prop_shuffle();
    prop_oneof![
        1 => Just(SyncRule::Asynchronous),
        3 => (1..=2_usize, listed.clone()).prop_map(|(count, listed)| SyncRule::any(count, listed)),
        3 => (1..=2_usize, listed).prop_map(|(count, listed)| SyncRule::first(count, listed)),
    ]
}

/// What happens between nodes that keep their roles.
fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        8 => (0..3_usize, 0..4_u32, level()).prop_map(|(node, key, level)| Action::Write { node, key, level }),
        24 => any::<usize>().prop_map(Action::Take),
        2 => Just(Action::Settle),
        3 => (1..90_000_u64).prop_map(Action::Pass),
        2 => (0..3_usize).prop_map(Action::Cut),
        1 => (0..3_usize).prop_map(Action::Stall),
        4 => (0..3_usize).prop_map(Action::Heal),
        1 => (0..3_usize).prop_map(Action::Crash),
        3 => (0..3_usize).prop_map(Action::Start),
        1 => (0..3_usize).prop_map(Action::Pause),
        2 => (0..3_usize).prop_map(Action::Resume),
        1 => (0..3_usize, rule()).prop_map(|(node, rule)| Action::Rule { node, rule }),
        1 => (0..3_usize).prop_map(Action::Slot),
        1 => (0..3_usize).prop_map(Action::Checkpoint),
        1 => (1..40_u64).prop_map(Action::Cancel),
    ]
}

/// And changes of roles, wise or not.
fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        12 => action(),
        1 => (0..3_usize).prop_map(Action::Fence),
        1 => (0..3_usize).prop_map(Action::Drain),
        2 => (0..3_usize).prop_map(Action::Promote),
        2 => (0..3_usize, 0..3_usize).prop_map(|(node, upstream)| Action::Follow { node, upstream }),
        1 => (0..3_usize, 0..3_usize).prop_map(|(node, upstream)| Action::Demote { node, upstream }),
        1 => (0..3_usize, 0..3_usize).prop_map(|(node, source)| Action::Rewind { node, source }),
    ]
}

/// The cluster under test, and how much of what clients were told was checked.
struct Checked {
    cluster: Cluster,
    told: usize,
    down: BTreeSet<NodeId>,
}

impl Checked {
    fn new(rule: SyncRule, wal: WalConfig) -> Self {
        let config = PrimaryConfig { rule, wal, max_in_flight: 1_000, ..PrimaryConfig::default() };
        let replica = ReplicaConfig { wal, ..ReplicaConfig::default() };
        let mut cluster = Cluster::new(DB_1, config, [(DB_2, replica), (DB_3, replica)]);
        cluster.settle();
        Self { cluster, told: 0, down: BTreeSet::new() }
    }

    fn node(&self, node: NodeId) -> &Node {
        self.cluster.nodes().find(|other| other.id() == node).expect("it is one of the three")
    }

    fn is_primary(&self, node: NodeId) -> bool {
        self.cluster.primary(node).is_some()
    }

    fn act(&mut self, action: Action) {
        let pair = |wire: usize| (NODES[wire], NODES[(wire + 1) % 3]);
        let cluster = &mut self.cluster;
        match action {
            Action::Write { node, key, level } if cluster.primary(NODES[node]).is_some() => {
                // Refused by one that is fenced.
                let _ = cluster.write(NODES[node], Key(key), level);
            }
            Action::Take(choice) => {
                let steps = cluster.steps();
                if !steps.is_empty() {
                    cluster.take(steps[choice % steps.len()]);
                }
            }
            Action::Settle => self.settle(),
            Action::Pass(millis) => cluster.pass(SimDuration::from_millis(millis)),
            Action::Cut(wire) => cluster.cut(pair(wire).0, pair(wire).1),
            Action::Stall(wire) => cluster.stall(pair(wire).0, pair(wire).1),
            Action::Heal(wire) => cluster.heal(pair(wire).0, pair(wire).1),
            Action::Crash(node) => {
                cluster.crash(NODES[node]);
                self.down.insert(NODES[node]);
            }
            Action::Start(node) => {
                cluster.start(NODES[node]);
                self.down.remove(&NODES[node]);
            }
            Action::Fence(node) if self.is_primary(NODES[node]) => self.cluster.fence(NODES[node]),
            Action::Drain(node) if self.is_primary(NODES[node]) => {
                self.cluster.with_primary(NODES[node], Primary::handle_drain);
            }
            Action::Promote(node) if !self.down.contains(&NODES[node]) => {
                // Refused by one that was rewound and has not caught up.
                let _ = self.cluster.promote(NODES[node]);
            }
            Action::Follow { node, upstream } if !self.down.contains(&NODES[node]) => {
                self.cluster.follow(NODES[node], Some(NODES[upstream]));
            }
            Action::Demote { node, upstream } if self.is_primary(NODES[node]) => {
                self.cluster.demote(NODES[node], NODES[upstream]);
                self.down.remove(&NODES[node]);
            }
            Action::Rewind { node, source } => self.rewind(NODES[node], NODES[source]),
            Action::Pause(node) => {
                self.cluster.pause(NODES[node]);
            }
            Action::Resume(node) if !self.down.contains(&NODES[node]) => {
                self.cluster.resume(NODES[node]);
            }
            Action::Rule { node, rule } if self.is_primary(NODES[node]) => {
                self.cluster.set_rule(NODES[node], rule);
            }
            Action::Slot(node) if self.is_primary(DB_1) => {
                self.cluster.with_primary(DB_1, |primary| primary.create_slot(NODES[node]));
            }
            Action::Checkpoint(node) if self.is_primary(NODES[node]) => {
                self.cluster.with_primary(NODES[node], Primary::handle_checkpoint);
            }
            Action::Cancel(write) if self.is_primary(DB_1) => {
                self.cluster.with_primary(DB_1, |primary| {
                    primary.handle_cancel(WriteId(write));
                });
            }
            _ => {}
        }
        self.check();
    }

    /// Takes every step there is, and checks after each.
    fn settle(&mut self) {
        while let Some(step) = self.cluster.steps().first().copied() {
            self.cluster.take(step);
            self.check();
        }
    }

    /// Rewinds a replica to a primary and checks that exactly what the source does not have was dropped.
    fn rewind(&mut self, node: NodeId, source: NodeId) {
        if self.is_primary(node) || !self.is_primary(source) || self.down.contains(&node) {
            return;
        }
        let before = self.node(node).wal().clone();
        let history = self.node(source).wal().history().clone();
        let expected = before.diverged(&history);
        let rewound = self.cluster.rewind(node, source);
        match (expected, rewound) {
            (Ok(divergence), Ok(rewound)) => {
                assert_eq!((rewound.fork, &rewound.discarded), (divergence.fork, &divergence.records));
                let after = self.node(node).wal();
                assert_eq!((after.end(), after.history()), (rewound.fork, &history));
                let kept = before.len() - divergence.records.len();
                assert!(after.after(after.start()).eq(before.after(before.start()).take(kept)));
            }
            (Err(expected), Err(recycled)) => {
                assert_eq!(expected, recycled);
                assert_eq!(self.node(node).wal(), &before, "a rewind that fails changes nothing");
            }
            (expected, rewound) => panic!("{expected:?} was expected, {rewound:?} came"),
        }
    }

    fn check(&mut self) {
        for one in self.cluster.nodes() {
            check_positions(one);
            for other in self.cluster.nodes() {
                check_shared_log(one.wal(), other.wal());
            }
        }
        while let Some(told) = self.cluster.acknowledged().get(self.told).cloned() {
            self.told += 1;
            if let Grounds::Replicated { level, rule, on } = &told.grounds {
                assert!(on.len() >= rule.count(), "{told}");
                assert!(on.iter().all(|node| rule.listed().contains(node)), "{told}");
                for node in on {
                    let positions = self.cluster.replica(*node).expect("only a replica counts").positions();
                    let reached = match level {
                        CommitLevel::Off | CommitLevel::Local | CommitLevel::RemoteWrite => positions.write,
                        CommitLevel::RemoteFlush => positions.flush,
                        CommitLevel::RemoteApply => positions.replay,
                    };
                    assert!(told.lsn <= reached, "{told}, but {node} has {positions}");
                    let wal = self.node(*node).wal();
                    let there = wal.record(told.lsn).and_then(Record::write).map(|write| write.id);
                    let recycled = told.lsn <= wal.start();
                    assert!(
                        recycled || there == Some(told.write),
                        "{told}, but {node} has another record there"
                    );
                }
            }
        }
    }

    /// Ends all trouble, and demands that the nodes come together.
    fn recover(mut self) {
        for wire in 0..3 {
            self.act(Action::Heal(wire));
        }
        for node in NODES {
            self.act(Action::Start(
                NODES.iter().position(|other| *other == node).expect("it is one of them"),
            ));
            self.cluster.resume(node);
        }
        self.settle();
        let newest = |checked: &Self| {
            let primaries = NODES.into_iter().filter(|node| checked.is_primary(*node));
            primaries.max_by_key(|node| (checked.node(*node).wal().history().current(), *node))
        };
        let primary = newest(&self).unwrap_or_else(|| {
            // All were demoted. One that is whole goes on; there is one, for the last to be demoted was.
            let promoted = NODES.into_iter().find(|node| self.cluster.promote(*node).is_ok());
            promoted.expect("a replica that was never rewound, or caught up, is whole")
        });
        self.settle();
        self.cluster.with_primary(primary, |primary| {
            if primary.standing() != Standing::Accepting {
                primary.handle_restart();
            }
        });
        self.cluster.set_rule(primary, SyncRule::Asynchronous);
        for node in NODES.into_iter().filter(|node| *node != primary) {
            if self.is_primary(node) {
                self.cluster.demote(node, primary);
            }
            self.cluster.follow(node, Some(primary));
            self.settle();
            self.rewind(node, primary);
            self.settle();
            let link = self.cluster.replica(node).expect("it was demoted").link();
            if link != Link::Streaming {
                self.cluster.rebuild(node, primary);
                self.cluster.with_primary(primary, |primary| {
                    primary.drop_slot(node);
                });
            }
        }
        self.cluster.pass(SimDuration::from_secs(10));
        self.cluster.write(primary, Key(0), CommitLevel::RemoteFlush).expect("the primary takes writes");
        self.settle();
        let goal = self.cluster.visible(primary);
        for node in NODES {
            assert_eq!(self.cluster.visible(node), goal, "{node} has caught up with {primary}");
        }
        let status = self.cluster.primary(primary).expect("it is").replicas().map(|(_, status)| status.state);
        assert!(status.eq([StreamState::Streaming; 2]));
    }
}

fn check_positions(node: &Node) {
    match node {
        Node::Primary(primary) => {
            let (flushed, end) = (primary.flushed(), primary.wal().end());
            let runs = primary.view().is_some();
            assert!(if runs { flushed <= end } else { flushed == end }, "{}: {flushed}, {end}", primary.id());
        }
        Node::Replica(replica) => {
            let at = replica.positions();
            assert!(at.replay <= at.flush && at.flush <= at.write, "{}: {at}", replica.id());
        }
    }
}

/// Up to where their histories part, two logs hold the same records: on one timeline, a replica's log is a prefix.
fn check_shared_log(one: &Wal, other: &Wal) {
    let shared_to = one.history().parts_from(other.history());
    let to = shared_to.unwrap_or(one.end()).min(one.end()).min(other.end());
    let from = one.start().max(other.start());
    let within = |wal: &Wal| -> Vec<Record> {
        wal.after(from).take_while(|record| record.end <= to).copied().collect()
    };
    assert_eq!(within(one), within(other), "between {from} and {to}");
}

const SMALL: WalConfig =
    WalConfig { wal_keep_size: 800, max_slot_wal_keep_size: Some(2_000), checkpoint_every: 300 };

/// A thousand runs of each, or as many as PROPTEST_CASES asks for beyond that.
fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(1_000), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(cases())]

    /// Logs agree, acknowledgements tell the truth, and the cluster recovers, whatever happens.
    #[test]
    fn promises_hold_whatever_happens(
        rule in rule(),
        small in any::<bool>(),
        actions in prop::collection::vec(any_action(), 0..120),
    ) {
        let mut checked = Checked::new(rule, if small { SMALL } else { WalConfig::default() });
        for action in actions {
            checked.act(action);
        }
        checked.recover();
    }

    /// With k of the listed replicas holding it, an acknowledged write survives the promotion of the most advanced
    /// of them, as long as fewer than k are gone.
    #[test]
    fn a_quorum_acknowledged_write_survives_the_promotion_of_the_most_advanced(
        count in 1..=2_usize,
        actions in prop::collection::vec(action(), 0..100),
        gone in prop::option::of(1..3_usize),
    ) {
        let mut checked = Checked::new(SyncRule::any(count, [DB_2, DB_3]), WalConfig::default());
        for action in actions {
            // The rule stays, and nobody gives up.
            if !matches!(action, Action::Rule { .. } | Action::Cancel(_)) {
                checked.act(action);
            }
        }
        checked.cluster.fence(DB_1);
        let safe: BTreeSet<WriteId> = checked.cluster.acknowledged().iter()
            .filter(|told| matches!(&told.grounds, Grounds::Replicated { level, .. } if *level >= CommitLevel::RemoteFlush))
            .map(|told| told.write)
            .collect();
        // One may be gone for ever, if two have everything.
        let gone = gone.filter(|_| count == 2).map(|node| NODES[node]);
        checked.act(Action::Start(1));
        checked.act(Action::Start(2));
        let best = [DB_2, DB_3].into_iter()
            .filter(|node| Some(*node) != gone)
            .max_by_key(|node| checked.node(*node).wal().end())
            .expect("one is left");
        checked.cluster.promote(best).expect("it was never rewound");
        checked.settle();
        let visible: BTreeSet<WriteId> = checked.cluster.visible(best).into_iter().collect();
        prop_assert!(safe.is_subset(&visible), "{safe:?} were acknowledged, {best} has {visible:?}");
    }

    /// Clients of one level are told in the order of the log.
    #[test]
    fn acknowledgements_of_a_level_come_in_the_order_of_the_log(
        level in level(),
        rule in rule(),
        actions in prop::collection::vec(action(), 0..120),
    ) {
        let mut checked = Checked::new(rule, WalConfig::default());
        for action in actions {
            match action {
                Action::Write { node, key, .. } => checked.act(Action::Write { node, key, level }),
                // Giving up is out of turn by its nature, and a crash takes positions back.
                Action::Cancel(_) | Action::Crash(0) => {}
                action => checked.act(action),
            }
        }
        prop_assert!(checked.cluster.acknowledged().is_sorted_by_key(|told| told.lsn));
    }

    /// What another protocol's peer might send does no harm: any step at any time, to anyone.
    #[test]
    fn steps_that_nobody_asked_for_are_ignored(steps in prop::collection::vec((0..3_usize, 0..4_usize, any::<u8>()), 0..60)) {
        let mut checked = Checked::new(SyncRule::any(1, [DB_2]), SMALL);
        let _ = checked.cluster.write(DB_1, Key(0), CommitLevel::RemoteApply);
        let now = checked.cluster.now();
        for (node, kind, position) in steps {
            let (node, lsn) = (NODES[node], Lsn(u64::from(position)));
            match kind {
                0 => checked.cluster.with_replica(node, |replica, _| replica.handle_flushed(now, lsn)),
                1 => checked.cluster.with_replica(node, |replica, _| replica.handle_replayed(now, lsn)),
                2 => if checked.is_primary(node) {
                    checked.cluster.with_primary(node, |primary| primary.handle_flushed(now, lsn));
                },
                _ => {
                    let steps = checked.cluster.steps();
                    if let Some(step) = steps.iter().find(|step| matches!(step, Step::Deliver { .. })) {
                        checked.cluster.take(*step);
                    }
                }
            }
            checked.check();
        }
        checked.settle();
        prop_assert!(checked.cluster.is_acknowledged(WriteId(1)));
    }
}
