//! Replacing a primary that has failed or that an operator wants gone: election, fencing, promotion.

use alloc::vec::Vec;
use core::mem::{discriminant, replace};

use super::election::{self, Choice, NoCandidate, PassedOver, Rules, Standing};
use super::message::{FailoverOutput, FenceId, NodeIndex};
use super::phase::{Phase, Takeover};
use super::step::{FencedBy, GivenUp, Refusal, Step, Trigger};
use super::timers::Timer;
use super::{FailoverManager, Fencing, LeaseKnown, Mode};
use crate::lsn::LogPosition;
use crate::time::SimTime;

impl FailoverManager {
    /// Begins to replace the primary; `fenced` if it has surely stopped already.
    pub(super) fn start_takeover(&mut self, now: SimTime, trigger: Trigger, fenced: Option<FencedBy>) {
        self.timers.cancel(Timer::CatchUp);
        self.timers.arm(Timer::ReportWindow, now + self.config.report_window);
        self.phase = Phase::Electing(Takeover::new(trigger, now, fenced));
        self.note(Step::TakeoverStarted { primary: self.primary, trigger });
        for peer in &mut self.peers {
            peer.fresh = false;
        }
        self.call_all(now);
        self.proceed(now);
    }

    pub(super) fn command_failover(
        &mut self,
        now: SimTime,
        to: Option<NodeIndex>,
        allow_data_loss: bool,
    ) -> Result<(), Refusal> {
        if let Some(to) = to {
            self.check_node(to)?;
        }
        let trigger = Trigger::Operator { to, allow_data_loss };
        match &mut self.phase {
            Phase::Draining(_) => return Err(Refusal::Busy),
            Phase::Electing(takeover) | Phase::Fencing(takeover) => takeover.trigger = trigger,
            Phase::Watching | Phase::Promoting { .. } => self.start_takeover(now, trigger, None),
        }
        // To make a replica of the old primary when it comes back is part of what was asked.
        self.peers[self.primary.get()].rejoin = true;
        self.proceed(now);
        Ok(())
    }

    pub(super) fn command_confirm_fenced(&mut self, now: SimTime) -> Result<(), Refusal> {
        match self.phase.takeover() {
            Some(takeover) if takeover.fenced.is_none() => {
                self.fenced(now, FencedBy::Operator);
                Ok(())
            }
            _ => Err(Refusal::NothingToFence),
        }
    }

    pub(super) fn command_rejoin(&mut self, now: SimTime, node: NodeIndex) -> Result<(), Refusal> {
        self.check_node(node)?;
        self.peers[node.get()].rejoin = true;
        self.instruct_all(now);
        Ok(())
    }

    pub(super) fn close_report_window(&mut self, now: SimTime) {
        if let Some(takeover) = self.phase.takeover_mut() {
            takeover.window_closed = true;
        }
        self.proceed(now);
    }

    /// A node has reported while the primary is being replaced.
    pub(super) fn heard_in_takeover(&mut self, now: SimTime, node: NodeIndex) {
        let Some(takeover) = self.phase.takeover() else { return };
        if node != self.primary {
            return self.proceed(now);
        }
        let device_asked =
            matches!(self.phase, Phase::Fencing(_)) && matches!(self.config.fencing, Fencing::Device { .. });
        if takeover.trigger == Trigger::Detected && !device_asked {
            self.give_up(now, GivenUp::PrimaryBack);
        } else if takeover.fenced.is_none() && !self.peers[node.get()].is_primary() {
            self.fenced(now, FencedBy::OwnReport);
        } else {
            self.proceed(now);
        }
    }

    /// The old primary surely accepts no more writes.
    pub(super) fn fenced(&mut self, now: SimTime, by: FencedBy) {
        let Some(takeover) = self.phase.takeover_mut() else { return };
        takeover.fenced = Some(by);
        takeover.fence_request = None;
        self.timers.cancel(Timer::FenceRetry);
        self.timers.cancel(Timer::LeaseExpiry);
        self.note(Step::Fenced { node: self.primary, by });
        self.proceed(now);
    }

    /// Goes on with the takeover as far as what is known allows. Nothing is decided while a replica that is
    /// believed reachable still has time to report.
    pub(super) fn proceed(&mut self, now: SimTime) {
        let Some(takeover) = self.phase.takeover() else { return };
        if !takeover.window_closed && !self.all_reachable_reported() {
            return;
        }
        match election::choose(&self.standings(), &self.rules(takeover.trigger)) {
            Err((why, passed_over)) => self.stall(now, why, passed_over),
            Ok(choice) => self.fence_then_promote(now, choice),
        }
    }

    fn fence_then_promote(&mut self, now: SimTime, choice: Choice) {
        let Some(takeover) = self.phase.takeover_mut() else { return };
        let (node, position) = (choice.node, choice.position);
        let (fenced, since) = (takeover.fenced, takeover.since);
        takeover.stalled = None;
        if takeover.candidate.replace(node) != Some(node) {
            self.note(Step::Chosen(choice));
        }
        match (fenced, self.config.fencing) {
            (None, Fencing::None) => {
                self.note(Step::NotFenced { node: self.primary });
                self.promote(now, node, position, since);
            }
            (None, Fencing::Device { .. } | Fencing::Lease { .. }) => self.begin_fencing(now),
            (Some(_), _) => self.promote(now, node, position, since),
        }
    }

