//! What if: this run beside the one that was kept as a ghost.

use leptos::prelude::*;

use crate::bind::{flag, part, text};
use crate::lab::Lab;
use crate::lab::ghost::{Difference, Row};
use crate::words::instant;

/// The comparison; hidden while there is no ghost.
pub fn compared() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let told = move || lab.run.get().difference.get();
    let words = text(move || told().map(|told| told.words).unwrap_or_default());
    let title = text(move || match told().and_then(|told| told.since) {
        Some(since) => format!("What if, since {}", instant(since)),
        None => String::from("What if"),
    });
    let row = |Row { name, here, ghost, better }: Row| {
        let tone = match better {
            Some(true) => "better",
            Some(false) => "worse",
            None => "",
        };
        view! {
            <tr class=tone>
                <th scope="row">{name}</th>
                <td>{here}</td>
                <td>{ghost}</td>
            </tr>
        }
    };
    let rows = part(move || {
        let rows = told().map(|Difference { rows, .. }| rows).unwrap_or_default();
        rows.into_iter().map(row).collect_view()
    });
    view! {
        <section class="compared" aria-label="What if" hidden=flag(move || told().is_none())>
            <div class="log-head">
                <h2>{title}</h2>
                <button type="button" on:click=move |_| lab.what_if()>"Forget the ghost"</button>
            </div>
            <p aria-live="polite">{words}</p>
            <table aria-label="This run and the ghost">
                <thead>
                    <tr>
                        <th scope="col"></th>
                        <th scope="col">"This run"</th>
                        <th scope="col">"Ghost"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}
