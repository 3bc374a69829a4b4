//! What a cluster is made of and how its failover manager shall act.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::message::NodeIndex;
use crate::time::SimDuration;

/// One database server of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct NodeConfig {
    /// What people call it: `db-1`.
    pub name: String,
    /// Who is promoted when several replicas are equally advanced: the highest. 0 is never promoted
    /// (pg_auto_failover's candidate priority, Patroni's `nofailover`).
    pub priority: u32,
}

/// When the primary may tell a client that its write is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Durability {
    /// As soon as it is in the primary's own log (PostgreSQL: no `synchronous_standby_names`).
    Asynchronous,
    /// Once `required` replicas have it too, whichever they are (`synchronous_standby_names = 'ANY k (*)'`).
    AnyOf {
        /// PostgreSQL's k: at least 1, at most the number of other nodes.
        required: u16,
    },
}

/// How the old primary is kept from accepting writes before another one is promoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Fencing {
    /// Not at all: an old primary that is only cut off from the manager goes on accepting writes.
    None,
    /// A device cuts its power and confirms it (STONITH). No promotion without the confirmation.
    Device {
        /// How long to wait for an answer, or after a refusal, until asking again.
        retry: SimDuration,
    },
    /// The primary accepts writes only while it holds a lease, which every health check extends (Patroni's
    /// leader key). No promotion before the last lease given has run out.
    Lease {
        /// How long a lease lasts from the moment the check is sent (Patroni's `ttl`).
        ttl: SimDuration,
        /// How much longer the manager waits, for clocks that differ.
        clock_margin: SimDuration,
    },
}

/// Who decides that another node becomes primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Mode {
    /// The manager, as soon as the primary is believed to have failed.
    Automatic,
    /// A person: the manager watches, and waits for a [`Command`](super::Command) (Patroni's pause).
    Manual,
}

/// The settings of a failover manager. [`new`](Self::new) gives usable ones; change what differs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct FailoverConfig {
    /// The cluster, the order being the last tie-break between candidates.
    pub nodes: Vec<NodeConfig>,
    /// Time between two health checks of the same node.
    pub interval: SimDuration,
    /// Checks in a row that a node must fail until it is believed unreachable; at least 1.
    pub fall: u32,
    /// How long to wait for the log positions of replicas that are believed reachable before choosing without
    /// them.
    pub report_window: SimDuration,
    /// How long a planned switchover waits for the old primary to stop and the new one to catch up.
    pub catch_up_timeout: SimDuration,
    /// Bytes of log that a candidate may lack of what the primary was last known to have (Patroni's
    /// `maximum_lag_on_failover`); `None` for any number.
    pub maximum_lag: Option<u64>,
    /// The commit rule of the primary.
    pub durability: Durability,
    /// What stands between a suspected failure and two primaries.
    pub fencing: Fencing,
    /// Who decides at the start; changes live by [`Command::SetMode`](super::Command::SetMode).
    pub mode: Mode,
}

/// What is wrong with a [`FailoverConfig`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// There is no node to be primary, or there are more than an index can number.
    NodeCount(usize),
    /// A length of time that must not be zero is.
    Zero(&'static str),
    /// `fall` is zero.
    FallZero,
    /// `AnyOf` asks for this many of so many replicas.
    Quorum {
        /// What was asked for.
        required: u16,
        /// How many other nodes there are.
        replicas: usize,
    },
    /// A lease so short that one lost check would stop the writes.
    LeaseTooShort {
        /// The lease's length.
        ttl: SimDuration,
        /// The interval between checks.
        interval: SimDuration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NodeCount(count) => write!(f, "a cluster has 1 to 65,535 nodes, this one has {count}"),
            Self::Zero(setting) => write!(f, "{setting} is zero: give it a length of time, like \"2s\""),
            Self::FallZero => {
                write!(f, "fall is 0: a node is believed unreachable after at least 1 failed check")
            }
            Self::Quorum { required, replicas } => write!(
                f,
                "a write shall wait for {required} of {replicas} replicas: ask for 1 to {replicas}, or for \
                 asynchronous commit"
            ),
            Self::LeaseTooShort { ttl, interval } => write!(
                f,
                "a lease of {ttl} ends when one check of every {interval} is lost: make it at least {}",
                *interval * 2
            ),
        }
    }
}

impl core::error::Error for ConfigError {}

