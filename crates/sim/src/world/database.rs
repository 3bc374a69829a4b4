//! A database server: workers that run reads and writes, over the core's replicated log.
//!
//! It drives a [`Node`] of [`understudy_core::replication`], primary or replica: carries its log to the others over
//! links, lets flushes and replays take their time, and does what the failover manager asks of it.

mod modes;

use alloc::format;
use alloc::vec::Vec;

use understudy_core::failover::{Instruction, Report, Role};
use understudy_core::replication::{
    Freshness, History, Node, NodeId as Member, Primary, PrimaryOutput, Record, Replica, ReplicaOutput,
    Standing, Wal,
};
use understudy_core::{LogPosition, Lsn, SimDuration, SimTime, TimelineId};

use super::ground::{Alarm, Ground};
use super::workers::Workers;
use crate::calls::CallId;
use crate::event::{Body, Wake};
use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::log::Fact;
use crate::metrics::WorkTotals;
use crate::outcome::{Outcome, RequestKind};
use crate::plan::DatabasePlan;
use crate::post::{Letter, LogSample};
use crate::rng::Rng;
use crate::view::{DatabaseRole, LogRecord, NodeDetail, RECORDS_SHOWN, RecordState};

/// Bytes that one write takes in the log.
const WRITE_BYTES: u32 = 100;

const fn member(node: NodeId) -> Member {
    Member(node.0)
}

const fn node_of(member: Member) -> NodeId {
    NodeId(member.0)
}

#[derive(Clone, Debug)]
pub(super) struct Database {
    id: NodeId,
    settings: DatabasePlan,
    service: Rng,
    disk: Rng,
    workers: Workers,
    node: Node,
    alarm: Alarm,
    /// Until when it may take writes, if it was ever given a lease.
    lease_until: Option<SimTime>,
    lease_alarm: Alarm,
    stale_reads: u64,
}

impl Database {
    pub(super) fn new(id: NodeId, settings: &DatabasePlan, name: &str, seed: u64) -> Self {
        let node = if settings.is_primary {
            Node::Primary(Primary::new(member(id), settings.primary.clone()))
        } else {
            Node::Replica(Replica::new(member(id), settings.replica))
        };
        Self {
            id,
            service: Rng::for_purpose(seed, &format!("service/{name}")),
            disk: Rng::for_purpose(seed, &format!("disk/{name}")),
            workers: Workers::new(id, settings.workers, settings.queue_limit),
            node,
            alarm: Alarm::default(),
            lease_until: None,
            lease_alarm: Alarm::default(),
            stale_reads: 0,
            settings: settings.clone(),
        }
    }

    /// A replica connects to the first primary.
    pub(super) fn start(&mut self, ground: &mut Ground) {
        if let (Node::Replica(replica), Some(primary)) = (&mut self.node, self.settings.first_primary) {
            replica.handle_upstream(ground.now, Some(member(primary)));
        }
        self.drain(ground);
    }

    /// The process ended: what it had not flushed is gone.
    pub(super) fn die(&mut self, ground: &mut Ground) {
        self.workers.clear(ground.now);
        self.alarm = Alarm::default();
        self.lease_alarm = Alarm::default();
        self.lease_until = None;
        if let Node::Primary(primary) = &mut self.node {
            let timeline = primary.wal().history().current();
            let lost = primary.handle_crash(ground.now);
            let end = LogPosition { timeline, lsn: primary.flushed() };
            if !lost.is_empty() {
                ground.totals.lost_writes += ground.writes.lose_after(end);
            }
            while let Some(output) = primary.poll_output() {
                if let PrimaryOutput::Abandoned { write, .. } = output {
                    ground.writes.abandoned(write);
                }
            }
        }
        for &link in &self.settings.peers {
            ground.send_from(self.id, link, Body::HangUp);
        }
    }

