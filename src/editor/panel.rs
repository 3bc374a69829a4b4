//! The editor's window: the parts of the scenario beside the form of one of them, and what is wrong below.

use leptos::prelude::*;
use understudy_sim::json::Json;
use wasm_bindgen::JsCast;

use super::controls::{Control, Input, Write, controls};
use super::document::{self, About};
use super::fields::NODES;
use super::session::{Editor, heading};
use crate::bind::{Flag, Text, aria, flag, part, text};
use crate::browser;
use crate::driver::Lab;
use crate::icons::{self, icon};
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
fn button(words: &'static str, disabled: Flag, act: Act) -> AnyView {
    view! {
        <button type="button" disabled=disabled on:click=move |_| act()>
            {words}
        </button>
    }
    .into_any()
}

fn never() -> Flag {
    flag(|| false)
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
            on:close=move |_| editor.is_open.set(false)
        >
            <div class="window-top">
                <h2 id="editor-title">"Edit the scenario"</h2>
                <button type="button" class="round" aria-label="Close the editor" on:click=move |_| editor.close()>
                    {icon(icons::CLOSE)}
                </button>
            </div>
            {part(move || editor.is_open.get().then(|| contents(editor, lab)))}
        </dialog>
    }
}

fn contents(editor: Editor, lab: Lab) -> impl IntoView {
    let save = move || browser::file::offer("scenario.json", &editor.json.with_untracked(Json::write));
    view! {
        <div class="editor-bar">
            {templates(editor)}
            {button("Undo", flag(move || !editor.can_undo(false)), Box::new(move || editor.undo(false)))}
            {button("Redo", flag(move || !editor.can_undo(true)), Box::new(move || editor.undo(true)))}
            {button("Reset", never(), Box::new(move || editor.reset()))}
            {button("Download", never(), Box::new(save))}
        </div>
        <div class="editor-body">
            <nav class="editor-parts" aria-label="Parts of the scenario">{parts(editor)}</nav>
            <section class="editor-form" id="editor-form" tabindex="-1" aria-label="Properties">
                {part(move || form(editor))}
            </section>
        </div>
        <div class="editor-foot">
            {summary(editor)}
            <button
                type="button"
                class="play"
                disabled=flag(move || editor.wrong.with(Option::is_some))
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
        } else if scenes::choices().any(|(scene, _)| scene == name) {
            editor.load(&scenes::asked(Some(&name), None).text);
        }
        set_value(&event, "");
    };
    let all = std::iter::once(("smallest", "Clients and a web server")).chain(scenes::choices());
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

/// A choice with a name of its own.
fn select(
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

fn options_of(options: Vec<(String, String)>, chosen: &str) -> Vec<AnyView> {
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

/// The list of what can be edited, and how more of it is made.
fn parts(editor: Editor) -> impl IntoView {
    let node_words = Memo::new(move |_| {
        editor.json.with(|json| {
            let label = |word: &str| document::kind(word).map_or("unknown", |kind| kind.label);
            document::nodes(json)
                .iter()
                .map(|(name, word)| (String::from(*name), label(word)))
                .collect::<Vec<_>>()
        })
    });
    let link_words = Memo::new(move |_| {
        editor.json.with(|json| {
            let link = |(from, to): &(&str, &str)| (format!("{from} \u{2192} {to}"), "");
            document::links(json).iter().map(link).collect::<Vec<_>>()
        })
    });
    let all = move |list: Memo<Vec<(String, &'static str)>>, about: fn(usize) -> About| {
        part(move || {
            let one = |(place, (name, kind))| item(editor, about(place), name, kind);
            list.get().into_iter().enumerate().map(one).collect::<Vec<_>>()
        })
    };
    view! {
        {item(editor, About::Scenario, "The scenario".into(), "")}
        <h3>"Nodes"</h3>
        <ul>{all(node_words, About::Node)}</ul>
        {new_node(editor)}
        <h3>"Links"</h3>
        <ul>{all(link_words, About::Link)}</ul>
        {part(move || new_link(editor, &node_words.get()))}
    }
}

fn item(editor: Editor, about: About, name: String, kind: &'static str) -> AnyView {
    let is_wrong =
        move || editor.wrong.with(|wrong| wrong.as_ref().is_some_and(|wrong| wrong.about == about));
    let current = text(move || String::from(if editor.about.get() == about { "true" } else { "false" }));
    view! {
        <li class="editor-part" class:wrong=is_wrong>
            <button type="button" aria-current=current on:click=move |_| editor.show(about)>
                <span>{name}</span>
                <span class="kind">{kind}</span>
            </button>
        </li>
    }
    .into_any()
}

/// The value of the element of this id.
fn value_of(id: &str) -> String {
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
            focus_soon(format!("editor-nodes[{place}].name"));
        }
    };
    view! {
        <div class="editor-new">
            {select("editor-kind", "Kind of the new node", options, "web-server", Box::new(|_| {}))}
            {button("Add node", never(), Box::new(add))}
        </div>
    }
}

