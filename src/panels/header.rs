//! The header: what this is, which scenario is open, and what concerns the page as a whole.

use leptos::html;
use leptos::prelude::*;

use super::help::Help;
use crate::app::{Look, open_file};
use crate::bind::{Text, flag, text};
use crate::browser;
use crate::driver::Lab;
use crate::icons::{self, icon};
use crate::scenes;
use crate::theme::Theme;

/// The header.
pub fn header() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let help = expect_context::<Help>();
    let title = text(move || lab.run.get().plan().title().to_string());
    view! {
        <header class="top">
            <span class="brand">
                <img src="./understudy.svg" alt="" width="22" height="22" />
                "Understudy"
            </span>
            <h1 class="unseen">{title}</h1>
            {chooser(lab, title)}
            <span class="grow"></span>
            {open_button(lab)}
            {theme_button()}
            <button type="button" class="round" aria-label="Help: signs and keys" title="Help" on:click=move |_| help.open()>
                {icon(icons::HELP)}
            </button>
        </header>
    }
}

/// The scenes of the page; a file of the reader's own is one more.
fn chooser(lab: Lab, title: Text) -> impl IntoView {
    let is_open = move |other: &str| title.with(|title| title == other);
    let choose = move |event| {
        let name = event_target_value(&event);
        if scenes::choices().any(|(scene, _)| scene == name) {
            lab.open(&scenes::asked(Some(&name), None).plan);
            browser::set_query("scene", &name);
        }
    };
    let option = move |(name, words): (&'static str, &'static str)| {
        view! {
            <option value=name prop:selected=flag(move || is_open(words))>
                {words}
            </option>
        }
    };
    let of_their_own = flag(move || scenes::choices().any(|(_, words)| is_open(words)));
    view! {
        <select class="scenes" aria-label="Scenario" on:change=choose>
            {scenes::choices().map(option).collect_view()}
            <option value="" hidden=of_their_own prop:selected=flag(move || !of_their_own.get())>
                {title}
            </option>
        </select>
    }
}

/// Opens a scenario file of the reader's own.
fn open_button(lab: Lab) -> impl IntoView {
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
            {icon(icons::OPEN)}
            <span class="words">"Open a scenario file"</span>
        </label>
    }
}

fn theme_button() -> impl IntoView {
    let theme = expect_context::<Look>().theme;
    let sign = text(move || {
        let sign = match theme.get() {
            Theme::Auto => icons::HALF,
            Theme::Light => icons::SUN,
            Theme::Dark => icons::MOON,
        };
        sign.into()
    });
    let name = text(move || {
        let now = theme.get();
        format!("Colours: {}. Switch to {}", now.name(), now.next().name())
    });
    let switch = move |_| {
        let next = theme.get_untracked().next();
        next.apply();
        theme.set(next);
    };
    view! {
        <button
            type="button"
            class="round"
            aria-label=name
            title=name
            on:click=switch
        >
            {icon(sign)}
        </button>
    }
}
