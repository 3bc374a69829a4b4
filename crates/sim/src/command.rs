//! What a person (or lesson, embedding page, command line) may do to a running world.
//!
//! A run is its scenario, its seed and its commands, each at an instant: nothing else changes it.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use understudy_core::SimTime;

use crate::ids::NodeId;
use crate::plan::{NodeKind, Plan};

/// One act on the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ends the node's process at once: it refuses connections, and all that was inside it is lost.
    Kill(NodeId),
    /// Starts a killed node again, empty.
    Revive(NodeId),
    /// Whether a balancer tries the next server when one refuses the connection.
    SetRetry {
        /// The balancer.
        balancer: NodeId,
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
pub struct CommandError(pub(crate) String);

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for CommandError {}

/// How a command is written, for messages.
const FORMS: &str = "\"kill NODE\", \"revive NODE\", \"retry NODE on\" or \"retry NODE off\"";

impl Command {
    /// Reads a command as people write it: `kill web-2`, `revive web-2`, `retry lb-1 on`.
    pub fn parse(text: &str, plan: &Plan) -> Result<Self, CommandError> {
        let words: alloc::vec::Vec<&str> = text.split_whitespace().collect();
        let node = |name: &str| {
            plan.find(name).ok_or_else(|| {
                let known: alloc::vec::Vec<&str> = plan.nodes().map(|(_, node)| node.name.as_str()).collect();
                CommandError(alloc::format!(
                    "\"{text}\": there is no node \"{name}\"; the nodes are {}",
                    known.join(", ")
                ))
            })
        };
        match words[..] {
            ["kill", name] => Ok(Self::Kill(node(name)?)),
            ["revive", name] => Ok(Self::Revive(node(name)?)),
            ["retry", name, switch @ ("on" | "off")] => {
                Ok(Self::SetRetry { balancer: node(name)?, on: switch == "on" })
            }
            _ => Err(CommandError(alloc::format!("\"{text}\" is not a command; write {FORMS}"))),
        }
    }

    /// Whether the command makes sense for the kind of node it names, whatever its state.
    pub(crate) fn check(self, plan: &Plan) -> Result<(), CommandError> {
        let (Self::Kill(id) | Self::Revive(id) | Self::SetRetry { balancer: id, .. }) = self;
        let Some(node) = plan.node(id) else {
            return Err(CommandError(alloc::format!("there is no node number {}", id.0)));
        };
        let is_clients = matches!(node.kind, NodeKind::Clients(_));
        let is_balancer = matches!(node.kind, NodeKind::LoadBalancer(_));
        match self {
            Self::Kill(_) | Self::Revive(_) if is_clients => Err(CommandError(alloc::format!(
                "\"{}\" stands for many people and cannot be killed or revived; name a server or a balancer",
                node.name
            ))),
            Self::SetRetry { .. } if !is_balancer => Err(CommandError(alloc::format!(
                "\"{}\" is a {} and retries nothing; name a load balancer",
                node.name,
                node.kind.name()
            ))),
            _ => Ok(()),
        }
    }
}

impl TimedCommand {
    /// Reads an instant and a command: `12.4s kill web-2`.
    pub fn parse(text: &str, plan: &Plan) -> Result<Self, CommandError> {
        let (at, command) = text.trim().split_once(char::is_whitespace).ok_or_else(|| {
            CommandError(alloc::format!("\"{text}\" needs a time and a command, like \"12.4s kill web-2\""))
        })?;
        let at = SimTime::from_str(at).map_err(|error| CommandError(alloc::format!("{error}").to_owned()))?;
        Ok(Self { at, command: Command::parse(command, plan)? })
    }
}
