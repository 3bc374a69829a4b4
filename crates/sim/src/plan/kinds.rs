//! The settings of each kind of node: in range, and with what the core's components need.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use understudy_core::SimDuration;
use understudy_core::balancer::{Algorithm, ServerConfig, Weight};
use understudy_core::failover::{Durability, FailoverConfig, Fencing, Mode, NodeConfig, NodeIndex};
use understudy_core::health::HealthConfig;
use understudy_core::pool::{self, Standbys};
use understudy_core::replication::{CommitLevel, NodeId as Member, PrimaryConfig, ReplicaConfig, SyncRule};
use understudy_core::vrrp::{AdvertInterval, Priority, VrrpConfig};

use super::actors;
use super::links::{Wiring, kind_name};
use super::traffic;
use super::{
    DatabasePlan, LoadBalancerPlan, MAX_WEIGHT, ManagerPlan, Mistake, NextTier, NodeKind, PlanLink,
    ServerPlan, mistake,
};
use crate::distribution::Distribution;
use crate::ids::{LinkId, NodeId};
use crate::scenario::{self, Node, PoolMode, Role, Scenario};

/// What the settings of a node depend on beside what the scenario says of it.
pub(super) struct Context<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) links: &'a [PlanLink],
    pub(super) wiring: &'a Wiring,
    pub(super) databases: &'a [NodeId],
}

impl Context<'_> {
    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.scenario.nodes[id.get()]
    }

    fn far_end(&self, link: LinkId) -> &Node {
        self.node(self.links[link.get()].to)
    }

    /// The node's outgoing links that lead to nodes for which `wanted` holds.
    pub(super) fn links_to(&self, node: NodeId, wanted: impl Fn(&Node) -> bool) -> Vec<LinkId> {
        self.wiring.from(node).iter().copied().filter(|&link| wanted(self.far_end(link))).collect()
    }

    fn first_primary(&self) -> Option<NodeId> {
        let is_primary =
            |node: &Node| matches!(node, Node::Database(database) if database.role == Role::Primary);
        self.databases.iter().copied().find(|&id| is_primary(self.node(id)))
    }

    fn has_manager(&self) -> bool {
        self.scenario.nodes.iter().any(|node| matches!(node, Node::FailoverManager(_)))
    }
}

/// Where in the scenario something is: `nodes[2].workers`.
pub(super) struct Place(NodeId);

impl Place {
    pub(super) fn of(&self, field: &str) -> String {
        format!("nodes[{}].{field}", self.0.0)
    }
}

pub(super) fn plan(context: &Context<'_>, id: NodeId) -> Result<NodeKind, Mistake> {
    let place = Place(id);
    Ok(match context.node(id) {
        Node::Clients(clients) => NodeKind::Clients(traffic::plan(context, id, clients, &place)?),
        Node::Firewall(firewall) => NodeKind::Firewall(actors::plan_firewall(context, id, firewall, &place)?),
        Node::LoadBalancer(balancer) => NodeKind::LoadBalancer(plan_balancer(context, id, balancer, &place)?),
        Node::WebServer(server) => NodeKind::WebServer(plan_server(context, id, server, false, &place)?),
        Node::ApplicationServer(server) => {
            NodeKind::ApplicationServer(plan_server(context, id, server, true, &place)?)
        }
        Node::Database(database) => NodeKind::Database(plan_database(context, id, database, &place)?),
        Node::FailoverManager(manager) => {
            NodeKind::FailoverManager(plan_manager(context, id, manager, &place)?)
        }
        Node::Dns(dns) => NodeKind::Dns(actors::plan_dns(context, id, dns, &place)?),
        Node::Monitor(monitor) => NodeKind::Monitor(actors::plan_monitor(context, id, monitor, &place)?),
        Node::Attacker(attacker) => NodeKind::Attacker(actors::plan_attacker(context, id, attacker, &place)?),
        Node::Eavesdropper(eavesdropper) => {
            NodeKind::Eavesdropper(actors::plan_eavesdropper(context, eavesdropper, &place)?)
        }
    })
}

/// A share from 0 to 1 as parts in a million.
pub(crate) fn ppm(share: f64) -> Option<u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, and rounded")]
    (0.0..=1.0).contains(&share).then(|| libm::round(share * 1e6) as u32)
}

