//! What happened, as facts in order of time; [`crate::story`] tells them in sentences.
//!
//! Facts of the same kind in a row about the same node are one entry with a count, so that a dead server's
//! hundred refusals read as one line. The log keeps the newest [`CAPACITY`] entries.

use alloc::rc::Rc;
use alloc::vec::Vec;

use understudy_core::balancer::Algorithm;
use understudy_core::failover;
use understudy_core::replication::Chunks;
use understudy_core::{SimDuration, SimTime, TimelineId};

use crate::ids::{LinkId, NodeId};
use crate::plan::AlertCondition;
use crate::scenario::{Behaviour, Fencing, PoolMode, ReadRoute};
use crate::timeline::mark::{MARKS_KEPT, Mark};

/// How many entries are kept.
pub const CAPACITY: usize = 500;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A command killed the node; `lost` requests were inside it.
    Killed {
        /// The node.
        node: NodeId,
        /// Requests that were inside.
        lost: u64,
    },
    /// A command started the node again.
    Revived {
        /// The node.
        node: NodeId,
    },
    /// A command froze the node.
    Hung {
        /// The node.
        node: NodeId,
    },
    /// A command changed how long the node's work takes.
    Slowed {
        /// The node.
        node: NodeId,
        /// How many times as long as usual.
        times: u32,
    },
    /// A command cut or healed a link.
    Cut {
        /// The link.
        link: LinkId,
        /// Whether nothing gets through from its start to its end.
        forward: bool,
        /// Whether nothing gets through from its end to its start.
        back: bool,
    },
    /// A command changed how long everything takes on a link.
    Delayed {
        /// The link.
        link: LinkId,
        /// The time beyond its latency.
        delay: SimDuration,
    },
    /// A command changed how often clients send.
    RateSet {
        /// The clients.
        clients: NodeId,
        /// Mean time between two requests.
        mean_gap: SimDuration,
    },
    /// A command set how many packets a link loses.
    LossSet {
        /// The link.
        link: LinkId,
        /// Packets lost in a million, each way.
        loss_ppm: u32,
    },
    /// A command armed the death of the node at its next request.
    Armed {
        /// The node.
        node: NodeId,
    },
    /// A command began to stop the node cleanly.
    Stopping {
        /// The node.
        node: NodeId,
        /// Whether it starts again by itself.
        restarts: bool,
    },
    /// The node stopped cleanly.
    Stopped {
        /// The node.
        node: NodeId,
        /// Requests that had not ended in it by then.
        lost: u64,
    },
    /// A command changed how many of the clients' requests write.
    WritesSet {
        /// The clients.
        clients: NodeId,
        /// Requests in a million that write.
        writes_ppm: u32,
    },
    /// A command made clients send more for a while.
    Overloaded {
        /// The clients.
        clients: NodeId,
        /// How many times as much as usual.
        times: u32,
        /// For how long.
        lasts: SimDuration,
    },
    /// An overload is over.
    OverloadOver {
        /// The clients.
        clients: NodeId,
    },
    /// A command changed how a balancer picks servers.
    AlgorithmSet {
        /// The balancer.
        balancer: NodeId,
        /// How.
        algorithm: Algorithm,
    },
    /// A command changed a server's weight.
    WeightSet {
        /// The server.
        server: NodeId,
        /// Its weight.
        weight: u32,
    },
    /// A command changed how the servers of a pool share the work.
    PoolSet {
        /// The balancer.
        balancer: NodeId,
        /// How.
        mode: PoolMode,
    },
    /// A command made a server a standby, or an active server again.
    StandbySet {
        /// The server.
        server: NodeId,
        /// Whether it stands by.
        on: bool,
    },
    /// A command changed how a balancer checks its servers' health.
    HealthSet {
        /// The balancer.
        balancer: NodeId,
        /// Time between two checks.
        interval: SimDuration,
        /// Failed checks in a row that take a server out.
        fall: u32,
        /// Passed checks in a row that put it back.
        rise: u32,
    },
    /// A command changed which databases all servers' reads go to.
    AllReadsSet {
        /// Which.
        reads: ReadRoute,
    },
    /// A command changed how many replicas must have a write before its client is told.
    CommitSet {
        /// How many; 0 for none.
        replicas: u32,
    },
    /// A command changed how the failover manager makes sure that an old primary has stopped.
    FencingSet {
        /// The manager.
        manager: NodeId,
        /// How.
        fencing: Fencing,
    },
    /// A command changed which databases a server's reads go to.
    ReadsSet {
        /// The server.
        server: NodeId,
        /// Which.
        reads: ReadRoute,
    },
    /// A command switched a balancer's retries.
    RetrySet {
        /// The balancer.
        balancer: NodeId,
        /// On or off.
        on: bool,
    },
    /// A health check failed and the server is still in use.
    CheckFailed {
        /// Who checked.
        balancer: NodeId,
        /// Whom.
        server: NodeId,
        /// Failed checks in a row.
        failed: u32,
        /// How many it takes.
        fall: u32,
    },
    /// A health check passed and the server is still out of use.
    CheckPassed {
        /// Who checked.
        balancer: NodeId,
        /// Whom.
        server: NodeId,
        /// Passed checks in a row.
        passed: u32,
        /// How many it takes.
        rise: u32,
    },
    /// Health checks took the server out of use.
    TakenOut {
        /// Who.
        balancer: NodeId,
        /// Whom.
        server: NodeId,
        /// After how many failed checks.
        fall: u32,
        /// How long after the server died; `None` if it is alive.
        after_death: Option<SimDuration>,
    },
    /// Health checks put the server back into use.
    PutBack {
        /// Who.
        balancer: NodeId,
        /// Whom.
        server: NodeId,
        /// After how many passed checks.
        rise: u32,
        /// How long after the server came back; `None` if it is dead again.
        after_revival: Option<SimDuration>,
    },
    /// A dead node refused connections.
    Refused {
        /// The dead node.
        node: NodeId,
        /// How many.
        count: u64,
        /// How many of these a balancer then tried on another server.
        retried: u64,
    },
    /// A server's queue was full.
    QueueFull {
        /// The server.
        node: NodeId,
        /// How many requests were turned away.
        count: u64,
    },
    /// A node that runs turned requests away: a balancer that has no server, a database that takes no writes.
    Rejected {
        /// The node.
        node: NodeId,
        /// How many.
        count: u64,
    },
    /// A node gave up waiting.
    TimedOut {
        /// The node that waited.
        node: NodeId,
        /// How many times.
        count: u64,
    },
    /// Clients tried requests again that had failed.
    TriedAgain {
        /// The clients.
        node: NodeId,
        /// How many times.
        count: u64,
    },
    /// A balancer took the virtual address.
    BecameMaster {
        /// The balancer.
        balancer: NodeId,
    },
    /// A balancer gave the virtual address up to a better one.
    BecameBackup {
        /// The balancer.
        balancer: NodeId,
    },
    /// A replica was promoted.
    Promoted {
        /// The database.
        node: NodeId,
        /// The timeline that it started.
        timeline: TimelineId,
        /// Acknowledged writes that are gone with that.
        lost: u64,
    },
    /// A database that was primary threw away what the new primary does not have.
    Rewound {
        /// The database.
        node: NodeId,
        /// Log records that it threw away.
        thrown: u64,
        /// Acknowledged writes that are gone with that, and had not been counted before.
        lost: u64,
    },
    /// A fencing device cut a database's power.
    Fenced {
        /// The database.
        node: NodeId,
    },
    /// A primary stopped taking writes, for its lease was not extended.
    LeaseRanOut {
        /// The database.
        node: NodeId,
    },
    /// A command switched a firewall.
    FirewallSet {
        /// The firewall.
        firewall: NodeId,
        /// On or off.
        on: bool,
    },
    /// A firewall dropped requests.
    Dropped {
        /// The firewall.
        node: NodeId,
        /// How many.
        count: u64,
    },
    /// A command took an address out of a DNS server's answers or put it back.
    RecordSet {
        /// The DNS server.
        dns: NodeId,
        /// Whose address.
        node: NodeId,
        /// In or out.
        on: bool,
    },
    /// Clients asked for an address and got no answer, however often they asked.
    LookupFailed {
        /// The clients.
        clients: NodeId,
    },
    /// A command switched encryption on a link.
    TlsSet {
        /// The link.
        link: LinkId,
        /// On or off.
        on: bool,
    },
    /// A command switched encryption between clients and the first node that reads their requests.
    HttpsSet {
        /// On or off.
        on: bool,
    },
    /// An attacker does something else.
    AttackSet {
        /// The attacker.
        attacker: NodeId,
        /// What.
        behaviour: Behaviour,
    },
    /// An attacker found an open port.
    PortFound {
        /// The attacker.
        attacker: NodeId,
        /// Whose port.
        node: NodeId,
        /// Which.
        port: u16,
    },
    /// An attacker has tried all ports.
    ScanDone {
        /// The attacker.
        attacker: NodeId,
        /// How many ports were what.
        open: u32,
        /// Ports that nobody listens on.
        refused: u32,
        /// Ports that did not answer.
        filtered: u32,
    },
    /// An attacker read rows of a database.
    RowsStolen {
        /// The attacker.
        attacker: NodeId,
        /// How many.
        count: u64,
    },
    /// A command switched a monitor's watch.
    MonitoringSet {
        /// The monitor.
        monitor: NodeId,
        /// On or off.
        on: bool,
    },
    /// An alert of a monitor changed its state.
    Alert {
        /// The monitor.
        monitor: NodeId,
        /// The target that it is about.
        target: NodeId,
        /// What was seen.
        symptom: Symptom,
        /// What became of it.
        step: AlertStep,
    },
    /// The failover manager decided or noticed something.
    ManagerStep {
        /// The manager.
        manager: NodeId,
        /// What.
        step: failover::Step,
    },
}

