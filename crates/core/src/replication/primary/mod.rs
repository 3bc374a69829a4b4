//! The primary: takes writes, tells clients when they are safe, and streams the log to replicas.
//!
//! A write is inserted into the log, flushed to disk (the driver says when that is done; one flush at a time, the
//! next covers all that came meanwhile), sent to every connected replica, and acknowledged when its
//! [`CommitLevel`] and the [`SyncRule`] allow. Reads on the primary see a write from its acknowledgement on.
//!
//! A primary that is [fenced](Primary::handle_fence) takes no more writes. Its clients that still wait are never
//! told: their commits are in its log, and whether they survive depends on who is promoted.
//!
//! Follows PostgreSQL: `synchronous_commit`, `synchronous_standby_names`, `wal_sender_timeout`, physical slots.
//! Simplified: a transaction is one record; at level `off` the flush starts at once instead of within
//! `wal_writer_delay` (the driver can let it take that long).

mod sender;
mod streaming;
mod waiting;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::fmt;

use self::sender::Sender;
pub use self::sender::{ReplicaStatus, StreamState, SyncState};
use self::waiting::{Waiter, Waiting};
use super::commit::{Acknowledged, CommitLevel, CommitWait, Grounds, SyncRule, having};
use super::history::History;
use super::lag::Flushes;
use super::message::{Positions, ToReplica};
use super::routing::View;
use super::slots::{Slots, WalConfig};
use super::wal::{Record, Recycled, Wal};
use super::{NodeId, Write, WriteId};
use crate::{Lsn, SimDuration, SimTime, TimelineId};

/// Settings of a primary.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct PrimaryConfig {
    /// On which replicas commits wait.
    pub rule: SyncRule,
    /// How much of the log is kept.
    pub wal: WalConfig,
    /// A replica that says nothing for so long is disconnected; zero for never: `wal_sender_timeout`.
    pub sender_timeout: SimDuration,
    /// Bytes that are sent to a replica before it reports that it has written them: what fits into the buffers of
    /// its connection.
    pub max_in_flight: u64,
}

impl Default for PrimaryConfig {
    /// PostgreSQL's defaults: asynchronous, 60 s; and 4 MiB in flight, Linux's limit for a socket's send buffer.
    fn default() -> Self {
        Self {
            rule: SyncRule::default(),
            wal: WalConfig::default(),
            sender_timeout: SimDuration::from_secs(60),
            max_in_flight: 4 << 20,
        }
    }
}

/// Whether a primary takes writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It does.
    Accepting,
    /// It was asked to stop, takes no more and still streams what it has: PostgreSQL's fast shutdown.
    Draining,
    /// It was fenced: neither takes writes nor streams.
    Fenced {
        /// Since when.
        since: SimTime,
    },
    /// It crashed and does not run.
    Crashed {
        /// Since when.
        since: SimTime,
    },
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepting => f.write_str("takes writes"),
            Self::Draining => f.write_str("is shutting down"),
            Self::Fenced { since } => write!(f, "is fenced since {since}"),
            Self::Crashed { since } => write!(f, "is down since {since}"),
        }
    }
}

/// Why a write was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteRefused {
    /// How the primary stands.
    pub standing: Standing,
}

impl fmt::Display for WriteRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "write refused: the primary {}", self.standing)
    }
}

impl core::error::Error for WriteRefused {}

/// Why a stream ended on the primary's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// The replica said nothing for `wal_sender_timeout`.
    Silent,
    /// What it needs next was recycled.
    Recycled(Recycled),
    /// The primary was fenced, or crashed.
    Stopped,
}

