//! The editor's window: the map of the scenario beside the form of one part of it, and what is wrong below.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::document::{self, About};
use super::fields::NODES;
use super::session::{Editor, focus_soon, part_id};
use super::{form, map};
use crate::bind::{Flag, flag, part, text};
use crate::browser;
use crate::icons::{self, icon};
use crate::lab::Lab;
use crate::scenes;

/// The smallest scenario: somebody asks, somebody answers.
const SMALLEST: &str = r#"{
  "title": "Clients and a web server",
  "summary": "",
  "nodes": [
    { "kind": "clients", "name": "clients-1", "rate_per_s": 10 },
    { "kind": "web-server", "name": "web-1", "workers": 2, "queue_limit": 10, "service_time": { "exponential": "120ms" } }
  ],
  "links": [{ "from": "clients-1", "to": "web-1", "latency": "40ms" }]
}"#;

/// What is done when a button is pressed.
type Act = Box<dyn Fn()>;

/// A button with words.
pub fn button(words: &'static str, id: &'static str, class: &'static str, act: Act) -> AnyView {
    view! {
        <button type="button" id=id class=class on:click=move |_| act()>
            {words}
        </button>
    }
    .into_any()
}

/// A button with a sign in the place of words.
fn tool(words: &'static str, path: &'static str, disabled: Flag, act: Act) -> AnyView {
    view! {
        <button type="button" class="round" aria-label=words title=words disabled=disabled on:click=move |_| act()>
            {icon(path)}
        </button>
    }
    .into_any()
}

/// The window.
pub fn dialog() -> impl IntoView {
    let editor = expect_context::<Editor>();
    let lab = expect_context::<Lab>();
    view! {
        <dialog
            class="window wide editor"
            node_ref=editor.dialog
            aria-labelledby="editor-title"
            on:close=move |_| editor.closed(lab)
        >
            <div class="window-top">
                <h2 id="editor-title">"Edit the scenario"</h2>
                <button type="button" class="round" aria-label="Close the editor" title="Close (Esc)" on:click=move |_| editor.close()>
                    {icon(icons::CLOSE)}
                </button>
            </div>
            {part(move || editor.is_open.get().then(|| contents(editor, lab)))}
        </dialog>
    }
}

fn contents(editor: Editor, lab: Lab) -> impl IntoView {
    let before = flag(move || editor.before.with(Option::is_none));
    view! {
        <div class="editor-bar">
            {templates(editor)} {open_button(editor)}
            <span class="grow"></span>
            {tool("Undo this edit", icons::UNDO, flag(move || !editor.can_undo(false)), Box::new(move || editor.undo(false)))}
            {tool("Redo this edit", icons::REDO, flag(move || !editor.can_undo(true)), Box::new(move || editor.undo(true)))}
            {tool("Save the scenario as a file", icons::SAVE, flag(|| false), Box::new(move || editor.save()))}
            {button("Discard edits", "editor-reset", "", Box::new(move || editor.reset()))}
            <span hidden=before>
                {button("Back to the run before", "editor-before", "", Box::new(move || editor.run_before(lab)))}
            </span>
        </div>
        <div class="editor-body">
            <div class="editor-left">
                <nav class="editor-parts" aria-label="Parts of the scenario">{map::parts(editor)}</nav>
                {new_node(editor)}
                <p class="quiet" role="status">
                    {text(move || editor.said.get())}
                </p>
            </div>
            <section class="editor-form" id="editor-form" tabindex="-1" aria-label="Properties">
                {part(move || form::form(editor))}
            </section>
            {mistakes(editor)}
        </div>
        <div class="editor-foot">
            {summary(editor)}
            <button
                type="button"
                class="play"
                disabled=flag(move || !editor.wrong.with(Vec::is_empty))
                on:click=move |_| editor.run(lab)
            >
                "Run this"
            </button>
        </div>
    }
}

