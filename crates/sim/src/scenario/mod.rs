//! The scenario file: a topology and its traffic, as a person writes it in JSON.
//!
//! This is the raw form: it holds whatever the file says, so long as the words are known. [`Plan::build`] turns
//! it into a form that is known to make sense. Durations are texts with a unit, `"40ms"`; rates are numbers per
//! second.

mod actors;
mod read;
mod read_actors;
mod traffic;

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use serde::Serialize;
use understudy_core::SimDuration;
use understudy_core::health::HealthConfig;

use crate::distribution::Distribution;
use crate::fields::Reading;
use crate::json::{Json, NotJson};
use crate::plan::{Mistake, Plan, ScenarioError};

pub use actors::{AlertCondition, AlertRule, Attacker, Behaviour, Dns, Eavesdropper, Monitor};
pub use traffic::{AfterRamp, Backoff, Burst, Clients, Jitter, Ramp, Retries};

/// The largest scenario file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 1_000_000;

/// A whole scenario file.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What people choose it by: "One balancer, three web servers".
    pub title: String,
    /// One or two sentences: what there is to see.
    #[serde(default)]
    pub summary: String,
    /// Whether nodes side by side are drawn in the order of `nodes` whatever it costs. If not, as few links cross as
    /// can be had.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub arranged: bool,
    /// The nodes. Their order is the order in which they are listed and drawn.
    pub nodes: Vec<Node>,
    /// The links. The order of a balancer's links is the order of its pool.
    pub links: Vec<Link>,
    /// How often what nodes share fails as a whole, by the names that nodes stand `in`; what is left out is as usual.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// What happens by itself, each with its time: `"12.4s kill web-2"`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script: Vec<String>,
}

/// One node of the topology.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Node {
    /// People who send requests.
    Clients(Clients),
    /// Lets through what it should.
    Firewall(Firewall),
    /// Hands requests out to servers.
    LoadBalancer(LoadBalancer),
    /// Takes requests from the network, serves static files, and passes the rest on if it can.
    WebServer(Server),
    /// Does the work, with a database if it has one.
    ApplicationServer(Server),
    /// Keeps the data.
    Database(Database),
    /// Watches the databases and promotes a replica when the primary fails.
    FailoverManager(FailoverManager),
    /// Tells clients the addresses of what they call.
    Dns(Dns),
    /// Watches the others and raises alerts.
    Monitor(Monitor),
    /// Tries what it should not.
    Attacker(Attacker),
    /// Listens on links.
    Eavesdropper(Eavesdropper),
}

impl Node {
    /// What it shares its fate with, and how often it fails.
    pub const fn dependability(&self) -> &Dependability {
        match self {
            Self::Clients(Clients { dependability, .. })
            | Self::Firewall(Firewall { dependability, .. })
            | Self::LoadBalancer(LoadBalancer { dependability, .. })
            | Self::WebServer(Server { dependability, .. })
            | Self::ApplicationServer(Server { dependability, .. })
            | Self::Database(Database { dependability, .. })
            | Self::FailoverManager(FailoverManager { dependability, .. })
            | Self::Dns(Dns { dependability, .. })
            | Self::Monitor(Monitor { dependability, .. })
            | Self::Attacker(Attacker { dependability, .. })
            | Self::Eavesdropper(Eavesdropper { dependability, .. }) => dependability,
        }
    }

    /// The node's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Clients(Clients { name, .. })
            | Self::Firewall(Firewall { name, .. })
            | Self::LoadBalancer(LoadBalancer { name, .. })
            | Self::WebServer(Server { name, .. })
            | Self::ApplicationServer(Server { name, .. })
            | Self::Database(Database { name, .. })
            | Self::FailoverManager(FailoverManager { name, .. })
            | Self::Dns(Dns { name, .. })
            | Self::Monitor(Monitor { name, .. })
            | Self::Attacker(Attacker { name, .. })
            | Self::Eavesdropper(Eavesdropper { name, .. }) => name,
        }
    }
}

/// What nodes share, such as a rack, and how often it fails with all that stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct Group {
    /// What it is called, as in a node's `in`. One that no node stands in counts for nothing.
    pub name: String,
    /// Mean time between two failures; if left out, what is usual for its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtbf: Option<SimDuration>,
    /// Mean time to repair it; if left out, what is usual for its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mttr: Option<SimDuration>,
}

/// What a node shares its fate with, and how often it fails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct Dependability {
    /// What it stands in, any names: a host, a rack, a zone, a power feed. Who shares one fails together with it.
    #[serde(rename = "in", default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Mean time between two failures; if left out, what is usual for its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtbf: Option<SimDuration>,
    /// Mean time to repair it; if left out, what is usual for its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mttr: Option<SimDuration>,
}

const fn default_client_timeout() -> SimDuration {
    SimDuration::from_secs(10)
}

const fn default_upstream_timeout() -> SimDuration {
    SimDuration::from_secs(5)
}

