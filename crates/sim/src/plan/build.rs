//! From a scenario to a plan: sizes, names, then links, kinds, and whether anybody reaches anything.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use petgraph::Direction;
use petgraph::graph::{Graph, NodeIndex};
use petgraph::visit::Dfs;

use understudy_core::{SimDuration, sort};

use super::links::{self, Wiring};
use super::{
    MAX_LINKS, MAX_NAME, MAX_NODES, Mistake, NodeKind, Plan, PlanLink, PlanNode, Topology, kinds, link_id,
    mistake, node_id,
};
use crate::command::TimedCommand;
use crate::ids::NodeId;
use crate::scenario::{self, Dependability, Group, Scenario};

pub(super) fn build(scenario: &Scenario) -> Result<Plan, Mistake> {
    check_size(scenario)?;
    let names = resolve_names(scenario)?;
    let links = links::resolve(scenario, &names)?;
    links::check_kinds(scenario, &links)?;
    let wiring = Wiring::new(scenario, &links);
    let databases: Vec<NodeId> = find_databases(scenario);
    kinds::check_databases(scenario)?;
    let context = kinds::Context { scenario, links: &links, wiring: &wiring, databases: &databases };
    let nodes = (0..scenario.nodes.len())
        .map(|index| {
            let kind = kinds::plan(&context, node_id(index))?;
            let node = &scenario.nodes[index];
            check_dependability(node.dependability(), index)?;
            Ok(PlanNode { name: node.name().into(), kind, dependability: node.dependability().clone() })
        })
        .collect::<Result<Vec<_>, Mistake>>()?;
    check_reach(&nodes, &graph_of(nodes.len(), &links))?;
    check_groups(&scenario.groups)?;
    let (title, summary) = (scenario.title.clone(), scenario.summary.clone());
    let is_arranged = scenario.arranged;
    let groups = scenario.groups.clone();
    let script = Vec::new();
    let mut plan = Plan { title, summary, is_arranged, nodes, links, databases, groups, script };
    plan.script = read_script(scenario, &plan)?;
    Ok(plan)
}

fn read_script(scenario: &Scenario, plan: &Plan) -> Result<Vec<TimedCommand>, Mistake> {
    let mut script = Vec::with_capacity(scenario.script.len());
    for (index, text) in scenario.script.iter().enumerate() {
        let timed =
            TimedCommand::parse(text, plan).and_then(|timed| timed.command.check(plan).map(|()| timed));
        match timed {
            Ok(timed) => script.push(timed),
            Err(problem) => return mistake(format!("script[{index}]"), format!("{problem}")),
        }
    }
    sort::by_key(&mut script, |timed| timed.at.as_nanos().into());
    Ok(script)
}

fn find_databases(scenario: &Scenario) -> Vec<NodeId> {
    let is_database = |node: &scenario::Node| matches!(node, scenario::Node::Database(_));
    scenario
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| is_database(node))
        .map(|(index, _)| node_id(index))
        .collect()
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

/// Words that commands use where a name could stand.
const RESERVED_NAMES: [&str; 2] = ["*", "allow-data-loss"];

fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(format!("\"{name}\" is not a name: write letters, digits and dashes, no spaces"));
    }
    if RESERVED_NAMES.contains(&name) {
        return Err(format!("\"{name}\" means something in commands; choose another name"));
    }
    if name.chars().count() > MAX_NAME {
        return Err(format!("\"{name}\" is too long: at most {MAX_NAME} characters can be drawn"));
    }
    Ok(())
}

fn check_dependability(dependability: &Dependability, index: usize) -> Result<(), Mistake> {
    for (number, group) in dependability.groups.iter().enumerate() {
        if let Err(problem) = check_name(group) {
            return mistake(format!("nodes[{index}].in[{number}]"), problem);
        }
    }
    check_mean_times(dependability.mtbf, dependability.mttr, &format!("nodes[{index}]"))
}

fn check_mean_times(
    mtbf: Option<SimDuration>,
    mttr: Option<SimDuration>,
    place: &str,
) -> Result<(), Mistake> {
    for (field, time) in [("mtbf", mtbf), ("mttr", mttr)] {
        if time.is_some_and(SimDuration::is_zero) {
            let problem = "0 is no mean time; write \"4h\" or so, or leave it out for what is usual";
            return mistake(format!("{place}.{field}"), problem);
        }
    }
    Ok(())
}

fn check_groups(groups: &[Group]) -> Result<(), Mistake> {
    for (index, group) in groups.iter().enumerate() {
        let place = format!("groups[{index}]");
        if let Err(problem) = check_name(&group.name) {
            return mistake(format!("{place}.name"), problem);
        }
        if groups[..index].iter().any(|other| other.name == group.name) {
            let problem = format!("\"{}\" is described twice; keep one of the two", group.name);
            return mistake(format!("{place}.name"), problem);
        }
        check_mean_times(group.mtbf, group.mttr, &place)?;
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

fn graph_of(nodes: usize, links: &[PlanLink]) -> Topology {
    let mut graph = Graph::with_capacity(nodes, links.len());
    let at: Vec<NodeIndex> = (0..nodes).map(|index| graph.add_node(node_id(index))).collect();
    for (index, link) in links.iter().enumerate() {
        graph.add_edge(at[link.from.get()], at[link.to.get()], link_id(index));
    }
    graph
}

/// Whether there are clients at all, and each of them reaches a server.
fn check_reach(nodes: &[PlanNode], graph: &Topology) -> Result<(), Mistake> {
    for (index, node) in nodes.iter().enumerate() {
        let is_asked = || {
            graph
                .neighbors_directed(NodeIndex::new(index), Direction::Incoming)
                .any(|from| matches!(nodes[from.index()].kind, NodeKind::Clients(_) | NodeKind::Firewall(_)))
        };
        if matches!(&node.kind, NodeKind::Firewall(firewall) if firewall.links.is_empty()) && is_asked() {
            let problem = format!("{} leads nowhere; link it to what it protects, or remove it", node.name);
            return mistake(format!("nodes[{index}]"), problem);
        }
    }
    let mut any = false;
    for (index, node) in
        nodes.iter().enumerate().filter(|(_, node)| matches!(node.kind, NodeKind::Clients(_)))
    {
        any = true;
        let mut dfs = Dfs::new(graph, NodeIndex::new(index));
        let mut reaches = false;
        while let Some(reached) = dfs.next(graph) {
            reaches |= matches!(
                nodes[reached.index()].kind,
                NodeKind::WebServer(_) | NodeKind::ApplicationServer(_)
            );
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
