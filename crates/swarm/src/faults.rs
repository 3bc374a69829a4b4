//! Random schedules of faults, from a table of all commands.

use understudy_core::SimDuration;
use understudy_core::balancer::Algorithm;
use understudy_sim::Plan;
use understudy_sim::plan::{NextTier, NodeKind, Traffic};
use understudy_sim::scenario::{Behaviour, Fencing, PoolMode, ReadRoute};

use crate::scenario::Dice;

/// One command: its word, and how to draw its operands; `None` where the plan has nothing to use it on.
type Row = (&'static str, fn(&mut Dice, &Plan) -> Option<String>);

/// What the swarm does. A test holds it against the list that the reader of commands prints: a new command has to be
/// added here.
const TABLE: &[Row] = &[
    ("kill", process),
    ("kill-mid-request", |dice, plan| {
        node(dice, plan, |kind| {
            works(kind) || matches!(kind, NodeKind::Firewall(_) | NodeKind::LoadBalancer(_))
        })
    }),
    ("hang", process),
    ("revive", process),
    ("stop", process),
    ("restart", process),
    ("slow", |dice, plan| Some(format!("{} {}x", node(dice, plan, works)?, dice.between(1, 20)))),
    ("cut", link),
    ("cut-one-way", link),
    ("heal", link),
    ("delay", |dice, plan| Some(format!("{} {:#}", link(dice, plan)?, dice.millis(0, 2_000)))),
    ("lose", |dice, plan| {
        let share = dice.pick(&["0.1", "1", "5", "20", "50", "100"]);
        Some(format!("{} {share}%", link(dice, plan)?))
    }),
    ("rate", |dice, plan| Some(format!("{} {}", node(dice, plan, is_open_loop)?, dice.between(1, 60)))),
    ("writes", |dice, plan| {
        // With the static files that is never more than all.
        let name = node(dice, plan, |kind| matches!(kind, NodeKind::Clients(_)))?;
        Some(format!("{name} 0.{}", dice.between(0, 6)))
    }),
    ("overload", |dice, plan| {
        let name = node(dice, plan, |kind| matches!(kind, NodeKind::Clients(_)))?;
        Some(format!("{name} {}x {:#}", dice.between(2, 10), dice.millis(100, 20_000)))
    }),
    ("algorithm", |dice, plan| Some(format!("{} {}", balancer(dice, plan)?, dice.pick(&Algorithm::ALL)))),
    ("weight", |dice, plan| Some(format!("{} {}", pooled(dice, plan)?, dice.between(1, 10)))),
    ("pool", |dice, plan| Some(format!("{} {}", balancer(dice, plan)?, dice.pick(&PoolMode::ALL).1))),
    ("standby", |dice, plan| {
        let name = pooled(dice, plan)?;
        Some(switch(dice, &name))
    }),
    ("health", |dice, plan| {
        let (name, interval) = (balancer(dice, plan)?, dice.millis(100, 3_000));
        Some(format!("{name} interval {interval:#} fall {} rise {}", dice.between(1, 4), dice.between(1, 4)))
    }),
    ("retry", |dice, plan| {
        let name = balancer(dice, plan)?;
        Some(switch(dice, &name))
    }),
    ("reads", |dice, plan| {
        let name = node(dice, plan, has_databases)?;
        let name = if dice.chance(30) { "*" } else { &name };
        Some(format!("{name} {}", dice.pick(&ReadRoute::ALL).1))
    }),
    ("commit", |dice, plan| match (plan.databases().len() as u64).checked_sub(1)? {
        0 => Some("async".into()),
        replicas => Some(match dice.between(0, replicas) {
            0 => "async".into(),
            count => format!("any {count}"),
        }),
    }),
    ("fencing", |dice, plan| Some(format!("{} {}", manager(dice, plan)?, dice.pick(&Fencing::ALL).1))),
    ("automatic", |dice, plan| {
        let name = manager(dice, plan)?;
        Some(switch(dice, &name))
    }),
    ("failover", |dice, plan| {
        let manager = maybe_database(dice, plan)?;
        Some(if dice.chance(20) { format!("{manager} allow-data-loss") } else { manager })
    }),
    ("switchover", maybe_database),
    ("confirm-fenced", manager),
    ("rejoin", |dice, plan| Some(format!("{} {}", manager(dice, plan)?, database(dice, plan)?))),
    ("firewall", |dice, plan| {
        let name = node(dice, plan, |kind| matches!(kind, NodeKind::Firewall(_)))?;
        Some(switch(dice, &name))
    }),
    ("record", |dice, plan| {
        let name = node(dice, plan, |kind| matches!(kind, NodeKind::Dns(_)))?;
        let NodeKind::Dns(dns) = &plan.node(plan.find(&name)?)?.kind else { return None };
        let name = format!("{name} {}", plan.name(dice.pick(&dns.records)));
        Some(switch(dice, &name))
    }),
    ("tls", |dice, plan| {
        let ends = link(dice, plan)?;
        Some(switch(dice, &ends))
    }),
    ("https", |dice, _| Some(dice.pick(&["on", "off"]).into())),
    ("attack", |dice, plan| {
        let name = node(dice, plan, |kind| matches!(kind, NodeKind::Attacker(_)))?;
        let NodeKind::Attacker(attacker) = &plan.node(plan.find(&name)?)?.kind else { return None };
        let (behaviour, word) = dice.pick(&Behaviour::ALL);
        let has_target = behaviour != Behaviour::Inject || !attacker.databases.is_empty();
        has_target.then(|| format!("{name} {word}"))
    }),
    ("monitoring", |dice, plan| {
        let name = node(dice, plan, |kind| matches!(kind, NodeKind::Monitor(_)))?;
        Some(switch(dice, &name))
    }),
];

/// A node with a process that can end.
fn process(dice: &mut Dice, plan: &Plan) -> Option<String> {
    node(dice, plan, |kind| {
        !matches!(kind, NodeKind::Clients(_) | NodeKind::Attacker(_) | NodeKind::Eavesdropper(_))
    })
}

fn works(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) | NodeKind::Database(_))
}

