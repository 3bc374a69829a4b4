//! How often each kind of node fails and how long it stays down, where a scenario does not say.
//!
//! The defaults are what cloud providers promise for a single instance of that kind, turned into a mean time between
//! failures with a repair of one hour. A promise is a lower bound; who has numbers of their own writes them into the
//! scenario (`mtbf`, `mttr`). Links do not fail by themselves here: two nodes on one network share its switches, and to
//! count each link apart would count the same failure many times.

use alloc::vec::Vec;

use serde::Serialize;
use understudy_core::SimDuration;
use understudy_sim::Plan;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;

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
            "99.95 %, Microsoft's service level agreement for Azure Firewall in one zone",
        ),
        NodeKind::Database(_) => (
            MeanTimes { mtbf: hours(199), mttr: hours(1) },
            "99.5 %, Amazon's service level agreement for a single RDS instance",
        ),
        NodeKind::LoadBalancer(_)
        | NodeKind::WebServer(_)
        | NodeKind::ApplicationServer(_)
        | NodeKind::FailoverManager(_)
        | NodeKind::Dns(_)
        | NodeKind::Monitor(_) => (
            MeanTimes { mtbf: hours(999), mttr: hours(1) },
            "99.9 %, Microsoft's service level agreement for a single virtual machine with premium disks",
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

/// The nodes that can fail, with their mean times.
pub(crate) fn failing(plan: &Plan) -> Vec<(NodeId, MeanTimes)> {
    let nodes = plan.nodes().filter(|(_, node)| is_part(&node.kind));
    nodes.filter_map(|(id, _)| Some((id, of(plan, id)?))).collect()
}
