//! A planned change of primary: it stops first, its successor catches up, and no write is lost.
//!
//! Follows Patroni's `switchover` and pg_auto_failover's `draining`.

use core::cmp::Reverse;

use super::message::{Instruction, NodeIndex, Report, Role};
use super::phase::{Phase, Switchover};
use super::step::{FencedBy, GivenUp, Refusal, Step, Trigger};
use super::timers::Timer;
use super::{FailoverManager, Mode};
use crate::time::SimTime;

impl FailoverManager {
    pub(super) fn start_switchover(&mut self, now: SimTime, to: Option<NodeIndex>) -> Result<(), Refusal> {
        if let Some(to) = to {
            self.check_node(to)?;
        }
        if self.phase != Phase::Watching {
            return Err(Refusal::Busy);
        }
        let from = self.primary;
        if !self.leads(from) || !self.peers[from.get()].reachable() {
            return Err(Refusal::PrimaryUnreachable);
        }
        let target = self.successor(to).ok_or(Refusal::NoTarget)?;
        self.note(Step::SwitchoverStarted { from, to: target });
        self.phase = Phase::Draining(Switchover { target, since: now, final_position: None });
        self.timers.arm(Timer::CatchUp, now + self.config.catch_up_timeout);
        self.peers[from.get()].rejoin = true;
        self.set_route(None);
        self.instruct_all(now);
        Ok(())
    }

    /// The most advanced replica that could take over as planned, or the one named if it could.
    fn successor(&self, named: Option<NodeIndex>) -> Option<NodeIndex> {
        let following = Role::Replica { following: Some(self.primary) };
        let replicas = self.config.indices().filter(|&node| named.is_none_or(|named| named == node));
        let ranked = replicas.filter_map(|node| {
            let peer = &self.peers[node.get()];
            let fits = |report: &Report| report.role == following && report.whole_at.is_none();
            let report = peer.report.filter(|report| fits(report) && peer.reachable())?;
            let priority = self.config.nodes[node.get()].priority;
            (priority > 0).then_some((report.position, priority, Reverse(node)))
        });
        ranked.max().map(|(.., Reverse(node))| node)
    }

    /// A node has reported while the primary hands over.
    pub(super) fn heard_in_switchover(&mut self, now: SimTime, node: NodeIndex) {
        let Phase::Draining(switchover) = &mut self.phase else { return };
        let Some(report) = self.peers[node.get()].report else { return };
        let target = switchover.target;
        if node == self.primary && switchover.final_position.is_none() && report.role != Role::Primary {
            switchover.final_position = Some(report.position);
            self.note(Step::Drained { node, position: report.position });
            self.note(Step::Fenced { node, by: FencedBy::OwnReport });
            // Do not wait for the next round to learn whether it has everything.
            self.call(now, target, Instruction::Report);
        } else if node == target
            && matches!(report.role, Role::Replica { .. })
            && report.whole_at.is_none()
            && switchover.final_position.is_some_and(|end| report.position >= end)
        {
            let since = switchover.since;
            self.promote(now, target, report.position, since);
        }
    }

    /// A node was lost while the primary hands over.
    pub(super) fn lost_in_switchover(&mut self, now: SimTime, node: NodeIndex) {
        let Phase::Draining(switchover) = &self.phase else { return };
        if node == self.primary {
            let fenced = switchover.final_position.map(|_| FencedBy::OwnReport);
            match self.mode {
                Mode::Automatic => self.start_takeover(now, Trigger::Detected, fenced),
                Mode::Manual => self.give_up(now, GivenUp::PrimaryLost),
            }
        } else if node == switchover.target {
            self.give_up(now, GivenUp::TargetLost);
        }
    }
}
