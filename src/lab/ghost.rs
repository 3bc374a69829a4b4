//! Two runs beside one another, in words: this one and the one that was kept as a ghost.

use understudy_sim::timeline::{RunSummary, compare};
use understudy_sim::{Outcome, SimTime, Timeline};

use crate::words::{grouped, instant};

/// One number of both runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it counts.
    pub name: &'static str,
    /// This run's.
    pub here: String,
    /// The ghost's.
    pub ghost: String,
    /// Whether this run is better, worse, or neither.
    pub better: Option<bool>,
}

/// What differs between two runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Since when they differ.
    pub since: Option<SimTime>,
    /// In a sentence.
    pub words: String,
    /// In numbers.
    pub rows: Vec<Row>,
}

/// Compares this run with the ghost.
pub fn difference(here: &Timeline, ghost: &Timeline) -> Difference {
    let compared = compare(here, ghost);
    let (ours, theirs) = (&compared.ours, &compared.theirs);
    let rows = vec![
        row("answered", ours.totals.of(Outcome::Answered), theirs.totals.of(Outcome::Answered), true),
        row("failed", ours.totals.failed(), theirs.totals.failed(), false),
        row("lost writes", ours.totals.lost_writes, theirs.totals.lost_writes, false),
        row("stale reads", ours.totals.stale_reads, theirs.totals.stale_reads, false),
        Row {
            name: "time to recover",
            here: recovery(ours),
            ghost: recovery(theirs),
            better: match (ours.time_to_recover, theirs.time_to_recover) {
                (Some(here), Some(ghost)) if here != ghost => Some(here < ghost),
                _ => None,
            },
        },
    ];
    let since = compared.parts_at;
    let words = match since {
        None => String::from(
            "Both runs are the same so far. Change something: the one that was stays as a ghost.",
        ),
        Some(_) => in_words(ours.totals.failed(), theirs.totals.failed()),
    };
    Difference { since, words, rows }
}

fn in_words(here: u64, ghost: u64) -> String {
    match here.cmp(&ghost) {
        std::cmp::Ordering::Equal => String::from("As many requests failed as without the change."),
        std::cmp::Ordering::Less => {
            format!("{} fewer requests failed than without the change.", grouped(ghost - here))
        }
        std::cmp::Ordering::Greater => {
            format!("{} more requests failed than without the change.", grouped(here - ghost))
        }
    }
}

fn row(name: &'static str, here: u64, ghost: u64, more_is_better: bool) -> Row {
    let better = (here != ghost).then_some((here > ghost) == more_is_better);
    Row { name, here: grouped(here), ghost: grouped(ghost), better }
}

fn recovery(run: &RunSummary) -> String {
    match (run.time_to_recover, run.unrecovered) {
        (_, 1..) => String::from("not yet"),
        (Some(time), 0) => instant(SimTime::ZERO + time),
        (None, 0) => String::from("\u{2013}"),
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use understudy_sim::{Command, Scenario};

    use super::*;

    const SCENE: &str = include_str!("../../scenarios/three-web-servers.json");

    #[test]
    fn a_retry_is_told_as_fewer_failures() {
        let plan = Rc::new(Scenario::read("scene", SCENE).expect("it makes sense"));
        let (lb_1, web_2) = (plan.find("lb-1").expect("there"), plan.find("web-2").expect("there"));
        let mut ghost = Timeline::new(plan, 7);
        let _ = ghost.seek(SimTime::from_secs(5), u64::MAX);
        let mut here = ghost.fork();
        here.command(Command::SetRetry { balancer: lb_1, on: true }).expect("it can be set");
        for run in [&mut here, &mut ghost] {
            run.command(Command::Kill(web_2)).expect("it can be killed");
            let _ = run.seek(SimTime::from_secs(20), u64::MAX);
        }
        let told = difference(&here, &ghost);
        assert_eq!(told.since, Some(SimTime::from_secs(5)));
        assert!(told.words.contains("fewer requests failed"), "{}", told.words);
        let failed = told.rows.iter().find(|row| row.name == "failed").expect("it is told");
        assert_eq!(failed.better, Some(true));
        assert_ne!(failed.here, failed.ghost);
        let same = difference(&ghost, &ghost.fork());
        assert_eq!(same.since, None);
    }
}
