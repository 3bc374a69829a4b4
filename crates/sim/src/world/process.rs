//! The life of a node's process: killed, frozen, stopped cleanly, started again.
//!
//! A clean stop is what `systemctl stop` does: the host refuses new connections at once, what is inside may end within
//! [`STOP_WITHIN`], and what has not ended by then is lost. A balancer gives its virtual address up before anything
//! else, with an advert of priority 0; a database takes no more writes, goes on streaming, and flushes its log.
//! A frozen process hears none of this and is killed.

use understudy_core::{SimDuration, SimTime};

use super::{Node, World};
use crate::event::{Body, Message, Wake};
use crate::ids::NodeId;
use crate::log::Fact;
use crate::view::Truth;

/// How long a node that is stopped has for what is inside it.
const STOP_WITHIN: SimDuration = SimDuration::from_secs(2);
/// How often it looks whether it is empty.
const STOP_LOOKS_EVERY: SimDuration = SimDuration::from_millis(50);
/// How long a process takes to start again after a clean stop.
const START_TAKES: SimDuration = SimDuration::from_secs(1);

/// A node that is stopping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    node: NodeId,
    /// When it ends at the latest.
    until: SimTime,
    restarts: bool,
}

impl World {
    pub(super) fn kill(&mut self, id: NodeId) {
        if matches!(self.ground.truths[id.get()], Truth::Down { .. }) {
            return;
        }
        let lost = self.end_process(id);
        self.ground.note(Fact::Killed { node: id, lost });
    }

    /// Ends the process. Returns how many requests were lost with it.
    fn end_process(&mut self, id: NodeId) -> u64 {
        self.armed.retain(|&armed| armed != id);
        self.stopping.retain(|stop| stop.node != id);
        self.ground.set_down(id);
        let lost = self.ground.reset_connections(id);
        match &mut self.nodes[id.get()] {
            Node::Server(server) => server.die(&self.ground),
            Node::Database(database) => database.die(&mut self.ground),
            Node::Firewall(_)
            | Node::LoadBalancer(_)
            | Node::Manager(_)
            | Node::Dns(_)
            | Node::Monitor(_) => {}
            Node::Clients(_) | Node::Attacker(_) | Node::Eavesdropper(_) => {
                unreachable!("the command was checked")
            }
        }
        lost
    }

    /// Kills the node as soon as a request is inside it.
    pub(super) fn kill_mid_request(&mut self, id: NodeId) {
        if matches!(self.ground.truths[id.get()], Truth::Down { .. }) {
            return;
        }
        if self.ground.has_inside(id) {
            self.kill(id);
        } else if !self.armed.contains(&id) {
            self.armed.push(id);
            self.ground.note(Fact::Armed { node: id });
        }
    }

    /// A message has come to the end of its link while the death of some node waits for a request.
    pub(super) fn spring(&mut self, message: &Message) {
        let Body::Call(call) = message.body else { return };
        let Some(held) = self.ground.calls.get(call) else { return };
        let (node, is_inside) = (held.callee, held.is_inside());
        if is_inside && self.armed.contains(&node) {
            self.kill(node);
        }
    }

    pub(super) fn hang(&mut self, id: NodeId) {
        if self.ground.is_up(id) {
            self.stopping.retain(|stop| stop.node != id);
            self.ground.set_hung(id);
            self.ground.note(Fact::Hung { node: id });
        }
    }

    pub(super) fn revive(&mut self, id: NodeId) {
        if self.ground.is_up(id) {
            return;
        }
        // A frozen process is ended first: what is inside it is lost.
        self.kill(id);
        self.ground.set_up(id);
        self.ground.note(Fact::Revived { node: id });
        match &mut self.nodes[id.get()] {
            Node::LoadBalancer(balancer) => balancer.start(&mut self.ground),
            Node::Server(server) => server.restart(&self.ground),
            Node::Database(database) => database.restart(&mut self.ground),
            Node::Manager(manager) => manager.restart(&mut self.ground),
            Node::Firewall(firewall) => {
                firewall.restart();
                self.ground.mended_through(id);
            }
            Node::Monitor(monitor) => monitor.start(&mut self.ground),
            Node::Clients(_) | Node::Dns(_) | Node::Attacker(_) | Node::Eavesdropper(_) => {}
        }
    }

    /// Stops the node cleanly; if it `restarts`, it starts again afterwards.
    pub(super) fn stop(&mut self, id: NodeId, restarts: bool) {
        match self.ground.truths[id.get()] {
            Truth::Up => self.begin_stop(id, restarts),
            Truth::Stopping { .. } => {
                if let Some(stop) = self.stopping.iter_mut().find(|stop| stop.node == id) {
                    stop.restarts = restarts;
                }
            }
            Truth::Hung { .. } => {
                self.kill(id);
                self.start_after_stop(id, restarts);
            }
            Truth::Down { .. } => self.start_after_stop(id, restarts),
        }
    }

    fn begin_stop(&mut self, id: NodeId, restarts: bool) {
        self.ground.set_stopping(id);
        self.ground.note(Fact::Stopping { node: id, restarts });
        match &mut self.nodes[id.get()] {
            Node::LoadBalancer(balancer) => balancer.stop(&mut self.ground),
            Node::Database(database) => database.drain_writes(),
            Node::Server(_)
            | Node::Firewall(_)
            | Node::Manager(_)
            | Node::Clients(_)
            | Node::Dns(_)
            | Node::Monitor(_)
            | Node::Attacker(_)
            | Node::Eavesdropper(_) => {}
        }
        self.stopping.push(Stop { node: id, until: self.ground.now + STOP_WITHIN, restarts });
        self.stop_due(id);
    }

    /// Ends a node that is stopping if nothing is left in it, or its time is over.
    pub(super) fn stop_due(&mut self, id: NodeId) {
        let Some(stop) = self.stopping.iter().find(|stop| stop.node == id).copied() else { return };
        let is_done = !self.ground.has_inside(id)
            && match &self.nodes[id.get()] {
                Node::Database(database) => database.is_drained(),
                _ => true,
            };
        if !is_done && self.ground.now < stop.until {
            let left = stop.until.since(self.ground.now);
            self.ground.wake(left.min(STOP_LOOKS_EVERY), id, Wake::Stop);
            return;
        }
        if let Node::Database(database) = &mut self.nodes[id.get()] {
            database.shut_down(self.ground.now);
        }
        let lost = self.end_process(id);
        self.ground.note(Fact::Stopped { node: id, lost });
        self.start_after_stop(id, stop.restarts);
    }

    fn start_after_stop(&mut self, id: NodeId, restarts: bool) {
        if restarts {
            self.ground.wake(START_TAKES, id, Wake::Start);
        }
    }
}
