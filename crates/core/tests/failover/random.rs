//! What holds whatever happens, whenever it happens. `PROPTEST_CASES=100000` tries more.

use std::vec::Vec;

use proptest::prelude::*;
use understudy_core::failover::{
    CallId, Command, Durability, FailoverConfig, FailoverManager, FailoverOutput, FenceId, Fencing,
    Instruction, Mode, NodeIndex, Report, Role, Step,
};
use understudy_core::{LogPosition, Lsn, SimDuration, SimTime, TimelineId};

use super::cluster::{Act, Cluster};
use super::golden::{config, lease};
use super::watch::Watch;

/// How long a cluster is left alone at the end, with everything healed: long enough for a lease, a failed
/// promotion and another takeover.
const SETTLE: SimDuration = SimDuration::from_secs(30);

fn node() -> impl Strategy<Value = u16> {
    0..3_u16
}

fn cut_manager((node, calls, answers): (u16, bool, bool)) -> Act {
    Act::CutManager(node, calls, answers)
}

fn cut_nodes((one, further, cut): (u16, u16, bool)) -> Act {
    Act::CutNodes(one, (one + further) % 3, cut)
}

fn nemesis() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => node().prop_map(Act::Write),
        2 => node().prop_map(Act::Crash),
        2 => node().prop_map(Act::Restart),
        2 => (node(), any::<bool>(), any::<bool>()).prop_map(cut_manager),
        1 => node().prop_map(|node| Act::CutManager(node, false, false)),
        2 => (node(), 1..3_u16, any::<bool>()).prop_map(cut_nodes),
        1 => any::<bool>().prop_map(Act::DeviceWorks),
    ]
}

/// What an operator can do without taking a risk upon himself.
fn safe_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        proptest::option::of(node().prop_map(NodeIndex)).prop_map(|to| Command::Switchover { to }),
        proptest::option::of(node().prop_map(NodeIndex))
            .prop_map(|to| Command::Failover { to, allow_data_loss: false }),
        node().prop_map(|node| Command::Rejoin { node: NodeIndex(node) }),
        any::<bool>().prop_map(|auto| Command::SetMode(if auto { Mode::Automatic } else { Mode::Manual })),
    ]
}

fn timed(act: impl Strategy<Value = Act>) -> impl Strategy<Value = Vec<(u64, Act)>> {
    proptest::collection::vec((0..2500_u64, act), 1..30)
}

fn durability() -> impl Strategy<Value = Durability> {
    prop_oneof![
        Just(Durability::Asynchronous),
        (1..3_u16).prop_map(|required| Durability::AnyOf { required })
    ]
}

fn fencing() -> impl Strategy<Value = Fencing> {
    prop_oneof![Just(lease()), Just(Fencing::Device { retry: SimDuration::from_millis(700) })]
}

/// Plays the acts, each so many milliseconds after the last, watching and calling `check` after every event.
fn play(
    settings: FailoverConfig,
    delay_ms: u64,
    seed: u64,
    acts: &[(u64, Act)],
    check: fn(&Cluster),
) -> (Cluster, Watch) {
    let mut cluster = Cluster::new(settings, delay_ms, seed);
    let mut watch = Watch::new();
    let mut now = SimTime::ZERO;
    for &(after, act) in acts {
        now += SimDuration::from_millis(after);
        cluster.run(now, |cluster| {
            watch.look(cluster);
            check(cluster);
        });
        if let Act::Command(command) = act {
            watch.command(command);
        }
        cluster.act(act);
        watch.look(&cluster);
        check(&cluster);
    }
    (cluster, watch)
}

fn one_primary(cluster: &Cluster) {
    let accepting: Vec<usize> =
        (0..cluster.nodes.len()).filter(|&node| cluster.accepts_writes(node)).collect();
    assert!(
        accepting.len() <= 1,
        "at {} all of {accepting:?} accept writes\n{}",
        cluster.now,
        cluster.trace()
    );
}

fn nothing_lost(cluster: &Cluster) {
    one_primary(cluster);
    let lost = cluster.lost();
    assert!(lost.is_empty(), "at {} acknowledged writes {lost:?} are lost\n{}", cluster.now, cluster.trace());
}

