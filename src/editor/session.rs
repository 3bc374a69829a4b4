//! What the editor holds: the scenario that is being edited, its own undo and redo, and what is wrong with it at the moment.

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use understudy_sim::json::Json;

use super::controls::{self, Control};
use super::document::{self, About};
use crate::driver::Lab;

/// The most steps that can be undone.
const MOST_STEPS: usize = 200;

/// What is wrong, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What the form would have to be about.
    pub about: About,
    /// The control that it is about; empty if it is none.
    pub path: String,
    /// Where that is, in words.
    pub place: String,
    /// What is wrong there and what would be right.
    pub problem: String,
}

/// The editor.
#[derive(Clone, Copy)]
pub struct Editor {
    /// Its window.
    pub dialog: NodeRef<html::Dialog>,
    /// Whether it is open: nothing is put into it while nobody sees it.
    pub is_open: RwSignal<bool>,
    /// The scenario.
    pub json: RwSignal<Json>,
    /// What the form is about.
    pub about: RwSignal<About>,
    /// Changes when fields have to show what somebody else than the reader at this field has written.
    pub epoch: RwSignal<u32>,
    /// What is wrong with the scenario.
    pub wrong: Memo<Option<Wrong>>,
    /// What was entered at a control and not taken.
    pub refused: RwSignal<Option<(String, String)>>,
    past: RwSignal<Vec<Json>>,
    future: RwSignal<Vec<Json>>,
    /// Where the newest step wrote: letters at one place are one step.
    last: StoredValue<String>,
    /// The text of the run's scenario that the editing started from.
    origin: StoredValue<String>,
}

impl Editor {
    /// Closed.
    pub fn new() -> Self {
        let json = RwSignal::new(Json::Null);
        Self {
            dialog: NodeRef::new(),
            is_open: RwSignal::new(false),
            json,
            about: RwSignal::new(About::Scenario),
            epoch: RwSignal::new(0),
            wrong: Memo::new(move |_| json.with(wrong)),
            refused: RwSignal::new(None),
            past: RwSignal::new(Vec::new()),
            future: RwSignal::new(Vec::new()),
            last: StoredValue::new(String::new()),
            origin: StoredValue::new(String::new()),
        }
    }

    /// Opens the window on what runs; what was edited of it and not yet run is still there.
    pub fn open(self, lab: Lab) {
        let Some(dialog) = self.dialog.get_untracked() else { return };
        if dialog.open() {
            return;
        }
        let text = lab.scenario();
        if self.origin.with_value(|origin| *origin != text) {
            self.load(&text);
            self.past.set(Vec::new());
            self.origin.set_value(text);
        }
        self.is_open.set(true);
        let _ = dialog.show_modal();
    }

    /// Closes the window.
    pub fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }

    /// Shows another scenario; the one before can be had back by undo.
    pub fn load(self, text: &str) {
        let Ok(json) = Json::parse(text) else { return };
        self.step("", |now| *now = json);
        self.show(About::Scenario);
    }

    /// Back to what runs.
    pub fn reset(self) {
        self.load(&self.origin.get_value());
    }

    /// Makes the form about something else.
    pub fn show(self, about: About) {
        self.refused.set(None);
        self.about.set(about);
        self.epoch.update(|epoch| *epoch += 1);
    }

    /// Changes the scenario; steps at the same place, if it is one, are undone together.
    pub fn step<T>(self, place: &str, change: impl FnOnce(&mut Json) -> T) -> T {
        let before = self.json.get_untracked();
        let mut now = before.clone();
        let answer = change(&mut now);
        self.refused.set(None);
        if now != before {
            let is_same = !place.is_empty() && self.last.with_value(|last| last == place);
            self.last.set_value(place.into());
            if !is_same {
                self.past.update(|past| {
                    past.push(before);
                    let over = past.len().saturating_sub(MOST_STEPS);
                    past.drain(..over);
                });
            }
            self.future.set(Vec::new());
            self.json.set(now);
        }
        answer
    }

    /// Enters a text at a control.
    pub fn enter(self, control: &Control, text: &str) {
        if let Err(problem) = self.step(&control.path, |json| control.enter(json, text)) {
            self.refused.set(Some((control.path.clone(), problem)));
        }
    }

    /// Takes the newest step back, or makes it again.
    pub fn undo(self, again: bool) {
        let (from, to) = if again { (self.future, self.past) } else { (self.past, self.future) };
        let Some(json) = from.try_update(Vec::pop).flatten() else { return };
        to.update(|steps| steps.push(self.json.get_untracked()));
        self.last.set_value(String::new());
        let about = self.about.get_untracked();
        let is_there = !document::fields(&json, about).is_empty();
        self.json.set(json);
        self.show(if is_there { about } else { About::Scenario });
    }

    /// Whether there is a step to take back, or to make again.
    pub fn can_undo(self, again: bool) -> bool {
        if again { self.future } else { self.past }.with(|steps| !steps.is_empty())
    }

    /// Lets the scenario run from its start, if it makes sense.
    pub fn run(self, lab: Lab) {
        let checked = self.json.with_untracked(document::check);
        let Ok((plan, text)) = checked else { return };
        lab.open(&Rc::new(plan), &text);
        self.origin.set_value(text);
        self.close();
        if !lab.calm.get_untracked() {
            lab.set_playing(true);
        }
    }
}

/// What is wrong with a scenario, and where the editor shows it.
fn wrong(json: &Json) -> Option<Wrong> {
    let error = document::check(json).err()?;
    let about = About::of(&error.place);
    let all = controls::controls(json, about);
    let control = controls::at(&all, &error.place);
    let name = heading(json, about);
    let place = control.map_or_else(|| name.clone(), |control| format!("{name}, {}", control.label));
    let path = control.map(|control| control.path.clone()).unwrap_or_default();
    Some(Wrong { about, path, place, problem: error.problem })
}

/// What a form is about, in words.
pub fn heading(json: &Json, about: About) -> String {
    let found = match about {
        About::Scenario => None,
        About::Node(place) => document::nodes(json).get(place).map(|(name, _)| String::from(*name)),
        About::Link(place) => {
            document::links(json).get(place).map(|(from, to)| format!("{from} \u{2192} {to}"))
        }
    };
    found.unwrap_or_else(|| String::from("The scenario"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_node_and_its_field() {
        let text = include_str!("../../scenarios/three-web-servers.json");
        let json = Json::parse(&text.replace("\"fall\": 3", "\"fall\": 0")).expect("JSON");
        let wrong = wrong(&json).expect("0 checks are none");
        assert_eq!(wrong.about, About::Node(1));
        assert_eq!(wrong.place, "lb-1, Health check: fall");
        assert!(wrong.problem.contains("1 to 100"), "{}", wrong.problem);
    }
}