/// What the driver must do or know. Drain with [`Primary::poll_output`] after every input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrimaryOutput {
    /// Flush the log up to `to`; say so with [`Primary::handle_flushed`].
    StartFlush {
        /// Where the flush will end.
        to: Lsn,
    },
    /// Send this to a replica.
    Send {
        /// The replica.
        to: NodeId,
        /// What.
        message: ToReplica,
    },
    /// Tell the client that its commit is done.
    Acknowledge(Acknowledged),
    /// The client's connection broke before it was told anything.
    Abandoned {
        /// Its write.
        write: WriteId,
        /// Where its record ends or ended.
        lsn: Lsn,
        /// Whether the log still has it.
        kept: bool,
    },
    /// The connection to a replica is closed.
    Disconnected {
        /// The replica.
        replica: NodeId,
        /// Why.
        why: StreamEnd,
    },
    /// A slot was lost at a checkpoint.
    SlotLost {
        /// Its replica.
        replica: NodeId,
    },
}

/// Whether the client of a lost write had been told that it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Told {
    /// It had: data is lost that someone relies on.
    Acknowledged,
    /// It had not.
    Nothing,
    /// The write came from an earlier primary, which knows.
    ByAnother,
}

/// A write that is lost when this node follows another history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostWrite {
    /// The write.
    pub write: Write,
    /// Its record.
    pub record: Record,
    /// What its client knows.
    pub told: Told,
}

/// A primary. See the module [`replication`](crate::replication) for the rules and the [crate] for how it is driven.
#[derive(Clone, Debug)]
pub struct Primary {
    id: NodeId,
    config: PrimaryConfig,
    standing: Standing,
    wal: Wal,
    /// Where its own writing began: what lies before came from an earlier primary.
    began_at: Lsn,
    flushed: Lsn,
    /// Where the flush that is under way will end.
    flushing: Option<Lsn>,
    checkpoint_at: Lsn,
    flushes: Flushes,
    waiting: Waiting,
    /// Ends of the commits in the log whose clients were never told.
    abandoned: BTreeSet<Lsn>,
    senders: BTreeMap<NodeId, Sender>,
    slots: Slots,
    outputs: VecDeque<PrimaryOutput>,
}

impl Primary {
    /// The primary of a new, empty database.
    pub fn new(id: NodeId, config: PrimaryConfig) -> Self {
        Self::on(id, config, Wal::new())
    }

