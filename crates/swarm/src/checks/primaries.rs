//! At most one database accepts writes, where fencing is on or nobody promotes.

use understudy_core::failover::Fencing;
use understudy_sim::Plan;
use understudy_sim::plan::NodeKind;
use understudy_sim::view::{DatabaseRole, NodeDetail};

use super::{Checker, Sight};

/// Watches the roles of the databases that run.
#[derive(Clone, Copy, Debug)]
pub struct OnePrimary {
    promised: bool,
}

/// Whether an old primary surely accepts no writes once there is a new one.
pub(super) fn is_fenced(plan: &Plan) -> bool {
    plan.nodes().all(|(_, node)| match &node.kind {
        NodeKind::FailoverManager(manager) => manager.config.fencing != Fencing::None,
        _ => true,
    })
}

impl OnePrimary {
    /// For a plan. Where a manager promotes without fencing there is no promise, and nothing is watched.
    pub fn new(plan: &Plan) -> Self {
        Self { promised: is_fenced(plan) }
    }
}

impl Checker for OnePrimary {
    fn name(&self) -> &'static str {
        "one primary"
    }

    fn check(&mut self, plan: &Plan, sight: &Sight<'_>) -> Result<(), String> {
        let accepts = |id: &&understudy_sim::ids::NodeId| {
            let node = &sight.snapshot.nodes[id.get()];
            node.truth.is_up()
                && matches!(node.detail, NodeDetail::Database { role: DatabaseRole::Primary, .. })
        };
        let accepting: Vec<&str> = plan.databases().iter().filter(accepts).map(|&id| plan.name(id)).collect();
        if self.promised && accepting.len() > 1 {
            return Err(format!("{} accept writes at the same time", accepting.join(" and ")));
        }
        Ok(())
    }
}
