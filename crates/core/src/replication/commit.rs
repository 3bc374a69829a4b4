//! When a commit may be acknowledged: how far it must have come, and on how many replicas.
//!
//! Each commit has a [`CommitLevel`] (PostgreSQL's `synchronous_commit`, which every session and transaction can
//! set) and the primary has one [`SyncRule`] (`synchronous_standby_names`). Levels from `remote_write` up wait for
//! replicas if the rule names any: `ANY k (...)` for any k of those listed, `FIRST k (...)` for the k that are
//! listed first among those that stream.
//!
//! The rule, after PostgreSQL's `syncrep.c`. Candidates are the listed replicas that are connected, have caught
//! up once since, and have reported a flush position. With fewer than k of them nothing is released, for however
//! long that lasts. Else `ANY` releases up to the k-th newest of their positions and `FIRST` up to the oldest
//! position among the first k. What was released stays released.

use alloc::vec::Vec;
use core::fmt;

use super::explain::{Explain, Names, display_by_number, write_list};
use super::message::Positions;
use super::{NodeId, WriteId};
use crate::{Lsn, SimTime};

/// How far a commit must have come before its client is told: PostgreSQL's `synchronous_commit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum CommitLevel {
    /// Nowhere: told at once, flushed later. A crash of the primary loses the newest.
    Off,
    /// Flushed on the primary.
    Local,
    /// And written by the replicas: survives their crash of the database, not of the machine.
    RemoteWrite,
    /// And flushed by the replicas (the setting `on`).
    #[default]
    RemoteFlush,
    /// And replayed by the replicas: a read there sees it.
    RemoteApply,
}

impl CommitLevel {
    /// The levels that wait for replicas.
    pub const REMOTE: [Self; 3] = [Self::RemoteWrite, Self::RemoteFlush, Self::RemoteApply];

    /// The level's place among those that wait for replicas; `None` if it does not.
    pub(super) const fn remote(self) -> Option<usize> {
        match self {
            Self::Off | Self::Local => None,
            Self::RemoteWrite => Some(0),
            Self::RemoteFlush => Some(1),
            Self::RemoteApply => Some(2),
        }
    }

    /// The position that counts at this level.
    const fn position(self, positions: Positions) -> Lsn {
        match self {
            Self::Off | Self::Local | Self::RemoteWrite => positions.write,
            Self::RemoteFlush => positions.flush,
            Self::RemoteApply => positions.replay,
        }
    }

    /// What a replica has done with a commit that it has: "flushed".
    const fn done(self) -> &'static str {
        match self {
            Self::Off | Self::Local | Self::RemoteWrite => "written",
            Self::RemoteFlush => "flushed",
            Self::RemoteApply => "replayed",
        }
    }
}

impl fmt::Display for CommitLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Local => "local",
            Self::RemoteWrite => "remote_write",
            Self::RemoteFlush => "on",
            Self::RemoteApply => "remote_apply",
        })
    }
}

/// On which replicas a commit waits: PostgreSQL's `synchronous_standby_names`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum SyncRule {
    /// On none: replication is asynchronous.
    #[default]
    Asynchronous,
    /// On any `count` of those listed.
    Any {
        /// How many; at least 1.
        count: usize,
        /// Which.
        listed: Vec<NodeId>,
    },
    /// On the `count` that stream and are listed first.
    First {
        /// How many; at least 1.
        count: usize,
        /// Which, the preferred first.
        listed: Vec<NodeId>,
    },
}

impl SyncRule {
    /// `ANY count (listed)`.
    pub fn any(count: usize, listed: impl IntoIterator<Item = NodeId>) -> Self {
        assert!(count >= 1, "a quorum counts at least one replica");
        Self::Any { count, listed: listed.into_iter().collect() }
    }

    /// `FIRST count (listed)`.
    pub fn first(count: usize, listed: impl IntoIterator<Item = NodeId>) -> Self {
        assert!(count >= 1, "a rule waits for at least one replica");
        Self::First { count, listed: listed.into_iter().collect() }
    }

    /// How many replicas must have a commit; 0 if none need.
    pub const fn count(&self) -> usize {
        match self {
            Self::Asynchronous => 0,
            Self::Any { count, .. } | Self::First { count, .. } => *count,
        }
    }

    /// The replicas that the rule names, in its order.
    pub fn listed(&self) -> &[NodeId] {
        match self {
            Self::Asynchronous => &[],
            Self::Any { listed, .. } | Self::First { listed, .. } => listed,
        }
    }

