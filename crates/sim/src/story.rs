//! Facts in sentences, for people: the log of the page and of the terminal.

mod actors;

use alloc::format;
use alloc::string::String;

use understudy_core::SimDuration;
use understudy_core::failover::NodeConfig;

use crate::ids::{LinkId, NodeId};
use crate::log::Fact;
use crate::plan::{NodeKind, Plan};
use crate::scenario::ReadRoute;

/// Tells a fact in one sentence without a full stop.
pub fn sentence(fact: &Fact, plan: &Plan) -> String {
    let name = |node| plan.name(node);
    match *fact {
        Fact::Killed { node, lost: 0 } => format!("{} killed; nothing was inside it", name(node)),
        Fact::Killed { node, lost } => format!("{} killed; {} lost with it", name(node), requests(lost)),
        Fact::Revived { node } => format!("{} started again, empty", name(node)),
        Fact::RetrySet { balancer, on: true } => {
            format!("{} now tries the next server when one refuses", name(balancer))
        }
        Fact::RetrySet { balancer, on: false } => {
            format!("{} no longer tries another server when one refuses", name(balancer))
        }
        Fact::CheckFailed { balancer, server, failed, fall } => {
            format!("{}: check of {} failed, {failed} of {fall}", name(balancer), name(server))
        }
        Fact::CheckPassed { balancer, server, passed, rise } => {
            format!("{}: check of {} passed, {passed} of {rise}", name(balancer), name(server))
        }
        Fact::TakenOut { balancer, server, fall, after_death } => {
            let when = after_death.map_or_else(
                || String::from("though it is alive again"),
                |gap| format!("{} s after it died", tenths(gap.as_nanos())),
            );
            format!("{} took {} out after {}, {when}", name(balancer), name(server), checks(fall, "failed"))
        }
        Fact::PutBack { balancer, server, rise, after_revival } => {
            let when = after_revival.map_or_else(
                || String::from("though it is dead again"),
                |gap| format!("{} s after it came back", tenths(gap.as_nanos())),
            );
            format!("{} put {} back after {}, {when}", name(balancer), name(server), checks(rise, "passed"))
        }
        Fact::Refused { node, count: 0, retried } => {
            format!("{} that {} had refused went to another server", requests(retried), name(node))
        }
        Fact::Refused { node, count, retried } => {
            let refused = format!("{} refused {}", name(node), requests(count));
            match retried {
                0 => refused,
                all if all == count => format!("{refused}, retried on another server"),
                some => format!("{refused}, {some} of them retried on another server"),
            }
        }
        Fact::QueueFull { node, count } => {
            format!("{} turned {} away: its queue is full", name(node), requests(count))
        }
        Fact::Rejected { node, count } => {
            format!("{} turned {} away: {}", name(node), requests(count), why_rejected(plan, node))
        }
        Fact::TimedOut { node, count } => {
            format!("{} waited in vain for {}", name(node), requests(count))
        }
        Fact::Hung { node } => format!("{} froze: it accepts connections and answers nothing", name(node)),
        Fact::Slowed { node, times: 1 } => format!("{} works at its usual speed again", name(node)),
        Fact::Slowed { node, times } => format!("{} takes {times} times as long as usual", name(node)),
        Fact::Cut { link, forward, back } => cut(plan, link, forward, back),
        Fact::Delayed { link, delay } => delayed(plan, link, delay),
        Fact::RateSet { clients, mean_gap } => {
            format!("{} now send {:.0} requests per second", name(clients), 1.0 / mean_gap.as_secs_f64())
        }
        Fact::ReadsSet { server, reads } => format!("reads of {} now go to {}", name(server), route(reads)),
        Fact::BecameMaster { balancer } => {
            format!("{} is master and holds the virtual address", name(balancer))
        }
        Fact::BecameBackup { balancer } => {
            format!("{} heard a better master and gave the virtual address up", name(balancer))
        }
        Fact::Promoted { node, timeline, lost } => {
            format!("{} was promoted and starts {timeline}{}", name(node), and_lost(lost))
        }
        Fact::Rewound { node, thrown, lost } => {
            let records = if thrown == 1 { "1 record".into() } else { format!("{thrown} records") };
            format!("{} was rewound and threw {records} of its log away{}", name(node), and_lost(lost))
        }
        Fact::Fenced { node } => format!("the fencing device cut the power of {}", name(node)),
        Fact::LeaseRanOut { node } => {
            format!("{} takes no more writes: its lease ran out and nobody extended it", name(node))
        }
        Fact::ManagerStep { manager, ref step } => {
            format!("{}: {}", name(manager), step.with_names(watched_by(plan, manager)))
        }
        Fact::FirewallSet { .. }
        | Fact::Dropped { .. }
        | Fact::RecordSet { .. }
        | Fact::LookupFailed { .. }
        | Fact::TlsSet { .. }
        | Fact::HttpsSet { .. }
        | Fact::AttackSet { .. }
        | Fact::PortFound { .. }
        | Fact::ScanDone { .. }
        | Fact::RowsStolen { .. }
        | Fact::MonitoringSet { .. }
        | Fact::Alert { .. } => actors::sentence(fact, plan),
    }
}

