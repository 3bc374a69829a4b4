//! What a person (or lesson, embedding page, command line) may do to a running world.
//!
//! A run is its scenario, its seed and its commands, each at an instant: nothing else changes it.

mod actors;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use understudy_core::failover;
use understudy_core::{SimDuration, SimTime};

use crate::ids::{LinkId, NodeId};
use crate::plan::{NextTier, NodeKind, Plan, mean_gap};
use crate::scenario::{Behaviour, ReadRoute};

/// One act on the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ends the node's process at once: its host refuses connections, and all that was inside it is lost.
    Kill(NodeId),
    /// Freezes the node's process: its host accepts connections, and nobody ever answers.
    Hang(NodeId),
    /// Starts a killed or frozen node again, empty.
    Revive(NodeId),
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
    /// Sets which databases a server's reads go to.
    SetReads {
        /// The server.
        server: NodeId,
        /// Which databases.
        reads: ReadRoute,
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

/// How commands are written, for messages.
const FORMS: &str = "\"kill NODE\", \"hang NODE\", \"revive NODE\", \"slow NODE 5x\", \"cut NODE NODE\", \
     \"cut-one-way FROM TO\", \"heal NODE NODE\", \"delay NODE NODE 50ms\", \"retry NODE on\", \"rate NODE 100\", \
     \"reads NODE all\", \"failover NODE\", \"switchover NODE\", \"automatic NODE on\", \"firewall NODE on\", \
     \"record DNS NODE on\", \"tls NODE NODE on\", \"https on\", \"attack NODE scan\" or \"monitoring NODE on\"";

impl Command {
    /// Reads a command as people write it: `kill web-2`, `cut db-1 db-2`, `retry lb-1 on`.
    pub fn parse(text: &str, plan: &Plan) -> Result<Self, CommandError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let reader = Reader { text, plan };
        match words[..] {
            ["kill", name] => Ok(Self::Kill(reader.node(name)?)),
            ["hang", name] => Ok(Self::Hang(reader.node(name)?)),
            ["revive", name] => Ok(Self::Revive(reader.node(name)?)),
            ["slow", name, times] => Ok(Self::Slow { node: reader.node(name)?, times: reader.times(times)? }),
            ["cut", one, other] => {
                Ok(Self::Cut { link: reader.link(one, other)?, forward: true, back: true })
            }
            ["heal", one, other] => {
                Ok(Self::Cut { link: reader.link(one, other)?, forward: false, back: false })
            }
            ["cut-one-way", from, to] => {
                let link = reader.link(from, to)?;
                let forward = plan.name(plan.link(link).from) == from;
                Ok(Self::Cut { link, forward, back: !forward })
            }
            ["delay", one, other, delay] => {
                Ok(Self::Delay { link: reader.link(one, other)?, delay: reader.duration(delay)? })
            }
            ["retry", name, switch] => {
                Ok(Self::SetRetry { balancer: reader.node(name)?, on: reader.switch(switch)? })
            }
            ["rate", name, rate] => {
                Ok(Self::SetRate { clients: reader.node(name)?, mean_gap: reader.gap(rate)? })
            }
            ["reads", name, route] => {
                Ok(Self::SetReads { server: reader.node(name)?, reads: reader.route(route)? })
            }
            ["failover", name] => {
                let command = failover::Command::Failover { to: None, allow_data_loss: false };
                Ok(Self::Manage { manager: reader.node(name)?, command })
            }
            ["switchover", name] => {
                let command = failover::Command::Switchover { to: None };
                Ok(Self::Manage { manager: reader.node(name)?, command })
            }
            ["automatic", name, switch] => {
                let mode =
                    if reader.switch(switch)? { failover::Mode::Automatic } else { failover::Mode::Manual };
                Ok(Self::Manage { manager: reader.node(name)?, command: failover::Command::SetMode(mode) })
            }
            ["firewall", name, switch] => {
                Ok(Self::SetFirewall { firewall: reader.node(name)?, on: reader.switch(switch)? })
            }
            ["record", dns, name, switch] => Ok(Self::SetRecord {
                dns: reader.node(dns)?,
                node: reader.node(name)?,
                on: reader.switch(switch)?,
            }),
            ["tls", one, other, switch] => {
                Ok(Self::SetTls { link: reader.link(one, other)?, on: reader.switch(switch)? })
            }
            ["https", switch] => Ok(Self::SetHttps { on: reader.switch(switch)? }),
            ["attack", name, behaviour] => {
                Ok(Self::Attack { attacker: reader.node(name)?, behaviour: reader.behaviour(behaviour)? })
            }
            ["monitoring", name, switch] => {
                Ok(Self::SetMonitoring { monitor: reader.node(name)?, on: reader.switch(switch)? })
            }
            _ => error(format!("\"{text}\" is not a command; write {FORMS}")),
        }
    }

    /// Whether the command makes sense for what it names, whatever the state.
    pub(crate) fn check(self, plan: &Plan) -> Result<(), CommandError> {
        let id = match self {
            Self::SetHttps { .. } => return Ok(()),
            Self::Cut { link, .. } | Self::Delay { link, .. } | Self::SetTls { link, .. } => {
                return if link.get() < plan.links().len() {
                    Ok(())
                } else {
                    error(format!("there is no link number {}", link.0))
                };
            }
            Self::Kill(id)
            | Self::Hang(id)
            | Self::Revive(id)
            | Self::Slow { node: id, .. }
            | Self::SetRetry { balancer: id, .. }
            | Self::SetRate { clients: id, .. }
            | Self::SetReads { server: id, .. }
            | Self::Manage { manager: id, .. }
            | Self::SetFirewall { firewall: id, .. }
            | Self::SetRecord { dns: id, .. }
            | Self::Attack { attacker: id, .. }
            | Self::SetMonitoring { monitor: id, .. } => id,
        };
        let Some(node) = plan.node(id) else {
            return error(format!("there is no node number {}", id.0));
        };
        if let Some(checked) = actors::check(self, plan, node) {
            return checked;
        }
        let (name, kind) = (&node.name, node.kind.name());
        match (self, &node.kind) {
            (Self::Kill(_) | Self::Hang(_) | Self::Revive(_), NodeKind::Clients(_)) => error(format!(
                "\"{name}\" stands for many people and cannot be killed, frozen or revived; name a server or a balancer"
            )),
            (Self::Slow { times, .. }, _) if !(1..=1_000).contains(&times) => {
                error(format!("{times} times as long; write 1 to 1000"))
            }
            (
                Self::Slow { .. },
                NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) | NodeKind::Database(_),
            )
            | (Self::SetRetry { .. }, NodeKind::LoadBalancer(_))
            | (Self::SetRate { .. }, NodeKind::Clients(_))
            | (Self::Manage { .. }, NodeKind::FailoverManager(_))
            | (Self::Kill(_) | Self::Hang(_) | Self::Revive(_), _) => Ok(()),
            (Self::SetReads { .. }, NodeKind::WebServer(server) | NodeKind::ApplicationServer(server))
                if matches!(server.next_tier, NextTier::Databases { .. }) =>
            {
                Ok(())
            }
            (Self::Slow { .. }, _) => error(format!(
                "\"{name}\" is a {kind} and does no work that takes time; name a server or a database"
            )),
            (Self::SetRetry { .. }, _) => {
                error(format!("\"{name}\" is a {kind} and retries nothing; name a load balancer"))
            }
            (Self::SetRate { .. }, _) => {
                error(format!("\"{name}\" is a {kind} and sends no requests of its own; name clients"))
            }
            (Self::SetReads { .. }, _) => {
                error(format!("\"{name}\" has no databases; name a server that has"))
            }
            _ => error(format!("\"{name}\" is a {kind} and promotes nobody; name a failover manager")),
        }
    }
}

