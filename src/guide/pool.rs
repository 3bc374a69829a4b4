//! The gap between what is true of a server and what its balancer believes.

use understudy_core::health::Belief;
use understudy_sim::SimTime;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;
use understudy_sim::view::{NodeDetail, PoolEntry, Truth};

use super::World;
use crate::words::{instant, listed};

/// A pool's server whose truth and belief are not both up.
struct Case<'a> {
    balancer: NodeId,
    entry: &'a PoolEntry,
    dead_since: Option<SimTime>,
}

/// What there is to see of the pools: the gap between truth and belief first, the newest death first.
pub(super) fn gap(world: &World<'_>) -> Option<String> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    for (balancer, _) in world.plan.nodes() {
        let NodeDetail::LoadBalancer { pool, virtual_address, .. } =
            &world.snapshot.nodes[balancer.get()].detail
        else {
            continue;
        };
        // What one believes that nobody sends to concerns nobody.
        if !world.is_up(balancer) || virtual_address.is_some_and(|shared| !shared.held) {
            continue;
        }
        cases.extend(pool.iter().filter_map(|entry| {
            let dead_since = match world.snapshot.nodes[entry.server.get()].truth {
                Truth::Down { since } | Truth::Hung { since } => Some(since),
                Truth::Up | Truth::Stopping { .. } => None,
            };
            let quiet = dead_since.is_none() && matches!(entry.belief, Belief::Unchecked | Belief::Up);
            (!quiet).then_some(Case { balancer, entry, dead_since })
        }));
    }
    let seen_first = |case: &&Case<'_>| {
        let gap = case.dead_since.is_some() == case.entry.belief.in_use();
        (!gap, std::cmp::Reverse(case.dead_since))
    };
    cases.iter().min_by_key(seen_first).map(|case| about(case, world))
}

fn about(case: &Case<'_>, world: &World<'_>) -> String {
    let alive = world.alive(|kind| matches!(kind, NodeKind::WebServer(_)));
    let (server, balancer) = (world.name(case.entry.server), world.name(case.balancer));
    let (fall, rise) = match world.snapshot.nodes[case.balancer.get()].detail {
        NodeDetail::LoadBalancer { health, .. } => (health.fall, health.rise),
        _ => (0, 0),
    };
    match (case.dead_since, case.entry.belief) {
        (Some(since), Belief::Unchecked | Belief::Up) => format!(
            "{server} is dead since {}, but {balancer} does not know: what it sends there is refused.",
            instant(since)
        ),
        (Some(_), Belief::GoingDown { failed }) => format!(
            "{balancer} grows suspicious: {failed} of {fall} checks failed. Until the last of them it still sends requests to {server}."
        ),
        (Some(_), Belief::Down | Belief::GoingUp { .. }) if alive.is_empty() => {
            format!(
                "No server is left: {balancer} turns every request away itself. Revive one and see how long that takes to show."
            )
        }
        (Some(_), Belief::Down | Belief::GoingUp { .. }) => format!(
            "{balancer} has found out: {} {} the whole load now. Revive {server} and see how long it stands idle.",
            listed(&alive),
            if alive.len() == 1 { "carries" } else { "carry" }
        ),
        (None, Belief::Down) => format!(
            "{server} is up again, but {balancer} does not know: it takes {rise} passed checks before it is used."
        ),
        (None, Belief::GoingUp { passed }) => {
            format!("{balancer} begins to trust {server}: {passed} of {rise} checks passed.")
        }
        (None, Belief::GoingDown { failed }) => {
            format!("{server} is back before {balancer} gave it up: {failed} of {fall} checks had failed.")
        }
        (None, Belief::Unchecked | Belief::Up) => String::new(),
    }
}
