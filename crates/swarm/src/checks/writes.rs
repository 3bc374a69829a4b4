//! A write that its client was told is done stays, or is counted as lost; where commits wait for replicas and the
//! primary is fenced, none is lost.
//!
//! *Promised*: every database waits for at least one replica, nobody promotes by hand with leave to lose data (no
//! command does), and an old primary is fenced before a new one is promoted.

use understudy_core::TimelineId;
use understudy_sim::Plan;
use understudy_sim::plan::NodeKind;
use understudy_sim::view::{DatabaseRole, NodeDetail};

use super::primaries::is_fenced;
use super::{Checker, Sight};

/// Watches the acknowledged writes.
#[derive(Clone, Debug)]
pub struct KeptWrites {
    promised: bool,
    /// What the databases were at the last look: the logs are read again when that changed.
    roles: Vec<(DatabaseRole, TimelineId, bool)>,
}

impl KeptWrites {
    /// For a plan.
    pub fn new(plan: &Plan) -> Self {
        let waits = |node: &NodeKind| match node {
            NodeKind::Database(database) => database.primary.rule.count() > 0,
            _ => true,
        };
        let promised = is_fenced(plan) && plan.nodes().all(|(_, node)| waits(&node.kind));
        Self { promised, roles: Vec::new() }
    }
}

impl Checker for KeptWrites {
    fn name(&self) -> &'static str {
        "kept writes"
    }

    fn check(&mut self, plan: &Plan, sight: &Sight<'_>) -> Result<(), String> {
        let totals = sight.snapshot.totals;
        if self.promised && totals.lost_writes > 0 {
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
