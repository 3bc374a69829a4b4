//! Numbers in the text: inline code that starts with `=` is what the simulator, or the scenario's file, says.
//!
//! `=FIGURE FACT` is the fact at the figure's `until`, with its unit. `=FIGURE scenario PATH` is what stands in the
//! scenario's file: `nodes.lb-1.health_check.interval`, `links.lb-1>web-2.latency`.

use std::str::FromStr;

use understudy_lessons::{Fact, Scene, Unit, grouped, written};
use understudy_sim::SimDuration;
use understudy_sim::json::Json;

use crate::blocks::FigureBlock;
use crate::course::Course;

/// What stands in the place of `` `=...` ``; `code` is what follows the `=`.
pub(crate) fn resolve(code: &str, course: &Course) -> Result<String, String> {
    let words: Vec<&str> = code.split_whitespace().collect();
    let name = words.first().copied().unwrap_or_default();
    let Some(figure) = course.figure(name) else {
        let known: Vec<&str> = course.figures().map(FigureBlock::id).collect();
        return Err(format!(
            "\"={code}\": there is no figure \"{name}\"; the figures are {}",
            known.join(", ")
        ));
    };
    let read = match words[1..] {
        ["scenario", path] => in_scenario(path, figure.json.field("scenario").unwrap_or(&Json::Null)),
        [fact] => of_run(fact, figure),
        _ => Err("write =FIGURE FACT or =FIGURE scenario PATH".into()),
    };
    read.map_err(|problem| format!("\"={code}\": {problem}"))
}

fn of_run(text: &str, figure: &FigureBlock) -> Result<String, String> {
    let fact = Fact::parse(text, &figure.figure.plan)?;
    let (sim, snapshot) = figure.at_until();
    let scene = Scene::new(sim, snapshot);
    let value = if fact.name.unit() == Unit::Name {
        scene.name(&fact).map(String::from)
    } else {
        scene.number(&fact).map(|number| written(number, fact.name.unit(), true))
    };
    value.ok_or_else(|| {
        format!(
            "nothing can be said of it at {}, the figure's \"until\"; let it run longer",
            figure.figure.until
        )
    })
}

fn in_scenario(path: &str, scenario: &Json) -> Result<String, String> {
    let mut steps = path.split('.');
    let (list, name) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
    let mut at = thing(list, name, scenario)?;
    let mut walked = format!("{list}.{name}");
    for step in steps {
        let Json::Object(fields) = at else {
            return Err(format!("{walked} is {}, and has no \"{step}\" in it", at.kind()));
        };
        let Some((_, value)) = fields.iter().find(|(name, _)| name == step) else {
            let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            return Err(format!(
                "{walked} says nothing of \"{step}\" in the scenario's file; it says {}",
                names.join(", ")
            ));
        };
        at = value;
        walked = format!("{walked}.{step}");
    }
    match at {
        Json::Number(number) => Ok(plain(*number)),
        Json::Text(text) => Ok(match SimDuration::from_str(text) {
            Ok(length) => length.to_string().replace(' ', "\u{202f}"),
            Err(_) => text.clone(),
        }),
        other => {
            Err(format!("{walked} is {}; only a number or a text can stand in a sentence", other.kind()))
        }
    }
}

/// The node of a name, or the link between two.
fn thing<'a>(list: &str, name: &str, scenario: &'a Json) -> Result<&'a Json, String> {
    let field = |json: &'a Json, name: &str| match json {
        Json::Object(fields) => fields.iter().find(|(known, _)| known == name).map(|(_, value)| value),
        _ => None,
    };
    let is = |json: &'a Json, name: &str, wanted: &str| field(json, name) == Some(&Json::Text(wanted.into()));
    let all = match field(scenario, list) {
        Some(Json::List(all)) => all.as_slice(),
        _ => &[],
    };
    let found = match list {
        "nodes" => all.iter().find(|node| is(node, "name", name)),
        "links" => {
            let (from, to) = name.split_once('>').unwrap_or_default();
            all.iter().find(|link| {
                (is(link, "from", from) && is(link, "to", to))
                    || (is(link, "from", to) && is(link, "to", from))
            })
        }
        _ => return Err("a path starts with nodes.NAME or links.FROM>TO".into()),
    };
    found.ok_or_else(|| format!("the scenario has no {} \"{name}\"", &list[..4]))
}

/// A number as the file has it, its digits in groups.
fn plain(number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked at once")]
    let whole = number as u64;
    #[expect(clippy::float_cmp, clippy::cast_precision_loss, reason = "whole numbers are exact")]
    if whole as f64 == number { grouped(whole) } else { number.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_scenario_says_is_found_by_its_path() {
        let scenario = Json::parse(
            r#"{ "nodes": [{ "name": "lb-1", "health_check": { "interval": "2s", "fall": 3 }, "retry": true },
                { "name": "Readers", "rate_per_s": 12000, "writes": 0.15 }],
                "links": [{ "from": "Readers", "to": "lb-1", "latency": "40ms" }] }"#,
        )
        .expect("the test writes JSON");
        for (path, said) in [
            ("nodes.lb-1.health_check.interval", "2\u{202f}s"),
            ("nodes.lb-1.health_check.fall", "3"),
            ("nodes.Readers.rate_per_s", "12\u{202f}000"),
            ("nodes.Readers.writes", "0.15"),
            ("links.lb-1>Readers.latency", "40\u{202f}ms"),
        ] {
            assert_eq!(in_scenario(path, &scenario).as_deref(), Ok(said), "{path}");
        }
        for (path, problem) in [
            ("nodes.lb-2.retry", "the scenario has no node \"lb-2\""),
            (
                "nodes.lb-1.rate",
                "nodes.lb-1 says nothing of \"rate\" in the scenario's file; it says name, health",
            ),
            ("nodes.lb-1.health_check", "is an object; only a number or a text can stand in a sentence"),
            ("nodes.lb-1.retry", "is true or false; only a number"),
            ("title", "a path starts with nodes.NAME or links.FROM>TO"),
        ] {
            let error = in_scenario(path, &scenario).expect_err(path);
            assert!(error.contains(problem), "{path}: {error}");
        }
    }
}