fn new_link(editor: Editor, nodes: &[(String, &'static str)]) -> AnyView {
    let options = || nodes.iter().map(|(name, _)| (name.clone(), name.clone())).collect::<Vec<_>>();
    let problem = RwSignal::new(String::new());
    let connect = move || {
        let (from, to) = (value_of("editor-from"), value_of("editor-to"));
        match editor.step("", |json| document::connect(json, &from, &to)) {
            Ok(place) => {
                editor.show(About::Link(place));
                problem.set(String::new());
                focus_soon(format!("editor-links[{place}].latency"));
            }
            Err(why) => problem.set(why),
        }
    };
    view! {
        <div class="editor-new">
            {select("editor-from", "From", options(), "", Box::new(|_| {}))}
            {select("editor-to", "To", options(), "", Box::new(|_| {}))}
            {button("Connect", never(), Box::new(connect))}
        </div>
        <p class="editor-problem" role="alert">{Text::from(problem)}</p>
    }
    .into_any()
}

/// Moves the keyboard to an element that is about to be there.
fn focus_soon(id: String) {
    request_animation_frame(move || browser::focus(&id));
}

/// The form of what is chosen.
fn form(editor: Editor) -> impl IntoView {
    let about = editor.about.get();
    editor.epoch.track();
    let shape = Memo::new(move |_| editor.json.with(|json| controls(json, about)));
    let title = text(move || editor.json.with(|json| heading(json, about)));
    let said = text(move || {
        let here = |wrong: super::session::Wrong| wrong.about == about && wrong.path.is_empty();
        editor.wrong.get().filter(|wrong| here(wrong.clone())).map(|wrong| wrong.problem).unwrap_or_default()
    });
    view! {
        <h3 class="editor-title">{title}</h3>
        {acts(editor, about)}
        <p class="editor-problem">{said}</p>
        {part(move || shape.get().into_iter().map(|one| control(editor, &one)).collect::<Vec<_>>())}
    }
}

/// What can be done with the node or the link as a whole.
fn acts(editor: Editor, about: About) -> AnyView {
    let moved = move |later: bool| {
        let about = match about {
            About::Scenario => return,
            About::Node(place) => {
                About::Node(editor.step("", |json| document::move_node(json, place, later)))
            }
            About::Link(place) => {
                About::Link(editor.step("", |json| document::move_link(json, place, later)))
            }
        };
        editor.show(about);
        focus_soon(String::from(if later { "editor-later" } else { "editor-earlier" }));
    };
    let remove = move || {
        editor.step("", |json| match about {
            About::Scenario => {}
            About::Node(place) => document::remove(json, place),
            About::Link(place) => document::disconnect(json, place),
        });
        editor.show(About::Scenario);
        focus_soon(String::from("editor-form"));
    };
    if about == About::Scenario {
        return ().into_any();
    }
    let words = if matches!(about, About::Node(_)) { "Remove node" } else { "Disconnect" };
    view! {
        <div class="acts">
            <button type="button" id="editor-earlier" on:click=move |_| moved(false)>
                "Move up"
            </button>
            <button type="button" id="editor-later" on:click=move |_| moved(true)>
                "Move down"
            </button>
            {button(words, never(), Box::new(remove))}
        </div>
    }
    .into_any()
}

fn set_value(event: &leptos::ev::Event, value: &str) {
    let Some(target) = event.target() else { return };
    if let Some(field) = target.dyn_ref::<web_sys::HtmlInputElement>() {
        field.set_value(value);
    } else if let Some(field) = target.dyn_ref::<web_sys::HtmlSelectElement>() {
        field.set_value(value);
    }
}

/// One control with its label, its unit, its help and what is wrong with it.
fn control(editor: Editor, control: &Control) -> AnyView {
    let id = format!("editor-{}", control.path);
    let shown = editor.json.with_untracked(|json| control.value(json));
    let path = control.path.clone();
    let problem = text(move || {
        if let Some((_, why)) = editor.refused.get().filter(|(at, _)| *at == path) {
            return why;
        }
        let here = editor.wrong.get().filter(|wrong| wrong.path == path);
        here.map(|wrong| wrong.problem).unwrap_or_default()
    });
    let invalid = aria(flag(move || problem.with(|problem| !problem.is_empty())));
    let about = [format!("{id}-help"), format!("{id}-problem")];
    let described = about.join(" ");
    let [help_id, problem_id] = about;
    let Control { label, unit, default, help, input, write, .. } = control.clone();
    let is_switch = matches!(input, Input::Switch);
    let is_wide =
        matches!(input, Input::Lines | Input::Choice(_)) || (unit.is_empty() && matches!(input, Input::Line));
    let enter = {
        let (control, id) = (control.clone(), id.clone());
        move |text: &str| {
            editor.enter(&control, text);
            if control.is_structural() {
                focus_soon(if matches!(write, Write::Remove) { "editor-form".into() } else { id.clone() });
            }
        }
    };
    let typed: Box<dyn Fn(leptos::ev::Event)> = {
        let enter = enter.clone();
        Box::new(move |event| {
            // A box that is ticked has a value of its own, which is not whether it is ticked.
            if is_switch {
                enter(if event_target_checked(&event) { "true" } else { "false" });
            } else {
                enter(&event_target_value(&event));
            }
        })
    };
    // A name that was not taken does not stay behind.
    let left: Box<dyn Fn(leptos::ev::Event)> = {
        let control = control.clone();
        Box::new(move |event| {
            if matches!(write, Write::Name(_)) && editor.refused.with_untracked(Option::is_some) {
                set_value(&event, &editor.json.with_untracked(|json| control.value(json)));
                editor.refused.set(None);
            }
        })
    };
    let field = match input {
        Input::Line => view! {
            <input type="text" id=id.clone() value=shown placeholder=default autocomplete="off" spellcheck="false" aria-describedby=described aria-invalid=invalid on:input=typed on:change=left />
        }
        .into_any(),
        Input::Lines => view! {
            <textarea id=id.clone() rows="4" placeholder=default spellcheck="false" aria-describedby=described aria-invalid=invalid prop:value=shown on:input=typed></textarea>
        }
        .into_any(),
        Input::Switch => view! {
            <input type="checkbox" role="switch" id=id.clone() checked=shown == "true" aria-describedby=described on:change=typed />
        }
        .into_any(),
        Input::Choice(options) => view! {
            <select id=id.clone() aria-describedby=described aria-invalid=invalid on:change=typed>
                {options_of(options, &shown)}
            </select>
        }
        .into_any(),
        Input::Button => {
            return view! {
                <div class="editor-field">
                    <button type="button" id=id on:click=move |_| enter("")>
                        {label}
                    </button>
                    <p class="help-line">{help}</p>
                </div>
            }
            .into_any();
        }
    };
    view! {
        <div class="mode editor-field" class:switch=is_switch class:wide=is_wide>
            <label for=id>{label}</label>
            <span class="editor-value">
                {field} <span class="unit" hidden=unit.is_empty()>{unit}</span>
            </span>
            <p class="help-line" id=help_id hidden=help.is_empty()>
                {help}
            </p>
            <p class="editor-problem" id=problem_id>
                {problem}
            </p>
        </div>
    }
    .into_any()
}

/// Whether the scenario makes sense, and the way to where it does not.
fn summary(editor: Editor) -> impl IntoView {
    let words = text(move || match editor.wrong.get() {
        Some(wrong) => format!("{}: {}. The run goes on as it was.", wrong.place, wrong.problem),
        None => editor.json.with(|json| {
            let (nodes, links) = (document::nodes(json).len(), document::links(json).len());
            format!(
                "{nodes} nodes and {links} links, and they make sense. It starts at 0 with the same seed."
            )
        }),
    });
    let show = move |_| {
        if let Some(wrong) = editor.wrong.get_untracked() {
            editor.show(wrong.about);
            focus_soon(if wrong.path.is_empty() {
                "editor-form".into()
            } else {
                format!("editor-{}", wrong.path)
            });
        }
    };
    view! {
        <p role="status" class:wrong=move || editor.wrong.with(Option::is_some)>
            {words}
        </p>
        <button type="button" hidden=flag(move || editor.wrong.with(Option::is_none)) on:click=show>
            "Show"
        </button>
    }
}
