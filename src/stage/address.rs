//! Virtual addresses: a pill that sits on the balancer that holds the address, and moves with it. Two balancers that
//! both hold it are two pills and a conflict.

use leptos::prelude::*;
use understudy_sim::Snapshot;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan};
use understudy_sim::view::NodeDetail;

use super::geometry::px;
use super::layout::Layout;
use crate::bind::{flag, text};
use crate::player::Run;

/// An address and the balancers that share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    address: String,
    balancers: Vec<NodeId>,
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
fn holders(snapshot: &Snapshot, balancers: &[NodeId]) -> Vec<(NodeId, bool)> {
    let holds = |id: &NodeId| {
        let node = &snapshot.nodes[id.get()];
        let held = matches!(&node.detail, NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } if shared.held);
        held.then_some((*id, node.truth.is_up()))
    };
    let all: Vec<(NodeId, bool)> = balancers.iter().filter_map(holds).collect();
    let alive: Vec<(NodeId, bool)> = all.iter().copied().filter(|(_, up)| *up).collect();
    if alive.is_empty() { all } else { alive }
}

/// The pills of one address: as many as could hold it at once.
pub fn pills(run: Run, shared: Shared, layout: Memo<Layout>) -> impl IntoView {
    let Shared { address, balancers } = shared;
    let count = balancers.len();
    let holders = Memo::new(move |_| run.frame.with(|snapshot| holders(snapshot, &balancers)));
    let pill = move |place: usize| {
        let words = format!("VIP {address}");
        let mine = move || holders.with(|holders| holders.get(place).copied());
        let conflict = flag(move || holders.with(|holders| holders.len() > 1));
        let style = text(move || {
            let Some((id, _)) = mine() else { return String::new() };
            layout.with(|layout| {
                let card = layout.cards[id.get()].rect;
                format!("left:{}px;top:{}px", px(card.middle().x), px(card.y))
            })
        });
        view! {
            <span
                class="pill"
                class:conflict=conflict
                class:mute=flag(move || mine().is_some_and(|(_, up)| !up))
                hidden=flag(move || mine().is_none())
                style=style
                aria-hidden="true"
            >
                {words}
                <b hidden=flag(move || !conflict.get())>" \u{26a0} twice"</b>
            </span>
        }
    };
    (0..count).map(pill).collect_view()
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use understudy_sim::{Scenario, Sim, SimTime, TimedCommand};

    use super::*;

    fn held(commands: &[&str], at: u64) -> Vec<(String, bool)> {
        let text = include_str!("../../scenarios/two-balancers.json");
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
