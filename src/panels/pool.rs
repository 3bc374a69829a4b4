//! A balancer's pool as the balancer sees it, and why its newest choice fell as it did.

use leptos::prelude::*;
use understudy_core::health::Belief;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::LoadBalancerPlan;
use understudy_sim::view::{Choice, NodeDetail, PoolEntry};

use crate::bind::text;
use crate::driver::Run;
use crate::words::{belief_counted, grouped, per_s, why};

/// One line of the table.
#[derive(Clone, Copy)]
struct Line {
    belief: Belief,
    rate_per_s: u32,
    picked: u64,
    /// Share of all that was sent, in percent.
    share: u64,
}

fn line(run: Run, balancer: NodeId, place: usize) -> Line {
    run.glance.with(|snapshot| {
        let NodeDetail::LoadBalancer { pool, .. } = &snapshot.nodes[balancer.get()].detail else {
            unreachable!("a balancer stays a balancer");
        };
        let all = pool.iter().map(|entry| entry.picked).sum::<u64>().max(1);
        let PoolEntry { belief, rate_per_s, picked, .. } = pool[place];
        Line { belief, rate_per_s, picked, share: picked * 100 / all }
    })
}

/// The table.
pub fn pool(run: Run, balancer: NodeId, settings: &LoadBalancerPlan) -> impl IntoView + use<> {
    let plan = run.plan();
    let health = settings.health;
    let rows = settings.pool.iter().enumerate().map(|(place, link)| {
        let line = move || line(run, balancer, place);
        let class = text(move || {
            let class = match line().belief {
                Belief::Unchecked | Belief::Up => "up",
                Belief::GoingDown { .. } => "failing",
                Belief::Down => "out",
                Belief::GoingUp { .. } => "rising",
            };
            class.into()
        });
        view! {
            <tr>
                <th scope="row">{run.name(plan.link(*link).to)}</th>
                <td class=class>{text(move || belief_counted(line().belief, &health))}</td>
                <td class="number">{text(move || per_s(line().rate_per_s.into()))}</td>
                <td class="number share" style=text(move || format!("--share:{}%", line().share))>
                    {text(move || grouped(line().picked))}
                </td>
            </tr>
        }
    });
    view! {
        <section class="pool">
            <h2 id="pool-title">{format!("Pool as {} sees it", run.name(balancer))}</h2>
            <table aria-labelledby="pool-title">
                <thead>
                    <tr>
                        <th scope="col">"Server"</th>
                        <th scope="col">"Believed"</th>
                        <th scope="col" class="number">"Rate"</th>
                        <th scope="col" class="number">"Sent"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
}

/// The explanation of one choice, long enough on the page to be read.
pub fn choice(run: Run, balancer: NodeId) -> impl IntoView {
    let of_balancer = move |all: &[(NodeId, Choice)]| {
        all.iter().find(|(id, _)| *id == balancer).map(|(_, choice)| choice.clone())
    };
    let chosen = move || run.why.with(|all| of_balancer(all));
    let title = text(move || {
        let Some(choice) = chosen() else { return String::from("Why a server gets a request") };
        let request = grouped(choice.request.ordinal());
        match choice.server {
            Some(server) => format!("Why {} got request {request}", run.name(server)),
            None => format!("Why nobody got request {request}"),
        }
    });
    let reasons = text(move || match chosen() {
        Some(choice) => {
            run.glance.with_untracked(|snapshot| why(&choice, balancer, &run.plan(), snapshot)).join("\n")
        }
        None => String::from("No request has reached it yet."),
    });
    view! {
        <section class="why">
            <h2>{title}</h2>
            <p class="reasons">{reasons}</p>
        </section>
    }
}
