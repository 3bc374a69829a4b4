//! How often each kind of node and each shared fate fails and how long it stays down, where a scenario does not say.
//!
//! For nodes the defaults are what cloud providers promise for a single instance of that kind, turned into a mean time
//! between failures with a repair of one hour. A promise is where they start to pay, not what they measure: most
//! instances do better, and some much worse, so a number is right within a factor of three or so. For what nodes share
//! they are what Google saw in a cluster of its own: one cluster, one year, right within a factor of five or so. Who has
//! numbers of their own writes them into the scenario (`mtbf`, `mttr` on a node, or on an entry of `groups`). Links do not fail by themselves here: two nodes
//! on one network share its switches, and to count each link apart would count the same failure many times.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use understudy_core::SimDuration;
use understudy_sim::Plan;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;

use crate::losses::Component;
use crate::weakness::groups;

/// Mean times of one node.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeanTimes {
    /// Mean time between two failures: from the end of one to the start of the next.
    pub mtbf: SimDuration,
    /// Mean time to repair.
    pub mttr: SimDuration,
}

const fn hours(hours: u64) -> SimDuration {
    SimDuration::from_secs(hours * 3_600)
}

impl MeanTimes {
    /// The share of the time in which it is down.
    pub fn unavailability(self) -> f64 {
        let (up, down) = (self.mtbf.as_secs_f64(), self.mttr.as_secs_f64());
        down / (up + down)
    }

    /// Failures per second, counted over all the time.
    pub fn failures_per_s(self) -> f64 {
        1.0 / (self.mtbf.as_secs_f64() + self.mttr.as_secs_f64())
    }
}

/// What is usual for a kind of node, and who says so.
pub const fn usual(kind: &NodeKind) -> (MeanTimes, &'static str) {
    match kind {
        NodeKind::Clients(_) | NodeKind::Attacker(_) | NodeKind::Eavesdropper(_) => (
            MeanTimes { mtbf: SimDuration::from_secs(u32::MAX as u64), mttr: SimDuration::ZERO },
            "not a part of the system",
        ),
        NodeKind::Firewall(_) => (
            MeanTimes { mtbf: hours(1_999), mttr: hours(1) },
            "99.95 %: Microsoft, Service Level Agreement for Azure Firewall, deployed in one availability zone",
        ),
        NodeKind::Database(_) => (
            MeanTimes { mtbf: hours(199), mttr: hours(1) },
            "99.5 %: Amazon, RDS Service Level Agreement of January 2024, for a single DB instance",
        ),
        NodeKind::LoadBalancer(_)
        | NodeKind::WebServer(_)
        | NodeKind::ApplicationServer(_)
        | NodeKind::FailoverManager(_)
        | NodeKind::Dns(_)
        | NodeKind::Monitor(_) => (
            MeanTimes { mtbf: hours(999), mttr: hours(1) },
            "99.9 %: Microsoft, Service Level Agreement for Virtual Machines, for a single one with premium disks",
        ),
    }
}

/// What is usual for what nodes share, by the first word of its name (`host-3`, `rack-1`, `zone-b`, `power-2`), and who
/// says so. What has another name is taken for a rack.
pub fn usual_of_group(group: &str) -> (MeanTimes, &'static str) {
    let word = group.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    match word {
        "host" => (
            MeanTimes { mtbf: hours(15_700), mttr: hours(1) },
            "1,000 failures a year among 1,800 machines: Jeff Dean of Google, talk at Google I/O 2008",
        ),
        "power" => (
            MeanTimes { mtbf: hours(17_500), mttr: hours(6) },
            "of the two or three power distribution units of a cluster one fails a year, for 6 hours: Jeff Dean of \
             Google, talk at Google I/O 2008",
        ),
        "zone" => (
            MeanTimes { mtbf: hours(17_500), mttr: hours(3) },
            "99.982 %, 1.6 hours a year: what is widely quoted for a Tier III data centre in the Uptime Institute's \
             classification",
        ),
        _ => (
            MeanTimes { mtbf: hours(13_100), mttr: hours(3) },
            "20 failures a year among the 30 racks or so of a cluster, for 1 to 6 hours: Jeff Dean of Google, talk at \
             Google I/O 2008",
        ),
    }
}

/// The mean times of one of the plan's nodes.
pub fn of(plan: &Plan, id: NodeId) -> Option<MeanTimes> {
    let node = plan.node(id)?;
    let (usual, _) = usual(&node.kind);
    Some(MeanTimes {
        mtbf: node.dependability.mtbf.unwrap_or(usual.mtbf),
        mttr: node.dependability.mttr.unwrap_or(usual.mttr),
    })
}

/// Whether a node is a part of the system: not those outside that use it or attack it.
pub(crate) const fn is_part(kind: &NodeKind) -> bool {
    !matches!(kind, NodeKind::Clients(_) | NodeKind::Attacker(_) | NodeKind::Eavesdropper(_))
}

/// What the availability goes by for some nodes or groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assumed {
    /// The nodes or groups.
    pub of: Vec<String>,
    /// Their mean times.
    #[serde(flatten)]
    pub times: MeanTimes,
    /// Who says so.
    pub source: &'static str,
}

/// The mean times of all nodes and groups, with their sources.
pub fn assumed(plan: &Plan) -> Vec<Assumed> {
    let mut all: Vec<Assumed> = Vec::new();
    for unit in failing(plan) {
        let kind = unit.members.first().and_then(|&id| plan.node(id));
        let (usual, source) = match (&unit.group, kind) {
            (Some(group), _) => usual_of_group(group),
            (None, Some(node)) => usual(&node.kind),
            (None, None) => continue,
        };
        let source = if unit.times == usual { source } else { "the scenario" };
        let name = unit.group.unwrap_or_else(|| plan.name(unit.members[0]).into());
        match all.iter_mut().find(|one| one.times == unit.times && one.source == source) {
            Some(one) => one.of.push(name),
            None => all.push(Assumed { of: [name].into(), times: unit.times, source }),
        }
    }
    all
}

/// What fails as one: a node, or a group with all that stands in it.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    /// Of a node only itself.
    pub(crate) members: Vec<NodeId>,
    /// What the group is called, if it is one.
    pub(crate) group: Option<String>,
    pub(crate) times: MeanTimes,
}

/// What can fail: all nodes, then all groups. Groups fail on their own, on top of what their members do.
pub(crate) fn failing(plan: &Plan) -> Vec<Unit> {
    let nodes = plan.nodes().filter(|(_, node)| is_part(&node.kind));
    let nodes =
        nodes.filter_map(|(id, _)| Some(Unit { members: [id].into(), group: None, times: of(plan, id)? }));
    let mut units: Vec<Unit> = nodes.collect();
    for (group, members) in groups(plan) {
        let members = members.into_iter().filter_map(|member| match member {
            Component::Node(id) => Some(id),
            Component::Link(_) => None,
        });
        let times = of_group(plan, &group);
        units.push(Unit { members: members.collect(), group: Some(group), times });
    }
    units
}

/// The mean times of one of the groups that the plan's nodes stand in.
pub fn of_group(plan: &Plan, group: &str) -> MeanTimes {
    let (usual, _) = usual_of_group(group);
    let said = plan.groups().iter().find(|said| said.name == group);
    MeanTimes {
        mtbf: said.and_then(|said| said.mtbf).unwrap_or(usual.mtbf),
        mttr: said.and_then(|said| said.mttr).unwrap_or(usual.mttr),
    }
}
