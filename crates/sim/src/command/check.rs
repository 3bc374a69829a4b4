//! Whether a command makes sense for what it names, whatever the state; if not, what would.

use alloc::format;

use understudy_core::SimDuration;
use understudy_core::failover;

use super::{Command, CommandError, actors, error};
use crate::ids::{LinkId, NodeId};
use crate::plan::{
    ClientsPlan, MAX_LATENCY, MAX_WEIGHT, NextTier, NodeKind, Plan, PlanNode, Traffic,
    mean_gap as mean_gap_of,
};

/// The longest that an overload lasts.
const MAX_OVERLOAD: SimDuration = SimDuration::from_secs(3_600);

pub(super) type Checked = Result<(), CommandError>;

impl Command {
    /// Whether it makes sense in this plan, whatever the state.
    pub fn check(self, plan: &Plan) -> Result<(), CommandError> {
        let checker = Checker { plan };
        match self {
            Self::Kill(id) | Self::Hang(id) | Self::Revive(id) | Self::Stop(id) | Self::Restart(id) => {
                checker.process(id).map(|_| ())
            }
            Self::KillMidRequest(id) => checker.handles_requests(id),
            Self::Slow { node, times } => checker.works(node).and_then(|()| check_times(times)),
            Self::Cut { link, .. } | Self::SetTls { link, .. } => checker.link(link),
            Self::Delay { link, delay } => checker.link(link).and_then(|()| check_delay(delay)),
            Self::Lose { link, loss_ppm } => {
                checker.link(link).and_then(|()| check_share(loss_ppm, "packets lost"))
            }
            Self::SetRate { clients, mean_gap } => {
                checker.has_rate(clients).and_then(|()| check_gap(mean_gap))
            }
            Self::SetWrites { clients, writes_ppm } => checker.writes(clients, writes_ppm),
            Self::Overload { clients, times, lasts } => {
                checker.clients(clients)?;
                check_times(times)?;
                check_overload(lasts)
            }
            Self::SetAlgorithm { balancer, .. }
            | Self::SetPool { balancer, .. }
            | Self::SetRetry { balancer, .. } => checker.balancer(balancer),
            Self::SetHealth { balancer, interval, fall, rise } => {
                checker.balancer(balancer)?;
                check_health(interval, fall, rise)
            }
            Self::SetWeight { server, weight } => checker.pooled(server).and_then(|()| check_weight(weight)),
            Self::SetStandby { server, .. } => checker.pooled(server),
            Self::SetReads { server, .. } => checker.has_databases(server),
            Self::SetAllReads(_) => checker.somebody_has_databases(),
            Self::SetCommit { replicas } => checker.commit(replicas),
            Self::SetFencing { manager, .. } => checker.manager(manager),
            Self::Manage { manager, command } => checker.order(manager, command),
            Self::SetHttps { .. } => Ok(()),
            Self::SetFirewall { firewall: id, .. }
            | Self::SetRecord { dns: id, .. }
            | Self::Attack { attacker: id, .. }
            | Self::SetMonitoring { monitor: id, .. } => actors::check(self, plan, checker.node(id)?),
        }
    }
}

fn check_gap(mean_gap: SimDuration) -> Checked {
    if mean_gap.is_zero() {
        return error("0 between two requests; write a rate, or more than 0 s");
    }
    mean_gap_of(1.0 / mean_gap.as_secs_f64()).map(|_| ()).or_else(error)
}

fn check_times(times: u32) -> Checked {
    if (1..=1_000).contains(&times) { Ok(()) } else { error(format!("{times} times; write 1 to 1000")) }
}

fn check_delay(delay: SimDuration) -> Checked {
    if delay <= MAX_LATENCY {
        Ok(())
    } else {
        error(format!("{delay} is more than {MAX_LATENCY}; to let nothing through, cut the link"))
    }
}

fn check_share(ppm: u32, what: &str) -> Checked {
    if ppm <= 1_000_000 { Ok(()) } else { error(format!("{ppm} {what} in a million; write at most all")) }
}

fn check_overload(lasts: SimDuration) -> Checked {
    if !lasts.is_zero() && lasts <= MAX_OVERLOAD {
        Ok(())
    } else {
        error(format!("an overload of {lasts}; write more than 0 s and at most {MAX_OVERLOAD}"))
    }
}

fn check_health(interval: SimDuration, fall: u32, rise: u32) -> Checked {
    if interval.is_zero() || interval > MAX_LATENCY {
        return error(format!(
            "a check every {interval}; write \"2s\" or so, more than 0 and at most an hour"
        ));
    }
    match [fall, rise].into_iter().find(|count| !(1..=100).contains(count)) {
        Some(count) => error(format!("{count} checks in a row; write 1 to 100")),
        None => Ok(()),
    }
}

fn check_weight(weight: u32) -> Checked {
    if (1..=MAX_WEIGHT).contains(&weight) {
        Ok(())
    } else {
        error(format!("weight {weight}; write 1 to {MAX_WEIGHT}"))
    }
}

struct Checker<'a> {
    plan: &'a Plan,
}

impl<'a> Checker<'a> {
    fn link(&self, link: LinkId) -> Checked {
        if link.get() < self.plan.links().len() {
            Ok(())
        } else {
            error(format!("there is no link number {}", link.0))
        }
    }

