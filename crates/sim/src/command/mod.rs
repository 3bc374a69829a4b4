//! What a person (or lesson, embedding page, command line) may do to a running world.
//!
//! A run is its scenario, its seed and its commands, each at an instant: nothing else changes it. Every command has a
//! text form, which [`Command::parse`] reads and [`Command::write`] gives back.

mod actors;
mod check;
mod parse;
mod write;

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use understudy_core::balancer::Algorithm;
use understudy_core::failover;
use understudy_core::{SimDuration, SimTime};

use crate::ids::{LinkId, NodeId};
use crate::plan::Plan;
use crate::scenario::{Behaviour, Fencing, PoolMode, ReadRoute};

/// One act on the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Command {
    /// Ends the node's process at once: its host refuses connections, and all that was inside it is lost.
    Kill(NodeId),
    /// Freezes the node's process: its host accepts connections, and nobody ever answers.
    Hang(NodeId),
    /// Starts a node that was killed, frozen or stopped again, empty.
    Revive(NodeId),
    /// Ends the node's process as soon as a request is inside it: at once if one is, else at the next that comes.
    KillMidRequest(NodeId),
    /// Stops the node's process cleanly: it takes nothing new, and ends when it has put its things in order.
    Stop(NodeId),
    /// Stops the node's process cleanly and starts it again.
    Restart(NodeId),
    /// Makes the node's work take so many times as long as usual; 1 is as usual.
    Slow {
        /// The node: a server or a database.
        node: NodeId,
        /// How many times.
        times: u32,
    },
    /// Sets whether a link is cut, each way.
    Cut {
        /// The link.
        link: LinkId,
        /// Whether nothing gets through from its start to its end.
        forward: bool,
        /// Whether nothing gets through from its end to its start.
        back: bool,
    },
    /// Sets how much longer everything takes on a link.
    Delay {
        /// The link.
        link: LinkId,
        /// The time beyond its latency, each way.
        delay: SimDuration,
    },
    /// Sets how many of the packets on a link are lost, each way.
    Lose {
        /// The link.
        link: LinkId,
        /// Packets lost in a million.
        loss_ppm: u32,
    },
    /// Sets whether a balancer tries the next server when one refuses the connection.
    SetRetry {
        /// The balancer.
        balancer: NodeId,
        /// On or off.
        on: bool,
    },
    /// Sets how often clients send.
    SetRate {
        /// The clients.
        clients: NodeId,
        /// Mean time between two requests.
        mean_gap: SimDuration,
    },
    /// Sets how many of the clients' requests write.
    SetWrites {
        /// The clients.
        clients: NodeId,
        /// Requests in a million that write.
        writes_ppm: u32,
    },
    /// Makes clients send so many times as much as usual for a while.
    Overload {
        /// The clients.
        clients: NodeId,
        /// How many times.
        times: u32,
        /// For how long.
        lasts: SimDuration,
    },
    /// Sets how a balancer picks servers.
    SetAlgorithm {
        /// The balancer.
        balancer: NodeId,
        /// How.
        algorithm: Algorithm,
    },
    /// Sets a server's share of the turns of every balancer whose pool it is in.
    SetWeight {
        /// The server.
        server: NodeId,
        /// Its weight; 1 to [`MAX_WEIGHT`](crate::plan::MAX_WEIGHT).
        weight: u32,
    },
    /// Sets how the servers of a balancer's pool share the work.
    SetPool {
        /// The balancer.
        balancer: NodeId,
        /// How.
        mode: PoolMode,
    },
    /// Makes a server a standby, or an active server again, in every pool that it is in.
    SetStandby {
        /// The server.
        server: NodeId,
        /// Whether it stands by.
        on: bool,
    },
    /// Sets how a balancer checks its servers' health.
    SetHealth {
        /// The balancer.
        balancer: NodeId,
        /// Time from the end of a check to the start of the next.
        interval: SimDuration,
        /// Failed checks in a row that take a server out.
        fall: u32,
        /// Passed checks in a row that put it back.
        rise: u32,
    },
    /// Sets which databases a server's reads go to.
    SetReads {
        /// The server.
        server: NodeId,
        /// Which databases.
        reads: ReadRoute,
    },
    /// Sets which databases the reads of all servers that have databases go to.
    SetAllReads(ReadRoute),
    /// Sets how many replicas must have a write before its client is told, on every database, whichever is the
    /// primary now or later; 0 tells it at once (asynchronous).
    SetCommit {
        /// How many, whichever they are.
        replicas: u32,
    },
    /// Sets how the failover manager makes sure that an old primary has stopped.
    SetFencing {
        /// The manager.
        manager: NodeId,
        /// How.
        fencing: Fencing,
    },
    /// Tells the failover manager what to do.
    Manage {
        /// The manager.
        manager: NodeId,
        /// What.
        command: failover::Command,
    },
    /// Switches a firewall: one that is off lets everything through.
    SetFirewall {
        /// The firewall.
        firewall: NodeId,
        /// On or off.
        on: bool,
    },
    /// Takes a node's address out of a DNS server's answers, or puts it back.
    SetRecord {
        /// The DNS server.
        dns: NodeId,
        /// Whose address.
        node: NodeId,
        /// In or out.
        on: bool,
    },
    /// Sets whether what goes over a link is encrypted.
    SetTls {
        /// The link.
        link: LinkId,
        /// On or off.
        on: bool,
    },
    /// Sets whether what clients send is encrypted up to the first balancer or server.
    SetHttps {
        /// On or off.
        on: bool,
    },
    /// Tells an attacker what to do.
    Attack {
        /// The attacker.
        attacker: NodeId,
        /// What.
        behaviour: Behaviour,
    },
    /// Switches a monitor's watch.
    SetMonitoring {
        /// The monitor.
        monitor: NodeId,
        /// On or off.
        on: bool,
    },
}

/// A command and when it takes effect: after every event up to and at that instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct TimedCommand {
    /// When.
    pub at: SimTime,
    /// What.
    pub command: Command,
}

/// Why a command cannot be carried out or read. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError(String);

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for CommandError {}

fn error<T>(message: impl Into<String>) -> Result<T, CommandError> {
    Err(CommandError(message.into()))
}

impl TimedCommand {
    /// Reads an instant and a command: `12.4s kill web-2`.
    pub fn parse(text: &str, plan: &Plan) -> Result<Self, CommandError> {
        let Some((at, command)) = text.trim().split_once(char::is_whitespace) else {
            return error(format!("\"{text}\" needs a time and a command, like \"12.4s kill web-2\""));
        };
        let at = SimTime::from_str(at).map_err(|problem| CommandError(problem.to_string()))?;
        Ok(Self { at, command: Command::parse(command, plan)? })
    }

    /// The instant and the command as they are read.
    pub fn write(&self, plan: &Plan) -> String {
        format!("{:#} {}", self.at, self.command.write(plan))
    }
}
