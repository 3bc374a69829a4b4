//! Commands from text: `kill web-2`, `cut db-1 db-2`, `retry lb-1 on`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;
use core::str::FromStr;

use understudy_core::SimDuration;
use understudy_core::failover::{self, Mode, NodeIndex};

use super::{Command, CommandError, error};
use crate::ids::{LinkId, NodeId};
use crate::number;
use crate::plan::{Plan, mean_gap, ppm};
use crate::scenario::{Behaviour, Fencing, PoolMode, ReadRoute};

/// Each command's first word and how the whole is written, for messages.
const FORMS: [(&str, &str); 35] = [
    ("kill", "kill NODE"),
    ("kill-mid-request", "kill-mid-request NODE"),
    ("hang", "hang NODE"),
    ("revive", "revive NODE"),
    ("stop", "stop NODE"),
    ("restart", "restart NODE"),
    ("slow", "slow NODE 5x"),
    ("cut", "cut NODE NODE"),
    ("cut-one-way", "cut-one-way FROM TO"),
    ("heal", "heal NODE NODE"),
    ("delay", "delay NODE NODE 50ms"),
    ("lose", "lose NODE NODE 5%"),
    ("rate", "rate CLIENTS 100"),
    ("writes", "writes CLIENTS 0.3"),
    ("overload", "overload CLIENTS 5x 10s"),
    ("algorithm", "algorithm BALANCER least-connections"),
    ("weight", "weight SERVER 3"),
    ("pool", "pool BALANCER active-passive"),
    ("standby", "standby SERVER on"),
    ("health", "health BALANCER interval 2s fall 3 rise 2"),
    ("retry", "retry BALANCER on"),
    ("reads", "reads SERVER all\" or \"reads * all"),
    ("commit", "commit any 1\" or \"commit async"),
    ("fencing", "fencing MANAGER device"),
    ("automatic", "automatic MANAGER on"),
    ("failover", "failover MANAGER\" or \"failover MANAGER DATABASE allow-data-loss"),
    ("switchover", "switchover MANAGER\" or \"switchover MANAGER DATABASE"),
    ("confirm-fenced", "confirm-fenced MANAGER"),
    ("rejoin", "rejoin MANAGER DATABASE"),
    ("firewall", "firewall FIREWALL on"),
    ("record", "record DNS NODE on"),
    ("tls", "tls NODE NODE on"),
    ("https", "https on"),
    ("attack", "attack ATTACKER scan"),
    ("monitoring", "monitoring MONITOR on"),
];

impl Command {
    /// Reads a command as people write it: `kill web-2`, `cut db-1 db-2`, `retry lb-1 on`.
    pub fn parse(text: &str, plan: &Plan) -> Result<Self, CommandError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let reader = Reader { text, plan };
        let read = match reader.fault(&words)? {
            Some(command) => Some(command),
            None => match reader.mode(&words)? {
                Some(command) => Some(command),
                None => reader.guard(&words)?,
            },
        };
        read.map_or_else(|| error(unknown(text, words.first().copied())), Ok)
    }
}

/// What is said of a text that is no command: how the one that it may be is written, or how all are.
fn unknown(text: &str, verb: Option<&str>) -> String {
    if let Some((_, form)) = FORMS.into_iter().find(|(name, _)| Some(*name) == verb) {
        return format!("\"{text}\" is not written right; write \"{form}\"");
    }
    let all: Vec<String> = FORMS.into_iter().map(|(_, form)| format!("\"{form}\"")).collect();
    format!("\"{text}\" is not a command; write {}", all.join(", "))
}

/// Reads the parts of one command's text.
struct Reader<'a> {
    text: &'a str,
    plan: &'a Plan,
}

