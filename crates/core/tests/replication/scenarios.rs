//! What goes wrong, and what does not, told one at a time.

use understudy_core::replication::{
    AcknowledgedWrite, Cluster, CommitLevel, Freshness, Grounds, Key, Ledger, Link, Node, Otherwise, Primary,
    PrimaryConfig, ReadMode, ReadRouter, Record, Refusal, Replica, ReplicaConfig, Route, Session, SlotStatus,
    Standing, Step, StreamState, SyncRule, SyncState, Target, Told, WalConfig, Write, WriteId,
};
use understudy_core::{SimDuration, TimelineId};

use super::{DB_1, DB_2, DB_3, three_nodes};

const KEY: Key = Key(1);
const ON: CommitLevel = CommitLevel::RemoteFlush;
const RETRY: SimDuration = SimDuration::from_secs(5);

/// Writes once on db-1 and lets everything happen that can.
fn write(cluster: &mut Cluster, level: CommitLevel) -> WriteId {
    let write = cluster.write(DB_1, KEY, level).expect("db-1 takes writes");
    cluster.settle();
    write
}

/// Cuts db-1 off from both replicas.
fn isolate(cluster: &mut Cluster) {
    cluster.cut(DB_1, DB_2);
    cluster.cut(DB_1, DB_3);
}

#[test]
fn a_write_acknowledged_while_the_replicas_are_cut_off_is_lost_when_one_is_promoted() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    let safe = write(&mut cluster, ON);
    isolate(&mut cluster);
    let lost = write(&mut cluster, ON);
    assert!(cluster.is_acknowledged(lost));
    cluster.fence(DB_1);
    cluster.promote(DB_2).expect("db-2 is whole");
    cluster.settle();
    assert_eq!(cluster.visible(DB_2), [safe]);
    let new = cluster.primary(DB_2).expect("db-2 is the primary now");
    assert_eq!(new.wal().history().current(), TimelineId(2));
    let gone =
        cluster.primary(DB_1).expect("not demoted yet").lost_by(new.wal().history()).expect("all is kept");
    assert_eq!(
        gone.iter().map(|gone| (gone.write.id, gone.told)).collect::<Vec<_>>(),
        [(lost, Told::Acknowledged)]
    );
}

#[test]
fn a_replica_starts_the_timeline_that_a_failover_manager_names_and_the_other_follows_onto_it() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    let before = write(&mut cluster, ON);
    cluster.settle();
    cluster.fence(DB_1);
    // Timelines 2 and 3 were given to promotions that never came to be.
    cluster.with_replica(DB_2, |replica, _| {
        replica.handle_promote(TimelineId(4)).expect("db-2 is whole");
    });
    cluster.follow(DB_3, Some(DB_2));
    cluster.pass(SimDuration::from_secs(10));
    let new = cluster.primary(DB_2).expect("db-2 is the primary now").wal();
    assert_eq!((new.history().current(), new.next_timeline()), (TimelineId(4), TimelineId(5)));
    assert_eq!(cluster.replica(DB_3).expect("db-3 follows").wal().history(), new.history());
    assert_eq!(cluster.visible(DB_3), [before]);
}

#[test]
fn a_synchronous_write_waits_instead_and_its_client_is_never_told_when_it_is_lost() {
    let mut cluster = three_nodes(SyncRule::any(1, [DB_2, DB_3]));
    isolate(&mut cluster);
    let waits = write(&mut cluster, ON);
    cluster.pass(SimDuration::from_secs(3_600));
    assert!(!cluster.is_acknowledged(waits), "for however long that is");
    cluster.promote(DB_3).expect("db-3 is whole");
    cluster.settle();
    cluster.fence(DB_1);
    let new = cluster.primary(DB_3).expect("db-3 is the primary now").wal().history().clone();
    let gone = cluster.primary(DB_1).expect("not demoted yet").lost_by(&new).expect("all is kept");
    assert_eq!(
        gone.iter().map(|gone| (gone.write.id, gone.told)).collect::<Vec<_>>(),
        [(waits, Told::Nothing)]
    );
}