    /// The process starts again. Where a failover manager watches, it waits to be told what to be; otherwise it is
    /// what it was.
    pub(super) fn restart(&mut self, ground: &mut Ground) {
        let now = ground.now;
        match &mut self.node {
            Node::Primary(primary) => {
                primary.handle_restart();
                if self.settings.is_managed {
                    primary.handle_drain();
                }
            }
            Node::Replica(replica) => {
                replica.handle_restart(now);
                if self.settings.is_managed {
                    replica.handle_upstream(now, None);
                }
            }
        }
        self.drain(ground);
    }

    pub(super) fn take_call(&mut self, ground: &mut Ground, call: CallId) {
        if self.workers.admit(ground, call) {
            self.serve(ground, call);
        }
    }

    fn serve(&mut self, ground: &mut Ground, call: CallId) {
        let kind = ground.calls.get(call).map_or(RequestKind::Read, |held| held.kind);
        let service_time = match kind {
            RequestKind::Write => self.settings.write_time.draw(&mut self.service),
            RequestKind::Read | RequestKind::Static => self.settings.read_time.draw(&mut self.service),
        };
        self.workers.serve(ground, call, service_time);
    }

    pub(super) fn service_done(&mut self, ground: &mut Ground, call: CallId) {
        match ground.calls.get(call).map(|held| held.kind) {
            Some(RequestKind::Write) => self.write(ground, call),
            Some(RequestKind::Read | RequestKind::Static) => self.read(ground, call),
            None => self.release(ground),
        }
    }

    fn read(&mut self, ground: &mut Ground, call: CallId) {
        let Some(request) = ground.calls.request(call) else { return };
        let outcome = match self.node.view() {
            None => Outcome::Rejected,
            // The session asks for its own write, and this replica has not replayed it.
            Some(view) if request.position.is_some_and(|position| !view.sees(position)) => Outcome::Rejected,
            // Whoever steals data is not told how old it is.
            Some(_) if request.number.is_attack() => Outcome::Answered,
            Some(view) => {
                ground.totals.reads += 1;
                if let Freshness::Stale(_) = ground.writes.freshness(request.sent_at, request.key, view) {
                    ground.totals.stale_reads += 1;
                    self.stale_reads += 1;
                }
                Outcome::Answered
            }
        };
        self.finish(ground, call, outcome);
    }

    fn write(&mut self, ground: &mut Ground, call: CallId) {
        let Some(request) = ground.calls.request(call) else { return };
        let Node::Primary(primary) = &mut self.node else {
            self.reject(ground, call);
            return;
        };
        let write = ground.writes.begin(request.key);
        match primary.handle_write(ground.now, write, WRITE_BYTES, self.settings.commit) {
            Ok(lsn) => {
                let position = LogPosition { timeline: primary.wal().history().current(), lsn };
                ground.writes.taken(write, position, call);
                self.drain(ground);
            }
            Err(_) => self.reject(ground, call),
        }
    }

    fn reject(&mut self, ground: &mut Ground, call: CallId) {
        ground.fail(self.id, None, call, Outcome::Rejected);
        ground.note(Fact::Rejected { node: self.id, count: 1 });
        self.finish(ground, call, Outcome::Rejected);
    }

    fn finish(&mut self, ground: &mut Ground, call: CallId, outcome: Outcome) {
        if outcome == Outcome::Answered {
            self.workers.count_answer(ground.now);
        }
        ground.answer(call, outcome);
        self.release(ground);
    }

    fn release(&mut self, ground: &mut Ground) {
        if let Some(next) = self.workers.release(ground) {
            self.serve(ground, next);
        }
    }

    pub(super) fn flushed(&mut self, ground: &mut Ground, timeline: TimelineId, to: Lsn) {
        if self.timeline_at(to) == timeline {
            match &mut self.node {
                Node::Primary(primary) => primary.handle_flushed(ground.now, to),
                Node::Replica(replica) => replica.handle_flushed(ground.now, to),
            }
            self.drain(ground);
        }
    }

