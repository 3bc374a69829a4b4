//! The replica: receives the log, writes, flushes and replays it, and reports how far it has come.
//!
//! What a replica has received is written at once, flushed when the driver says that the disk is done, and replayed
//! when the driver says that this is done, record by record or many at a time. Only what is flushed is replayed,
//! and reads see what is replayed. A driver that takes long over either makes the replica fall behind.
//!
//! It connects to its upstream with the position and the history of its log, and again `retry_interval` after a
//! connection is lost or refused. An upstream that was promoted past what the replica has replayed is not
//! followed: the replica must be [rewound](Replica::rewind).
//!
//! Follows PostgreSQL's WAL receiver and startup process: reports after each write and flush, every
//! `wal_receiver_status_interval`, when everything received is replayed and after a commit that asked for it
//! (`synchronous_commit = remote_apply`); `pg_wal_replay_pause()`; `recovery_target_timeline = latest`.
//! Simplified: conflicts between replay and reads do not occur.

mod following;
mod receiving;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

pub use self::following::{NotPromoted, Rewound};
use super::NodeId;
use super::history::History;
use super::message::{Positions, Refusal, StreamId, ToPrimary};
use super::primary::Primary;
use super::routing::View;
use super::slots::WalConfig;
use super::wal::{Record, Wal};
use crate::{Lsn, SimDuration, SimTime, TimelineId};

/// Settings of a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct ReplicaConfig {
    /// How much of its own log it keeps. Slots do not apply.
    pub wal: WalConfig,
    /// It reports at least so often; zero for only when there is news: `wal_receiver_status_interval`.
    pub status_interval: SimDuration,
    /// A primary that says nothing for so long is given up; zero for never: `wal_receiver_timeout`.
    pub receiver_timeout: SimDuration,
    /// Time from a lost or refused connection to the next attempt: `wal_retrieve_retry_interval`.
    pub retry_interval: SimDuration,
}

impl Default for ReplicaConfig {
    /// PostgreSQL's defaults: 10 s, 60 s and 5 s.
    fn default() -> Self {
        Self {
            wal: WalConfig::default(),
            status_interval: SimDuration::from_secs(10),
            receiver_timeout: SimDuration::from_secs(60),
            retry_interval: SimDuration::from_secs(5),
        }
    }
}

/// How a replica stands with its upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// It has none, or is being promoted.
    Detached,
    /// It has asked for the stream.
    Connecting {
        /// When.
        since: SimTime,
    },
    /// The log streams in.
    Streaming,
    /// It tries again later.
    Retrying {
        /// When.
        at: SimTime,
        /// What the upstream answered last; `None` if the connection was lost.
        refused: Option<Refusal>,
    },
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Detached => f.write_str("follows no primary"),
            Self::Connecting { since } => write!(f, "asks its primary for the log since {since}"),
            Self::Streaming => f.write_str("streams from its primary"),
            Self::Retrying { at, refused: None } => {
                write!(f, "lost the connection to its primary, tries again at {at}")
            }
            Self::Retrying { at, refused: Some(refusal) } => {
                write!(f, "refused: {refusal}; tries again at {at}")
            }
        }
    }
}

/// What the driver must do or know. Drain with [`Replica::poll_output`] after every input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaOutput {
    /// Send this to the upstream, over a connection that is opened if it is a
    /// [`Connect`](super::message::ReplicaMessage::Connect). If it cannot be, say so with
    /// [`Replica::handle_connection_lost`].
    Send {
        /// The upstream.
        to: NodeId,
        /// What.
        message: ToPrimary,
    },
    /// Flush the log up to `to`; say so with [`Replica::handle_flushed`].
    StartFlush {
        /// Where the flush will end.
        to: Lsn,
    },
    /// Replay the log up to `to`; say so with [`Replica::handle_replayed`], for parts of it or all at once.
    StartReplay {
        /// Where there is nothing more to replay.
        to: Lsn,
    },
    /// Reads see the log up to here now.
    Replayed {
        /// The position.
        to: Lsn,
    },
    /// The connection to the upstream is closed by the replica.
    Disconnected,
    /// Records that it had received and not replayed are not part of its new primary's history: they are dropped.
    Discarded(Vec<Record>),
    /// Everything received is replayed: [`Replica::into_primary`] can follow.
    ReadyToPromote {
        /// Where the new timeline will start.
        at: Lsn,
    },
}

/// A replica. See the module [`replication`](crate::replication) for the rules and the [crate] for how it is driven.
#[derive(Clone, Debug)]
pub struct Replica {
    id: NodeId,
    config: ReplicaConfig,
    upstream: Option<NodeId>,
    link: Link,
    stream: StreamId,
    last_heard: SimTime,
    /// Whether the primary was asked for a sign of life since it was last heard.
    pinged: bool,
    next_report: SimTime,
    wal: Wal,
    flushed: Lsn,
    replayed: Lsn,
    /// Where the flush that is under way will end.
    flushing: Option<Lsn>,
    /// Where the replay that is under way will end.
    replaying: Option<Lsn>,
    paused: bool,
    /// The timeline that it will start, while it is being promoted.
    promoting: Option<TimelineId>,
    /// Reads are possible from here on.
    consistent_at: Lsn,
    checkpoint_at: Lsn,
    outputs: VecDeque<ReplicaOutput>,
}

impl Replica {
    /// A replica of a new, empty database.
    pub fn new(id: NodeId, config: ReplicaConfig) -> Self {
        Self::on(id, config, Wal::new())
    }

