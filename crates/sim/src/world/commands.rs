//! What a command does to the world: faults at once, modes from the next decision on. Nothing that is under way is lost
//! by a change of mode.

use understudy_core::SimTime;
use understudy_core::balancer::Algorithm;

use super::actor_commands::is_fault;
use super::{Node, World};
use crate::command::Command;
use crate::ids::{LinkId, NodeId};
use crate::log::Fact;
use crate::plan::fencing;
use crate::scenario::{Fencing, PoolMode, ReadRoute};

impl World {
    /// Carries out a command that was checked against the plan.
    pub(crate) fn command(&mut self, now: SimTime, command: Command) {
        self.pass(now);
        if is_fault(command) {
            self.ground.last_fault = Some(now);
        }
        match command {
            Command::Kill(id) => self.kill(id),
            Command::KillMidRequest(id) => self.kill_mid_request(id),
            Command::Revive(id) => self.revive(id),
            Command::Hang(id) => self.hang(id),
            Command::Stop(id) => self.stop(id, false),
            Command::Restart(id) => self.stop(id, true),
            Command::Slow { node, times } => {
                let changed = self.ground.set_slowness(node, times);
                self.note_if(changed, Fact::Slowed { node, times });
            }
            Command::Cut { link, forward, back } => self.set_cut(link, forward, back),
            Command::Delay { link, delay } => {
                self.ground.set_delay(link, delay);
                self.ground.note(Fact::Delayed { link, delay });
            }
            Command::Lose { link, loss_ppm } => {
                let changed = self.ground.set_loss(link, loss_ppm);
                self.note_if(changed, Fact::LossSet { link, loss_ppm });
            }
            Command::SetReads { server, reads } => {
                self.set_reads(server, reads);
                self.ground.note(Fact::ReadsSet { server, reads });
            }
            Command::SetAllReads(reads) => {
                for id in self.ids() {
                    self.set_reads(id, reads);
                }
                self.ground.note(Fact::AllReadsSet { reads });
            }
            Command::SetCommit { replicas } => self.set_commit(replicas),
            Command::SetRate { .. } | Command::SetWrites { .. } | Command::Overload { .. } => {
                self.command_clients(command);
            }
            Command::SetFencing { manager, fencing } => self.set_fencing(manager, fencing),
            Command::Manage { manager: id, command } => {
                if let Node::Manager(manager) = &mut self.nodes[id.get()]
                    && self.ground.is_up(id)
                {
                    manager.command(&mut self.ground, command);
                }
            }
            Command::SetFirewall { .. }
            | Command::SetRecord { .. }
            | Command::SetTls { .. }
            | Command::SetHttps { .. }
            | Command::Attack { .. }
            | Command::SetMonitoring { .. } => self.command_actor(command),
            _ => self.command_balancers(command),
        }
    }

    fn command_clients(&mut self, command: Command) {
        let (Command::SetRate { clients: id, .. }
        | Command::SetWrites { clients: id, .. }
        | Command::Overload { clients: id, .. }) = command
        else {
            return;
        };
        let Node::Clients(clients) = &mut self.nodes[id.get()] else { return };
        match command {
            Command::SetRate { mean_gap, .. } => {
                clients.set_mean_gap(&mut self.ground, mean_gap);
                self.ground.note(Fact::RateSet { clients: id, mean_gap });
            }
            Command::SetWrites { writes_ppm, .. } => {
                let changed = clients.set_writes(writes_ppm);
                self.note_if(changed, Fact::WritesSet { clients: id, writes_ppm });
            }
            Command::Overload { times, lasts, .. } => {
                self.ground.note(Fact::Overloaded { clients: id, times, lasts });
                clients.overload(&mut self.ground, times, lasts);
            }
            _ => {}
        }
    }