fn is_open_loop(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::Clients(clients) if matches!(clients.traffic, Traffic::Open { .. }))
}

fn has_databases(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::WebServer(server) | NodeKind::ApplicationServer(server)
        if matches!(server.next_tier, NextTier::Databases { .. }))
}

fn balancer(dice: &mut Dice, plan: &Plan) -> Option<String> {
    node(dice, plan, |kind| matches!(kind, NodeKind::LoadBalancer(_)))
}

/// A server in some balancer's pool.
fn pooled(dice: &mut Dice, plan: &Plan) -> Option<String> {
    let pools = plan.nodes().filter_map(|(_, node)| match &node.kind {
        NodeKind::LoadBalancer(balancer) => Some(&balancer.pool),
        _ => None,
    });
    let servers: Vec<&str> = pools.flatten().map(|&link| plan.name(plan.link(link).to)).collect();
    (!servers.is_empty()).then(|| dice.pick(&servers).to_owned())
}

fn database(dice: &mut Dice, plan: &Plan) -> Option<String> {
    node(dice, plan, |kind| matches!(kind, NodeKind::Database(_)))
}

/// A manager, and half of the time a database for it.
fn maybe_database(dice: &mut Dice, plan: &Plan) -> Option<String> {
    let manager = manager(dice, plan)?;
    if dice.chance(50) {
        return Some(manager);
    }
    Some(format!("{manager} {}", database(dice, plan)?))
}

fn node(dice: &mut Dice, plan: &Plan, wanted: impl Fn(&NodeKind) -> bool) -> Option<String> {
    let names: Vec<&str> =
        plan.nodes().filter(|(_, node)| wanted(&node.kind)).map(|(_, node)| node.name.as_str()).collect();
    (!names.is_empty()).then(|| dice.pick(&names).to_owned())
}

fn manager(dice: &mut Dice, plan: &Plan) -> Option<String> {
    node(dice, plan, |kind| matches!(kind, NodeKind::FailoverManager(_)))
}

/// The ends of a link, either way round.
fn link(dice: &mut Dice, plan: &Plan) -> Option<String> {
    let links: Vec<_> = plan.links().map(|(_, link)| (plan.name(link.from), plan.name(link.to))).collect();
    let (from, to) = (!links.is_empty()).then(|| dice.pick(&links))?;
    Some(if dice.chance(50) { format!("{from} {to}") } else { format!("{to} {from}") })
}

fn switch(dice: &mut Dice, name: &str) -> String {
    format!("{name} {}", if dice.chance(50) { "on" } else { "off" })
}

/// The random faults of a seed, in order of time, as a scenario's script has them.
pub fn generate(seed: u64, plan: &Plan, within: SimDuration) -> Vec<String> {
    let mut dice = Dice::new(seed, "swarm/faults");
    let mut faults = Vec::new();
    for _ in 0..dice.between(0, 16) {
        let at = dice.instant(within);
        let (word, operands) = dice.pick(TABLE);
        if let Some(operands) = operands(&mut dice, plan) {
            faults.push((at, format!("{at:#} {word} {operands}")));
        }
    }
    faults.sort_by_key(|(at, _)| *at);
    faults.into_iter().map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use understudy_sim::{Command, TimedCommand};

    use super::*;
    use crate::scenario;

    #[test]
    fn the_table_has_every_command_that_there_is() {
        let plan = Plan::build(&scenario::generate(1)).expect("it makes sense");
        let forms = Command::parse("?", &plan).expect_err("no command").to_string();
        // "kill NODE", "hang NODE": the first word after every opening quotation mark but the first, which quotes us.
        let words: BTreeSet<&str> =
            forms.split('"').skip(3).step_by(2).filter_map(|form| form.split_whitespace().next()).collect();
        let ours: BTreeSet<&str> = TABLE.iter().map(|(word, _)| *word).collect();
        assert_eq!(ours, words);
    }

    #[test]
    fn every_generated_fault_is_a_command_that_the_plan_takes_and_all_come_up() {
        let mut words = BTreeSet::new();
        for seed in 0..1_000 {
            let mut scenario = scenario::generate(seed);
            let plan = Plan::build(&scenario).expect("it makes sense");
            let faults = generate(seed, &plan, SimDuration::from_secs(10));
            for text in &faults {
                TimedCommand::parse(text, &plan).unwrap_or_else(|problem| panic!("{text}: {problem}"));
                words.extend(text.split_whitespace().nth(1).map(str::to_owned));
            }
            scenario.script = faults;
            Plan::build(&scenario).unwrap_or_else(|problem| panic!("seed {seed}: {problem:?}"));
        }
        assert_eq!(words.len(), TABLE.len(), "{words:?}");
    }
}
