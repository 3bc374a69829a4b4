//! Looks over the manager's shoulder: what it puts out is held against what really happened.

use std::collections::{BTreeMap, BTreeSet};

use understudy_core::failover::{
    CallId, Command, Fencing, Instruction, LogPosition, NodeIndex, Output, Phase, Report, Role, Step, Trigger,
};
use understudy_core::{SimTime, TimelineId};

use super::cluster::Cluster;

/// What the watcher remembers.
pub(super) struct Watch {
    outputs_seen: usize,
    newest_timeline: Option<TimelineId>,
    promoted: BTreeSet<(NodeIndex, TimelineId)>,
    last_call: BTreeMap<NodeIndex, CallId>,
    last_heard: BTreeMap<NodeIndex, (SimTime, Report)>,
    /// No lease that the node was ever sent lasts beyond this.
    leased_until: BTreeMap<NodeIndex, SimTime>,
    primary: NodeIndex,
    /// Why the takeover under way began, and when.
    takeover: Option<(Trigger, SimTime)>,
    /// The device or an operator has vouched for the old primary since then.
    vouched: bool,
}

impl Watch {
    /// Before anything was put out by a manager whose first node is primary.
    pub(super) fn new() -> Self {
        Self {
            outputs_seen: 0,
            newest_timeline: None,
            promoted: BTreeSet::new(),
            last_call: BTreeMap::new(),
            last_heard: BTreeMap::new(),
            leased_until: BTreeMap::new(),
            primary: NodeIndex(0),
            takeover: None,
            vouched: false,
        }
    }

    /// Looks at everything that was put out since the last look.
    pub(super) fn look(&mut self, cluster: &Cluster) {
        // Reports are noted before the outputs they caused: the manager keeps the last one that counted.
        for node in cluster.manager.config().indices() {
            if let Some(report) = cluster.manager.last_report(node)
                && self.last_heard.get(&node).is_none_or(|(_, last)| *last != report)
            {
                self.last_heard.insert(node, (cluster.now, report));
            }
        }
        for (at, output) in &cluster.seen[self.outputs_seen..] {
            self.output(cluster, *at, output);
        }
        self.outputs_seen = cluster.seen.len();
    }

    /// Notes what an operator did before it is carried out.
    pub(super) fn command(&mut self, command: Command) {
        self.vouched |= command == Command::ConfirmFenced;
    }

    fn output(&mut self, cluster: &Cluster, at: SimTime, output: &Output) {
        match output {
            Output::Call { node, call, instruction, lease_until } => {
                let before = self.last_call.insert(*node, *call);
                assert!(before.is_none_or(|before| before < *call), "calls are numbered upwards");
                if let Instruction::Promote { timeline } = *instruction {
                    self.promotion(cluster, at, *node, timeline);
                }
                if let Some(until) = lease_until {
                    let known = self.leased_until.entry(*node).or_default();
                    *known = (*known).max(*until);
                }
            }
            Output::Step(Step::TakeoverStarted { primary, trigger }) => {
                self.takeover = Some((*trigger, at));
                self.vouched = false;
                if *trigger == Trigger::Detected {
                    self.detected(cluster, at, *primary);
                }
            }
            Output::Step(Step::SwitchoverStarted { .. }) => {
                self.takeover = None;
                self.vouched = false;
            }
            Output::Step(_) | Output::Fence { .. } | Output::SetRoute { .. } => {}
        }
    }

    /// A takeover begins only after the primary was silent for as long as it takes to be sure.
    fn detected(&self, cluster: &Cluster, at: SimTime, primary: NodeIndex) {
        let config = cluster.manager.config();
        let heard = self.last_heard.get(&primary).map_or(SimTime::ZERO, |(heard, _)| *heard);
        let silence = at.since(heard);
        assert!(silence >= config.detection_time().0, "gave the primary up after {silence} of silence");
        assert!(cluster.manager.unreachable_since(primary).is_some());
    }

    fn promotion(&mut self, cluster: &Cluster, at: SimTime, node: NodeIndex, timeline: TimelineId) {
        if !self.promoted.insert((node, timeline)) {
            return; // The same promotion, said again.
        }
        assert!(self.newest_timeline.is_none_or(|newest| newest < timeline), "timelines only increase");
        self.newest_timeline = Some(timeline);
        let old = std::mem::replace(&mut self.primary, node);
        self.most_advanced(cluster, node, old);
        self.fenced(cluster, at, old);
    }

    /// Nobody is promoted who is behind another that could be reached, had reported and may be promoted.
    fn most_advanced(&self, cluster: &Cluster, node: NodeIndex, old: NodeIndex) {
        let Some((trigger, since)) = self.takeover else { return };
        if matches!(trigger, Trigger::Operator { allow_data_loss: true, .. }) {
            return;
        }
        let manager = &cluster.manager;
        let ended = |node: NodeIndex| -> Option<LogPosition> {
            let (heard, report) = self.last_heard.get(&node)?;
            let stands_still = matches!(report.role, Role::Demoted | Role::Replica { following: None });
            (stands_still && *heard >= since).then_some(report.position)
        };
        let winner = manager.last_report(node).expect("it has reported").position;
        for other in manager.config().indices().filter(|&other| other != old && other != node) {
            let eligible = manager.config().nodes[other.get()].priority > 0;
            if eligible && manager.unreachable_since(other).is_none() {
                let ahead = ended(other).is_some_and(|position| position > winner);
                assert!(!ahead, "promoted {node:?} at {winner}, behind {other:?}");
            }
        }
    }

    /// With fencing nobody is promoted until the old primary has surely stopped.
    fn fenced(&self, cluster: &Cluster, at: SimTime, old: NodeIndex) {
        let stopped_itself =
            self.last_heard.get(&old).is_some_and(|(_, report)| report.role != Role::Primary);
        let leased_until = self.leased_until.get(&old).copied().unwrap_or_default();
        let sure = match cluster.manager.config().fencing {
            Fencing::None => return,
            Fencing::Device { .. } => {
                let cut = cluster.device_cut.get(&old);
                self.takeover.is_some_and(|(_, since)| cut.is_some_and(|&cut| cut >= since))
            }
            Fencing::Lease { clock_margin, .. } => leased_until + clock_margin <= at,
        };
        assert!(sure || stopped_itself || self.vouched, "promoted though {old:?} may accept writes");
        assert!(matches!(cluster.manager.phase(), Phase::Promoting { .. } | Phase::Watching));
    }
}
