//! Single rules, with every message placed by hand.

use std::vec::Vec;

use understudy_core::failover::{
    CallId, Command, Durability, FailoverManager, FailoverOutput, FenceId, FencedBy, Fencing, GivenUp,
    Instruction, Mode, NodeIndex, Phase, Refusal, Report, Role, Step,
};
use understudy_core::{LogPosition, Lsn, SimDuration, SimTime, TimelineId};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::golden::{config, lease};

const DB1: NodeIndex = NodeIndex(0);
const DB2: NodeIndex = NodeIndex(1);
const DB3: NodeIndex = NodeIndex(2);
const FROZEN: Role = Role::Replica { following: None };
const FOLLOWS_DB1: Role = Role::Replica { following: Some(DB1) };
const DEVICE: Fencing = Fencing::Device { retry: SimDuration::from_secs(3) };

/// A manager whose calls are answered by hand.
#[derive(Clone)]
struct Desk {
    manager: FailoverManager,
    calls: [CallId; 3],
}

impl Desk {
    /// A healthy cluster at 0 s, every log at 0/100.
    fn new(fencing: Fencing, durability: Durability, mode: Mode) -> Self {
        let settings = config(fencing, durability, mode);
        let manager = FailoverManager::new(settings, DB1, TimelineId::FIRST, SimTime::ZERO);
        let mut desk = Self { manager, calls: [CallId(0); 3] };
        desk.tick();
        for (node, role) in [(DB1, Role::Primary), (DB2, FOLLOWS_DB1), (DB3, FOLLOWS_DB1)] {
            desk.answer(SimTime::ZERO, node, role, 1, 0x100);
        }
        desk
    }

    /// The same, three seconds later, with the primary silent since and both replicas following it still.
    fn with_a_silent_primary(fencing: Fencing, durability: Durability, mode: Mode) -> Self {
        let mut desk = Self::new(fencing, durability, mode);
        while desk.manager.unreachable_since(DB1).is_none() {
            for node in [DB2, DB3] {
                desk.answer(SimTime::ZERO, node, FOLLOWS_DB1, 1, 0x100);
            }
            desk.tick();
        }
        desk
    }

    fn outputs(&mut self) -> Vec<FailoverOutput> {
        let outputs: Vec<FailoverOutput> = core::iter::from_fn(|| self.manager.poll_output()).collect();
        for output in &outputs {
            if let FailoverOutput::Call { node, call, .. } = output {
                self.calls[node.get()] = *call;
            }
        }
        outputs
    }

    /// Lets the next timer come due.
    fn tick(&mut self) -> Vec<FailoverOutput> {
        let due = self.manager.poll_timeout().expect("there is always a next round");
        self.manager.handle_timeout(due);
        self.outputs()
    }

    /// A node answers the latest call to it.
    fn answer(
        &mut self,
        now: SimTime,
        node: NodeIndex,
        role: Role,
        timeline: u32,
        lsn: u64,
    ) -> Vec<FailoverOutput> {
        let position = LogPosition { timeline: TimelineId(timeline), lsn: Lsn(lsn) };
        self.report(now, node, role, position, None)
    }

    fn report(
        &mut self,
        now: SimTime,
        node: NodeIndex,
        role: Role,
        position: LogPosition,
        whole_at: Option<LogPosition>,
    ) -> Vec<FailoverOutput> {
        let call = self.calls[node.get()];
        self.manager.handle_report(now, node, Report { call, role, position, whole_at });
        self.outputs()
    }

    fn command(&mut self, now: SimTime, command: Command) -> Vec<FailoverOutput> {
        self.manager.handle_command(now, command);
        self.outputs()
    }
}

fn at(secs: u64) -> SimTime {
    SimTime::from_secs(secs)
}

fn told(outputs: &[FailoverOutput], node: NodeIndex) -> Option<Instruction> {
    outputs.iter().rev().find_map(|output| match output {
        FailoverOutput::Call { node: to, instruction, .. } if *to == node => Some(*instruction),
        _ => None,
    })
}

fn said(outputs: &[FailoverOutput], step: &Step) -> bool {
    outputs.contains(&FailoverOutput::Step(step.clone()))
}

#[test]
fn a_replica_that_still_receives_is_not_heard() {
    let mut desk = Desk::with_a_silent_primary(Fencing::None, Durability::Asynchronous, Mode::Automatic);
    desk.answer(at(3), DB2, FOLLOWS_DB1, 1, 0x900);
    desk.answer(at(3), DB3, FROZEN, 1, 0x100);
    assert!(matches!(desk.manager.phase(), Phase::Electing(_)), "db-2's log may still grow");
    let outputs = desk.answer(at(3), DB2, FROZEN, 1, 0x900);
    assert_eq!(told(&outputs, DB2), Some(Instruction::Promote { timeline: TimelineId(2) }));
}

