//! The plan: a scenario that is known to make sense.
//!
//! Everything that could be wrong with a scenario is found here, once, so that nothing below has to ask again:
//! names resolve, numbers are in range, every link joins kinds that talk to each other, and clients reach a server.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use petgraph::Directed;
use petgraph::graph::{Graph, NodeIndex};
use petgraph::visit::Dfs;
use understudy_core::SimDuration;
use understudy_core::health::HealthConfig;

use crate::distribution::Distribution;
use crate::ids::{LinkId, NodeId};
use crate::scenario::{self, Scenario};

/// The most nodes of a scenario.
pub const MAX_NODES: usize = 20_000;
/// The most links of a scenario.
pub const MAX_LINKS: usize = 60_000;
/// The longest name of a node, in characters: longer ones cannot be drawn.
pub const MAX_NAME: usize = 40;
/// The highest rate of one client population, in requests per second.
pub const MAX_RATE_PER_S: f64 = 10_000_000.0;

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

/// A scenario that makes sense.
#[derive(Clone, Debug)]
pub struct Plan {
    title: String,
    summary: String,
    nodes: Vec<PlanNode>,
    links: Vec<PlanLink>,
    graph: Graph<NodeId, LinkId, Directed, u32>,
}

/// A node and its settings.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanNode {
    /// Its name, unique in the plan.
    pub name: String,
    /// What it is and how it is set.
    pub kind: NodeKind,
}

/// What a node is and how it is set.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// A client population.
    Clients(ClientsPlan),
    /// A load balancer.
    LoadBalancer(LoadBalancerPlan),
    /// A web server.
    WebServer(WebServerPlan),
}

impl NodeKind {
    /// The kind's name for people.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Clients(_) => "clients",
            Self::LoadBalancer(_) => "load balancer",
            Self::WebServer(_) => "web server",
        }
    }
}

/// Settings of a client population.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientsPlan {
    /// Mean time between two requests; not zero.
    pub mean_gap: SimDuration,
    /// The links that its requests leave by, in turn.
    pub links: Vec<LinkId>,
}

impl ClientsPlan {
    /// Requests per second, on average.
    pub fn rate_per_s(&self) -> f64 {
        1.0 / self.mean_gap.as_secs_f64()
    }
}

/// Settings of a load balancer.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadBalancerPlan {
    /// Its health checks.
    pub health: HealthConfig,
    /// Whether it starts with retries on.
    pub retry: bool,
    /// The links to its servers; a server's place here is its index in the pool.
    pub pool: Vec<LinkId>,
}

/// Settings of a web server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WebServerPlan {
    /// Requests served at the same time; at least 1.
    pub workers: u32,
    /// Requests that may wait.
    pub queue_limit: u32,
    /// Time that a worker takes for one request.
    pub service_time: Distribution,
}

/// A link and its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanLink {
    /// The node that connects.
    pub from: NodeId,
    /// The node that accepts.
    pub to: NodeId,
    /// Time that one message takes, each way.
    pub latency: SimDuration,
}

impl Plan {
    /// What people choose the scenario by.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What there is to see.
    pub fn summary(&self) -> &str {
        &self.summary
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

    /// The topology: its weights are the plan's ids.
    pub fn graph(&self) -> &Graph<NodeId, LinkId, Directed, u32> {
        &self.graph
    }

    /// Checks a scenario and turns it into a plan, or says what is wrong with it first.
    pub fn build(scenario: &Scenario) -> Result<Self, Mistake> {
        check_size(scenario)?;
        let names = resolve_names(scenario)?;
        let links = resolve_links(scenario, &names)?;
        let mut outgoing: Vec<Vec<LinkId>> = scenario.nodes.iter().map(|_| Vec::new()).collect();
        for (index, link) in links.iter().enumerate() {
            outgoing[link.from.get()].push(link_id(index));
        }
        let mut nodes = Vec::with_capacity(scenario.nodes.len());
        for (index, (node, outgoing)) in scenario.nodes.iter().zip(outgoing).enumerate() {
            let kind = plan_kind(node, outgoing, &|field| format!("nodes[{index}].{field}"))?;
            nodes.push(PlanNode { name: node.name().into(), kind });
        }
        check_kinds(&nodes, &links)?;
        let graph = graph_of(nodes.len(), &links);
        check_reach(&nodes, &graph)?;
        Ok(Self { title: scenario.title.clone(), summary: scenario.summary.clone(), nodes, links, graph })
    }
}

fn mistake<T>(place: impl Into<String>, problem: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake { place: place.into(), problem: problem.into() })
}