/// Everything works again from now on: the cluster must get back to one primary that all follow.
fn heal_and_demand_liveness(mut cluster: Cluster, mut watch: Watch) {
    for one in 0..3 {
        for act in [
            Act::Restart(one),
            Act::CutManager(one, false, false),
            Act::CutNodes(one, (one + 1) % 3, false),
            Act::DeviceWorks(true),
        ] {
            cluster.act(act);
        }
    }
    cluster.act(Act::Command(Command::SetMode(Mode::Automatic)));
    // The device may have cut a node off that was not cut off any more: it is switched on again.
    let end = cluster.now + SETTLE;
    while cluster.now < end {
        cluster.run(cluster.now + SimDuration::from_secs(2), |cluster| watch.look(cluster));
        for node in 0..3 {
            cluster.act(Act::Restart(node));
        }
    }
    let primary = cluster.manager.primary();
    let trace = cluster.trace();
    assert_eq!(cluster.manager.route(), Some(primary), "writes are routed again\n{trace}");
    for (index, node) in cluster.nodes.iter().enumerate() {
        let expected =
            if index == primary.get() { Role::Primary } else { Role::Replica { following: Some(primary) } };
        assert_eq!(node.role, expected, "node {index}\n{trace}");
        assert_eq!(node.log, cluster.nodes[primary.get()].log, "node {index} has caught up\n{trace}");
    }
}

/// At least so many cases, or as many as `PROPTEST_CASES` asks for beyond that.
fn at_least(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: asked.cases.max(cases), failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(at_least(600))]

    #[test]
    fn fencing_and_quorum_keep_one_primary_and_every_acknowledged_write(
        fencing in fencing(), required in 1..3_u16, delay_ms in 0..400_u64, seed: u64,
        acts in timed(prop_oneof![6 => nemesis(), 1 => safe_command().prop_map(Act::Command)]),
    ) {
        let settings = config(fencing, Durability::AnyOf { required }, Mode::Automatic);
        let (cluster, watch) = play(settings, delay_ms, seed, &acts, nothing_lost);
        heal_and_demand_liveness(cluster, watch);
    }

    #[test]
    fn fencing_alone_keeps_one_primary(
        fencing in fencing(), delay_ms in 0..400_u64, seed: u64,
        acts in timed(prop_oneof![6 => nemesis(), 1 => safe_command().prop_map(Act::Command)]),
    ) {
        let settings = FailoverConfig {
            maximum_lag: None,
            ..config(fencing, Durability::Asynchronous, Mode::Automatic)
        };
        let (cluster, watch) = play(settings, delay_ms, seed, &acts, one_primary);
        heal_and_demand_liveness(cluster, watch);
    }

    #[test]
    fn without_fencing_a_healed_cluster_has_one_primary_again(
        durability in durability(), delay_ms in 0..400_u64, seed: u64,
        acts in timed(prop_oneof![6 => nemesis(), 1 => safe_command().prop_map(Act::Command)]),
    ) {
        let settings =
            FailoverConfig { maximum_lag: None, ..config(Fencing::None, durability, Mode::Automatic) };
        let (cluster, watch) = play(settings, delay_ms, seed, &acts, |_| {});
        heal_and_demand_liveness(cluster, watch);
    }

    #[test]
    fn manual_mode_never_acts_on_its_own(
        fencing in prop_oneof![Just(Fencing::None), fencing()], durability in durability(),
        delay_ms in 0..400_u64, seed: u64, acts in timed(nemesis()),
    ) {
        let settings = config(fencing, durability, Mode::Manual);
        let (cluster, _) = play(settings, delay_ms, seed, &acts, |_| {});
        for (at, output) in &cluster.seen {
            let acts = match output {
                FailoverOutput::Call { instruction, .. } => {
                    !matches!(
                        instruction,
                        Instruction::Report | Instruction::Resume { .. } | Instruction::Follow { .. }
                    )
                }
                FailoverOutput::Fence { .. } | FailoverOutput::SetRoute { primary: None } => true,
                FailoverOutput::SetRoute { primary: Some(primary) } => *primary != NodeIndex(0),
                FailoverOutput::Step(_) => false,
            };
            prop_assert!(!acts, "at {at}: {output:?}");
        }
    }

    #[test]
    fn equal_inputs_give_equal_outputs(
        fencing in fencing(), durability in durability(), seed: u64,
        acts in timed(prop_oneof![nemesis(), safe_command().prop_map(Act::Command)]),
    ) {
        let run = || play(config(fencing, durability, Mode::Automatic), 50, seed, &acts, |_| {}).0.seen;
        prop_assert_eq!(run(), run());
    }
}

