//! The replica's end of the stream: PostgreSQL's WAL receiver.

use alloc::vec::Vec;

use super::{Link, Replica, ReplicaOutput};
use crate::replication::NodeId;
use crate::replication::history::History;
use crate::replication::message::{PrimaryMessage, Refusal, ReplicaMessage, StreamId, ToPrimary, ToReplica};
use crate::replication::wal::Record;
use crate::{SimDuration, SimTime};

impl Replica {
    /// Follows `upstream` from here on, or nobody. Connects at once; a connection to another node is given up.
    pub fn handle_upstream(&mut self, now: SimTime, upstream: Option<NodeId>) {
        if self.promoting.is_some() || upstream == Some(self.id) {
            return;
        }
        self.hang_up();
        self.upstream = upstream;
        self.link = Link::Detached;
        self.connect(now);
    }

    /// A message came from `from`. What belongs to an earlier connection is ignored.
    pub fn handle_message(&mut self, now: SimTime, from: NodeId, message: ToReplica) {
        let ToReplica { stream, message } = message;
        if self.upstream != Some(from) || stream != self.stream {
            return;
        }
        match (self.link, message) {
            (Link::Connecting { .. }, PrimaryMessage::Started { history }) => self.started(now, history),
            (Link::Connecting { .. }, PrimaryMessage::Refused(refusal)) => self.refused(now, refusal),
            (Link::Streaming, PrimaryMessage::Records(records)) => self.receive(now, &records),
            (Link::Streaming, PrimaryMessage::Keepalive { reply_requested }) => {
                self.heard(now);
                if reply_requested {
                    self.report(now, false);
                }
            }
            // Out of order: only what an earlier connection left.
            (Link::Detached | Link::Connecting { .. } | Link::Streaming | Link::Retrying { .. }, _) => {}
        }
    }

