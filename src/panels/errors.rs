//! What could not be done: which file or address, where in it, what is wrong, what happens instead.

use leptos::prelude::*;

use crate::bind::{flag, part};
use crate::icons::{self, icon};
use crate::lab::Lab;
use crate::problem::Problem;

/// The error panel; empty while there is nothing to say.
pub fn errors() -> impl IntoView {
    let problems = expect_context::<Lab>().problems;
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
    }
}
