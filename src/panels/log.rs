//! What happened, in sentences, newest first.

use leptos::prelude::*;
use understudy_sim::log::{Entry, Fact};
use understudy_sim::story::sentence;

use crate::driver::Lab;
use crate::words::instant;

/// How many entries are listed.
const LISTED: usize = 60;

/// How an entry stands out.
const fn class(fact: &Fact) -> &'static str {
    match fact {
        Fact::Killed { .. } | Fact::Refused { .. } | Fact::QueueFull { .. } | Fact::Rejected { .. } => "bad",
        Fact::TakenOut { .. } | Fact::PutBack { .. } | Fact::Revived { .. } | Fact::RetrySet { .. } => "turn",
        Fact::CheckFailed { .. } | Fact::CheckPassed { .. } => "",
    }
}

/// The log.
pub fn log() -> AnyView {
    let lab = expect_context::<Lab>();
    let entries =
        move || lab.run.get().log.with(|log| log.iter().take(LISTED).copied().collect::<Vec<_>>());
    let line = move |entry: Entry| {
        let text = sentence(&entry.fact, &lab.run.get_untracked().plan());
        view! {
            <li class=class(&entry.fact)>
                <time>{instant(entry.at)}</time>
                <span>{text}</span>
            </li>
        }
    };
    view! {
        <section class="log" aria-label="What happened">
            <h2>"What happened"</h2>
            <ol tabindex="0" aria-label="Newest first">
                // An entry that counts on is another entry.
                <For each=entries key=|entry| (entry.id, entry.at.as_nanos(), entry.last.as_nanos()) children=line />
            </ol>
            <p class="quiet nothing" hidden=move || lab.run.get().log.with(|log| !log.is_empty())>
                "Nothing out of the ordinary so far. Kill a server to change that."
            </p>
        </section>
    }
    .into_any()
}
