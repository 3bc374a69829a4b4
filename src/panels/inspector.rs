//! The inspector: the selected node's truth, what others believe of it, its settings, and what can be done to it.

use leptos::prelude::*;
use understudy_sim::Command;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan};
use understudy_sim::view::NodeDetail;

use super::pool;
use crate::driver::{Lab, Run};
use crate::words::{self, belief_sentence, distribution, duration, grouped, per_s};

/// The panel.
pub fn inspector() -> AnyView {
    let lab = expect_context::<Lab>();
    view! {
        <aside class="inspector" id="inspector" tabindex="-1" aria-label="Selected node">
            {move || {
                let run = lab.run.get();
                node(lab, run, lab.selected.get())
            }}
        </aside>
    }
    .into_any()
}

/// The balancers whose pool belongs beside this node: itself, or those that stand next to it.
fn balancers_of(plan: &Plan, id: NodeId) -> Vec<NodeId> {
    let is_balancer = |id: NodeId| plan.node(id).is_some_and(|node| matches!(node.kind, NodeKind::LoadBalancer(_)));
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

fn node(lab: Lab, run: Run, id: NodeId) -> Option<AnyView> {
    let plan = run.plan();
    let node = plan.node(id)?.clone();
    let kind = node.kind.name();
    let balancers = balancers_of(&plan, id);
    let view = view! {
        <section class="about">
            <h2>
                {node.name.clone()} " " <span class="kind">{kind}</span>
            </h2>
            {truth(lab, run, id, &node.kind)}
            {facts(run, id, node.kind.clone())}
        </section>
        {balancers.iter().map(|balancer| pool::pool(run, *balancer)).collect_view()}
        {balancers.iter().map(|balancer| pool::choice(run, *balancer)).collect_view()}
    };
    Some(view.into_any())
}

/// Truth, belief, and the buttons that change the truth.
fn truth(lab: Lab, run: Run, id: NodeId, kind: &NodeKind) -> Option<AnyView> {
    if matches!(kind, NodeKind::Clients(_)) {
        return None;
    }
    let up = Memo::new(move |_| run.frame.with(|snapshot| snapshot.nodes[id.get()].truth.is_up()));
    let truth = move || run.frame.with(|snapshot| words::truth(snapshot.nodes[id.get()].truth));
    let believed = Memo::new(move |_| run.frame.with(|snapshot| beliefs(run, id, &snapshot.nodes)));
    let view = view! {
        <div class="acts">
            <button type="button" class="danger" disabled=move || !up.get() on:click=move |_| lab.command(Command::Kill(id))>
                "Kill"
            </button>
            <button type="button" disabled=up on:click=move |_| lab.command(Command::Revive(id))>
                "Revive"
            </button>
        </div>
        <dl class="pairs">
            <div class:bad=move || !up.get()>
                <dt>"Truth"</dt>
                <dd>{truth}</dd>
            </div>
            {move || {
                let line = |(balancer, belief): (String, String)| {
                    view! {
                        <div>
                            <dt>{balancer} " believes"</dt>
                            <dd>{belief}</dd>
                        </div>
                    }
                };
                believed.get().into_iter().map(line).collect_view()
            }}
        </dl>
    };
    Some(view.into_any())
}

/// Who believes what of a server.
fn beliefs(run: Run, server: NodeId, nodes: &[understudy_sim::view::NodeView]) -> Vec<(String, String)> {
    let plan = run.plan();
    let mut beliefs = Vec::new();
    for (balancer, node) in plan.nodes() {
        let (NodeKind::LoadBalancer(settings), NodeDetail::LoadBalancer { pool, .. }) =
            (&node.kind, &nodes[balancer.get()].detail)
        else {
            continue;
        };
        let of_server = pool.iter().filter(|entry| entry.server == server);
        beliefs.extend(of_server.map(|entry| (node.name.clone(), belief_sentence(entry.belief, &settings.health))));
    }
    beliefs
}

/// A node's settings and numbers.
fn facts(run: Run, id: NodeId, kind: NodeKind) -> AnyView {
    let pair = |name: &'static str, value: String| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    match kind {
        NodeKind::Clients(clients) => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, for people")]
            let rate = clients.rate_per_s().round() as u64;
            view! {
                <dl class="pairs">
                    {pair("Send on average", per_s(rate))} {pair("Spacing", String::from("random (Poisson)"))}
                </dl>
            }
            .into_any()
        }
        NodeKind::WebServer(server) => {
            let work = Memo::new(move |_| {
                run.glance.with(|snapshot| match snapshot.nodes[id.get()].detail {
                    NodeDetail::WebServer { busy, queued, load_permille, served } => {
                        (busy, queued, load_permille / 10, served)
                    }
                    _ => (0, 0, 0, 0),
                })
            });
            view! {
                <dl class="pairs">
                    <div>
                        <dt>"Workers busy"</dt>
                        <dd>{move || work.get().0} " of " {server.workers} ", " {move || work.get().2} "\u{202f}% load"</dd>
                    </div>
                    <div>
                        <dt>"Waiting"</dt>
                        <dd>{move || work.get().1} " of at most " {server.queue_limit}</dd>
                    </div>
                    {pair("Time for one request", distribution(&server.service_time))}
                    <div>
                        <dt>"Answered"</dt>
                        <dd>{move || grouped(work.get().3)}</dd>
                    </div>
                </dl>
            }
            .into_any()
        }
        NodeKind::LoadBalancer(balancer) => {
            let health = balancer.health;
            let settings = format!("every {}, fall {}, rise {}", duration(health.interval), health.fall, health.rise);
            view! {
                <dl class="pairs">
                    {pair("Algorithm", String::from("round robin"))} {pair("Health check", settings)}
                </dl>
                {retry(run, id)}
            }
            .into_any()
        }
    }
}

/// The switch for retries.
fn retry(run: Run, id: NodeId) -> AnyView {
    let lab = expect_context::<Lab>();
    let on = Memo::new(move |_| {
        run.frame.with(|snapshot| match snapshot.nodes[id.get()].detail {
            NodeDetail::LoadBalancer { retry, .. } => retry,
            _ => false,
        })
    });
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
    .into_any()
}