    /// The connection to the upstream broke or could not be opened.
    pub fn handle_connection_lost(&mut self, now: SimTime) {
        if matches!(self.link, Link::Connecting { .. } | Link::Streaming) {
            self.retry(now, None);
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted next.
    pub fn poll_timeout(&self) -> Option<SimTime> {
        match self.link {
            Link::Detached => None,
            // What is paused is also what would connect again.
            Link::Retrying { at, .. } => (!self.paused).then_some(at),
            Link::Connecting { .. } => self.silence_deadline(),
            Link::Streaming => {
                let report = (self.next_report < SimTime::MAX).then_some(self.next_report);
                self.silence_deadline().into_iter().chain(report).min()
            }
        }
    }

    /// Time has come: to try again, to report, to ask the primary for a sign of life, or to give it up.
    pub fn handle_timeout(&mut self, now: SimTime) {
        match self.link {
            Link::Retrying { at, .. } if at <= now && !self.paused => self.connect(now),
            Link::Connecting { .. } if self.silence_deadline().is_some_and(|at| at <= now) => {
                self.outputs.push_back(ReplicaOutput::Disconnected);
                self.retry(now, None);
            }
            Link::Streaming => self.streaming_timeout(now),
            Link::Detached | Link::Connecting { .. } | Link::Retrying { .. } => {}
        }
    }

    fn streaming_timeout(&mut self, now: SimTime) {
        if self.silence_deadline().is_some_and(|at| at <= now) {
            if self.last_heard + self.config.receiver_timeout <= now {
                self.outputs.push_back(ReplicaOutput::Disconnected);
                self.retry(now, None);
                return;
            }
            self.pinged = true;
            self.report(now, true);
        } else if self.next_report <= now {
            self.report(now, false);
        }
    }

    /// Ends a connection that is open.
    pub(super) fn hang_up(&mut self) {
        if matches!(self.link, Link::Connecting { .. } | Link::Streaming) {
            self.outputs.push_back(ReplicaOutput::Disconnected);
        }
    }

    /// Asks the upstream, if there is one, for the stream from the end of its log; once replay goes on, if it is
    /// paused.
    pub(super) fn connect(&mut self, now: SimTime) {
        let Some(upstream) = self.upstream else { return };
        if self.paused {
            self.link = Link::Retrying { at: now, refused: None };
            return;
        }
        self.stream = StreamId(self.stream.0.wrapping_add(1));
        self.link = Link::Connecting { since: now };
        self.heard(now);
        let connect = ReplicaMessage::Connect { from: self.wal.end(), history: self.history().clone() };
        self.send(upstream, connect);
    }

    /// Reports its positions, if it streams.
    pub(super) fn report(&mut self, now: SimTime, reply_requested: bool) {
        let (Link::Streaming, Some(upstream)) = (self.link, self.upstream) else { return };
        let interval = self.config.status_interval;
        self.next_report = if interval.is_zero() { SimTime::MAX } else { now + interval };
        self.send(upstream, ReplicaMessage::Status { positions: self.positions(), reply_requested });
    }

    fn started(&mut self, now: SimTime, history: History) {
        if self.history().parts_from(&history).is_some_and(|fork| self.wal.end() > fork) {
            // A primary checks this; one that did not is no primary of ours.
            self.break_off(now);
            return;
        }
        if let Some(refusal) = self.never_consistent_on(&history) {
            self.outputs.push_back(ReplicaOutput::Disconnected);
            self.retry(now, Some(refusal));
            return;
        }
        self.wal.follow(history);
        self.link = Link::Streaming;
        self.heard(now);
        self.report(now, false);
    }

    fn refused(&mut self, now: SimTime, refusal: Refusal) {
        if let Refusal::NotInHistory { forked_at, .. } = refusal
            && self.replayed <= forked_at
            && self.wal.start() <= forked_at
            && self.view().is_some()
        {
            // What it has beyond the fork it has only received: it can still go the other way.
            let discarded: Vec<Record> = self.wal.after(forked_at).copied().collect();
            self.cut(forked_at);
            self.outputs.push_back(ReplicaOutput::Discarded(discarded));
            self.start_flush();
            self.start_replay();
            self.connect(now);
            return;
        }
        self.retry(now, Some(refusal));
    }

    /// Why a replica that was rewound cannot follow `history`: what it waits for to be whole is not on it.
    fn never_consistent_on(&self, history: &History) -> Option<Refusal> {
        let forked_at = self.history().parts_from(history)?;
        let (from, timeline) = (self.consistent_at, self.history().current());
        (self.view().is_none() && forked_at < from).then_some(Refusal::NotInHistory {
            from,
            timeline,
            forked_at,
        })
    }

    fn receive(&mut self, now: SimTime, records: &[Record]) {
        self.heard(now);
        for record in records {
            let follows = record.bytes >= 1
                && record.start() == self.wal.end()
                && self.history().contains(record.timeline, record.end);
            if !follows {
                // Something got lost on the way: ask again from what is here.
                self.break_off(now);
                return;
            }
            self.wal.append(*record);
        }
        self.report(now, false);
        self.start_flush();
    }

    fn break_off(&mut self, now: SimTime) {
        self.outputs.push_back(ReplicaOutput::Disconnected);
        self.retry(now, None);
        self.start_flush();
    }

    fn retry(&mut self, now: SimTime, refused: Option<Refusal>) {
        self.link = Link::Retrying { at: now + self.config.retry_interval, refused };
    }

    fn heard(&mut self, now: SimTime) {
        self.last_heard = now;
        self.pinged = false;
    }

    fn silence_deadline(&self) -> Option<SimTime> {
        let timeout = self.config.receiver_timeout;
        if timeout.is_zero() {
            return None;
        }
        let half = SimDuration::from_nanos(timeout.as_nanos() / 2);
        let asked = self.pinged || matches!(self.link, Link::Connecting { .. });
        Some(self.last_heard + if asked { timeout } else { half })
    }

    fn send(&mut self, to: NodeId, message: ReplicaMessage) {
        let message = ToPrimary { stream: self.stream, message };
        self.outputs.push_back(ReplicaOutput::Send { to, message });
    }
}
