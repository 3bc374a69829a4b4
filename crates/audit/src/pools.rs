//! Active-active against active-passive: the same servers, used in both ways.
//!
//! With all servers active, all their workers carry load, and a loss takes its part of them away: what counts is what is
//! left then (N-1). With standbys, these wait until no active server is up: a loss takes nothing away, what waits is paid
//! for all the time, and whoever was served by the one that fails waits for the check that finds it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use understudy_sim::Plan;
use understudy_sim::plan::NodeKind;
use understudy_sim::scenario::{Node, PoolMode, Scenario};

use crate::capacity::LossLoad;
use crate::interruption::Takes;
use crate::losses::{Component, Losses};
use crate::system::{Reactions, System};

/// One way to use the servers of all pools.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PoolChoice {
    /// How it is written: `active-active` or `active-passive`.
    pub mode: &'static str,
    /// Whether the scenario does it so now.
    pub is_now: bool,
    /// Requests per second that are carried with everything up.
    pub carries_per_s: Option<f64>,
    /// Where it saturates first.
    pub saturates_first: Option<String>,
    /// The single loss that leaves least, of those that end no service.
    pub worst_loss: Option<LossLoad>,
    /// Servers that wait while everything is up: paid for, and carrying nothing.
    pub idle: Vec<String>,
    /// The largest share of the requests that fails when one server of a pool dies, until that is found out.
    pub fails_at_first: f64,
    /// How long it takes to find out.
    pub found_out_after: Option<Takes>,
}

/// Both ways, if there is a balancer with a choice. Where no server of a pool is a standby, all but its first are taken
/// to be for the comparison.
pub fn compare(scenario: &Scenario) -> Vec<PoolChoice> {
    let Ok(plan) = Plan::build(scenario) else { return Vec::new() };
    let pools: Vec<(String, Vec<String>)> = plan
        .nodes()
        .filter_map(|(_, node)| match &node.kind {
            NodeKind::LoadBalancer(balancer) if balancer.pool.len() > 1 => {
                let servers = balancer.pool.iter().map(|&link| plan.name(plan.link(link).to).to_string());
                Some((node.name.clone(), servers.collect()))
            }
            _ => None,
        })
        .collect();
    if pools.is_empty() {
        return Vec::new();
    }
    let is_now = |mode: PoolMode| {
        let active = mode == PoolMode::ActiveActive;
        plan.nodes().all(|(_, node)| match &node.kind {
            NodeKind::LoadBalancer(balancer) if balancer.pool.len() > 1 => {
                let waits = balancer.mode != PoolMode::ActiveActive
                    && balancer.servers.iter().any(|server| server.backup);
                waits != active
            }
            _ => true,
        })
    };
    let modes = [PoolMode::ActiveActive, PoolMode::ActivePassive].into_iter();
    modes.filter_map(|mode| choice(&used_so(scenario, &pools, mode), &pools, mode, is_now(mode))).collect()
}

/// The scenario with all pools used in one way.
fn used_so(scenario: &Scenario, pools: &[(String, Vec<String>)], mode: PoolMode) -> Scenario {
    let mut scenario = Scenario { script: Vec::new(), ..scenario.clone() };
    let is_standby = |nodes: &[Node], server: &String| {
        nodes.iter().any(|node| match node {
            Node::WebServer(one) | Node::ApplicationServer(one) => one.standby && one.name == *server,
            _ => false,
        })
    };
    // Of each pool that has no standbys, or nothing else: all but the first.
    let mut standbys: Vec<String> = Vec::new();
    for (_, servers) in pools {
        let marked = servers.iter().filter(|server| is_standby(&scenario.nodes, server)).count();
        if marked == 0 || marked == servers.len() {
            standbys.extend(servers[1..].iter().cloned());
        }
    }
    for node in &mut scenario.nodes {
        match node {
            Node::LoadBalancer(balancer) if balancer.pool_mode == PoolMode::ActiveActive => {
                balancer.pool_mode = mode;
            }
            Node::LoadBalancer(balancer) if mode == PoolMode::ActiveActive => balancer.pool_mode = mode,
            Node::WebServer(server) | Node::ApplicationServer(server) => {
                server.standby |= standbys.contains(&server.name);
            }
            _ => {}
        }
    }
    scenario
}

fn choice(
    scenario: &Scenario,
    pools: &[(String, Vec<String>)],
    mode: PoolMode,
    is_now: bool,
) -> Option<PoolChoice> {
    let plan = Plan::build(scenario).ok()?;
    let system = System::new(&plan);
    let capacity = system.capacity();
    let none = Losses::none(&plan);
    let walk = system.walk(&none, Reactions::ALL, 1.0);
    let (mut idle, mut fails_at_first, mut found_out_after) = (Vec::new(), 0.0_f64, None);
    for name in pools.iter().flat_map(|(_, servers)| servers) {
        let id = plan.find(name)?;
        let arrives: f64 = system.services().map(|service| walk.arriving(id, service)).sum();
        // Retries reach standbys too, in next to no numbers.
        if arrives < 1e-6 && !idle.contains(name) {
            idle.push(name.clone());
        }
        let losses = Losses::of(&plan, &[Component::Node(id)]);
        for service in system.services() {
            for interruption in system.interruptions(&losses, service) {
                fails_at_first = fails_at_first.max(interruption.share);
                found_out_after = found_out_after.max(Some(interruption.takes));
            }
        }
    }
    Some(PoolChoice {
        mode: mode.name(),
        is_now,
        carries_per_s: capacity.carries_per_s,
        saturates_first: capacity.saturates_first,
        worst_loss: capacity.worst_loss,
        idle,
        fails_at_first,
        found_out_after,
    })
}
