//! What the cluster does with what its nodes ask for.

use alloc::vec::Vec;

use super::{Cluster, Message, wire};
use crate::replication::NodeId;
use crate::replication::message::{PrimaryMessage, Refusal, ReplicaMessage, ToPrimary, ToReplica};
use crate::replication::node::Node;
use crate::replication::primary::PrimaryOutput;
use crate::replication::replica::ReplicaOutput;

impl Cluster {
    pub(super) fn deliver(&mut self, from: NodeId, to: NodeId, message: Message) {
        let now = self.now;
        match (self.node_mut(to), message) {
            (Node::Primary(primary), Message::ToPrimary(message)) => {
                primary.handle_message(now, from, message);
            }
            (Node::Replica(replica), Message::ToReplica(message)) => {
                replica.handle_message(now, from, message);
            }
            (
                Node::Replica(_),
                Message::ToPrimary(ToPrimary { stream, message: ReplicaMessage::Connect { .. } }),
            ) => {
                let message = ToReplica { stream, message: PrimaryMessage::Refused(Refusal::NotPrimary) };
                self.post(to, from, Message::ToReplica(message));
            }
            // The node changed its role meanwhile.
            (Node::Primary(_) | Node::Replica(_), _) => {}
        }
        self.drain(to);
    }

    /// Does what the node asks for.
    pub(super) fn drain(&mut self, node: NodeId) {
        loop {
            match self.node_mut(node) {
                Node::Primary(primary) => {
                    let Some(output) = primary.poll_output() else { return };
                    self.carry_out_primary(node, output);
                }
                Node::Replica(replica) => {
                    let Some(output) = replica.poll_output() else { return };
                    self.carry_out_replica(node, output);
                }
            }
        }
    }

    pub(super) fn carry_out_primary(&mut self, node: NodeId, output: PrimaryOutput) {
        match output {
            PrimaryOutput::StartFlush { to } => {
                self.flushes.insert(node, to);
            }
            PrimaryOutput::Send { to, message } => self.post(node, to, Message::ToReplica(message)),
            PrimaryOutput::Acknowledge(acknowledged) => self.acknowledged.push(acknowledged),
            PrimaryOutput::Disconnected { replica, .. } => self.disconnect(node, replica),
            PrimaryOutput::Abandoned { .. } | PrimaryOutput::SlotLost { .. } => {}
        }
    }

    fn carry_out_replica(&mut self, node: NodeId, output: ReplicaOutput) {
        let now = self.now;
        match output {
            ReplicaOutput::Send { to, message } => {
                if self.cut.contains(&wire(node, to)) || self.down.contains(&to) {
                    if let Node::Replica(replica) = self.node_mut(node) {
                        replica.handle_connection_lost(now);
                    }
                } else {
                    self.post(node, to, Message::ToPrimary(message));
                }
            }
            ReplicaOutput::StartFlush { to } => {
                self.flushes.insert(node, to);
            }
            ReplicaOutput::StartReplay { to } => {
                self.replays.insert(node, to);
            }
            ReplicaOutput::Disconnected => {
                let others: Vec<NodeId> = self.nodes.keys().copied().collect();
                for other in others {
                    self.hang_up(other, node);
                }
            }
            ReplicaOutput::ReadyToPromote { .. } => {
                let config = self.config.clone();
                self.node_mut(node).promote(now, config);
                self.flushes.remove(&node);
                self.drain(node);
            }
            ReplicaOutput::Replayed { .. } | ReplicaOutput::Discarded(_) => {}
        }
    }

    fn post(&mut self, from: NodeId, to: NodeId, message: Message) {
        if !self.cut.contains(&wire(from, to)) && !self.down.contains(&to) {
            self.wires.entry((from, to)).or_default().push_back(message);
        }
    }

    /// The replica closed its connection to `other`.
    fn hang_up(&mut self, other: NodeId, replica: NodeId) {
        self.wires.remove(&(other, replica));
        self.wires.remove(&(replica, other));
        if let Some(primary) = self.node_mut(other).as_primary_mut() {
            primary.handle_connection_lost(replica);
        }
    }

    /// The connection between two nodes breaks; both notice.
    pub(super) fn disconnect(&mut self, one: NodeId, other: NodeId) {
        let now = self.now;
        for (here, there) in [(one, other), (other, one)] {
            self.wires.remove(&(here, there));
            match self.node_mut(here) {
                Node::Primary(primary) => primary.handle_connection_lost(there),
                Node::Replica(replica) if replica.upstream() == Some(there) => {
                    replica.handle_connection_lost(now);
                }
                Node::Replica(_) => {}
            }
            self.drain(here);
        }
    }
}