impl Reader<'_> {
    /// What happens to a node or a link.
    fn fault(&self, words: &[&str]) -> Result<Option<Command>, CommandError> {
        Ok(Some(match *words {
            ["kill", name] => Command::Kill(self.node(name)?),
            ["kill-mid-request", name] => Command::KillMidRequest(self.node(name)?),
            ["hang", name] => Command::Hang(self.node(name)?),
            ["revive", name] => Command::Revive(self.node(name)?),
            ["stop", name] => Command::Stop(self.node(name)?),
            ["restart", name] => Command::Restart(self.node(name)?),
            ["slow", name, times] => Command::Slow { node: self.node(name)?, times: self.times(times)? },
            ["cut", one, other] => Command::Cut { link: self.link(one, other)?, forward: true, back: true },
            ["heal", one, other] => {
                Command::Cut { link: self.link(one, other)?, forward: false, back: false }
            }
            ["cut-one-way", from, to] => {
                let link = self.link(from, to)?;
                let forward = self.plan.name(self.plan.link(link).from) == from;
                Command::Cut { link, forward, back: !forward }
            }
            ["delay", one, other, delay] => {
                Command::Delay { link: self.link(one, other)?, delay: self.read(delay)? }
            }
            ["lose", one, other, share] => {
                Command::Lose { link: self.link(one, other)?, loss_ppm: self.percent(share)? }
            }
            ["overload", name, times, lasts] => Command::Overload {
                clients: self.node(name)?,
                times: self.times(times)?,
                lasts: self.read(lasts)?,
            },
            _ => return Ok(None),
        }))
    }

    /// How something works from now on.
    fn mode(&self, words: &[&str]) -> Result<Option<Command>, CommandError> {
        Ok(Some(match *words {
            ["rate", name, rate] => Command::SetRate { clients: self.node(name)?, mean_gap: self.gap(rate)? },
            ["writes", name, share] => {
                Command::SetWrites { clients: self.node(name)?, writes_ppm: self.share(share)? }
            }
            ["algorithm", name, algorithm] => {
                Command::SetAlgorithm { balancer: self.node(name)?, algorithm: self.read(algorithm)? }
            }
            ["weight", name, weight] => {
                Command::SetWeight { server: self.node(name)?, weight: self.count(weight)? }
            }
            ["pool", name, mode] => Command::SetPool {
                balancer: self.node(name)?,
                mode: self.one_of("pool mode", PoolMode::ALL, mode)?,
            },
            ["standby", name, switch] => {
                Command::SetStandby { server: self.node(name)?, on: self.switch(switch)? }
            }
            ["health", name, "interval", interval, "fall", fall, "rise", rise] => Command::SetHealth {
                balancer: self.node(name)?,
                interval: self.read(interval)?,
                fall: self.count(fall)?,
                rise: self.count(rise)?,
            },
            ["retry", name, switch] => {
                Command::SetRetry { balancer: self.node(name)?, on: self.switch(switch)? }
            }
            ["reads", "*", route] => Command::SetAllReads(self.route(route)?),
            ["reads", name, route] => {
                Command::SetReads { server: self.node(name)?, reads: self.route(route)? }
            }
            ["commit", "async"] => Command::SetCommit { replicas: 0 },
            ["commit", "any", replicas] => match self.count(replicas)? {
                0 => return self.error("0 replicas are asynchronous commit; write \"commit async\""),
                replicas => Command::SetCommit { replicas },
            },
            ["fencing", name, fencing] => Command::SetFencing {
                manager: self.node(name)?,
                fencing: self.one_of("way to fence", Fencing::ALL, fencing)?,
            },
            _ => return self.order(words),
        }))
    }

    /// What the failover manager shall do.
    fn order(&self, words: &[&str]) -> Result<Option<Command>, CommandError> {
        let (name, command) = match *words {
            ["automatic", name, switch] => {
                let mode = if self.switch(switch)? { Mode::Automatic } else { Mode::Manual };
                (name, failover::Command::SetMode(mode))
            }
            ["failover", name] => (name, failover::Command::Failover { to: None, allow_data_loss: false }),
            ["failover", name, "allow-data-loss"] => {
                (name, failover::Command::Failover { to: None, allow_data_loss: true })
            }
            ["failover", name, to] => {
                (name, failover::Command::Failover { to: Some(self.database(to)?), allow_data_loss: false })
            }
            ["failover", name, to, "allow-data-loss"] => {
                (name, failover::Command::Failover { to: Some(self.database(to)?), allow_data_loss: true })
            }
            ["switchover", name] => (name, failover::Command::Switchover { to: None }),
            ["switchover", name, to] => {
                (name, failover::Command::Switchover { to: Some(self.database(to)?) })
            }
            ["confirm-fenced", name] => (name, failover::Command::ConfirmFenced),
            ["rejoin", name, node] => (name, failover::Command::Rejoin { node: self.database(node)? }),
            _ => return Ok(None),
        };
        Ok(Some(Command::Manage { manager: self.node(name)?, command }))
    }

    /// What guards the network, and what it is guarded from.
    fn guard(&self, words: &[&str]) -> Result<Option<Command>, CommandError> {
        Ok(Some(match *words {
            ["firewall", name, switch] => {
                Command::SetFirewall { firewall: self.node(name)?, on: self.switch(switch)? }
            }
            ["record", dns, name, switch] => {
                Command::SetRecord { dns: self.node(dns)?, node: self.node(name)?, on: self.switch(switch)? }
            }
            ["tls", one, other, switch] => {
                Command::SetTls { link: self.link(one, other)?, on: self.switch(switch)? }
            }
            ["https", switch] => Command::SetHttps { on: self.switch(switch)? },
            ["attack", name, behaviour] => Command::Attack {
                attacker: self.node(name)?,
                behaviour: self.one_of("attack", Behaviour::ALL, behaviour)?,
            },
            ["monitoring", name, switch] => {
                Command::SetMonitoring { monitor: self.node(name)?, on: self.switch(switch)? }
            }
            _ => return Ok(None),
        }))
    }

    fn error<T>(&self, problem: impl Display) -> Result<T, CommandError> {
        error(format!("\"{}\": {problem}", self.text))
    }

    fn node(&self, name: &str) -> Result<NodeId, CommandError> {
        self.plan.find(name).map_or_else(
            || {
                let known: Vec<&str> =
                    self.plan.nodes().take(20).map(|(_, node)| node.name.as_str()).collect();
                self.error(format!("there is no node \"{name}\"; the nodes are {}", known.join(", ")))
            },
            Ok,
        )
    }

    fn link(&self, one: &str, other: &str) -> Result<LinkId, CommandError> {
        let (from, _) = (self.node(one)?, self.node(other)?);
        if let Some(link) = self.plan.find_link(one, other) {
            return Ok(link);
        }
        let links =
            self.plan.links().map(|(_, link)| link).filter(|link| link.from == from || link.to == from);
        let known: Vec<&str> = links.map(|link| self.plan.name(link.other_end(from))).collect();
        self.error(format!("{one} has no link with {other}; it has with {}", known.join(", ")))
    }

    fn database(&self, name: &str) -> Result<NodeIndex, CommandError> {
        let node = self.node(name)?;
        self.plan.database_index(node).map_or_else(
            || {
                let known: Vec<&str> = self.plan.databases().iter().map(|&id| self.plan.name(id)).collect();
                self.error(format!("\"{name}\" is no database; the databases are {}", known.join(", ")))
            },
            Ok,
        )
    }

    fn switch(&self, word: &str) -> Result<bool, CommandError> {
        match word {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => self.error(format!("\"{word}\" is neither \"on\" nor \"off\"")),
        }
    }

    fn times(&self, word: &str) -> Result<u32, CommandError> {
        match word.strip_suffix('x').and_then(|times| times.parse().ok()) {
            Some(times) => Ok(times),
            None => self.error(format!("\"{word}\" does not say how many times; write \"5x\"")),
        }
    }

    fn count(&self, word: &str) -> Result<u32, CommandError> {
        word.parse().or_else(|_| self.error(format!("\"{word}\" is no whole number; write \"3\" or so")))
    }

    fn share(&self, word: &str) -> Result<u32, CommandError> {
        match number::read(word).and_then(ppm) {
            Some(ppm) => Ok(ppm),
            None => self.error(format!("\"{word}\" is no share; write a number from 0 to 1")),
        }
    }

    fn percent(&self, word: &str) -> Result<u32, CommandError> {
        let percent = word.strip_suffix('%').and_then(number::read);
        match percent.and_then(|percent| ppm(percent / 100.0)) {
            Some(ppm) => Ok(ppm),
            None => self.error(format!("\"{word}\" is no percentage; write \"0%\" to \"100%\"")),
        }
    }

    fn gap(&self, word: &str) -> Result<SimDuration, CommandError> {
        match number::read(word) {
            Some(rate) => mean_gap(rate).or_else(|problem| self.error(problem)),
            None => self.error(format!("\"{word}\" is no number of requests per second")),
        }
    }

    fn read<T: FromStr<Err: ToString>>(&self, word: &str) -> Result<T, CommandError> {
        word.parse().or_else(|problem: T::Err| self.error(problem.to_string()))
    }

    fn one_of<T: Copy, const N: usize>(
        &self,
        what: &str,
        all: [(T, &str); N],
        word: &str,
    ) -> Result<T, CommandError> {
        all.into_iter().find(|(_, name)| *name == word).map_or_else(
            || {
                let known = all.map(|(_, name)| name).join(", ");
                self.error(format!("\"{word}\" is no {what}; write one of {known}"))
            },
            |(value, _)| Ok(value),
        )
    }

    fn route(&self, word: &str) -> Result<ReadRoute, CommandError> {
        self.one_of("route for reads", ReadRoute::ALL, word)
    }
}
