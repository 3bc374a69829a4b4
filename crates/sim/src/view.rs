//! What can be seen of a world at one instant: the only thing that the page and the command line read.
//!
//! A [`Snapshot`] is plain data in scenario order: `nodes[i]` is the state of the plan's node `i`, `links[i]` of its
//! link `i`. Names, kinds and settings do not change and are read from the [`Plan`](crate::plan::Plan).

mod actors;

use alloc::vec::Vec;

use understudy_core::balancer::{Algorithm, PassedOver};
use understudy_core::failover;
use understudy_core::health::{Belief, HealthConfig};
use understudy_core::vrrp::VrrpState;
use understudy_core::{Lsn, SimDuration, SimTime, TimelineId};

use crate::ids::{Direction, LinkId, NodeId, RequestNumber};
use crate::outcome::{Outcome, RequestKind, Totals};
use crate::scenario::{Behaviour, PoolMode, ReadRoute};

pub use actors::{AlertView, Finding, NameLookup, Overheard, PortState, TargetHealth, TargetView};

/// How many of the newest failures a snapshot shows.
pub const FAILURES_KEPT: usize = 256;

/// How many of the newest records of a database's log a snapshot shows.
pub const RECORDS_SHOWN: usize = 6;

/// A world at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The instant.
    pub now: SimTime,
    /// Every node's state, in scenario order.
    pub nodes: Vec<NodeView>,
    /// Every link's state, in scenario order.
    pub links: Vec<LinkView>,
    /// What is on a link at this instant, or a sample of it, in order of arrival.
    pub flights: Vec<Flight>,
    /// How much of it that is.
    pub sample: Sample,
    /// The newest failures, oldest first: at most [`FAILURES_KEPT`].
    pub failures: Vec<Failure>,
    /// How many requests were sent and how they ended.
    pub totals: Totals,
}

/// How much of what is on the links a snapshot tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// How much is on all links together.
    pub on_links: usize,
    /// One in so many is told, chosen by number: 1 if all are.
    pub one_of: u64,
}

/// Whether a node's process runs: the truth, whatever anybody believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It runs.
    Up,
    /// It is stopping cleanly: its host refuses connections, and what is inside it may still end.
    Stopping {
        /// Since when.
        since: SimTime,
    },
    /// It was killed or has stopped: its host refuses connections.
    Down {
        /// When.
        since: SimTime,
    },
    /// It is frozen: its host accepts connections, and nobody ever answers.
    Hung {
        /// When.
        since: SimTime,
    },
}

impl Truth {
    /// Whether the node's process runs, be it on its way to its end.
    pub const fn is_up(self) -> bool {
        matches!(self, Self::Up | Self::Stopping { .. })
    }
}

/// One node's state.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeView {
    /// Whether it runs.
    pub truth: Truth,
    /// How many times as long as usual its work takes: 1 unless it was slowed down.
    pub slowness: u32,
    /// Requests that ended here (clients), were forwarded (balancer) or were answered (server) in the last second.
    pub rate_per_s: u32,
    /// What only this kind of node has.
    pub detail: NodeDetail,
}