/// Reads the parts of one command's text.
struct Reader<'a> {
    text: &'a str,
    plan: &'a Plan,
}

impl Reader<'_> {
    fn node(&self, name: &str) -> Result<NodeId, CommandError> {
        self.plan.find(name).ok_or_else(|| {
            let known: Vec<&str> = self.plan.nodes().take(20).map(|(_, node)| node.name.as_str()).collect();
            CommandError(format!(
                "\"{}\": there is no node \"{name}\"; the nodes are {}",
                self.text,
                known.join(", ")
            ))
        })
    }

    fn link(&self, one: &str, other: &str) -> Result<LinkId, CommandError> {
        let (from, _) = (self.node(one)?, self.node(other)?);
        self.plan.find_link(one, other).ok_or_else(|| {
            let links =
                self.plan.links().map(|(_, link)| link).filter(|link| link.from == from || link.to == from);
            let known: Vec<&str> = links.map(|link| self.plan.name(link.other_end(from))).collect();
            let known = known.join(", ");
            CommandError(format!("\"{}\": {one} has no link with {other}; it has with {known}", self.text))
        })
    }

    fn switch(&self, word: &str) -> Result<bool, CommandError> {
        match word {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => error(format!("\"{}\": \"{word}\" is neither \"on\" nor \"off\"", self.text)),
        }
    }

    fn times(&self, word: &str) -> Result<u32, CommandError> {
        word.strip_suffix('x').and_then(|times| times.parse().ok()).ok_or_else(|| {
            CommandError(format!("\"{}\": \"{word}\" does not say how many times; write \"5x\"", self.text))
        })
    }

    fn duration(&self, word: &str) -> Result<SimDuration, CommandError> {
        word.parse().map_err(|problem| CommandError(format!("\"{}\": {problem}", self.text)))
    }

    fn gap(&self, word: &str) -> Result<SimDuration, CommandError> {
        let rate: f64 = word.parse().map_err(|_| {
            CommandError(format!("\"{}\": \"{word}\" is no number of requests per second", self.text))
        })?;
        mean_gap(rate).map_err(CommandError)
    }

    fn behaviour(&self, word: &str) -> Result<Behaviour, CommandError> {
        Behaviour::ALL.into_iter().find(|(_, name)| *name == word).map(|(behaviour, _)| behaviour).ok_or_else(
            || {
                let known = Behaviour::ALL.map(|(_, name)| name).join(", ");
                CommandError(format!("\"{}\": \"{word}\" is no attack; write one of {known}", self.text))
            },
        )
    }

    fn route(&self, word: &str) -> Result<ReadRoute, CommandError> {
        ReadRoute::ALL.into_iter().find(|(_, name)| *name == word).map(|(route, _)| route).ok_or_else(|| {
            let known = ReadRoute::ALL.map(|(_, name)| name).join(", ");
            CommandError(format!(
                "\"{}\": \"{word}\" is no route for reads; the routes are {known}",
                self.text
            ))
        })
    }
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
}

