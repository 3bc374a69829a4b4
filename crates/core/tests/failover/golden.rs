//! Runs that read like stories, and their trace, which is the same on every platform.

use std::string::String;
use std::vec::Vec;

use understudy_core::failover::{
    Command, Durability, FailoverConfig, Fencing, GivenUp, Mode, NodeConfig, NodeIndex, Step,
};
use understudy_core::{SimDuration, SimTime};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::cluster::{Act, Cluster};
use crate::golden;

const DEVICE: Fencing = Fencing::Device { retry: SimDuration::from_secs(3) };

/// Three nodes, checked each second and given up after two missed checks.
pub(super) fn config(fencing: Fencing, durability: Durability, mode: Mode) -> FailoverConfig {
    let nodes = ["db-1", "db-2", "db-3"].map(|name| NodeConfig { name: name.into(), priority: 50 });
    FailoverConfig {
        interval: SimDuration::from_secs(1),
        fall: 2,
        report_window: SimDuration::from_secs(1),
        catch_up_timeout: SimDuration::from_secs(5),
        durability,
        fencing,
        mode,
        ..FailoverConfig::new(nodes.into())
    }
}

pub(super) fn lease() -> Fencing {
    Fencing::Lease { ttl: SimDuration::from_secs(3), clock_margin: SimDuration::from_millis(200) }
}

/// Plays acts at their times (in milliseconds) and then lets it settle until `end`.
fn play(config: FailoverConfig, acts: &[(u64, Act)], end: u64) -> Cluster {
    let mut cluster = Cluster::new(config, 20, 1);
    for &(at, act) in acts {
        cluster.run(SimTime::from_millis(at), |_| {});
        cluster.act(act);
    }
    cluster.run(SimTime::from_millis(end), |_| {});
    cluster
}

/// Each story's title, and how it goes.
fn stories() -> Vec<(&'static str, Cluster)> {
    let quorum = Durability::AnyOf { required: 1 };
    let automatic = |fencing, durability| config(fencing, durability, Mode::Automatic);
    let switchover = Command::Switchover { to: None };
    let failover = Command::Failover { to: None, allow_data_loss: false };
    std::vec![
        (
            "the primary dies; a device confirms; it comes back and follows",
            play(
                automatic(DEVICE, quorum),
                &[
                    (500, Act::Write(0)),
                    (1500, Act::DeviceWorks(false)),
                    (2500, Act::Crash(0)),
                    (8000, Act::DeviceWorks(true)),
                    (12_000, Act::Restart(0)),
                ],
                15_000,
            ),
        ),
        (
            "the primary is cut off; its lease runs out; its last write is lost and named",
            play(
                automatic(lease(), Durability::Asynchronous),
                &[
                    (500, Act::Write(0)),
                    (2100, Act::CutManager(0, true, true)),
                    (2150, Act::CutNodes(0, 1, true)),
                    (2150, Act::CutNodes(0, 2, true)),
                    (2200, Act::Write(0)),
                    (9000, Act::CutManager(0, false, false)),
                    (9000, Act::CutNodes(0, 1, false)),
                ],
                12_000,
            ),
        ),
        (
            "no fencing: two primaries accept writes until the cut heals",
            play(
                automatic(Fencing::None, Durability::Asynchronous),
                &[
                    (500, Act::CutManager(0, true, true)),
                    (4000, Act::Write(0)),
                    (4000, Act::Write(1)),
                    (5500, Act::CutManager(0, false, false)),
                ],
                8000,
            ),
        ),
        (
            "a quorum that cannot be heard stalls, until the replica is back",
            play(
                automatic(lease(), quorum),
                &[(500, Act::Crash(2)), (1500, Act::Crash(0)), (9500, Act::Restart(2))],
                14_000,
            ),
        ),
        (
            "a planned switchover, refused once, then done",
            play(
                automatic(lease(), quorum),
                &[
                    (500, Act::Write(0)),
                    (600, Act::Command(Command::Switchover { to: Some(NodeIndex(0)) })),
                    (1000, Act::Write(0)),
                    (1050, Act::Command(switchover)),
                ],
                5000,
            ),
        ),
        (
            "manual mode waits for the operator",
            play(
                config(lease(), quorum, Mode::Manual),
                &[(500, Act::Crash(0)), (8000, Act::Command(failover)), (10_000, Act::Restart(0))],
                13_000,
            ),
        ),
        (
            "a primary that comes back in time keeps its place",
            play(
                automatic(lease(), quorum),
                &[(500, Act::CutManager(0, true, true)), (4100, Act::CutManager(0, false, false))],
                7000,
            ),
        ),
    ]
}

