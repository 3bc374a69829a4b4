//! Who notices a failure, and when.
//!
//! A monitor asks each of its targets again and again. A target that does not answer is an alert once the rule's time
//! (`for`) is over: at the latest one interval after the death until the next scrape, the scrape's own time limit if the
//! host is silent, and the rule's time, rounded up to the next scrape. What a monitor is not linked to, nobody watches,
//! and nobody watches the monitor.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use understudy_core::SimDuration;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{AlertCondition, MonitorPlan, NodeKind};

use crate::dependability;
use crate::interruption::Takes;
use crate::system::System;

/// Who notices what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Monitoring {
    /// The monitors that are switched on.
    pub monitors: Vec<String>,
    /// The monitors that are there and switched off.
    pub switched_off: Vec<String>,
    /// Each node of the system, with how long its death goes unnoticed.
    pub nodes: Vec<Watched>,
}

/// One node, as it is watched.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Watched {
    /// The node.
    pub name: String,
    /// The time from its death to an alert; `None` if nobody notices.
    pub noticed_after: Option<Takes>,
    /// Whether a service suffers if it dies, so that at least the clients notice.
    pub is_felt: bool,
}

impl Monitoring {
    /// The nodes whose death nobody notices.
    pub fn blind_spots(&self) -> impl Iterator<Item = &Watched> {
        self.nodes.iter().filter(|node| node.noticed_after.is_none())
    }
}

impl System<'_> {
    /// Who notices what. `felt` are the nodes whose death a service suffers from.
    pub fn monitoring(&self, felt: &[NodeId]) -> Monitoring {
        let monitors: Vec<(NodeId, &MonitorPlan)> = self
            .plan
            .nodes()
            .filter_map(|(id, node)| match &node.kind {
                NodeKind::Monitor(monitor) => Some((id, monitor)),
                _ => None,
            })
            .collect();
        let names = |on: bool| {
            let wanted = monitors.iter().filter(|(_, monitor)| monitor.on == on);
            wanted.map(|(id, _)| self.plan.name(*id).to_string()).collect()
        };
        let nodes = self.plan.nodes().filter(|(_, node)| dependability::is_part(&node.kind));
        let nodes = nodes.map(|(id, node)| Watched {
            name: node.name.clone(),
            noticed_after: self.noticed_after(id, &monitors),
            is_felt: felt.contains(&id),
        });
        Monitoring { monitors: names(true), switched_off: names(false), nodes: nodes.collect() }
    }

    /// The time from a node's death to the first alert.
    fn noticed_after(&self, id: NodeId, monitors: &[(NodeId, &MonitorPlan)]) -> Option<Takes> {
        let on = monitors.iter().filter(|(_, monitor)| monitor.on);
        let times = on.filter_map(|(_, monitor)| {
            let target = |link: &LinkId| self.plan.link(*link).to == id;
            let link = *monitor.targets.iter().find(|&link| target(link))?;
            let rules = monitor.rules.iter();
            let hold = rules
                .filter(|rule| rule.condition == AlertCondition::TargetDown)
                .map(|rule| rule.hold)
                .min()?;
            // Rules are looked at with every scrape.
            let scrapes = hold.as_nanos().div_ceil(monitor.interval.as_nanos());
            let waits = monitor.interval * scrapes;
            let there = self.plan.link(link).latency * 2;
            let half = SimDuration::from_nanos(monitor.interval.as_nanos() / 2);
            Some(Takes {
                typical: half + there + waits,
                at_most: monitor.interval + monitor.timeout.max(there) + waits + monitor.interval,
            })
        });
        times.min()
    }
}