#[test]
fn a_synchronous_write_goes_on_when_a_replica_is_back() {
    let mut cluster = three_nodes(SyncRule::any(1, [DB_2, DB_3]));
    isolate(&mut cluster);
    let waits = write(&mut cluster, ON);
    cluster.heal(DB_1, DB_2);
    cluster.pass(RETRY);
    assert_eq!(
        cluster.acknowledged().last().map(ToString::to_string).as_deref(),
        Some("commit 0/64 acknowledged: 1 of ANY 1 (db-2, db-3) has flushed it")
    );
    assert_eq!(cluster.visible(DB_2), [waits]);
}

#[test]
fn each_rule_counts_the_replicas_it_should() {
    for (rule, goes_on) in [
        (SyncRule::any(1, [DB_2, DB_3]), true),
        (SyncRule::any(2, [DB_2, DB_3]), false),
        (SyncRule::first(1, [DB_2, DB_3]), true),
        (SyncRule::first(1, [DB_2]), false),
        (SyncRule::first(2, [DB_2, DB_3]), false),
    ] {
        let mut cluster = three_nodes(rule.clone());
        cluster.cut(DB_1, DB_2);
        let written = write(&mut cluster, ON);
        assert_eq!(cluster.is_acknowledged(written), goes_on, "{rule} with db-2 cut off");
    }
}

#[test]
fn first_waits_for_the_preferred_replica_while_it_streams_however_slow() {
    let mut cluster = three_nodes(SyncRule::first(1, [DB_2, DB_3]));
    write(&mut cluster, ON);
    cluster.hold(Step::Flush(DB_2));
    let waits = write(&mut cluster, ON);
    assert!(!cluster.is_acknowledged(waits), "db-3 has flushed it, but db-2 comes first");
    let primary = cluster.primary(DB_1).expect("db-1 is the primary");
    assert_eq!(primary.replica(DB_2).map(|status| status.sync_state), Some(SyncState::Synchronous));
    assert_eq!(primary.replica(DB_3).map(|status| status.sync_state), Some(SyncState::Potential));
    cluster.cut(DB_1, DB_2);
    cluster.pass(ReplicaConfig::default().status_interval);
    assert!(cluster.is_acknowledged(waits), "db-3 takes its place and reports within its interval");
}

#[test]
fn each_level_waits_for_its_own_position() {
    let mut cluster = three_nodes(SyncRule::any(1, [DB_2]));
    write(&mut cluster, ON);
    cluster.hold(Step::Flush(DB_2));
    let levels =
        [CommitLevel::Off, CommitLevel::Local, CommitLevel::RemoteWrite, ON, CommitLevel::RemoteApply];
    let told = |cluster: &Cluster, writes: [WriteId; 5]| writes.map(|write| cluster.is_acknowledged(write));
    let writes = levels.map(|level| write(&mut cluster, level));
    assert_eq!(told(&cluster, writes), [true, true, true, false, false]);
    cluster.pause(DB_2);
    cluster.let_go(Step::Flush(DB_2));
    cluster.settle();
    assert_eq!(told(&cluster, writes), [true, true, true, true, false]);
    cluster.resume(DB_2);
    cluster.settle();
    assert_eq!(told(&cluster, writes), [true; 5]);
}

#[test]
fn a_wait_can_be_given_up_and_says_so() {
    let mut cluster = three_nodes(SyncRule::any(2, [DB_2, DB_3]));
    isolate(&mut cluster);
    let waits = write(&mut cluster, ON);
    assert!(cluster.visible(DB_1).is_empty(), "no read sees a commit that waits");
    cluster.with_primary(DB_1, |primary| assert!(primary.handle_cancel(waits)));
    assert_eq!(cluster.acknowledged().last().map(|told| told.grounds.clone()), Some(Grounds::Cancelled));
    assert_eq!(cluster.visible(DB_1), [waits]);
}

#[test]
fn without_a_rule_none_waits_any_more() {
    let mut cluster = three_nodes(SyncRule::any(2, [DB_2, DB_3]));
    isolate(&mut cluster);
    let waits = write(&mut cluster, ON);
    cluster.set_rule(DB_1, SyncRule::Asynchronous);
    assert!(cluster.is_acknowledged(waits));
}

