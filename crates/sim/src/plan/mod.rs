//! The plan: a scenario that is known to make sense.
//!
//! Everything that could be wrong with a scenario is found when the plan is built, once, so that nothing below has to
//! ask again: names resolve, numbers are in range, every link joins kinds that talk to each other, and clients reach
//! a server.

mod actors;
mod build;
mod kinds;
mod links;
mod traffic;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use petgraph::Directed;
use petgraph::graph::Graph;
use understudy_core::SimDuration;
use understudy_core::balancer::{Algorithm, ServerConfig};
use understudy_core::failover::{FailoverConfig, NodeIndex};
use understudy_core::health::HealthConfig;
use understudy_core::replication::{CommitLevel, PrimaryConfig, ReplicaConfig};
use understudy_core::vrrp::VrrpConfig;

use crate::command::TimedCommand;
use crate::distribution::Distribution;
use crate::ids::{LinkId, NodeId};
use crate::scenario::{Dependability, Group, PoolMode, ReadRoute, Scenario};

pub use actors::{
    AlertCondition, AlertRule, AttackerPlan, DnsPlan, EavesdropperPlan, FirewallPlan, MonitorPlan,
    SourceLimit,
};

/// The most nodes of a scenario.
pub const MAX_NODES: usize = 20_000;
/// The most links of a scenario.
pub const MAX_LINKS: usize = 60_000;
/// The longest name of a node, in characters: longer ones cannot be drawn.
pub const MAX_NAME: usize = 40;
/// The highest rate of one client population, in requests per second.
pub const MAX_RATE_PER_S: f64 = 10_000_000.0;

/// The lowest rate of one client population, in requests per second: one in a day or so.
pub const MIN_RATE_PER_S: f64 = 0.000_01;
/// The heaviest weight of a server.
pub const MAX_WEIGHT: u32 = 1_000_000;
/// The longest that a message may take on a link.
pub const MAX_LATENCY: SimDuration = SimDuration::from_secs(3_600);

/// The topology as a graph: its weights are the plan's ids.
pub type Topology = Graph<NodeId, LinkId, Directed, u32>;

/// Why a scenario file was refused: which file, where in it, what is wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file's name.
    pub file: String,
    /// Where: a line and column, or the path of a value such as `nodes[2].workers`.
    pub place: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.file, self.place, self.problem)
    }
}

impl core::error::Error for ScenarioError {}

/// A value of a scenario that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The path of the value: `nodes[2].workers`.
    pub place: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl Mistake {
    /// The same as an error of a file.
    pub(crate) fn in_file(self, file: &str) -> ScenarioError {
        ScenarioError { file: file.into(), place: self.place, problem: self.problem }
    }
}

/// A scenario that makes sense.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct Plan {
    title: String,
    summary: String,
    is_arranged: bool,
    nodes: Vec<PlanNode>,
    links: Vec<PlanLink>,
    databases: Vec<NodeId>,
    groups: Vec<Group>,
    script: Vec<TimedCommand>,
}

/// A node and its settings.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct PlanNode {
    /// Its name, unique in the plan.
    pub name: String,
    /// What it is and how it is set.
    pub kind: NodeKind,
    /// What it shares its fate with, and how often it fails.
    pub dependability: Dependability,
}

/// What a node is and how it is set.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum NodeKind {
    /// A client population.
    Clients(ClientsPlan),
    /// A firewall.
    Firewall(FirewallPlan),
    /// A load balancer.
    LoadBalancer(LoadBalancerPlan),
    /// A web server.
    WebServer(ServerPlan),
    /// An application server.
    ApplicationServer(ServerPlan),
    /// A database.
    Database(DatabasePlan),
    /// A failover manager.
    FailoverManager(ManagerPlan),
    /// A DNS server.
    Dns(DnsPlan),
    /// A monitor.
    Monitor(MonitorPlan),
    /// An attacker.
    Attacker(AttackerPlan),
    /// An eavesdropper.
    Eavesdropper(EavesdropperPlan),
}

impl NodeKind {
    /// The kind's name for people.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Clients(_) => "clients",
            Self::Firewall(_) => "firewall",
            Self::LoadBalancer(_) => "load balancer",
            Self::WebServer(_) => "web server",
            Self::ApplicationServer(_) => "application server",
            Self::Database(_) => "database",
            Self::FailoverManager(_) => "failover manager",
            Self::Dns(_) => "DNS server",
            Self::Monitor(_) => "monitor",
            Self::Attacker(_) => "attacker",
            Self::Eavesdropper(_) => "eavesdropper",
        }
    }

    /// Whether a process of this kind listens on this port; a firewall has none, whatever it hands on.
    pub fn listens_on(&self, port: u16) -> bool {
        port == ports::SSH
            || match self {
                Self::LoadBalancer(_) | Self::WebServer(_) => matches!(port, ports::HTTP | ports::HTTPS),
                Self::ApplicationServer(_) => port == ports::APPLICATION,
                Self::Database(_) => port == ports::DATABASE,
                _ => false,
            }
    }
}

