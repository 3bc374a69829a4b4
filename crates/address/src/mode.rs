//! Modes by name: what an address changes about a shipped scenario before it starts, without a command for each node.
//!
//! `mode=active-passive,https` sets the pool of every balancer and encrypts what clients send. A mode stands for the
//! commands that set it on all nodes that it is about.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use understudy_core::balancer::Algorithm;
use understudy_core::failover;
use understudy_core::replication::SyncRule;
use understudy_sim::Command;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NextTier, NodeKind, Plan, ServerPlan};
use understudy_sim::scenario::{Fencing, PoolMode, ReadRoute};

/// A mode, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// How pools share work: `active-active`, `active-passive`, `active-passive-all`.
    Pool(PoolMode),
    /// How balancers pick servers: the algorithm's name.
    Algorithm(Algorithm),
    /// Where reads go: `reads-primary`, `reads-replicas`, `reads-all`, `reads-read-your-writes`.
    Reads(ReadRoute),
    /// How many replicas a commit waits for: `commit-async`, `commit-any-1`, `commit-any-2`.
    Commit(u32),
    /// How an old primary is kept from writing: `fencing-none`, `fencing-device`, `fencing-lease`.
    Fencing(Fencing),
    /// Something that is on or off: `retry`, `no-retry`.
    Switch(Switch, bool),
}

/// Something that is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Balancers try the next server.
    Retry,
    /// What clients send is encrypted.
    Https,
    /// Firewalls filter.
    Firewall,
    /// Monitors watch.
    Monitoring,
    /// Failover managers act by themselves.
    Failover,
}

const SWITCHES: [(Switch, &str); 5] = [
    (Switch::Retry, "retry"),
    (Switch::Https, "https"),
    (Switch::Firewall, "firewall"),
    (Switch::Monitoring, "monitoring"),
    (Switch::Failover, "failover"),
];
const COMMITS: [(u32, &str); 3] = [(0, "async"), (1, "any-1"), (2, "any-2")];