    /// A replica made from a base backup of `source`: it has all that is flushed there, and none of its old log.
    pub fn from_backup(id: NodeId, config: ReplicaConfig, source: &Primary) -> Self {
        Self::on(id, config, Wal::starting_at(source.flushed(), source.wal().history().clone()))
    }

    /// A replica with everything in `wal` flushed and replayed, with no upstream yet.
    pub(super) fn on(id: NodeId, config: ReplicaConfig, wal: Wal) -> Self {
        assert!(config.wal.checkpoint_every >= 1, "checkpoints are at least a byte apart");
        let end = wal.end();
        Self {
            id,
            config,
            upstream: None,
            link: Link::Detached,
            stream: StreamId::default(),
            last_heard: SimTime::ZERO,
            pinged: false,
            next_report: SimTime::MAX,
            wal,
            flushed: end,
            replayed: end,
            flushing: None,
            replaying: None,
            paused: false,
            promoting: None,
            consistent_at: end,
            checkpoint_at: end,
            outputs: VecDeque::new(),
        }
    }

    /// Which node it is.
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// The settings in force.
    pub const fn config(&self) -> ReplicaConfig {
        self.config
    }

    /// Its log.
    pub const fn wal(&self) -> &Wal {
        &self.wal
    }

    /// The node that it follows.
    pub const fn upstream(&self) -> Option<NodeId> {
        self.upstream
    }

    /// How it stands with that node.
    pub const fn link(&self) -> Link {
        self.link
    }

    /// How far it has come.
    pub const fn positions(&self) -> Positions {
        Positions { write: self.wal.end(), flush: self.flushed, replay: self.replayed }
    }

    /// Whether replay is paused.
    pub const fn is_paused(&self) -> bool {
        self.paused
    }

    /// What a read here sees; `None` while it cannot be read, after a rewind that is not caught up yet.
    pub fn view(&self) -> Option<View<'_>> {
        let consistent = self.replayed >= self.consistent_at;
        consistent.then(|| View { history: self.wal.history(), position: self.replayed })
    }

    /// The next thing for the driver to do, or `None` when all is done.
    pub fn poll_output(&mut self) -> Option<ReplicaOutput> {
        self.outputs.pop_front()
    }

    /// The flush that [`ReplicaOutput::StartFlush`] asked for is done. A flush that was overtaken is ignored.
    pub fn handle_flushed(&mut self, now: SimTime, to: Lsn) {
        if self.flushing != Some(to) {
            return;
        }
        self.flushing = None;
        self.flushed = to;
        self.report(now, false);
        self.start_replay();
        self.start_flush();
    }

    /// The log up to `to` is replayed. Ignored while replay is paused, and if `to` is no record's end or was not
    /// asked for.
    pub fn handle_replayed(&mut self, now: SimTime, to: Lsn) {
        let asked = self.replaying.is_some_and(|end| to <= end) && to > self.replayed;
        if !asked || !self.wal.is_boundary(to) {
            return;
        }
        let records = self.wal.after(self.replayed).take_while(|record| record.end <= to);
        let mut wants_report = to == self.wal.end();
        for record in records {
            wants_report |= record.apply_feedback;
        }
        self.replayed = to;
        self.outputs.push_back(ReplicaOutput::Replayed { to });
        if wants_report {
            self.report(now, false);
        }
        if self.replaying == Some(to) {
            self.replaying = None;
            self.start_replay();
        }
        self.recycle();
        self.check_promotion();
    }

    /// Replay stops, as by `pg_wal_replay_pause()`; receiving goes on. A connection that breaks meanwhile stays so:
    /// in PostgreSQL it is the process that replays which has the receiver started again.
    pub fn handle_pause(&mut self) {
        // A promotion that has begun is not held up.
        if self.promoting.is_none() {
            self.paused = true;
            self.replaying = None;
        }
    }

    /// Replay goes on, and a connection that broke meanwhile is opened again when it is time.
    pub fn handle_resume(&mut self, now: SimTime) {
        self.paused = false;
        self.start_replay();
        self.handle_timeout(now);
    }

    fn start_flush(&mut self) {
        let end = self.wal.end();
        if self.flushing.is_none() && self.flushed < end {
            self.flushing = Some(end);
            self.outputs.push_back(ReplicaOutput::StartFlush { to: end });
        }
    }

    fn start_replay(&mut self) {
        if !self.paused && self.replaying.is_none() && self.replayed < self.flushed {
            self.replaying = Some(self.flushed);
            self.outputs.push_back(ReplicaOutput::StartReplay { to: self.flushed });
        }
    }

    /// Forgets the log that neither it nor a rewind is likely to need: PostgreSQL's restart point.
    fn recycle(&mut self) {
        let WalConfig { wal_keep_size, checkpoint_every, .. } = self.config.wal;
        if self.replayed.bytes_since(self.checkpoint_at) >= checkpoint_every {
            self.checkpoint_at = self.replayed;
            self.wal.recycle_before(self.replayed.back(wal_keep_size));
        }
    }

    /// Cuts the log at `position`; whatever lies beyond is gone, in whatever state it was.
    fn cut(&mut self, position: Lsn) {
        self.wal.truncate_after(position);
        let end = self.wal.end();
        self.flushed = self.flushed.min(end);
        self.replayed = self.replayed.min(end);
        self.checkpoint_at = self.checkpoint_at.min(end);
        self.flushing = None;
        self.replaying = None;
    }

    fn history(&self) -> &History {
        self.wal.history()
    }
}