    /// A primary that starts with everything in `wal` flushed.
    pub(super) fn on(id: NodeId, config: PrimaryConfig, wal: Wal) -> Self {
        assert!(config.wal.checkpoint_every >= 1, "checkpoints are at least a byte apart");
        let end = wal.end();
        Self {
            id,
            config,
            standing: Standing::Accepting,
            wal,
            began_at: end,
            flushed: end,
            flushing: None,
            checkpoint_at: end,
            flushes: Flushes::default(),
            waiting: Waiting::default(),
            abandoned: BTreeSet::new(),
            senders: BTreeMap::new(),
            slots: Slots::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Starts its timeline: the first thing that a promoted replica does.
    pub(super) fn promoted(
        id: NodeId,
        config: PrimaryConfig,
        wal: Wal,
        timeline: TimelineId,
        now: SimTime,
    ) -> Self {
        let mut primary = Self::on(id, config, wal);
        primary.wal.promote(now, timeline, id);
        primary.start_flush();
        primary
    }

    /// Which node it is.
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// The settings in force.
    pub const fn config(&self) -> &PrimaryConfig {
        &self.config
    }

    /// Its log.
    pub const fn wal(&self) -> &Wal {
        &self.wal
    }

    /// Whether it takes writes.
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Up to where its log is flushed.
    pub const fn flushed(&self) -> Lsn {
        self.flushed
    }

    /// What a read here sees; `None` if it does not run. Commits that wait are in the log and not yet visible, but
    /// everything that was acknowledged here is visible.
    pub fn view(&self) -> Option<View<'_>> {
        let runs = matches!(self.standing, Standing::Accepting | Standing::Draining);
        runs.then(|| View { history: self.wal.history(), position: self.wal.end() })
    }

    /// The next thing for the driver to do, or `None` when all is done.
    pub fn poll_output(&mut self) -> Option<PrimaryOutput> {
        self.outputs.pop_front()
    }

    /// A client commits `write`, of `bytes` in the log (at least 1), and wants to be told at `level`. Answers where
    /// its record ends.
    pub fn handle_write(
        &mut self,
        now: SimTime,
        write: Write,
        bytes: u32,
        level: CommitLevel,
    ) -> Result<Lsn, WriteRefused> {
        if self.standing != Standing::Accepting {
            return Err(WriteRefused { standing: self.standing });
        }
        let lsn = self.wal.insert(now, write, bytes, level == CommitLevel::RemoteApply);
        if level == CommitLevel::Off {
            self.acknowledge(write.id, lsn, Grounds::Unflushed);
        } else {
            self.waiting.unflushed.push_back(Waiter { lsn, write: write.id, level, since: now });
        }
        self.start_flush();
        Ok(lsn)
    }

    /// The flush that [`PrimaryOutput::StartFlush`] asked for is done. A flush that a crash overtook is ignored.
    pub fn handle_flushed(&mut self, now: SimTime, to: Lsn) {
        if self.flushing != Some(to) {
            return;
        }
        self.flushing = None;
        self.flushed = to;
        self.flushes.push(to, now);
        self.stream_to_all();
        while let Some(waiter) = self.waiting.next_flushed(to) {
            let asks_replicas = self.config.rule != SyncRule::Asynchronous && waiter.level.remote().is_some();
            if !asks_replicas {
                self.acknowledge(waiter.write, waiter.lsn, Grounds::Local);
            } else if !self.waiting.wait_for_replicas(now, waiter) {
                self.acknowledge_replicated(waiter);
            }
        }
        if self.flushed.bytes_since(self.checkpoint_at) >= self.config.wal.checkpoint_every {
            self.handle_checkpoint();
        }
        self.start_flush();
    }

    /// The client of `write` gives up its wait for replicas: it is told, with a warning. Answers whether there was
    /// such a wait; one for the primary's own flush cannot be given up.
    pub fn handle_cancel(&mut self, write: WriteId) -> bool {
        let cancelled = self.waiting.cancel(write);
        if let Some(waiter) = cancelled {
            self.acknowledge(waiter.write, waiter.lsn, Grounds::Cancelled);
        }
        cancelled.is_some()
    }

    /// The rule is set anew. Commits that wait are judged by the new one; without replicas in it none waits.
    pub fn handle_rule(&mut self, rule: SyncRule) {
        self.config.rule = rule;
        if self.config.rule != SyncRule::Asynchronous {
            self.release(|_| true);
            return;
        }
        for level in CommitLevel::REMOTE {
            while let Some(waiter) = self.waiting.pop(level) {
                self.acknowledge(waiter.write, waiter.lsn, Grounds::Local);
            }
        }
    }

    /// Takes no more writes from here on, but goes on streaming, so that a replica can be promoted with nothing
    /// lost. See [`is_drained`](Self::is_drained).
    pub fn handle_drain(&mut self) {
        if self.standing == Standing::Accepting {
            self.standing = Standing::Draining;
        }
    }

    /// Whether it takes no writes any more and every connected replica has flushed all there is.
    pub fn is_drained(&self) -> bool {
        let end = self.wal.end();
        self.standing == Standing::Draining
            && self.flushed == end
            && self.senders.values().all(|sender| sender.positions.flush == end)
    }

    /// Fences it: no write is taken and no record leaves it from here on. Clients that wait are never told.
    pub fn handle_fence(&mut self, now: SimTime) {
        if matches!(self.standing, Standing::Fenced { .. }) {
            return;
        }
        self.standing = Standing::Fenced { since: now };
        self.flushed = self.wal.end();
        self.stop();
    }

    /// It crashes. Answers the records that are lost with it, for they were not flushed.
    pub fn handle_crash(&mut self, now: SimTime) -> Vec<Record> {
        self.standing = Standing::Crashed { since: now };
        let lost = self.wal.after(self.flushed).copied().collect();
        self.wal.truncate_after(self.flushed);
        self.stop();
        lost
    }

    /// It starts again after a crash or a fence and takes writes. Nothing here asks whether another was promoted
    /// meanwhile: that is the failover manager's part.
    pub fn handle_restart(&mut self) {
        self.standing = Standing::Accepting;
        self.start_flush();
    }

    /// Why the commit of `write` is not acknowledged; `None` if it is, or is unknown.
    pub fn why_waiting(&self, write: WriteId) -> Option<CommitWait> {
        if let Some(waiter) = self.waiting.unflushed.iter().find(|waiter| waiter.write == write) {
            return Some(CommitWait::LocalFlush { lsn: waiter.lsn });
        }
        let waiter = self.waiting.for_replicas().find(|waiter| waiter.write == write)?;
        let commit = (waiter.lsn, waiter.since, waiter.level);
        Some(CommitWait::for_replicas(commit, &self.config.rule, |node| self.counting(node)))
    }

    /// The commits that wait for replicas, with their writes: the lowest level first, each oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = (WriteId, Lsn)> {
        self.waiting.for_replicas().map(|waiter| (waiter.write, waiter.lsn))
    }