    pub(super) fn replayed(&mut self, ground: &mut Ground, timeline: TimelineId, to: Lsn) {
        let is_there_still = self.timeline_at(to) == timeline;
        if let Node::Replica(replica) = &mut self.node
            && is_there_still
        {
            replica.handle_replayed(ground.now, to);
            self.drain(ground);
        }
    }

    /// The timeline of what ends there. Work on a log is known again by it: where the log was cut and went on
    /// otherwise it is another one, and it is the same when the log goes on onto a new timeline after it.
    fn timeline_at(&self, lsn: Lsn) -> TimelineId {
        self.node.wal().history().position(lsn).timeline
    }

    pub(super) fn replication_due(&mut self, ground: &mut Ground) {
        self.alarm.rang(ground.now);
        match &mut self.node {
            Node::Primary(primary) => primary.handle_timeout(ground.now),
            Node::Replica(replica) => replica.handle_timeout(ground.now),
        }
        self.drain(ground);
    }

    pub(super) fn take_letter(&mut self, ground: &mut Ground, link: LinkId, letter: Letter) {
        let from = self.peer_at(ground, link);
        match (&mut self.node, letter) {
            (Node::Primary(primary), Letter::ToPrimary(message)) => {
                primary.handle_message(ground.now, from, message);
            }
            (Node::Replica(replica), Letter::ToReplica(message)) => {
                replica.handle_message(ground.now, from, message);
            }
            // It changed its role while the letter was on its way: nobody is there for it any more.
            (_, Letter::ToPrimary(_)) => ground.send_from(self.id, link, Body::HangUp),
            _ => {}
        }
        self.drain(ground);
    }

    pub(super) fn take_hang_up(&mut self, ground: &mut Ground, link: LinkId) {
        let from = self.peer_at(ground, link);
        match &mut self.node {
            Node::Primary(primary) => primary.handle_connection_lost(from),
            Node::Replica(replica) if replica.upstream() == Some(from) => {
                replica.handle_connection_lost(ground.now);
            }
            Node::Replica(_) => {}
        }
        self.drain(ground);
    }

    fn peer_at(&self, ground: &Ground, link: LinkId) -> Member {
        let link = ground.plan.link(link);
        member(if link.from == self.id { link.to } else { link.from })
    }

    fn link_to(&self, ground: &Ground, peer: Member) -> Option<LinkId> {
        self.settings.peers.iter().copied().find(|&link| self.peer_at(ground, link) == peer)
    }

    /// Carries out what the replicated log wants done.
    fn drain(&mut self, ground: &mut Ground) {
        loop {
            let more = match &mut self.node {
                Node::Primary(primary) => {
                    primary.poll_output().map(|output| self.carry_out_primary(ground, output)).is_some()
                }
                Node::Replica(replica) => {
                    replica.poll_output().map(|output| self.carry_out_replica(ground, output)).is_some()
                }
            };
            if !more {
                break;
            }
        }
        let wanted = match &self.node {
            Node::Primary(primary) => primary.poll_timeout(),
            Node::Replica(replica) => replica.poll_timeout(),
        };
        self.alarm.set(ground, self.id, Wake::Replication, wanted);
    }

    fn carry_out_primary(&mut self, ground: &mut Ground, output: PrimaryOutput) {
        match output {
            PrimaryOutput::StartFlush { to } => self.start_flush(ground, to),
            PrimaryOutput::Send { to, message } => {
                if let Some(link) = self.link_to(ground, to) {
                    ground.post_from(self.id, link, Letter::ToReplica(message), Body::Replication);
                }
            }
            PrimaryOutput::Acknowledge(acknowledged) => {
                if let Some((call, position)) = ground.writes.acknowledged(ground.now, acknowledged.write) {
                    ground.totals.acknowledged_writes += 1;
                    ground.works(self.id);
                    ground.calls.set_position(call, Some(position));
                    self.finish(ground, call, Outcome::Answered);
                }
            }
            PrimaryOutput::Abandoned { write, .. } => {
                if let Some(call) = ground.writes.abandoned(write) {
                    ground.fail(self.id, None, call, Outcome::Lost);
                    self.finish(ground, call, Outcome::Lost);
                }
            }
            PrimaryOutput::Disconnected { replica, .. } => {
                if let Some(link) = self.link_to(ground, replica) {
                    ground.send_from(self.id, link, Body::HangUp);
                }
            }
            PrimaryOutput::SlotLost { .. } => {}
        }
    }

