//! What undoes everything that the [faults](crate::faults) can do: processes run, links are whole, settings are those
//! of the plan, attackers rest.

use understudy_core::SimDuration;
use understudy_core::failover;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{LoadBalancerPlan, NextTier, NodeKind, PlanLink, PlanNode, ServerPlan, Traffic};
use understudy_sim::scenario::{Behaviour, Fencing};
use understudy_sim::view::Snapshot;
use understudy_sim::{Command, Plan};

/// What a person does who sets everything right at once. What is to die with its next request dies all the same, and
/// what stops stops: see [`operator`].
pub(crate) fn mending(plan: &Plan) -> Vec<Command> {
    let links = plan.links().flat_map(|(id, link)| mending_of_link(id, link));
    let nodes = plan.nodes().flat_map(|(id, node)| mending_of(plan, id, node));
    // Commits wait as the first primary's did: all databases go by one rule.
    links.chain(nodes).chain(commit(plan)).collect()
}

/// What an operator does who watches: whatever was switched off is switched on again, be it that a fencing device did
/// it.
pub(crate) fn operator(plan: &Plan, snapshot: &Snapshot) -> Vec<Command> {
    let nodes = plan.nodes().zip(&snapshot.nodes);
    nodes.filter(|(_, view)| !view.truth.is_up()).map(|((id, _), _)| Command::Revive(id)).collect()
}

fn mending_of_link(id: LinkId, link: &PlanLink) -> [Command; 4] {
    [
        Command::Cut { link: id, forward: false, back: false },
        Command::Delay { link: id, delay: SimDuration::ZERO },
        Command::Lose { link: id, loss_ppm: link.loss_ppm },
        // "https" is the same for several links.
        Command::SetTls { link: id, on: link.tls },
    ]
}

fn commit(plan: &Plan) -> Option<Command> {
    let first = plan.node(*plan.databases().first()?)?;
    let NodeKind::Database(database) = &first.kind else { return None };
    let replicas = u32::try_from(database.primary.rule.count()).expect("fewer than there are databases");
    Some(Command::SetCommit { replicas })
}

fn mending_of(plan: &Plan, id: NodeId, node: &PlanNode) -> Vec<Command> {
    match &node.kind {
        NodeKind::Clients(clients) => {
            let writes = Command::SetWrites { clients: id, writes_ppm: clients.writes_ppm };
            let rate = match clients.traffic {
                Traffic::Open { mean_gap, .. } => Some(Command::SetRate { clients: id, mean_gap }),
                Traffic::Closed { .. } => None,
            };
            // A later overload takes the place of an earlier one, and once as much is as usual.
            let calm = Command::Overload { clients: id, times: 1, lasts: SimDuration::from_millis(1) };
            [Some(calm), Some(writes), rate].into_iter().flatten().collect()
        }
        NodeKind::LoadBalancer(balancer) => mending_of_balancer(plan, id, balancer),
        NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => mending_of_server(id, server),
        NodeKind::Database(_) => vec![Command::Revive(id), Command::Slow { node: id, times: 1 }],
        NodeKind::FailoverManager(manager) => {
            let automatic = failover::Command::SetMode(failover::Mode::Automatic);
            let fencing = match manager.config.fencing {
                failover::Fencing::None => Fencing::None,
                failover::Fencing::Device { .. } => Fencing::Device,
                failover::Fencing::Lease { .. } => Fencing::Lease,
            };
            vec![
                Command::Revive(id),
                Command::SetFencing { manager: id, fencing },
                Command::Manage { manager: id, command: automatic },
            ]
        }
        NodeKind::Firewall(firewall) => {
            vec![Command::Revive(id), Command::SetFirewall { firewall: id, on: firewall.on }]
        }
        NodeKind::Dns(dns) => {
            let record = |&node: &NodeId| Command::SetRecord { dns: id, node, on: true };
            std::iter::once(Command::Revive(id)).chain(dns.records.iter().map(record)).collect()
        }
        NodeKind::Monitor(monitor) => {
            vec![Command::Revive(id), Command::SetMonitoring { monitor: id, on: monitor.on }]
        }
        NodeKind::Attacker(_) => vec![Command::Attack { attacker: id, behaviour: Behaviour::Idle }],
        NodeKind::Eavesdropper(_) => Vec::new(),
    }
}

fn mending_of_server(id: NodeId, server: &ServerPlan) -> Vec<Command> {
    let mut commands = vec![Command::Revive(id), Command::Slow { node: id, times: 1 }];
    if let NextTier::Databases { reads, .. } = server.next_tier {
        commands.push(Command::SetReads { server: id, reads });
    }
    commands
}

fn mending_of_balancer(plan: &Plan, id: NodeId, balancer: &LoadBalancerPlan) -> Vec<Command> {
    let health = balancer.health;
    let mut commands = vec![
        Command::Revive(id),
        Command::SetRetry { balancer: id, on: balancer.retry },
        Command::SetAlgorithm { balancer: id, algorithm: balancer.algorithm },
        Command::SetPool { balancer: id, mode: balancer.mode },
        Command::SetHealth { balancer: id, interval: health.interval, fall: health.fall, rise: health.rise },
    ];
    for (&link, server) in balancer.pool.iter().zip(&balancer.servers) {
        let to = plan.link(link).to;
        commands.push(Command::SetWeight { server: to, weight: server.weight.0 });
        commands.push(Command::SetStandby { server: to, on: server.backup });
    }
    commands
}
