//! The header: what this is, which scenario is open, and what concerns the page as a whole.

use leptos::html;
use leptos::prelude::*;

use super::help::Help;
use crate::app::{Look, open_file};
use crate::driver::Lab;
use crate::icons::{self, icon};
use crate::theme::Theme;

/// The header.
pub fn header() -> AnyView {
    let lab = expect_context::<Lab>();
    let help = expect_context::<Help>();
    let title = move || lab.run.get().plan().title().to_string();
    view! {
        <header class="top">
            <span class="brand">
                <img src="./understudy.svg" alt="" width="22" height="22" />
                "Understudy"
            </span>
            <h1>{title}</h1>
            <span class="grow"></span>
            {open_button(lab)}
            {theme_button()}
            <button type="button" class="round" aria-label="Help: signs and keys" title="Help" on:click=move |_| help.open()>
                {icon(|| icons::HELP)}
            </button>
        </header>
    }
    .into_any()
}

/// Opens a scenario file of the reader's own.
fn open_button(lab: Lab) -> AnyView {
    let input = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            open_file(lab, file);
        }
        // The same file, mended, can be chosen again.
        input.set_value("");
    };
    view! {
        <label class="button open">
            <input
                type="file"
                class="unseen"
                accept=".json,application/json"
                aria-label="Open a scenario file"
                node_ref=input
                on:change=chosen
            />
            {icon(|| icons::OPEN)}
            <span class="words">"Open a scenario file"</span>
        </label>
    }
    .into_any()
}

fn theme_button() -> AnyView {
    let theme = expect_context::<Look>().theme;
    let sign = move || match theme.get() {
        Theme::Auto => icons::HALF,
        Theme::Light => icons::SUN,
        Theme::Dark => icons::MOON,
    };
    let switch = move |_| {
        let next = theme.get_untracked().next();
        next.apply();
        theme.set(next);
    };
    view! {
        <button
            type="button"
            class="round"
            aria-label=move || format!("Colours: {}. Switch to {}", theme.get().name(), theme.get().next().name())
            title=move || format!("Colours: {}", theme.get().name())
            on:click=switch
        >
            {icon(sign)}
        </button>
    }
    .into_any()
}