/// An input with nothing behind it: nodes that lie, answers to calls never made.
#[derive(Clone, Debug)]
enum Noise {
    Report(u16, u32, Role, u32, u64),
    Refused(u16, u32),
    Fence(u32, bool),
    Command(Command),
    Timeout,
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![
        Just(Role::Primary),
        Just(Role::Demoted),
        proptest::option::of(node().prop_map(NodeIndex)).prop_map(|following| Role::Replica { following }),
    ]
}

fn noise() -> impl Strategy<Value = Noise> {
    let named = || proptest::option::of((0..5_u16).prop_map(NodeIndex));
    prop_oneof![
        8 => (node(), 0..3_u32, role(), 1..6_u32, 0..2000_u64)
            .prop_map(|(node, back, role, timeline, lsn)| Noise::Report(node, back, role, timeline, lsn)),
        2 => (node(), 0..3_u32).prop_map(|(node, back)| Noise::Refused(node, back)),
        2 => (0..4_u32, any::<bool>()).prop_map(|(request, done)| Noise::Fence(request, done)),
        1 => safe_command().prop_map(Noise::Command),
        1 => (named(), any::<bool>())
            .prop_map(|(to, allow_data_loss)| Noise::Command(Command::Failover { to, allow_data_loss })),
        1 => (0..5_u16).prop_map(|node| Noise::Command(Command::Rejoin { node: NodeIndex(node) })),
        1 => Just(Noise::Command(Command::ConfirmFenced)),
        6 => Just(Noise::Timeout),
    ]
}

proptest! {
    #![proptest_config(at_least(4000))]

    #[test]
    fn no_input_makes_it_panic_or_go_back_a_timeline(
        fencing in prop_oneof![Just(Fencing::None), fencing()], durability in durability(), auto: bool,
        inputs in proptest::collection::vec((0..1500_u64, noise()), 1..60),
    ) {
        let mode = if auto { Mode::Automatic } else { Mode::Manual };
        let settings = config(fencing, durability, mode);
        let mut manager = FailoverManager::new(settings, NodeIndex(0), TimelineId(2), SimTime::ZERO);
        let mut now = SimTime::ZERO;
        let mut calls = [0_u32; 3];
        let mut newest = manager.timeline();
        for (after, input) in inputs {
            now += SimDuration::from_millis(after);
            match input {
                Noise::Report(node, back, role, timeline, lsn) => {
                    let call = CallId(calls[usize::from(node)].saturating_sub(back));
                    let position = LogPosition { timeline: TimelineId(timeline), lsn: Lsn(lsn) };
                    manager.handle_report(now, NodeIndex(node), Report { call, role, position, whole_at: None });
                }
                Noise::Refused(node, back) => {
                    let call = CallId(calls[usize::from(node)].saturating_sub(back));
                    manager.handle_call_failed(now, NodeIndex(node), call);
                }
                Noise::Fence(request, done) => manager.handle_fence_result(now, FenceId(request), done),
                Noise::Command(command) => manager.handle_command(now, command),
                Noise::Timeout => manager.handle_timeout(now),
            }
            while let Some(output) = manager.poll_output() {
                match output {
                    FailoverOutput::Call { node, call, .. } => calls[node.get()] = call.0,
                    FailoverOutput::Step(Step::Promoting { timeline, .. }) => {
                        prop_assert!(timeline > newest, "{timeline} after {newest}");
                        newest = timeline;
                    }
                    FailoverOutput::Step(step) => prop_assert!(!manager.explain(&step).is_empty()),
                    FailoverOutput::Fence { .. } | FailoverOutput::SetRoute { .. } => {}
                }
            }
            prop_assert!(manager.poll_timeout().is_some(), "there is always a next round of checks");
        }
    }
}