fn cut(plan: &Plan, link: LinkId, forward: bool, back: bool) -> String {
    let (from, to) = (plan.name(plan.link(link).from), plan.name(plan.link(link).to));
    match (forward, back) {
        (true, true) => format!("the link between {from} and {to} is cut"),
        (false, false) => format!("the link between {from} and {to} works again"),
        (true, false) => format!("nothing gets through from {from} to {to}"),
        (false, true) => format!("nothing gets through from {to} to {from}"),
    }
}

fn delayed(plan: &Plan, link: LinkId, delay: SimDuration) -> String {
    let (from, to) = (plan.name(plan.link(link).from), plan.name(plan.link(link).to));
    if delay.is_zero() {
        format!("the link between {from} and {to} is as fast as usual again")
    } else {
        format!("the link between {from} and {to} takes {delay} longer, each way")
    }
}

const fn route(reads: ReadRoute) -> &'static str {
    match reads {
        ReadRoute::Primary => "the primary",
        ReadRoute::Replicas => "the replicas in turn",
        ReadRoute::All => "all databases in turn",
        ReadRoute::ReadYourWrites => "replicas that have the session's own writes",
    }
}

/// The databases of a failover manager, by the numbers that it gives them.
fn watched_by(plan: &Plan, manager: NodeId) -> &[NodeConfig] {
    match plan.node(manager).map(|node| &node.kind) {
        Some(NodeKind::FailoverManager(settings)) => &settings.config.nodes,
        _ => &[],
    }
}

/// What a node that turns requests away lacks.
fn why_rejected(plan: &Plan, node: NodeId) -> &'static str {
    match plan.node(node).map(|node| &node.kind) {
        Some(NodeKind::LoadBalancer(_)) => "it believes every server down",
        Some(NodeKind::Database(_)) => "it takes no writes",
        _ => "it knows nowhere to send them",
    }
}

fn and_lost(writes: u64) -> String {
    match writes {
        0 => String::new(),
        1 => String::from("; 1 acknowledged write is lost"),
        writes => format!("; {writes} acknowledged writes are lost"),
    }
}

fn requests(count: u64) -> String {
    match count {
        1 => String::from("1 request"),
        count => format!("{count} requests"),
    }
}

fn checks(count: u32, verdict: &str) -> String {
    match count {
        1 => format!("1 {verdict} check"),
        count => format!("{count} {verdict} checks"),
    }
}

/// Nanoseconds as seconds with one decimal, rounded.
fn tenths(nanos: u64) -> String {
    let tenths = (nanos + 50_000_000) / 100_000_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}
