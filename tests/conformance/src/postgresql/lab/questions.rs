//! What is asked of both, and compared.

use std::fmt::Debug;

use understudy_core::replication::{NodeId, SlotStatus, StreamState, SyncState, Told, WriteId};

use super::{Lab, NODES, WAITS_FOR_GOOD, name};
use crate::daemon::wait_for;
use crate::postgresql::server::PATIENCE;

/// What a standby or its primary writes to its log when the standby cannot be streamed to.
const REFUSALS: [&str; 4] = [
    "is not in this server's history",
    "forked off current database system timeline",
    "has already been removed",
    "cannot read from replication slot",
];

/// A primary's timeline, from the name of the file that it writes to.
const CURRENT_TIMELINE: &str = "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int";
/// The timeline that a standby streams.
const RECEIVED_TIMELINE: &str = "select received_tli from pg_stat_wal_receiver where status = 'streaming'";

fn numbers(writes: &[WriteId]) -> Vec<u64> {
    writes.iter().map(|write| write.0).collect()
}

impl Lab {
    /// Compares which of the writes so far clients were told are done.
    pub(in crate::postgresql) fn compare_told(&mut self) -> Result<(), String> {
        self.rest(WAITS_FOR_GOOD)?;
        let real: Vec<u64> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.told == Some(true))
            .map(|(write, _)| write.0)
            .collect();
        let ours =
            self.sessions.keys().filter(|write| self.ours.is_acknowledged(**write)).map(|write| write.0);
        let ours: Vec<u64> = ours.collect();
        self.compare("clients were told of writes", &real, &ours);
        Ok(())
    }

    /// Compares which writes a read on `node` sees.
    pub(in crate::postgresql) fn compare_rows(&mut self, node: NodeId) -> Result<(), String> {
        let primaries: Vec<NodeId> = NODES
            .into_iter()
            .filter(|node| self.ours.primary(*node).is_some() && self.servers[node].runs())
            .collect();
        for primary in primaries {
            self.caught_up(primary);
        }
        let real = self.real_rows(node)?;
        let ours = numbers(&self.ours.visible(node));
        self.compare(&format!("a read on {node} sees writes"), &real, &ours);
        Ok(())
    }

    /// Compares the timeline that a node is on.
    pub(in crate::postgresql) fn compare_timeline(&mut self, node: NodeId) -> Result<(), String> {
        let primary = self.ours.primary(node).is_some();
        let question =
            if primary { format!("select {CURRENT_TIMELINE}") } else { RECEIVED_TIMELINE.to_owned() };
        let real = self.server(node).ask(&question)?;
        let wal = self.ours.nodes().find(|ours| ours.id() == node).expect("it is one of three").wal();
        let ours = wal.history().current().0.to_string();
        self.compare(&format!("timeline of {node}"), &real, &ours);
        Ok(())
    }

    /// Compares what the standbys that are connected count for.
    pub(in crate::postgresql) fn compare_sync_states(&mut self, primary: NodeId) -> Result<(), String> {
        let question = "select string_agg(application_name || ' ' || state || ' ' || sync_state, ', ' \
                        order by application_name) from pg_stat_replication";
        let ours = self.ours.primary(primary).expect("only a primary is asked").replicas();
        let ours: Vec<String> = ours
            .map(|(node, status)| {
                let state = match status.state {
                    StreamState::CatchingUp => "catchup",
                    StreamState::Streaming => "streaming",
                };
                let sync_state = match status.sync_state {
                    SyncState::Asynchronous => "async",
                    SyncState::Potential => "potential",
                    SyncState::Synchronous => "sync",
                    SyncState::Quorum => "quorum",
                };
                format!("{} {state} {sync_state}", name(node))
            })
            .collect();
        let real = self.server(primary).ask(question)?;
        self.compare("connected standbys", &real, &ours.join(", "));
        Ok(())
    }

    /// Compares which writes the old primary, back as a standby and not rewound, has and the new primary has not;
    /// ours as computed when it was fenced.
    pub(in crate::postgresql) fn compare_diverged(
        &mut self,
        old: NodeId,
        new: NodeId,
        ours: &[WriteId],
    ) -> Result<(), String> {
        let kept = self.real_rows(new)?;
        let real: Vec<u64> = self.real_rows(old)?.into_iter().filter(|row| !kept.contains(row)).collect();
        self.compare("writes lost with the old primary", &real, &numbers(ours));
        Ok(())
    }

    /// What our fenced primary loses to the new one: all of it, and what clients had been told of.
    pub(in crate::postgresql) fn ours_lost(
        &self,
        old: NodeId,
        new: NodeId,
    ) -> Result<(Vec<WriteId>, Vec<WriteId>), String> {
        let history = self.ours.primary(new).ok_or("the new primary is none")?.wal().history();
        let old = self.ours.primary(old).ok_or("the old primary is demoted already")?;
        let lost = old.lost_by(history).map_err(|recycled| recycled.to_string())?;
        let told = lost.iter().filter(|lost| lost.told == Told::Acknowledged).map(|lost| lost.write.id);
        Ok((lost.iter().map(|lost| lost.write.id).collect(), told.collect()))
    }

    /// Compares which of `lost` clients had been told of.
    pub(in crate::postgresql) fn compare_told_of_lost(&mut self, lost: &[WriteId], ours: &[WriteId]) {
        let told =
            |write: &&WriteId| self.sessions.get(write).is_some_and(|session| session.told == Some(true));
        let real: Vec<u64> = lost.iter().filter(told).map(|write| write.0).collect();
        self.compare("lost writes that clients were told of", &real, &numbers(ours));
    }

    /// Compares the state of a standby's slot, apart from how much of the log it holds back.
    pub(in crate::postgresql) fn compare_slot_lost(
        &mut self,
        primary: NodeId,
        standby: NodeId,
    ) -> Result<(), String> {
        let question = format!(
            "select wal_status = 'lost' from pg_replication_slots where slot_name = '{}'",
            name(standby)
        );
        let real = self.server(primary).ask(&question)? == "t";
        let status = self.ours.primary(primary).expect("only a primary has slots").slot_status(standby);
        let ours = status == Some(SlotStatus::Lost);
        self.compare(&format!("the slot of {standby} is lost"), &real, &ours);
        Ok(())
    }

    pub(super) fn compare_streams(
        &mut self,
        standby: NodeId,
        primary: NodeId,
        since: usize,
    ) -> Result<(), String> {
        let real = self.real_streams(standby, primary, since)?;
        let ours = self.ours.primary(primary).and_then(|ours| ours.replica(standby)).is_some();
        self.compare(&format!("{standby} streams from {primary}"), &real, &ours);
        Ok(())
    }

    fn compare<T: PartialEq + Debug>(&mut self, what: &str, real: &T, ours: &T) {
        self.tally.cases += 1;
        if real == ours {
            self.did(format!("{what}: {ours:?}"));
        } else {
            self.did(format!("{what}: PostgreSQL {real:?}, ours {ours:?}"));
            self.tally.mismatches.push(self.script.join("\n    "));
        }
    }

    /// Whether a standby comes to stream: waits until it does, or is refused.
    pub(super) fn real_streams(
        &self,
        standby: NodeId,
        primary: NodeId,
        since: usize,
    ) -> Result<bool, String> {
        let question = format!(
            "select {CURRENT_TIMELINE} from pg_stat_replication where application_name = '{}' and state = 'streaming'",
            name(standby)
        );
        let answer = wait_for(PATIENCE, || {
            // On a timeline that the primary has left a stream starts, and ends at the fork: that is none.
            let timeline = self.servers[&primary].ask(&question).unwrap_or_default();
            if !timeline.is_empty()
                && self.servers[&standby].ask(RECEIVED_TIMELINE).is_ok_and(|on| on == timeline)
            {
                return Some(true);
            }
            let log = self.servers[&standby].log_from(since);
            REFUSALS.iter().any(|refusal| log.contains(refusal)).then_some(false)
        });
        answer.ok_or_else(|| {
            let script = self.script.join("\n    ");
            let log = self.servers[&standby].log_from(since);
            let last: Vec<&str> = log.lines().rev().take(10).collect();
            format!(
                "{standby} neither streams nor is refused:\n    {script}\nlast of its log first: {last:#?}"
            )
        })
    }

    fn real_rows(&self, node: NodeId) -> Result<Vec<u64>, String> {
        let rows = self.servers[&node].ask("select id from writes order by id")?;
        rows.lines().map(|row| row.parse().map_err(|_| format!("no number: {row}"))).collect()
    }

    /// Waits until the standbys that stream from `primary` have all that it has, replay too unless it is paused.
    /// What they do not reach within patience shows in the answers. A commit at `off` is flushed, and so streamed,
    /// only when the WAL writer comes by.
    pub(super) fn caught_up(&self, primary: NodeId) {
        let paused: Vec<String> = self.paused.iter().map(|node| format!("'{}'", name(*node))).collect();
        let paused = if paused.is_empty() { "''".to_owned() } else { paused.join(", ") };
        let question = format!(
            "select 1 from pg_stat_replication where flush_lsn is distinct from pg_current_wal_flush_lsn() \
             or pg_current_wal_insert_lsn() <> pg_current_wal_flush_lsn() \
             or (replay_lsn is distinct from flush_lsn and application_name not in ({paused}))"
        );
        wait_for(PATIENCE, || {
            self.servers[&primary].ask(&question).is_ok_and(|left| left.is_empty()).then_some(())
        });
    }
}
