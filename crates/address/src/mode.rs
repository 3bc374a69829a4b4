//! Modes by name: what an address changes about a shipped scenario before it starts, without a command for each node.
//!
//! `mode=active-passive,https` sets the pool of every balancer and encrypts what clients send. A mode stands for the
//! commands that set it on all nodes that it is about.

use alloc::string::String;
use alloc::vec::Vec;

use understudy_core::balancer::Algorithm;
use understudy_core::failover;
use understudy_sim::Command;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan};
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
