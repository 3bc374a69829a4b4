//! What to try: first, and when all is well again.

use understudy_sim::Command;
use understudy_sim::ids::NodeId;
use understudy_sim::view::NodeDetail;

use super::databases::primaries;
use super::{World, is_balancer, is_web_server};
use crate::words::{counted, instant};

/// What can be tried in a scenario: the node to kill, and what there is to see.
struct Try<'a> {
    node: &'a str,
    watch: &'static str,
    done: bool,
}

/// The tries of a scenario, the most telling first.
fn tries<'a>(world: &World<'a>) -> Vec<Try<'a>> {
    let mut all = Vec::new();
    if let [master] = world.masters()[..] {
        let watch = "watch how long nobody answers until the other balancer has the virtual IP.";
        all.push(Try { node: master, watch, done: world.past.balancer });
    }
    let servers: Vec<(NodeId, &str)> =
        world.of_kind(is_web_server).map(|(id, node)| (id, node.name.as_str())).collect();
    if let Some((_, server)) = servers.get(1).or(servers.first()) {
        let watch = if world.of_kind(is_balancer).next().is_some() {
            "watch how long the balancer keeps sending requests to a dead server."
        } else {
            "watch who notices."
        };
        all.push(Try { node: server, watch, done: world.past.server });
    }
    if let [primary] = primaries(world)[..]
        && world.plan.databases().len() > 1
    {
        let watch = "the primary: watch who finds out, who takes over, and whether a write is lost.";
        all.push(Try { node: world.name(primary), watch, done: world.past.database });
    }
    all
}

fn said(one: &Try<'_>, ask: &str) -> String {
    let (node, watch) = (one.node, one.watch);
    match watch.strip_prefix("the primary: ") {
        Some(watch) => format!("{ask} {node}, the primary, and kill it: {watch}"),
        None => format!("{ask} {node} and kill it: {watch}"),
    }
}

/// What the script of the scenario does next, if it does something.
fn script(world: &World<'_>) -> Option<String> {
    let next = world.plan.script().iter().find(|timed| timed.at > world.snapshot.now)?;
    let at = instant(next.at);
    Some(match next.command {
        Command::Cut { link, .. } => {
            let link = world.plan.link(link);
            let (from, to) = (world.name(link.from), world.name(link.to));
            format!(
                "At {at} the link between {from} and {to} is cut, and nothing dies. Watch who takes whom for dead."
            )
        }
        _ => {
            format!("This scenario acts by itself: at {at} something changes. Watch what the log says then.")
        }
    })
}

/// What to try in a run in which nothing was broken.
pub(super) fn first(world: &World<'_>) -> String {
    if let Some(script) = script(world) {
        return if world.playing { script } else { format!("Press play. {script}") };
    }
    let ask = if world.playing { "Select" } else { "Press play, then select" };
    match tries(world).first() {
        Some(one) => said(one, ask),
        None if world.playing => String::from("Select a node and break it: watch who notices."),
        None => String::from("Press play, then select a node and break it: watch who notices."),
    }
}

/// What to try after a failure that is over.
pub(super) fn next(world: &World<'_>) -> Option<String> {
    let past = world.past;
    if !past.broke {
        return None;
    }
    if past.lost_writes > 0 {
        return Some(format!(
            "All is well again, but {} {} gone. Let commits wait for a replica and do it again: what does that cost, and \
             what does it save?",
            counted(past.lost_writes, "acknowledged write"),
            if past.lost_writes == 1 { "is" } else { "are" }
        ));
    }
    let all = tries(world);
    if let Some(one) = all.iter().find(|one| !one.done) {
        return Some(said(one, "All is well again. Now select"));
    }
    let retries = world.plan.nodes().all(|(id, _)| {
        !matches!(world.snapshot.nodes[id.get()].detail, NodeDetail::LoadBalancer { retry: false, .. })
    });
    match all.iter().find(|one| one.done && past.server) {
        Some(one) if !retries => Some(format!(
            "Every server is in use again. Turn \u{201c}Retry\u{201d} on and kill {} once more: who notices now?",
            one.node
        )),
        _ => Some(String::from(
            "All is well again. Press \u{201c}Surprise me\u{201d} and find out from the lamps and the log what it was.",
        )),
    }
}
