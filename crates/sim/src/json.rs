//! A JSON text as a value: what a scenario file is read through.
//!
//! Reading goes in two steps. [`Json::parse`] finds out whether the text is JSON at all, and says where it is not by line
//! and column. `Fields` (this crate's `fields`) then takes the value apart and says what is wrong by the path of a
//! field, `nodes[2].workers`, as a plan does. Objects keep the order of their fields, and none may be given twice.

mod write;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::number;

/// A value as JSON knows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Fields with their names, in the order in which they were written.
    Object(Vec<(String, Json)>),
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJson {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1; 0 when the text ended too early on an empty line.
    pub column: usize,
    /// What is wrong there.
    pub problem: String,
}

impl Json {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, NotJson> {
        serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let problem = message.split(" at line ").next().unwrap_or(&message).into();
            NotJson { line: error.line(), column: error.column(), problem }
        })
    }

    /// The value of a field, if it is an object that has one of this name.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// What it is, for messages: "a number".
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

/// As a JSON text in one line. Within a page's `<script>` it ends nothing: `<` stands as an escape.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(number) => f.write_str(&number::write(*number)),
            Self::Text(text) => write_text(text, f),
            Self::List(items) => {
                for (place, item) in items.iter().enumerate() {
                    f.write_str(if place == 0 { "[" } else { "," })?;
                    item.fmt(f)?;
                }
                f.write_str(if items.is_empty() { "[]" } else { "]" })
            }
            Self::Object(fields) => {
                for (place, (name, value)) in fields.iter().enumerate() {
                    f.write_str(if place == 0 { "{" } else { "," })?;
                    write_text(name, f)?;
                    f.write_str(":")?;
                    value.fmt(f)?;
                }
                f.write_str(if fields.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

fn write_text(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '<' | '\0'..'\u{20}' => write!(f, "\\u{:04x}", u32::from(character))?,
            _ => f.write_char(character)?,
        }
    }
    f.write_str("\"")
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

#[expect(clippy::cast_precision_loss, reason = "JSON's numbers are read as those of JavaScript are")]
impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let mut fields: Vec<(String, Json)> = Vec::new();
        while let Some(name) = object.next_key::<String>()? {
            if fields.iter().any(|(earlier, _)| *earlier == name) {
                return Err(A::Error::custom(format!("the field \"{name}\" is given twice; keep one")));
            }
            fields.push((name, object.next_value()?));
        }
        Ok(Json::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    #[test]
    fn a_text_becomes_a_value_with_its_fields_in_order() {
        let value = Json::parse(r#"{ "b": [1, -2, 0.5], "a": { "on": true, "off": null }, "n": "x\n" }"#);
        let list = Json::List(vec![Json::Number(1.0), Json::Number(-2.0), Json::Number(0.5)]);
        let inner = Json::Object(vec![("on".into(), Json::Bool(true)), ("off".into(), Json::Null)]);
        let fields = vec![("b".into(), list), ("a".into(), inner), ("n".into(), Json::Text("x\n".into()))];
        assert_eq!(value, Ok(Json::Object(fields)));
    }

    #[test]
    fn what_is_written_reads_the_same_and_ends_no_script() {
        let text = r#"{"a":[1,-0.5,true,null,{},[]],"b \"\\ \n \u0001":"\u003c/script> é"}"#;
        let value = Json::parse(text).expect("it is JSON");
        assert_eq!(value.to_string(), text);
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_line_and_column() {
        for (text, line, problem) in [
            ("", 1, "EOF while parsing a value"),
            ("{\n  \"a\": 1,\n}", 3, "trailing comma"),
            ("{ \"a\": 1, \"a\": 2 }", 1, "the field \"a\" is given twice"),
            ("[1] x", 1, "trailing characters"),
        ] {
            let error = Json::parse(text).expect_err(text);
            assert_eq!(error.line, line, "{text}");
            assert!(error.problem.contains(problem), "{text}: {}", error.problem);
        }
    }
}
