//! What could not be done: which file or address, where in it, what is wrong, what happens instead; and that a shared run
//! is the one that was shared.

use leptos::prelude::*;

use crate::bind::{flag, part, text};
use crate::icons::{self, icon};
use crate::lab::Lab;
use crate::problem::Problem;

/// The error panel; empty while there is nothing to say.
pub fn errors() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let (problems, said) = (lab.problems, lab.arrival.said);
    let close = move |_| problems.set(Vec::new());
    let one = |Problem { title, place, text, then }: Problem| {
        view! {
            <div class="problem">
                <h2>{title}</h2>
                <p>
                    <code>{place}</code>
                    ": "
                    {text}
                </p>
                <p class="quiet">{then}</p>
            </div>
        }
    };
    view! {
        <div class="errors" role="alert">
            <div class="error-panel" hidden=flag(move || problems.with(Vec::is_empty))>
                <div>{part(move || problems.get().into_iter().map(one).collect_view())}</div>
                <button type="button" class="round" aria-label="Close this message" on:click=close>
                    {icon(icons::CLOSE)}
                </button>
            </div>
        </div>
        <div role="status">
            <div class="error-panel good" hidden=flag(move || said.with(String::is_empty))>
                <p>{text(move || said.get())}</p>
                <button type="button" class="round" aria-label="Close this note" on:click=move |_| said.set(String::new())>
                    {icon(icons::CLOSE)}
                </button>
            </div>
        </div>
    }
}
