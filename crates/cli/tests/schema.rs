//! `understudy schema`: the committed schema is the one that the types give, and the shipped scenarios meet it.
//!
//! The validator below knows exactly the keywords that our schema uses and panics at any other, so that nothing is
//! passed over in silence. A general one (the crate `jsonschema`) would bring 74 packages for this one test, and one
//! of them is under a licence that this project does not take.

use serde_json::{Map, Value};

use crate::program::{project, scenarios, understudy};

const COMMITTED: &str = "docs/scenario.schema.json";

fn schema() -> String {
    let ended = understudy(&["schema"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    ended.out
}

/// `BLESS=1 cargo test -p understudy-cli` writes it anew; look at what changed before you commit it.
#[test]
fn the_committed_schema_is_up_to_date() {
    let schema = schema();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(project(COMMITTED), &schema).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(project(COMMITTED)).expect("the schema is committed");
    assert!(
        committed == schema,
        "{COMMITTED} is not what `understudy schema` prints: run this test with BLESS=1"
    );
}

#[test]
fn every_shipped_scenario_meets_the_schema() {
    let schema = serde_json::from_str(&schema()).expect("the schema is JSON");
    for file in scenarios() {
        let text = std::fs::read_to_string(&file).expect("it can be read");
        let scenario = serde_json::from_str(&text).expect("a scenario is JSON");
        let problem = Validator { root: &schema }.check(&schema, &scenario);
        assert_eq!(problem, Ok(()), "{}", file.display());
    }
}

#[test]
fn what_the_reader_refuses_by_its_shape_the_schema_refuses_too() {
    let schema = serde_json::from_str(&schema()).expect("the schema is JSON");
    let text = std::fs::read_to_string(project("scenarios/two-balancers.json")).expect("it can be read");
    for (from, to) in [
        (r#""workers""#, r#""wrokers""#),
        (r#""queue_limit": "#, r#""queue_limit": "many", "weight": "#),
        (r#""queue_limit": "#, r#""queue_limit": -"#),
        (r#""latency": ""#, r#""latency": "about "#),
        (r#""kind": "web-server""#, r#""kind": "webserver""#),
        (r#""title""#, r#""name""#),
    ] {
        assert!(text.contains(from), "the scenario has no {from}");
        let broken = serde_json::from_str(&text.replacen(from, to, 1)).expect("it is JSON still");
        assert!(Validator { root: &schema }.check(&schema, &broken).is_err(), "{from} -> {to}");
    }
}

struct Validator<'a> {
    root: &'a Value,
}

impl Validator<'_> {
    fn check(&self, schema: &Value, value: &Value) -> Result<(), String> {
        match schema {
            Value::Bool(true) => Ok(()),
            Value::Object(keywords) => {
                keywords.iter().try_for_each(|(keyword, says)| self.keyword(keywords, keyword, says, value))
            }
            _ => Err(format!("{schema} allows nothing")),
        }
    }

    fn keyword(
        &self,
        all: &Map<String, Value>,
        keyword: &str,
        says: &Value,
        value: &Value,
    ) -> Result<(), String> {
        let require = |holds: bool| if holds { Ok(()) } else { Err(format!("{keyword} {says}: {value}")) };
        let list = || says.as_array().expect("a list");
        match keyword {
            // They say nothing about the value.
            "$schema" | "$defs" | "title" | "description" | "default" | "format" => Ok(()),
            "$ref" => {
                let path = says.as_str().and_then(|path| path.strip_prefix('#')).expect("in this schema");
                self.check(self.root.pointer(path).expect("it is there"), value)
            }
            "type" => require(match says {
                Value::Array(types) => types.iter().any(|one| is_a(one, value)),
                one => is_a(one, value),
            }),
            "const" => require(says == value),
            "enum" => require(list().contains(value)),
            "minimum" => require(value.as_f64() >= says.as_f64()),
            "maximum" => require(value.as_f64() <= says.as_f64()),
            "minItems" => {
                require(value.as_array().is_none_or(|items| items.len() as u64 >= says.as_u64().unwrap_or(0)))
            }
            "maxItems" => {
                require(value.as_array().is_none_or(|items| items.len() as u64 <= says.as_u64().unwrap_or(0)))
            }
            "pattern" => require(value.as_str().is_none_or(is_duration)),
            "oneOf" => require(list().iter().filter(|one| self.check(one, value).is_ok()).count() == 1),
            "anyOf" => require(list().iter().any(|one| self.check(one, value).is_ok())),
            "items" => value.as_array().into_iter().flatten().try_for_each(|item| self.check(says, item)),
            "required" => {
                let has = |name: &Value| value.get(name.as_str().expect("a name")).is_some();
                require(!value.is_object() || list().iter().all(has))
            }
            "properties" => says.as_object().expect("an object").iter().try_for_each(|(name, schema)| {
                value.get(name).map_or(Ok(()), |field| {
                    self.check(schema, field).map_err(|problem| format!("{name}: {problem}"))
                })
            }),
            "additionalProperties" => {
                assert_eq!(says, &Value::Bool(false));
                let known = all.get("properties").and_then(Value::as_object).expect("beside it");
                let unknown =
                    value.as_object().into_iter().flatten().find(|(name, _)| !known.contains_key(*name));
                unknown.map_or(Ok(()), |(name, _)| Err(format!("{name} is unknown")))
            }
            other => panic!("this validator does not know {other}"),
        }
    }
}

fn is_a(kind: &Value, value: &Value) -> bool {
    match kind.as_str().expect("a type is a name") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        other => panic!("there is no type {other}"),
    }
}

/// The schema's one pattern. Held against the reader of durations itself.
fn is_duration(text: &str) -> bool {
    text.parse::<understudy_sim::SimDuration>().is_ok()
}
