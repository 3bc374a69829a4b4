//! Where reads go, and what they may miss.
//!
//! A read on a replica sees the log as far as it is replayed there, so that it may miss what was acknowledged
//! already: it is stale. Which reads may be is settled by the [`ReadMode`]: the primary only (none is stale while
//! there is one primary), replicas only or all nodes (any may be), or read-your-writes (none misses its own
//! session's writes).
//!
//! Read-your-writes follows what applications build on PostgreSQL's `pg_current_wal_insert_lsn()` after a commit
//! and `pg_last_wal_replay_lsn()` before a read: the session remembers the position of its last write and reads
//! from a replica that has replayed it. If there is none it goes to the primary or waits, as is chosen.

use alloc::vec::Vec;
use core::fmt;

use super::NodeId;
use super::explain::{Explain, Names, display_by_number};
use super::history::History;
use super::staleness::Freshness;
use crate::{LogPosition, Lsn};

/// What a read on a node sees: the log on this history up to this position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View<'a> {
    /// The node's timelines.
    pub history: &'a History,
    /// How far it has replayed; on a primary, the end of its log.
    pub position: Lsn,
}

impl View<'_> {
    /// Whether a read sees the commit at `position`.
    pub fn sees(&self, position: LogPosition) -> bool {
        position.lsn <= self.position && self.history.contains(position.timeline, position.lsn)
    }
}

/// Where a read-your-writes read goes while no replica has replayed its session's last write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Otherwise {
    /// To the primary.
    Primary,
    /// To the replica that is nearest, when it has.
    Wait,
}

/// Which nodes reads go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadMode {
    /// The primary.
    PrimaryOnly,
    /// Replicas, in turn.
    ReplicasOnly,
    /// All nodes, in turn.
    AllNodes,
    /// Replicas that have replayed the session's last write, in turn.
    ReadYourWrites {
        /// And if there is none.
        otherwise: Otherwise,
    },
}

/// Which stale reads a mode allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guarantee {
    /// None, as long as there is one primary.
    NeverStale,
    /// Those that miss other sessions' writes only.
    OwnWritesSeen,
    /// Any.
    MayBeStale,
}

impl ReadMode {
    /// What its reads are promised.
    pub const fn guarantee(self) -> Guarantee {
        match self {
            Self::PrimaryOnly => Guarantee::NeverStale,
            Self::ReadYourWrites { .. } => Guarantee::OwnWritesSeen,
            Self::ReplicasOnly | Self::AllNodes => Guarantee::MayBeStale,
        }
    }
}

impl Guarantee {
    /// Whether a read that was this fresh, and did or did not miss a write of its own session, keeps the promise.
    pub const fn allows(self, freshness: Freshness, misses_own: bool) -> bool {
        match self {
            Self::NeverStale => matches!(freshness, Freshness::Fresh) && !misses_own,
            Self::OwnWritesSeen => !misses_own,
            Self::MayBeStale => true,
        }
    }
}

/// What one client connection remembers of its writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Session {
    last_write: Option<LogPosition>,
}

impl Session {
    /// A write of the session was acknowledged.
    pub fn wrote(&mut self, position: LogPosition) {
        self.last_write = self.last_write.max(Some(position));
    }

    /// Its last write.
    pub const fn last_write(&self) -> Option<LogPosition> {
        self.last_write
    }

    /// `history` is the one that goes on after a failover: a last write that does not lie on it is lost, and no
    /// longer waited for. Answers whether that is so.
    pub fn settle(&mut self, history: &History) -> bool {
        let lost = self.last_write.is_some_and(|position| !history.contains(position.timeline, position.lsn));
        if lost {
            self.last_write = None;
        }
        lost
    }

    /// Whether a read there would miss the session's last write.
    pub fn misses_own(&self, view: View<'_>) -> bool {
        self.last_write.is_some_and(|position| !view.sees(position))
    }
}

/// A node that reads can be sent to: it is believed to run.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The node.
    pub node: NodeId,
    /// Whether it is the primary.
    pub is_primary: bool,
    /// What a read there sees.
    pub view: View<'a>,
}

/// Why a read goes where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteReason {
    /// Reads go to the primary only.
    PrimaryOnly,
    /// It was the node's turn.
    Turn,
    /// The session has written nothing, so that any replica will do.
    NothingWritten,
    /// The replica has replayed the session's last write.
    CaughtUp {
        /// Where that write ends.
        written: Lsn,
        /// How far the replica has replayed.
        replayed: Lsn,
    },
    /// No replica has replayed the session's last write.
    NoneCaughtUp {
        /// Where that write ends.
        written: Lsn,
    },
}

