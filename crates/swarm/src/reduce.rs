//! Makes a failing trial small: delta debugging over its faults, then its nodes, then its time.
//!
//! A smaller trial counts only if the same checker complains: another mistake is another story. Links go with their nodes
//! only: without one of its links a service may be broken by design.

use understudy_core::SimDuration;
use understudy_sim::scenario::Node;

use crate::checks::Violation;
use crate::phases::Trial;

/// The smallest trial that was found, and what is wrong with it. At most `budget` trials are run on the way.
pub fn reduce(trial: Trial, violation: Violation, budget: u32) -> (Trial, Violation) {
    let mut reducer = Reducer { best: trial, violation, budget };
    loop {
        let before = reducer.best.clone();
        reducer.fewer_faults();
        reducer.fewer_nodes();
        reducer.less_time();
        if reducer.best == before || reducer.budget == 0 {
            return (reducer.best, reducer.violation);
        }
    }
}

struct Reducer {
    best: Trial,
    violation: Violation,
    budget: u32,
}

impl Reducer {
    /// Takes `smaller` if it fails in the same way.
    fn try_it(&mut self, smaller: Trial) -> bool {
        if self.budget == 0 {
            return false;
        }
        self.budget -= 1;
        match smaller.run() {
            Err(violation) if violation.by == self.violation.by => {
                self.best = smaller;
                self.violation = violation;
                true
            }
            _ => false,
        }
    }

    /// Takes pieces of the schedule away, halves first, then quarters, down to single faults.
    fn fewer_faults(&mut self) {
        let mut piece = self.best.scenario.script.len().div_ceil(2);
        while piece > 0 {
            let mut start = 0;
            while start < self.best.scenario.script.len() {
                let mut smaller = self.best.clone();
                let end = (start + piece).min(smaller.scenario.script.len());
                smaller.scenario.script.drain(start..end);
                if !self.try_it(smaller) {
                    start += piece;
                }
            }
            piece = if piece == 1 { 0 } else { piece.div_ceil(2) };
        }
    }

    fn fewer_nodes(&mut self) {
        for index in (0..self.best.scenario.nodes.len()).rev() {
            let mut smaller = self.best.clone();
            let removed = smaller.scenario.nodes.remove(index);
            let name = removed.name();
            smaller.scenario.links.retain(|link| link.from != name && link.to != name);
            smaller.scenario.script.retain(|fault| !fault.split_whitespace().any(|word| word == name));
            if let Node::Database(_) = removed {
                lower_quorum(&mut smaller);
            }
            self.try_it(smaller);
        }
    }

    /// Ends the safety phase sooner: halves, then seconds.
    fn less_time(&mut self) {
        for shorter in [self.best.faults_for.as_nanos() / 2, self.best.faults_for.as_nanos() * 3 / 4] {
            // To the millisecond, as it is printed and typed.
            let shorter = SimDuration::from_millis(shorter / 1_000_000);
            if shorter < self.best.faults_for {
                let mut smaller = Trial { faults_for: shorter, ..self.best.clone() };
                smaller.scenario.script.retain(|fault| is_before(fault, shorter));
                self.try_it(smaller);
            }
        }
    }
}

/// Whether a line of a script is due in the safety phase.
fn is_before(fault: &str, end: SimDuration) -> bool {
    let at = fault.split_whitespace().next().and_then(|at| at.parse::<SimDuration>().ok());
    at.is_some_and(|at| at < end)
}

/// With one database fewer, commits can wait for one replica fewer.
fn lower_quorum(trial: &mut Trial) {
    let databases = trial.scenario.nodes.iter().filter(|node| matches!(node, Node::Database(_))).count();
    let most = u32::try_from(databases.saturating_sub(1)).unwrap_or(u32::MAX);
    for node in &mut trial.scenario.nodes {
        if let Node::Database(database) = node {
            database.sync_replicas = database.sync_replicas.min(most);
        }
    }
}