#[test]
fn at_level_off_a_crash_loses_what_was_acknowledged() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    cluster.hold(Step::Flush(DB_1));
    let lost = write(&mut cluster, CommitLevel::Off);
    let waits = write(&mut cluster, CommitLevel::Local);
    assert!(cluster.is_acknowledged(lost) && !cluster.is_acknowledged(waits));
    assert_eq!(cluster.crash(DB_1).len(), 2);
    assert!(cluster.primary(DB_1).expect("db-1 is the primary").wal().is_empty());
    cluster.let_go(Step::Flush(DB_1));
    cluster.start(DB_1);
    let next = write(&mut cluster, ON);
    cluster.pass(RETRY);
    assert_eq!((cluster.visible(DB_1), cluster.visible(DB_2)), (vec![next], vec![next]));
}

#[test]
fn a_read_on_a_replica_is_stale_while_its_replay_is_paused() {
    let mut cluster = three_nodes(SyncRule::any(1, [DB_2]));
    cluster.pause(DB_2);
    let written = write(&mut cluster, ON);
    let (mut ledger, mut session) = (Ledger::new(), Session::default());
    let position = cluster.position(written).expect("it is in the log");
    ledger.acknowledge(AcknowledgedWrite {
        write: Write { id: written, key: KEY },
        position,
        at: cluster.now(),
    });
    session.wrote(position);
    cluster.pass(SimDuration::from_secs(2));

    let view = cluster.replica(DB_2).and_then(Replica::view).expect("it can be read");
    let freshness = ledger.freshness(cluster.now(), KEY, view);
    assert_eq!(freshness.to_string(), "stale: it missed a write that was acknowledged 2 s before");
    assert!(ReadMode::ReplicasOnly.guarantee().allows(freshness, session.misses_own(view)));
    let mode = ReadMode::ReadYourWrites { otherwise: Otherwise::Wait };
    assert!(!mode.guarantee().allows(freshness, session.misses_own(view)));

    let route = |cluster: &Cluster| {
        let targets: Vec<Target<'_>> =
            cluster.nodes().filter(|node| node.id() != DB_3).filter_map(Node::target).collect();
        ReadRouter::new(mode).route(session, &targets)
    };
    assert!(matches!(route(&cluster), Route::Wait { node: DB_2, .. }));
    cluster.resume(DB_2);
    cluster.settle();
    assert!(matches!(route(&cluster), Route::To { node: DB_2, .. }));
    let view = cluster.replica(DB_2).and_then(Replica::view).expect("it can be read");
    assert_eq!(ledger.freshness(cluster.now(), KEY, view), Freshness::Fresh);
}

#[test]
fn a_replica_that_was_away_catches_up_before_it_counts() {
    let rule = SyncRule::first(1, [DB_2, DB_3]);
    let config = PrimaryConfig { rule, max_in_flight: 1_000, ..PrimaryConfig::default() };
    let replicas = [DB_2, DB_3].map(|node| (node, ReplicaConfig::default()));
    let mut cluster = Cluster::new(DB_1, config, replicas);
    write(&mut cluster, ON);
    cluster.cut(DB_1, DB_2);
    for _ in 0..3_000 {
        write(&mut cluster, CommitLevel::Local);
    }
    let reports = Step::Deliver { from: DB_2, to: DB_1 };
    cluster.hold(reports);
    cluster.heal(DB_1, DB_2);
    cluster.pass(RETRY);
    // It connects, and reports once.
    for _ in 0..2 {
        cluster.take(reports);
        cluster.settle();
    }
    let status = |cluster: &Cluster| {
        let primary = cluster.primary(DB_1).expect("db-1 is the primary");
        let status = primary.replica(DB_2).expect("it is connected");
        (status.state, status.sync_state, primary.bytes_behind(DB_2))
    };
    assert_eq!(status(&cluster), (StreamState::CatchingUp, SyncState::Potential, Some(300_000)));
    let told = write(&mut cluster, ON);
    cluster.pass(ReplicaConfig::default().status_interval);
    assert!(cluster.is_acknowledged(told), "db-2 is listed first and does not count: db-3 does");
    cluster.let_go(reports);
    cluster.settle();
    assert_eq!(status(&cluster), (StreamState::Streaming, SyncState::Synchronous, Some(0)));
    assert_eq!(cluster.visible(DB_2).len(), 3_002);
}

