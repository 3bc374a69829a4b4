//! Takes a JSON object apart field by field, and says what is wrong by the field's path.
//!
//! Each type that stands in a scenario file or in a lesson says how it is read by [`FromJson`]: it asks [`Fields`] for one field after
//! the other, and in the end whether there is a field that nobody asked for. Derived readers would do the same; these are
//! a quarter of their size in WebAssembly, and their messages name the path and the words that would be right.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use understudy_core::time::ParseDurationError;
use understudy_core::{SimDuration, SimTime};

use crate::json::Json;
use crate::number;
use crate::plan::Mistake;

/// A type that can be read from a JSON value.
///
/// Reading never stops half-way: the first mistake is noted in [`Reading`], and a stand-in takes the place of what could
/// not be read (whatever `null` is read as). Whoever started reading throws everything away if there was a mistake. Code that never returns early is
/// half as large.
pub trait FromJson: Sized {
    /// The value, or a stand-in when it is not one.
    fn from_json(json: &Json, reading: &mut Reading) -> Self;
}

/// Where in a file the reading is, and the first mistake that was met.
#[derive(Default)]
pub struct Reading {
    path: String,
    mistake: Option<Mistake>,
}

impl Reading {
    /// Reads a whole file's value.
    pub fn whole<T: FromJson>(json: &Json) -> Result<T, Mistake> {
        let mut reading = Self::default();
        let value = T::from_json(json, &mut reading);
        match reading.mistake {
            None => Ok(value),
            Some(mistake) => Err(mistake),
        }
    }

    /// Notes what is wrong here and what would be right.
    pub fn mistake(&mut self, problem: String) {
        if self.mistake.is_none() {
            let place = if self.path.is_empty() { "the whole file".into() } else { self.path.clone() };
            self.mistake = Some(Mistake { place, problem });
        }
    }

    /// Notes that the value here is of another kind than it should be.
    pub fn unfit(&mut self, json: &Json, wanted: &str) {
        self.mistake(format!("this is {}; write {wanted}", json.kind()));
    }

    /// Does something one step down the path.
    pub fn down<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if !self.path.is_empty() && !step.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(step);
        let value = read(self);
        self.path.truncate(length);
        value
    }
}

/// An object that is being taken apart.
pub struct Fields<'a> {
    reading: &'a mut Reading,
    entries: &'a [(String, Json)],
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields of an object.
    pub fn of(json: &'a Json, reading: &'a mut Reading) -> Self {
        let entries: &[(String, Json)] = match json {
            Json::Object(entries) => entries,
            other => {
                reading.unfit(other, "an object, { ... }");
                &[]
            }
        };
        Self { reading, entries, asked: Vec::new() }
    }

    fn find(&mut self, name: &'static str) -> Option<&'a Json> {
        self.asked.push(name);
        self.entries.iter().find(|(entry, _)| entry == name).map(|(_, json)| json)
    }

    /// A field that must be there.
    pub fn required<T: FromJson>(&mut self, name: &'static str) -> T {
        if let Some(json) = self.find(name) {
            return self.reading.down(name, |reading| T::from_json(json, reading));
        }
        self.missing(name);
        T::from_json(&Json::Null, self.reading)
    }

    /// A field that may be left out.
    pub fn or<T: FromJson>(&mut self, name: &'static str, default: T) -> T {
        match self.find(name) {
            Some(json) => self.reading.down(name, |reading| T::from_json(json, reading)),
            None => default,
        }
    }

    /// What is there is said too: the field may be there under a slightly wrong name.
    fn missing(&mut self, name: &str) {
        let given = self.entries.iter().map(|(entry, _)| entry.as_str()).collect::<Vec<_>>().join(", ");
        let given = if given.is_empty() { "nothing" } else { &given };
        self.reading.mistake(format!("the field \"{name}\" is missing; given are {given}"));
    }

    /// Nothing else may be there.
    pub fn end(self) {
        let stranger = self.entries.iter().find(|(name, _)| !self.asked.contains(&name.as_str()));
        if let Some((name, _)) = stranger {
            let problem = format!("there is no such field; the fields are {}", self.asked.join(", "));
            self.reading.down(name, |reading| reading.mistake(problem));
        }
    }
}