/// The scenes of the page as starting points, and the smallest one.
fn templates(editor: Editor) -> AnyView {
    let choose = move |event: leptos::ev::Event| {
        let name = event_target_value(&event);
        if name == "smallest" {
            editor.load(SMALLEST);
        } else if let Some(scene) = scenes::find(&name) {
            editor.load(scene.text);
        } else {
            return;
        }
        form::set_value(&event, "");
        editor.say(String::from("A new scenario. Undo brings back the one before"));
    };
    let all = std::iter::once(("smallest", "Clients and a web server"))
        .chain(scenes::all().iter().map(|scene| (scene.name, scene.title)));
    let options = all.map(|(name, title)| (name.into(), title.into()));
    let first = (String::new(), String::from("New from a template\u{2026}"));
    select(
        "editor-template",
        "New from a template",
        std::iter::once(first).chain(options).collect(),
        "",
        Box::new(choose),
    )
}

/// Opens a file of the reader's own, to be edited.
fn open_button(editor: Editor) -> AnyView {
    let input = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            editor.read(file);
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
                aria-label="Open a scenario file to edit it"
                node_ref=input
                on:change=chosen
            />
            {icon(icons::OPEN)}
            <span class="words">"Open"</span>
        </label>
    }
    .into_any()
}

/// A choice with a name of its own.
pub fn select(
    id: &'static str,
    name: &'static str,
    options: Vec<(String, String)>,
    chosen: &str,
    change: Box<dyn Fn(leptos::ev::Event)>,
) -> AnyView {
    view! {
        <select id=id aria-label=name on:change=change>
            {options_of(options, chosen)}
        </select>
    }
    .into_any()
}

/// The choices as elements.
pub fn options_of(options: Vec<(String, String)>, chosen: &str) -> Vec<AnyView> {
    let option = |(word, label): (String, String)| {
        let is_chosen = word == chosen;
        view! {
            <option value=word selected=is_chosen>
                {label}
            </option>
        }
        .into_any()
    };
    options.into_iter().map(option).collect()
}

/// The value of the element of this id.
pub fn value_of(id: &str) -> String {
    let element =
        browser::element(id).and_then(|element| element.dyn_into::<web_sys::HtmlSelectElement>().ok());
    element.map(|element| element.value()).unwrap_or_default()
}

fn new_node(editor: Editor) -> impl IntoView {
    let options = NODES.iter().map(|kind| (kind.word.into(), kind.label.into())).collect();
    let add = move || {
        if let Some(kind) = document::kind(&value_of("editor-kind")) {
            let place = editor.step("", |json| document::add(json, kind));
            editor.show(About::Node(place));
            let name = editor.json.with_untracked(|json| super::session::heading(json, About::Node(place)));
            editor.say(format!("{name} is added; it has no links yet"));
            focus_soon(format!("field-nodes[{place}].name"));
        }
    };
    view! {
        <div class="editor-new">
            {select("editor-kind", "Kind of the new node", options, "web-server", Box::new(|_| {}))}
            {button("Add node", "editor-add", "", Box::new(add))}
        </div>
    }
}

/// All that is wrong; pressing one leads to its field.
fn mistakes(editor: Editor) -> impl IntoView {
    let one = move |wrong: super::mistakes::Wrong| {
        let words = format!("{}: {}", wrong.place, wrong.problem);
        let show = move |_| {
            editor.show(wrong.about);
            let field = format!("field-{}", wrong.path);
            focus_soon(if wrong.path.is_empty() { part_id(wrong.about) } else { field });
        };
        view! {
            <li>
                <button type="button" on:click=show>
                    {words}
                </button>
            </li>
        }
        .into_any()
    };
    let all = part(move || editor.wrong.get().into_iter().map(one).collect::<Vec<_>>());
    view! {
        <ul class="editor-wrong" aria-label="What is wrong" hidden=flag(move || editor.wrong.with(Vec::is_empty))>
            {all}
        </ul>
    }
}

/// Whether the scenario makes sense.
fn summary(editor: Editor) -> impl IntoView {
    let words = text(move || match editor.wrong.with(Vec::len) {
        0 => editor.json.with(|json| {
            let (nodes, links) = (document::nodes(json).len(), document::links(json).len());
            let (many, more) = (if nodes == 1 { "" } else { "s" }, if links == 1 { "" } else { "s" });
            format!("{nodes} node{many} and {links} link{more}, and they make sense. It starts at 0.")
        }),
        1 => String::from("1 mistake. The run stays as it was until it is mended."),
        count => format!("{count} mistakes. The run stays as it was until they are mended."),
    });
    view! {
        <p role="status" class:wrong=flag(move || !editor.wrong.with(Vec::is_empty))>
            {words}
        </p>
    }
}
