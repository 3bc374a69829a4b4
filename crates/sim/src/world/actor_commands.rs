//! What a command does to the nodes around the tiers, and to guards.

use super::{Node, World};
use crate::command::Command;
use crate::log::Fact;
use crate::scenario::Behaviour;

impl World {
    /// Carries out a command for a node around the tiers or a guard.
    pub(super) fn command_actor(&mut self, command: Command) {
        let ground = &mut self.ground;
        match command {
            Command::SetFirewall { firewall: id, on } => {
                if let Node::Firewall(firewall) = &mut self.nodes[id.get()]
                    && firewall.set_on(on)
                {
                    ground.note(Fact::FirewallSet { firewall: id, on });
                }
            }
            Command::SetRecord { dns: id, node, on } => {
                if let Node::Dns(dns) = &mut self.nodes[id.get()]
                    && dns.set_record(node, on)
                {
                    ground.note(Fact::RecordSet { dns: id, node, on });
                }
            }
            Command::SetTls { link, on } => {
                if core::mem::replace(&mut ground.links[link.get()].tls, on) != on {
                    ground.note(Fact::TlsSet { link, on });
                }
            }
            Command::SetHttps { on } => {
                let mut changed = false;
                for link in ground.plan.outer_links() {
                    changed |= core::mem::replace(&mut ground.links[link.get()].tls, on) != on;
                }
                if changed {
                    ground.note(Fact::HttpsSet { on });
                }
            }
            Command::Attack { attacker: id, behaviour } => {
                if let Node::Attacker(attacker) = &mut self.nodes[id.get()] {
                    attacker.set_behaviour(ground, behaviour);
                }
            }
            Command::SetMonitoring { monitor: id, on } => {
                if let Node::Monitor(monitor) = &mut self.nodes[id.get()]
                    && monitor.set_on(ground, on)
                {
                    ground.note(Fact::MonitoringSet { monitor: id, on });
                }
            }
            _ => unreachable!("the others are carried out above"),
        }
    }
}

/// Whether a command does harm: an alert says how long after the newest harm it fired.
pub(super) const fn is_fault(command: Command) -> bool {
    match command {
        Command::Kill(_)
        | Command::KillMidRequest(_)
        | Command::Hang(_)
        | Command::Stop(_)
        | Command::Restart(_) => true,
        Command::Slow { times, .. } | Command::Overload { times, .. } => times > 1,
        Command::Cut { forward, back, .. } => forward || back,
        Command::Lose { loss_ppm, .. } => loss_ppm > 0,
        Command::Delay { delay, .. } => !delay.is_zero(),
        Command::Attack { behaviour, .. } => !matches!(behaviour, Behaviour::Idle),
        _ => false,
    }
}