/// Settings of a client population.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct ClientsPlan {
    /// When they send.
    pub traffic: Traffic,
    /// Requests in a million that write.
    pub writes_ppm: u32,
    /// Requests in a million that ask for static files.
    pub static_ppm: u32,
    /// How many rows the requests are spread over; at least 1.
    pub keys: u32,
    /// How long a client waits before it gives up.
    pub timeout: SimDuration,
    /// What they do when a request fails; `None` for nothing.
    pub retries: Option<RetryPlan>,
    /// The links that its requests leave by.
    pub links: Vec<LinkId>,
    /// The links to the DNS servers that it asks for addresses, in order; without one it knows them.
    pub dns: Vec<LinkId>,
}

impl ClientsPlan {
    /// Requests per second, on average, without ramps and bursts; of users, if all answers came at once.
    pub fn rate_per_s(&self) -> f64 {
        match self.traffic {
            Traffic::Open { mean_gap, .. } => 1.0 / mean_gap.as_secs_f64(),
            Traffic::Closed { users, think_time } => f64::from(users) / think_time.mean().as_secs_f64(),
        }
    }
}

/// Settings of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct LoadBalancerPlan {
    /// How it picks a server.
    pub algorithm: Algorithm,
    /// Its health checks.
    pub health: HealthConfig,
    /// Whether a check passes as soon as the host accepts the connection.
    pub connect_only: bool,
    /// Whether it starts with retries on.
    pub retry: bool,
    /// How long it waits for a server's answer.
    pub timeout: SimDuration,
    /// How its servers share the work at the start.
    pub mode: PoolMode,
    /// The links to its servers; a server's place here is its index in the pool.
    pub pool: Vec<LinkId>,
    /// What each of them was given, in the same order.
    pub servers: Vec<ServerConfig>,
    /// Its VRRP router, if it shares an address.
    pub vrrp: Option<VrrpConfig>,
    /// Whether it holds the address when the run begins.
    pub holds_at_start: bool,
    /// The links to the balancers that it shares the address with.
    pub peers: Vec<LinkId>,
    /// The links on which requests come in.
    pub incoming: Vec<LinkId>,
}

/// Settings of a web or application server.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct ServerPlan {
    /// Requests served at the same time; at least 1.
    pub workers: u32,
    /// Requests that may wait.
    pub queue_limit: u32,
    /// Time that a worker takes for one request.
    pub service_time: Distribution,
    /// How long it waits for the next tier.
    pub timeout: SimDuration,
    /// Whether a worker waits for the next tier's answer, and serves nobody else meanwhile.
    pub worker_waits: bool,
    /// Where the rest of the work is done.
    pub next_tier: NextTier,
}

/// Where the rest of a server's work is done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum NextTier {
    /// Nowhere: it does all of it.
    Nothing,
    /// On application servers, by the links to them.
    Servers(Vec<LinkId>),
    /// In databases.
    Databases {
        /// The links to them.
        links: Vec<LinkId>,
        /// Which of them reads go to at the start.
        reads: ReadRoute,
    },
}

/// Settings of a database.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct DatabasePlan {
    /// Whether it starts as the primary.
    pub is_primary: bool,
    /// The primary that it follows at the start; `None` if it is that itself.
    pub first_primary: Option<NodeId>,
    /// Whether a failover manager watches it.
    pub is_managed: bool,
    /// Reads and writes run at the same time; at least 1.
    pub workers: u32,
    /// Reads and writes that may wait.
    pub queue_limit: u32,
    /// How long a read takes.
    pub read_time: Distribution,
    /// How long a write takes until it is in the log.
    pub write_time: Distribution,
    /// How long a flush takes.
    pub flush_time: Distribution,
    /// How long a replica takes to replay one write.
    pub replay_time: Distribution,
    /// How far a write must have come before its client is told.
    pub commit: CommitLevel,
    /// Its settings while it is the primary.
    pub primary: PrimaryConfig,
    /// Its settings while it is a replica.
    pub replica: ReplicaConfig,
    /// The links to the other databases.
    pub peers: Vec<LinkId>,
}

/// Settings of a failover manager.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct ManagerPlan {
    /// The settings of the core's manager: its nodes are the plan's databases, in order.
    pub config: FailoverConfig,
    /// The database that is primary at the start.
    pub first_primary: NodeIndex,
    /// The links to the databases, in order.
    pub databases: Vec<LinkId>,
    /// The links to the servers that are told where writes go.
    pub applications: Vec<LinkId>,
}

/// A link and its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct PlanLink {
    /// The node that connects.
    pub from: NodeId,
    /// The node that accepts.
    pub to: NodeId,
    /// Time that one message takes, each way.
    pub latency: SimDuration,
    /// Whether what goes over it is encrypted from the start.
    pub tls: bool,
    /// The firewall that stands in it, if one does.
    pub through: Option<NodeId>,
    /// What comes on top of that, for each message anew.
    pub jitter: Option<Distribution>,
    /// Packets lost in a million, each way, at the start.
    pub loss_ppm: u32,
}

impl PlanLink {
    /// The end that is not `node`.
    pub fn other_end(&self, node: NodeId) -> NodeId {
        if self.from == node { self.to } else { self.from }
    }
}