    fn carry_out_replica(&mut self, ground: &mut Ground, output: ReplicaOutput) {
        match output {
            ReplicaOutput::Send { to, message } => match self.link_to(ground, to) {
                Some(link) => ground.post_from(self.id, link, Letter::ToPrimary(message), Body::Replication),
                None => {
                    if let Node::Replica(replica) = &mut self.node {
                        replica.handle_connection_lost(ground.now);
                    }
                }
            },
            ReplicaOutput::StartFlush { to } => self.start_flush(ground, to),
            ReplicaOutput::StartReplay { to } => {
                let from = self.node.as_replica().map_or(Lsn::ZERO, |replica| replica.positions().replay);
                let writes = to.bytes_since(from).div_ceil(u64::from(WRITE_BYTES)).max(1);
                let timeline = self.timeline_at(to);
                let one = self.settings.replay_time.draw(&mut self.disk);
                let took = one * writes * u64::from(ground.slowness(self.id));
                ground.wake(took, self.id, Wake::Replayed(timeline, to));
            }
            ReplicaOutput::ReadyToPromote { .. } => self.become_primary(ground),
            // The connection is closed by not being used any more: the primary gives it up when it next connects.
            ReplicaOutput::Replayed { .. } | ReplicaOutput::Disconnected | ReplicaOutput::Discarded(_) => {}
        }
    }

    fn start_flush(&mut self, ground: &mut Ground, to: Lsn) {
        let timeline = self.timeline_at(to);
        let took = self.settings.flush_time.draw(&mut self.disk) * u64::from(ground.slowness(self.id));
        ground.wake(took, self.id, Wake::Flushed(timeline, to));
    }

    fn become_primary(&mut self, ground: &mut Ground) {
        if self.node.promote(ground.now, self.settings.primary.clone()) {
            let history = self.node.wal().history();
            let timeline = history.current();
            let lost = ground.writes.settle(history);
            ground.totals.lost_writes += lost;
            ground.note(Fact::Promoted { node: self.id, timeline, lost });
        }
    }

    /// What the failover manager asks. Answers with a report.
    pub(super) fn obey(
        &mut self,
        ground: &mut Ground,
        instruction: Instruction,
        lease_until: Option<SimTime>,
        leases: bool,
    ) {
        let now = ground.now;
        if !leases {
            self.lease_until = None;
        } else if let Some(until) = lease_until {
            self.lease_until = Some(until);
            self.lease_alarm.set(ground, self.id, Wake::Lease, Some(until));
        }
        match (instruction, &mut self.node) {
            (Instruction::StopReceiving, Node::Replica(replica)) => replica.handle_upstream(now, None),
            (Instruction::Demote, Node::Primary(primary)) => primary.handle_drain(),
            (Instruction::Promote { timeline }, _) => self.promote(ground, timeline),
            (Instruction::Resume { timeline }, Node::Primary(primary)) => {
                if primary.wal().history().current() == timeline && primary.standing() != Standing::Accepting
                {
                    primary.handle_restart();
                }
            }
            (Instruction::Follow { primary }, _) => {
                let upstream = member(ground.plan.databases()[primary.get()]);
                let outputs = self.node.demote(now, self.settings.replica);
                for output in outputs {
                    self.carry_out_primary(ground, output);
                }
                if let Node::Replica(replica) = &mut self.node
                    && replica.upstream() != Some(upstream)
                {
                    replica.handle_upstream(now, Some(upstream));
                }
            }
            // Rewinding reads the other database's files: the world does it.
            (
                Instruction::Report
                | Instruction::Rewind { .. }
                | Instruction::StopReceiving
                | Instruction::Demote
                | Instruction::Resume { .. },
                _,
            ) => {}
        }
        self.drain(ground);
    }