    /// The replicas that are waited for, out of those that stream: all candidates under `ANY`, the preferred ones
    /// under `FIRST`. `None` if there are fewer than the rule asks for.
    pub(super) fn synchronous(
        &self,
        streams: impl Fn(NodeId) -> Option<Positions>,
    ) -> Option<Vec<Candidate>> {
        let mut candidates: Vec<Candidate> = Vec::with_capacity(self.listed().len());
        for node in self.listed() {
            if let Some(positions) = streams(*node)
                && !candidates.iter().any(|candidate| candidate.node == *node)
            {
                candidates.push(Candidate { node: *node, positions });
            }
        }
        if candidates.len() < self.count() {
            return None;
        }
        if let Self::First { count, .. } = self {
            candidates.truncate(*count);
        }
        Some(candidates)
    }

    /// Up to where commits of `level` are released by these synchronous replicas.
    pub(super) fn released(&self, level: CommitLevel, synchronous: &[Candidate]) -> Lsn {
        let positions = || synchronous.iter().map(|candidate| level.position(candidate.positions));
        // The k-th newest: the newest that k have reached. Under FIRST there are k of them, so that it is the oldest.
        let wanted = self.count().max(1);
        let released = |position: &Lsn| positions().filter(|other| other >= position).count() >= wanted;
        positions().filter(released).max().unwrap_or(Lsn::ZERO)
    }
}

impl Explain for SyncRule {
    fn explain(&self, names: Names<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asynchronous => return f.write_str("asynchronous"),
            Self::Any { count, .. } => write!(f, "ANY {count} (")?,
            Self::First { count, .. } => write!(f, "FIRST {count} (")?,
        }
        write_list(self.listed(), names, f)?;
        f.write_str(")")
    }
}

/// A replica that counts, and how far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) node: NodeId,
    pub(super) positions: Positions,
}

/// On what grounds a client was told that its commit is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// At level `off`: told before anything was flushed.
    Unflushed,
    /// Flushed on the primary, and that was all that was asked for.
    Local,
    /// On replicas, as the rule asks.
    Replicated {
        /// How far it had to come there.
        level: CommitLevel,
        /// The rule in force.
        rule: SyncRule,
        /// The replicas that have it.
        on: Vec<NodeId>,
    },
    /// The wait was given up: it is on the primary and maybe nowhere else. PostgreSQL says so with a warning.
    Cancelled,
}

/// A client was told that its commit is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// The write.
    pub write: WriteId,
    /// Where its record ends.
    pub lsn: Lsn,
    /// Why it was told.
    pub grounds: Grounds,
}

impl Explain for Acknowledged {
    fn explain(&self, names: Names<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "commit {} acknowledged", self.lsn)?;
        match &self.grounds {
            Grounds::Unflushed => f.write_str(" before it was flushed: synchronous_commit is off"),
            Grounds::Local => f.write_str(": flushed on the primary, no replica was asked"),
            Grounds::Replicated { level, rule, on } => {
                write!(f, ": {} of ", on.len())?;
                rule.explain(names, f)?;
                write!(f, " {} {} it", if on.len() == 1 { "has" } else { "have" }, level.done())
            }
            Grounds::Cancelled => {
                f.write_str(" with a warning: its wait was cancelled, it may be on no replica")
            }
        }
    }
}

/// Why a commit is not acknowledged yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitWait {
    /// It is not flushed on the primary.
    LocalFlush {
        /// Where its record ends.
        lsn: Lsn,
    },
    /// Too few replicas have it.
    Replicas {
        /// Where its record ends.
        lsn: Lsn,
        /// Since when it waits.
        since: SimTime,
        /// How far it must come there.
        level: CommitLevel,
        /// The rule in force.
        rule: SyncRule,
        /// The replicas that count and have it.
        on: Vec<NodeId>,
        /// How many replicas count: listed, streaming and, under `FIRST`, preferred.
        streaming: usize,
    },
}

impl CommitWait {
    /// The wait of one commit under `rule`, given the replicas that stream.
    pub(super) fn for_replicas(
        (lsn, since, level): (Lsn, SimTime, CommitLevel),
        rule: &SyncRule,
        streams: impl Fn(NodeId) -> Option<Positions>,
    ) -> Self {
        let mut counted: Vec<NodeId> =
            rule.listed().iter().copied().filter(|node| streams(*node).is_some()).collect();
        if let SyncRule::First { count, .. } = rule {
            counted.truncate(*count);
        }
        let on = having(lsn, level, &counted, &streams);
        Self::Replicas { lsn, since, level, rule: rule.clone(), on, streaming: counted.len() }
    }
}

