//! A write that its client was told is done stays, or is counted as lost; where commits wait for replicas and the
//! primary is fenced, none is lost.
//!
//! *Promised* until one of these happens, and no more after that: commits do not wait; they wait for more replicas than
//! before (what was acknowledged before is on fewer than a takeover reckons with); the old primary was not fenced, or an
//! operator vouched for it; an operator gave leave to lose data.

use understudy_core::failover;
use understudy_core::{SimTime, TimelineId};
use understudy_sim::view::{DatabaseRole, NodeDetail};
use understudy_sim::{Command, Plan};

use super::primaries::Fenced;
use super::{Checker, Sight};

/// Watches the acknowledged writes.
#[derive(Clone, Debug)]
pub struct KeptWrites {
    promised: bool,
    fenced: Fenced,
    /// When an operator gives leave to lose data first, if one does.
    leave_at: Option<SimTime>,
    /// The fewest replicas that commits have waited for.
    fewest: u32,
    /// What the databases were at the last look: the logs are read again when that changed.
    roles: Vec<(DatabaseRole, TimelineId, bool)>,
}

impl KeptWrites {
    /// For a plan.
    pub fn new(plan: &Plan) -> Self {
        let gives_leave = |command| {
            let Command::Manage { command, .. } = command else { return false };
            matches!(command, failover::Command::Failover { allow_data_loss: true, .. })
        };
        let leave_at = plan.script().iter().find(|timed| gives_leave(timed.command)).map(|timed| timed.at);
        Self { promised: true, fenced: Fenced::new(plan), leave_at, fewest: u32::MAX, roles: Vec::new() }
    }

    /// Whether no acknowledged write may be lost, now and later.
    fn look(&mut self, plan: &Plan, sight: &Sight<'_>) -> bool {
        let fenced = self.fenced.look(plan, sight);
        let left = self.leave_at.is_some_and(|at| at <= sight.snapshot.now);
        self.promised &= fenced && !left;
        for node in &sight.snapshot.nodes {
            if let NodeDetail::Database { sync_replicas, .. } = node.detail {
                self.promised &= sync_replicas > 0 && sync_replicas <= self.fewest;
                self.fewest = self.fewest.min(sync_replicas);
            }
        }
        self.promised
    }
}

impl Checker for KeptWrites {
    fn name(&self) -> &'static str {
        "kept writes"
    }

    fn check(&mut self, plan: &Plan, sight: &Sight<'_>) -> Result<(), String> {
        let totals = sight.snapshot.totals;
        if self.look(plan, sight) && totals.lost_writes > 0 {
            return Err(format!(
                "{} acknowledged writes are lost, though commits wait for replicas and the primary is fenced",
                totals.lost_writes
            ));
        }
        let role = |&id: &understudy_sim::ids::NodeId| {
            let node = &sight.snapshot.nodes[id.get()];
            match node.detail {
                NodeDetail::Database { role, timeline, .. } => Some((role, timeline, node.truth.is_up())),
                _ => None,
            }
        };
        let roles: Vec<_> = plan.databases().iter().filter_map(role).collect();
        if roles == self.roles {
            return Ok(());
        }
        self.roles = roles;
        all_are_somewhere(sight)
    }
}

/// Every acknowledged write that may still be missing somewhere is in some database's log, or counted as lost.
pub(crate) fn all_are_somewhere(sight: &Sight<'_>) -> Result<(), String> {
    for acknowledged in sight.acknowledged.list() {
        let has = |log: &understudy_core::replication::Wal| {
            let record = log.record(acknowledged.position.lsn);
            record.and_then(understudy_core::replication::Record::write) == Some(acknowledged.write)
        };
        if !sight.logs.iter().any(|(_, log)| has(log)) {
            return Err(format!("{acknowledged:?} is in no log and not counted as lost"));
        }
    }
    Ok(())
}
