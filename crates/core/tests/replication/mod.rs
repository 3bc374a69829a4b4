//! A database and its replicas, from the first write to the old primary's return.

mod golden;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod scenarios;

use understudy_core::replication::{Cluster, NodeId, PrimaryConfig, ReplicaConfig, SyncRule};

const DB_1: NodeId = NodeId(1);
const DB_2: NodeId = NodeId(2);
const DB_3: NodeId = NodeId(3);

/// A primary, db-1, with two replicas that stream, under this rule.
fn three_nodes(rule: SyncRule) -> Cluster {
    let config = PrimaryConfig { rule, ..PrimaryConfig::default() };
    let replicas = [DB_2, DB_3].map(|node| (node, ReplicaConfig::default()));
    let mut cluster = Cluster::new(DB_1, config, replicas);
    cluster.settle();
    cluster
}