/// Those of `nodes` that have the commit which ends at `lsn`.
pub(super) fn having(
    lsn: Lsn,
    level: CommitLevel,
    nodes: &[NodeId],
    streams: &impl Fn(NodeId) -> Option<Positions>,
) -> Vec<NodeId> {
    let has = |node: &NodeId| streams(*node).is_some_and(|positions| lsn <= level.position(positions));
    nodes.iter().copied().filter(has).collect()
}

impl Explain for CommitWait {
    fn explain(&self, names: Names<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocalFlush { lsn } => write!(f, "commit {lsn} waits: it is not flushed on the primary"),
            Self::Replicas { lsn, level, rule, on, streaming, .. } => {
                write!(f, "commit {lsn} waits: {} of ", on.len())?;
                rule.explain(names, f)?;
                write!(f, " {} {} it", if on.len() == 1 { "has" } else { "have" }, level.done())?;
                if *streaming < rule.count() {
                    write!(
                        f,
                        ", and only {streaming} of them {}",
                        if *streaming == 1 { "streams" } else { "stream" }
                    )?;
                }
                Ok(())
            }
        }
    }
}

display_by_number!(SyncRule, Acknowledged, CommitWait);

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    const DB_2: NodeId = NodeId(2);
    const DB_3: NodeId = NodeId(3);
    const DB_4: NodeId = NodeId(4);

    fn at(write: u64, flush: u64, replay: u64) -> Positions {
        Positions { write: Lsn(write), flush: Lsn(flush), replay: Lsn(replay) }
    }

    /// How far each level is released while these replicas stream; `None` if too few do.
    fn released(rule: &SyncRule, streaming: &[(NodeId, Positions)]) -> Option<[u64; 3]> {
        let streams = |node| streaming.iter().find(|(streams, _)| *streams == node).map(|(_, at)| *at);
        let synchronous = rule.synchronous(streams)?;
        Some(CommitLevel::REMOTE.map(|level| rule.released(level, &synchronous).0))
    }

    #[test]
    fn any_takes_the_kth_newest_position_of_each_kind() {
        let three = [(DB_2, at(90, 50, 10)), (DB_3, at(80, 60, 20)), (DB_4, at(70, 70, 30))];
        let listed = [DB_2, DB_3, DB_4];
        assert_eq!(released(&SyncRule::any(1, listed), &three), Some([90, 70, 30]));
        assert_eq!(released(&SyncRule::any(2, listed), &three), Some([80, 60, 20]));
        assert_eq!(released(&SyncRule::any(3, listed), &three), Some([70, 50, 10]));
    }

    #[test]
    fn first_waits_for_the_preferred_though_others_are_ahead() {
        let rule = SyncRule::first(1, [DB_2, DB_3]);
        assert_eq!(released(&rule, &[(DB_2, at(10, 10, 10)), (DB_3, at(90, 90, 90))]), Some([10; 3]));
        assert_eq!(released(&rule, &[(DB_3, at(90, 90, 90))]), Some([90; 3]), "the next takes its place");
    }

    #[test]
    fn too_few_release_nothing_and_the_unlisted_do_not_count() {
        let rule = SyncRule::any(2, [DB_2, DB_3]);
        assert_eq!(released(&rule, &[(DB_2, at(9, 9, 9)), (DB_4, at(9, 9, 9))]), None);
        assert_eq!(
            released(&SyncRule::any(2, [DB_2, DB_2]), &[(DB_2, at(9, 9, 9))]),
            None,
            "listed twice is one"
        );
    }

    #[test]
    fn a_wait_says_how_many_it_lacks() {
        let rule = SyncRule::any(1, [DB_2, DB_3]);
        let commit = (Lsn(0x2A), SimTime::ZERO, CommitLevel::RemoteFlush);
        let behind = CommitWait::for_replicas(commit, &rule, |_| Some(at(0x2A, 0, 0)));
        assert_eq!(behind.to_string(), "commit 0/2A waits: 0 of ANY 1 (db-2, db-3) have flushed it");
        let none = CommitWait::for_replicas(commit, &rule, |_| None);
        assert_eq!(
            none.with_names(&|node| std::format!("replica {}", node.0)).to_string(),
            "commit 0/2A waits: 0 of ANY 1 (replica 2, replica 3) have flushed it, and only 0 of them stream"
        );
    }
}