#[test]
fn a_report_from_before_the_takeover_is_not_heard() {
    let mut desk = Desk::new(Fencing::None, Durability::Asynchronous, Mode::Automatic);
    let old = desk.calls;
    while desk.manager.unreachable_since(DB1).is_none() {
        desk.answer(SimTime::ZERO, DB3, FOLLOWS_DB1, 1, 0x100);
        desk.answer(SimTime::ZERO, DB2, FOLLOWS_DB1, 1, 0x100);
        desk.tick();
    }
    let newer = core::mem::replace(&mut desk.calls, old);
    desk.answer(at(3), DB2, FROZEN, 1, 0x900);
    desk.answer(at(3), DB3, FROZEN, 1, 0x900);
    assert!(matches!(desk.manager.phase(), Phase::Electing(_)), "these answer calls of long ago");
    desk.calls = newer;
    desk.answer(at(3), DB2, FROZEN, 1, 0x900);
    desk.answer(at(3), DB3, FROZEN, 1, 0x900);
    assert_eq!(desk.manager.primary(), DB2);
}

#[test]
fn what_was_reported_in_an_earlier_takeover_is_asked_again() {
    let mut desk = Desk::with_a_silent_primary(Fencing::None, Durability::Asynchronous, Mode::Automatic);
    desk.answer(at(3), DB2, FROZEN, 1, 0x100);
    let outputs = desk.answer(at(3), DB1, Role::Primary, 1, 0x100);
    assert_eq!(told(&outputs, DB2), Some(Instruction::Follow { primary: DB1 }), "the primary is back");
    // db-2 follows again and receives more, but its answer is still on its way when the operator steps in.
    desk.command(at(3), Command::Failover { to: None, allow_data_loss: false });
    desk.answer(at(3), DB3, FROZEN, 1, 0x100);
    assert!(matches!(desk.manager.phase(), Phase::Electing(_)), "db-2 must stop and report again");
    desk.answer(at(3), DB2, FROZEN, 1, 0x200);
    assert_eq!(desk.manager.primary(), DB2);
}

#[test]
fn a_silent_replica_is_waited_for_as_long_as_the_window_lasts() {
    let mut desk = Desk::with_a_silent_primary(Fencing::None, Durability::Asynchronous, Mode::Automatic);
    desk.answer(at(3), DB2, FROZEN, 1, 0x100);
    assert_eq!(desk.manager.primary(), DB1, "db-3 is believed reachable and may be further");
    while desk.manager.primary() == DB1 {
        desk.tick();
    }
    assert_eq!(desk.manager.primary(), DB2);
}

#[test]
fn a_better_candidate_that_turns_up_while_fencing_is_taken() {
    let mut desk = Desk::with_a_silent_primary(lease(), Durability::Asynchronous, Mode::Automatic);
    desk.answer(at(3), DB2, FROZEN, 1, 0x100);
    while !matches!(desk.manager.phase(), Phase::Fencing(takeover) if takeover.candidate() == Some(DB2)) {
        desk.tick();
    }
    desk.answer(at(4), DB3, FROZEN, 1, 0x200);
    assert!(matches!(desk.manager.phase(), Phase::Fencing(takeover) if takeover.candidate() == Some(DB3)));
}

#[test]
fn a_replica_that_was_rewound_is_promoted_only_when_it_is_whole() {
    let on_first = |lsn| LogPosition { timeline: TimelineId::FIRST, lsn: Lsn(lsn) };
    let mut desk = Desk::with_a_silent_primary(Fencing::None, Durability::Asynchronous, Mode::Automatic);
    desk.report(at(3), DB2, FROZEN, on_first(0x900), Some(on_first(0xa00)));
    desk.answer(at(3), DB3, FROZEN, 1, 0x800);
    assert_eq!(desk.manager.primary(), DB3, "db-2 is ahead, and could not start");
}

#[test]
fn nobody_is_promoted_while_nobody_is_whole_and_the_primary_may_come_back() {
    let on_first = |lsn| LogPosition { timeline: TimelineId::FIRST, lsn: Lsn(lsn) };
    let mut desk = Desk::with_a_silent_primary(DEVICE, Durability::Asynchronous, Mode::Automatic);
    for node in [DB2, DB3] {
        desk.report(at(3), node, FROZEN, on_first(0x900), Some(on_first(0xa00)));
    }
    assert!(matches!(desk.manager.phase(), Phase::Electing(_)));
    desk.answer(at(4), DB1, Role::Demoted, 1, 0xa00);
    assert_eq!(*desk.manager.phase(), Phase::Watching, "it was not fenced for nothing");
    assert_eq!(desk.manager.primary(), DB1);
}