/// One of several words.
pub fn one_of<T: Copy>(json: &Json, reading: &mut Reading, words: &[(T, &str)]) -> T {
    if let Json::Text(text) = json
        && let Some((value, _)) = words.iter().find(|(_, word)| word == text)
    {
        return *value;
    }
    let list = words.iter().map(|(_, word)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    match json {
        Json::Text(text) => reading.mistake(format!("\"{text}\" is not known here; write one of {list}")),
        other => reading.unfit(other, &format!("one of {list}")),
    }
    words[0].0
}

impl FromJson for String {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        if let Json::Text(text) = json {
            return text.clone();
        }
        reading.unfit(json, "a text in quotes");
        Self::default()
    }
}

impl FromJson for bool {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        if let Json::Bool(value) = json {
            return *value;
        }
        reading.unfit(json, "true or false");
        false
    }
}

impl FromJson for f64 {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        if let Json::Number(number) = json {
            return *number;
        }
        reading.unfit(json, "a number");
        0.0
    }
}

/// A whole number from 0 to `most`.
fn whole(json: &Json, reading: &mut Reading, most: u32) -> u32 {
    let number = f64::from_json(json, reading);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is checked at once")]
    let value = number as u32;
    #[expect(clippy::float_cmp, reason = "a whole number is the same as a float")]
    if f64::from(value) != number || value > most {
        reading.mistake(format!(
            "{} does not fit; write a whole number from 0 to {most}",
            number::write(number)
        ));
    }
    value.min(most)
}

impl FromJson for u32 {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        whole(json, reading, Self::MAX)
    }
}

impl FromJson for u16 {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        Self::try_from(whole(json, reading, Self::MAX.into())).unwrap_or_default()
    }
}

impl FromJson for u8 {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        Self::try_from(whole(json, reading, Self::MAX.into())).unwrap_or_default()
    }
}

impl FromJson for SimDuration {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let Json::Text(text) = json else {
            reading.unfit(json, "a duration with its unit, such as \"40ms\"");
            return Self::default();
        };
        text.parse().unwrap_or_else(|error: ParseDurationError| {
            reading.mistake(error.to_string());
            Self::default()
        })
    }
}

impl FromJson for SimTime {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        Self::ZERO + SimDuration::from_json(json, reading)
    }
}

/// Taken as it is, to be read later.
impl FromJson for Json {
    fn from_json(json: &Json, _: &mut Reading) -> Self {
        json.clone()
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        if *json == Json::Null { None } else { Some(T::from_json(json, reading)) }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let Json::List(items) = json else {
            reading.unfit(json, "a list, [ ... ]");
            return Self::default();
        };
        let read = |(index, item)| reading.down(&format!("[{index}]"), |reading| T::from_json(item, reading));
        items.iter().enumerate().map(read).collect()
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
        fn from_json(json: &Json, reading: &mut Reading) -> Self {
            let mut fields = Fields::of(json, reading);
            let lamp = Self {
                name: fields.required("name"),
                watts: fields.or("watts", 60),
                on: fields.or("on", false),
                delay: fields.or("delay", None),
            };
            fields.end();
            lamp
        }
    }

    fn read(text: &str) -> Result<Vec<Lamp>, Mistake> {
        Reading::whole(&Json::parse(text).expect("the test writes JSON"))
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
            (r#"[{ "watts": 3 }]"#, "[0]", "the field \"name\" is missing; given are watts"),
            (r#"[{ "name": 3 }]"#, "[0].name", "this is a number; write a text in quotes"),
            (r#"[{ "name": "a", "watts": 2.5 }]"#, "[0].watts", "a whole number from 0 to 4294967295"),
            (r#"[{ "name": "a", "watts": -1 }]"#, "[0].watts", "a whole number"),
            (r#"[{ "name": "a", "delay": 3 }]"#, "[0].delay", "such as \"40ms\""),
            (r#"[{ "name": "a", "delay": "3" }]"#, "[0].delay", "no unit"),
            (r#"[{ "name": "a", "wats": 3 }]"#, "[0].wats", "the fields are name, watts, on, delay"),
            (r"[3]", "[0]", "write an object"),
            (r#""x""#, "the whole file", "write a list"),
        ] {
            let mistake = read(text).expect_err(text);
            assert_eq!(mistake.place, place, "{text}");
            assert!(mistake.problem.contains(problem), "{text}: {}", mistake.problem);
        }
    }
}