/// State that depends on the kind of node.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeDetail {
    /// A client population.
    Clients {
        /// What it knows from a DNS server; `None` if it needs none.
        lookup: Option<NameLookup>,
        /// What it sends, as far as that can be said for now: a rate, or so many users.
        sends: Sends,
        /// Requests in a million that write.
        writes_ppm: u32,
        /// How many times as much as usual it sends: 1 but in an overload.
        times: u32,
    },
    /// A firewall.
    Firewall {
        /// Whether it filters.
        on: bool,
        /// What it dropped since the start.
        dropped: u64,
    },
    /// A DNS server.
    Dns {
        /// The nodes whose addresses it knows, and whether it gives them out.
        records: Vec<(NodeId, bool)>,
        /// Queries it answered since the start.
        answered: u64,
    },
    /// A monitor.
    Monitor {
        /// Whether it watches.
        on: bool,
        /// What it watches, in the order of its links.
        targets: Vec<TargetView>,
        /// The alerts that are pending or firing.
        alerts: Vec<AlertView>,
    },
    /// An attacker.
    Attacker {
        /// What it does.
        behaviour: Behaviour,
        /// What it found out about ports, in the order of its scan.
        findings: Vec<Finding>,
        /// Requests and queries that it sent.
        sent: u64,
        /// Those of them that were answered.
        answered: u64,
        /// Rows that it read.
        stolen_rows: u64,
    },
    /// An eavesdropper.
    Eavesdropper {
        /// Messages that it could read.
        readable: u64,
        /// Messages that were encrypted.
        unreadable: u64,
        /// The newest requests that it could read, oldest first.
        overheard: Vec<Overheard>,
    },
    /// A load balancer.
    LoadBalancer {
        /// Its servers as it sees them, in pool order.
        pool: Vec<PoolEntry>,
        /// Whether it tries the next server when one refuses.
        retry: bool,
        /// How it picks a server.
        algorithm: Algorithm,
        /// How its servers share the work.
        mode: PoolMode,
        /// Its health checks.
        health: HealthConfig,
        /// Its newest choice and the reasons for it.
        last_choice: Option<Choice>,
        /// How it stands with the address that it shares with another; `None` if it shares none.
        virtual_address: Option<VirtualAddress>,
    },
    /// A web or application server.
    Server {
        /// Workers that are busy now.
        busy: u32,
        /// Requests waiting for a worker.
        queued: u32,
        /// Busy share of all workers over the last second, in parts per thousand.
        load_permille: u32,
        /// Requests answered since the start.
        served: u64,
        /// The database that it sends writes to, if it knows one.
        writes_to: Option<NodeId>,
        /// Where its reads go; `None` if it has no databases.
        reads: Option<ReadRoute>,
    },
    /// A database.
    Database {
        /// Workers that are busy now.
        busy: u32,
        /// Requests waiting for a worker.
        queued: u32,
        /// Busy share of all workers over the last second, in parts per thousand.
        load_permille: u32,
        /// Requests answered since the start.
        served: u64,
        /// What it takes itself to be.
        role: DatabaseRole,
        /// The history that its log is on.
        timeline: TimelineId,
        /// Where its log ends.
        end: Lsn,
        /// Up to where it is safe from a crash.
        flushed: Lsn,
        /// Up to where reads see it.
        replayed: Lsn,
        /// Reads it answered that missed an acknowledged write.
        stale_reads: u64,
        /// How far behind the primary it is; `None` for the primary itself, and while there is none.
        behind: Option<SimDuration>,
        /// The newest records of its log, oldest first: at most [`RECORDS_SHOWN`].
        records: Vec<LogRecord>,
        /// How many replicas must have a write before its client is told, while it is the primary; 0 for none.
        sync_replicas: u32,
    },
    /// A failover manager.
    FailoverManager {
        /// Who decides.
        mode: failover::Mode,
        /// How it makes sure that an old primary has stopped.
        fencing: failover::Fencing,
        /// What it is doing.
        phase: failover::Phase,
        /// The database that is primary, or was told to become it.
        primary: NodeId,
        /// That one's timeline.
        timeline: TimelineId,
    },
}

/// What clients send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sends {
    /// Requests on their own account, this long apart on average.
    Every(SimDuration),
    /// As many users as this, each of which waits for an answer before it sends again.
    Users(u32),
}

/// What a database takes itself to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseRole {
    /// It takes writes.
    Primary,
    /// It was the primary and takes no writes.
    Demoted,
    /// It follows another.
    Replica {
        /// Which; `None` if it follows nobody at present.
        follows: Option<NodeId>,
    },
}

/// One record of a database's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// Where it ends.
    pub lsn: Lsn,
    /// How far it has come.
    pub state: RecordState,
}

/// How far a record of a log has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// On the primary: its client was told. On a replica: reads see it.
    Done,
    /// Not yet.
    OnItsWay,
    /// Its client was told, and the history that goes on does not have it.
    Lost,
}

/// How a balancer stands with the address that it shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VirtualAddress {
    /// The state of its VRRP router.
    pub state: VrrpState,
    /// Whether its host answers for the address.
    pub held: bool,
}