/// The second part of the pair in `all` whose word is `name`, `prefix` taken off.
fn named<T: Copy>(all: &[(T, &'static str)], prefix: &str, name: &str) -> Option<T> {
    let name = name.strip_prefix(prefix)?;
    all.iter().find(|(_, word)| *word == name).map(|(value, _)| *value)
}

impl Mode {
    /// The mode of this name.
    pub fn find(name: &str) -> Option<Self> {
        named(&PoolMode::ALL, "", name)
            .map(Self::Pool)
            .or_else(|| name.parse().ok().map(Self::Algorithm))
            .or_else(|| named(&ReadRoute::ALL, "reads-", name).map(Self::Reads))
            .or_else(|| named(&COMMITS, "commit-", name).map(Self::Commit))
            .or_else(|| named(&Fencing::ALL, "fencing-", name).map(Self::Fencing))
            .or_else(|| named(&SWITCHES, "no-", name).map(|switch| Self::Switch(switch, false)))
            .or_else(|| named(&SWITCHES, "", name).map(|switch| Self::Switch(switch, true)))
    }

    /// Its name: what [`Self::find`] finds it by.
    pub fn name(self) -> String {
        let commit =
            |replicas| COMMITS.iter().find(|(known, _)| *known == replicas).map_or("", |(_, word)| *word);
        let switch =
            |switch| SWITCHES.iter().find(|(known, _)| *known == switch).map_or("", |(_, word)| *word);
        let (prefix, word) = match self {
            Self::Pool(mode) => ("", mode.name()),
            Self::Algorithm(algorithm) => ("", algorithm.name()),
            Self::Reads(route) => ("reads-", route.name()),
            Self::Commit(replicas) => ("commit-", commit(replicas)),
            Self::Fencing(fencing) => ("fencing-", fencing.name()),
            Self::Switch(which, on) => (if on { "" } else { "no-" }, switch(which)),
        };
        [prefix, word].concat()
    }

    /// Every mode, for documentation and tests.
    pub fn all() -> Vec<Self> {
        let pools = PoolMode::ALL.iter().map(|(mode, _)| Self::Pool(*mode));
        let algorithms = Algorithm::ALL.into_iter().map(Self::Algorithm);
        let reads = ReadRoute::ALL.iter().map(|(route, _)| Self::Reads(*route));
        let commits = COMMITS.iter().map(|(replicas, _)| Self::Commit(*replicas));
        let fencings = Fencing::ALL.iter().map(|(fencing, _)| Self::Fencing(*fencing));
        let switches =
            SWITCHES.iter().flat_map(|(switch, _)| [true, false].map(|on| Self::Switch(*switch, on)));
        pools.chain(algorithms).chain(reads).chain(commits).chain(fencings).chain(switches).collect()
    }

    /// The settings that a reader may be offered in this scenario: what is set, and the modes it may have, the one that
    /// the scenario starts with first. A setting that nothing has, or that has one mode only, is left out.
    pub fn settings(plan: &Plan) -> Vec<(&'static str, Vec<Self>)> {
        let algorithms = Algorithm::ALL.into_iter().map(Self::Algorithm).collect();
        let switch = |which| Vec::from([Self::Switch(which, false), Self::Switch(which, true)]);
        let all: [(&str, Vec<Self>); 10] = [
            ("Servers", PoolMode::ALL.iter().map(|(mode, _)| Self::Pool(*mode)).collect()),
            ("Algorithm", algorithms),
            ("Retries", switch(Switch::Retry)),
            ("Reads go to", ReadRoute::ALL.iter().map(|(route, _)| Self::Reads(*route)).collect()),
            ("A commit waits for", COMMITS.iter().map(|(replicas, _)| Self::Commit(*replicas)).collect()),
            ("Failover", switch(Switch::Failover)),
            ("Fencing", Fencing::ALL.iter().map(|(fencing, _)| Self::Fencing(*fencing)).collect()),
            ("HTTPS", switch(Switch::Https)),
            ("Firewall", switch(Switch::Firewall)),
            ("Monitoring", switch(Switch::Monitoring)),
        ];
        let mut settings = Vec::from(all);
        for (_, modes) in &mut settings {
            modes.retain(|mode| !mode.commands(plan).is_empty());
            if let Some(start) = modes.iter().position(|mode| mode.is_at_start(plan)) {
                modes[..=start].rotate_right(1);
            } else {
                modes.clear();
            }
        }
        settings.retain(|(_, modes)| modes.len() > 1);
        settings
    }

    /// Its name among those of its setting, for people.
    pub fn word(self) -> String {
        match self {
            Self::Switch(_, true) => "on".into(),
            Self::Switch(_, false) => "off".into(),
            Self::Commit(0) => "no replica".into(),
            Self::Commit(replicas) => format!("any {replicas}"),
            Self::Algorithm(algorithm) => algorithm.name().replace('-', " "),
            Self::Reads(route) => route.name().replace('-', " "),
            Self::Pool(mode) => mode.name().into(),
            Self::Fencing(fencing) => fencing.name().into(),
        }
    }

    /// Whether something in the scenario starts so.
    fn is_at_start(self, plan: &Plan) -> bool {
        if let Self::Switch(Switch::Https, on) = self {
            return plan.outer_links().iter().any(|link| plan.link(*link).tls == on);
        }
        plan.nodes().any(|(_, node)| match (self, &node.kind) {
            (Self::Pool(mode), NodeKind::LoadBalancer(balancer)) => {
                balancer.pool.len() > 1 && balancer.mode == mode
            }
            (Self::Algorithm(algorithm), NodeKind::LoadBalancer(balancer)) => {
                balancer.pool.len() > 1 && balancer.algorithm == algorithm
            }
            (Self::Switch(Switch::Retry, on), NodeKind::LoadBalancer(balancer)) => {
                balancer.pool.len() > 1 && balancer.retry == on
            }
            (
                Self::Reads(route),
                NodeKind::WebServer(ServerPlan { next_tier: NextTier::Databases { reads, .. }, .. })
                | NodeKind::ApplicationServer(ServerPlan {
                    next_tier: NextTier::Databases { reads, .. }, ..
                }),
            ) => *reads == route,
            (Self::Commit(replicas), NodeKind::Database(database)) => {
                database.is_primary
                    && match &database.primary.rule {
                        SyncRule::Asynchronous => replicas == 0,
                        SyncRule::Any { count, .. } => *count == replicas as usize,
                        SyncRule::First { .. } => false,
                    }
            }
            (Self::Fencing(fencing), NodeKind::FailoverManager(manager)) => matches!(
                (fencing, manager.config.fencing),
                (Fencing::None, failover::Fencing::None)
                    | (Fencing::Device, failover::Fencing::Device { .. })
                    | (Fencing::Lease, failover::Fencing::Lease { .. })
            ),
            (Self::Switch(Switch::Failover, on), NodeKind::FailoverManager(manager)) => {
                (manager.config.mode == failover::Mode::Automatic) == on
            }
            (Self::Switch(Switch::Firewall, on), NodeKind::Firewall(firewall)) => firewall.on == on,
            (Self::Switch(Switch::Monitoring, on), NodeKind::Monitor(monitor)) => monitor.on == on,
            _ => false,
        })
    }

    /// The commands that set it in this scenario; none if nothing there has such a mode.
    pub fn commands(self, plan: &Plan) -> Vec<Command> {
        let mut commands = match self {
            Self::Reads(route) => Vec::from([Command::SetAllReads(route)]),
            Self::Commit(replicas) => Vec::from([Command::SetCommit { replicas }]),
            Self::Switch(Switch::Https, on) => Vec::from([Command::SetHttps { on }]),
            _ => plan.nodes().filter_map(|(id, node)| self.command(id, &node.kind)).collect(),
        };
        commands.retain(|command| command.check(plan).is_ok());
        commands
    }

    /// The command that sets it on this node.
    fn command(self, id: NodeId, kind: &NodeKind) -> Option<Command> {
        Some(match (self, kind) {
            (Self::Pool(mode), NodeKind::LoadBalancer(_)) => Command::SetPool { balancer: id, mode },
            (Self::Algorithm(algorithm), NodeKind::LoadBalancer(_)) => {
                Command::SetAlgorithm { balancer: id, algorithm }
            }
            (Self::Switch(Switch::Retry, on), NodeKind::LoadBalancer(_)) => {
                Command::SetRetry { balancer: id, on }
            }
            (Self::Fencing(fencing), NodeKind::FailoverManager(_)) => {
                Command::SetFencing { manager: id, fencing }
            }
            (Self::Switch(Switch::Failover, on), NodeKind::FailoverManager(_)) => {
                let mode = if on { failover::Mode::Automatic } else { failover::Mode::Manual };
                Command::Manage { manager: id, command: failover::Command::SetMode(mode) }
            }
            (Self::Switch(Switch::Firewall, on), NodeKind::Firewall(_)) => {
                Command::SetFirewall { firewall: id, on }
            }
            (Self::Switch(Switch::Monitoring, on), NodeKind::Monitor(_)) => {
                Command::SetMonitoring { monitor: id, on }
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_found_by_its_name_and_no_two_share_one() {
        let all = Mode::all();
        for (place, mode) in all.iter().enumerate() {
            assert_eq!(Mode::find(&mode.name()), Some(*mode), "{}", mode.name());
            assert!(all[..place].iter().all(|other| other.name() != mode.name()), "{}", mode.name());
        }
        assert_eq!(Mode::find("fast"), None);
        assert_eq!(Mode::find(""), None);
        assert_eq!(Mode::find("no-"), None);
    }
}