pub(super) fn check_timeout(timeout: SimDuration, place: &Place) -> Result<(), Mistake> {
    if timeout.is_zero() {
        return mistake(place.of("timeout"), "0 gives up before anything can happen; write \"5s\" or so");
    }
    Ok(())
}

/// How the core knows a pool's mode.
pub(crate) const fn pool_mode(mode: PoolMode) -> pool::Mode {
    match mode {
        PoolMode::ActiveActive => pool::Mode::ActiveActive,
        PoolMode::ActivePassive => pool::Mode::ActivePassive(Standbys::FirstAlone),
        PoolMode::ActivePassiveAll => pool::Mode::ActivePassive(Standbys::All),
    }
}

/// How the core knows a way to fence, for a manager that checks every `interval`.
pub(crate) fn fencing(fencing: scenario::Fencing, interval: SimDuration, fall: u32) -> Fencing {
    match fencing {
        scenario::Fencing::None => Fencing::None,
        scenario::Fencing::Device => Fencing::Device { retry: SimDuration::from_secs(2) },
        scenario::Fencing::Lease => Fencing::Lease {
            ttl: interval * (u64::from(fall) + 2),
            clock_margin: SimDuration::from_millis(500),
        },
    }
}

const fn algorithm(algorithm: scenario::Algorithm) -> Algorithm {
    match algorithm {
        scenario::Algorithm::RoundRobin => Algorithm::RoundRobin,
        scenario::Algorithm::LeastConnections => Algorithm::LeastConnections,
        scenario::Algorithm::RandomTwo => Algorithm::RandomTwo,
        scenario::Algorithm::IpHash => Algorithm::IpHash,
        scenario::Algorithm::Maglev => Algorithm::Maglev,
        scenario::Algorithm::PeakEwma => Algorithm::PeakEwma,
    }
}

fn plan_balancer(
    context: &Context<'_>,
    id: NodeId,
    balancer: &scenario::LoadBalancer,
    place: &Place,
) -> Result<LoadBalancerPlan, Mistake> {
    let scenario::HealthCheck { interval, fall, rise, passes } = balancer.health_check;
    if interval.is_zero() {
        return mistake(place.of("health_check.interval"), "0 would check without end; write \"2s\" or so");
    }
    for (field, count) in [("health_check.fall", fall), ("health_check.rise", rise)] {
        if !(1..=100).contains(&count) {
            return mistake(place.of(field), format!("{count} checks in a row; write 1 to 100"));
        }
    }
    check_timeout(balancer.timeout, place)?;
    let is_balancer = |node: &Node| matches!(node, Node::LoadBalancer(_));
    let pool = context.links_to(id, |node| !is_balancer(node));
    if let Some(shared) = &balancer.virtual_ip {
        check_holders(context, id, shared, place)?;
    }
    // Which servers are in use is for health checks to say: failed requests are not counted.
    let server = |link: &LinkId| match context.far_end(*link) {
        Node::WebServer(server) | Node::ApplicationServer(server) => {
            ServerConfig { max_fails: 0, backup: server.standby, ..Weight(server.weight).into() }
        }
        _ => ServerConfig { max_fails: 0, ..ServerConfig::default() },
    };
    let is_peer = |link: &LinkId| is_balancer(context.node(context.links[link.get()].other_end(id)));
    let sends_requests = |link: &LinkId| {
        !is_peer(link) && !matches!(context.node(context.links[link.get()].from), Node::Monitor(_))
    };
    Ok(LoadBalancerPlan {
        algorithm: algorithm(balancer.algorithm),
        health: HealthConfig { interval, rise, fall, ..HealthConfig::default() },
        connect_only: passes == scenario::CheckPasses::Connecting,
        retry: balancer.retry,
        timeout: balancer.timeout,
        mode: balancer.pool_mode,
        servers: pool.iter().map(server).collect(),
        pool,
        vrrp: balancer.virtual_ip.as_ref().map(|shared| plan_vrrp(id, shared, place)).transpose()?,
        holds_at_start: balancer.virtual_ip.as_ref().is_some_and(|shared| shared.held_at_start),
        peers: context.wiring.of(id).filter(is_peer).collect(),
        incoming: context.wiring.to(id).iter().copied().filter(sends_requests).collect(),
    })
}