/// Writes a command as it is read.
pub(crate) fn write(command: &Command, plan: &Plan) -> String {
    let name = |id: &NodeId| plan.name(*id);
    let ends = |id: &LinkId| (plan.name(plan.link(*id).from), plan.name(plan.link(*id).to));
    let switch = |on: bool| if on { "on" } else { "off" };
    match command {
        Command::Kill(node) => format!("kill {}", name(node)),
        Command::Hang(node) => format!("hang {}", name(node)),
        Command::Revive(node) => format!("revive {}", name(node)),
        Command::Slow { node, times } => format!("slow {} {times}x", name(node)),
        Command::Cut { link, forward, back } => {
            let (from, to) = ends(link);
            match (forward, back) {
                (true, true) => format!("cut {from} {to}"),
                (false, false) => format!("heal {from} {to}"),
                (true, false) => format!("cut-one-way {from} {to}"),
                (false, true) => format!("cut-one-way {to} {from}"),
            }
        }
        Command::Delay { link, delay } => {
            let (from, to) = ends(link);
            format!("delay {from} {to} {delay:#}")
        }
        Command::SetRetry { balancer, on } => format!("retry {} {}", name(balancer), switch(*on)),
        Command::SetRate { clients, mean_gap } => {
            format!("rate {} {}", name(clients), 1.0 / mean_gap.as_secs_f64())
        }
        Command::SetReads { server, reads } => format!("reads {} {}", name(server), reads.name()),
        Command::Manage { manager, command } => match command {
            failover::Command::SetMode(mode) => {
                format!("automatic {} {}", name(manager), switch(*mode == failover::Mode::Automatic))
            }
            failover::Command::Switchover { .. } => format!("switchover {}", name(manager)),
            _ => format!("failover {}", name(manager)),
        },
        Command::SetFirewall { firewall, on } => format!("firewall {} {}", name(firewall), switch(*on)),
        Command::SetRecord { dns, node, on } => {
            format!("record {} {} {}", name(dns), name(node), switch(*on))
        }
        Command::SetTls { link, on } => {
            let (from, to) = ends(link);
            format!("tls {from} {to} {}", switch(*on))
        }
        Command::SetHttps { on } => format!("https {}", switch(*on)),
        Command::Attack { attacker, behaviour } => {
            format!("attack {} {}", name(attacker), behaviour.word())
        }
        Command::SetMonitoring { monitor, on } => format!("monitoring {} {}", name(monitor), switch(*on)),
    }
}