#[test]
fn a_switchover_goes_to_a_replica_that_is_whole() {
    let on_first = |lsn| LogPosition { timeline: TimelineId::FIRST, lsn: Lsn(lsn) };
    let mut desk = Desk::new(DEVICE, Durability::Asynchronous, Mode::Automatic);
    desk.tick();
    desk.report(at(1), DB2, FOLLOWS_DB1, on_first(0x100), Some(on_first(0x180)));
    let outputs = desk.command(at(1), Command::Switchover { to: Some(DB2) });
    let refused = Command::Switchover { to: Some(DB2) };
    assert!(said(&outputs, &Step::Refused { command: refused, why: Refusal::NoTarget }));
    desk.answer(at(1), DB3, FOLLOWS_DB1, 1, 0x80);
    desk.command(at(1), Command::Switchover { to: None });
    assert!(matches!(desk.manager.phase(), Phase::Draining(switchover) if switchover.target() == DB3));
}

#[test]
fn a_rewound_replica_that_waits_for_what_its_primary_has_not_is_rewound_again() {
    let on = |timeline, lsn| LogPosition { timeline: TimelineId(timeline), lsn: Lsn(lsn) };
    let mut desk = Desk::with_a_silent_primary(Fencing::None, Durability::Asynchronous, Mode::Automatic);
    // db-3 was rewound to db-1, which had 0x500 then; db-2 goes on from 0x400.
    desk.answer(at(3), DB2, FROZEN, 1, 0x400);
    desk.report(at(3), DB3, FROZEN, on(1, 0x300), Some(on(1, 0x500)));
    let outputs = desk.answer(at(3), DB2, Role::Primary, 2, 0x420);
    assert_eq!(told(&outputs, DB3), Some(Instruction::Rewind { to: on(1, 0x300) }));
    let outputs = desk.report(at(4), DB3, FROZEN, on(1, 0x300), Some(on(2, 0x420)));
    assert_eq!(told(&outputs, DB3), Some(Instruction::Follow { primary: DB2 }), "it can be whole now");
}

#[test]
fn the_device_is_believed_only_when_it_confirms_this_request() {
    let mut desk = Desk::with_a_silent_primary(DEVICE, Durability::Asynchronous, Mode::Automatic);
    desk.answer(at(3), DB2, FROZEN, 1, 0x100);
    let outputs = desk.answer(at(3), DB3, FROZEN, 1, 0x100);
    let request = FenceId(1);
    assert!(outputs.contains(&FailoverOutput::Fence { node: DB1, request }));
    for (answered, confirmed) in [(FenceId(0), true), (FenceId(2), true), (request, false)] {
        desk.manager.handle_fence_result(at(3), answered, confirmed);
        assert_eq!(desk.manager.primary(), DB1, "{answered:?} {confirmed}");
    }
    desk.manager.handle_fence_result(at(3), request, true);
    let outputs = desk.outputs();
    assert!(said(&outputs, &Step::Fenced { node: DB1, by: FencedBy::Device }));
    assert_eq!(told(&outputs, DB2), Some(Instruction::Promote { timeline: TimelineId(2) }));
}

#[test]
fn a_takeover_that_waits_for_the_device_goes_on_when_fencing_is_given_up() {
    let mut desk = Desk::with_a_silent_primary(DEVICE, Durability::Asynchronous, Mode::Automatic);
    desk.answer(at(3), DB2, FROZEN, 1, 0x100);
    desk.answer(at(3), DB3, FROZEN, 1, 0x100);
    assert!(matches!(desk.manager.phase(), Phase::Fencing(_)), "the device says nothing");
    desk.manager.set_fencing(at(4), Fencing::None);
    let outputs = desk.outputs();
    assert!(said(&outputs, &Step::NotFenced { node: DB1 }));
    assert_eq!(told(&outputs, DB2), Some(Instruction::Promote { timeline: TimelineId(2) }));
}

#[test]
fn a_lease_that_the_primary_may_not_know_of_fences_nobody() {
    let mut desk = Desk::with_a_silent_primary(DEVICE, Durability::Asynchronous, Mode::Automatic);
    desk.manager.set_fencing(at(4), lease());
    desk.outputs();
    desk.answer(at(4), DB2, FROZEN, 1, 0x100);
    desk.answer(at(4), DB3, FROZEN, 1, 0x100);
    for _ in 0..100 {
        desk.tick();
        desk.answer(at(5), DB2, FROZEN, 1, 0x100);
        desk.answer(at(5), DB3, FROZEN, 1, 0x100);
    }
    assert_eq!(desk.manager.primary(), DB1, "it may go on for ever");
    desk.command(at(500), Command::ConfirmFenced);
    assert_eq!(desk.manager.primary(), DB2);
}