/// A firewall: hands on what it lets through, and drops the rest without a word.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Firewall {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// What it shares its fate with, and how often it fails.
    #[serde(flatten)]
    pub dependability: Dependability,
    /// Whether it filters from the start; one that is off lets everything through.
    #[serde(default = "default_on")]
    pub on: bool,
    /// The ports that it lets through.
    #[serde(default = "default_allow")]
    pub allow: Vec<u16>,
    /// How many requests per second of one sender it lets through, if there is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_per_source_per_s: Option<f64>,
}

const fn default_on() -> bool {
    true
}

fn default_allow() -> Vec<u16> {
    vec![80, 443]
}

/// A load balancer that checks its servers' health.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// What it shares its fate with, and how often it fails.
    #[serde(flatten)]
    pub dependability: Dependability,
    /// How it picks a server.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// How it finds out which servers are alive.
    #[serde(default)]
    pub health_check: HealthCheck,
    /// Whether it tries the next server when one refuses the connection.
    #[serde(default)]
    pub retry: bool,
    /// How long it waits for a server's answer.
    #[serde(default = "default_upstream_timeout")]
    pub timeout: SimDuration,
    /// How its servers share the work.
    #[serde(default)]
    pub pool_mode: PoolMode,
    /// The address that it shares with other balancers, by VRRP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_ip: Option<VirtualIp>,
}

/// How a balancer picks a server; see [`understudy_core::balancer::Algorithm`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// In turn, by weight.
    #[default]
    RoundRobin,
    /// The one with the fewest requests under way.
    LeastConnections,
    /// The better of two drawn at random.
    RandomTwo,
    /// By the client's address.
    IpHash,
    /// By a consistent hash of the request.
    Maglev,
    /// The one that answers fastest of late.
    PeakEwma,
}

/// How the servers of a pool share the work; see [`understudy_core::pool`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum PoolMode {
    /// All serve, standbys too.
    #[default]
    ActiveActive,
    /// While no active server is up, the first standby that is up serves alone.
    ActivePassive,
    /// While no active server is up, all standbys serve.
    ActivePassiveAll,
}

impl PoolMode {
    /// All modes and how they are written.
    pub const ALL: [(Self, &str); 3] = [
        (Self::ActiveActive, "active-active"),
        (Self::ActivePassive, "active-passive"),
        (Self::ActivePassiveAll, "active-passive-all"),
    ];

    /// How it is written.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(mode, _)| *mode == self).map_or("", |(_, name)| name)
    }
}

/// The settings of health checks; see [`understudy_core::health`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HealthCheck {
    /// Time from the end of a check to the start of the next.
    pub interval: SimDuration,
    /// Failed checks in a row that take a server out.
    pub fall: u32,
    /// Passed checks in a row that put it back.
    pub rise: u32,
    /// What passes.
    pub passes: CheckPasses,
}

/// What it takes to pass a health check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CheckPasses {
    /// The server answers a request (layer 7).
    #[default]
    Answering,
    /// The server's host accepts a connection (layer 4): a frozen server passes.
    Connecting,
}

impl Default for HealthCheck {
    fn default() -> Self {
        let HealthConfig { interval, rise, fall, .. } = HealthConfig::default();
        Self { interval, fall, rise, passes: CheckPasses::default() }
    }
}

/// An address that the master of several balancers holds; see [`understudy_core::vrrp`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VirtualIp {
    /// The address, the same on all balancers that share it.
    pub address: Ipv4Addr,
    /// Who is to hold it: the balancer with the highest priority, 1 to 255.
    pub priority: u8,
    /// Time between two adverts of the master.
    #[serde(default = "default_advert_interval")]
    pub advert_interval: SimDuration,
    /// Whether it holds the address when the run begins, as if it had long been running; otherwise all wait to hear
    /// a master first.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub held_at_start: bool,
    /// Whether to take the address back from a living master of lower priority.
    #[serde(default = "default_preempt")]
    pub preempt: bool,
}

const fn default_advert_interval() -> SimDuration {
    SimDuration::from_secs(1)
}

const fn default_preempt() -> bool {
    true
}

/// A server with workers and a queue.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// What it shares its fate with, and how often it fails.
    #[serde(flatten)]
    pub dependability: Dependability,
    /// How many requests it serves at the same time.
    pub workers: u32,
    /// How many more may wait; one more than that is turned away.
    pub queue_limit: u32,
    /// How long a worker takes for one request, not counting the wait for others.
    pub service_time: Distribution,
    /// Where its reads go, if it has databases.
    #[serde(default)]
    pub reads: ReadRoute,
    /// How long it waits for the next tier's answer.
    #[serde(default = "default_upstream_timeout")]
    pub timeout: SimDuration,
    /// Its share of a balancer's turns, relative to the others'.
    #[serde(default = "default_weight")]
    pub weight: u32,
    /// Whether it stands by in the pools that it is in, as their mode says.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub standby: bool,
}