fn node_id(index: usize) -> NodeId {
    NodeId(u16::try_from(index).expect("the number of nodes was checked"))
}

fn link_id(index: usize) -> LinkId {
    LinkId(u16::try_from(index).expect("the number of links was checked"))
}

fn check_size(scenario: &Scenario) -> Result<(), Mistake> {
    let (nodes, links) = (scenario.nodes.len(), scenario.links.len());
    if nodes > MAX_NODES {
        return mistake("nodes", format!("there are {nodes}; at most {MAX_NODES} are possible"));
    }
    if links > MAX_LINKS {
        return mistake("links", format!("there are {links}; at most {MAX_LINKS} are possible"));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(format!("\"{name}\" is not a name: write letters, digits and dashes, no spaces"));
    }
    if name.chars().count() > MAX_NAME {
        return Err(format!("\"{name}\" is too long: at most {MAX_NAME} characters can be drawn"));
    }
    Ok(())
}

fn resolve_names(scenario: &Scenario) -> Result<BTreeMap<&str, NodeId>, Mistake> {
    let mut names = BTreeMap::new();
    for (index, name) in scenario.nodes.iter().map(scenario::Node::name).enumerate() {
        let place = format!("nodes[{index}].name");
        if let Err(problem) = check_name(name) {
            return mistake(place, problem);
        }
        if let Some(NodeId(first)) = names.insert(name, node_id(index)) {
            return mistake(place, format!("\"{name}\" is taken by nodes[{first}]; choose another name"));
        }
    }
    Ok(names)
}

fn resolve_links(scenario: &Scenario, names: &BTreeMap<&str, NodeId>) -> Result<Vec<PlanLink>, Mistake> {
    let mut links = Vec::with_capacity(scenario.links.len());
    let mut joined = BTreeMap::new();
    for (index, scenario::Link { from, to, latency }) in scenario.links.iter().enumerate() {
        let find = |field: &str, name: &str| {
            names.get(name).copied().ok_or_else(|| {
                let known: Vec<&str> = scenario.nodes.iter().take(20).map(scenario::Node::name).collect();
                let known = known.join(", ");
                Mistake {
                    place: format!("links[{index}].{field}"),
                    problem: format!("there is no node \"{name}\"; the nodes are {known}"),
                }
            })
        };
        let link = PlanLink { from: find("from", from)?, to: find("to", to)?, latency: *latency };
        if let Some(first) = joined.insert((link.from, link.to), index) {
            let problem =
                format!("{from} and {to} are linked by links[{first}] already; remove one of the two");
            return mistake(format!("links[{index}]"), problem);
        }
        if *latency > SimDuration::from_secs(3_600) {
            let problem = format!("{latency} is more than an hour; write \"40ms\" or so");
            return mistake(format!("links[{index}].latency"), problem);
        }
        links.push(link);
    }
    Ok(links)
}

