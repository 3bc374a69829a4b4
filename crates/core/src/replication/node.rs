//! A database node: a primary or a replica, and the changes between the two.

use alloc::vec::Vec;

use super::NodeId;
use super::primary::{Primary, PrimaryConfig, PrimaryOutput};
use super::replica::{Replica, ReplicaConfig};
use super::routing::{Target, View};
use super::wal::Wal;
use crate::SimTime;

/// One of the two roles.
#[derive(Clone, Debug)]
// Where pointers have 32 bits the two are near enough in size for the lint.
#[cfg_attr(
    target_pointer_width = "64",
    expect(
        clippy::large_enum_variant,
        reason = "a cluster has a handful of nodes, and either role is large"
    )
)]
pub enum Node {
    /// It takes writes, or did until it was fenced.
    Primary(Primary),
    /// It follows.
    Replica(Replica),
}

impl Node {
    /// Which node it is.
    pub const fn id(&self) -> NodeId {
        match self {
            Self::Primary(primary) => primary.id(),
            Self::Replica(replica) => replica.id(),
        }
    }

    /// Its log.
    pub const fn wal(&self) -> &Wal {
        match self {
            Self::Primary(primary) => primary.wal(),
            Self::Replica(replica) => replica.wal(),
        }
    }

    /// What a read there sees; `None` if it cannot be read.
    pub fn view(&self) -> Option<View<'_>> {
        match self {
            Self::Primary(primary) => primary.view(),
            Self::Replica(replica) => replica.view(),
        }
    }

    /// The node as the router of reads sees it, if it can be read.
    pub fn target(&self) -> Option<Target<'_>> {
        let is_primary = matches!(self, Self::Primary(_));
        self.view().map(|view| Target { node: self.id(), is_primary, view })
    }

    /// The primary, if it is one.
    pub const fn as_primary(&self) -> Option<&Primary> {
        match self {
            Self::Primary(primary) => Some(primary),
            Self::Replica(_) => None,
        }
    }

    /// The primary, to drive it.
    pub const fn as_primary_mut(&mut self) -> Option<&mut Primary> {
        match self {
            Self::Primary(primary) => Some(primary),
            Self::Replica(_) => None,
        }
    }

    /// The replica, if it is one.
    pub const fn as_replica(&self) -> Option<&Replica> {
        match self {
            Self::Primary(_) => None,
            Self::Replica(replica) => Some(replica),
        }
    }

    /// The replica, to drive it.
    pub const fn as_replica_mut(&mut self) -> Option<&mut Replica> {
        match self {
            Self::Primary(_) => None,
            Self::Replica(replica) => Some(replica),
        }
    }

    /// Makes a replica that is [ready](Replica::is_ready_to_promote) a primary on the timeline that was
    /// named. Answers whether it did.
    pub fn promote(&mut self, now: SimTime, config: PrimaryConfig) -> bool {
        match self {
            Self::Replica(replica) if replica.is_ready_to_promote() => {
                let placeholder = Replica::new(replica.id(), replica.config());
                let replica = core::mem::replace(replica, placeholder);
                *self = Self::Primary(replica.into_primary(now, config));
                true
            }
            Self::Primary(_) | Self::Replica(_) => false,
        }
    }

    /// Makes a primary a replica, with its log as it is and with no upstream yet; one that still runs is fenced
    /// first. Answers what the driver had not been told. If another was promoted meanwhile it must be
    /// [rewound](Replica::rewind) before it can follow.
    pub fn demote(&mut self, now: SimTime, config: ReplicaConfig) -> Vec<PrimaryOutput> {
        let Self::Primary(primary) = self else { return Vec::new() };
        if primary.view().is_some() {
            primary.handle_fence(now);
        }
        let outputs = core::iter::from_fn(|| primary.poll_output()).collect();
        let placeholder = Primary::new(primary.id(), primary.config().clone());
        let primary = core::mem::replace(primary, placeholder);
        *self = Self::Replica(Replica::on(primary.id(), config, primary.into_wal()));
        outputs
    }
}