#[test]
fn a_primary_that_no_call_has_reached_yet_knows_of_no_lease_and_is_not_taken_for_stopped() {
    let settings = config(lease(), Durability::Asynchronous, Mode::Automatic);
    let manager = FailoverManager::new(settings, DB1, TimelineId::FIRST, SimTime::ZERO);
    let mut desk = Desk { manager, calls: [CallId(0); 3] };
    for _ in 0..100 {
        desk.tick();
        let role = if matches!(desk.manager.phase(), Phase::Watching) { FOLLOWS_DB1 } else { FROZEN };
        for node in [DB2, DB3] {
            desk.answer(at(1), node, role, 1, 0x100);
        }
    }
    assert_eq!(desk.manager.primary(), DB1, "it may be taking writes still");
    desk.command(at(500), Command::ConfirmFenced);
    assert_eq!(desk.manager.primary(), DB2);
}

#[test]
fn a_lease_counts_once_the_primary_has_answered_the_call_that_gave_it() {
    let mut desk = Desk::new(DEVICE, Durability::Asynchronous, Mode::Automatic);
    desk.manager.set_fencing(at(1), lease());
    let outputs = desk.outputs();
    let given = |output: &FailoverOutput| {
        matches!(output, FailoverOutput::Call { node: DB1, lease_until: Some(_), .. })
    };
    assert!(outputs.iter().any(given), "it is told at once");
    desk.answer(at(1), DB1, Role::Primary, 1, 0x100);
    for _ in 0..100 {
        desk.tick();
        let role = if matches!(desk.manager.phase(), Phase::Watching) { FOLLOWS_DB1 } else { FROZEN };
        for node in [DB2, DB3] {
            desk.answer(at(3), node, role, 1, 0x100);
        }
        if desk.manager.primary() == DB2 {
            return;
        }
    }
    panic!("the lease runs out and db-2 is promoted");
}

#[test]
fn an_operator_may_vouch_where_the_device_cannot() {
    let mut desk = Desk::with_a_silent_primary(DEVICE, Durability::Asynchronous, Mode::Automatic);
    for node in [DB2, DB3] {
        desk.answer(at(3), node, FROZEN, 1, 0x100);
    }
    let outputs = desk.command(at(4), Command::ConfirmFenced);
    assert!(said(&outputs, &Step::Fenced { node: DB1, by: FencedBy::Operator }));
    assert_eq!(desk.manager.primary(), DB2);
    let outputs = desk.command(at(5), Command::ConfirmFenced);
    let refused = Step::Refused { command: Command::ConfirmFenced, why: Refusal::NothingToFence };
    assert!(said(&outputs, &refused));
}

#[test]
fn a_quorum_is_overruled_only_by_an_operator_who_accepts_loss() {
    let any_of_two = Durability::AnyOf { required: 1 };
    let mut desk = Desk::with_a_silent_primary(Fencing::None, any_of_two, Mode::Automatic);
    desk.answer(at(3), DB2, FROZEN, 1, 0x100);
    while desk.manager.unreachable_since(DB3).is_none() {
        desk.answer(at(4), DB2, FROZEN, 1, 0x100);
        desk.tick();
    }
    assert!(matches!(desk.manager.phase(), Phase::Electing(_)), "db-3 may have writes that db-2 lacks");
    desk.command(at(9), Command::Failover { to: None, allow_data_loss: false });
    assert_eq!(desk.manager.primary(), DB1);
    desk.command(at(9), Command::Failover { to: None, allow_data_loss: true });
    assert_eq!(desk.manager.primary(), DB2);
}

#[test]
fn manual_mode_leaves_a_stray_primary_to_the_operator() {
    let mut desk = Desk::new(Fencing::None, Durability::Asynchronous, Mode::Manual);
    desk.tick();
    let outputs = desk.answer(at(1), DB3, Role::Primary, 1, 0x300);
    assert!(said(&outputs, &Step::AwaitsRejoin { node: DB3, accepts_writes: true }));
    assert_eq!(told(&outputs, DB3), None);
    let again = desk.answer(at(1), DB3, Role::Primary, 1, 0x300);
    assert_eq!(again, [], "said once");
    let outputs = desk.command(at(2), Command::Rejoin { node: DB3 });
    assert_eq!(told(&outputs, DB3), Some(Instruction::Demote));
    let outputs = desk.answer(at(2), DB3, Role::Demoted, 1, 0x300);
    assert_eq!(told(&outputs, DB3), Some(Instruction::Follow { primary: DB1 }));
}