fn plan_kind(
    node: &scenario::Node,
    outgoing: Vec<LinkId>,
    place: &dyn Fn(&str) -> String,
) -> Result<NodeKind, Mistake> {
    Ok(match node {
        scenario::Node::Clients(clients) => {
            let rate = clients.rate_per_s;
            if !(rate > 0.0 && rate <= MAX_RATE_PER_S) {
                let problem = format!(
                    "{rate} requests per second is out of range; write more than 0, at most {MAX_RATE_PER_S}"
                );
                return mistake(place("rate_per_s"), problem);
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "in range, and rounded"
            )]
            let mean_gap = SimDuration::from_nanos(libm::round(1e9 / rate) as u64);
            NodeKind::Clients(ClientsPlan { mean_gap, links: outgoing })
        }
        scenario::Node::LoadBalancer(balancer) => {
            let scenario::HealthCheck { interval, fall, rise } = balancer.health_check;
            if interval.is_zero() {
                return mistake(
                    place("health_check.interval"),
                    "0 would check without end; write \"2s\" or so",
                );
            }
            for (field, count) in [("health_check.fall", fall), ("health_check.rise", rise)] {
                if !(1..=100).contains(&count) {
                    return mistake(place(field), format!("{count} checks in a row; write 1 to 100"));
                }
            }
            let health = HealthConfig { interval, rise, fall, ..HealthConfig::default() };
            NodeKind::LoadBalancer(LoadBalancerPlan { health, retry: balancer.retry, pool: outgoing })
        }
        scenario::Node::WebServer(server) => {
            if !(1..=100_000).contains(&server.workers) {
                return mistake(place("workers"), format!("{} workers; write 1 to 100000", server.workers));
            }
            if let Err(problem) = server.service_time.check() {
                return mistake(place("service_time"), problem);
            }
            let scenario::WebServer { workers, queue_limit, service_time, .. } = *server;
            NodeKind::WebServer(WebServerPlan { workers, queue_limit, service_time })
        }
    })
}

/// Whether every link joins kinds that talk to each other, in the right direction.
fn check_kinds(nodes: &[PlanNode], links: &[PlanLink]) -> Result<(), Mistake> {
    for (index, link) in links.iter().enumerate() {
        let (from, to) = (&nodes[link.from.get()], &nodes[link.to.get()]);
        let fits = matches!(
            (&from.kind, &to.kind),
            (NodeKind::Clients(_), NodeKind::LoadBalancer(_))
                | (NodeKind::LoadBalancer(_), NodeKind::WebServer(_))
        );
        if !fits {
            let problem = format!(
                "{} ({}) cannot send to {} ({}); link clients to a load balancer, and a load balancer to web servers",
                from.name,
                from.kind.name(),
                to.name,
                to.kind.name()
            );
            return mistake(format!("links[{index}]"), problem);
        }
    }
    Ok(())
}

fn graph_of(nodes: usize, links: &[PlanLink]) -> Graph<NodeId, LinkId, Directed, u32> {
    let mut graph = Graph::with_capacity(nodes, links.len());
    let at: Vec<NodeIndex> = (0..nodes).map(|index| graph.add_node(node_id(index))).collect();
    for (index, link) in links.iter().enumerate() {
        graph.add_edge(at[link.from.get()], at[link.to.get()], link_id(index));
    }
    graph
}

/// Whether there are clients at all, and each of them reaches a web server.
fn check_reach(nodes: &[PlanNode], graph: &Graph<NodeId, LinkId, Directed, u32>) -> Result<(), Mistake> {
    let mut any = false;
    for (index, node) in
        nodes.iter().enumerate().filter(|(_, node)| matches!(node.kind, NodeKind::Clients(_)))
    {
        any = true;
        let mut dfs = Dfs::new(graph, NodeIndex::new(index));
        let mut reaches = false;
        while let Some(reached) = dfs.next(graph) {
            reaches |= matches!(nodes[reached.index()].kind, NodeKind::WebServer(_));
        }
        if !reaches {
            let problem = format!(
                "no path leads from {} to a web server; link it to a load balancer that is linked to one",
                node.name
            );
            return mistake(format!("nodes[{index}]"), problem);
        }
    }
    if any { Ok(()) } else { mistake("nodes", "nobody sends requests; add a node of kind \"clients\"") }
}
