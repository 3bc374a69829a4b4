//! The header: what this is, which scenario is open, and what concerns the page as a whole.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::help::Help;
use super::share::Share;
use crate::app::open_file;
use crate::bind::{Flag, Text, aria, flag, text};
use crate::browser;
use crate::editor::session::Editor;
use crate::icons::{self, icon};
use crate::lab::Lab;
use crate::scenes;
use crate::theme::{Look, Theme};

/// An arrow that points back.
const BACK: &str = "M11 4 6 9l5 5";
/// An angle that points down.
const UNFOLD: &str = "M5 7l4 4 4-4";

/// The header.
pub fn header(audits: Text, toggle_audit: impl Fn() + 'static) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let help = expect_context::<Help>();
    let title = text(move || lab.run.get().plan().title().to_string());
    let picture = browser::picture();
    // A page that is one file has no others beside it.
    let is_alone = picture.starts_with("data:");
    view! {
        <header class="top">
            <span class="brand">
                <img src=picture alt="" width="22" height="22" />
                "Understudy"
            </span>
            <a class="lessons-link" href="./index.html" hidden=is_alone>
                {icon(BACK)}
                "Lessons"
            </a>
            <h1 class="unseen">{title}</h1>
            {chooser(lab, title)}
            <span class="grow"></span>
            <button type="button" class="audit-switch" aria-pressed=audits title="What is weak here, with proof" on:click=move |_| toggle_audit()>
                {icon(icons::AUDIT)}
                <span class="words">"Audit"</span>
            </button>
            {tool("Undo (Ctrl Z)", icons::UNDO, flag(move || !lab.run.get().standing.with(|standing| standing.can_undo)), lab, |lab| lab.undo(false))}
            {tool("Redo (Ctrl Y)", icons::REDO, flag(move || !lab.run.get().standing.with(|standing| standing.can_redo)), lab, |lab| lab.undo(true))}
            {more(lab)}
            {theme_button()}
            <button type="button" class="round" aria-label="Help: signs and keys" title="Help" on:click=move |_| help.open()>
                {icon(icons::HELP)}
            </button>
        </header>
    }
}

/// What is needed seldom: in the row where there is room, behind a button where there is not.
fn more(lab: Lab) -> impl IntoView {
    let editor = expect_context::<Editor>();
    let share = expect_context::<Share>();
    let is_open = RwSignal::new(false);
    let expanded = aria(flag(move || is_open.get()));
    let close_on_escape = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && is_open.get_untracked() {
            event.prevent_default();
            is_open.set(false);
            browser::focus("more");
        }
    };
    let close_when_left = move |event: leptos::ev::FocusEvent| {
        let to = event.related_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let stays = to.is_none_or(|to| to.closest(".more-of").is_ok_and(|found| found.is_some()));
        if !stays {
            is_open.set(false);
        }
    };
    view! {
        <div class="more-of" on:keydown=close_on_escape on:focusout=close_when_left>
            <button
                type="button"
                id="more"
                class="more"
                aria-expanded=expanded
                aria-controls="more-tools"
                on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
            >
                "More"
                {icon(UNFOLD)}
            </button>
            <div id="more-tools" class="more-tools" data-open=expanded on:click=move |_| is_open.set(false)>
                {wordy("Edit the scenario", icons::EDIT, "Edit", Box::new(move || editor.open(lab)))}
                {wordy("Share this moment", icons::SHARE, "Share", Box::new(move || share.open(lab)))}
                {wordy("Save the run (Ctrl S)", icons::SAVE, "Save", Box::new(move || save(lab)))}
                {open_button(lab)}
                {wordy("Everything as a table (T)", icons::TABLE, "Table", Box::new(move || lab.table.toggle()))}
            </div>
        </div>
    }
}

/// A button with a sign, and a word where there is room for it.
fn wordy(name: &'static str, path: &'static str, word: &'static str, act: Box<dyn Fn()>) -> impl IntoView {
    view! {
        <button type="button" class="button open" aria-label=name title=name on:click=move |_| act()>
            {icon(path.to_string())}
            <span class="words">{word}</span>
        </button>
    }
}

/// Saves the run as a file.
pub fn save(lab: Lab) {
    browser::file::offer("understudy-run.json", &lab.saved());
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
