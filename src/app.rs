//! The shell: header, guide, stage, panels, and what belongs to the page as a whole (keys, files dropped on it).

use leptos::prelude::*;
use understudy_sim::SimTime;

use crate::audit::{self, Audit};
use crate::bind::{aria, flag, text};
use crate::browser::{self, media, query};
use crate::editor;
use crate::guide;
use crate::keys::{self, Action};
use crate::lab::{Lab, arrival};
use crate::panels::{
    announcer, compared, counts, errors, header, help, inspector, lanes, log, modes, share, table, transport,
};
use crate::scenes;
use crate::stage::stage;
use crate::theme::{Look, Theme};

/// What small windows show one at a time; wide ones show all of it.
const TABS: [(&str, &str); 5] =
    [("inspector", "Selected"), ("modes", "Modes"), ("charts", "Charts"), ("log", "Log"), ("audit", "Audit")];
/// The place of the audit among them.
const AUDIT: usize = 4;

/// The whole page.
pub fn app() -> impl IntoView {
    let first = scenes::first();
    let calm = media::matches("(prefers-reduced-motion: reduce)");
    let lab = Lab::new(first.plan(), first.text.into(), scenes::DEFAULT_SEED, calm);
    provide_context(lab);
    provide_context(lab.player);
    provide_context(Look {
        theme: RwSignal::new(Theme::kept()),
        dark: media::matches("(prefers-color-scheme: dark)"),
    });
    let help = help::Help::new();
    provide_context(help);
    provide_context(editor::session::Editor::new());
    provide_context(share::Share::new());
    let dragging = RwSignal::new(false);
    let tab = RwSignal::new(0_usize);
    let audits = Audit::new(lab, flag(move || tab.get() == AUDIT));
    // Who comes with a brief is shown its list.
    Effect::new(move |_| {
        if lab.brief.with(Option::is_some) {
            tab.set(AUDIT);
        }
    });
    provide_context(audits);
    provide_context(audits.notes());
    listen_to_keys(lab, help);
    listen_to_drops(lab, dragging);
    // Alive at first sight, unless the reader asked for less motion.
    if !calm.get_untracked() {
        lab.set_playing(true);
    }
    arrival::open(lab, &query());
    view! {
        <div class="lab" data-tab=text(move || TABS[tab.get()].0.into())>
            {header::header(aria(audits.is_open), move || tab.update(|tab| *tab = if *tab == AUDIT { 0 } else { AUDIT }))}
            {modes::modes()}
            <main class="middle">
                {guide_line(lab)}
                {errors::errors()}
                {audit::bar()}
                {stage()}
            </main>
            <nav class="tabs" aria-label="Panels">{tabs(tab)}</nav>
            <div class="side">
                {inspector::inspector()}
                {compared::compared()}
                {counts::counts()}
            </div>
            {audit::panel()}
            {transport::transport()}
            {lanes::lanes()}
            {log::log()}
            {help::dialog()}
            {share::dialog()}
            {table::dialog()}
            {editor::panel::dialog()}
            {announcer::announcer()}
            <div class="drop-here" hidden=flag(move || !dragging.get()) aria-hidden="true">
                <p>"Drop a scenario or a saved run to open it"</p>
            </div>
        </div>
    }
}

/// The buttons that choose what a small window shows.
fn tabs(tab: RwSignal<usize>) -> impl IntoView {
    let one = |(place, (_, name)): (usize, &(&str, &'static str))| {
        let pressed = aria(flag(move || tab.get() == place));
        view! {
            <button type="button" aria-pressed=pressed on:click=move |_| tab.set(place)>
                {*name}
            </button>
        }
    };
    TABS.iter().enumerate().map(one).collect_view()
}

/// The one sentence that says what to do or where to look.
fn guide_line(lab: Lab) -> impl IntoView {
    let sentence = text(move || {
        let run = lab.run.get();
        let (plan, past, playing) = (run.plan(), run.past.get(), lab.playing.get());
        run.glance.with(|snapshot| guide::sentence(&guide::World { plan: &plan, snapshot, past, playing }))
    });
    view! { <p class="guide">{sentence}</p> }
}

/// Whether the event's target is, or is inside, what `selector` selects.
fn is_in(event: &web_sys::KeyboardEvent, selector: &str) -> bool {
    use wasm_bindgen::JsCast;
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.closest(selector).is_ok_and(|found| found.is_some()))
}

