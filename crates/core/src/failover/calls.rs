//! What each node is told, at every call.
//!
//! The manager does not send commands and hope: from what a node said last and from the phase follows what it
//! should be told now, its goal, and every call carries it until the node reports that it is so. A lost call
//! or a node that comes back after an hour needs no special case. pg_auto_failover's assigned states work
//! alike.

use super::message::{FailoverOutput, Instruction, NodeIndex, Report, Role};
use super::phase::Phase;
use super::step::Step;
use super::{FailoverManager, Fencing, Mode};
use crate::lsn::LogPosition;
use crate::time::SimTime;

/// A goal, and whether manual mode leaves it to the operator.
enum Goal {
    Tell(Instruction),
    /// The node needs this repair, which is not the manager's to order now.
    Hold {
        accepts_writes: bool,
    },
}

impl FailoverManager {
    /// Whether a node leads the current timeline, by its last report.
    pub(super) fn leads(&self, node: NodeIndex) -> bool {
        let report = self.peers[node.get()].report;
        report.is_some_and(|it| it.role == Role::Primary && it.position.timeline == self.timeline)
    }

    /// Whether a node has the current timeline in its log, by its last report.
    pub(super) fn has_started(&self, node: NodeIndex) -> bool {
        self.peers[node.get()].report.is_some_and(|it| it.position.timeline == self.timeline)
    }

    /// What a node is to be told now. Says once when a repair waits for the operator.
    pub(super) fn goal(&mut self, node: NodeIndex) -> Instruction {
        match self.wanted(node) {
            Goal::Tell(instruction) => {
                self.peers[node.get()].held = false;
                instruction
            }
            Goal::Hold { accepts_writes } => {
                if !core::mem::replace(&mut self.peers[node.get()].held, true) {
                    self.note(Step::AwaitsRejoin { node, accepts_writes });
                }
                Instruction::Report
            }
        }
    }

    fn wanted(&self, node: NodeIndex) -> Goal {
        if node == self.primary {
            return Goal::Tell(self.wanted_of_primary());
        }
        let peer = &self.peers[node.get()];
        let role = peer.report.map(|report| report.role);
        let may_repair = self.mode == Mode::Automatic || peer.rejoin;
        if role == Some(Role::Primary) {
            return if may_repair {
                Goal::Tell(Instruction::Demote)
            } else {
                Goal::Hold { accepts_writes: true }
            };
        }
        match (&self.phase, peer.report) {
            (Phase::Electing(_) | Phase::Fencing(_) | Phase::Promoting { .. }, _) => {
                let stopped = role == Some(Role::Demoted);
                Goal::Tell(if stopped { Instruction::Report } else { Instruction::StopReceiving })
            }
            (Phase::Watching | Phase::Draining(_), None) => Goal::Tell(Instruction::Report),
            (Phase::Watching | Phase::Draining(_), Some(report)) => {
                let following = Role::Replica { following: Some(self.primary) };
                match self.rewind_to(report) {
                    Some(_) if !may_repair => Goal::Hold { accepts_writes: false },
                    Some(to) => Goal::Tell(Instruction::Rewind { to }),
                    None if report.role == following => Goal::Tell(Instruction::Report),
                    None => Goal::Tell(Instruction::Follow { primary: self.primary }),
                }
            }
        }
    }

    /// To where a node must be rewound, if it must: it has what the primary has not, or waits to be whole for what
    /// the primary has not.
    fn rewind_to(&self, report: Report) -> Option<LogPosition> {
        let common = self.history.divergence(self.timeline, report.position);
        common.or_else(|| {
            let never_whole = report.whole_at.and_then(|end| self.history.divergence(self.timeline, end));
            never_whole.map(|common| common.min(report.position))
        })
    }

    fn wanted_of_primary(&self) -> Instruction {
        let timeline = self.timeline;
        match &self.phase {
            Phase::Watching | Phase::Promoting { .. } if self.leads(self.primary) => Instruction::Report,
            Phase::Watching | Phase::Promoting { .. } if self.has_started(self.primary) => {
                Instruction::Resume { timeline }
            }
            Phase::Promoting { .. } => Instruction::Promote { timeline },
            Phase::Watching | Phase::Electing(_) => Instruction::Report,
            Phase::Fencing(_) | Phase::Draining(_) => Instruction::Demote,
        }
    }

    /// Calls a node. The primary's lease is extended, unless it is being replaced.
    pub(super) fn call(&mut self, now: SimTime, node: NodeIndex, instruction: Instruction) {
        if instruction != self.peers[node.get()].told {
            self.note_instruction(node, instruction);
        }
        let keeps_role = matches!(self.phase, Phase::Watching | Phase::Promoting { .. });
        let lease_until = match self.config.fencing {
            Fencing::Lease { ttl, .. } if node == self.primary && keeps_role => {
                self.lease_until = self.lease_until.max(now + ttl);
                Some(now + ttl)
            }
            Fencing::Lease { .. } | Fencing::Device { .. } | Fencing::None => None,
        };
        let call = self.peers[node.get()].call(now, self.config.interval, instruction);
        if lease_until.is_some() {
            self.lease_known = self.lease_known.after_call(call);
        }
        self.outputs.push_back(FailoverOutput::Call { node, call, instruction, lease_until });
    }

    /// Tells a node that has just reported what is next for it, if that is something else than it was told.
    pub(super) fn instruct_after_report(&mut self, now: SimTime, node: NodeIndex) {
        let goal = self.goal(node);
        let peer = &mut self.peers[node.get()];
        if goal == Instruction::Report {
            // It has just reported: nothing more to ask until the next round.
            peer.told = goal;
            let following = Role::Replica { following: Some(self.primary) };
            if peer.report.is_some_and(|report| report.role == following) {
                peer.rejoin = false;
            }
        } else if goal != peer.told {
            self.call(now, node, goal);
        }
    }

    /// Tells every node what has become of its goal, after the phase has changed.
    pub(super) fn instruct_all(&mut self, now: SimTime) {
        for node in self.config.indices() {
            let goal = self.goal(node);
            if goal != self.peers[node.get()].told {
                self.call(now, node, goal);
            }
        }
    }

    /// Calls every node, whatever it was told, so that the next report is later than now.
    pub(super) fn call_all(&mut self, now: SimTime) {
        for node in self.config.indices() {
            let goal = self.goal(node);
            self.call(now, node, goal);
        }
    }

    fn note_instruction(&mut self, node: NodeIndex, instruction: Instruction) {
        let report = self.peers[node.get()].report;
        let step = match instruction {
            // Said when it was decided.
            Instruction::Report | Instruction::StopReceiving | Instruction::Promote { .. } => return,
            Instruction::Demote if node == self.primary => return,
            Instruction::Demote => Step::DemotingStray { node },
            Instruction::Resume { timeline } => Step::Resuming { node, timeline },
            Instruction::Follow { primary } => Step::Following { node, primary },
            Instruction::Rewind { to } => {
                let from = report.expect("only a reported log diverges").position;
                Step::Rewinding { node, to, from }
            }
        };
        self.note(step);
    }
}
