//! Facts in sentences, for people: the log of the page and of the terminal.

mod actors;

use alloc::format;
use alloc::string::String;

use understudy_core::SimDuration;
use understudy_core::failover::NodeConfig;

use crate::ids::{LinkId, NodeId};
use crate::log::Fact;
use crate::plan::{NodeKind, Plan};
use crate::scenario::{Fencing, PoolMode, ReadRoute};

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
        Fact::TriedAgain { node, count } => {
            format!("{} tried {} again that had failed", name(node), requests(count))
        }
        Fact::Hung { node } => format!("{} froze: it accepts connections and answers nothing", name(node)),
        Fact::Slowed { node, times: 1 } => format!("{} works at its usual speed again", name(node)),
        Fact::Slowed { node, times } => format!("{} takes {times} times as long as usual", name(node)),
        Fact::Cut { link, forward, back } => cut(plan, link, forward, back),
        Fact::Delayed { link, delay } => delayed(plan, link, delay),
        Fact::RateSet { clients, mean_gap } => {
            format!("{} now send {} requests per second", name(clients), per_second(mean_gap))
        }
        Fact::ReadsSet { server, reads } => format!("reads of {} now go to {}", name(server), route(reads)),
        Fact::LossSet { .. }
        | Fact::Armed { .. }
        | Fact::Stopping { .. }
        | Fact::Stopped { .. }
        | Fact::WritesSet { .. }
        | Fact::Overloaded { .. }
        | Fact::OverloadOver { .. }
        | Fact::AlgorithmSet { .. }
        | Fact::WeightSet { .. }
        | Fact::PoolSet { .. }
        | Fact::StandbySet { .. }
        | Fact::HealthSet { .. }
        | Fact::AllReadsSet { .. }
        | Fact::CommitSet { .. }
        | Fact::FencingSet { .. } => set(fact, plan),
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
        _ => actors::sentence(fact, plan),
    }
}

/// What a command set, beyond the first few.
fn set(fact: &Fact, plan: &Plan) -> String {
    let name = |node| plan.name(node);
    match *fact {
        Fact::LossSet { link, loss_ppm } => loss(plan, link, loss_ppm),
        Fact::Armed { node } => format!("{} will die as soon as a request is inside it", name(node)),
        Fact::Stopping { node, restarts: true } => {
            format!("{} is restarting: it takes nothing new", name(node))
        }
        Fact::Stopping { node, restarts: false } => {
            format!("{} is stopping: it takes nothing new", name(node))
        }
        Fact::Stopped { node, lost: 0 } => format!("{} stopped cleanly; nothing was lost", name(node)),
        Fact::Stopped { node, lost } => {
            format!("{} stopped; {} had not ended in time and were lost", name(node), requests(lost))
        }
        Fact::WritesSet { clients, writes_ppm } => {
            format!("{} % of the requests of {} now write", percent(writes_ppm), name(clients))
        }
        Fact::Overloaded { clients, times, lasts } => {
            format!("{} send {times} times as much as usual for {lasts}", name(clients))
        }
        Fact::OverloadOver { clients } => format!("{} send as much as usual again", name(clients)),
        Fact::AlgorithmSet { balancer, algorithm } => {
            format!("{} now picks servers by {algorithm}", name(balancer))
        }
        Fact::WeightSet { server, weight } => format!("{} now has the weight {weight}", name(server)),
        Fact::PoolSet { balancer, mode } => format!("the servers of {} {}", name(balancer), share(mode)),
        Fact::StandbySet { server, on: true } => format!("{} is a standby now", name(server)),
        Fact::StandbySet { server, on: false } => format!("{} is an active server now", name(server)),
        Fact::HealthSet { balancer, interval, fall, rise } => format!(
            "{} now checks every {interval}: {fall} failed in a row take a server out, {rise} passed put it back",
            name(balancer)
        ),
        Fact::AllReadsSet { reads } => format!("all reads now go to {}", route(reads)),
        Fact::CommitSet { replicas: 0 } => {
            "a write is now acknowledged as soon as the primary has flushed it".into()
        }
        Fact::CommitSet { replicas: 1 } => {
            "a write is now acknowledged when any 1 replica has flushed it too".into()
        }
        Fact::CommitSet { replicas } => {
            format!("a write is now acknowledged when any {replicas} replicas have flushed it too")
        }
        Fact::FencingSet { manager, fencing } => {
            let how = match fencing {
                Fencing::None => "promotes without making sure that the old primary has stopped",
                Fencing::Device => "has a device cut the old primary's power before it promotes",
                Fencing::Lease => "gives the primary a lease and promotes when it has run out",
            };
            format!("{} now {how}", name(manager))
        }
        _ => unreachable!("sentence() tells all others"),
    }
}

fn loss(plan: &Plan, link: LinkId, loss_ppm: u32) -> String {
    let (from, to) = (plan.name(plan.link(link).from), plan.name(plan.link(link).to));
    match loss_ppm {
        0 => format!("the link between {from} and {to} loses nothing any more"),
        _ => format!("the link between {from} and {to} loses {} % of all packets", percent(loss_ppm)),
    }
}

/// Parts in a million as percent, with as many decimals as it takes.
fn percent(ppm: u32) -> f64 {
    f64::from(ppm) / 10_000.0
}

/// How many gaps of this length a second has, rounded, in whole numbers: printing a float is a large piece of code.
fn per_second(gap: SimDuration) -> u64 {
    let nanos = gap.as_nanos().max(1);
    (1_000_000_000 + nanos / 2) / nanos
}

const fn share(mode: PoolMode) -> &'static str {
    match mode {
        PoolMode::ActiveActive => "now all serve, the standbys too",
        PoolMode::ActivePassive => "now have one standby serve while no active one is up",
        PoolMode::ActivePassiveAll => "now have all standbys serve while no active one is up",
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
