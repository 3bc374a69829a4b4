//! Time travel: whatever way leads to an instant, the world there is the same.

use std::rc::Rc;

use proptest::prelude::*;
use understudy_sim::follow::{Hop, HopStep};
use understudy_sim::ids::{LinkId, NodeId, RequestNumber};
use understudy_sim::log::CAPACITY;
use understudy_sim::metrics::series::BUCKETS;
use understudy_sim::timeline::mark::MARKS_KEPT;
use understudy_sim::timeline::{Keeping, MarkKind};
use understudy_sim::view::{Cargo, Flight};
use understudy_sim::{Command, Outcome, Plan, Progress, Sim, SimDuration, SimTime, TimedCommand, Timeline};

use crate::worlds::{pool, seconds};

/// Small enough that keyframes are thinned, and far enough apart that stepping back leaves copies on its way.
const KEEPINGS: [Keeping; 3] = [
    Keeping { keyframes: 6, bytes: usize::MAX, first_interval: 64, doublings: 2 },
    Keeping { keyframes: 2, bytes: usize::MAX, first_interval: 3_000, doublings: 0 },
    Keeping { keyframes: 50, bytes: 60_000, first_interval: 64, doublings: 4 },
];

fn small_pool() -> Rc<Plan> {
    let balancer = r#""health_check":{"interval":"500ms","fall":2,"rise":2}"#;
    pool(3, 60.0, balancer, r#""workers":2,"queue_limit":3,"service_time":{"exponential":"30ms"}"#)
}

/// What a reader does to a timeline.
#[derive(Clone, Debug)]
enum Act {
    Run { for_ms: u64 },
    RunInPieces { for_ms: u64, steps: u64 },
    Seek { to_ms: u64 },
    SeekInPieces { to_ms: u64, steps: u64 },
    Forward { steps: u8 },
    Back { steps: u8 },
    Fault { node: u16, kill: bool },
    Undo,
    Redo,
    DropCommand { index: usize },
    MoveCommand { index: usize, to_ms: u64 },
    ForkAndForget { seek_ms: u64 },
}

fn act() -> impl Strategy<Value = Act> {
    let ms = 0..6_000_u64;
    prop_oneof![
        3 => (0..3_000_u64).prop_map(|for_ms| Act::Run { for_ms }),
        1 => (0..3_000_u64, 1..200_u64).prop_map(|(for_ms, steps)| Act::RunInPieces { for_ms, steps }),
        3 => ms.clone().prop_map(|to_ms| Act::Seek { to_ms }),
        1 => (ms.clone(), 1..200_u64).prop_map(|(to_ms, steps)| Act::SeekInPieces { to_ms, steps }),
        2 => (1..40_u8).prop_map(|steps| Act::Forward { steps }),
        2 => (1..40_u8).prop_map(|steps| Act::Back { steps }),
        4 => (1..5_u16, any::<bool>()).prop_map(|(node, kill)| Act::Fault { node, kill }),
        1 => Just(Act::Undo),
        1 => Just(Act::Redo),
        1 => any::<usize>().prop_map(|index| Act::DropCommand { index }),
        1 => (any::<usize>(), ms.clone()).prop_map(|(index, to_ms)| Act::MoveCommand { index, to_ms }),
        1 => ms.prop_map(|seek_ms| Act::ForkAndForget { seek_ms }),
    ]
}

fn carry_out(timeline: &mut Timeline, act: &Act) {
    match *act {
        Act::Run { for_ms } => {
            let target = timeline.now() + SimDuration::from_millis(for_ms);
            assert_eq!(timeline.run_until(target, u64::MAX), Progress::Reached);
            assert_eq!(timeline.now(), target);
        }
        Act::RunInPieces { for_ms, steps } => {
            let target = timeline.now() + SimDuration::from_millis(for_ms);
            while timeline.run_until(target, steps) == Progress::OutOfBudget {}
        }
        Act::Seek { to_ms } => {
            let end = timeline.end();
            assert_eq!(timeline.seek(SimTime::from_millis(to_ms), u64::MAX), Progress::Reached);
            assert_eq!(timeline.now(), SimTime::from_millis(to_ms));
            assert_eq!(timeline.end(), end.max(timeline.now()));
        }
        Act::SeekInPieces { to_ms, steps } => {
            while timeline.seek(SimTime::from_millis(to_ms), steps) == Progress::OutOfBudget {}
            assert_eq!(timeline.now(), SimTime::from_millis(to_ms));
        }
        Act::Forward { steps } => (0..steps).for_each(|_| {
            let before = timeline.sim().steps();
            timeline.step_forward().expect("clients never stop");
            assert_eq!(timeline.sim().steps(), before + 1);
        }),
        Act::Back { steps } => (0..steps).for_each(|_| {
            let before = timeline.sim().steps();
            assert_eq!(timeline.step_back(), before > 0);
            assert_eq!(timeline.sim().steps(), before.saturating_sub(1));
        }),
        Act::Fault { node, kill } => {
            let node = NodeId(node);
            let command = if kill { Command::Kill(node) } else { Command::Revive(node) };
            let at = timeline.now();
            timeline.command(command).expect("servers and balancers can be killed and revived");
            assert_eq!(timeline.commands().last(), Some(&TimedCommand { at, command }));
            assert_eq!(timeline.end(), at);
        }
        Act::Undo | Act::Redo => {
            let (at, list) = (timeline.now(), timeline.commands().to_vec());
            let changed = if matches!(act, Act::Undo) { timeline.undo() } else { timeline.redo() };
            assert_eq!(timeline.now(), at, "these runs are short enough to catch up at once");
            if changed {
                let back = if matches!(act, Act::Undo) { timeline.redo() } else { timeline.undo() };
                assert!(back && timeline.commands() == list, "and back again");
                if matches!(act, Act::Undo) {
                    timeline.undo()
                } else {
                    timeline.redo()
                };
            }
        }
        Act::DropCommand { index } => change_list(timeline, |list| {
            list.remove(index % list.len());
        }),
        Act::MoveCommand { index, to_ms } => change_list(timeline, |list| {
            let index = index % list.len();
            list[index].at = SimTime::from_millis(to_ms);
        }),
        Act::ForkAndForget { seek_ms } => {
            let mut fork = timeline.fork();
            fork.seek(SimTime::from_millis(seek_ms), u64::MAX);
            fork.command(Command::Kill(NodeId(1))).expect("the balancer can be killed");
            fork.seek(SimTime::from_millis(seek_ms + 500), u64::MAX);
        }
    }
}

fn change_list(timeline: &mut Timeline, change: impl Fn(&mut Vec<TimedCommand>)) {
    let mut list = timeline.commands().to_vec();
    if !list.is_empty() {
        let at = timeline.now();
        change(&mut list);
        *timeline = timeline.with_commands(list).expect("the commands made sense before");
        assert_eq!(timeline.now(), at);
    }
}

/// The same run from its start, in one go, to the same instant or, between two events of one, the same event.
fn afresh(timeline: &Timeline) -> Sim {
    let mut sim = Sim::new(small_pool(), timeline.seed());
    for &timed in timeline.commands() {
        sim.schedule(timed).expect("the commands make sense");
    }
    let (steps, now) = (timeline.sim().steps(), timeline.now());
    while sim.steps() < steps {
        sim.step(SimTime::MAX).expect("it happened there");
    }
    sim.run_until(now, 0);
    sim
}

/// All that a run measured.
fn measured(sim: &Sim) -> String {
    let metrics = sim.metrics();
    let buckets: Vec<_> = metrics.series().buckets().collect();
    let incidents = (metrics.incidents().faults(), metrics.incidents().failovers());
    format!("{buckets:?} {incidents:?} {:?} {:?}", metrics.latencies().summary(), sim.work())
}

fn assert_same(timeline: &Timeline) {
    let (travelled, straight) = (timeline.sim(), afresh(timeline));
    assert_eq!(travelled.trace_hash(), straight.trace_hash());
    assert_eq!(travelled.events(), straight.events());
    assert!(straight.now() <= travelled.now());
    let at_rest = {
        let mut sim = straight.clone();
        sim.run_until(travelled.now(), u64::MAX);
        sim
    };
    // Between two events of one instant there is nothing more to compare than the trace.
    if at_rest.steps() == travelled.steps() {
        assert_eq!(travelled.snapshot(), at_rest.snapshot());
        assert!(travelled.log().entries().eq(at_rest.log().entries()));
        assert_eq!(measured(travelled), measured(&at_rest));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_way_to_an_instant_leads_to_the_same_world(
        seed in 0..1_000_u64,
        keeping in proptest::sample::select(&KEEPINGS[..]),
        acts in proptest::collection::vec(act(), 1..20),
    ) {
        let mut timeline = Timeline::keeping(small_pool(), seed, keeping);
        for act in &acts {
            carry_out(&mut timeline, act);
            prop_assert!(timeline.keyframes() <= keeping.keyframes && timeline.keyframe_bytes() <= keeping.bytes);
            assert_same(&timeline);
        }
        let end = timeline.end().max(seconds(5));
        timeline.seek(end, u64::MAX);
        assert_same(&timeline);
    }
}

#[test]
fn marks_of_the_future_stay_until_it_is_another_one() {
    let mut timeline = Timeline::new(small_pool(), 7);
    timeline.run_until(seconds(2), u64::MAX);
    timeline.command(Command::Kill(NodeId(2))).expect("it can be killed");
    timeline.run_until(seconds(6), u64::MAX);
    timeline.command(Command::Revive(NodeId(2))).expect("it can be revived");
    timeline.run_until(seconds(12), u64::MAX);
    let kinds = |timeline: &Timeline| timeline.marks().iter().map(|mark| mark.kind).collect::<Vec<_>>();
    let all = [MarkKind::Fault, MarkKind::Detection, MarkKind::Recovery, MarkKind::Recovery];
    assert_eq!(kinds(&timeline), all);
    timeline.seek(seconds(1), u64::MAX);
    assert_eq!((kinds(&timeline), timeline.end()), (all.to_vec(), seconds(12)));
    assert_eq!(timeline.sim().log().marks(), [], "at the shown instant nothing has happened yet");
    timeline.seek(seconds(5), u64::MAX);
    timeline.command(Command::Kill(NodeId(3))).expect("it can be killed");
    assert_eq!(kinds(&timeline), [MarkKind::Fault, MarkKind::Detection, MarkKind::Fault]);
    assert_eq!((timeline.end(), timeline.commands().len()), (seconds(5), 2));
    assert!(timeline.undo());
    assert_eq!((timeline.now(), timeline.commands().len()), (seconds(5), 2));
    timeline.run_until(seconds(12), u64::MAX);
    assert_eq!(kinds(&timeline), all, "the first future is back");
}

#[test]
fn a_run_without_copies_is_the_same_run() {
    let commands = || vec![TimedCommand { at: seconds(2), command: Command::Kill(NodeId(2)) }];
    let mut small = Timeline::without_copies(small_pool(), 7, commands()).expect("it can be killed");
    let mut large = Timeline::new(small_pool(), 7).with_commands(commands()).expect("it can be killed");
    for at in [5, 1, 9, 3, 3] {
        for run in [&mut small, &mut large] {
            run.seek(seconds(at), u64::MAX);
        }
        assert_eq!(small.sim().trace_hash(), large.sim().trace_hash(), "at {at} s");
        assert_eq!((small.now(), small.end()), (large.now(), large.end()));
    }
    assert_eq!(small.keyframes(), 1, "nothing but the start");
    let nonsense = vec![TimedCommand { at: seconds(2), command: Command::Kill(NodeId(99)) }];
    assert!(Timeline::without_copies(small_pool(), 7, nonsense).is_err());
}

#[test]
fn a_command_leaves_what_was_prepared_for_later() {
    let later = TimedCommand { at: seconds(6), command: Command::Kill(NodeId(2)) };
    let mut run = Timeline::without_copies(small_pool(), 7, vec![later]).expect("it can be killed");
    run.seek(seconds(3), u64::MAX);
    run.command_before(Command::Kill(NodeId(3)), &[later]).expect("it can be killed");
    assert!(!run.sim().snapshot().nodes[3].truth.is_up(), "at once");
    assert_eq!(run.commands().iter().map(|timed| timed.at).collect::<Vec<_>>(), [seconds(3), seconds(6)]);
    run.seek(seconds(7), u64::MAX);
    assert!(!run.sim().snapshot().nodes[2].truth.is_up(), "and the other at its time");
    let mut whole = Timeline::new(small_pool(), 7);
    whole.seek(seconds(3), u64::MAX);
    whole.command(Command::Kill(NodeId(3))).expect("it can be killed");
    whole.seek(seconds(6), u64::MAX);
    whole.command(Command::Kill(NodeId(2))).expect("it can be killed");
    whole.seek(seconds(7), u64::MAX);
    assert_eq!(run.sim().trace_hash(), whole.sim().trace_hash());
    assert!(run.undo() && run.commands().len() == 1);
}

/// Three servers with 60 requests a second, one of which dies and comes back every ten seconds.
fn restless(minutes: u64) -> Timeline {
    let commands = (0..minutes * 6).flat_map(|turn| {
        let at = |after: u64| seconds(turn * 10 + after);
        let server = NodeId(2);
        [
            TimedCommand { at: at(1), command: Command::Kill(server) },
            TimedCommand { at: at(6), command: Command::Revive(server) },
        ]
    });
    let run = Timeline::new(small_pool(), 7);
    run.with_commands(commands.collect()).expect("it can be killed and revived")
}

#[test]
fn what_is_kept_of_a_run_does_not_grow_with_its_length() {
    let mut run = restless(60);
    let keeping = Keeping::default();
    let mut kept = Vec::new();
    for minute in [10, 60] {
        run.run_until(seconds(minute * 60), u64::MAX);
        let sim = run.sim();
        let per_copy = run.keyframe_bytes() / run.keyframes();
        let series = sim.metrics().series().buckets().len();
        assert!(run.keyframes() <= keeping.keyframes && run.keyframe_bytes() <= keeping.bytes);
        assert!(series < BUCKETS, "buckets grow wider instead of more");
        assert_eq!(sim.log().entries().len(), CAPACITY, "enough happens that old lines go");
        assert!(sim.log().marks().len() <= MARKS_KEPT);
        kept.push((run.keyframes(), per_copy, sim.steps()));
        // Wherever one goes back to, the way there is at most the distance between two copies.
        let limit = run.replay_limit();
        assert_eq!(limit, keeping.first_interval << keeping.doublings, "it has not become longer");
        for part in 0..=40 {
            let at = seconds(minute * 60 * part / 40);
            run.seek(SimTime::ZERO, 0);
            assert_eq!(run.seek(at, limit), Progress::Reached, "at {at}");
        }
        run.seek(seconds(minute * 60), u64::MAX);
    }
    let [(copies, bytes, steps), (later_copies, later_bytes, later_steps)] = kept[..] else { unreachable!() };
    // Near its end a run of any length has the same copies, far from it one in so many steps.
    let far = usize::try_from((later_steps - steps) / run.replay_limit()).expect("few");
    assert!(later_copies <= copies + far + 1, "{copies} copies, later {later_copies}");
    assert!(later_bytes < bytes * 2, "a copy has {bytes} bytes, later {later_bytes}");
    let uniform = later_steps / keeping.first_interval;
    assert!(later_copies as u64 * 4 < uniform, "{later_copies} copies instead of {uniform}");
}

/// Goes on until the answer of a request is on its way to the clients. Answers which that is.
fn until_one_comes_back(timeline: &mut Timeline) -> RequestNumber {
    let number = |flight: &Flight| match flight.cargo {
        Cargo::Reply(request, _, Outcome::Answered) if flight.link == LinkId(0) => Some(request),
        _ => None,
    };
    loop {
        timeline.run_until(timeline.now() + SimDuration::from_micros(100), u64::MAX);
        if let Some(request) = timeline.sim().snapshot().flights.iter().find_map(number) {
            return request;
        }
    }
}

#[test]
fn a_request_is_followed_from_its_start_however_late_it_was_noticed() {
    let mut run = Timeline::new(small_pool(), 7);
    run.run_until(seconds(3), u64::MAX);
    let number = until_one_comes_back(&mut run);
    assert!(run.follow(Some(number)));
    let story = run.sim().followed().expect("it is followed").clone();
    assert!(matches!(story.hops[0], Hop { at, step: HopStep::Sent(LinkId(0)) } if at == story.sent_at));
    assert!(story.hops.iter().any(|hop| matches!(hop.step, HopStep::Worked(_))), "{story:?}");
    assert!(
        matches!(story.hops.last().map(|hop| hop.step), Some(HopStep::SentBack(LinkId(0), _))),
        "{story:?}"
    );
    assert_eq!(story.outcome, None, "its client does not know yet");
}

#[test]
fn whom_one_follows_stays_through_rewinding_and_what_is_known_of_the_future() {
    let mut run = Timeline::keeping(small_pool(), 7, KEEPINGS[0]);
    run.run_until(seconds(3), u64::MAX);
    let number = until_one_comes_back(&mut run);
    let at = run.now();
    run.run_until(seconds(5), u64::MAX);
    assert!(!run.follow(Some(number)), "it is over");
    run.seek(at, u64::MAX);
    assert!(run.follow(Some(number)));
    let hops = |run: &Timeline| run.sim().followed().expect("it is followed").hops.clone();
    let so_far = hops(&run);
    // Into the future that is kept, in small steps as the player does, over the copies that stand there.
    for ms in 1..500 {
        run.seek(at + SimDuration::from_millis(ms), u64::MAX);
    }
    let story = run.sim().followed().expect("still").clone();
    assert_eq!(story.outcome, Some(Outcome::Answered));
    assert_eq!(story.hops[..so_far.len()], so_far);
    // Over a long way at once, back to the middle of its way, and before it.
    run.seek(seconds(20), u64::MAX);
    assert_eq!(hops(&run), story.hops);
    run.seek(at, u64::MAX);
    assert_eq!(hops(&run), so_far);
    assert!(run.step_back());
    assert!(hops(&run).len() <= so_far.len());
    run.seek(seconds(1), u64::MAX);
    assert_eq!(hops(&run), []);
    // What happens to it in another future is what is told.
    run.seek(at, u64::MAX);
    run.command(Command::Kill(NodeId(1))).expect("the balancer can be killed");
    run.seek(seconds(4), u64::MAX);
    assert_eq!(hops(&run)[..so_far.len()], so_far);
    run.undo();
    run.seek(seconds(4), u64::MAX);
    assert_eq!(hops(&run), story.hops);
    assert!(run.follow(None));
    run.seek(at, u64::MAX);
    assert_eq!(run.sim().followed(), None);
}
