//! The failover manager: drives the core's [`FailoverManager`] over links to the databases, and tells application
//! servers where writes go.

use understudy_core::failover::{
    CallId, Durability, FailoverConfig, FailoverManager, FailoverOutput, FenceId, Fencing, NodeIndex, Report,
};
use understudy_core::{SimDuration, SimTime, TimelineId};

use super::ground::{Alarm, Ground};
use crate::event::{Body, Wake};
use crate::ids::{LinkId, NodeId};
use crate::log::Fact;
use crate::plan::ManagerPlan;
use crate::post::Letter;
use crate::view::NodeDetail;

/// How long a fencing device takes to cut the power and confirm it.
const FENCING_TAKES: SimDuration = SimDuration::from_millis(500);

#[derive(Clone, Debug)]
pub(super) struct Manager {
    id: NodeId,
    settings: ManagerPlan,
    core: FailoverManager,
    alarm: Alarm,
    /// How it is set to fence, and the commit rule that it is set to reckon with. A process that does not run reads
    /// them when it starts.
    fencing: Fencing,
    durability: Durability,
}

impl Manager {
    pub(super) fn new(id: NodeId, settings: &ManagerPlan) -> Self {
        let core = FailoverManager::new(
            settings.config.clone(),
            settings.first_primary,
            TimelineId::FIRST,
            SimTime::ZERO,
        );
        let FailoverConfig { fencing, durability, .. } = settings.config;
        Self { id, settings: settings.clone(), core, alarm: Alarm::default(), fencing, durability }
    }

    pub(super) fn start(&mut self, ground: &mut Ground) {
        self.drain(ground);
    }

    /// The process starts again. It knows what it had written down: all but what was under way.
    pub(super) fn restart(&mut self, ground: &mut Ground) {
        self.alarm = Alarm::default();
        self.read_settings(ground);
    }

    fn read_settings(&mut self, ground: &mut Ground) {
        self.core.set_fencing(ground.now, self.fencing);
        self.core.set_durability(ground.now, self.durability);
        self.drain(ground);
    }

    pub(super) fn due(&mut self, ground: &mut Ground) {
        self.alarm.rang(ground.now);
        self.core.handle_timeout(ground.now);
        self.drain(ground);
        self.announce_route(ground);
    }

    pub(super) fn take_report(&mut self, ground: &mut Ground, link: LinkId, report: Report) {
        if let Some(node) = self.index_at(link) {
            self.core.handle_report(ground.now, node, report);
            self.drain(ground);
        }
    }

    pub(super) fn take_refusal(&mut self, ground: &mut Ground, link: LinkId, call: CallId) {
        if let Some(node) = self.index_at(link) {
            self.core.handle_call_failed(ground.now, node, call);
            self.drain(ground);
        }
    }

    pub(super) fn fenced(&mut self, ground: &mut Ground, request: u32) {
        self.core.handle_fence_result(ground.now, FenceId(request), true);
        self.drain(ground);
    }

    pub(super) fn command(&mut self, ground: &mut Ground, command: understudy_core::failover::Command) {
        self.core.handle_command(ground.now, command);
        self.drain(ground);
    }

    /// Sets how it makes sure that an old primary has stopped; false if it does so already.
    pub(super) fn set_fencing(&mut self, ground: &mut Ground, fencing: Fencing) -> bool {
        let changed = core::mem::replace(&mut self.fencing, fencing) != fencing;
        if ground.is_up(self.id) {
            self.read_settings(ground);
        }
        changed
    }

    /// Reckons with the commit rule that the databases go by.
    pub(super) fn set_durability(&mut self, ground: &mut Ground, replicas: u32) {
        self.durability = match u16::try_from(replicas).expect("fewer than there are databases") {
            0 => Durability::Asynchronous,
            required => Durability::AnyOf { required },
        };
        if ground.is_up(self.id) {
            self.read_settings(ground);
        }
    }

    /// The settings that it goes by.
    pub(super) fn config(&self) -> &FailoverConfig {
        self.core.config()
    }

    fn index_at(&self, link: LinkId) -> Option<NodeIndex> {
        let index = self.settings.databases.iter().position(|&own| own == link)?;
        Some(NodeIndex(u16::try_from(index).expect("the plan checked it")))
    }

    fn drain(&mut self, ground: &mut Ground) {
        while let Some(output) = self.core.poll_output() {
            match output {
                FailoverOutput::Call { node, call, instruction, lease_until } => {
                    let leases = matches!(self.core.config().fencing, Fencing::Lease { .. });
                    let letter = Letter::Instruction { call, instruction, lease_until, leases };
                    ground.post_from(self.id, self.settings.databases[node.get()], letter, Body::Control);
                }
                FailoverOutput::Fence { node, request } => {
                    let victim = ground.plan.databases()[node.get()];
                    ground.wake(FENCING_TAKES, self.id, Wake::Fenced { victim, request: request.0 });
                }
                FailoverOutput::SetRoute { .. } => self.announce_route(ground),
                FailoverOutput::Step(step) => ground.note(Fact::ManagerStep { manager: self.id, step }),
            }
        }
        let wanted = self.core.poll_timeout();
        self.alarm.set(ground, self.id, Wake::Manager, wanted);
    }

    /// Says where writes go: on every change, and now and then for those that missed it.
    fn announce_route(&self, ground: &mut Ground) {
        let primary = self.core.route().map(|node| ground.plan.databases()[node.get()]);
        for &link in &self.settings.applications {
            ground.send_from(self.id, link, Body::Route(primary));
        }
    }

    pub(super) fn view(&self, ground: &Ground) -> (u32, NodeDetail) {
        let databases = ground.plan.databases();
        let detail = NodeDetail::FailoverManager {
            mode: self.core.mode(),
            fencing: self.fencing,
            phase: self.core.phase().clone(),
            primary: databases[self.core.primary().get()],
            timeline: self.core.timeline(),
        };
        (0, detail)
    }
}
