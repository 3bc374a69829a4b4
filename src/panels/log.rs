//! What happened, in sentences, newest first.

use leptos::prelude::*;
use understudy_sim::Plan;
use understudy_sim::log::{Entry, Fact};
use understudy_sim::story::sentence;

use crate::bind::flag;
use crate::driver::Lab;
use crate::words::instant;

/// How many entries are listed.
const LISTED: usize = 60;

/// How an entry stands out.
const fn class(fact: &Fact) -> &'static str {
    match fact {
        Fact::Killed { .. }
        | Fact::Hung { .. }
        | Fact::Refused { .. }
        | Fact::QueueFull { .. }
        | Fact::Rejected { .. }
        | Fact::TimedOut { .. } => "bad",
        Fact::CheckFailed { .. } | Fact::CheckPassed { .. } | Fact::ManagerStep { .. } => "",
        _ => "turn",
    }
}

/// The log.
pub fn log() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let lines = move || {
        let run = lab.run.get();
        let plan = run.plan();
        run.log.with(|log| log.iter().take(LISTED).map(|entry| line(entry, &plan)).collect_view())
    };
    let nothing = flag(move || lab.run.get().log.with(Vec::is_empty));
    view! {
        <section class="log" aria-label="What happened">
            <h2>"What happened"</h2>
            <ol tabindex="0" aria-label="Newest first">
                {lines}
            </ol>
            <p class="quiet nothing" hidden=flag(move || !nothing.get())>
                "Nothing out of the ordinary so far. Kill a server to change that."
            </p>
        </section>
    }
}

fn line(entry: &Entry, plan: &Plan) -> impl IntoView + use<> {
    view! {
        <li class=class(&entry.fact)>
            <time>{instant(entry.at)}</time>
            <span>{sentence(&entry.fact, plan)}</span>
        </li>
    }
}
