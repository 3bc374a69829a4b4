//! What a primary and a replica say to each other: PostgreSQL's streaming replication protocol, in our terms.
//!
//! A replica connects with the position and the history of its log. The primary refuses, or starts the stream and
//! sends records as they are flushed; the replica reports its positions back. Each attempt to connect has its own
//! [`StreamId`], so that what an earlier connection left on the wire is not taken for the present one's.

use alloc::vec::Vec;
use core::fmt;

use super::history::History;
use super::wal::Record;
use crate::{Lsn, TimelineId};

/// Number of a replica's attempt to connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

/// How far a replica has come. Replay never passes flush, and flush never passes write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Positions {
    /// Received and written to its log, maybe not safe from a crash of the machine.
    pub write: Lsn,
    /// Flushed to its disk.
    pub flush: Lsn,
    /// Replayed: reads on the replica see it.
    pub replay: Lsn,
}

impl fmt::Display for Positions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "write {} flush {} replay {}", self.write, self.flush, self.replay)
    }
}

/// From primary to replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToReplica {
    /// The attempt that this belongs to.
    pub stream: StreamId,
    /// What is said.
    pub message: PrimaryMessage,
}

/// What a primary says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrimaryMessage {
    /// The stream starts where it was asked to, on this history.
    Started {
        /// The primary's timelines; the replica follows them from here on.
        history: History,
    },
    /// No stream.
    Refused(Refusal),
    /// Records, without a gap to those sent before.
    Records(Vec<Record>),
    /// Still there.
    Keepalive {
        /// Whether the replica should report at once.
        reply_requested: bool,
    },
}

/// From replica to primary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToPrimary {
    /// The attempt that this belongs to.
    pub stream: StreamId,
    /// What is said.
    pub message: ReplicaMessage,
}

/// What a replica says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaMessage {
    /// Stream to me from here.
    Connect {
        /// The end of what I have.
        from: Lsn,
        /// The timelines that it lies on.
        history: History,
    },
    /// I have come this far.
    Status {
        /// My positions.
        positions: Positions,
        /// Whether the primary should answer at once.
        reply_requested: bool,
    },
}

/// Why a primary does not stream to a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The replica's log went another way than the primary's: it must be rewound.
    NotInHistory {
        /// From where the replica asked.
        from: Lsn,
        /// The replica's timeline.
        timeline: TimelineId,
        /// Up to where the two logs are one.
        forked_at: Lsn,
    },
    /// The replica is on the primary's timeline and has more than the primary has flushed.
    Ahead {
        /// From where the replica asked.
        from: Lsn,
        /// How far the primary has flushed.
        flushed: Lsn,
    },
    /// The primary no longer keeps what the replica needs: it must be rebuilt.
    Removed {
        /// From where the replica asked.
        from: Lsn,
        /// Where the primary's log starts.
        start: Lsn,
    },
    /// The replica's slot is lost: it must be rebuilt.
    SlotLost,
    /// The node is no primary that runs.
    NotPrimary,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInHistory { from, timeline, forked_at } => write!(
                f,
                "{from} on {timeline} is not in the primary's history, which left it at {forked_at}: rewind first"
            ),
            Self::Ahead { from, flushed } => {
                write!(f, "{from} is ahead of {flushed}, where the primary's log is flushed to")
            }
            Self::Removed { from, start } => {
                write!(
                    f,
                    "the log from {from} on was recycled, the primary keeps it from {start} on: rebuild"
                )
            }
            Self::SlotLost => f.write_str("the replica's slot was lost: rebuild"),
            Self::NotPrimary => f.write_str("the node is no running primary"),
        }
    }
}