impl Plan {
    /// Checks a scenario and turns it into a plan, or says what is wrong with it first.
    pub fn build(scenario: &Scenario) -> Result<Self, Mistake> {
        build::build(scenario)
    }

    /// What people choose the scenario by.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What there is to see.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Whether nodes side by side are drawn in scenario order, whatever it costs.
    pub const fn is_arranged(&self) -> bool {
        self.is_arranged
    }

    /// The nodes in scenario order.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeId, &PlanNode)> {
        self.nodes.iter().enumerate().map(|(index, node)| (node_id(index), node))
    }

    /// The links in scenario order.
    pub fn links(&self) -> impl ExactSizeIterator<Item = (LinkId, &PlanLink)> {
        self.links.iter().enumerate().map(|(index, link)| (link_id(index), link))
    }

    /// One node; `None` if the plan has no such number.
    pub fn node(&self, id: NodeId) -> Option<&PlanNode> {
        self.nodes.get(id.get())
    }

    /// The name of one of this plan's nodes.
    pub fn name(&self, id: NodeId) -> &str {
        &self.nodes[id.get()].name
    }

    /// One of this plan's links.
    pub fn link(&self, id: LinkId) -> &PlanLink {
        &self.links[id.get()]
    }

    /// The node of this name.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.nodes.iter().position(|node| node.name == name).map(node_id)
    }

    /// The link between the nodes of these two names, whichever way round it was written.
    pub fn find_link(&self, one: &str, other: &str) -> Option<LinkId> {
        let (one, other) = (self.find(one)?, self.find(other)?);
        let joins =
            |link: &PlanLink| (link.from, link.to) == (one, other) || (link.from, link.to) == (other, one);
        self.links.iter().position(joins).map(link_id)
    }

    /// The links that requests of clients take up to the first node that reads them: firewalls only look at the
    /// outside.
    pub fn outer_links(&self) -> Vec<LinkId> {
        let mut links: Vec<LinkId> = Vec::new();
        for (_, node) in self.nodes() {
            if let NodeKind::Clients(clients) = &node.kind {
                links.extend_from_slice(&clients.links);
            }
        }
        let mut next = 0;
        while let Some(&link) = links.get(next) {
            next += 1;
            if let NodeKind::Firewall(firewall) = &self.nodes[self.link(link).to.get()].kind {
                let new = firewall.links.iter().filter(|link| !links.contains(link)).copied();
                let new: Vec<LinkId> = new.collect();
                links.extend(new);
            }
        }
        understudy_core::sort::by_key(&mut links, |link| link.get() as u128);
        links.dedup();
        links
    }

    /// The databases in scenario order: a failover manager numbers them so.
    pub fn databases(&self) -> &[NodeId] {
        &self.databases
    }

    /// A database's number for a failover manager.
    pub fn database_index(&self, id: NodeId) -> Option<NodeIndex> {
        let index = self.databases.iter().position(|&database| database == id)?;
        Some(NodeIndex(u16::try_from(index).expect("the number of nodes was checked")))
    }

    /// How often what nodes share fails as a whole, where the scenario says so.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What happens by itself.
    pub fn script(&self) -> &[TimedCommand] {
        &self.script
    }

    /// Whether this is the database that starts as the primary.
    pub(crate) fn is_first_primary(&self, id: NodeId) -> bool {
        matches!(&self.nodes[id.get()].kind, NodeKind::Database(database) if database.is_primary)
    }

    /// The priority by which a balancer holds its virtual address, if it has one.
    pub(crate) fn vrrp_priority(&self, id: NodeId) -> Option<u8> {
        match &self.nodes[id.get()].kind {
            NodeKind::LoadBalancer(balancer) => Some(balancer.vrrp.as_ref()?.priority.get()),
            _ => None,
        }
    }
}

/// The ports of the world.
pub mod ports {
    /// Remote log-in: every host listens here, whatever runs on it.
    pub const SSH: u16 = 22;
    /// DNS.
    pub const DNS: u16 = 53;
    /// HTTP in plain text.
    pub const HTTP: u16 = 80;
    /// HTTP over TLS.
    pub const HTTPS: u16 = 443;
    /// A database, as PostgreSQL.
    pub const DATABASE: u16 = 5432;
    /// An application server.
    pub const APPLICATION: u16 = 8080;
    /// Counters for monitors.
    pub const METRICS: u16 = 9100;
    /// What a port scan tries, in order.
    pub const SCANNED: [u16; 5] = [SSH, HTTP, HTTPS, DATABASE, APPLICATION];
}

pub(crate) use kinds::{fencing, pool_mode, ppm};
pub(crate) use traffic::mean_gap;
pub use traffic::{Pattern, RetryPlan, Traffic};

fn mistake<T>(place: impl Into<String>, problem: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake { place: place.into(), problem: problem.into() })
}

fn node_id(index: usize) -> NodeId {
    NodeId(u16::try_from(index).expect("the number of nodes was checked"))
}

fn link_id(index: usize) -> LinkId {
    LinkId(u16::try_from(index).expect("the number of links was checked"))
}
