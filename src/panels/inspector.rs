//! The inspector: the selected node's truth, what others believe of it, its settings, and what can be done to it.

use leptos::prelude::*;
use understudy_sim::Command;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan, ServerPlan};
use understudy_sim::view::NodeDetail;

use super::pool;
use crate::bind::{Flag, Text, flag, text};
use crate::driver::{Lab, Run};
use crate::words::{self, belief_sentence, distribution, duration, grouped, per_s};

/// The panel.
pub fn inspector() -> impl IntoView {
    let lab = expect_context::<Lab>();
    view! {
        <aside class="inspector" id="inspector" tabindex="-1" aria-label="Selected node">
            {move || {
                let run = lab.run.get();
                lab.selected.get().node().map(|id| node(lab, run, id))
            }}
        </aside>
    }
}

/// The balancers whose pool belongs beside this node: itself, or those that stand next to it.
fn balancers_of(plan: &Plan, id: NodeId) -> Vec<NodeId> {
    let is_balancer =
        |id: NodeId| plan.node(id).is_some_and(|node| matches!(node.kind, NodeKind::LoadBalancer(_)));
    if is_balancer(id) {
        return vec![id];
    }
    let beside = plan.links().filter_map(|(_, link)| match (link.from, link.to) {
        (from, to) if to == id => Some(from),
        (from, to) if from == id => Some(to),
        _ => None,
    });
    beside.filter(|id| is_balancer(*id)).collect()
}

fn node(lab: Lab, run: Run, id: NodeId) -> impl IntoView {
    let plan = run.plan();
    let node = plan.node(id).expect("a node of the open plan is selected");
    let up = flag(move || run.frame.with(|snapshot| snapshot.nodes[id.get()].truth.is_up()));
    let down = flag(move || !up.get());
    let cannot_die = matches!(node.kind, NodeKind::Clients(_));
    let is_balancer = matches!(node.kind, NodeKind::LoadBalancer(_));
    let pairs = facts(run, id).into_iter().map(|Pair { name, value, bad }| {
        view! {
            <div class:bad=bad>
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
    });
    let pools = balancers_of(&plan, id).into_iter().filter_map(|id| match &plan.node(id)?.kind {
        NodeKind::LoadBalancer(settings) => Some((pool::pool(run, id, settings), pool::choice(run, id))),
        _ => None,
    });
    view! {
        <section class="about">
            <h2>{node.name.clone()} " " <span class="kind">{node.kind.name()}</span></h2>
            <div class="acts" hidden=cannot_die>
                <button type="button" class="danger" disabled=down on:click=move |_| lab.command(Command::Kill(id))>
                    "Kill"
                </button>
                <button type="button" disabled=up on:click=move |_| lab.command(Command::Revive(id))>
                    "Revive"
                </button>
            </div>
            <dl class="pairs">{pairs.collect_view()}</dl>
            <div hidden=!is_balancer>{retry(lab, run, id)}</div>
        </section>
        {pools.collect_view()}
    }
}

/// The switch for retries.
fn retry(lab: Lab, run: Run, id: NodeId) -> impl IntoView {
    let on = run.retries(id);
    let switch = move |_| lab.command(Command::SetRetry { balancer: id, on: !on.get_untracked() });
    view! {
        <label class="switch">
            <input type="checkbox" role="switch" prop:checked=on on:change=switch aria-describedby="retry-help" />
            "Retry"
        </label>
        <p class="quiet" id="retry-help">
            "When a server refuses the connection, try the next one instead of telling the reader."
        </p>
    }
}

/// A fact about a node: a name and a value that follows the run.
struct Pair {
    name: String,
    value: Text,
    bad: Flag,
}

impl Pair {
    fn new(name: impl Into<String>, value: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { name: name.into(), value: text(value), bad: flag(|| false) }
    }

    fn fixed(name: &str, value: String) -> Self {
        Self::new(name, move || value.clone())
    }
}

/// A node's truth, what is believed of it, its settings and numbers.
fn facts(run: Run, id: NodeId) -> Vec<Pair> {
    let plan = run.plan();
    let truth = move || run.frame.with(|snapshot| snapshot.nodes[id.get()].truth);
    let mut pairs = Vec::new();
    match &plan.node(id).expect("a node of the open plan is selected").kind {
        NodeKind::Clients(clients) => {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "rounded, for people"
            )]
            let rate = clients.rate_per_s().round() as u64;
            pairs.push(Pair::fixed("Send on average", per_s(rate)));
            pairs.push(Pair::fixed("Spacing", String::from("random (Poisson)")));
            return pairs;
        }
        NodeKind::LoadBalancer(balancer) => {
            let health = balancer.health;
            let settings =
                format!("every {}, fall {}, rise {}", duration(health.interval), health.fall, health.rise);
            pairs.push(Pair::fixed("Algorithm", balancer.algorithm.to_string()));
            pairs.push(Pair::fixed("Health check", settings));
        }
        NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => {
            for balancer in balancers_of(&plan, id) {
                let name = format!("{} believes", plan.name(balancer));
                pairs.push(Pair::new(name, move || believed(run, balancer, id)));
            }
            let ServerPlan { workers, queue_limit, service_time, .. } = *server;
            let work = move || {
                run.glance.with(|snapshot| match snapshot.nodes[id.get()].detail {
                    NodeDetail::Server { busy, queued, load_permille, served, .. } => {
                        (busy, queued, load_permille, served)
                    }
                    _ => (0, 0, 0, 0),
                })
            };
            pairs.push(Pair::new("Workers busy", move || {
                let (busy, _, load, _) = work();
                format!("{busy} of {workers}, {}\u{202f}% load", load / 10)
            }));
            pairs.push(Pair::new("Waiting", move || format!("{} of at most {queue_limit}", work().1)));
            pairs.push(Pair::fixed("Time for one request", distribution(&service_time)));
            pairs.push(Pair::new("Answered", move || grouped(work().3)));
        }
        NodeKind::Firewall(_) | NodeKind::Database(_) | NodeKind::FailoverManager(_) => {}
    }
    let truth_pair =
        Pair { bad: flag(move || !truth().is_up()), ..Pair::new("Truth", move || words::truth(truth())) };
    pairs.insert(0, truth_pair);
    pairs
}

/// What a balancer believes of a server.
fn believed(run: Run, balancer: NodeId, server: NodeId) -> String {
    let plan = run.plan();
    run.frame.with(|snapshot| {
        let (Some(NodeKind::LoadBalancer(settings)), NodeDetail::LoadBalancer { pool, .. }) =
            (plan.node(balancer).map(|node| &node.kind), &snapshot.nodes[balancer.get()].detail)
        else {
            return String::new();
        };
        let entry = pool.iter().find(|entry| entry.server == server);
        entry.map_or(String::new(), |entry| belief_sentence(entry.belief, &settings.health))
    })
}
