//! The left rail: how the scenario works and what can be changed about it, from the table in [`crate::modes`].

use leptos::prelude::*;
use understudy_sim::ids::NodeId;
use wasm_bindgen::JsCast;

use crate::bind::{Text, flag, part, text};
use crate::lab::{Lab, Run};
use crate::modes::{Kind, MODES, Mode, Scene};

/// The panel.
pub fn modes() -> impl IntoView {
    let lab = expect_context::<Lab>();
    view! {
        <section class="rail" id="modes" tabindex="-1" aria-label="Modes">
            {part(move || groups(lab, lab.run.get()))}
        </section>
    }
}

/// A control on the page: an entry of the table and the nodes that it is about.
#[derive(Clone)]
struct Control {
    mode: &'static Mode,
    label: String,
    targets: Vec<NodeId>,
    /// Its id on the page.
    id: String,
}

/// The controls that the open scenario can use, group by group.
fn groups(lab: Lab, run: Run) -> impl IntoView {
    static TABLE: [Mode; MODES.len()] = MODES;
    let plan = run.plan();
    let mut groups: Vec<(&'static str, Vec<Control>)> = Vec::new();
    for (number, mode) in TABLE.iter().enumerate() {
        let targets = (mode.targets)(&plan);
        let several = targets.len() > 1;
        let sets: Vec<Vec<NodeId>> = match mode.each {
            true => targets.iter().map(|target| vec![*target]).collect(),
            false if targets.is_empty() => Vec::new(),
            false => vec![targets],
        };
        for targets in sets {
            let name = plan.name(targets[0]);
            let label = match mode.label {
                "" => String::from(name),
                label if mode.each && several => format!("{label}, {name}"),
                label => String::from(label),
            };
            let id = format!("mode-{number}-{}", targets[0].get());
            let control = Control { mode, label, targets, id };
            match groups.last_mut() {
                Some((heading, controls)) if *heading == mode.group => controls.push(control),
                _ => groups.push((mode.group, vec![control])),
            }
        }
    }
    let group = |(heading, controls): (&'static str, Vec<Control>)| {
        view! {
            <fieldset class="group">
                <legend>{heading}</legend>
                {controls.into_iter().map(|one| control(lab, run, one)).collect_view()}
            </fieldset>
        }
    };
    groups.into_iter().map(group).collect_view()
}

/// One control with its label and its line of help.
fn control(lab: Lab, run: Run, Control { mode, label, targets, id }: Control) -> impl IntoView {
    let read = {
        let targets = targets.clone();
        move || {
            let plan = run.plan();
            run.glance.with(|snapshot| targets.iter().find_map(|id| (mode.read)(&plan, snapshot, *id)))
        }
    };
    let value = Memo::new(move |_| read());
    let set = move |wanted: u64| {
        let plan = run.plan();
        let commands = run
            .frame
            .with_untracked(|snapshot| (mode.set)(&Scene { plan: &plan, snapshot }, &targets, wanted));
        lab.commands(&commands);
    };
    let help = format!("{id}-help");
    let input = match mode.kind {
        Kind::Switch => {
            let on = flag(move || value.get() == Some(1));
            view! {
                <input
                    type="checkbox"
                    role="switch"
                    id=id.clone()
                    prop:checked=on
                    aria-describedby=help.clone()
                    on:change=move |event| set(u64::from(event_target_checked(&event)))
                />
            }
            .into_any()
        }
        Kind::Choice(options) => {
            let option = |(place, words): (usize, &&'static str)| {
                let chosen = flag(move || value.get() == Some(place as u64));
                view! {
                    <option value=place.to_string() prop:selected=chosen>
                        {*words}
                    </option>
                }
            };
            view! {
                <select
                    id=id.clone()
                    aria-describedby=help.clone()
                    on:change=move |event| {
                        if let Ok(place) = event_target_value(&event).parse() {
                            set(place);
                        }
                    }
                >
                    {options(&run.plan()).iter().enumerate().map(option).collect_view()}
                </select>
            }
            .into_any()
        }
        Kind::Number(unit, least, most) => {
            let shown: Text = text(move || value.get().map(|value| value.to_string()).unwrap_or_default());
            let change = move |event: leptos::ev::Event| match event_target_value(&event).parse::<u64>() {
                Ok(wanted) => {
                    let wanted = wanted.clamp(least, most);
                    put(&event, &wanted.to_string());
                    set(wanted);
                }
                // What is no number is not taken: the present value comes back.
                Err(_) => put(&event, &shown.get_untracked()),
            };
            view! {
                <span class="count-of">
                    <input
                        type="number"
                        inputmode="numeric"
                        id=id.clone()
                        min=least.to_string()
                        max=most.to_string()
                        prop:value=shown
                        aria-describedby=help.clone()
                        on:change=change
                    />
                    <span class="unit">{unit}</span>
                </span>
            }
            .into_any()
        }
    };
    let switch = matches!(mode.kind, Kind::Switch);
    view! {
        <div class="mode" class:switch=switch class:wide=matches!(mode.kind, Kind::Choice(_))>
            <label for=id>{label}</label>
            {input}
            <p class="help-line" id=help hidden=mode.help.is_empty()>
                {mode.help}
            </p>
        </div>
    }
}

/// Writes a text into the field that an event is about.
fn put(event: &leptos::ev::Event, value: &str) {
    let field = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    if let Some(field) = field {
        field.set_value(value);
    }
}