#[test]
fn lag_is_measured_from_the_primarys_flush_to_the_replicas_report() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    write(&mut cluster, ON);
    cluster.hold(Step::Replay(DB_2));
    write(&mut cluster, ON);
    cluster.pass(SimDuration::from_secs(3));
    let primary = cluster.primary(DB_1).expect("db-1 is the primary");
    assert_eq!(primary.time_behind(cluster.now(), DB_2), Some(SimDuration::from_secs(3)));
    assert_eq!(primary.bytes_behind(DB_2), Some(100));
    cluster.let_go(Step::Replay(DB_2));
    cluster.settle();
    let primary = cluster.primary(DB_1).expect("db-1 is the primary");
    let lag = primary.replica(DB_2).expect("it streams").lag;
    assert_eq!((lag.flush, lag.replay), (Some(SimDuration::ZERO), Some(SimDuration::from_secs(3))));
}

#[test]
fn both_ends_give_up_a_silent_connection_after_their_timeouts() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    cluster.stall(DB_1, DB_2);
    cluster.pass(SimDuration::from_secs(59));
    let streams = |cluster: &Cluster| {
        let primary = cluster.primary(DB_1).expect("db-1 is the primary");
        let replica = cluster.replica(DB_2).expect("db-2 is a replica");
        (primary.replica(DB_2).is_some(), replica.link() == Link::Streaming)
    };
    assert_eq!(streams(&cluster), (true, true), "neither has noticed");
    cluster.pass(SimDuration::from_secs(2));
    assert!(!streams(&cluster).0);
    cluster.heal(DB_1, DB_2);
    cluster.pass(SimDuration::from_secs(70));
    assert_eq!(streams(&cluster), (true, true));
}

#[test]
fn a_quiet_connection_stays_up() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    cluster.pass(SimDuration::from_secs(3_600));
    let primary = cluster.primary(DB_1).expect("db-1 is the primary");
    assert_eq!(primary.replicas().count(), 2);
}

#[test]
fn after_a_promotion_the_others_follow_and_the_old_primary_only_once_rewound() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    let safe = write(&mut cluster, ON);
    isolate(&mut cluster);
    let lost = write(&mut cluster, ON);
    cluster.fence(DB_1);
    assert_eq!(
        cluster.write(DB_1, KEY, ON).expect_err("it is fenced").standing,
        Standing::Fenced { since: cluster.now() }
    );
    cluster.promote(DB_2).expect("db-2 is whole");
    cluster.follow(DB_3, Some(DB_2));
    cluster.settle();
    let new = cluster.write(DB_2, KEY, ON).expect("db-2 takes writes");
    cluster.settle();
    assert_eq!(cluster.visible(DB_3), [safe, new]);

    cluster.demote(DB_1, DB_2);
    cluster.heal(DB_1, DB_2);
    cluster.pass(RETRY);
    let link = cluster.replica(DB_1).expect("db-1 is a replica now").link();
    assert!(
        matches!(link, Link::Retrying { refused: Some(Refusal::NotInHistory { .. }), .. }),
        "what it replayed is not in the new history: {link}"
    );
    let rewound = cluster.rewind(DB_1, DB_2).expect("its log reaches back");
    assert_eq!(
        rewound.discarded.iter().filter_map(Record::write).map(|gone| gone.id).collect::<Vec<_>>(),
        [lost]
    );
    cluster.settle();
    assert_eq!(cluster.visible(DB_1), [safe, new]);
}

#[test]
fn a_replica_drops_what_it_received_and_not_replayed_and_follows_without_a_rewind() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    cluster.hold(Step::Replay(DB_3));
    cluster.cut(DB_1, DB_2);
    write(&mut cluster, ON);
    cluster.fence(DB_1);
    cluster.promote(DB_2).expect("db-2 is whole");
    cluster.settle();
    cluster.follow(DB_3, Some(DB_2));
    cluster.let_go(Step::Replay(DB_3));
    cluster.settle();
    assert_eq!(cluster.replica(DB_3).expect("db-3 is a replica").link(), Link::Streaming);
    assert_eq!(
        cluster.replica(DB_3).expect("db-3 is a replica").wal().end(),
        cluster.primary(DB_2).expect("db-2").wal().end()
    );
}