/// Where the space bar has a meaning of its own.
const CONTROLS: &str = "button, input, select, textarea, a, summary, dialog, [role=menu]";
/// Where letters have one.
const TEXTS: &str = "input, select, textarea, dialog";

/// Single keys for what is done often. They can be switched off, for readers whose software types them.
fn listen_to_keys(lab: Lab, help: help::Help) {
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        let ctrl = event.ctrl_key() || event.meta_key();
        let Some(action) = keys::asked(&event.key(), ctrl, event.shift_key()) else { return };
        // The space bar has a meaning of its own on controls, letters have one where text is written.
        let elsewhere = if action == Action::Toggle { CONTROLS } else { TEXTS };
        let is_off = !ctrl && !help.keys_on.get_untracked();
        let closes_table = action == Action::Table && is_in(&event, "dialog.wide");
        // A key that meant something where the keyboard is means nothing else.
        if event.default_prevented()
            || event.alt_key()
            || is_off
            || (is_in(&event, elsewhere) && !closes_table)
        {
            return;
        }
        event.prevent_default();
        carry_out(action, lab, help);
    });
    on_cleanup(move || listener.remove());
}

/// Does what a key asks for.
fn carry_out(action: Action, lab: Lab, help: help::Help) {
    match action {
        Action::Toggle => lab.toggle(),
        Action::Step { forward } => lab.step(forward),
        Action::Mark { forward } => lab.seek_mark(forward),
        Action::End { forward } => {
            let end = lab.run.get_untracked().standing.with_untracked(|standing| standing.end);
            lab.seek(if forward { end } else { SimTime::ZERO });
        }
        Action::Speed { faster } => {
            let speed = lab.speed.get_untracked();
            lab.set_speed(if faster { speed + 1 } else { speed.saturating_sub(1) });
        }
        Action::Undo => lab.undo(false),
        Action::Redo => lab.undo(true),
        Action::WhatIf => lab.what_if(),
        Action::Act(verb) => lab.act(verb),
        Action::Surprise => lab.surprise(),
        Action::Table => lab.table.toggle(),
        Action::Save => header::save(lab),
        Action::Help => help.open(),
    }
}

/// A scenario file may be dropped anywhere.
fn listen_to_drops(lab: Lab, dragging: RwSignal<bool>) {
    let over = window_event_listener(leptos::ev::dragover, move |event| {
        event.prevent_default();
        dragging.set(true);
    });
    let leave = window_event_listener(leptos::ev::dragleave, move |event| {
        // Leaving one element for another is not leaving the page.
        if event.related_target().is_none() {
            dragging.set(false);
        }
    });
    let drop = window_event_listener(leptos::ev::drop, move |event| {
        event.prevent_default();
        dragging.set(false);
        let file = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0));
        if let Some(file) = file {
            open_file(lab, file);
        }
    });
    on_cleanup(move || {
        over.remove();
        leave.remove();
        drop.remove();
    });
}

/// Opens the reader's file, a scenario or a saved run, or says why it cannot be opened and leaves the run alone.
pub fn open_file(lab: Lab, file: web_sys::File) {
    use std::rc::Rc;

    use understudy_sim::plan::{Plan, ScenarioError};
    use understudy_sim::saved;
    use understudy_sim::scenario::Scenario;

    use crate::problem::Problem;
    use crate::stage::topology::{self, Undrawable};

    browser::file::read(file, saved::MAX_RUN_BYTES, move |opened| {
        let browser::file::Opened { name, text } = opened;
        let refuse =
            |place: &str, problem: String| ScenarioError { file: name.clone(), place: place.into(), problem };
        let drawable = |plan: &Plan| {
            topology::check(plan).map_err(|Undrawable { place, problem }| refuse(&place, problem))
        };
        let open = |text: String| {
            if saved::is_run(&text) {
                let saved = saved::read(&name, &text)?;
                drawable(&saved.plan)?;
                lab.open_saved(saved);
            } else {
                let plan = Scenario::read(&name, &text)?;
                drawable(&plan)?;
                lab.open(&Rc::new(plan), &text);
            }
            Ok(())
        };
        let opened = text.map_err(|problem| refuse("the whole file", problem)).and_then(open);
        if let Err(error) = opened {
            lab.problems.set(vec![Problem::refused_file(error)]);
        }
    });
}
