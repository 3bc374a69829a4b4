//! At most one database accepts writes, where an old primary is fenced before a new one is told, or nobody promotes.
//!
//! *Promised* from the start, until fencing is set to `none` or an operator vouches for an old primary; and again once
//! that is over, the manager watches a primary, and nobody else accepts writes.

use std::collections::VecDeque;

use understudy_core::SimTime;
use understudy_core::failover::{self, Fencing, Phase};
use understudy_sim::plan::NodeKind;
use understudy_sim::view::{DatabaseRole, NodeDetail};
use understudy_sim::{Command, Plan};

use super::{Checker, Sight};

/// Watches the roles of the databases that run.
#[derive(Clone, Debug)]
pub struct OnePrimary {
    fenced: Fenced,
}

impl OnePrimary {
    /// For a plan.
    pub fn new(plan: &Plan) -> Self {
        Self { fenced: Fenced::new(plan) }
    }
}

impl Checker for OnePrimary {
    fn name(&self) -> &'static str {
        "one primary"
    }

    fn check(&mut self, plan: &Plan, sight: &Sight<'_>) -> Result<(), String> {
        let promised = self.fenced.look(plan, sight);
        let accepting = accepting(plan, sight);
        if promised && accepting.len() > 1 {
            return Err(format!("{} accept writes at the same time", accepting.join(" and ")));
        }
        Ok(())
    }
}

/// Whether fencing can be relied on.
#[derive(Clone, Debug)]
pub(super) struct Fenced {
    /// When operators vouch for an old primary, whether it has stopped or not.
    vouched: VecDeque<SimTime>,
    broken: bool,
}

impl Fenced {
    pub(super) fn new(plan: &Plan) -> Self {
        let vouches =
            |command| matches!(command, Command::Manage { command: failover::Command::ConfirmFenced, .. });
        let unfenced = plan.nodes().any(|(_, node)| {
            matches!(&node.kind, NodeKind::FailoverManager(manager) if manager.config.fencing == Fencing::None)
        });
        let instants = plan.script().iter().filter(|timed| vouches(timed.command)).map(|timed| timed.at);
        Self { vouched: instants.collect(), broken: unfenced }
    }

    /// Whether an old primary surely accepts no writes once there is a new one, as far as is known now.
    pub(super) fn look(&mut self, plan: &Plan, sight: &Sight<'_>) -> bool {
        while self.vouched.front().is_some_and(|&at| at <= sight.snapshot.now) {
            self.vouched.pop_front();
            self.broken = true;
        }
        for node in &sight.snapshot.nodes {
            let NodeDetail::FailoverManager { fencing, phase, primary, .. } = &node.detail else { continue };
            if *fencing == Fencing::None {
                self.broken = true;
            } else if self.broken
                && *phase == Phase::Watching
                && accepting(plan, sight).iter().all(|&name| name == plan.name(*primary))
            {
                self.broken = false;
            }
        }
        !self.broken
    }
}

/// The databases that run and accept writes.
fn accepting<'a>(plan: &'a Plan, sight: &Sight<'_>) -> Vec<&'a str> {
    let accepts = |id: &&understudy_sim::ids::NodeId| {
        let node = &sight.snapshot.nodes[id.get()];
        node.truth.is_up() && matches!(node.detail, NodeDetail::Database { role: DatabaseRole::Primary, .. })
    };
    plan.databases().iter().filter(accepts).map(|&id| plan.name(id)).collect()
}
