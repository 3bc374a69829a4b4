//! The scenario file: a topology and its traffic, as a person writes it in JSON.
//!
//! This is the raw form: it holds whatever the file says, so long as the words are known. [`Plan::build`] turns
//! it into a form that is known to make sense. Durations are texts with a unit, `"40ms"`; rates are numbers per
//! second.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use understudy_core::SimDuration;
use understudy_core::health::HealthConfig;

use crate::distribution::Distribution;
use crate::plan::{Plan, ScenarioError};

/// The largest scenario file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 1_000_000;

/// A whole scenario file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What people choose it by: "One balancer, three web servers".
    pub title: String,
    /// One or two sentences: what there is to see.
    #[serde(default)]
    pub summary: String,
    /// The nodes. Their order is the order in which they are listed and drawn.
    pub nodes: Vec<Node>,
    /// The links. The order of a balancer's links is the order of its pool.
    pub links: Vec<Link>,
}

/// One node of the topology.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Node {
    /// People who send requests.
    Clients(Clients),
    /// Hands requests out to servers.
    LoadBalancer(LoadBalancer),
    /// Does the work.
    WebServer(WebServer),
}

impl Node {
    /// The node's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Clients(Clients { name, .. })
            | Self::LoadBalancer(LoadBalancer { name, .. })
            | Self::WebServer(WebServer { name, .. }) => name,
        }
    }
}

/// A population of clients that sends requests as a Poisson process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clients {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// Requests per second, on average.
    pub rate_per_s: f64,
}

/// A load balancer that takes turns and checks its servers' health.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// How it finds out which servers are alive.
    #[serde(default)]
    pub health_check: HealthCheck,
    /// Whether it tries the next server when one refuses the connection.
    #[serde(default)]
    pub retry: bool,
}

/// The settings of health checks; see [`understudy_core::health`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HealthCheck {
    /// Time between two checks of one server.
    pub interval: SimDuration,
    /// Failed checks in a row that take a server out.
    pub fall: u32,
    /// Passed checks in a row that put it back.
    pub rise: u32,
}

impl Default for HealthCheck {
    fn default() -> Self {
        let HealthConfig { interval, rise, fall, .. } = HealthConfig::default();
        Self { interval, fall, rise }
    }
}

/// A server with workers and a queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebServer {
    /// What it is called; unique in the scenario.
    pub name: String,
    /// How many requests it serves at the same time.
    pub workers: u32,
    /// How many more may wait; one more than that is turned away.
    pub queue_limit: u32,
    /// How long a worker takes for one request.
    pub service_time: Distribution,
}

/// A connection between two nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The node that connects.
    pub from: String,
    /// The node that accepts.
    pub to: String,
    /// Time that one message takes, each way.
    pub latency: SimDuration,
}

impl Scenario {
    /// Reads a scenario file and checks that it makes sense. `file` is its name, for error messages.
    pub fn read(file: &str, text: &str) -> Result<Plan, ScenarioError> {
        let error = |place: String, problem: String| ScenarioError { file: file.into(), place, problem };
        if text.len() > MAX_FILE_BYTES {
            return Err(error(
                "the whole file".into(),
                alloc::format!("it has {} bytes; at most {MAX_FILE_BYTES} are read", text.len()),
            ));
        }
        let scenario: Self = serde_json::from_str(text).map_err(|json| {
            let place = alloc::format!("line {}, column {}", json.line(), json.column());
            let message = json.to_string();
            let problem = message.split(" at line ").next().unwrap_or(&message);
            error(place, problem.into())
        })?;
        Plan::build(&scenario).map_err(|mistake| error(mistake.place, mistake.problem))
    }
}