/// What a monitor sees of a target when an alert is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symptom {
    /// It does not answer its scrapes.
    Down,
    /// This share of its requests failed.
    Errors {
        /// In parts of a million.
        ppm: u32,
    },
    /// Its 99th percentile.
    Slow {
        /// The time.
        p99: SimDuration,
    },
    /// It is behind the primary.
    Behind {
        /// By so much of the log.
        bytes: u64,
    },
    /// It gets fewer requests than before.
    Quiet {
        /// Share of the requests of the window before, in parts of a million.
        ppm: u32,
    },
}

impl Symptom {
    /// The name of the alerts that are raised for it.
    pub const fn alert(self) -> &'static str {
        match self {
            Self::Down => AlertCondition::TargetDown.name(),
            Self::Errors { .. } => "ErrorRateHigh",
            Self::Slow { .. } => "LatencyHigh",
            Self::Behind { .. } => "ReplicationLagHigh",
            Self::Quiet { .. } => "QpsCollapse",
        }
    }
}

/// What became of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertStep {
    /// What it is raised for was seen; it waits whether that lasts.
    Pending,
    /// It lasted, so somebody is called.
    Firing {
        /// How long it lasted.
        held: SimDuration,
        /// Time since the newest fault: the time to detect.
        after_fault: Option<SimDuration>,
    },
    /// It fired, and what it is raised for is over.
    Resolved {
        /// How long it fired.
        fired_for: SimDuration,
    },
}

