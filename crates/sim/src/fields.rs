//! Takes a JSON object apart field by field, and says what is wrong by the field's path.
//!
//! Each type that stands in a scenario file says how it is read by [`FromJson`]: it asks [`Fields`] for one field after
//! the other, and in the end whether there is a field that nobody asked for. Derived readers would do the same; these are
//! a quarter of their size in WebAssembly, and their messages name the path and the words that would be right.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use understudy_core::SimDuration;

use crate::json::Json;
use crate::plan::Mistake;

/// A type that can be read from a JSON value. `place` is the value's path, for messages.
pub(crate) trait FromJson: Sized {
    fn from_json(json: &Json, place: &str) -> Result<Self, Mistake>;
}

/// An object that is being taken apart.
pub(crate) struct Fields<'a> {
    place: &'a str,
    entries: &'a [(String, Json)],
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields of an object.
    pub(crate) fn of(json: &'a Json, place: &'a str) -> Result<Self, Mistake> {
        match json {
            Json::Object(entries) => Ok(Self { place, entries, asked: Vec::new() }),
            other => Err(unfit(place, other, "an object, { ... }")),
        }
    }

    fn find(&mut self, name: &'static str) -> Option<&'a Json> {
        self.asked.push(name);
        self.entries.iter().find(|(entry, _)| entry == name).map(|(_, json)| json)
    }

    fn path(&self, name: &str) -> String {
        if self.place.is_empty() { name.into() } else { format!("{}.{name}", self.place) }
    }

    fn here(&self) -> String {
        if self.place.is_empty() { "the whole file".into() } else { self.place.into() }
    }

    /// A field that must be there.
    pub(crate) fn required<T: FromJson>(&mut self, name: &'static str) -> Result<T, Mistake> {
        match self.find(name) {
            Some(json) => T::from_json(json, &self.path(name)),
            None => Err(self.missing(name)),
        }
    }

    /// What is there is said too: the field may be there under a slightly wrong name.
    fn missing(&self, name: &str) -> Mistake {
        let given = self.entries.iter().map(|(entry, _)| entry.as_str()).collect::<Vec<_>>().join(", ");
        let given = if given.is_empty() { "nothing" } else { &given };
        let problem = format!("the field \"{name}\" is missing; given are {given}");
        Mistake { place: self.here(), problem }
    }

    /// A field that may be left out.
    pub(crate) fn or<T: FromJson>(&mut self, name: &'static str, default: T) -> Result<T, Mistake> {
        match self.find(name) {
            Some(json) => T::from_json(json, &self.path(name)),
            None => Ok(default),
        }
    }

    /// A field that may be left out and then is nothing.
    pub(crate) fn optional<T: FromJson>(&mut self, name: &'static str) -> Result<Option<T>, Mistake> {
        match self.find(name) {
            None | Some(Json::Null) => Ok(None),
            Some(json) => T::from_json(json, &self.path(name)).map(Some),
        }
    }

    /// Nothing else may be there.
    pub(crate) fn end(self) -> Result<(), Mistake> {
        let stranger = self.entries.iter().find(|(name, _)| !self.asked.contains(&name.as_str()));
        let Some((name, _)) = stranger else { return Ok(()) };
        let problem = format!("there is no such field; the fields are {}", self.asked.join(", "));
        Err(Mistake { place: self.path(name), problem })
    }
}

/// The value is of another kind than it should be.
pub(crate) fn unfit(place: &str, json: &Json, wanted: &str) -> Mistake {
    let place = if place.is_empty() { "the whole file" } else { place };
    Mistake { place: place.into(), problem: format!("this is {}; write {wanted}", json.kind()) }
}

/// One of several words.
pub(crate) fn one_of<T: Copy>(json: &Json, place: &str, words: &[(T, &str)]) -> Result<T, Mistake> {
    let list = || words.iter().map(|(_, word)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    let Json::Text(text) = json else { return Err(unfit(place, json, &format!("one of {}", list()))) };
    match words.iter().find(|(_, word)| word == text) {
        Some((value, _)) => Ok(*value),
        None => Err(Mistake {
            place: place.into(),
            problem: format!("\"{text}\" is not known here; write one of {}", list()),
        }),
    }
}

/// The one field of an object that has one field, as in `{ "exponential": "40ms" }`.
pub(crate) fn only_field<'a>(
    json: &'a Json,
    place: &str,
    wanted: &str,
) -> Result<(&'a str, &'a Json), Mistake> {
    match json {
        Json::Object(fields) if fields.len() == 1 => Ok((&fields[0].0, &fields[0].1)),
        other => Err(unfit(place, other, wanted)),
    }
}

impl FromJson for String {
    fn from_json(json: &Json, place: &str) -> Result<Self, Mistake> {
        match json {
            Json::Text(text) => Ok(text.clone()),
            other => Err(unfit(place, other, "a text in quotes")),
        }
    }
}

