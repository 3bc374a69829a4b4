//! The one sentence that says what to do, or what to look at: it follows what the reader has done.
//!
//! It looks at the world only, never at which button was pressed, so that it is right after any sequence of acts.

use understudy_core::health::Belief;
use understudy_sim::Snapshot;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan};
use understudy_sim::view::{DatabaseRole, NodeDetail, PoolEntry, Truth};

use crate::words::{instant, listed, truth as truth_in_words};

/// What the sentence depends on besides the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Whether time passes.
    pub playing: bool,
    /// Whether anything was killed in this run.
    pub has_killed: bool,
}

/// A pool's server whose truth and belief are not both up.
struct Case<'a> {
    balancer: NodeId,
    entry: &'a PoolEntry,
    dead_since: Option<understudy_sim::SimTime>,
}

/// The sentence for this moment.
pub fn sentence(plan: &Plan, snapshot: &Snapshot, reader: Reader) -> String {
    let name = |id: NodeId| plan.name(id);
    let truth = |id: NodeId| snapshot.nodes[id.get()].truth;
    let dead_balancers: Vec<&str> = (plan.nodes())
        .filter(|(id, node)| matches!(node.kind, NodeKind::LoadBalancer(_)) && !truth(*id).is_up())
        .map(|(_, node)| node.name.as_str())
        .collect();
    let balancers = plan.nodes().filter(|(_, node)| matches!(node.kind, NodeKind::LoadBalancer(_))).count();
    let holder = plan.nodes().find(|(id, _)| {
        let view = &snapshot.nodes[id.get()];
        view.truth.is_up()
            && matches!(&view.detail, NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } if shared.held)
    });
    if !dead_balancers.is_empty()
        && let Some((_, holder)) = holder
    {
        return format!(
            "{} has the virtual IP while {} {} out: one more failure here, and nobody answers. Revive it.",
            holder.name,
            listed(&dead_balancers),
            if dead_balancers.len() == 1 { "is" } else { "are" }
        );
    }
    if !dead_balancers.is_empty() && dead_balancers.len() < balancers {
        return format!(
            "{} is silent. The other balancer takes the virtual IP over when it has missed three adverts and a bit; until \
             then nobody answers.",
            listed(&dead_balancers)
        );
    }
    if !dead_balancers.is_empty() {
        return format!(
            "Nothing gets past {}, however healthy the servers behind it are: a single point of failure. Revive it.",
            listed(&dead_balancers)
        );
    }
    let servers: Vec<NodeId> = plan
        .nodes()
        .filter(|(_, node)| matches!(node.kind, NodeKind::WebServer(_)))
        .map(|(id, _)| id)
        .collect();
    let alive: Vec<&str> = servers.iter().filter(|id| truth(**id).is_up()).map(|id| name(*id)).collect();
    let mut cases: Vec<Case<'_>> = Vec::new();
    for (balancer, _) in plan.nodes() {
        let NodeDetail::LoadBalancer { pool, .. } = &snapshot.nodes[balancer.get()].detail else { continue };
        cases.extend(pool.iter().filter_map(|entry| {
            let dead_since = match truth(entry.server) {
                Truth::Down { since } | Truth::Hung { since } => Some(since),
                Truth::Up | Truth::Stopping { .. } => None,
            };
            let quiet = dead_since.is_none() && matches!(entry.belief, Belief::Unchecked | Belief::Up);
            (!quiet).then_some(Case { balancer, entry, dead_since })
        }));
    }
    // The gap between truth and belief first, newest death first: that is what there is to see.
    let seen_first = |case: &&Case<'_>| {
        let gap = case.dead_since.is_some() == case.entry.belief.in_use();
        (!gap, std::cmp::Reverse(case.dead_since))
    };
    if let Some(case) = cases.iter().min_by_key(seen_first) {
        return about(case, plan, snapshot, &alive);
    }
    if let Some(sentence) = elsewhere(plan, snapshot) {
        return sentence;
    }
    let primary = plan.databases().iter().copied().find(|id| {
        matches!(snapshot.nodes[id.get()].detail, NodeDetail::Database { role: DatabaseRole::Primary, .. })
    });
    if servers.is_empty()
        && let Some(primary) = primary
    {
        return format!(
            "Select {0}, the primary, and kill it: watch who finds out, who takes over, and whether a write is lost.",
            name(primary)
        );
    }
    let hero = servers.get(1).or(servers.first()).map_or("a server", |id| name(*id));
    if reader.has_killed {
        format!(
            "Every server is in use again. Turn \u{201c}Retry\u{201d} on and kill {hero} once more: who notices now?"
        )
    } else if reader.playing {
        format!(
            "Select {hero} and kill it: watch how long the balancer keeps sending requests to a dead server."
        )
    } else {
        format!(
            "Press play, then select {hero} and kill it: watch how long the balancer keeps sending requests to a \
             dead server."
        )
    }
}

