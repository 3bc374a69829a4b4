//! How much load the system carries, with everything up and with the worst single loss.
//!
//! Each request visits nodes and keeps a worker of each busy for a while. At the load at which the busiest node needs
//! all its workers, queues grow without end: that is what the system carries. It follows from the mean times alone; how
//! long queues are below it is for the simulator to show.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;

use crate::losses::{Component, Losses};
use crate::service::Service;
use crate::slices::{Pauses, at_once};
use crate::system::{Reactions, System};

/// Loads are compared where nobody has to queue: there, what is busy grows with the load.
const LIGHT: f64 = 1e-3;

/// What the system carries.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Capacity {
    /// Requests per second that the clients send.
    pub offered_per_s: f64,
    /// Requests per second that it carries with everything up; `None` if nothing in it has workers.
    pub carries_per_s: Option<f64>,
    /// Where it saturates first.
    pub saturates_first: Option<String>,
    /// How busy each node is at the offered load, the busiest first.
    pub nodes: Vec<NodeLoad>,
    /// The single node whose loss leaves least, of those whose loss ends no service; `None` if there is none.
    pub worst_loss: Option<LossLoad>,
}

/// One node at the offered load.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeLoad {
    /// The node.
    pub name: String,
    /// How often a request visits it on average.
    pub visits_per_request: f64,
    /// Busy share of its workers.
    pub utilisation: f64,
}

/// What is left after a loss.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LossLoad {
    /// What is lost.
    pub lost: String,
    /// Requests per second that are carried.
    pub carries_per_s: f64,
    /// Where it saturates first.
    pub saturates_first: String,
}

fn workers(kind: &NodeKind) -> Option<u32> {
    match kind {
        NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => Some(server.workers),
        NodeKind::Database(database) => Some(database.workers),
        _ => None,
    }
}

impl System<'_> {
    /// Requests per second that all clients send.
    pub fn offered_per_s(&self) -> f64 {
        self.populations.iter().flat_map(|population| population.rates).sum()
    }

    /// The load at which the first node saturates, and which that is.
    pub(crate) fn carries(&self, losses: &Losses) -> Option<(f64, NodeId)> {
        let walk = self.walk(losses, Reactions::ALL, LIGHT);
        let busiest = self
            .plan
            .nodes()
            .filter_map(|(id, node)| Some((walk.busy[id.get()] / f64::from(workers(&node.kind)?), id)))
            .filter(|(busy, _)| *busy > 0.0)
            .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
        let (busy, first) = busiest?;
        Some((self.offered_per_s() * LIGHT / busy, first))
    }

    /// What the system carries.
    pub fn capacity(&self) -> Capacity {
        at_once(self.capacity_with(Pauses::NONE))
    }

    pub(crate) async fn capacity_with(&self, pauses: Pauses) -> Capacity {
        let none = Losses::none(self.plan);
        let carries = self.carries(&none);
        let walk = self.walk(&none, Reactions::ALL, LIGHT);
        let offered_per_s = self.offered_per_s();
        let loads = self.plan.nodes().filter_map(|(id, node)| {
            let visits: f64 = Service::ALL.iter().map(|&service| walk.arriving(id, service)).sum();
            Some(NodeLoad {
                name: node.name.clone(),
                visits_per_request: visits / (offered_per_s * LIGHT),
                utilisation: walk.busy[id.get()] / LIGHT / f64::from(workers(&node.kind)?),
            })
        });
        let mut nodes: Vec<NodeLoad> = loads.collect();
        nodes.sort_by(|one, other| other.utilisation.total_cmp(&one.utilisation));
        Capacity {
            offered_per_s,
            carries_per_s: carries.map(|(carries, _)| carries),
            saturates_first: carries.map(|(_, first)| self.plan.name(first).to_string()),
            nodes,
            worst_loss: self.worst_loss(pauses).await,
        }
    }

    async fn worst_loss(&self, pauses: Pauses) -> Option<LossLoad> {
        let healthy = self.healthy();
        let mut worst: Option<LossLoad> = None;
        for (id, node) in self.plan.nodes() {
            if !crate::dependability::is_part(&node.kind) {
                continue;
            }
            pauses.here().await;
            let losses = Losses::of(self.plan, &[Component::Node(id)]);
            let after = self.outcome(&losses, Reactions::ALL);
            let ends = |service: Service| healthy.answered(service) > 0.0 && after.answered(service) <= 0.0;
            if self.services().any(ends) {
                continue;
            }
            if let Some((carries_per_s, first)) = self.carries(&losses)
                && worst.as_ref().is_none_or(|worst| carries_per_s < worst.carries_per_s)
            {
                let saturates_first = self.plan.name(first).to_string();
                worst = Some(LossLoad { lost: node.name.clone(), carries_per_s, saturates_first });
            }
        }
        worst
    }
}
