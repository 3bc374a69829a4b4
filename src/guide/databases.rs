//! Primaries, replicas and who chooses between them.

use understudy_core::failover::{Mode, Phase};
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;
use understudy_sim::view::{DatabaseRole, NodeDetail};

use super::World;
use crate::words::{listed, truth as truth_in_words};

/// The databases that run and take writes.
pub(super) fn primaries(world: &World<'_>) -> Vec<NodeId> {
    let is_primary = |id: &NodeId| {
        let detail = &world.snapshot.nodes[id.get()].detail;
        world.is_up(*id) && matches!(detail, NodeDetail::Database { role: DatabaseRole::Primary, .. })
    };
    world.plan.databases().iter().copied().filter(is_primary).collect()
}

/// What the failover manager does: its name, whether it acts by itself, its phase, the primary that it goes by.
fn manager<'a>(world: &World<'a>) -> Option<(&'a str, Mode, Phase, NodeId)> {
    world.plan.nodes().find_map(|(id, node)| match &world.snapshot.nodes[id.get()].detail {
        NodeDetail::FailoverManager { mode, phase, primary, .. } if world.is_up(id) => {
            Some((node.name.as_str(), *mode, phase.clone(), *primary))
        }
        _ => None,
    })
}

pub(super) fn two_primaries(world: &World<'_>) -> Option<String> {
    let primaries = primaries(world);
    if primaries.len() < 2 {
        return None;
    }
    let names: Vec<&str> = primaries.iter().map(|id| world.name(*id)).collect();
    Some(format!(
        "{} both take writes, and only one history can stay. Watch the crossed-out records: their writers were told that \
         all is well.",
        listed(&names)
    ))
}

pub(super) fn manager_at_work(world: &World<'_>) -> Option<String> {
    let (name, _, phase, primary) = manager(world)?;
    let primary = world.name(primary);
    match phase {
        Phase::Watching => None,
        Phase::Electing(_) => Some(format!(
            "{name} has given {primary} up and asks the replicas how much of the log each has: the one with most is to be \
             the primary."
        )),
        Phase::Fencing(_) => Some(format!(
            "{name} makes sure that {primary} takes no more writes before another does. Until then no write is answered."
        )),
        Phase::Promoting { .. } => Some(format!(
            "{primary} was told to be the primary: writes are answered again when the application servers know."
        )),
        Phase::Draining(_) => {
            Some(format!("{name} hands over from {primary}: it takes no writes until its successor has all."))
        }
    }
}

pub(super) fn no_primary(world: &World<'_>) -> Option<String> {
    if world.plan.databases().is_empty() || !primaries(world).is_empty() {
        return None;
    }
    let dead = world.plan.databases().iter().copied().find(|id| {
        let detail = &world.snapshot.nodes[id.get()].detail;
        !world.is_up(*id) && matches!(detail, NodeDetail::Database { role: DatabaseRole::Primary, .. })
    });
    let gone = match manager(world).map(|(.., primary)| primary).or(dead) {
        Some(id) => format!("{} is {}", world.name(id), truth_in_words(world.snapshot.nodes[id.get()].truth)),
        None => String::from("There is no primary"),
    };
    let fall = world.plan.nodes().find_map(|(_, node)| match &node.kind {
        NodeKind::FailoverManager(settings) => Some(settings.config.fall),
        _ => None,
    });
    Some(match (manager(world), fall) {
        (Some((name, Mode::Automatic, ..)), Some(fall)) => {
            format!(
                "{gone}: writes fail, reads go on. {name} needs {fall} failed checks in a row to be sure; watch its log."
            )
        }
        (Some((name, ..)), _) => format!(
            "{gone}: writes fail until somebody decides, because {name} only watches. Turn automatic failover on, or revive \
             it."
        ),
        (None, _) => format!("{gone}: writes fail, and nobody is there to promote a replica. Revive it."),
    })
}
