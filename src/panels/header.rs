//! The header: what this is, which scenario is open, and what concerns the page as a whole.

use leptos::html;
use leptos::prelude::*;

use super::help::Help;
use super::share::Share;
use crate::app::open_file;
use crate::bind::{Flag, Text, flag, text};
use crate::browser;
use crate::editor::session::Editor;
use crate::icons::{self, icon};
use crate::lab::Lab;
use crate::scenes;
use crate::theme::{Look, Theme};

/// The header.
pub fn header(audits: Text, toggle_audit: impl Fn() + 'static) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let help = expect_context::<Help>();
    let title = text(move || lab.run.get().plan().title().to_string());
    view! {
        <header class="top">
            <span class="brand">
                <img src=browser::picture() alt="" width="22" height="22" />
                "Understudy"
            </span>
            <h1 class="unseen">{title}</h1>
            {chooser(lab, title)}
            <span class="grow"></span>
            <button type="button" class="audit-switch" aria-pressed=audits title="What is weak here, with proof" on:click=move |_| toggle_audit()>
                {icon(icons::AUDIT)}
                <span class="words">"Audit"</span>
            </button>
            {tool("Undo (Ctrl Z)", icons::UNDO, flag(move || !lab.run.get().standing.with(|standing| standing.can_undo)), lab, |lab| lab.undo(false))}
            {tool("Redo (Ctrl Y)", icons::REDO, flag(move || !lab.run.get().standing.with(|standing| standing.can_redo)), lab, |lab| lab.undo(true))}
            {edit_button(lab)}
            {share_button(lab)}
            {tool("Save the run (Ctrl S)", icons::SAVE, flag(|| false), lab, save)}
            {open_button(lab)}
            {tool("Everything as a table (T)", icons::TABLE, flag(|| false), lab, open_table)}
            {theme_button()}
            <button type="button" class="round" aria-label="Help: signs and keys" title="Help" on:click=move |_| help.open()>
                {icon(icons::HELP)}
            </button>
        </header>
    }
}

/// Saves the run as a file.
pub fn save(lab: Lab) {
    browser::file::offer("understudy-run.json", &lab.saved());
}

/// Opens the editor.
fn edit_button(lab: Lab) -> impl IntoView {
    let editor = expect_context::<Editor>();
    view! {
        <button type="button" class="button open" aria-label="Edit the scenario" title="Edit the scenario" on:click=move |_| editor.open(lab)>
            {icon(icons::EDIT)}
            <span class="words">"Edit"</span>
        </button>
    }
}

/// Opens the address of this moment.
fn share_button(lab: Lab) -> impl IntoView {
    let share = expect_context::<Share>();
    view! {
        <button type="button" class="button open" aria-label="Share this moment" title="Share this moment" on:click=move |_| share.open(lab)>
            {icon(icons::SHARE)}
            <span class="words">"Share"</span>
        </button>
    }
}

/// Opens the table.
fn open_table(lab: Lab) {
    lab.table.toggle();
}

/// A button with a sign.
fn tool(name: &'static str, path: &'static str, disabled: Flag, lab: Lab, act: fn(Lab)) -> impl IntoView {
    view! {
        <button type="button" class="round" aria-label=name title=name disabled=disabled on:click=move |_| act(lab)>
            {icon(path.to_string())}
        </button>
    }
}

/// The scenes of the page; a file of the reader's own is one more.
fn chooser(lab: Lab, title: Text) -> impl IntoView {
    let is_open = move |other: &str| title.with(|title| title == other);
    let choose = move |event| {
        let name = event_target_value(&event);
        if let Some(scene) = scenes::find(&name) {
            lab.open(&scene.plan(), scene.text);
            // What the address said of the run before is not so of this one.
            browser::set_query("scene", &name, &["figure", "run", "mode", "c", "t", "hash"]);
        }
    };
    let option = move |scene: &'static scenes::Scene| {
        view! {
            <option value=scene.name prop:selected=flag(move || is_open(scene.title))>
                {scene.title}
            </option>
        }
    };
    let of_their_own = flag(move || scenes::all().iter().any(|scene| is_open(scene.title)));
    view! {
        <select class="scenes" aria-label="Scenario" on:change=choose>
            {scenes::all().iter().map(option).collect_view()}
            <option value="" hidden=of_their_own prop:selected=flag(move || !of_their_own.get())>
                {title}
            </option>
        </select>
    }
}

/// Opens a scenario or a run from a file of the reader's own.
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
                aria-label="Open a scenario file or a saved run"
                node_ref=input
                on:change=chosen
            />
            {icon(icons::OPEN)}
            <span class="words">"Open"</span>
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