#[test]
fn a_drained_primary_leaves_nothing_behind() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    cluster.stall(DB_1, DB_2);
    let last = cluster.write(DB_1, KEY, ON).expect("db-1 takes writes");
    cluster.with_primary(DB_1, Primary::handle_drain);
    cluster.settle();
    assert!(cluster.write(DB_1, KEY, ON).is_err());
    assert!(!cluster.primary(DB_1).expect("db-1").is_drained(), "db-2 has not flushed the last write");
    cluster.heal(DB_1, DB_2);
    cluster.settle();
    assert!(cluster.primary(DB_1).expect("db-1").is_drained());
    cluster.fence(DB_1);
    cluster.promote(DB_2).expect("db-2 is whole");
    cluster.settle();
    assert_eq!(cluster.visible(DB_2), [last]);
}

#[test]
fn a_slot_keeps_the_log_for_a_replica_that_is_away_and_no_slot_does_not() {
    let wal = WalConfig { wal_keep_size: 1_000, max_slot_wal_keep_size: Some(10_000), checkpoint_every: 500 };
    let config = PrimaryConfig { wal, ..PrimaryConfig::default() };
    let replicas = [DB_2, DB_3].map(|node| (node, ReplicaConfig::default()));
    let mut cluster = Cluster::new(DB_1, config, replicas);
    cluster.settle();
    write(&mut cluster, ON);
    cluster.with_primary(DB_1, |primary| primary.create_slot(DB_2));
    isolate(&mut cluster);
    for _ in 0..50 {
        write(&mut cluster, ON);
    }
    let status = |cluster: &Cluster| cluster.primary(DB_1).expect("db-1").slot_status(DB_2);
    assert_eq!(status(&cluster), Some(SlotStatus::Extended));
    cluster.heal(DB_1, DB_2);
    cluster.pass(RETRY);
    assert_eq!(cluster.visible(DB_2).len(), 51);
    cluster.with_primary(DB_1, Primary::handle_checkpoint);
    cluster.heal(DB_1, DB_3);
    cluster.pass(RETRY);
    let link = cluster.replica(DB_3).expect("db-3").link();
    assert!(matches!(link, Link::Retrying { refused: Some(Refusal::Removed { .. }), .. }), "{link}");
    cluster.rebuild(DB_3, DB_1);
    cluster.settle();
    assert_eq!(cluster.visible(DB_3).len(), 51);

    cluster.cut(DB_1, DB_2);
    for _ in 0..150 {
        write(&mut cluster, ON);
    }
    assert_eq!(status(&cluster), Some(SlotStatus::Lost), "but not for ever");
    cluster.heal(DB_1, DB_2);
    cluster.pass(RETRY);
    let link = cluster.replica(DB_2).expect("db-2").link();
    assert!(matches!(link, Link::Retrying { refused: Some(Refusal::SlotLost), .. }), "{link}");
}

#[test]
fn without_fencing_both_primaries_take_writes_and_those_lost_are_counted() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    isolate(&mut cluster);
    cluster.promote(DB_2).expect("db-2 is whole");
    cluster.settle();
    let lost: Vec<WriteId> = (0..5).map(|_| write(&mut cluster, ON)).collect();
    let kept = cluster.write(DB_2, KEY, ON).expect("db-2 takes writes too");
    cluster.settle();
    let new = cluster.primary(DB_2).expect("db-2").wal().history().clone();
    let gone = cluster.primary(DB_1).expect("db-1").lost_by(&new).expect("all is kept");
    assert_eq!(gone.iter().map(|gone| gone.write.id).collect::<Vec<_>>(), lost);
    assert!(gone.iter().all(|gone| gone.told == Told::Acknowledged));
    assert_eq!(cluster.visible(DB_2), [kept]);
}

#[test]
fn a_paused_replica_whose_connection_broke_connects_again_only_when_it_goes_on() {
    let mut cluster = three_nodes(SyncRule::Asynchronous);
    cluster.pause(DB_2);
    cluster.cut(DB_1, DB_2);
    let missed = write(&mut cluster, ON);
    cluster.heal(DB_1, DB_2);
    cluster.pass(SimDuration::from_secs(60));
    assert!(cluster.primary(DB_1).expect("db-1").replica(DB_2).is_none());
    cluster.resume(DB_2);
    cluster.settle();
    assert_eq!(cluster.visible(DB_2), [missed]);
}