/// Where a read goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To this node.
    To {
        /// The node.
        node: NodeId,
        /// Why there.
        reason: RouteReason,
    },
    /// To this node once it has replayed `until`: ask again when it reports
    /// [`Replayed`](super::ReplicaOutput::Replayed).
    Wait {
        /// The node.
        node: NodeId,
        /// The session's last write.
        until: LogPosition,
        /// How far the node has replayed.
        replayed: Lsn,
    },
    /// Nowhere: no node of the kind that the mode asks for runs.
    Nowhere {
        /// The mode.
        mode: ReadMode,
    },
}

impl Explain for Route {
    fn explain(&self, names: Names<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::To { node, reason } => {
                write!(f, "read from {}: ", names(*node))?;
                match reason {
                    RouteReason::PrimaryOnly => f.write_str("reads go to the primary only"),
                    RouteReason::Turn => f.write_str("it was its turn"),
                    RouteReason::NothingWritten => f.write_str("the session has written nothing yet"),
                    RouteReason::CaughtUp { written, replayed } => {
                        write!(f, "it has replayed {replayed}, the session's last write is at {written}")
                    }
                    RouteReason::NoneCaughtUp { written } => {
                        write!(f, "no replica has replayed the session's last write at {written}")
                    }
                }
            }
            Self::Wait { node, until, replayed } => write!(
                f,
                "read waits for {}: it has replayed {replayed}, the session's last write is at {}",
                names(*node),
                until.lsn
            ),
            Self::Nowhere { mode: ReadMode::PrimaryOnly } => f.write_str("read refused: no primary runs"),
            Self::Nowhere { mode: ReadMode::ReplicasOnly } => f.write_str("read refused: no replica runs"),
            Self::Nowhere { mode: ReadMode::AllNodes | ReadMode::ReadYourWrites { .. } } => {
                f.write_str("read refused: no node runs that could answer it")
            }
        }
    }
}

display_by_number!(Route);

/// Sends reads to nodes, in turn where there is a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadRouter {
    mode: ReadMode,
    /// The node that had the last turn.
    last: Option<NodeId>,
}

impl ReadRouter {
    /// A router of this mode.
    pub const fn new(mode: ReadMode) -> Self {
        Self { mode, last: None }
    }

    /// Its mode.
    pub const fn mode(self) -> ReadMode {
        self.mode
    }

