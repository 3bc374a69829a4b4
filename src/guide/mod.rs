//! The one sentence above the stage: at rest what to try, during a failure what happens and what to watch, after it
//! what to try next.
//!
//! A table of rules, the most urgent first; the first that has something to say says it. A rule looks at the world and
//! at what the log tells, never at which button was pressed, so that it is right after any sequence of acts.

mod databases;
mod past;
mod pool;
mod tries;

use understudy_sim::Snapshot;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan, PlanNode};
use understudy_sim::scenario::Behaviour;
use understudy_sim::view::NodeDetail;

use crate::words::{counted, listed, truth as truth_in_words};
pub use past::Past;

/// What the sentence depends on.
pub struct World<'a> {
    /// What there is.
    pub plan: &'a Plan,
    /// How it is now.
    pub snapshot: &'a Snapshot,
    /// What was broken so far.
    pub past: Past,
    /// Whether time passes.
    pub playing: bool,
}

/// The rules, the most urgent first.
const RULES: [fn(&World<'_>) -> Option<String>; 12] = [
    no_way_in,
    two_masters,
    nobody_has_the_address,
    databases::two_primaries,
    databases::manager_at_work,
    databases::no_primary,
    pool::gap,
    one_balancer_left,
    cut,
    attack,
    anything_else,
    tries::next,
];

/// The sentence for this moment.
pub fn sentence(world: &World<'_>) -> String {
    RULES.iter().find_map(|rule| rule(world)).unwrap_or_else(|| tries::first(world))
}

impl<'a> World<'a> {
    fn name(&self, id: NodeId) -> &'a str {
        self.plan.name(id)
    }

    fn is_up(&self, id: NodeId) -> bool {
        self.snapshot.nodes[id.get()].truth.is_up()
    }

    fn of_kind(&self, is: fn(&NodeKind) -> bool) -> impl Iterator<Item = (NodeId, &'a PlanNode)> {
        self.plan.nodes().filter(move |(_, node)| is(&node.kind))
    }

    fn alive(&self, is: fn(&NodeKind) -> bool) -> Vec<&'a str> {
        self.of_kind(is).filter(|(id, _)| self.is_up(*id)).map(|(_, node)| node.name.as_str()).collect()
    }

    fn dead(&self, is: fn(&NodeKind) -> bool) -> Vec<&'a str> {
        self.of_kind(is).filter(|(id, _)| !self.is_up(*id)).map(|(_, node)| node.name.as_str()).collect()
    }

    /// The balancers that run and answer for the shared address.
    fn masters(&self) -> Vec<&'a str> {
        let holds = |id: NodeId| {
            let detail = &self.snapshot.nodes[id.get()].detail;
            matches!(detail, NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } if shared.held)
        };
        let masters = self.of_kind(is_balancer).filter(|(id, _)| self.is_up(*id) && holds(*id));
        masters.map(|(_, node)| node.name.as_str()).collect()
    }

    /// Whether the balancers share an address.
    fn shares_an_address(&self) -> bool {
        self.of_kind(is_balancer).any(|(id, _)| {
            let detail = &self.snapshot.nodes[id.get()].detail;
            matches!(detail, NodeDetail::LoadBalancer { virtual_address: Some(_), .. })
        })
    }
}

const fn is_balancer(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::LoadBalancer(_))
}

const fn is_web_server(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::WebServer(_))
}

fn no_way_in(world: &World<'_>) -> Option<String> {
    let dead = world.dead(is_balancer);
    if dead.is_empty() || !world.alive(is_balancer).is_empty() {
        return None;
    }
    let names = listed(&dead);
    Some(match dead.len() {
        1 => format!(
            "Nothing gets past {names}, however healthy the servers behind it are: a single point of failure. Revive it."
        ),
        _ => format!(
            "{names} are out, and nobody answers, however healthy the servers are. Revive one of them."
        ),
    })
}

fn two_masters(world: &World<'_>) -> Option<String> {
    let masters = world.masters();
    (masters.len() > 1).then(|| {
        format!(
            "{} both hold the virtual IP, because neither hears the other. Let them hear each other again and watch \
             which gives way.",
            listed(&masters)
        )
    })
}

fn nobody_has_the_address(world: &World<'_>) -> Option<String> {
    if !world.shares_an_address() || !world.masters().is_empty() {
        return None;
    }
    let dead = world.dead(is_balancer);
    Some(if dead.is_empty() {
        String::from(
            "Nobody holds the virtual IP yet: a balancer takes it when it has heard no better one for a while.",
        )
    } else {
        format!(
            "{} is silent. The other balancer takes the virtual IP over when it has missed three adverts and a bit; \
             until then nobody answers.",
            listed(&dead)
        )
    })
}

fn one_balancer_left(world: &World<'_>) -> Option<String> {
    let dead = world.dead(is_balancer);
    if dead.is_empty() {
        return None;
    }
    let (names, are) = (listed(&dead), if dead.len() == 1 { "is" } else { "are" });
    Some(match world.masters()[..] {
        [master] => format!(
            "{master} has the virtual IP while {names} {are} out: one more failure here, and nobody answers. Revive \
             {names} and watch who has the address then."
        ),
        _ => format!(
            "{} carries on while {names} {are} out. Revive {names}.",
            listed(&world.alive(is_balancer))
        ),
    })
}

fn cut(world: &World<'_>) -> Option<String> {
    let links = world.plan.links().zip(&world.snapshot.links);
    let mut cut = links.filter(|(_, view)| view.cut_forward || view.cut_back).map(|((_, link), _)| link);
    let first = cut.next()?;
    let (from, to) = (world.name(first.from), world.name(first.to));
    let more = match cut.count() as u64 {
        0 => String::new(),
        more => format!(" (and on {} more)", counted(more, "link")),
    };
    Some(format!(
        "Nothing gets through between {from} and {to}{more}: from either end that looks as if the other had died. Watch \
         who believes it."
    ))
}

fn attack(world: &World<'_>) -> Option<String> {
    let (name, behaviour) =
        world.plan.nodes().find_map(|(id, node)| match world.snapshot.nodes[id.get()].detail {
            NodeDetail::Attacker { behaviour, .. } if behaviour != Behaviour::Idle => {
                Some((&node.name, behaviour))
            }
            _ => None,
        })?;
    Some(match behaviour {
        Behaviour::Flood => format!(
            "{name} floods the entry (triangles): watch whether the readers still get answers. A firewall drops what one \
             source sends too fast."
        ),
        Behaviour::Scan => {
            format!("{name} tries one port after the other: its panel says which are open to it.")
        }
        _ => format!("{name} asks the database itself: its panel counts the rows that it has read."),
    })
}

fn anything_else(world: &World<'_>) -> Option<String> {
    let (id, node) = world.plan.nodes().find(|(id, _)| !world.is_up(*id))?;
    let is = truth_in_words(world.snapshot.nodes[id.get()].truth);
    let then = match node.kind {
        NodeKind::Database(_) => "The others serve its reads. Revive it and watch it catch up.",
        NodeKind::FailoverManager(_) => {
            "Nobody is promoted while it is out. Revive it, or see what a death costs now."
        }
        NodeKind::Monitor(_) => "Nobody is called while it is out. Revive it.",
        NodeKind::Dns(_) => "Who knows the address goes on until that is too old. Revive it.",
        NodeKind::ApplicationServer(_) => {
            "Its callers try the others. Watch how far the failure spreads, and revive it."
        }
        _ => "Watch how far the failure spreads; revive it to go on.",
    };
    Some(format!("{} is {is}. {then}", node.name))
}

#[cfg(test)]
mod tests;