    /// Starts a new timeline, unless it has seen that one. One that was primary, and has stopped, does so as a replica.
    fn promote(&mut self, ground: &mut Ground, timeline: TimelineId) {
        if self.node.wal().history().current() >= timeline {
            return;
        }
        for output in self.node.demote(ground.now, self.settings.replica) {
            self.carry_out_primary(ground, output);
        }
        if let Node::Replica(replica) = &mut self.node {
            // A log that is not whole yet cannot be promoted; the report says that it was not.
            let _ = replica.handle_promote(timeline);
        }
    }

    /// Throws away what `source` does not have, as `pg_rewind` does with access to both.
    pub(super) fn rewind(&mut self, ground: &mut Ground, source: &Primary) {
        let outputs = self.node.demote(ground.now, self.settings.replica);
        for output in outputs {
            self.carry_out_primary(ground, output);
        }
        if let Node::Replica(replica) = &mut self.node {
            let thrown = if let Ok(rewound) = replica.rewind(ground.now, source) {
                rewound.discarded.len() as u64
            } else {
                replica.rebuild(ground.now, source);
                0
            };
            let lost = ground.writes.settle(source.wal().history());
            ground.totals.lost_writes += lost;
            ground.note(Fact::Rewound { node: self.id, thrown, lost });
        }
        self.drain(ground);
    }

    /// The requests that wait for a worker.
    pub(super) fn waiting(&self, ground: &Ground, most: usize) -> Vec<RequestNumber> {
        self.workers.waiting(ground, most)
    }

    /// The primary that it is, for another one to be rewound to.
    pub(super) const fn as_primary(&self) -> Option<&Primary> {
        self.node.as_primary()
    }

    /// How far its log has come, for a monitor.
    pub(super) fn log_sample(&self) -> LogSample {
        let end = self.node.wal().end();
        match &self.node {
            Node::Primary(primary) => {
                LogSample { takes_writes: primary.standing() == Standing::Accepting, end, replayed: end }
            }
            Node::Replica(replica) => {
                LogSample { takes_writes: false, end, replayed: replica.positions().replay }
            }
        }
    }

    pub(super) const fn wal(&self) -> &Wal {
        self.node.wal()
    }

    pub(super) fn report(&self, call: understudy_core::failover::CallId, ground: &Ground) -> Report {
        let role = match &self.node {
            Node::Primary(primary) if primary.standing() == Standing::Accepting => Role::Primary,
            Node::Primary(_) => Role::Demoted,
            Node::Replica(replica) => Role::Replica {
                following: replica
                    .upstream()
                    .and_then(|upstream| ground.plan.database_index(node_of(upstream))),
            },
        };
        let lsn = match &self.node {
            Node::Primary(primary) if primary.standing() == Standing::Accepting => primary.flushed(),
            // One that has stopped flushes and sends all that it has, as PostgreSQL does when it is shut down.
            Node::Primary(primary) => primary.wal().end(),
            // Having stopped, it has flushed what it received, as PostgreSQL's receiver does on its way out: a promotion
            // goes on from there.
            Node::Replica(replica) if replica.upstream().is_none() => replica.wal().end(),
            Node::Replica(replica) => replica.positions().flush,
        };
        let history = self.node.wal().history();
        let whole_at = self.node.as_replica().and_then(Replica::whole_at);
        Report {
            call,
            role,
            position: history.position(lsn),
            whole_at: whole_at.map(|end| history.position(end)),
        }
    }

