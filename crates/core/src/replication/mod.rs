//! A database and its replicas: one log that travels, and what is lost when it does not arrive.
//!
//! The [`Primary`] writes every commit to its log, a [`Wal`] of [`Record`]s, and streams that to its
//! [`Replica`]s, which write, flush and replay it. When a client is told that its commit is done is a choice: at
//! once, and a failover can lose it; or when enough replicas have it, and it waits while they are away
//! ([`CommitLevel`], [`SyncRule`]). When the primary is gone a replica is promoted and goes on, on a new timeline;
//! what the old primary had beyond that point is its [`Divergence`], and is lost when it is rewound and rejoins.
//!
//! [`Node`] is one of the two roles and the changes between them, [`ReadRouter`] sends reads to nodes, [`Ledger`]
//! knows which of them were stale, and [`Cluster`] is the smallest driver of all this.
//!
//! Everything follows PostgreSQL 15's streaming replication; each module names the settings, views and functions
//! that it follows and where it simplifies. Who is promoted, and when, is not decided here.
//!
//! ```
//! use understudy_core::replication::{Cluster, CommitLevel, Key, NodeId, PrimaryConfig, ReplicaConfig, SyncRule};
//!
//! let (db_1, db_2) = (NodeId(1), NodeId(2));
//! let config = PrimaryConfig { rule: SyncRule::any(1, [db_2]), ..PrimaryConfig::default() };
//! let mut cluster = Cluster::new(db_1, config, [(db_2, ReplicaConfig::default())]);
//! cluster.settle();
//! cluster.cut(db_1, db_2);
//! let write = cluster.write(db_1, Key(1), CommitLevel::RemoteFlush).expect("db-1 takes writes");
//! cluster.settle();
//! assert!(!cluster.is_acknowledged(write));
//! let why = cluster.primary(db_1).and_then(|primary| primary.why_waiting(write)).expect("it waits");
//! assert_eq!(why.to_string(), "commit 0/64 waits: 0 of ANY 1 (db-2) have flushed it, and only 0 of them stream");
//! cluster.heal(db_1, db_2);
//! cluster.pass(ReplicaConfig::default().retry_interval);
//! assert!(cluster.is_acknowledged(write));
//! ```

mod chunks;
mod cluster;
mod commit;
mod explain;
mod history;
mod lag;
pub mod message;
mod node;
mod primary;
mod replica;
mod routing;
mod slots;
mod staleness;
mod wal;

use core::fmt;

pub use self::chunks::Chunks;
pub use self::cluster::{Cluster, Step};
pub use self::commit::{Acknowledged, CommitLevel, CommitWait, Grounds, SyncRule};
pub use self::explain::{Explain, Named, Names};
pub use self::history::{Fork, History};
pub use self::lag::Lag;
pub use self::message::{Positions, Refusal, ToPrimary, ToReplica};
pub use self::node::Node;
pub use self::primary::{
    LostWrite, Primary, PrimaryConfig, PrimaryOutput, ReplicaStatus, Standing, StreamEnd, StreamState,
    SyncState, Told, WriteRefused,
};
pub use self::replica::{Link, NotPromoted, Replica, ReplicaConfig, ReplicaOutput, Rewound};
pub use self::routing::{
    Guarantee, Otherwise, ReadMode, ReadRouter, Route, RouteReason, Session, Target, View,
};
pub use self::slots::{SlotStatus, WalConfig};
pub use self::staleness::{AcknowledgedWrite, Freshness, Ledger, Missed};
pub use self::wal::{Content, Divergence, Record, Recycled, Wal};

/// A node of a database cluster, by a number that the driver gives it: nothing counts by it. Prints as `db-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct NodeId(pub u16);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "db-{}", self.0)
    }
}

/// A write, by number: given by the driver, one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId(pub u64);

/// What a write changes and a read asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u32);

/// A write to one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Write {
    /// Which write.
    pub id: WriteId,
    /// What it changes.
    pub key: Key,
}