/// Whether one balancer at most holds an address when the run begins.
fn check_holders(
    context: &Context<'_>,
    id: NodeId,
    shared: &scenario::VirtualIp,
    place: &Place,
) -> Result<(), Mistake> {
    let holds = |node: &&Node| match node {
        Node::LoadBalancer(scenario::LoadBalancer { virtual_ip: Some(other), .. }) => {
            other.address == shared.address && other.held_at_start
        }
        _ => false,
    };
    match context.scenario.nodes[..usize::from(id.0)].iter().find(holds) {
        Some(first) if shared.held_at_start => {
            let problem = format!("{} holds {} already; one balancer can", first.name(), shared.address);
            mistake(place.of("virtual_ip.held_at_start"), problem)
        }
        _ => Ok(()),
    }
}

fn plan_vrrp(id: NodeId, shared: &scenario::VirtualIp, place: &Place) -> Result<VrrpConfig, Mistake> {
    let wrong = |field: &str, problem: String| Mistake { place: place.of(field), problem };
    // Addresses of their own, in the order of the scenario: a later balancer wins a tie.
    let [high, low] = id.0.to_be_bytes();
    let own = Ipv4Addr::new(10, 0, high, low);
    let config = VrrpConfig::new(1, own, shared.address);
    let priority =
        Priority::new(shared.priority).map_err(|error| wrong("virtual_ip.priority", error.to_string()))?;
    let interval = AdvertInterval::new(shared.advert_interval)
        .map_err(|error| wrong("virtual_ip.advert_interval", error.to_string()))?;
    Ok(VrrpConfig { priority, interval, preempt: shared.preempt, ..config })
}

fn check_workers(workers: u32, place: &Place) -> Result<(), Mistake> {
    if !(1..=100_000).contains(&workers) {
        return mistake(place.of("workers"), format!("{workers} workers; write 1 to 100000"));
    }
    Ok(())
}

pub(super) fn check_time(field: &str, time: Distribution, place: &Place) -> Result<(), Mistake> {
    time.check().map_err(|problem| Mistake { place: place.of(field), problem })
}

fn plan_server(
    context: &Context<'_>,
    id: NodeId,
    server: &scenario::Server,
    worker_waits: bool,
    place: &Place,
) -> Result<ServerPlan, Mistake> {
    check_workers(server.workers, place)?;
    check_time("service_time", server.service_time, place)?;
    check_timeout(server.timeout, place)?;
    if !(1..=MAX_WEIGHT).contains(&server.weight) {
        return mistake(place.of("weight"), format!("weight {}; write 1 to {MAX_WEIGHT}", server.weight));
    }
    let databases = context.links_to(id, |node| matches!(node, Node::Database(_)));
    let servers = context.links_to(id, |node| matches!(node, Node::ApplicationServer(_)));
    let next_tier = match (servers.is_empty(), databases.is_empty()) {
        (true, true) => NextTier::Nothing,
        (false, true) => NextTier::Servers(servers),
        (true, false) => NextTier::Databases { links: databases, reads: server.reads },
        (false, false) => {
            let problem = format!(
                "{} is linked to application servers and to databases; link it to one of the two",
                server.name
            );
            return mistake(format!("nodes[{}]", id.0), problem);
        }
    };
    let scenario::Server { workers, queue_limit, service_time, timeout, .. } = *server;
    Ok(ServerPlan { workers, queue_limit, service_time, timeout, worker_waits, next_tier })
}

/// Whether the databases together make sense: one primary, as many replicas as commits wait for.
pub(super) fn check_databases(scenario: &Scenario) -> Result<(), Mistake> {
    let mut primary = None;
    let mut databases = 0;
    for (index, node) in scenario.nodes.iter().enumerate() {
        let Node::Database(database) = node else { continue };
        databases += 1;
        if database.role == Role::Primary
            && let Some(first) = primary.replace(index)
        {
            let problem = format!(
                "{} is a primary, and nodes[{first}] is one already; make it a replica",
                database.name
            );
            return mistake(format!("nodes[{index}].role"), problem);
        }
    }
    if databases > 0 && primary.is_none() {
        return mistake(
            "nodes",
            "there are databases and none is the primary; give one the role \"primary\"",
        );
    }
    for (index, node) in scenario.nodes.iter().enumerate() {
        if let Node::Database(database) = node
            && database.sync_replicas >= databases
        {
            let problem = format!(
                "commits wait for {} replicas and there are {}; write at most that",
                database.sync_replicas,
                databases - 1
            );
            return mistake(format!("nodes[{index}].sync_replicas"), problem);
        }
    }
    Ok(())
}

