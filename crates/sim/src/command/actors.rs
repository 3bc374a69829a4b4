//! Which commands make sense for the nodes around the tiers, and for firewalls.

use alloc::format;

use super::{Command, CommandError, error};
use crate::plan::{NodeKind, Plan, PlanNode};
use crate::scenario::Behaviour;

/// Checks a command that only such a node carries out; `None` if it is not one of those.
pub(super) fn check(command: Command, plan: &Plan, node: &PlanNode) -> Option<Result<(), CommandError>> {
    let (name, kind) = (&node.name, node.kind.name());
    Some(match (command, &node.kind) {
        (
            Command::Kill(_) | Command::Hang(_) | Command::Revive(_),
            NodeKind::Attacker(_) | NodeKind::Eavesdropper(_),
        ) => error(format!(
            "\"{name}\" is an {kind} with machines of its own and cannot be killed, frozen or revived; name a server \
             or a balancer"
        )),
        (Command::SetFirewall { .. }, NodeKind::Firewall(_))
        | (Command::SetMonitoring { .. }, NodeKind::Monitor(_)) => Ok(()),
        (Command::SetRecord { node: other, .. }, NodeKind::Dns(dns)) => {
            if dns.records.contains(&other) {
                return Some(Ok(()));
            }
            let known = dns.records.iter().map(|&record| plan.name(record));
            let known = known.collect::<alloc::vec::Vec<_>>().join(", ");
            error(format!("\"{name}\" gives out the addresses of {known}; name one of them"))
        }
        (Command::Attack { behaviour, .. }, NodeKind::Attacker(attacker)) => match behaviour {
            Behaviour::Flood if attacker.entries.is_empty() => {
                error(format!("\"{name}\" reaches no entry; link it to a firewall, a balancer or a server"))
            }
            Behaviour::Inject if attacker.databases.is_empty() => {
                error(format!("\"{name}\" reaches no database; link it to one"))
            }
            _ => Ok(()),
        },
        (Command::SetFirewall { .. }, _) => {
            error(format!("\"{name}\" is a {kind} and filters nothing; name a firewall"))
        }
        (Command::SetRecord { .. }, _) => {
            error(format!("\"{name}\" is a {kind} and gives out no addresses; name a DNS server"))
        }
        (Command::Attack { .. }, _) => {
            error(format!("\"{name}\" is a {kind} and attacks nobody; name an attacker"))
        }
        (Command::SetMonitoring { .. }, _) => {
            error(format!("\"{name}\" is a {kind} and watches nothing; name a monitor"))
        }
        _ => return None,
    })
}
