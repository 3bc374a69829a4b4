//! Who notices a failure, and when.
//!
//! A monitor asks each of its targets again and again. A target that does not answer is an alert once the rule's time
//! (`for`) is over: at the latest one interval after the death until the next scrape, the scrape's own time limit if the
//! host is silent, and the rule's time, rounded up to the next scrape. What a monitor is not linked to, nobody watches,
//! and nobody watches the monitor.
//!
//! Without a monitor clients notice what they feel. What they do not feel, because others make up for it, stays hidden
//! until one of these others fails as well: for as long as that takes on average.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use understudy_core::SimDuration;
use understudy_sim::Plan;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{AlertCondition, AlertRule, MonitorPlan, NodeKind};

use crate::dependability;
use crate::interruption::{Takes, half};
use crate::losses::Component;
use crate::service::Service;
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
    /// The alert rules of all monitors that are on.
    pub rules: Vec<Rule>,
}

/// An alert rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// Whose it is.
    pub monitor: String,
    /// What it is called: `ErrorRateHigh`.
    pub name: &'static str,
    /// What it counts over, if it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<SimDuration>,
    /// For how long it has to hold until it fires.
    pub hold: SimDuration,
    /// From when what it looks for begins, and stays, to the alert: as a rule after half a window, at most after a whole.
    pub fires_after: Takes,
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
    /// For how long its death stays hidden on average where nobody watches: until another failure uncovers it. `None` if
    /// it is felt at once, if nothing ever uncovers it, or if pairs were not looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_for: Option<SimDuration>,
}

impl Monitoring {
    /// The nodes whose death nobody notices.
    pub fn blind_spots(&self) -> impl Iterator<Item = &Watched> {
        self.nodes.iter().filter(|node| node.noticed_after.is_none())
    }

    /// Notes which failures would uncover a hidden one: those of the nodes that it ends a service with.
    pub(crate) fn uncovered_by(&mut self, plan: &Plan, pairs: &[(Service, [Component; 2])]) {
        for node in self.nodes.iter_mut().filter(|node| !node.is_felt) {
            let own = plan.find(&node.name).map(Component::Node);
            let mut partners: Vec<NodeId> = pairs
                .iter()
                .filter(|(_, pair)| pair.iter().any(|one| Some(*one) == own))
                .flat_map(|(_, pair)| pair)
                .filter(|one| Some(**one) != own)
                .filter_map(|one| match *one {
                    Component::Node(id) => Some(id),
                    Component::Link(_) => None,
                })
                .collect();
            partners.sort_unstable();
            partners.dedup();
            let rates = partners.iter().filter_map(|&id| dependability::of(plan, id));
            let per_s: f64 = rates.map(|times| 1.0 / times.mtbf.as_secs_f64()).sum();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "below the age of the world"
            )]
            let after = || SimDuration::from_secs((1.0 / per_s).min(1e9) as u64);
            node.hidden_for = (per_s > 0.0).then(after);
        }
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
            hidden_for: None,
        });
        let on = monitors.iter().filter(|(_, monitor)| monitor.on);
        let rules =
            on.flat_map(|&(id, monitor)| monitor.rules.iter().map(move |rule| self.rule(id, monitor, rule)));
        Monitoring {
            monitors: names(true),
            switched_off: names(false),
            nodes: nodes.collect(),
            rules: rules.collect(),
        }
    }

    fn rule(&self, id: NodeId, monitor: &MonitorPlan, rule: &AlertRule) -> Rule {
        let window = match rule.condition {
            AlertCondition::ErrorRateHigh { window, .. }
            | AlertCondition::LatencyHigh { window, .. }
            | AlertCondition::QpsCollapse { window, .. } => Some(window),
            AlertCondition::TargetDown | AlertCondition::ReplicationLagHigh { .. } => None,
        };
        let scrapes = rule.hold.as_nanos().div_ceil(monitor.interval.as_nanos());
        let waits = monitor.interval * scrapes;
        let counts = window.unwrap_or_default();
        Rule {
            monitor: self.plan.name(id).to_string(),
            name: rule.condition.name(),
            window,
            hold: rule.hold,
            fires_after: Takes {
                typical: half(monitor.interval) + half(counts) + waits,
                at_most: monitor.interval * 2 + monitor.timeout + counts + waits,
            },
        }
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
            Some(Takes {
                typical: half(monitor.interval) + there + waits,
                at_most: monitor.interval + monitor.timeout.max(there) + waits + monitor.interval,
            })
        });
        times.min()
    }
}
