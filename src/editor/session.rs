//! What the editor holds: the scenario that is being edited, its own undo and redo, and what is wrong with it at the moment.

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use understudy_sim::json::Json;
use understudy_sim::saved;

use super::controls::Control;
use super::document::{self, About};
use super::mistakes::{Wrong, mistakes};
use super::path;
use crate::browser;
use crate::lab::Lab;
use crate::scenes;
use crate::selection::Selection;

/// The most steps that can be undone.
const MOST_STEPS: usize = 200;

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
    pub wrong: Memo<Vec<Wrong>>,
    /// What was entered at a control and not taken.
    pub refused: RwSignal<Option<(String, String)>>,
    /// What happened last, for those who do not see it.
    pub said: RwSignal<String>,
    /// The run before the one that the editor started, as a file.
    pub before: RwSignal<Option<String>>,
    past: RwSignal<Vec<Json>>,
    future: RwSignal<Vec<Json>>,
    /// Where the newest step wrote: letters at one place are one step.
    last: StoredValue<String>,
    /// The text of the run's scenario that the editing started from.
    origin: StoredValue<String>,
    /// Whether time passed when the window was opened: it stands still while nobody sees the stage.
    was_playing: StoredValue<bool>,
}

impl Editor {
    /// Closed.
    pub fn new() -> Self {
        let json = RwSignal::new(Json::Null);
        let is_open = RwSignal::new(false);
        let look = move |_: Option<&Vec<Wrong>>| if is_open.get() { json.with(mistakes) } else { Vec::new() };
        Self {
            dialog: NodeRef::new(),
            is_open,
            json,
            about: RwSignal::new(About::Scenario),
            epoch: RwSignal::new(0),
            wrong: Memo::new(look),
            refused: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            before: RwSignal::new(None),
            past: RwSignal::new(Vec::new()),
            future: RwSignal::new(Vec::new()),
            last: StoredValue::new(String::new()),
            origin: StoredValue::new(String::new()),
            was_playing: StoredValue::new(false),
        }
    }

    /// Opens the window on what runs; what was edited of it and not yet run is still there.
    pub fn open(self, lab: Lab) {
        let Some(dialog) = self.dialog.get_untracked() else { return };
        if dialog.open() {
            return;
        }
        self.was_playing.set_value(lab.playing.get_untracked());
        lab.set_playing(false);
        let text = lab.scenario();
        if self.origin.with_value(|origin| *origin != text) {
            self.load(&text);
            self.past.set(Vec::new());
            self.origin.set_value(text);
            self.about.set(match lab.selected.get_untracked() {
                Selection::Node(id) => About::Node(id.get()),
                Selection::Link(id) => About::Link(id.get()),
                Selection::Request(_) => About::Scenario,
            });
        }
        self.said.set(String::new());
        self.is_open.set(true);
        let _ = dialog.show_modal();
        focus_soon(part_id(self.about.get_untracked()));
    }

    /// Closes the window; the browser gives the keyboard back to where it came from.
    pub fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }

    /// The window is closed, however that came.
    pub fn closed(self, lab: Lab) {
        self.is_open.set(false);
        if self.was_playing.get_value() {
            lab.set_playing(true);
        }
    }

    /// Shows another scenario; the one before can be had back by undo.
    pub fn load(self, text: &str) {
        let Ok(json) = Json::parse(text) else { return };
        self.step("", |now| *now = json);
        self.show(About::Scenario);
    }

    /// Shows the reader's file, mistakes and all; or says why it cannot.
    pub fn read(self, file: web_sys::File) {
        browser::file::read(file, saved::MAX_RUN_BYTES, move |opened| {
            let text = opened.text.and_then(|text| {
                let json = Json::parse(&text)
                    .map_err(|not| format!("line {}, column {}: {}", not.line, not.column, not.problem))?;
                // A saved run has its scenario within.
                Ok(match json.field("scenario") {
                    Some(Json::Text(scenario)) => scenario.clone(),
                    Some(scenario) => scenario.write(),
                    None => text,
                })
            });
            match text {
                Ok(text) => {
                    self.load(&text);
                    self.say(format!("{} is open here; it does not run yet", opened.name));
                }
                Err(why) => self.say(format!("{} cannot be opened: {why}", opened.name)),
            }
        });
    }

    /// Offers the scenario as a file, mistakes and all.
    pub fn save(self) {
        let (name, text) = self.json.with_untracked(|json| {
            let words = document::words(json, "title").split(|letter: char| !letter.is_ascii_alphanumeric());
            let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
            (format!("{}.json", words.join("-").to_ascii_lowercase()), json.write())
        });
        browser::file::offer(if name == ".json" { "scenario.json" } else { &name }, &text);
        self.say(format!("Saved as {name}"));
    }

    /// Back to what runs.
    pub fn reset(self) {
        self.load(&self.origin.get_value());
        self.say(String::from("This is what runs"));
    }

    /// Tells what happened.
    pub fn say(self, words: String) {
        self.said.set(words);
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

    /// Puts a node to another place among those beside it.
    pub fn place(self, node: usize, to: usize) {
        let (from, row) = self.json.with_untracked(|json| document::beside(json, node));
        let to = to.min(row.len() - 1);
        let now = if from == to { node } else { self.step("", |json| document::place_node(json, node, to)) };
        self.show(About::Node(now));
        let name = self.json.with_untracked(|json| heading(json, About::Node(now)));
        self.say(format!("{name} is number {} of {} in its tier", to + 1, row.len()));
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
        self.say(String::from(if again { "Done again" } else { "Undone" }));
    }

    /// Whether there is a step to take back, or to make again.
    pub fn can_undo(self, again: bool) -> bool {
        if again { self.future } else { self.past }.with(|steps| !steps.is_empty())
    }

    /// Lets the scenario run from its start, if it makes sense. The run that was can be had back.
    pub fn run(self, lab: Lab) {
        let mut json = self.json.get_untracked();
        // Another scenario under the name of one of the page's would be taken for it.
        let title = String::from(document::words(&json, "title"));
        let is_shipped = scenes::all()
            .iter()
            .any(|scene| scene.title == title && Json::parse(scene.text).as_ref() != Ok(&json));
        if is_shipped {
            path::set(&mut json, "title", Some(Json::Text(format!("{title}, edited"))));
        }
        let Ok((plan, text)) = document::check(&json) else { return };
        self.before.set(Some(lab.saved()));
        lab.open(&Rc::new(plan), &text);
        self.json.set(json);
        self.origin.set_value(text);
        self.was_playing.set_value(!lab.calm.get_untracked());
        self.close();
    }

    /// Back to the run before the one that the editor started.
    pub fn run_before(self, lab: Lab) {
        let Some(text) = self.before.get_untracked() else { return };
        if let Ok(saved) = saved::read("the run before", &text) {
            self.before.set(None);
            lab.open_saved(saved);
            self.was_playing.set_value(false);
            self.close();
        }
    }
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

/// The id of the button that chooses something.
pub fn part_id(about: About) -> String {
    match about {
        About::Scenario => String::from("editor-scenario"),
        About::Node(place) => format!("editor-node-{place}"),
        // A link is chosen within the form of a node.
        About::Link(_) => String::from("editor-form"),
    }
}

/// Moves the keyboard to an element that is about to be there.
pub fn focus_soon(id: String) {
    request_animation_frame(move || browser::focus(&id));
}
