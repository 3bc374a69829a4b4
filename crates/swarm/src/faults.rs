//! Random schedules of faults, from a table of all commands.

use understudy_core::SimDuration;
use understudy_sim::Plan;
use understudy_sim::plan::{NextTier, NodeKind};
use understudy_sim::scenario::ReadRoute;

use crate::scenario::Dice;

/// One command: its word, and how to draw its operands; `None` where the plan has nothing to use it on.
type Row = (&'static str, fn(&mut Dice, &Plan) -> Option<String>);

/// What the swarm does. A test holds it against the list that the reader of commands prints: a new command has to be
/// added here, or to those that are left out.
const TABLE: &[Row] = &[
    ("kill", |dice, plan| node(dice, plan, |kind| !matches!(kind, NodeKind::Clients(_)))),
    ("hang", |dice, plan| node(dice, plan, |kind| !matches!(kind, NodeKind::Clients(_)))),
    ("revive", |dice, plan| node(dice, plan, |kind| !matches!(kind, NodeKind::Clients(_)))),
    ("slow", |dice, plan| {
        let name = node(dice, plan, |kind| {
            matches!(kind, NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) | NodeKind::Database(_))
        })?;
        Some(format!("{name} {}x", dice.between(1, 20)))
    }),
    ("cut", link),
    ("cut-one-way", link),
    ("heal", link),
    ("delay", |dice, plan| Some(format!("{} {:#}", link(dice, plan)?, dice.millis(0, 2_000)))),
    ("retry", |dice, plan| {
        let name = node(dice, plan, |kind| matches!(kind, NodeKind::LoadBalancer(_)))?;
        Some(switch(dice, &name))
    }),
    ("rate", |dice, plan| {
        let name = node(dice, plan, |kind| matches!(kind, NodeKind::Clients(_)))?;
        Some(format!("{name} {}", dice.between(1, 60)))
    }),
    ("reads", |dice, plan| {
        let name = node(dice, plan, |kind| {
            matches!(kind, NodeKind::WebServer(server) | NodeKind::ApplicationServer(server)
                if matches!(server.next_tier, NextTier::Databases { .. }))
        })?;
        Some(format!("{name} {}", dice.pick(&ReadRoute::ALL).1))
    }),
    ("failover", manager),
    ("switchover", manager),
    ("automatic", |dice, plan| {
        let name = manager(dice, plan)?;
        Some(switch(dice, &name))
    }),
];

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

    /// Not drawn yet: most of them change settings that mending would have to set back, and what the checkers promise.
    const LEFT_OUT: [&str; 15] = [
        "algorithm",
        "commit",
        "confirm-fenced",
        "fencing",
        "health",
        "kill-mid-request",
        "lose",
        "overload",
        "pool",
        "rejoin",
        "restart",
        "standby",
        "stop",
        "weight",
        "writes",
    ];

    #[test]
    fn the_table_has_every_command_that_there_is() {
        let plan = Plan::build(&scenario::generate(1)).expect("it makes sense");
        let forms = Command::parse("?", &plan).expect_err("no command").to_string();
        // "kill NODE", "hang NODE": the first word after every opening quotation mark but the first, which quotes us.
        let words: BTreeSet<&str> =
            forms.split('"').skip(3).step_by(2).filter_map(|form| form.split_whitespace().next()).collect();
        let ours: BTreeSet<&str> = TABLE.iter().map(|(word, _)| *word).chain(LEFT_OUT).collect();
        assert_eq!(ours, words);
    }

    #[test]
    fn every_generated_fault_is_a_command_that_the_plan_takes_and_all_come_up() {
        let mut words = BTreeSet::new();
        for seed in 0..500 {
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