#[test]
fn a_switchover_is_given_up_when_the_successor_does_not_catch_up() {
    let mut desk = Desk::new(lease(), Durability::Asynchronous, Mode::Automatic);
    desk.tick();
    let outputs = desk.command(at(1), Command::Switchover { to: Some(DB3) });
    assert_eq!(told(&outputs, DB1), Some(Instruction::Demote));
    desk.answer(at(1), DB1, Role::Demoted, 1, 0x400);
    let mut outputs = Vec::new();
    while *desk.manager.phase() != Phase::Watching {
        for (node, role, lsn) in
            [(DB1, Role::Demoted, 0x400), (DB2, FOLLOWS_DB1, 0x400), (DB3, FOLLOWS_DB1, 0x300)]
        {
            desk.answer(at(1), node, role, 1, lsn);
        }
        outputs = desk.tick();
    }
    assert!(said(&outputs, &Step::GivenUp { primary: DB1, why: GivenUp::CatchUpTimeout }));
    assert_eq!(told(&outputs, DB1), Some(Instruction::Resume { timeline: TimelineId::FIRST }));
}

#[test]
fn the_lease_is_extended_by_every_call_and_by_none_once_the_primary_is_being_replaced() {
    let mut desk = Desk::new(lease(), Durability::Asynchronous, Mode::Automatic);
    let leases = |outputs: &[FailoverOutput]| -> Vec<(NodeIndex, SimTime)> {
        let leased = outputs.iter().filter_map(|output| match output {
            FailoverOutput::Call { node, lease_until: Some(until), .. } => Some((*node, *until)),
            _ => None,
        });
        leased.collect()
    };
    for second in 1..3 {
        assert_eq!(leases(&desk.tick()), [(DB1, at(second + 3))]);
        for node in [DB2, DB3] {
            desk.answer(at(second), node, FOLLOWS_DB1, 1, 0x100);
        }
    }
    assert_eq!(leases(&desk.tick()), [], "detected at 3 s: no lease beyond 5 s");
    let mut now = at(3);
    while desk.manager.primary() == DB1 {
        for node in [DB2, DB3] {
            desk.answer(now, node, FROZEN, 1, 0x100);
        }
        now = desk.manager.poll_timeout().expect("a timer");
        let outputs = desk.tick();
        assert!(leases(&outputs).iter().all(|(node, _)| *node == DB2));
    }
    assert_eq!(now, SimTime::from_millis(5200), "the lease and the clocks' margin");
}

/// What was put out, but for the numbers of calls and the times in it.
fn timeless(outputs: &[FailoverOutput]) -> Vec<(NodeIndex, Instruction)> {
    let calls = outputs.iter().filter_map(|output| match output {
        FailoverOutput::Call { node, instruction, .. } => Some((*node, *instruction)),
        _ => None,
    });
    calls.collect()
}

#[test]
fn counting_time_anew_changes_nothing_that_is_still_to_come() {
    let mut one = Desk::with_a_silent_primary(lease(), Durability::Asynchronous, Mode::Automatic);
    let mut now = at(3);
    for node in [DB2, DB3] {
        one.answer(now, node, FROZEN, 1, 0x100);
    }
    let mut other = one.clone();
    let start = now;
    other.manager.rebase(start);
    // The call to the primary is still unanswered, the others' are answered.
    other.calls = [CallId(1), CallId(0), CallId(0)];
    let shifted = |now: SimTime| SimTime::ZERO + now.since(start);
    for _ in 0..12 {
        now = one.manager.poll_timeout().expect("a timer");
        assert_eq!(other.manager.poll_timeout(), Some(shifted(now)));
        assert_eq!(timeless(&one.tick()), timeless(&other.tick()));
        let promoted = one.manager.primary() == DB2;
        let (role, timeline) = if promoted { (Role::Primary, 2) } else { (FROZEN, 1) };
        let answers = one.answer(now, DB2, role, timeline, 0x100);
        assert_eq!(timeless(&answers), timeless(&other.answer(shifted(now), DB2, role, timeline, 0x100)));
    }
    assert_eq!(one.manager.route(), Some(DB2));
    assert_eq!(one.manager.route(), other.manager.route());
    assert_eq!(one.manager.unreachable_since(DB3).map(shifted), other.manager.unreachable_since(DB3));
}
