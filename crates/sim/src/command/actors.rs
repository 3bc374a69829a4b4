//! Which commands make sense for the nodes around the tiers, and for firewalls.

use alloc::format;
use alloc::vec::Vec;

use super::check::{Checked, wrong};
use super::{Command, error};
use crate::plan::{NodeKind, Plan, PlanNode};

/// Checks a command that only such a node carries out.
pub(super) fn check(command: Command, plan: &Plan, node: &PlanNode) -> Checked {
    let name = &node.name;
    match (command, &node.kind) {
        (Command::SetFirewall { .. }, NodeKind::Firewall(_))
        | (Command::SetMonitoring { .. }, NodeKind::Monitor(_)) => Ok(()),
        (Command::SetRecord { node: other, .. }, NodeKind::Dns(dns)) => {
            if dns.records.contains(&other) {
                return Ok(());
            }
            let known: Vec<&str> = dns.records.iter().map(|&record| plan.name(record)).collect();
            let known = known.join(", ");
            error(format!("\"{name}\" gives out the addresses of {known}; name one of them"))
        }
        (Command::Attack { behaviour, .. }, NodeKind::Attacker(attacker)) => {
            attacker.cannot(behaviour).map_or(Ok(()), |why| error(format!("\"{name}\": {why}")))
        }
        (Command::SetFirewall { .. }, _) => wrong(node, "filters nothing", "a firewall"),
        (Command::SetRecord { .. }, _) => wrong(node, "gives out no addresses", "a DNS server"),
        (Command::Attack { .. }, _) => wrong(node, "attacks nobody", "an attacker"),
        _ => wrong(node, "watches nothing", "a monitor"),
    }
}
