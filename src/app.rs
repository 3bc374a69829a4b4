//! The shell: header, guide, stage, panels, and what belongs to the page as a whole (keys, files dropped on it).

use leptos::prelude::*;
use understudy_sim::Command;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;

use crate::bind::{flag, text};
use crate::browser::{self, media, query};
use crate::driver::Lab;
use crate::guide;
use crate::panels::{announcer, chart, counts, errors, header, help, inspector, log, transport};
use crate::scenes::asked;
use crate::stage::stage;
use crate::theme::Theme;

/// How the page looks: what has to be drawn anew when colours change.
#[derive(Clone, Copy)]
pub struct Look {
    /// The reader's choice of colours.
    pub theme: RwSignal<Theme>,
    /// Whether the reader's system is dark.
    pub dark: ReadSignal<bool>,
}

/// The whole page.
pub fn app() -> impl IntoView {
    let asked = asked(query("scene").as_deref(), query("seed").as_deref());
    let calm = media::matches("(prefers-reduced-motion: reduce)");
    let lab = Lab::new(asked.plan, asked.seed, asked.problems, calm);
    provide_context(lab);
    provide_context(Look {
        theme: RwSignal::new(Theme::kept()),
        dark: media::matches("(prefers-color-scheme: dark)"),
    });
    let help = help::Help::new();
    provide_context(help);
    let dragging = RwSignal::new(false);
    listen_to_keys(lab, help);
    listen_to_drops(lab, dragging);
    // Alive at first sight, unless the reader asked for less motion.
    if !calm.get_untracked() {
        lab.set_playing(true);
    }
    view! {
        <div class="lab">
            {header::header()}
            <main class="middle">
                {guide_line(lab)}
                {errors::errors()}
                {stage()}
            </main>
            {inspector::inspector()}
            <footer class="below">
                {transport::transport()}
                {counts::counts()}
                {chart::chart()}
                {log::log()}
            </footer>
            {help::dialog()}
            {announcer::announcer()}
            <div class="drop-here" hidden=flag(move || !dragging.get()) aria-hidden="true">
                <p>"Drop a scenario file to open it"</p>
            </div>
        </div>
    }
}

/// The one sentence that says what to do or where to look.
fn guide_line(lab: Lab) -> impl IntoView {
    let sentence = text(move || {
        let run = lab.run.get();
        let has_killed = run.log.with(|log| !log.is_empty());
        let reader = guide::Reader { playing: lab.playing.get(), has_killed };
        run.glance.with(|snapshot| guide::sentence(&run.plan(), snapshot, reader))
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
        if event.ctrl_key() || event.alt_key() || event.meta_key() || !help.keys_on.get_untracked() {
            return;
        }
        let selected = lab.selected.get_untracked().node();
        let plan = lab.run.get_untracked().plan();
        let can_die =
            |id: &NodeId| plan.node(*id).is_some_and(|node| !matches!(node.kind, NodeKind::Clients(_)));
        let selected = selected.filter(can_die).filter(|_| !is_in(&event, TEXTS));
        match event.key().as_str() {
            " " if !is_in(&event, CONTROLS) => {
                event.prevent_default();
                lab.toggle();
            }
            "k" | "K" => selected.into_iter().for_each(|id| lab.command(Command::Kill(id))),
            "r" | "R" => selected.into_iter().for_each(|id| lab.command(Command::Revive(id))),
            "?" if !is_in(&event, TEXTS) => help.open(),
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
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

/// Opens the reader's scenario file, or says why it cannot be opened and leaves the run alone.
pub fn open_file(lab: Lab, file: web_sys::File) {
    use std::rc::Rc;

    use understudy_sim::plan::ScenarioError;
    use understudy_sim::scenario::{MAX_FILE_BYTES, Scenario};

    use crate::problem::Problem;
    use crate::stage::topology::{self, Undrawable};

    browser::file::read(file, MAX_FILE_BYTES, move |opened| {
        let browser::file::Opened { name, text } = opened;
        let refuse =
            |place: &str, problem: String| ScenarioError { file: name.clone(), place: place.into(), problem };
        let plan = text
            .map_err(|problem| refuse("the whole file", problem))
            .and_then(|text| Scenario::read(&name, &text))
            .and_then(|plan| match topology::check(&plan) {
                Ok(()) => Ok(plan),
                Err(Undrawable { place, problem }) => Err(refuse(&place, problem)),
            });
        match plan {
            Ok(plan) => lab.open(&Rc::new(plan)),
            Err(error) => lab.problems.set(vec![Problem::refused_file(error)]),
        }
    });
}
