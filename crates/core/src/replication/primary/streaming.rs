//! Streaming to replicas, and how much of the log is kept for them.

use alloc::vec::Vec;

use super::sender::{Sender, StreamState, sync_state};
use super::{Primary, PrimaryOutput, ReplicaStatus, Standing, StreamEnd};
use crate::replication::NodeId;
use crate::replication::commit::SyncRule;
use crate::replication::history::History;
use crate::replication::message::{
    Positions, PrimaryMessage, Refusal, ReplicaMessage, StreamId, ToPrimary, ToReplica,
};
use crate::replication::slots::SlotStatus;
use crate::{Lsn, SimDuration, SimTime};

/// Bytes of records in one message, unless the first alone has more: PostgreSQL's `MAX_SEND_SIZE`.
const MAX_MESSAGE_BYTES: u64 = 128 << 10;

impl Primary {
    /// A message came from a replica. What belongs to an earlier attempt of its to connect is ignored.
    pub fn handle_message(&mut self, now: SimTime, from: NodeId, message: ToPrimary) {
        let ToPrimary { stream, message } = message;
        match message {
            ReplicaMessage::Connect { from: position, history } => {
                self.connect(now, from, stream, position, &history);
            }
            ReplicaMessage::Status { positions, reply_requested } => {
                if self.senders.get(&from).is_some_and(|sender| sender.stream == stream) {
                    self.report(now, from, positions, reply_requested);
                }
            }
        }
    }

