//! A counter-example as people read it.

use std::fmt::Write as _;

use understudy_core::SimTime;
use understudy_core::failover::NodeIndex;

use crate::world::{Action, Link, World};
use crate::{Cluster, WriteId};

/// What happens and when, one action a line, each followed by what the manager made of it (indented) and by
/// what clients were told.
pub fn schedule(cluster: &Cluster, actions: &[Action]) -> String {
    let mut world = World::new(cluster.config.clone());
    let mut now = SimTime::ZERO;
    let mut text = String::new();
    for &action in actions {
        let tick = world.manager.poll_timeout().filter(|_| action == Action::Tick);
        now += tick.unwrap_or_default().since(SimTime::ZERO);
        let told_before = world.acknowledged.clone();
        let steps = world.apply(action);
        writeln!(text, "{now:#} {}", describe(cluster, action)).expect("a string takes all");
        for step in steps {
            writeln!(text, "    {}", world.manager.explain(&step)).expect("a string takes all");
        }
        for (WriteId(write), by) in world.acknowledged.difference(&told_before) {
            writeln!(text, "    {} acknowledges write {write}", name(cluster, *by))
                .expect("a string takes all");
        }
    }
    let accepting: Vec<_> = world.accepting().map(|node| name(cluster, node).to_owned()).collect();
    let missing: Vec<_> = world.lost().into_iter().map(|WriteId(write)| write.to_string()).collect();
    for (what, which) in [("accept writes now", accepting), ("acknowledged writes lost", missing)] {
        let which = if which.is_empty() { "none".to_owned() } else { which.join(", ") };
        writeln!(text, "{what}: {which}").expect("a string takes all");
    }
    text
}

fn name(cluster: &Cluster, node: NodeIndex) -> &str {
    &cluster.config.nodes[node.get()].name
}

fn describe(cluster: &Cluster, action: Action) -> String {
    let name = |node| name(cluster, node);
    match action {
        Action::Tick => "tick".into(),
        Action::Write(node) => format!("write {}", name(node)),
        Action::Replicate { from, to } => format!("replicate {} {}", name(from), name(to)),
        Action::Crash(node) => format!("crash {}", name(node)),
        Action::Restart(node) => format!("restart {}", name(node)),
        Action::CutManager(node, Link::AnswersLost) => format!("cut {} to manager", name(node)),
        Action::CutManager(node, Link::Cut | Link::Up) => format!("cut manager {}", name(node)),
        Action::HealManager(node) => format!("heal manager {}", name(node)),
        Action::CutNodes(one, two) => format!("cut {} {}", name(one), name(two)),
        Action::HealNodes(one, two) => format!("heal {} {}", name(one), name(two)),
        Action::DeviceConfirms => "device confirms".into(),
        Action::DeviceFails => "device fails".into(),
        Action::Switchover => "switchover".into(),
    }
}
