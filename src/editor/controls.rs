//! The controls of a form: the tables in [`super::fields`] as they are for one value, and texts as they stand in the file.

use understudy_sim::json::Json;
use understudy_sim::number;

use super::document::{self, About};
use super::fields::{FATE, Field, Form, Kind};
use super::path;

/// What a control is on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A line of text.
    Line,
    /// Several lines of text.
    Lines,
    /// On or off.
    Switch,
    /// One of some: what is written and what is shown.
    Choice(Vec<(String, String)>),
    /// Does something when it is pressed.
    Button,
}

/// How a control's text becomes part of the file.
#[derive(Clone, Copy, Debug)]
pub enum Write {
    /// A node's name: all that names it follows.
    Name(usize),
    /// As it is.
    Text,
    /// A list with an item for each line.
    Lines,
    /// A number.
    Number,
    /// A list of numbers.
    Numbers,
    /// A list of names.
    Names,
    /// A list of links.
    Ends,
    /// Yes or no; which of the two if nothing is written.
    Switch(bool),
    /// This or nothing.
    Part(&'static str),
    /// One of these forms.
    Form(&'static [Form]),
    /// What is written now becomes this list, and one item more.
    Add(&'static str, &'static str),
    /// Takes it away.
    Remove,
}

/// A control.
#[derive(Clone, Debug)]
pub struct Control {
    /// Where it writes.
    pub path: String,
    /// What it is called.
    pub label: String,
    /// Of what its number is.
    pub unit: &'static str,
    /// What is so if nothing is written; empty if something has to be.
    pub default: &'static str,
    /// A line of help.
    pub help: &'static str,
    /// What it is on the page.
    pub input: Input,
    /// How it writes.
    pub write: Write,
}

/// Controls are the same if they look the same.
impl PartialEq for Control {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.label, &self.input) == (&other.path, &other.label, &other.input)
    }
}

/// The controls of what a form is about.
pub fn controls(json: &Json, about: About) -> Vec<Control> {
    let mut all = Vec::new();
    let place = if let About::Node(place) = about { place } else { 0 };
    let mut maker = Maker { json, place, all: &mut all };
    maker.table(document::fields(json, about), &about.path(), "");
    if matches!(about, About::Node(_)) {
        maker.table(FATE, &about.path(), "");
    }
    all
}

struct Maker<'a> {
    json: &'a Json,
    /// The place of the node that the form is about.
    place: usize,
    all: &'a mut Vec<Control>,
}

fn join(whole: &str, part: &str) -> String {
    if whole.is_empty() { part.into() } else { format!("{whole}.{part}") }
}