    /// Nobody can be promoted: wait, and look again at the next report. What an operator asked for is not
    /// waited for: a primary that is there goes on, and without one the manager does as it would have on its
    /// own.
    fn stall(&mut self, now: SimTime, why: NoCandidate, passed_over: Vec<PassedOver>) {
        self.phase = match replace(&mut self.phase, Phase::Watching) {
            Phase::Fencing(takeover) => Phase::Electing(takeover),
            other => other,
        };
        let Some(takeover) = self.phase.takeover_mut() else { return };
        takeover.candidate = None;
        let by_operator = takeover.trigger != Trigger::Detected;
        let said = (why, passed_over.iter().map(|passed| discriminant(&passed.why)).collect());
        if takeover.stalled.as_ref() != Some(&said) {
            takeover.stalled = Some(said);
            self.note(Step::Stalled { why, passed_over });
        }
        if by_operator && self.peers[self.primary.get()].reachable() {
            self.give_up(now, GivenUp::NoCandidate);
        } else if by_operator && self.mode == Mode::Automatic {
            if let Some(takeover) = self.phase.takeover_mut() {
                takeover.trigger = Trigger::Detected;
            }
            self.proceed(now);
        }
    }

    /// There is a candidate: see to it that the old primary stops. It is told to, should it hear.
    fn begin_fencing(&mut self, now: SimTime) {
        self.phase = match replace(&mut self.phase, Phase::Watching) {
            Phase::Electing(takeover) => Phase::Fencing(takeover),
            // Under way already.
            other => return self.phase = other,
        };
        self.set_route(None);
        self.instruct_all(now);
        match self.config.fencing {
            Fencing::None => unreachable!("without fencing the candidate is promoted at once"),
            Fencing::Device { .. } => self.ask_to_fence(now),
            // It may never stop by itself: only its own word, or an operator's, will do.
            Fencing::Lease { .. } if self.lease_known != LeaseKnown::Yes => {}
            Fencing::Lease { clock_margin, .. } => {
                let until = self.lease_until + clock_margin;
                if until <= now {
                    self.fenced(now, FencedBy::LeaseExpiry);
                } else {
                    self.note(Step::LeaseAwaited { node: self.primary, until });
                    self.timers.arm(Timer::LeaseExpiry, until);
                }
            }
        }
    }

    /// The way to fence has changed: what was begun in the old way is forgotten.
    pub(super) fn begin_fencing_anew(&mut self) {
        self.timers.cancel(Timer::FenceRetry);
        self.timers.cancel(Timer::LeaseExpiry);
        self.phase = match replace(&mut self.phase, Phase::Watching) {
            Phase::Fencing(takeover) => Phase::Electing(Takeover { fence_request: None, ..takeover }),
            other => other,
        };
    }

    /// Asks the fencing device; if it has not confirmed, repeats the request under its number.
    pub(super) fn ask_to_fence(&mut self, now: SimTime) {
        let Fencing::Device { retry } = self.config.fencing else { return };
        let node = self.primary;
        let next = FenceId(self.last_fence.0 + 1);
        let Some(takeover) = self.phase.takeover_mut() else { return };
        let again = takeover.fence_request.is_some();
        let request = *takeover.fence_request.get_or_insert(next);
        self.last_fence = request;
        self.timers.arm(Timer::FenceRetry, now + retry);
        self.note(Step::FenceAsked { node, again });
        self.outputs.push_back(FailoverOutput::Fence { node, request });
    }

    /// Tells a node to become primary. From here on it is the primary, whether the call arrives or not.
    pub(super) fn promote(&mut self, now: SimTime, node: NodeIndex, from: LogPosition, since: SimTime) {
        let reported = self.peers.iter().filter_map(|peer| peer.report);
        let newest = reported.map(|report| report.position.timeline).fold(self.timeline, Ord::max);
        for timer in [Timer::ReportWindow, Timer::FenceRetry, Timer::LeaseExpiry, Timer::CatchUp] {
            self.timers.cancel(timer);
        }
        self.set_route(None);
        // It is told of its lease, if leases are in use, together with its promotion.
        self.lease_known = LeaseKnown::Yes;
        self.timeline = newest.next();
        self.history.start(self.timeline, from);
        self.primary = node;
        self.phase = Phase::Promoting { since };
        self.note(Step::Promoting { node, timeline: self.timeline, from });
        self.instruct_all(now);
    }

    pub(super) fn confirm_promotion(&mut self, now: SimTime, since: SimTime) {
        let (node, timeline) = (self.primary, self.timeline);
        self.phase = Phase::Watching;
        self.note(Step::Promoted { node, timeline, took: now.since(since) });
        self.set_route(Some(node));
        self.instruct_all(now);
    }

    fn all_reachable_reported(&self) -> bool {
        let replicas = self.config.indices().filter(|&node| node != self.primary);
        let mut peers = replicas.map(|node| &self.peers[node.get()]);
        peers.all(|peer| !peer.reachable() || peer.final_position().is_some())
    }

    fn standings(&self) -> Vec<Standing> {
        let replicas = self.config.indices().filter(|&node| node != self.primary);
        replicas
            .map(|node| {
                let peer = &self.peers[node.get()];
                Standing {
                    node,
                    priority: self.config.nodes[node.get()].priority,
                    unreachable_since: peer.unreachable_since(),
                    position: peer.final_position(),
                    whole_at: peer.report.and_then(|report| report.whole_at),
                }
            })
            .collect()
    }

    fn rules(&self, trigger: Trigger) -> Rules {
        let (named, allow_data_loss) = match trigger {
            Trigger::Detected => (None, false),
            Trigger::Operator { to, allow_data_loss } => (to, allow_data_loss),
        };
        Rules {
            primary_end: self.peers[self.primary.get()].report.map(|report| report.position),
            maximum_lag: self.config.maximum_lag,
            replicas_to_hear: self.config.replicas_to_hear(),
            named,
            allow_data_loss,
        }
    }
}
