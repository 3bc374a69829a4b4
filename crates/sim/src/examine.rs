//! What stands behind a snapshot, to be read by checkers that trust nobody's books.
//!
//! A [`Snapshot`] shows what the world counts and believes of itself. An [`Examiner`] lets a test count again: the
//! requests that somebody waits for, one by one, and the logs of the databases, record by record. It changes nothing,
//! and neither page nor terminal uses it.

use alloc::vec::Vec;

use understudy_core::replication::{AcknowledgedWrite, Wal};

use crate::ids::NodeId;
use crate::sim::Sim;
use crate::view::Snapshot;

/// Looks into a run.
#[derive(Clone, Copy, Debug)]
pub struct Examiner<'a>(&'a Sim);

impl Sim {
    /// Looks into this run.
    pub const fn examine(&self) -> Examiner<'_> {
        Examiner(self)
    }
}

impl<'a> Examiner<'a> {
    /// What can be seen now but for what is on the links: a snapshot that is cheap enough for every event.
    pub fn snapshot_without_flights(self) -> Snapshot {
        self.0.world().snapshot_without_flights(self.0.now())
    }

    /// The requests that their clients wait for, counted one by one.
    pub fn awaited_requests(self) -> u64 {
        self.0.world().awaited_requests()
    }

    /// The attackers' requests that have not ended, counted one by one.
    pub fn awaited_attacks(self) -> u64 {
        self.0.world().awaited_attacks()
    }

    /// A database's log; `None` if the node is none.
    pub fn log_of(self, database: NodeId) -> Option<&'a Wal> {
        self.0.world().log_of(database)
    }

    /// The writes that were acknowledged and are not counted as lost, but for those that every database has for good; in
    /// no order that means anything.
    pub fn acknowledged_writes(self) -> Vec<AcknowledgedWrite> {
        self.0.world().acknowledged_writes()
    }
}
