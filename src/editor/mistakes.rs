//! What is wrong with the scenario, all of it: readers of files stop at the first mistake, a form shows each at its field.
//!
//! Each mistake that is found is mended in a copy, with what is so if nothing is written or else with something harmless,
//! and the copy is read again. What depends on a value that is wrong is thus said once that value is right.

use understudy_sim::json::Json;
use understudy_sim::plan::ScenarioError;

use super::controls::{self, Control, Write};
use super::document::{self, About};
use super::path;
use super::session::heading;

/// The most that are looked for.
const MOST: usize = 12;

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

/// All that is wrong with a scenario, as far as it can be told by now.
pub fn mistakes(json: &Json) -> Vec<Wrong> {
    let mut found: Vec<Wrong> = Vec::new();
    let mut mended = None;
    while found.len() < MOST
        && let Err(error) = document::check(mended.as_ref().unwrap_or(json))
    {
        let (wrong, control) = wrong(json, error);
        // What was put there is no better: what is said now may be about that.
        if found.iter().any(|other| other.about == wrong.about && other.path == wrong.path) {
            break;
        }
        found.push(wrong);
        let Some(control) = control else { break };
        if !mend(mended.get_or_insert_with(|| json.clone()), &control) {
            break;
        }
    }
    found
}

/// What an error means to the reader, and the control that it is about.
fn wrong(json: &Json, error: ScenarioError) -> (Wrong, Option<Control>) {
    let about = About::of(&error.place);
    let all = controls::controls(json, about);
    let control = controls::at(&all, &error.place).cloned();
    let name = heading(json, about);
    let place = control.as_ref().map_or_else(|| name.clone(), |control| format!("{name}, {}", control.label));
    let path = control.as_ref().map(|control| control.path.clone()).unwrap_or_default();
    // A number is entered as a text: that it is one is not what is wrong.
    let entered = match path::get(json, &path) {
        Some(Json::Text(text)) if matches!(control.as_ref().map(|it| it.write), Some(Write::Number)) => {
            Some(text)
        }
        _ => None,
    };
    let problem = match entered.map(|text| &text[..]) {
        None => error.problem,
        Some("") => String::from("this is empty; write a number"),
        Some(text) => format!("\u{201c}{text}\u{201d} is not a number; write one, like 2 or 0.5"),
    };
    (Wrong { about, path, place, problem }, control)
}

/// Puts something at a control that is not wrong by itself; or cannot.
fn mend(json: &mut Json, control: &Control) -> bool {
    let text = |words: &str| Some(Json::Text(words.into()));
    let last = path::steps(&control.path).last().unwrap_or_default();
    let new = match control.write {
        // What refers to a name would be wrong then.
        Write::Name(_) | Write::Add(..) | Write::Remove => return false,
        _ if !control.default.is_empty() => None,
        Write::Text if matches!(last, "from" | "to") => return false,
        Write::Text => text(match last {
            "address" => "203.0.113.10",
            // So that it is no less than its counterpart, or no more.
            "max" | "every" => "1h",
            "min" | "lasts" => "1us",
            _ => "1s",
        }),
        Write::Number => Some(Json::Number(1.0)),
        Write::Form(forms) => forms.first().and_then(|form| Json::parse(form.first).ok()),
        Write::Lines | Write::Numbers | Write::Names | Write::Ends => Some(Json::List(Vec::new())),
        Write::Switch(_) | Write::Part(_) => None,
    };
    path::set(json, &control.path, new);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let text = include_str!("../../scenarios/classic-stack.json");
        let mut json = Json::parse(text).expect("a shipped scenario is JSON");
        for (place, value) in changes {
            path::set(&mut json, place, Some(Json::parse(value).expect("JSON")));
        }
        mistakes(&json).into_iter().map(|wrong| (wrong.place, wrong.problem)).collect()
    }

    #[test]
    fn every_mistake_is_said_at_its_field() {
        let wrong = edited(&[
            ("nodes[7].workers", "\"two\""),
            ("nodes[7].service_time", r#"{ "uniform": { "min": "fast", "max": "slow" } }"#),
            ("nodes[5].health_check.fall", "0"),
            ("nodes[0].burst", r#"{ "every": "", "times": 0, "lasts": "5" }"#),
            ("links[3].latency", "\"\""),
        ]);
        let places: Vec<&str> = wrong.iter().map(|(place, _)| &place[..]).collect();
        for place in [
            "web-1, Workers",
            "web-1, Service time: at least",
            "web-1, Service time: at most",
            "lb-1, Health check: fall",
            "Readers, Burst: every",
            "Readers, Burst: so many times the rate",
            "Readers, Burst: lasts",
        ] {
            assert!(places.contains(&place), "{place}: {wrong:?}");
        }
        assert!(places.iter().any(|place| place.ends_with(", Latency")), "{wrong:?}");
        assert_eq!(places.len(), 8, "{wrong:?}");
    }

    #[test]
    fn what_is_no_number_is_named() {
        let wrong = edited(&[("nodes[7].workers", "\"two\""), ("nodes[7].queue_limit", "\"\"")]);
        assert!(wrong[0].1.contains("\u{201c}two\u{201d} is not a number"), "{wrong:?}");
        assert!(wrong[1].1.contains("empty"), "{wrong:?}");
    }

    #[test]
    fn a_mistake_brings_no_others() {
        for (change, label) in [
            (("nodes[7].service_time", r#"{ "uniform": { "min": "x", "max": "60ms" } }"#), "at least"),
            (("nodes[7].service_time", r#"{ "uniform": { "min": "20ms", "max": "x" } }"#), "at most"),
            (("nodes[0].burst", r#"{ "every": "x", "times": 3, "lasts": "5s" }"#), "every"),
            (("nodes[0].burst", r#"{ "every": "20s", "times": 3, "lasts": "x" }"#), "lasts"),
            (("nodes[7].queue_limit", "-1"), "Queue"),
            (("nodes[0].writes", "2"), "writes"),
        ] {
            let wrong = edited(&[change]);
            assert!(wrong.len() == 1 && wrong[0].0.ends_with(label), "{wrong:?}");
        }
        assert_eq!(edited(&[]), []);
    }
}
