//! When somebody measured: a scene that has a monitor has charts only of what that monitor could see.
//!
//! The simulator knows what happened, whoever watched; nobody who runs a real system does. A scene without any monitor
//! is a teacher's drawing, and its charts show everything.

use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan};
use understudy_sim::{Command, SimTime, TimedCommand, Timeline};

/// One monitor: what it watches, and since when it does or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Watcher {
    targets: Vec<NodeId>,
    /// Each change: from when on, and whether it watches then. In order of time; the first is the start.
    changes: Vec<(SimTime, bool)>,
}

/// When somebody measured what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Empty where there is no monitor: everything is known then.
    watchers: Vec<Watcher>,
    end: SimTime,
}

impl Measured {
    /// What was measured in a run, as far as it was played.
    pub fn of(plan: &Plan, timeline: &Timeline) -> Self {
        let end = timeline.end();
        let mut commands: Vec<TimedCommand> = plan.script().to_vec();
        commands.extend_from_slice(timeline.commands());
        commands.retain(|timed| timed.at <= end);
        commands.sort_by_key(|timed| timed.at);
        let watchers = plan.nodes().filter_map(|(id, node)| match &node.kind {
            NodeKind::Monitor(monitor) => Some(Watcher {
                targets: monitor.targets.iter().map(|link| plan.link(*link).to).collect(),
                changes: changes(id, monitor.on, &commands),
            }),
            _ => None,
        });
        Self { watchers: watchers.collect(), end }
    }

    /// Whether it is known what a stretch of time was like for one of these nodes at least; for anybody, if there are
    /// none.
    pub fn knows(&self, nodes: &[NodeId], from: SimTime, to: SimTime) -> bool {
        let sees = |watcher: &Watcher| {
            (nodes.is_empty() && !watcher.targets.is_empty()
                || nodes.iter().any(|node| watcher.targets.contains(node)))
                && watcher.watches(from, to)
        };
        self.watchers.is_empty() || self.watchers.iter().any(sees)
    }

    /// Whether nothing is being measured at the end of the run.
    pub fn is_dark(&self) -> bool {
        !self.knows(&[], self.end, self.end)
    }

    /// The stretches in which nobody measured anything.
    pub fn gaps(&self) -> Vec<(SimTime, SimTime)> {
        let mut instants: Vec<SimTime> =
            self.watchers.iter().flat_map(|watcher| &watcher.changes).map(|(at, _)| *at).collect();
        instants.push(self.end);
        instants.sort_unstable();
        instants.dedup();
        let mut gaps: Vec<(SimTime, SimTime)> = Vec::new();
        for two in instants.windows(2) {
            if self.knows(&[], two[0], two[0]) {
                continue;
            }
            match gaps.last_mut() {
                Some(last) if last.1 == two[0] => last.1 = two[1],
                _ => gaps.push((two[0], two[1])),
            }
        }
        gaps
    }
}

impl Watcher {
    /// Whether it watched from one instant to another without a break.
    fn watches(&self, from: SimTime, to: SimTime) -> bool {
        let at_start = self.changes.iter().rev().find(|(at, _)| *at <= from);
        let meanwhile = self.changes.iter().filter(|(at, _)| from < *at && *at < to);
        at_start.is_some_and(|(_, on)| *on) && meanwhile.clone().all(|(_, on)| *on)
    }
}

fn changes(monitor: NodeId, on_at_first: bool, commands: &[TimedCommand]) -> Vec<(SimTime, bool)> {
    let (mut on, mut up) = (on_at_first, true);
    let mut changes = vec![(SimTime::ZERO, on)];
    for timed in commands {
        match timed.command {
            Command::SetMonitoring { monitor: id, on: wanted } if id == monitor => on = wanted,
            Command::Kill(id) | Command::Hang(id) | Command::Stop(id) if id == monitor => up = false,
            Command::Revive(id) | Command::Restart(id) if id == monitor => up = true,
            _ => continue,
        }
        changes.push((timed.at, on && up));
    }
    changes
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use understudy_sim::Scenario;

    use super::*;

    const fn s(seconds: u64) -> SimTime {
        SimTime::from_secs(seconds)
    }

    fn run(text: &str, until: u64) -> (Rc<Plan>, Timeline) {
        let plan = Rc::new(Scenario::read("scene", text).expect("a shipped scenario is right"));
        let mut timeline = Timeline::new(plan.clone(), 7);
        let _ = timeline.seek(s(until), u64::MAX);
        (plan, timeline)
    }

    #[test]
    fn without_a_monitor_everything_is_known() {
        let (plan, timeline) = run(include_str!("../../scenarios/three-web-servers.json"), 5);
        let measured = Measured::of(&plan, &timeline);
        assert!(measured.knows(&[], s(1), s(2)));
        assert!(!measured.is_dark());
        assert_eq!(measured.gaps(), []);
    }

    #[test]
    fn a_monitor_that_is_off_knows_nothing_until_it_is_switched_on() {
        let (plan, timeline) = run(include_str!("../../scenarios/unmonitored.json"), 30);
        let measured = Measured::of(&plan, &timeline);
        assert!(measured.is_dark());
        assert_eq!(measured.gaps(), [(s(0), s(30))]);
        let (plan, timeline) = run(include_str!("../../scenarios/unmonitored.json"), 60);
        let measured = Measured::of(&plan, &timeline);
        assert!(!measured.is_dark());
        assert_eq!(measured.gaps(), [(s(0), s(40))]);
        let web = plan.find("web-1").expect("there");
        assert!(measured.knows(&[web], s(41), s(42)));
        assert!(!measured.knows(&[web], s(39), s(41)), "half of it was dark");
        let readers = plan.find("Readers").expect("there");
        assert!(!measured.knows(&[readers], s(41), s(42)), "nobody watches those");
    }

    #[test]
    fn a_monitor_that_died_knows_nothing_until_it_is_back() {
        let (plan, mut timeline) = run(include_str!("../../scenarios/classic-stack.json"), 5);
        let monitor = plan.find("monitor").expect("there");
        timeline.command(Command::Kill(monitor)).expect("it can be killed");
        let _ = timeline.seek(s(9), u64::MAX);
        assert!(Measured::of(&plan, &timeline).is_dark());
        timeline.command(Command::Revive(monitor)).expect("it can be revived");
        let _ = timeline.seek(s(12), u64::MAX);
        let measured = Measured::of(&plan, &timeline);
        assert_eq!((measured.is_dark(), measured.gaps()), (false, vec![(s(5), s(9))]));
    }
}