impl Fact {
    /// The node that the fact is about first of all; `None` if it is about a link or several nodes.
    pub const fn subject(&self) -> Option<NodeId> {
        match *self {
            Self::Killed { node, .. }
            | Self::Revived { node }
            | Self::Hung { node }
            | Self::Slowed { node, .. }
            | Self::RateSet { clients: node, .. }
            | Self::ReadsSet { server: node, .. }
            | Self::RetrySet { balancer: node, .. }
            | Self::Armed { node }
            | Self::Stopping { node, .. }
            | Self::Stopped { node, .. }
            | Self::WritesSet { clients: node, .. }
            | Self::Overloaded { clients: node, .. }
            | Self::OverloadOver { clients: node }
            | Self::AlgorithmSet { balancer: node, .. }
            | Self::WeightSet { server: node, .. }
            | Self::PoolSet { balancer: node, .. }
            | Self::StandbySet { server: node, .. }
            | Self::HealthSet { balancer: node, .. }
            | Self::FencingSet { manager: node, .. }
            | Self::CheckFailed { server: node, .. }
            | Self::CheckPassed { server: node, .. }
            | Self::TakenOut { server: node, .. }
            | Self::PutBack { server: node, .. }
            | Self::Refused { node, .. }
            | Self::QueueFull { node, .. }
            | Self::Rejected { node, .. }
            | Self::TimedOut { node, .. }
            | Self::TriedAgain { node, .. }
            | Self::BecameMaster { balancer: node }
            | Self::BecameBackup { balancer: node }
            | Self::Promoted { node, .. }
            | Self::Rewound { node, .. }
            | Self::Fenced { node }
            | Self::LeaseRanOut { node }
            | Self::FirewallSet { firewall: node, .. }
            | Self::Dropped { node, .. }
            | Self::RecordSet { dns: node, .. }
            | Self::LookupFailed { clients: node }
            | Self::AttackSet { attacker: node, .. }
            | Self::PortFound { attacker: node, .. }
            | Self::ScanDone { attacker: node, .. }
            | Self::RowsStolen { attacker: node, .. }
            | Self::MonitoringSet { monitor: node, .. }
            | Self::Alert { monitor: node, .. }
            | Self::ManagerStep { manager: node, .. } => Some(node),
            Self::TlsSet { .. }
            | Self::HttpsSet { .. }
            | Self::Cut { .. }
            | Self::Delayed { .. }
            | Self::LossSet { .. }
            | Self::AllReadsSet { .. }
            | Self::CommitSet { .. } => None,
        }
    }