/// One server as its balancer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolEntry {
    /// The server.
    pub server: NodeId,
    /// The link to it.
    pub link: LinkId,
    /// What health checks make the balancer believe.
    pub belief: Belief,
    /// Its share of the turns, relative to the others'.
    pub weight: u32,
    /// Whether it is a standby, whatever the mode.
    pub standby: bool,
    /// Requests sent to it in the last second.
    pub rate_per_s: u32,
    /// Requests sent to it since the start.
    pub picked: u64,
}

/// A balancer's choice of server for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// For which request.
    pub request: RequestNumber,
    /// When.
    pub at: SimTime,
    /// The server chosen; `None` when there was none.
    pub server: Option<NodeId>,
    /// The servers passed over and why, in pool order.
    pub passed_over: Vec<(NodeId, PassedOver)>,
}

/// One link's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not, whatever the others are")]
pub struct LinkView {
    /// What the balancer at its start believes of the server at its end; `None` where nobody checks.
    pub belief: Option<Belief>,
    /// Requests that went along it in the last second.
    pub rate_per_s: u32,
    /// Whether nothing gets through from its start to its end.
    pub cut_forward: bool,
    /// Whether nothing gets through from its end to its start.
    pub cut_back: bool,
    /// Time that everything takes beyond the link's latency.
    pub delay: SimDuration,
    /// What is on it.
    pub traffic: Traffic,
    /// Whether what goes over it is encrypted.
    pub tls: bool,
    /// Whether people's data goes over it and whoever listens can read it.
    pub readable: bool,
    /// Packets lost in a million, each way.
    pub loss_ppm: u32,
}

/// What is on a link, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests.
    pub requests: u32,
    /// Replies and the news of failures.
    pub replies: u32,
    /// Health checks and their answers.
    pub checks: u32,
    /// All else: adverts, log records, control.
    pub others: u32,
}

/// What is on its way along a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cargo {
    /// A request.
    Request(RequestNumber, RequestKind),
    /// A reply, or the news of a failure.
    Reply(RequestNumber, RequestKind, Outcome),
    /// A health check.
    Probe,
    /// A health check's answer.
    ProbeReply {
        /// Whether it passed.
        passed: bool,
    },
    /// A VRRP advert: "I am master".
    Advert,
    /// "The virtual address is here now", or the question where it is.
    GratuitousArp,
    /// Log records from a primary to a replica, or a sign of life.
    Log {
        /// How many records.
        records: usize,
    },
    /// What a replica tells its primary.
    LogStatus,
    /// Between a failover manager and the rest.
    Control,
    /// A question for an address.
    DnsQuery,
    /// The addresses.
    DnsAnswer,
    /// A monitor asks for counters.
    Scrape,
    /// The counters, or the news that nobody is there.
    ScrapeAnswer {
        /// Whether there are counters.
        passed: bool,
    },
    /// An attacker tries a port.
    PortProbe {
        /// Which.
        port: u16,
    },
    /// What came of it.
    PortAnswer {
        /// Which port.
        port: u16,
        /// Whether somebody listens there.
        open: bool,
    },
}

/// Something on its way along a link at the instant of the snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// The link.
    pub link: LinkId,
    /// Which way along it.
    pub direction: Direction,
    /// What.
    pub cargo: Cargo,
    /// When it left; at or before the snapshot's instant.
    pub sent_at: SimTime,
    /// When it arrives; after the snapshot's instant.
    pub arrives_at: SimTime,
}

impl Flight {
    /// How far along its way it is at `now`: 0 where it left, 1 where it arrives.
    pub fn progress(&self, now: SimTime) -> f64 {
        let whole = self.arrives_at.since(self.sent_at).as_secs_f64();
        if whole > 0.0 { (now.since(self.sent_at).as_secs_f64() / whole).min(1.0) } else { 1.0 }
    }

    /// How long the whole way takes.
    pub fn duration(&self) -> SimDuration {
        self.arrives_at.since(self.sent_at)
    }
}

/// A request that failed somewhere, to be marked there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: SimTime,
    /// The node that refused, lost or turned it away.
    pub node: NodeId,
    /// The link that it came along; `None` when it was inside the node.
    pub link: Option<LinkId>,
    /// Which request.
    pub request: RequestNumber,
    /// What went wrong, never [`Outcome::Answered`]. A refused request may be retried and answered after all.
    pub outcome: Outcome,
}