fn choice(options: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Input {
    Input::Choice(options.into_iter().map(|(word, label)| (word.into(), label.into())).collect())
}

impl Maker<'_> {
    /// The controls of a table about what stands at `whole`; `before` is put before every label.
    fn table(&mut self, table: &'static [Field], whole: &str, before: &str) {
        let is_missing = |part: &&Field| {
            matches!(part.kind, Kind::Part(_)) && path::get(self.json, &join(whole, part.path)).is_none()
        };
        let missing: Vec<&str> = table.iter().filter(is_missing).map(|part| part.path).collect();
        for field in table {
            let is_inside = |part: &&str| field.path != *part && path::is_in(field.path, part);
            if !missing.iter().any(is_inside) {
                self.field(field, join(whole, field.path), format!("{before}{}", field.label));
            }
        }
    }

    fn field(&mut self, field: &'static Field, path: String, label: String) {
        let (input, write, unit) = match field.kind {
            Kind::Name => (Input::Line, Write::Name(self.place), ""),
            Kind::Words => (Input::Line, Write::Text, ""),
            Kind::Duration => (Input::Line, Write::Text, "ms, s, min"),
            Kind::Lines => (Input::Lines, Write::Lines, ""),
            Kind::Number(unit) => (Input::Line, Write::Number, unit),
            Kind::Numbers => (Input::Line, Write::Numbers, ""),
            Kind::Names => (Input::Line, Write::Names, ""),
            Kind::Ends => (Input::Line, Write::Ends, ""),
            Kind::Switch(first) => (Input::Switch, Write::Switch(first), ""),
            Kind::Choice(options) => (choice(options.iter().copied()), Write::Text, ""),
            Kind::Node => (self.names(|_| true, false), Write::Text, ""),
            Kind::Firewall => (self.names(|kind| kind == "firewall", true), Write::Text, ""),
            Kind::Part(first) => (Input::Switch, Write::Part(first), ""),
            Kind::Form(forms, optional) => return self.form(field, forms, optional, &path, &label),
            Kind::Many(noun, table, new, first) => return self.many(noun, table, (new, first), path),
        };
        // Where there may be nothing, nothing is written.
        let default = if matches!(field.kind, Kind::Firewall) { "none" } else { field.default };
        self.all.push(Control { path, label, unit, default, help: field.help, input, write });
    }

    fn names(&self, fits: impl Fn(&str) -> bool, optional: bool) -> Input {
        let none = optional.then_some(("", "none"));
        let nodes = document::nodes(self.json);
        let fitting = nodes.iter().filter(|(_, kind)| fits(kind)).map(|(name, _)| (*name, *name));
        choice(none.into_iter().chain(fitting))
    }

    fn form(
        &mut self,
        field: &'static Field,
        forms: &'static [Form],
        optional: bool,
        path: &str,
        label: &str,
    ) {
        let none = if field.default.is_empty() { "none" } else { field.default };
        let none = optional.then_some(("", none));
        let input = choice(none.into_iter().chain(forms.iter().map(|form| (form.word, form.label))));
        let form = path::get(self.json, path).and_then(|value| present(forms, value));
        let write = Write::Form(forms);
        self.all.push(Control {
            path: path.into(),
            label: label.into(),
            unit: "",
            default: "",
            help: field.help,
            input,
            write,
        });
        if let Some(form) = form {
            self.table(form.fields, path, &format!("{label}: "));
        }
    }

    fn many(
        &mut self,
        noun: &'static str,
        table: &'static [Field],
        first: (&'static str, &'static str),
        path: String,
    ) {
        let (new, first) = first;
        let written = path::get(self.json, &path);
        let count = if let Some(Json::List(items)) = written { items.len() } else { 0 };
        let button = |path: String, label: String, help, write| Control {
            path,
            label,
            unit: "",
            default: "",
            help,
            input: Input::Button,
            write,
        };
        for item in 0..count {
            let at = format!("{path}[{item}]");
            let called = format!("{noun} {}", item + 1);
            self.table(table, &at, &format!("{called}, "));
            self.all.push(button(at, format!("Remove {called}"), "", Write::Remove));
        }
        let help = if written.is_some() { "" } else { "None is written: the usual ones are raised" };
        self.all.push(button(path, format!("Add an {noun}"), help, Write::Add(new, first)));
    }
}

/// The form that a value has.
fn present(forms: &'static [Form], value: &Json) -> Option<&'static Form> {
    let word = match value {
        Json::Text(word) => word,
        Json::Object(fields) => &fields.first()?.0,
        _ => return None,
    };
    forms.iter().find(|form| form.word == word)
}

/// A value as it is written in a line.
fn plain(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        Json::List(ends) => ends.iter().map(plain).collect::<Vec<_>>().join(" > "),
        other => other.write().trim().into(),
    }
}

impl Control {
    /// What it shows. A switch is on if this is "true".
    pub fn value(&self, json: &Json) -> String {
        let value = path::get(json, &self.path);
        match (self.write, value) {
            (Write::Switch(first), Some(Json::Bool(on))) => (if *on {
                "true"
            } else if first {
                "false"
            } else {
                ""
            })
            .into(),
            (Write::Switch(first), None) => first.to_string(),
            (Write::Part(_), value) => value.is_some().to_string(),
            (Write::Form(forms), Some(value)) => present(forms, value).map_or("", |form| form.word).into(),
            (Write::Lines, Some(Json::List(items))) => items.iter().map(plain).collect::<Vec<_>>().join("\n"),
            (Write::Numbers | Write::Names | Write::Ends, Some(Json::List(items))) => {
                items.iter().map(plain).collect::<Vec<_>>().join(", ")
            }
            (_, Some(value)) => plain(value),
            (_, None) => match &self.input {
                Input::Choice(options) => options.first().map(|(word, _)| word.clone()).unwrap_or_default(),
                _ => String::new(),
            },
        }
    }

