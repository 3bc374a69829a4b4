//! Facts in sentences, for people: the log of the page and of the terminal.

use alloc::format;
use alloc::string::String;

use crate::log::Fact;
use crate::plan::Plan;

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
        Fact::Rejected { balancer, count } => {
            format!("{} rejected {}: it believes every server down", name(balancer), requests(count))
        }
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
