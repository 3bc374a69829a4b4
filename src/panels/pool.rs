//! A balancer's pool as the balancer sees it, and why its newest choice fell as it did.

use leptos::prelude::*;
use understudy_core::health::Belief;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;
use understudy_sim::view::NodeDetail;

use crate::driver::Run;
use crate::words::{belief_counted, grouped, per_s, why};

/// One line of the table.
#[derive(Clone, Copy, PartialEq)]
struct Line {
    server: NodeId,
    belief: Belief,
    rate_per_s: u32,
    picked: u64,
    /// Share of all that was sent, in percent.
    share: u64,
}

fn lines(run: Run, balancer: NodeId) -> Vec<Line> {
    run.glance.with(|snapshot| {
        let NodeDetail::LoadBalancer { pool, .. } = &snapshot.nodes[balancer.get()].detail else {
            return Vec::new();
        };
        let all = pool.iter().map(|entry| entry.picked).sum::<u64>().max(1);
        pool.iter()
            .map(|entry| Line {
                server: entry.server,
                belief: entry.belief,
                rate_per_s: entry.rate_per_s,
                picked: entry.picked,
                share: entry.picked * 100 / all,
            })
            .collect()
    })
}

/// The table.
pub fn pool(run: Run, balancer: NodeId) -> AnyView {
    let plan = run.plan();
    let Some(NodeKind::LoadBalancer(settings)) = plan.node(balancer).map(|node| node.kind.clone()) else {
        return ().into_any();
    };
    let health = settings.health;
    let all = Memo::new(move |_| lines(run, balancer));
    let links = settings.pool;
    let rows = 0..links.len();
    let row = move |place: usize| {
        let line = move || all.with(|all| all[place]);
        let server = links.get(place).map(|link| plan.link(*link).to);
        let class = move || match line().belief {
            Belief::Up => "up",
            Belief::GoingDown { .. } => "failing",
            Belief::Down => "out",
            Belief::GoingUp { .. } => "rising",
        };
        view! {
            <tr>
                <th scope="row">{server.map(|server| run.name(server))}</th>
                <td class=class>{move || belief_counted(line().belief, &health)}</td>
                <td class="number">{move || per_s(line().rate_per_s.into())}</td>
                <td class="number share" style=move || format!("--share:{}%", line().share)>
                    {move || grouped(line().picked)}
                </td>
            </tr>
        }
    };
    view! {
        <section class="pool">
            <h2 id="pool-title">"Pool as " {run.name(balancer)} " sees it"</h2>
            <table aria-labelledby="pool-title">
                <thead>
                    <tr>
                        <th scope="col">"Server"</th>
                        <th scope="col">"Believed"</th>
                        <th scope="col" class="number">"Rate"</th>
                        <th scope="col" class="number">"Sent"</th>
                    </tr>
                </thead>
                <tbody>{rows.map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// The explanation of one choice, long enough on the page to be read.
pub fn choice(run: Run, balancer: NodeId) -> AnyView {
    let chosen = Memo::new(move |_| {
        run.why.with(|all| all.iter().find(|(id, _)| *id == balancer).map(|(_, choice)| choice.clone()))
    });
    let title = move || {
        chosen.with(|chosen| {
            let Some(choice) = chosen else { return String::from("Why a server gets a request") };
            let request = grouped(choice.request.0);
            match choice.server {
                Some(server) => format!("Why {} got request {request}", run.name(server)),
                None => format!("Why nobody got request {request}"),
            }
        })
    };
    let sentences = move || {
        let said = chosen.with(|chosen| {
            let choice = chosen.as_ref()?;
            Some(run.glance.with_untracked(|snapshot| why(choice, balancer, &run.plan(), snapshot)))
        });
        let said = said.unwrap_or_else(|| vec![String::from("No request has reached it yet.")]);
        said.into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view()
    };
    view! {
        <section class="why">
            <h2>{title}</h2>
            <div class="reasons">{sentences}</div>
        </section>
    }
    .into_any()
}