    /// The lease may have run out: a primary without one takes no writes.
    pub(super) fn lease_due(&mut self, ground: &mut Ground) {
        self.lease_alarm.rang(ground.now);
        let Some(until) = self.lease_until else { return };
        if until > ground.now {
            self.lease_alarm.set(ground, self.id, Wake::Lease, Some(until));
            return;
        }
        if let Node::Primary(primary) = &mut self.node
            && primary.standing() == Standing::Accepting
        {
            primary.handle_fence(ground.now);
            ground.note(Fact::LeaseRanOut { node: self.id });
        }
        self.drain(ground);
    }

    /// Its workers' totals at `now`.
    pub(super) fn work(&self, now: SimTime) -> WorkTotals {
        self.workers.totals(now)
    }

    /// Up to where it is safe from a crash, and up to where reads see it.
    pub(super) fn reached(&self) -> (Lsn, Lsn) {
        match &self.node {
            Node::Primary(primary) => (primary.flushed(), primary.wal().end()),
            Node::Replica(replica) => (replica.positions().flush, replica.positions().replay),
        }
    }

    /// Its log, if it takes writes.
    pub(super) fn accepted_log(&self) -> Option<&Wal> {
        let primary = self.node.as_primary()?;
        (primary.standing() == Standing::Accepting).then(|| primary.wal())
    }

    /// The timelines that its log follows.
    pub(super) fn history(&self) -> &History {
        self.node.wal().history()
    }

    /// The primary that it is, if it takes writes.
    pub(super) fn as_leader(&self) -> Option<&Primary> {
        self.node.as_primary().filter(|primary| primary.standing() == Standing::Accepting)
    }

    /// The newest records of its log. Solid is what was done as its client asked, on the primary, and what reads see,
    /// on a replica.
    fn records(&self, ground: &Ground, replayed: Lsn) -> Vec<LogRecord> {
        let state = |record: &Record| {
            let position = LogPosition { timeline: record.timeline, lsn: record.end };
            if record.write().is_some_and(|write| ground.writes.is_pending(write.id)) || record.end > replayed
            {
                RecordState::OnItsWay
            } else if ground.writes.goes_on_with(position) {
                RecordState::Done
            } else {
                RecordState::Lost
            }
        };
        let newest = self.node.wal().newest(RECORDS_SHOWN);
        newest.map(|record| LogRecord { lsn: record.end, state: state(record) }).collect()
    }

    /// How long ago the leader wrote the oldest record that reads here do not see, and at least what it measured last.
    fn behind(&self, now: SimTime, leader: Option<&Primary>, replayed: Lsn) -> Option<SimDuration> {
        let leader = leader.filter(|leader| leader.id() != member(self.id))?;
        let missed = leader.wal().after(replayed).next().map(|record| now.since(record.inserted_at));
        let own = leader.replicas().find(|(replica, _)| *replica == member(self.id));
        let measured = own.and_then(|(_, status)| status.lag.replay);
        Some(missed.max(measured).unwrap_or(SimDuration::ZERO))
    }

    pub(super) fn view(&self, ground: &Ground, now: SimTime, leader: Option<&Primary>) -> (u32, NodeDetail) {
        let workers = self.workers.view(now);
        let wal = self.node.wal();
        let role = match &self.node {
            Node::Primary(primary) if primary.standing() == Standing::Accepting => DatabaseRole::Primary,
            Node::Primary(_) => DatabaseRole::Demoted,
            Node::Replica(replica) => DatabaseRole::Replica { follows: replica.upstream().map(node_of) },
        };
        let (flushed, replayed) = self.reached();
        let detail = NodeDetail::Database {
            busy: workers.busy,
            queued: workers.queued,
            load_permille: workers.load_permille,
            served: workers.served,
            role,
            timeline: wal.history().current(),
            end: wal.end(),
            flushed,
            replayed,
            stale_reads: self.stale_reads,
            behind: self.behind(now, leader, replayed),
            records: self.records(ground, replayed),
            sync_replicas: self.sync_replicas(),
        };
        (workers.rate_per_s, detail)
    }
}
