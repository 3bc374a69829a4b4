//! Facts about the nodes around the tiers, in sentences.

use alloc::format;
use alloc::string::String;

use super::{requests, tenths};
use crate::log::{AlertStep, Fact, Symptom};
use crate::plan::Plan;
use crate::scenario::Behaviour;

/// Tells a fact that is about one of them.
pub(super) fn sentence(fact: &Fact, plan: &Plan) -> String {
    let name = |node| plan.name(node);
    match *fact {
        Fact::FirewallSet { firewall, on: true } => format!("{} filters again", name(firewall)),
        Fact::FirewallSet { firewall, on: false } => format!("{} lets everything through", name(firewall)),
        Fact::Dropped { node, count } => format!("{} dropped {}", name(node), requests(count)),
        Fact::RecordSet { dns, node, on: true } => {
            format!("{} gives out the address of {} again", name(dns), name(node))
        }
        Fact::RecordSet { dns, node, on: false } => {
            format!(
                "{} no longer gives out the address of {}; whoever has it keeps it until its time is over",
                name(dns),
                name(node)
            )
        }
        Fact::LookupFailed { clients } => {
            format!("{} asked for the address and got no answer", name(clients))
        }
        Fact::TlsSet { link, on } => {
            let (from, to) = (name(plan.link(link).from), name(plan.link(link).to));
            format!("what {from} and {to} say to each other is {}", readable(on))
        }
        Fact::HttpsSet { on } => format!("what clients send is {}", readable(on)),
        Fact::AttackSet { attacker, behaviour } => format!("{} {}", name(attacker), attack(behaviour)),
        Fact::PortFound { attacker, node, port } => {
            format!("{} found {}:{port} open", name(attacker), name(node))
        }
        Fact::ScanDone { attacker, open, refused, filtered } => format!(
            "{} has tried all ports: {open} open, {refused} refused, {filtered} without an answer",
            name(attacker)
        ),
        Fact::RowsStolen { attacker, count: 1 } => format!("{} read 1 row", name(attacker)),
        Fact::RowsStolen { attacker, count } => format!("{} read {count} rows", name(attacker)),
        Fact::MonitoringSet { monitor, on: true } => format!("{} watches", name(monitor)),
        Fact::MonitoringSet { monitor, on: false } => format!("{} watches no longer", name(monitor)),
        Fact::Alert { target, symptom, step, .. } => alert(name(target), symptom, step),
        _ => unreachable!("the story tells all others itself"),
    }
}

const fn readable(tls: bool) -> &'static str {
    if tls { "encrypted now" } else { "readable now for whoever listens" }
}

const fn attack(behaviour: Behaviour) -> &'static str {
    match behaviour {
        Behaviour::Idle => "stops",
        Behaviour::Scan => "tries ports",
        Behaviour::Flood => "sends as many requests as it can",
        Behaviour::Inject => "sends queries straight to databases",
    }
}

/// "ErrorRateHigh fires for lb-1: 4.1 % of its requests failed, for 3.0 s".
fn alert(target: &str, symptom: Symptom, step: AlertStep) -> String {
    let alert = symptom.alert();
    let seen = seen(symptom);
    match step {
        AlertStep::Pending => format!("{alert} is pending for {target}: {seen}"),
        AlertStep::Firing { held, after_fault } => {
            let fires = format!("{alert} fires for {target}: {seen}, for {} s", tenths(held.as_nanos()));
            match after_fault {
                Some(after) => format!("{fires}; {} s after the fault", tenths(after.as_nanos())),
                None => fires,
            }
        }
        AlertStep::Resolved { fired_for } => {
            format!("{alert} is resolved for {target} after {} s", tenths(fired_for.as_nanos()))
        }
    }
}

fn seen(symptom: Symptom) -> String {
    match symptom {
        Symptom::Down => String::from("it does not answer"),
        Symptom::Errors { ppm } => format!("{} % of its requests failed", percent(ppm)),
        Symptom::Slow { p99 } => format!("one in a hundred takes longer than {} s", tenths(p99.as_nanos())),
        Symptom::Behind { bytes } => format!("it is {bytes} bytes behind"),
        Symptom::Quiet { ppm } => format!("it gets {} % of the requests that it got before", percent(ppm)),
    }
}

/// Parts of a million as percent with one decimal, rounded.
fn percent(ppm: u32) -> String {
    let permille = (ppm + 500) / 1_000;
    format!("{}.{}", permille / 10, permille % 10)
}
