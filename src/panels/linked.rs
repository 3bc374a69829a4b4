//! The link that is pinned: what it joins, what is on it, and what can be done to it.

use leptos::prelude::*;
use understudy_sim::Command;
use understudy_sim::ids::LinkId;

use crate::bind::{flag, text};
use crate::driver::{Lab, Run};
use crate::words::{counted, duration, per_s};

/// The panel of one link.
pub fn linked(lab: Lab, run: Run, id: LinkId) -> impl IntoView {
    let plan = run.plan();
    let link = *plan.link(id);
    let title = format!("{} to {}", plan.name(link.from), plan.name(link.to));
    let (there, back) = (
        format!("From {} to {}", plan.name(link.from), plan.name(link.to)),
        format!("From {} to {}", plan.name(link.to), plan.name(link.from)),
    );
    let cut = move || {
        run.frame.with(|snapshot| {
            let link = &snapshot.links[id.get()];
            (link.cut_forward, link.cut_back)
        })
    };
    let set = move |forward: bool, back: bool| lab.command(Command::Cut { link: id, forward, back });
    let latency = text(move || {
        let delay = run.glance.with(|snapshot| snapshot.links[id.get()].delay);
        duration(link.latency + delay)
    });
    let rate = text(move || per_s(run.glance.with(|snapshot| snapshot.links[id.get()].rate_per_s).into()));
    let on_it = text(move || {
        let traffic = run.glance.with(|snapshot| snapshot.links[id.get()].traffic);
        let all = traffic.requests + traffic.replies + traffic.checks + traffic.others;
        counted(all.into(), "message")
    });
    view! {
        <section class="about">
            <h2>{title} " " <span class="kind">"link"</span></h2>
            <div class="acts">
                <button
                    type="button"
                    class="danger"
                    disabled=flag(move || cut() == (true, true))
                    on:click=move |_| set(true, true)
                >
                    "Cut"
                </button>
                <button type="button" disabled=flag(move || cut() == (false, false)) on:click=move |_| set(false, false)>
                    "Heal"
                </button>
            </div>
            <label class="switch">
                <input
                    type="checkbox"
                    role="switch"
                    prop:checked=flag(move || !cut().0)
                    on:change=move |_| {
                        let (forward, back) = cut();
                        set(!forward, back);
                    }
                />
                {there}
            </label>
            <label class="switch">
                <input
                    type="checkbox"
                    role="switch"
                    prop:checked=flag(move || !cut().1)
                    on:change=move |_| {
                        let (forward, back) = cut();
                        set(forward, !back);
                    }
                />
                {back}
            </label>
            <dl class="pairs">
                <div>
                    <dt>"Takes, each way"</dt>
                    <dd>{latency}</dd>
                </div>
                <div>
                    <dt>"Requests along it"</dt>
                    <dd>{rate}</dd>
                </div>
                <div>
                    <dt>"On it now"</dt>
                    <dd>{on_it}</dd>
                </div>
            </dl>
        </section>
    }
}
