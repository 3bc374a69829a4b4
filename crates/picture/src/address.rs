//! Virtual addresses: who shares one, and who answers for it.

use understudy_sim::Snapshot;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan};
use understudy_sim::view::NodeDetail;

/// An address and the balancers that share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The address.
    pub address: String,
    /// The balancers.
    pub balancers: Vec<NodeId>,
}

/// The shared addresses of a plan.
pub fn shared(plan: &Plan) -> Vec<Shared> {
    let mut all: Vec<Shared> = Vec::new();
    for (id, node) in plan.nodes() {
        let NodeKind::LoadBalancer(balancer) = &node.kind else { continue };
        let Some(address) = balancer.vrrp.as_ref().and_then(|vrrp| vrrp.addresses.first()) else { continue };
        let address = address.to_string();
        match all.iter_mut().find(|other| other.address == address) {
            Some(known) => known.balancers.push(id),
            None => all.push(Shared { address, balancers: vec![id] }),
        }
    }
    all
}

/// Who answers for an address: those that run and hold it, or the dead one whose host still does.
pub fn holders(snapshot: &Snapshot, balancers: &[NodeId]) -> Vec<(NodeId, bool)> {
    let holds = |id: &NodeId| {
        let node = &snapshot.nodes[id.get()];
        let held = matches!(&node.detail, NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } if shared.held);
        held.then_some((*id, node.truth.is_up()))
    };
    let all: Vec<(NodeId, bool)> = balancers.iter().filter_map(holds).collect();
    let alive: Vec<(NodeId, bool)> = all.iter().copied().filter(|(_, up)| *up).collect();
    if alive.is_empty() { all } else { alive }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use understudy_sim::{Scenario, Sim, SimTime, TimedCommand};

    use super::*;

    fn held(commands: &[&str], at: u64) -> Vec<(String, bool)> {
        let text = include_str!("../../../scenarios/two-balancers.json");
        let plan = Rc::new(Scenario::read("two-balancers", text).expect("a shipped scenario is right"));
        let mut sim = Sim::new(plan.clone(), 1);
        for command in commands {
            let command = TimedCommand::parse(command, &plan).expect("the test's commands are right");
            sim.schedule(command).expect("sensible");
        }
        sim.run_until(SimTime::from_secs(at), u64::MAX);
        let all = shared(&plan);
        assert_eq!((all.len(), all[0].address.as_str()), (1, "203.0.113.10"));
        let holders = holders(&sim.snapshot(), &all[0].balancers);
        holders.into_iter().map(|(id, up)| (plan.name(id).to_string(), up)).collect()
    }

    #[test]
    fn the_address_stays_with_a_dead_master_until_the_other_takes_over() {
        assert_eq!(held(&[], 5), [("lb-1".into(), true)]);
        assert_eq!(held(&["5s kill lb-1"], 6), [("lb-1".into(), false)]);
        assert_eq!(held(&["5s kill lb-1"], 12), [("lb-2".into(), true)]);
    }

    #[test]
    fn two_masters_are_two() {
        assert_eq!(held(&["5s cut lb-1 lb-2"], 15).len(), 2);
    }
}