#[test]
fn the_trace_is_as_it_was() {
    let told = |(title, cluster): &(_, Cluster)| std::format!("== {title}\n{}\n", cluster.trace());
    let trace: String = stories().iter().map(told).collect();
    golden::check("failover", &trace, include_str!("../golden/failover.txt"));
}

#[test]
fn the_stories_end_as_they_should() {
    let ends: Vec<(NodeIndex, Vec<u32>)> =
        stories().iter().map(|(_, cluster)| (cluster.manager.primary(), cluster.lost())).collect();
    let (db1, db2) = (NodeIndex(0), NodeIndex(1));
    assert_eq!(
        ends,
        [
            (db2, std::vec![]),
            (db2, std::vec![2]),
            (db2, std::vec![1]),
            (db2, std::vec![]),
            (db2, std::vec![]),
            (db2, std::vec![]),
            (db1, std::vec![]),
        ]
    );
}

#[test]
fn detection_takes_as_long_as_the_settings_say() {
    let settings = config(lease(), Durability::Asynchronous, Mode::Automatic);
    let (shortest, longest) = settings.detection_time();
    // Just after a check was answered is the worst moment to die, just before one the best.
    for (dies_at, expected) in [(2001, longest), (2999, shortest)] {
        let dies_at = SimTime::from_millis(dies_at);
        let mut cluster = Cluster::new(settings.clone(), 0, 1);
        cluster.run(dies_at, |_| {});
        cluster.act(Act::Crash(0));
        cluster.run(dies_at + longest, |_| {});
        let since = cluster.manager.unreachable_since(NodeIndex(0)).expect("it was detected");
        let off = expected.saturating_sub(since.since(dies_at));
        assert!(off <= SimDuration::from_millis(1), "detected after {}", since.since(dies_at));
        assert!(since.since(dies_at) <= longest, "never later than the longest");
        assert!(since.since(dies_at) >= shortest, "never sooner than the shortest");
    }
}

#[test]
fn a_refused_connection_is_noticed_without_waiting() {
    let settings = config(lease(), Durability::Asynchronous, Mode::Automatic);
    let mut cluster = Cluster::new(settings, 0, 1).refusing();
    cluster.run(SimTime::from_millis(500), |_| {});
    cluster.act(Act::Crash(0));
    cluster.run(SimTime::from_secs(4), |_| {});
    assert_eq!(cluster.manager.unreachable_since(NodeIndex(0)), Some(SimTime::from_secs(2)));
}

#[test]
fn switching_to_manual_stops_a_takeover_and_switching_back_starts_it_again() {
    let settings = config(lease(), Durability::Asynchronous, Mode::Automatic);
    let mut cluster = Cluster::new(settings, 5, 1);
    cluster.run(SimTime::from_millis(2500), |_| {});
    cluster.act(Act::Crash(0));
    // Detected at 5 s, the lease lasts until 5.2 s.
    cluster.run(SimTime::from_millis(5100), |_| {});
    cluster.act(Act::Command(Command::SetMode(Mode::Manual)));
    cluster.run(SimTime::from_secs(20), |_| {});
    let given_up = Step::GivenUp { primary: NodeIndex(0), why: GivenUp::ManualMode };
    assert!(cluster.steps().any(|step| *step == given_up));
    assert_eq!(cluster.manager.primary(), NodeIndex(0), "manual mode waits");
    cluster.act(Act::Command(Command::SetMode(Mode::Automatic)));
    // The lease was extended until the last call before the takeover, at 19 s.
    cluster.run(SimTime::from_secs(24), |_| {});
    assert_eq!(cluster.manager.route(), Some(NodeIndex(1)));
}