    /// The connection to a replica is gone, if there was one.
    pub fn handle_connection_lost(&mut self, replica: NodeId) {
        self.senders.remove(&replica);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted next.
    pub fn poll_timeout(&self) -> Option<SimTime> {
        let timeout = self.config.sender_timeout;
        if timeout.is_zero() {
            return None;
        }
        self.senders.values().map(|sender| sender.deadline(timeout)).min()
    }

    /// Time has come: replicas that are silent are asked for a sign of life, and given up after that.
    pub fn handle_timeout(&mut self, now: SimTime) {
        let timeout = self.config.sender_timeout;
        let due = |sender: &Sender| timeout > SimDuration::ZERO && sender.deadline(timeout) <= now;
        let silent: Vec<NodeId> =
            self.senders.iter().filter(|(_, sender)| due(sender)).map(|(node, _)| *node).collect();
        for replica in silent {
            let sender = self.senders.get_mut(&replica).expect("it was just found");
            if sender.last_reply + timeout <= now {
                self.disconnect(replica, StreamEnd::Silent);
            } else {
                sender.pinged = true;
                self.send(replica, PrimaryMessage::Keepalive { reply_requested: true });
            }
        }
    }

    /// A checkpoint: recycles the log that neither the settings nor a slot keep. Comes by itself every
    /// [`checkpoint_every`](crate::replication::WalConfig::checkpoint_every) bytes.
    pub fn handle_checkpoint(&mut self) {
        self.checkpoint_at = self.flushed;
        let (lost, keep_from) = self.slots.checkpoint(self.config.wal, self.flushed);
        self.wal.recycle_before(keep_from);
        self.abandoned = self.abandoned.split_off(&self.wal.start());
        for replica in lost {
            self.outputs.push_back(PrimaryOutput::SlotLost { replica });
        }
        // Whoever has not been sent yet what is gone now cannot go on.
        let start = self.wal.start();
        let behind: Vec<(NodeId, Lsn)> = self
            .senders
            .iter()
            .filter(|(_, sender)| sender.sent < start)
            .map(|(node, sender)| (*node, sender.sent))
            .collect();
        for (replica, wanted) in behind {
            self.disconnect(replica, StreamEnd::Recycled(super::Recycled { wanted, start }));
        }
    }

    /// Keeps the log for `replica` from here on, connected or not. Does nothing if it has a slot.
    pub fn create_slot(&mut self, replica: NodeId) {
        // A connected replica's slot starts at what it has; one that will come takes its base backup from now.
        let at = self.senders.get(&replica).map_or(self.flushed, |sender| sender.positions.flush);
        self.slots.create(replica, at.max(self.wal.start()));
    }

    /// Keeps nothing for `replica` any more; answers whether it had a slot.
    pub fn drop_slot(&mut self, replica: NodeId) -> bool {
        self.slots.drop(replica)
    }

    /// What the slot of `replica` does for it; `None` if it has none.
    pub fn slot_status(&self, replica: NodeId) -> Option<SlotStatus> {
        self.slots.status(replica, self.config.wal, self.flushed)
    }

    /// From where the slot of `replica` keeps the log; `None` if it has none or it is lost.
    pub fn slot_restart(&self, replica: NodeId) -> Option<Lsn> {
        self.slots.restart(replica)
    }

    /// The connected replicas as the primary sees them, by node.
    pub fn replicas(&self) -> impl Iterator<Item = (NodeId, ReplicaStatus)> {
        self.senders.iter().map(|(node, sender)| (*node, self.status_of(*node, sender)))
    }

    /// One connected replica as the primary sees it; `None` if it is not connected.
    pub fn replica(&self, replica: NodeId) -> Option<ReplicaStatus> {
        self.senders.get(&replica).map(|sender| self.status_of(replica, sender))
    }

    /// Bytes that a connected replica has yet to replay, as far as it has reported.
    pub fn bytes_behind(&self, replica: NodeId) -> Option<u64> {
        self.senders.get(&replica).map(|sender| self.wal.end().bytes_since(sender.positions.replay))
    }

    /// For how long a connected replica has not replayed something that is flushed here, as far as it has reported:
    /// zero if it has all.
    pub fn time_behind(&self, now: SimTime, replica: NodeId) -> Option<SimDuration> {
        let sender = self.senders.get(&replica)?;
        Some(self.flushes.passed(sender.positions.replay).map_or(SimDuration::ZERO, |at| now.since(at)))
    }

    pub(super) fn stream_to_all(&mut self) {
        let replicas: Vec<NodeId> = self.senders.keys().copied().collect();
        for replica in replicas {
            self.stream_to(replica);
        }
    }

    fn status_of(&self, node: NodeId, sender: &Sender) -> ReplicaStatus {
        sender.status(sync_state(&self.config.rule, node, |node| self.counting(node).is_some()))
    }

    fn connect(&mut self, now: SimTime, replica: NodeId, stream: StreamId, from: Lsn, history: &History) {
        // A replica that connects again has given its earlier connection up.
        self.senders.remove(&replica);
        if let Some(refusal) = self.refusal(replica, from, history) {
            let message = ToReplica { stream, message: PrimaryMessage::Refused(refusal) };
            self.outputs.push_back(PrimaryOutput::Send { to: replica, message });
            return;
        }
        self.senders.insert(replica, Sender::new(now, stream, from));
        self.send(replica, PrimaryMessage::Started { history: self.wal.history().clone() });
        self.stream_to(replica);
    }

    fn refusal(&self, replica: NodeId, from: Lsn, history: &History) -> Option<Refusal> {
        if !matches!(self.standing, Standing::Accepting | Standing::Draining) {
            return Some(Refusal::NotPrimary);
        }
        if let Some(forked_at) = self.wal.history().parts_from(history)
            && from > forked_at
        {
            return Some(Refusal::NotInHistory { from, timeline: history.current(), forked_at });
        }
        if from > self.flushed {
            return Some(Refusal::Ahead { from, flushed: self.flushed });
        }
        if self.slots.is_lost(replica) == Some(true) {
            return Some(Refusal::SlotLost);
        }
        if from < self.wal.start() {
            return Some(Refusal::Removed { from, start: self.wal.start() });
        }
        None
    }

    fn report(&mut self, now: SimTime, replica: NodeId, positions: Positions, reply_requested: bool) {
        let sender = self.senders.get_mut(&replica).expect("the caller found it");
        let sent = sender.sent;
        // No replica has what it was not sent.
        let positions = Positions {
            write: positions.write.min(sent),
            flush: positions.flush.min(sent),
            replay: positions.replay.min(sent),
        };
        sender.last_reply = now;
        sender.pinged = false;
        sender.positions = positions;
        sender.reported = true;
        sender.lag.report(now, positions, sent, &self.flushes);
        self.slots.advance(replica, positions.flush);
        if let Some(slowest) = self.senders.values().map(|sender| sender.positions.replay).min() {
            self.flushes.forget_before(slowest);
        }
        if reply_requested {
            self.send(replica, PrimaryMessage::Keepalive { reply_requested: false });
        }
        // As in PostgreSQL, only the report of a replica that is waited for releases commits.
        if self.config.rule != SyncRule::Asynchronous {
            self.release(|node| node == replica);
        }
        self.stream_to(replica);
    }

    /// Sends a replica what is flushed, as far as its connection takes it.
    fn stream_to(&mut self, replica: NodeId) {
        loop {
            let Some(sender) = self.senders.get_mut(&replica) else { return };
            if sender.sent >= self.flushed {
                sender.state = StreamState::Streaming;
                return;
            }
            if sender.in_flight() >= self.config.max_in_flight {
                return;
            }
            let mut bytes = 0;
            let mut records = Vec::new();
            for record in self.wal.after(sender.sent) {
                bytes += u64::from(record.bytes);
                if record.end > self.flushed || (bytes > MAX_MESSAGE_BYTES && !records.is_empty()) {
                    break;
                }
                records.push(*record);
            }
            sender.sent = records.last().expect("a record lies between what is sent and what is flushed").end;
            self.send(replica, PrimaryMessage::Records(records));
        }
    }

    fn send(&mut self, replica: NodeId, message: PrimaryMessage) {
        let Some(sender) = self.senders.get(&replica) else { return };
        let message = ToReplica { stream: sender.stream, message };
        self.outputs.push_back(PrimaryOutput::Send { to: replica, message });
    }

    fn disconnect(&mut self, replica: NodeId, why: StreamEnd) {
        if self.senders.remove(&replica).is_some() {
            self.outputs.push_back(PrimaryOutput::Disconnected { replica, why });
        }
    }
}
