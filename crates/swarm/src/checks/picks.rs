//! No balancer picks a server that it believes down while it believes one up, nor, where standbys wait for that, a standby
//! while it believes an active server up that this request has not tried.

use understudy_core::SimTime;
use understudy_core::balancer::PassedOver;
use understudy_sim::Plan;
use understudy_sim::ids::{NodeId, RequestNumber};
use understudy_sim::plan::NodeKind;
use understudy_sim::scenario::PoolMode;
use understudy_sim::view::NodeDetail;

use super::{Checker, Sight};

/// Watches each balancer's newest choice.
#[derive(Clone, Debug)]
pub struct Picks {
    /// The balancers, with the newest choice that was looked at.
    balancers: Vec<(NodeId, Option<(RequestNumber, SimTime)>)>,
}

impl Picks {
    /// For the balancers of this plan.
    pub fn new(plan: &Plan) -> Self {
        let is_balancer = |kind: &NodeKind| matches!(kind, NodeKind::LoadBalancer(_));
        let balancers = plan.nodes().filter(|(_, node)| is_balancer(&node.kind)).map(|(id, _)| (id, None));
        Self { balancers: balancers.collect() }
    }
}

impl Checker for Picks {
    fn name(&self) -> &'static str {
        "picks"
    }

    fn check(&mut self, plan: &Plan, sight: &Sight<'_>) -> Result<(), String> {
        for (id, seen) in &mut self.balancers {
            let NodeDetail::LoadBalancer { pool, mode, last_choice: Some(choice), .. } =
                &sight.snapshot.nodes[id.get()].detail
            else {
                continue;
            };
            // Beliefs are those of now: only a choice that was made in this very event can be held against them.
            if seen.replace((choice.request, choice.at)) == Some((choice.request, choice.at)) {
                continue;
            }
            let Some(picked) =
                choice.server.and_then(|server| pool.iter().find(|entry| entry.server == server))
            else {
                continue;
            };
            if let Some(other) = pool.iter().find(|entry| entry.belief.in_use())
                && !picked.belief.in_use()
            {
                return Err(format!(
                    "{} believes {} down and picked it, while it believes {} up",
                    plan.name(*id),
                    plan.name(picked.server),
                    plan.name(other.server)
                ));
            }
            let tried = |server| choice.passed_over.contains(&(server, PassedOver::Tried));
            let active =
                pool.iter().find(|entry| entry.belief.in_use() && !entry.standby && !tried(entry.server));
            if let Some(active) = active
                && *mode != PoolMode::ActiveActive
                && picked.standby
            {
                return Err(format!(
                    "{} picked the standby {}, while it believes {} up",
                    plan.name(*id),
                    plan.name(picked.server),
                    plan.name(active.server)
                ));
            }
        }
        Ok(())
    }
}