impl FromJson for bool {
    fn from_json(json: &Json, place: &str) -> Result<Self, Mistake> {
        match json {
            Json::Bool(value) => Ok(*value),
            other => Err(unfit(place, other, "true or false")),
        }
    }
}

impl FromJson for f64 {
    fn from_json(json: &Json, place: &str) -> Result<Self, Mistake> {
        match json {
            Json::Number(number) => Ok(*number),
            other => Err(unfit(place, other, "a number")),
        }
    }
}

/// A whole number from 0 to `most`.
fn whole(json: &Json, place: &str, most: u32) -> Result<u32, Mistake> {
    let number = f64::from_json(json, place)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is checked at once")]
    let value = number as u32;
    #[expect(clippy::float_cmp, reason = "a whole number is the same as a float")]
    if f64::from(value) == number && value <= most {
        return Ok(value);
    }
    let problem = format!("{number} does not fit; write a whole number from 0 to {most}");
    Err(Mistake { place: place.into(), problem })
}

impl FromJson for u32 {
    fn from_json(json: &Json, place: &str) -> Result<Self, Mistake> {
        whole(json, place, Self::MAX)
    }
}

impl FromJson for u16 {
    fn from_json(json: &Json, place: &str) -> Result<Self, Mistake> {
        whole(json, place, Self::MAX.into()).map(|value| Self::try_from(value).unwrap_or_default())
    }
}

impl FromJson for u8 {
    fn from_json(json: &Json, place: &str) -> Result<Self, Mistake> {
        whole(json, place, Self::MAX.into()).map(|value| Self::try_from(value).unwrap_or_default())
    }
}

impl FromJson for SimDuration {
    fn from_json(json: &Json, place: &str) -> Result<Self, Mistake> {
        let Json::Text(text) = json else {
            return Err(unfit(place, json, "a duration with its unit, such as \"40ms\""));
        };
        text.parse().map_err(|error: understudy_core::time::ParseDurationError| Mistake {
            place: place.into(),
            problem: error.to_string(),
        })
    }
}

impl FromJson for Ipv4Addr {
    fn from_json(json: &Json, place: &str) -> Result<Self, Mistake> {
        let text = String::from_json(json, place)?;
        text.parse().map_err(|_| Mistake {
            place: place.into(),
            problem: format!("\"{text}\" is not an IPv4 address; write one such as \"203.0.113.10\""),
        })
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: &Json, place: &str) -> Result<Self, Mistake> {
        let Json::List(items) = json else { return Err(unfit(place, json, "a list, [ ... ]")) };
        items
            .iter()
            .enumerate()
            .map(|(index, item)| T::from_json(item, &format!("{place}[{index}]")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Lamp {
        name: String,
        watts: u32,
        on: bool,
        delay: Option<SimDuration>,
    }

    impl FromJson for Lamp {
        fn from_json(json: &Json, place: &str) -> Result<Self, Mistake> {
            let mut fields = Fields::of(json, place)?;
            let lamp = Self {
                name: fields.required("name")?,
                watts: fields.or("watts", 60)?,
                on: fields.or("on", false)?,
                delay: fields.optional("delay")?,
            };
            fields.end()?;
            Ok(lamp)
        }
    }

    fn read(text: &str) -> Result<Vec<Lamp>, Mistake> {
        Vec::from_json(&Json::parse(text).expect("the test writes JSON"), "lamps")
    }

    #[test]
    fn fields_may_be_left_out_where_there_is_a_default() {
        let lamp = |watts, on, delay| Lamp { name: "hall".into(), watts, on, delay };
        let lamps =
            read(r#"[{ "name": "hall" }, { "delay": "2s", "on": true, "watts": 5, "name": "hall" }]"#);
        assert_eq!(lamps, Ok(vec![lamp(60, false, None), lamp(5, true, Some(SimDuration::from_secs(2)))]));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        for (text, place, problem) in [
            (r#"[{ "watts": 3 }]"#, "lamps[0]", "the field \"name\" is missing; given are watts"),
            (r#"[{ "name": 3 }]"#, "lamps[0].name", "this is a number; write a text in quotes"),
            (r#"[{ "name": "a", "watts": 2.5 }]"#, "lamps[0].watts", "a whole number from 0 to 4294967295"),
            (r#"[{ "name": "a", "watts": -1 }]"#, "lamps[0].watts", "a whole number"),
            (r#"[{ "name": "a", "delay": 3 }]"#, "lamps[0].delay", "such as \"40ms\""),
            (r#"[{ "name": "a", "delay": "3" }]"#, "lamps[0].delay", "no unit"),
            (r#"[{ "name": "a", "wats": 3 }]"#, "lamps[0].wats", "the fields are name, watts, on, delay"),
            (r"[3]", "lamps[0]", "write an object"),
            (r#""x""#, "lamps", "write a list"),
        ] {
            let mistake = read(text).expect_err(text);
            assert_eq!(mistake.place, place, "{text}");
            assert!(mistake.problem.contains(problem), "{text}: {}", mistake.problem);
        }
    }
}