    fn command_balancers(&mut self, command: Command) {
        match command {
            Command::SetRetry { balancer: id, on } => {
                if let Node::LoadBalancer(balancer) = &mut self.nodes[id.get()] {
                    let changed = balancer.set_retry(on);
                    self.note_if(changed, Fact::RetrySet { balancer: id, on });
                }
            }
            Command::SetAlgorithm { balancer, algorithm } => self.set_algorithm(balancer, algorithm),
            Command::SetPool { balancer, mode } => self.set_pool(balancer, mode),
            Command::SetHealth { balancer: id, interval, fall, rise } => {
                if let Node::LoadBalancer(balancer) = &mut self.nodes[id.get()] {
                    let changed = balancer.set_health(&mut self.ground, interval, fall, rise);
                    self.note_if(changed, Fact::HealthSet { balancer: id, interval, fall, rise });
                }
            }
            Command::SetWeight { server, weight } => {
                let mut changed = false;
                for node in &mut self.nodes {
                    if let Node::LoadBalancer(balancer) = node {
                        changed |= balancer.set_weight(&self.ground, server, weight);
                    }
                }
                self.note_if(changed, Fact::WeightSet { server, weight });
            }
            Command::SetStandby { server, on } => {
                let mut changed = false;
                for node in &mut self.nodes {
                    if let Node::LoadBalancer(balancer) = node {
                        changed |= balancer.set_standby(&self.ground, server, on);
                    }
                }
                self.note_if(changed, Fact::StandbySet { server, on });
            }
            _ => unreachable!("the other commands are carried out elsewhere"),
        }
    }

    fn note_if(&mut self, changed: bool, fact: Fact) {
        if changed {
            self.ground.note(fact);
        }
    }

    fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u16::try_from(self.nodes.len()).expect("the plan checked the number")).map(NodeId)
    }

    fn set_algorithm(&mut self, id: NodeId, algorithm: Algorithm) {
        if let Node::LoadBalancer(balancer) = &mut self.nodes[id.get()] {
            let changed = balancer.set_algorithm(algorithm);
            self.note_if(changed, Fact::AlgorithmSet { balancer: id, algorithm });
        }
    }

    fn set_pool(&mut self, id: NodeId, mode: PoolMode) {
        if let Node::LoadBalancer(balancer) = &mut self.nodes[id.get()] {
            let changed = balancer.set_mode(mode);
            self.note_if(changed, Fact::PoolSet { balancer: id, mode });
        }
    }

    fn set_reads(&mut self, id: NodeId, reads: ReadRoute) {
        if let Node::Server(server) = &mut self.nodes[id.get()] {
            server.set_reads(reads);
        }
    }

    /// Every database goes by the new rule, whether it is the primary now or later. The manager reckons with it: it
    /// says how many replicas must be heard before one is promoted.
    fn set_commit(&mut self, replicas: u32) {
        let mut changed = false;
        for node in &mut self.nodes {
            if let Node::Database(database) = node {
                changed |= database.set_sync_replicas(&mut self.ground, replicas);
            }
        }
        for node in &mut self.nodes {
            if let Node::Manager(manager) = node {
                manager.set_durability(&mut self.ground, replicas);
            }
        }
        self.note_if(changed, Fact::CommitSet { replicas });
    }

    fn set_fencing(&mut self, id: NodeId, how: Fencing) {
        if let Node::Manager(manager) = &mut self.nodes[id.get()] {
            let config = manager.config();
            let core = fencing(how, config.interval, config.fall);
            let changed = manager.set_fencing(&mut self.ground, core);
            self.note_if(changed, Fact::FencingSet { manager: id, fencing: how });
        }
    }

    fn set_cut(&mut self, id: LinkId, forward: bool, back: bool) {
        let link = &mut self.ground.links[id.get()];
        let before = (link.cut_forward, link.cut_back);
        (link.cut_forward, link.cut_back) = (forward, back);
        self.note_if(before != (forward, back), Fact::Cut { link: id, forward, back });
        if !forward && !back {
            self.ground.mended(id);
        }
    }
}