const fn default_weight() -> u32 {
    1
}

/// Which databases reads go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum ReadRoute {
    /// The primary only.
    #[default]
    Primary,
    /// The replicas, in turn.
    Replicas,
    /// All of them, in turn.
    All,
    /// Replicas that have replayed the session's last write; else the primary.
    ReadYourWrites,
}

impl ReadRoute {
    /// All routes and how they are written.
    pub const ALL: [(Self, &str); 4] = [
        (Self::Primary, "primary"),
        (Self::Replicas, "replicas"),
        (Self::All, "all"),
        (Self::ReadYourWrites, "read-your-writes"),
    ];

    /// How it is written.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(route, _)| *route == self).map_or("", |(_, name)| name)
    }
}

/// A database server; see [`understudy_core::replication`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// What it shares its fate with, and how often it fails.
    #[serde(flatten)]
    pub dependability: Dependability,
    /// What it is at the start.
    pub role: Role,
    /// How many reads and writes it runs at the same time.
    pub workers: u32,
    /// How many more may wait.
    pub queue_limit: u32,
    /// How long a read takes.
    pub read_time: Distribution,
    /// How long a write takes until it is in the log.
    pub write_time: Distribution,
    /// How long it takes to flush the log to the disk.
    #[serde(default = "default_flush_time")]
    pub flush_time: Distribution,
    /// How long a replica takes to replay one write.
    #[serde(default = "default_replay_time")]
    pub replay_time: Distribution,
    /// How many replicas must have a write before its client is told; 0 tells it at once (asynchronous).
    #[serde(default)]
    pub sync_replicas: u32,
}

const fn default_flush_time() -> Distribution {
    Distribution::Constant(SimDuration::from_millis(1))
}

const fn default_replay_time() -> Distribution {
    Distribution::Constant(SimDuration::from_micros(200))
}

/// What a database is at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Takes writes.
    Primary,
    /// Follows the primary.
    Replica,
}

/// A failover manager; see [`understudy_core::failover`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FailoverManager {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// What it shares its fate with, and how often it fails.
    #[serde(flatten)]
    pub dependability: Dependability,
    /// Time between two checks of a database.
    #[serde(default = "default_manager_interval")]
    pub interval: SimDuration,
    /// Failed checks in a row until a database is believed unreachable.
    #[serde(default = "default_manager_fall")]
    pub fall: u32,
    /// How it makes sure that the old primary has stopped.
    #[serde(default)]
    pub fencing: Fencing,
    /// Whether it acts by itself.
    #[serde(default = "default_automatic")]
    pub automatic: bool,
}

const fn default_manager_interval() -> SimDuration {
    SimDuration::from_secs(1)
}

const fn default_manager_fall() -> u32 {
    3
}

const fn default_automatic() -> bool {
    true
}

/// How a failover manager makes sure that the old primary has stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Fencing {
    /// Not at all.
    None,
    /// A device cuts its power.
    #[default]
    Device,
    /// Its right to take writes runs out by itself.
    Lease,
}

impl Fencing {
    /// All ways and how they are written.
    pub const ALL: [(Self, &str); 3] =
        [(Self::None, "none"), (Self::Device, "device"), (Self::Lease, "lease")];

    /// How it is written.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(fencing, _)| *fencing == self).map_or("", |(_, name)| name)
    }
}

/// A connection between two nodes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The node that connects.
    pub from: String,
    /// The node that accepts.
    pub to: String,
    /// Time that one message takes, each way.
    pub latency: SimDuration,
    /// Whether what goes over it is encrypted from the start.
    #[serde(default)]
    pub tls: bool,
    /// The firewall that stands in it, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// What comes on top of that, drawn anew for each message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter: Option<Distribution>,
    /// Share of the packets that are lost, each way, from 0 to 1.
    #[serde(default)]
    pub loss: f64,
}

impl Scenario {
    /// Reads a scenario file and checks that it makes sense. `file` is its name, for error messages.
    pub fn read(file: &str, text: &str) -> Result<Plan, ScenarioError> {
        let scenario = Self::parse(file, text)?;
        Plan::build(&scenario).map_err(|mistake| mistake.in_file(file))
    }

    /// Reads a scenario that stands in another file, and checks that it makes sense.
    pub fn read_value(json: &Json) -> Result<Plan, Mistake> {
        Plan::build(&Reading::whole(json)?)
    }

    /// Reads what a scenario file says, without asking whether it makes sense.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioError> {
        if text.len() > MAX_FILE_BYTES {
            let problem = format!("it has {} bytes; at most {MAX_FILE_BYTES} are read", text.len());
            return Err(Mistake { place: "the whole file".into(), problem }.in_file(file));
        }
        let json = Json::parse(text).map_err(|NotJson { line, column, problem }| {
            Mistake { place: format!("line {line}, column {column}"), problem }.in_file(file)
        })?;
        Reading::whole(&json).map_err(|mistake| mistake.in_file(file))
    }
}