    /// Writes what was entered into the file's value, or says why it cannot be.
    pub fn enter(&self, json: &mut Json, text: &str) -> Result<(), String> {
        let text = if matches!(self.write, Write::Text | Write::Lines) && self.default.is_empty() {
            text
        } else {
            text.trim()
        };
        let list = |separator: char, item: &dyn Fn(&str) -> Json| {
            let parts = text.split(separator).map(str::trim).filter(|part| !part.is_empty());
            Some(Json::List(parts.map(item).collect()))
                .filter(|_| self.default.is_empty() || !text.is_empty())
        };
        let words = |text: &str| Json::Text(text.into());
        let read = |text: &'static str| Json::parse(text).ok();
        let new = match self.write {
            Write::Name(place) => return document::rename(json, place, text),
            Write::Text | Write::Number if text.is_empty() && !self.default.is_empty() => None,
            Write::Text => Some(words(text)),
            Write::Number => Some(number(text)),
            Write::Lines => list('\n', &words),
            Write::Numbers => list(',', &number),
            Write::Names => list(',', &words),
            Write::Ends => {
                list(',', &|part| Json::List(part.split('>').map(|end| words(end.trim())).collect()))
            }
            Write::Switch(first) => Some(Json::Bool(text == "true")).filter(|_| first != (text == "true")),
            Write::Part(first) => read(first).filter(|_| text == "true"),
            Write::Form(forms) => {
                forms.iter().find(|form| form.word == text).and_then(|form| read(form.first))
            }
            Write::Remove => None,
            Write::Add(new, first) => {
                let now = path::get(json, &self.path).cloned().or_else(|| read(first));
                let mut items = if let Some(Json::List(items)) = now { items } else { Vec::new() };
                items.extend(read(new));
                Some(Json::List(items))
            }
        };
        path::set(json, &self.path, new);
        Ok(())
    }

    /// Whether other controls may come and go when this one is used.
    pub fn is_structural(&self) -> bool {
        matches!(self.write, Write::Part(_) | Write::Form(_) | Write::Add(..) | Write::Remove)
    }
}

/// A number, or the words that are none, for the reader of scenarios to say so.
fn number(text: &str) -> Json {
    number::read(text).map_or_else(|| Json::Text(text.into()), Json::Number)
}