    fn node(&self, id: NodeId) -> Result<&'a PlanNode, CommandError> {
        self.plan.node(id).map_or_else(|| error(format!("there is no node number {}", id.0)), Ok)
    }

    /// A node with a process that can end.
    fn process(&self, id: NodeId) -> Result<&'a PlanNode, CommandError> {
        let node = self.node(id)?;
        match node.kind {
            NodeKind::Clients(_) => error(format!(
                "\"{}\" stands for many people and cannot be killed, frozen, stopped or revived; name a server or a \
                 balancer",
                node.name
            )),
            NodeKind::Attacker(_) | NodeKind::Eavesdropper(_) => {
                wrong(node, "it has machines of its own that nobody here can stop", "a server or a balancer")
            }
            _ => Ok(node),
        }
    }

    fn handles_requests(&self, id: NodeId) -> Checked {
        let node = self.process(id)?;
        match node.kind {
            NodeKind::Firewall(_)
            | NodeKind::LoadBalancer(_)
            | NodeKind::WebServer(_)
            | NodeKind::ApplicationServer(_)
            | NodeKind::Database(_) => Ok(()),
            _ => wrong(node, "no request ever enters it", "a server or a balancer"),
        }
    }

    fn works(&self, id: NodeId) -> Checked {
        let node = self.node(id)?;
        match node.kind {
            NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) | NodeKind::Database(_) => Ok(()),
            _ => wrong(node, "does no work that takes time", "a server or a database"),
        }
    }

    fn clients(&self, id: NodeId) -> Result<&'a ClientsPlan, CommandError> {
        let node = self.node(id)?;
        match &node.kind {
            NodeKind::Clients(clients) => Ok(clients),
            _ => wrong(node, "sends no requests of its own", "clients"),
        }
    }

    fn has_rate(&self, id: NodeId) -> Checked {
        match self.clients(id)?.traffic {
            Traffic::Open { .. } => Ok(()),
            Traffic::Closed { users, .. } => error(format!(
                "\"{}\" are {users} users, who send when they have thought; name clients that have a rate",
                self.plan.name(id)
            )),
        }
    }

    fn writes(&self, id: NodeId, writes_ppm: u32) -> Checked {
        let clients = self.clients(id)?;
        check_share(writes_ppm, "requests")?;
        if writes_ppm + clients.static_ppm > 1_000_000 {
            return error(format!(
                "with the static files ({} in a million) that is more than all requests of \"{}\"",
                clients.static_ppm,
                self.plan.name(id)
            ));
        }
        Ok(())
    }

    fn balancer(&self, id: NodeId) -> Checked {
        let node = self.node(id)?;
        match node.kind {
            NodeKind::LoadBalancer(_) => Ok(()),
            _ => wrong(node, "balances nothing", "a load balancer"),
        }
    }

    /// A server that is in the pool of a balancer.
    fn pooled(&self, id: NodeId) -> Checked {
        let node = self.node(id)?;
        let has = |kind: &NodeKind| match kind {
            NodeKind::LoadBalancer(balancer) => {
                balancer.pool.iter().any(|&link| self.plan.link(link).to == id)
            }
            _ => false,
        };
        if self.plan.nodes().any(|(_, node)| has(&node.kind)) {
            return Ok(());
        }
        wrong(node, "is in no balancer's pool", "a server that a balancer is linked to")
    }

    fn has_databases(&self, id: NodeId) -> Checked {
        let node = self.node(id)?;
        if knows_databases(&node.kind) {
            return Ok(());
        }
        error(format!("\"{}\" has no databases; name a server that has", node.name))
    }

    fn somebody_has_databases(&self) -> Checked {
        if self.plan.nodes().any(|(_, node)| knows_databases(&node.kind)) {
            return Ok(());
        }
        error("no server here has databases; the scenario needs one that is linked to some")
    }

    fn commit(&self, replicas: u32) -> Checked {
        match self.plan.databases().len() {
            0 => error("there are no databases here whose commits could wait"),
            databases if (replicas as usize) < databases => Ok(()),
            databases => error(format!(
                "commits would wait for {replicas} replicas and there are {}; write at most that",
                databases - 1
            )),
        }
    }

    fn manager(&self, id: NodeId) -> Checked {
        let node = self.node(id)?;
        match node.kind {
            NodeKind::FailoverManager(_) => Ok(()),
            _ => wrong(node, "promotes nobody", "a failover manager"),
        }
    }

    fn order(&self, manager: NodeId, command: failover::Command) -> Checked {
        self.manager(manager)?;
        let named = match command {
            failover::Command::Failover { to, .. } | failover::Command::Switchover { to } => to,
            failover::Command::Rejoin { node } => Some(node),
            failover::Command::ConfirmFenced | failover::Command::SetMode(_) => None,
        };
        match named {
            Some(node) if node.get() >= self.plan.databases().len() => {
                error(format!("there is no database number {}", node.get()))
            }
            _ => Ok(()),
        }
    }
}

fn knows_databases(kind: &NodeKind) -> bool {
    match kind {
        NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => {
            matches!(server.next_tier, NextTier::Databases { .. })
        }
        _ => false,
    }
}

/// Says that a node is not of the kind that the command is for.
pub(super) fn wrong<T>(node: &PlanNode, why: &str, instead: &str) -> Result<T, CommandError> {
    let (name, kind) = (&node.name, node.kind.name());
    error(format!("\"{name}\" is a {kind}: {why}; name {instead}"))
}