impl FailoverConfig {
    /// A cluster of these nodes: checked every 2 s, unreachable after 3 failed checks, asynchronous commit,
    /// at most 1 MiB of lag (Patroni's default), a lease of 10 s, automatic.
    pub fn new(nodes: Vec<NodeConfig>) -> Self {
        Self {
            nodes,
            interval: SimDuration::from_secs(2),
            fall: 3,
            report_window: SimDuration::from_secs(2),
            catch_up_timeout: SimDuration::from_secs(30),
            maximum_lag: Some(1 << 20),
            durability: Durability::Asynchronous,
            fencing: Fencing::Lease {
                ttl: SimDuration::from_secs(10),
                clock_margin: SimDuration::from_millis(500),
            },
            mode: Mode::Automatic,
        }
    }

    /// Says what is wrong with these settings, if anything is.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.nodes.is_empty() || u16::try_from(self.nodes.len()).is_err() {
            return Err(ConfigError::NodeCount(self.nodes.len()));
        }
        if self.fall == 0 {
            return Err(ConfigError::FallZero);
        }
        let mut lengths = alloc::vec![
            ("the interval", self.interval),
            ("the report window", self.report_window),
            ("the catch-up timeout", self.catch_up_timeout),
        ];
        if let Fencing::Device { retry } = self.fencing {
            lengths.push(("the fencing device's retry", retry));
        }
        if let Some((setting, _)) = lengths.into_iter().find(|(_, length)| length.is_zero()) {
            return Err(ConfigError::Zero(setting));
        }
        match self.fencing {
            Fencing::Lease { ttl, .. } if ttl < self.interval * 2 => {
                return Err(ConfigError::LeaseTooShort { ttl, interval: self.interval });
            }
            Fencing::Lease { .. } | Fencing::Device { .. } | Fencing::None => {}
        }
        let replicas = self.nodes.len() - 1;
        match self.durability {
            Durability::AnyOf { required } if required == 0 || usize::from(required) > replicas => {
                Err(ConfigError::Quorum { required, replicas })
            }
            Durability::AnyOf { .. } | Durability::Asynchronous => Ok(()),
        }
    }

    /// The shortest and the longest time from the death of a node that answers nothing any more to the belief
    /// that it is unreachable, on a network without delay: `fall` and `fall + 1` intervals. A check is judged
    /// when the next one is due, and up to one interval passes before the first one fails.
    pub fn detection_time(&self) -> (SimDuration, SimDuration) {
        (self.interval * u64::from(self.fall), self.interval * (u64::from(self.fall) + 1))
    }

    /// How many replicas a candidate must be at least level with, itself included, so that it holds every
    /// write that was acknowledged: n - k + 1 of n for `ANY k`, since whichever k replicas have a write, one
    /// of them is among these. `None` for asynchronous commit, where no number is enough.
    pub fn replicas_to_hear(&self) -> Option<usize> {
        match self.durability {
            Durability::Asynchronous => None,
            Durability::AnyOf { required } => Some(self.nodes.len() - usize::from(required)),
        }
    }

    /// Every node's index.
    pub fn indices(&self) -> impl Iterator<Item = NodeIndex> + use<> {
        (0..u16::try_from(self.nodes.len()).expect("validated")).map(NodeIndex)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    fn three_nodes() -> FailoverConfig {
        let names = ["db-1", "db-2", "db-3"];
        FailoverConfig::new(
            names.map(|name| NodeConfig { name: name.into(), priority: 50 }).into_iter().collect::<Vec<_>>(),
        )
    }

    #[test]
    fn says_what_is_wrong_and_what_would_be_right() {
        let asks = |change: fn(&mut FailoverConfig)| {
            let mut config = three_nodes();
            change(&mut config);
            config.validate().map_err(|error| error.to_string())
        };
        assert_eq!(asks(|_| {}), Ok(()));
        for (change, problem) in [
            ((|c| c.nodes.clear()) as fn(&mut FailoverConfig), "has 0"),
            (|c| c.fall = 0, "at least 1 failed check"),
            (|c| c.interval = SimDuration::ZERO, "the interval is zero"),
            (|c| c.fencing = Fencing::Device { retry: SimDuration::ZERO }, "retry is zero"),
            (|c| c.durability = Durability::AnyOf { required: 3 }, "3 of 2 replicas: ask for 1 to 2"),
            (|c| c.interval = SimDuration::from_secs(6), "at least 12 s"),
        ] {
            let message = asks(change).expect_err(problem);
            assert!(message.contains(problem), "{message}");
        }
    }

    #[test]
    fn the_replicas_to_hear_meet_every_quorum() {
        let mut config = three_nodes();
        assert_eq!(config.replicas_to_hear(), None);
        config.durability = Durability::AnyOf { required: 1 };
        assert_eq!(config.replicas_to_hear(), Some(2), "a write may be on either replica: hear both");
        config.durability = Durability::AnyOf { required: 2 };
        assert_eq!(config.replicas_to_hear(), Some(1), "a write is on both: hear any");
    }
}