/// The control that a place in the file belongs to: the one that it is in, or the first that is in it.
pub fn at<'a>(all: &'a [Control], place: &str) -> Option<&'a Control> {
    let holds = all.iter().filter(|control| path::is_in(place, &control.path));
    let within = || all.iter().find(|control| !place.is_empty() && path::is_in(&control.path, place));
    let longest = holds.max_by_key(|control| control.path.len());
    // A node as a whole is none of its fields.
    longest.or_else(|| within().filter(|_| place.contains('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::document::check;

    fn classic() -> Json {
        Json::parse(include_str!("../../scenarios/classic-stack.json")).expect("a shipped scenario is JSON")
    }

    fn all(json: &Json) -> Vec<Control> {
        let nodes = (0..document::nodes(json).len()).map(About::Node);
        let links = (0..document::links(json).len()).map(About::Link);
        let abouts = std::iter::once(About::Scenario).chain(nodes).chain(links);
        abouts.flat_map(|about| controls(json, about)).collect()
    }

    fn enter(json: &mut Json, label: &str, about: About, text: &str) {
        let control = controls(json, about).into_iter().find(|control| control.label == label).expect(label);
        control.enter(json, text).expect(label);
    }

    /// A control that showed something else than it writes would change the scenario when it is left.
    #[test]
    fn what_a_control_shows_can_be_entered_and_means_the_same() {
        for text in [
            include_str!("../../scenarios/classic-stack.json"),
            include_str!("../../scenarios/open-to-the-world.json"),
            include_str!("../../scenarios/two-primaries.json"),
        ] {
            let mut json = Json::parse(text).expect("a shipped scenario is JSON");
            let before = check(&json).expect("it makes sense").0;
            for control in all(&json) {
                if !control.is_structural() {
                    let value = control.value(&json);
                    control.enter(&mut json, &value).expect("it was so");
                }
            }
            let after = check(&json).unwrap_or_else(|error| panic!("{error}")).0;
            assert_eq!(format!("{before:?}"), format!("{after:?}"));
        }
    }

    #[test]
    fn every_field_of_a_shipped_scenario_has_a_control() {
        fn leaves(value: &Json, at: &str, found: &mut Vec<String>) {
            match value {
                Json::Object(fields) => {
                    for (name, value) in fields {
                        leaves(value, &join(at, name), found);
                    }
                }
                Json::List(items) if matches!(at, "nodes" | "links") => {
                    items
                        .iter()
                        .enumerate()
                        .for_each(|(place, item)| leaves(item, &format!("{at}[{place}]"), found));
                }
                _ => found.push(at.into()),
            }
        }
        let json = classic();
        let all = all(&json);
        let mut found = Vec::new();
        leaves(&json, "", &mut found);
        for place in found.iter().filter(|place| path::steps(place).last() != Some("kind")) {
            assert!(at(&all, place).is_some_and(|control| control.path == *place), "{place}");
        }
    }

    /// The schema is made from the types of the file: a new field there needs a row here.
    #[test]
    fn every_field_of_the_schema_has_a_control() {
        let schema = Json::parse(include_str!("../../docs/scenario.schema.json")).expect("JSON");
        let Some(Json::List(kinds)) = path::get(&schema, "$defs.Node.oneOf") else { panic!("kinds of node") };
        for kind in kinds {
            let Some(Json::Text(word)) = path::get(kind, "properties.kind.const") else { panic!("a word") };
            let Some(Json::Object(fields)) = kind.field("properties") else { panic!("fields") };
            let table = document::kind(word).expect(word).fields;
            for (name, _) in fields.iter().filter(|(name, _)| name != "kind") {
                let is_it = |field: &Field| path::steps(field.path).next() == Some(&name[..]);
                assert!(table.iter().chain(FATE).any(is_it), "{word}: {name}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        let mut json = classic();
        let web = About::Node(7);
        for (label, wrong, right) in [
            ("Workers", "two", "2"),
            ("Workers", "0", "3"),
            ("Timeout", "40", "40ms"),
            ("Service time: on average", "", "20ms"),
        ] {
            enter(&mut json, label, web, wrong);
            let error = check(&json).expect_err(wrong);
            let all = controls(&json, About::of(&error.place));
            assert_eq!(at(&all, &error.place).map(|control| &control.label[..]), Some(label), "{error}");
            enter(&mut json, label, web, right);
            check(&json).expect("it is right again");
        }
    }

    #[test]
    fn parts_and_forms_bring_their_fields() {
        let mut json = classic();
        let labels = |json: &Json, about| -> Vec<String> {
            controls(json, about).into_iter().map(|control| control.label).collect()
        };
        assert!(!labels(&json, About::Node(0)).contains(&"Burst: every".into()));
        enter(&mut json, "Bursts", About::Node(0), "true");
        enter(&mut json, "Burst: every", About::Node(0), "10s");
        enter(&mut json, "Service time", About::Node(7), "uniform");
        enter(&mut json, "Service time: at most", About::Node(7), "90ms");
        enter(&mut json, "Jitter", About::Link(0), "exponential");
        let monitor = About::Node(16);
        enter(&mut json, "Add an alert", monitor, "");
        assert!(labels(&json, monitor).contains(&"alert 6, when".into()), "the usual five and one more");
        enter(&mut json, "Remove alert 6", monitor, "");
        enter(&mut json, "alert 2, when: above", monitor, "0.5");
        enter(&mut json, "alert 1, when", monitor, "latency-high");
        check(&json).expect("all of it makes sense");
        enter(&mut json, "Bursts", About::Node(0), "false");
        enter(&mut json, "Jitter", About::Link(0), "");
        assert!(!json.write().contains("burst") && !json.write().contains("jitter"));
    }

    #[test]
    fn nothing_entered_means_the_default() {
        let mut json = classic();
        enter(&mut json, "Timeout", About::Node(7), "");
        enter(&mut json, "Health check: fall", About::Node(5), "");
        check(&json).expect("defaults take their place");
        assert!(path::get(&json, "nodes[7].timeout").is_none());
        enter(&mut json, "Through a firewall", About::Link(42), "");
        assert!(path::get(&json, "links[42].through").is_none());
    }
}