    /// The writes that are lost when this node follows `history` instead of its own, oldest first, and what the
    /// client of each knows. Fails if the log no longer reaches back to where the two part.
    pub fn lost_by(&self, history: &History) -> Result<Vec<LostWrite>, Recycled> {
        let pending: BTreeSet<Lsn> = self
            .waiting
            .for_replicas()
            .chain(&self.waiting.unflushed)
            .map(|waiter| waiter.lsn)
            .chain(self.abandoned.iter().copied())
            .collect();
        let told = |record: &Record| {
            if record.end <= self.began_at {
                Told::ByAnother
            } else if pending.contains(&record.end) {
                Told::Nothing
            } else {
                Told::Acknowledged
            }
        };
        let lost = |record: &Record| {
            record.write().map(|write| LostWrite { write, record: *record, told: told(record) })
        };
        Ok(self.wal.diverged(history)?.records.iter().filter_map(lost).collect())
    }

    /// Its log, to go on as a replica with. It no longer takes writes.
    pub(super) fn into_wal(self) -> Wal {
        self.wal
    }

    /// Everything that is going on ends.
    fn stop(&mut self) {
        self.flushing = None;
        for waiter in self.waiting.drain() {
            let kept = waiter.lsn <= self.wal.end();
            if kept {
                self.abandoned.insert(waiter.lsn);
            }
            self.outputs.push_back(PrimaryOutput::Abandoned { write: waiter.write, lsn: waiter.lsn, kept });
        }
        for replica in core::mem::take(&mut self.senders).into_keys() {
            self.outputs.push_back(PrimaryOutput::Disconnected { replica, why: StreamEnd::Stopped });
        }
    }

    fn start_flush(&mut self) {
        let end = self.wal.end();
        if self.flushing.is_none() && self.flushed < end {
            self.flushing = Some(end);
            self.outputs.push_back(PrimaryOutput::StartFlush { to: end });
        }
    }

    fn acknowledge(&mut self, write: WriteId, lsn: Lsn, grounds: Grounds) {
        self.outputs.push_back(PrimaryOutput::Acknowledge(Acknowledged { write, lsn, grounds }));
    }

    fn acknowledge_replicated(&mut self, waiter: Waiter) {
        let rule = self.config.rule.clone();
        let on = having(waiter.lsn, waiter.level, rule.listed(), &|node| self.counting(node));
        self.acknowledge(waiter.write, waiter.lsn, Grounds::Replicated { level: waiter.level, rule, on });
    }

    /// Releases the commits that the replicas' positions allow, if one that is waited for is `concerned`.
    fn release(&mut self, concerned: impl Fn(NodeId) -> bool) {
        let Some(synchronous) = self.config.rule.synchronous(|node| self.counting(node)) else { return };
        if !synchronous.iter().any(|candidate| concerned(candidate.node)) {
            return;
        }
        for level in CommitLevel::REMOTE {
            self.waiting.release(level, self.config.rule.released(level, &synchronous));
            while let Some(waiter) = self.waiting.next_released(level) {
                self.acknowledge_replicated(waiter);
            }
        }
    }

    /// A replica's positions, if it counts for synchronous commits.
    fn counting(&self, node: NodeId) -> Option<Positions> {
        self.senders.get(&node).and_then(Sender::counting)
    }
}