    /// Adds `later` to this fact if both count the same thing.
    fn absorb(&mut self, later: &Self) -> bool {
        match (self, later) {
            (
                Self::Refused { node, count, retried },
                Self::Refused { node: other, count: more, retried: more_retried },
            ) if node == other => {
                *count += more;
                *retried += more_retried;
                true
            }
            (Self::QueueFull { node, count }, Self::QueueFull { node: other, count: more })
            | (Self::Rejected { node, count }, Self::Rejected { node: other, count: more })
            | (Self::TimedOut { node, count }, Self::TimedOut { node: other, count: more })
            | (Self::Dropped { node, count }, Self::Dropped { node: other, count: more })
            | (
                Self::RowsStolen { attacker: node, count },
                Self::RowsStolen { attacker: other, count: more },
            )
            | (Self::TriedAgain { node, count }, Self::TriedAgain { node: other, count: more })
                if node == other =>
            {
                *count += more;
                true
            }
            _ => false,
        }
    }

    /// Whether the fact is a count that grows, rather than a turning point.
    pub(crate) const fn counts(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::QueueFull { .. }
                | Self::Rejected { .. }
                | Self::TimedOut { .. }
                | Self::Dropped { .. }
                | Self::RowsStolen { .. }
                | Self::TriedAgain { .. }
        )
    }
}

/// A fact and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Number of the entry in this run, from 0; it stays when older entries are dropped.
    pub id: u64,
    /// When it happened; for a count, when the first of them did.
    pub at: SimTime,
    /// For a count, when the last of them did; otherwise the same as `at`.
    pub last: SimTime,
    /// What.
    pub fact: Fact,
}

/// The newest facts of a run, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Copies of the log share them.
    entries: Chunks<Entry, 32>,
    next_id: u64,
    /// Turning points. They are few, so copies of the log share them until the next one.
    marks: Rc<Vec<Mark>>,
}

impl Log {
    /// The entries kept, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// The newest turning points of the run, oldest first: at most [`MARKS_KEPT`], however long ago.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Notes a fact: as its own entry, or in the count that the same node's newest entry already keeps.
    pub(crate) fn note(&mut self, now: SimTime, fact: Fact) {
        if fact.counts() {
            // Facts about other nodes in between do not break a count, a turning point of this node does.
            let subject = fact.subject();
            let newest = (0..self.entries.len())
                .rev()
                .take(8)
                .find(|&place| self.entries.get(place).is_some_and(|entry| entry.fact.subject() == subject));
            if let Some(entry) = newest.and_then(|place| self.entries.get_mut(place))
                && entry.fact.absorb(&fact)
            {
                entry.last = now;
                return;
            }
        }
        if self.entries.len() == CAPACITY {
            self.entries.drop_front(1);
        }
        let entry = Entry { id: self.next_id, at: now, last: now, fact };
        if let Some(mark) = Mark::of(&entry) {
            let marks = Rc::make_mut(&mut self.marks);
            if marks.len() == MARKS_KEPT {
                marks.remove(0);
            }
            marks.push(mark);
        }
        self.entries.push_back(entry);
        self.next_id += 1;
    }
}