fn plan_database(
    context: &Context<'_>,
    id: NodeId,
    database: &scenario::Database,
    place: &Place,
) -> Result<DatabasePlan, Mistake> {
    check_workers(database.workers, place)?;
    let scenario::Database { workers, queue_limit, read_time, write_time, flush_time, replay_time, .. } =
        *database;
    for (field, time) in [
        ("read_time", read_time),
        ("write_time", write_time),
        ("flush_time", flush_time),
        ("replay_time", replay_time),
    ] {
        check_time(field, time, place)?;
    }
    let others = context.databases.iter().filter(|&&other| other != id).map(|other| Member(other.0));
    let rule = match database.sync_replicas {
        0 => SyncRule::Asynchronous,
        count => SyncRule::any(count as usize, others),
    };
    let is_database =
        |link: &LinkId| matches!(context.node(context.links[link.get()].other_end(id)), Node::Database(_));
    let is_primary = database.role == Role::Primary;
    Ok(DatabasePlan {
        is_primary,
        first_primary: context.first_primary().filter(|_| !is_primary),
        is_managed: context.has_manager(),
        workers,
        queue_limit,
        read_time,
        write_time,
        flush_time,
        replay_time,
        commit: CommitLevel::RemoteFlush,
        primary: PrimaryConfig { rule, ..PrimaryConfig::default() },
        // A reconnect every second instead of PostgreSQL's five: people are watching.
        replica: ReplicaConfig { retry_interval: SimDuration::from_secs(1), ..ReplicaConfig::default() },
        peers: context.wiring.of(id).filter(is_database).collect(),
    })
}

fn plan_manager(
    context: &Context<'_>,
    id: NodeId,
    manager: &scenario::FailoverManager,
    place: &Place,
) -> Result<ManagerPlan, Mistake> {
    let mut databases = Vec::new();
    for &database in context.databases {
        let link = context.wiring.from(id).iter().find(|link| context.links[link.get()].to == database);
        let Some(link) = link else {
            let name = context.node(database).name();
            let problem = format!("{} is not linked to {name}; link it to every database", manager.name);
            return mistake(format!("nodes[{}]", id.0), problem);
        };
        databases.push(*link);
    }
    let Some(first_primary) = context.first_primary() else {
        let problem = format!("{} has no databases to watch; add some, or remove it", manager.name);
        return mistake(format!("nodes[{}]", id.0), problem);
    };
    let managers =
        context.scenario.nodes.iter().filter(|node| matches!(node, Node::FailoverManager(_))).count();
    if managers > 1 {
        return mistake(
            format!("nodes[{}]", id.0),
            format!("there are {managers} failover managers; keep one"),
        );
    }
    let name = |&id: &NodeId| NodeConfig { name: context.node(id).name().into(), priority: 1 };
    let mut config = FailoverConfig::new(context.databases.iter().map(name).collect());
    config.interval = manager.interval;
    config.fall = manager.fall;
    config.mode = if manager.automatic { Mode::Automatic } else { Mode::Manual };
    config.fencing = fencing(manager.fencing, manager.interval, manager.fall);
    if let Node::Database(primary) = context.node(first_primary)
        && primary.sync_replicas > 0
    {
        let required =
            u16::try_from(primary.sync_replicas).expect("fewer than the nodes, which were counted");
        config.durability = Durability::AnyOf { required };
    }
    config.validate().map_err(|problem| Mistake {
        place: place.of("interval"),
        problem: format!("{problem} ({})", kind_name(context.node(id))),
    })?;
    let index =
        context.databases.iter().position(|&database| database == first_primary).expect("it is one of them");
    Ok(ManagerPlan {
        config,
        first_primary: NodeIndex(u16::try_from(index).expect("the number of nodes was checked")),
        databases,
        applications: context.links_to(id, |node| !matches!(node, Node::Database(_))),
    })
}