/// What is broken that is neither a balancer nor a web server.
fn elsewhere(plan: &Plan, snapshot: &Snapshot) -> Option<String> {
    let (id, node) = plan.nodes().find(|(id, _)| !snapshot.nodes[id.get()].truth.is_up())?;
    let is = truth_in_words(snapshot.nodes[id.get()].truth);
    let then = match node.kind {
        NodeKind::Database(_) => {
            "If it was the primary, the failover manager needs a few failed checks to be sure."
        }
        _ => "Watch how far the failure spreads; revive it to go on.",
    };
    Some(format!("{} is {is}. {then}", node.name))
}

fn about(case: &Case<'_>, plan: &Plan, snapshot: &Snapshot, alive: &[&str]) -> String {
    let (server, balancer) = (plan.name(case.entry.server), plan.name(case.balancer));
    let (fall, rise) = match snapshot.nodes[case.balancer.get()].detail {
        NodeDetail::LoadBalancer { health, .. } => (health.fall, health.rise),
        _ => (0, 0),
    };
    match (case.dead_since, case.entry.belief) {
        (Some(since), Belief::Unchecked | Belief::Up) => format!(
            "{server} is dead since {}, but {balancer} does not know: what it sends there is refused.",
            instant(since)
        ),
        (Some(_), Belief::GoingDown { failed }) => format!(
            "{balancer} grows suspicious: {failed} of {fall} checks failed. Until the last of them it still sends requests to {server}."
        ),
        (Some(_), Belief::Down | Belief::GoingUp { .. }) if alive.is_empty() => {
            format!(
                "No server is left: {balancer} turns every request away itself. Revive one and see how long that takes to show."
            )
        }
        (Some(_), Belief::Down | Belief::GoingUp { .. }) => format!(
            "{balancer} has found out: {} {} the whole load now. Revive {server} and see how long it stands idle.",
            listed(alive),
            if alive.len() == 1 { "carries" } else { "carry" }
        ),
        (None, Belief::Down) => format!(
            "{server} is up again, but {balancer} does not know: it takes {rise} passed checks before it is used."
        ),
        (None, Belief::GoingUp { passed }) => {
            format!("{balancer} begins to trust {server}: {passed} of {rise} checks passed.")
        }
        (None, Belief::GoingDown { failed }) => {
            format!("{server} is back before {balancer} gave it up: {failed} of {fall} checks had failed.")
        }
        (None, Belief::Unchecked | Belief::Up) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use understudy_sim::{Command, Scenario, Sim, SimTime};

    use super::*;

    const SCENE: &str = include_str!("../scenarios/three-web-servers.json");

    fn sim() -> Sim {
        Sim::new(Rc::new(Scenario::read("scene", SCENE).expect("the scene makes sense")), 7)
    }

    fn said(sim: &Sim, playing: bool) -> String {
        let has_killed = sim.log().entries().len() > 0;
        sentence(sim.plan(), &sim.snapshot(), Reader { playing, has_killed })
    }

    fn find(sim: &Sim, name: &str) -> NodeId {
        sim.plan().find(name).expect("the scene has it")
    }

    #[test]
    fn it_follows_a_failover_from_start_to_end() {
        let mut sim = sim();
        assert!(said(&sim, false).starts_with("Press play, then select web-2"));
        assert!(said(&sim, true).starts_with("Select web-2"));
        let web_2 = find(&sim, "web-2");
        sim.run_until(SimTime::from_secs(5), u64::MAX);
        sim.command(Command::Kill(web_2)).expect("a server can be killed");
        assert!(said(&sim, true).contains("does not know"));
        let mut heard = Vec::new();
        for second in 6..20 {
            sim.run_until(SimTime::from_secs(second), u64::MAX);
            heard.push(said(&sim, true));
        }
        assert!(heard.iter().any(|said| said.contains("1 of 3 checks failed")), "{heard:?}");
        assert!(heard.last().is_some_and(|said| said.contains("web-1 and web-3 carry")), "{heard:?}");
        sim.command(Command::Revive(web_2)).expect("a server can be revived");
        assert!(said(&sim, true).contains("web-2 is up again"));
        sim.run_until(SimTime::from_secs(30), u64::MAX);
        assert!(said(&sim, true).contains("Retry"));
    }

    #[test]
    fn a_dead_balancer_is_a_single_point_of_failure() {
        let mut sim = sim();
        let lb_1 = find(&sim, "lb-1");
        sim.command(Command::Kill(lb_1)).expect("a balancer can be killed");
        assert!(said(&sim, true).contains("single point of failure"));
    }
}
