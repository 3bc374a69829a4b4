//! The form of one thing: what can be done with it, its properties with what is wrong with each, and a node's links.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::controls::{Control, Input, Write, controls};
use super::document::{self, About};
use super::map;
use super::panel::{button, options_of, select, value_of};
use super::session::{Editor, focus_soon, heading, part_id};
use crate::bind::{aria, flag, part, text};

/// The form of what is chosen.
pub fn form(editor: Editor) -> impl IntoView {
    let about = editor.about.get();
    editor.epoch.track();
    let shape = Memo::new(move |_| editor.json.with(|json| controls(json, about)));
    let title = text(move || editor.json.with(|json| heading(json, about)));
    let kind = text(move || {
        editor.json.with(|json| match about {
            About::Scenario => String::new(),
            About::Link(_) => String::from("link"),
            About::Node(place) => {
                let nodes = document::nodes(json);
                let kind = nodes.get(place).and_then(|(_, word)| document::kind(word));
                kind.map_or("unknown", |kind| kind.label).into()
            }
        })
    });
    let said = text(move || {
        let here = |wrong: &&super::mistakes::Wrong| wrong.about == about && wrong.path.is_empty();
        editor.wrong.with(|all| all.iter().find(here).map(|wrong| wrong.problem.clone()).unwrap_or_default())
    });
    view! {
        <h3 class="editor-title">{title} " " <span class="kind">{kind}</span></h3>
        {acts(editor, about)}
        <p class="editor-problem">{said}</p>
        {if let About::Node(place) = about { links(editor, place) } else { ().into_any() }}
        {part(move || shape.get().into_iter().map(|one| control(editor, &one)).collect::<Vec<_>>())}
    }
}

/// What can be done with the node or the link as a whole.
fn acts(editor: Editor, about: About) -> AnyView {
    let moved = move |later: bool| {
        match about {
            About::Scenario => {}
            About::Node(place) => map::step(editor, place, later),
            About::Link(place) => {
                let now = editor.step("", |json| document::move_link(json, place, later));
                editor.show(About::Link(now));
                let words = if now == place { "There is no other place for it" } else { "Moved" };
                editor.say(words.into());
            }
        }
        focus_soon(String::from(if later { "editor-later" } else { "editor-earlier" }));
    };
    let remove = move || {
        let name = editor.json.with_untracked(|json| heading(json, about));
        let next = editor.step("", |json| match about {
            About::Scenario => About::Scenario,
            About::Node(place) => {
                document::remove(json, place);
                About::Scenario
            }
            About::Link(place) => {
                let from = document::links(json).get(place).map(|(from, _)| String::from(*from));
                document::disconnect(json, place);
                let nodes = document::nodes(json);
                let from = nodes.iter().position(|(name, _)| Some(*name) == from.as_deref());
                from.map_or(About::Scenario, About::Node)
            }
        });
        editor.show(next);
        editor.say(format!("{name} is removed"));
        focus_soon(part_id(next));
    };
    if about == About::Scenario {
        return ().into_any();
    }
    let is_node = matches!(about, About::Node(_));
    let help = if is_node {
        "Up and down: within its tier. Dragging it does the same."
    } else {
        "Up and down: within the order of the pool."
    };
    view! {
        <div class="acts">
            {button("Move up", "editor-earlier", "", Box::new(move || moved(false)))}
            {button("Move down", "editor-later", "", Box::new(move || moved(true)))}
            {button(if is_node { "Remove node" } else { "Remove link" }, "editor-remove", "danger", Box::new(remove))}
        </div>
        <p class="help-line">{help}</p>
    }
    .into_any()
}

/// The links of a node, and how one more is made.
fn links(editor: Editor, node: usize) -> AnyView {
    let name = Memo::new(move |_| editor.json.with(|json| heading(json, About::Node(node))));
    let present = Memo::new(move |_| {
        let name = name.get();
        editor.json.with(|json| {
            let links = document::links(json).into_iter().enumerate();
            let named = |(place, (from, to)): (usize, (&str, &str))| {
                let words = if from == name {
                    format!("to {to}")
                } else if to == name {
                    format!("from {from}")
                } else {
                    return None;
                };
                Some((place, words))
            };
            links.filter_map(named).collect::<Vec<_>>()
        })
    });
    let free = Memo::new(move |_| editor.json.with(|json| document::unlinked(json, &name.get())));
    let one = move |(place, words): (usize, String)| {
        let about = About::Link(place);
        let is_wrong =
            flag(move || editor.wrong.with(|wrong| wrong.iter().any(|wrong| wrong.about == about)));
        let show = move |_| {
            editor.show(about);
            focus_soon("editor-form".into());
        };
        view! {
            <li class="editor-part" class:wrong=is_wrong>
                <button type="button" on:click=show>
                    {words}
                </button>
            </li>
        }
        .into_any()
    };
    let connect = move || {
        let (from, to) = (name.get_untracked(), value_of("editor-to"));
        if to.is_empty() {
            return;
        }
        let place = editor.step("", |json| document::connect(json, &from, &to));
        editor.show(About::Link(place));
        editor.say(format!("{from} and {to} are linked"));
        focus_soon(format!("field-links[{place}].latency"));
    };
    let is_full = flag(move || free.with(Vec::is_empty));
    view! {
        <div class="editor-links">
            <h4>"Links"</h4>
            <ul>{part(move || present.get().into_iter().map(one).collect::<Vec<_>>())}</ul>
            <div class="editor-new" hidden=is_full>
                {part(move || {
                    let options = free.get().into_iter().map(|name| (name.clone(), name)).collect();
                    select("editor-to", "Link to", options, "", Box::new(|_| {}))
                })}
                {button("Connect", "editor-connect", "", Box::new(connect))}
            </div>
        </div>
    }
    .into_any()
}

/// Lets a field show something.
pub fn set_value(event: &leptos::ev::Event, value: &str) {
    let Some(target) = event.target() else { return };
    if let Some(field) = target.dyn_ref::<web_sys::HtmlInputElement>() {
        field.set_value(value);
    } else if let Some(field) = target.dyn_ref::<web_sys::HtmlSelectElement>() {
        field.set_value(value);
    }
}

/// One control with its label, its unit, its help and what is wrong with it.
fn control(editor: Editor, control: &Control) -> AnyView {
    let id = format!("field-{}", control.path);
    let shown = editor.json.with_untracked(|json| control.value(json));
    let path = control.path.clone();
    let problem = text(move || {
        if let Some((_, why)) = editor.refused.get().filter(|(at, _)| *at == path) {
            return why;
        }
        let here = |all: &Vec<super::mistakes::Wrong>| {
            all.iter().find(|wrong| wrong.path == path).map(|wrong| wrong.problem.clone())
        };
        editor.wrong.with(here).unwrap_or_default()
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
    // A name that was not taken does not stay behind, and why is said.
    let left: Box<dyn Fn(leptos::ev::Event)> = {
        let control = control.clone();
        Box::new(move |event| {
            if matches!(write, Write::Name(_)) && editor.refused.with_untracked(Option::is_some) {
                let name = editor.json.with_untracked(|json| control.value(json));
                set_value(&event, &name);
                editor.refused.update(|refused| {
                    if let Some((_, why)) = refused {
                        why.push_str(". It is still called ");
                        why.push_str(&name);
                    }
                });
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
