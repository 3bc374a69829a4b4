//! What changes while a database runs: its commit rule, and a clean stop.

use understudy_core::SimTime;
use understudy_core::replication::{Node, Standing, SyncRule};

use super::{Database, member};
use crate::world::ground::Ground;

impl Database {
    /// The process is asked to stop: it takes no more writes, and streams what it has.
    pub(in crate::world) fn drain_writes(&mut self) {
        if let Node::Primary(primary) = &mut self.node {
            primary.handle_drain();
        }
    }

    /// Whether nothing keeps it from stopping: its log is flushed, and its replicas have all of it.
    pub(in crate::world) fn is_drained(&self) -> bool {
        match &self.node {
            Node::Primary(primary) => primary.is_drained() || primary.standing() != Standing::Draining,
            Node::Replica(_) => true,
        }
    }

    /// The last thing before its process ends cleanly: what is left of its log is flushed.
    pub(in crate::world) fn shut_down(&mut self, now: SimTime) {
        if let Node::Primary(primary) = &mut self.node {
            primary.handle_fence(now);
        }
    }

    /// How many replicas must have a write before its client is told, while it is the primary.
    pub(super) fn sync_replicas(&self) -> u32 {
        u32::try_from(self.settings.primary.rule.count()).expect("fewer than there are databases")
    }

    /// Sets that; false if it was so already. Commits that wait are judged by the new rule at once, as after a reload
    /// of PostgreSQL.
    pub(in crate::world) fn set_sync_replicas(&mut self, ground: &mut Ground, replicas: u32) -> bool {
        if replicas == self.sync_replicas() {
            return false;
        }
        let others = ground.plan.databases().iter().filter(|&&other| other != self.id).map(|&id| member(id));
        let rule = match replicas {
            0 => SyncRule::Asynchronous,
            count => SyncRule::any(count as usize, others),
        };
        self.settings.primary.rule = rule.clone();
        if let Node::Primary(primary) = &mut self.node {
            primary.handle_rule(rule);
            self.drain(ground);
        }
        true
    }
}