    /// Where a read of `session` goes, given the nodes that run. Where several will do they take turns.
    pub fn route(&mut self, session: Session, targets: &[Target<'_>]) -> Route {
        let candidates = self.candidates(session, targets);
        let next = self.last.and_then(|last| candidates.iter().position(|target| target.node > last));
        if let Some(target) = candidates.get(next.unwrap_or(0)) {
            self.last = Some(target.node);
            return Route::To { node: target.node, reason: self.reason(session, target) };
        }
        self.without_candidate(session, targets)
    }

    /// The nodes that a read of `session` may go to at once, by number: for a caller that chooses itself.
    pub fn candidates<'a>(self, session: Session, targets: &[Target<'a>]) -> Vec<Target<'a>> {
        let fits = |target: &&Target<'_>| match self.mode {
            ReadMode::PrimaryOnly => target.is_primary,
            ReadMode::ReplicasOnly => !target.is_primary,
            ReadMode::AllNodes => true,
            ReadMode::ReadYourWrites { .. } => !target.is_primary && !session.misses_own(target.view),
        };
        let mut candidates: Vec<Target<'_>> = Vec::new();
        for target in targets.iter().filter(fits) {
            let place = candidates.partition_point(|other| other.node <= target.node);
            candidates.insert(place, *target);
        }
        candidates
    }

    fn reason(self, session: Session, target: &Target<'_>) -> RouteReason {
        match (self.mode, session.last_write) {
            (ReadMode::PrimaryOnly, _) => RouteReason::PrimaryOnly,
            (ReadMode::ReplicasOnly | ReadMode::AllNodes, _) => RouteReason::Turn,
            (ReadMode::ReadYourWrites { .. }, None) => RouteReason::NothingWritten,
            (ReadMode::ReadYourWrites { .. }, Some(written)) => {
                RouteReason::CaughtUp { written: written.lsn, replayed: target.view.position }
            }
        }
    }

    fn without_candidate(self, session: Session, targets: &[Target<'_>]) -> Route {
        let nowhere = Route::Nowhere { mode: self.mode };
        let ReadMode::ReadYourWrites { otherwise } = self.mode else { return nowhere };
        let primary = targets.iter().find(|target| target.is_primary);
        let nearest =
            targets.iter().filter(|target| !target.is_primary).max_by_key(|target| target.view.position);
        match (otherwise, primary, nearest, session.last_write) {
            (Otherwise::Wait, _, Some(nearest), Some(until)) => {
                Route::Wait { node: nearest.node, until, replayed: nearest.view.position }
            }
            (_, Some(primary), _, Some(written)) => {
                Route::To { node: primary.node, reason: RouteReason::NoneCaughtUp { written: written.lsn } }
            }
            (_, Some(primary), _, None) => {
                Route::To { node: primary.node, reason: RouteReason::NothingWritten }
            }
            (_, None, _, _) => nowhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;
    use crate::TimelineId;

    const DB_1: NodeId = NodeId(1);
    const DB_2: NodeId = NodeId(2);
    const DB_3: NodeId = NodeId(3);

    /// A primary at 100, one replica at 100 and one at 40.
    fn targets(history: &History) -> [Target<'_>; 3] {
        [(DB_1, true, 100), (DB_2, false, 100), (DB_3, false, 40)].map(|(node, is_primary, position)| {
            Target { node, is_primary, view: View { history, position: Lsn(position) } }
        })
    }

    fn session(wrote: u64) -> Session {
        let mut session = Session::default();
        session.wrote(LogPosition { timeline: TimelineId::FIRST, lsn: Lsn(wrote) });
        session
    }

    fn nodes(mode: ReadMode, session: Session, targets: &[Target<'_>]) -> [Option<NodeId>; 4] {
        let mut router = ReadRouter::new(mode);
        [(); 4].map(|()| match router.route(session, targets) {
            Route::To { node, .. } => Some(node),
            Route::Wait { .. } | Route::Nowhere { .. } => None,
        })
    }

    #[test]
    fn each_mode_takes_turns_among_its_own_nodes() {
        let history = History::default();
        let all = targets(&history);
        let nobody = Session::default();
        assert_eq!(nodes(ReadMode::PrimaryOnly, nobody, &all), [Some(DB_1); 4]);
        assert_eq!(nodes(ReadMode::ReplicasOnly, nobody, &all), [DB_2, DB_3, DB_2, DB_3].map(Some));
        assert_eq!(nodes(ReadMode::AllNodes, nobody, &all), [DB_1, DB_2, DB_3, DB_1].map(Some));
        assert_eq!(nodes(ReadMode::PrimaryOnly, nobody, &all[1..]), [None; 4]);
    }

    #[test]
    fn read_your_writes_takes_only_replicas_that_have_the_write() {
        let history = History::default();
        let all = targets(&history);
        let mode = ReadMode::ReadYourWrites { otherwise: Otherwise::Primary };
        assert_eq!(nodes(mode, session(40), &all), [DB_2, DB_3, DB_2, DB_3].map(Some));
        assert_eq!(nodes(mode, session(80), &all), [Some(DB_2); 4]);
        assert_eq!(nodes(mode, session(120), &all), [Some(DB_1); 4]);
        let route = ReadRouter::new(mode).route(session(80), &all);
        assert_eq!(
            route.to_string(),
            "read from db-2: it has replayed 0/64, the session's last write is at 0/50"
        );
    }

    #[test]
    fn or_waits_for_the_nearest() {
        let history = History::default();
        let mode = ReadMode::ReadYourWrites { otherwise: Otherwise::Wait };
        let route = ReadRouter::new(mode).route(session(120), &targets(&history));
        let until = LogPosition { timeline: TimelineId::FIRST, lsn: Lsn(120) };
        assert_eq!(route, Route::Wait { node: DB_2, until, replayed: Lsn(100) });
    }

    #[test]
    fn a_write_that_a_failover_lost_is_on_no_node_however_far_that_is() {
        let history = History::default().promoted(Lsn(60), TimelineId(2), DB_2);
        let view = View { history: &history, position: Lsn(500) };
        assert!(session(80).misses_own(view));
        assert!(!session(60).misses_own(view));
        let mut settled = session(80);
        assert!(settled.settle(&history) && !settled.misses_own(view));
    }
}
