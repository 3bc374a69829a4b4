//! Messages: whole sentences with facts in them, in a subset of ICU MessageFormat.
//!
//! | in the sentence | what is shown |
//! |---|---|
//! | `{now_s}` | a fact with its unit: "5.3 s" |
//! | `{now_s, number}` | the number alone: "5.3" |
//! | `{refused, plural, =0 {none} one {# request} other {# requests}}` | the first case that fits; `#` is the number |
//! | `'{'` | the character between, as it is; `''` is an apostrophe |
//!
//! Cases are `=N` (exactly N), `one` (exactly 1, as in English) and `other`, which has to be there. A sentence in
//! another language says its cases itself: nothing is put together from fragments in code.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::iter::Peekable;
use core::str::CharIndices;

use borsh::{BorshDeserialize, BorshSerialize};
use understudy_sim::Plan;

use crate::evaluate::Scene;
use crate::fact::{Fact, Unit};
use crate::number::{UNKNOWN, written};

/// A sentence that makes sense.
#[derive(Clone, Debug, PartialEq, BorshDeserialize, BorshSerialize)]
pub struct Message(Vec<Part>);

#[derive(Clone, Debug, PartialEq, BorshDeserialize, BorshSerialize)]
enum Part {
    Text(String),
    Fact {
        fact: Fact,
        with_unit: bool,
    },
    /// `#`: the number of the plural that it stands in.
    Number,
    Plural {
        fact: Fact,
        cases: Vec<(Case, Vec<Part>)>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshDeserialize, BorshSerialize)]
enum Case {
    Exactly(u32),
    One,
    Other,
}

impl Message {
    /// Reads a sentence, or says what is wrong with it, where, and what would be right.
    pub fn parse(text: &str, plan: &Plan) -> Result<Self, String> {
        let mut reader = Reader { text, plan, characters: text.char_indices().peekable() };
        let parts = reader.parts(false)?;
        match reader.characters.next() {
            None => Ok(Self(parts)),
            Some((place, _)) => {
                Err(reader.wrong(place, "this } closes nothing; write '}' for the character itself"))
            }
        }
    }

    /// The sentence at this instant.
    pub fn write(&self, scene: &Scene<'_>) -> String {
        let mut text = String::new();
        write_parts(&self.0, None, scene, &mut text);
        text
    }

    /// Whether all that it says of the instant is known.
    pub fn is_known(&self, scene: &Scene<'_>) -> bool {
        self.0.iter().all(|part| match part {
            Part::Fact { fact, .. } | Part::Plural { fact, .. } => {
                scene.number(fact).is_some() || scene.name(fact).is_some()
            }
            _ => true,
        })
    }
}

fn write_parts(parts: &[Part], number: Option<f64>, scene: &Scene<'_>, text: &mut String) {
    for part in parts {
        match part {
            Part::Text(words) => text.push_str(words),
            Part::Number => text.push_str(
                &number.map_or_else(|| UNKNOWN.into(), |number| written(number, Unit::Count, false)),
            ),
            Part::Fact { fact, with_unit } => text.push_str(&scene.written(fact, *with_unit)),
            Part::Plural { fact, cases } => {
                let number = scene.number(fact);
                let fits = |case: Case| match case {
                    Case::Exactly(wanted) => number == Some(wanted.into()),
                    Case::One => number == Some(1.0),
                    Case::Other => true,
                };
                if let Some((_, parts)) = cases.iter().find(|(case, _)| fits(*case)) {
                    write_parts(parts, number, scene, text);
                }
            }
        }
    }
}

impl Scene<'_> {
    /// A fact as it stands in a sentence: a dash while nothing can be said of it.
    pub fn written(&self, fact: &Fact, with_unit: bool) -> String {
        let unit = fact.name.unit();
        if unit == Unit::Name {
            return self.name(fact).unwrap_or(UNKNOWN).into();
        }
        self.number(fact).map_or_else(|| UNKNOWN.into(), |number| written(number, unit, with_unit))
    }
}

struct Reader<'a> {
    text: &'a str,
    plan: &'a Plan,
    characters: Peekable<CharIndices<'a>>,
}

impl<'a> Reader<'a> {
    fn wrong(&self, place: usize, problem: &str) -> String {
        let (before, rest) = self.text.split_at(place);
        let near: String = rest.chars().take(20).collect();
        format!("at character {}, \"{near}\": {problem}", before.chars().count() + 1)
    }

    /// Text and what is in braces, up to the end or to a `}`, which is left.
    fn parts(&mut self, in_plural: bool) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        let mut words = String::new();
        while let Some(&(place, character)) = self.characters.peek() {
            if character == '}' {
                break;
            }
            self.characters.next();
            let part = match character {
                '{' => self.argument(place)?,
                '#' if in_plural => Part::Number,
                '\'' => {
                    self.quoted(&mut words);
                    continue;
                }
                other => {
                    words.push(other);
                    continue;
                }
            };
            flush(&mut words, &mut parts);
            parts.push(part);
        }
        flush(&mut words, &mut parts);
        Ok(parts)
    }

    /// After an apostrophe: one more is an apostrophe; before a brace or `#` it quotes up to the next one; else it is
    /// one.
    fn quoted(&mut self, words: &mut String) {
        match self.characters.peek() {
            Some((_, '\'')) => {
                self.characters.next();
                words.push('\'');
            }
            Some((_, '{' | '}' | '#')) => {
                words.extend(
                    self.characters
                        .by_ref()
                        .map(|(_, character)| character)
                        .take_while(|character| *character != '\''),
                );
            }
            _ => words.push('\''),
        }
    }

    /// After `{`: a fact and what is to be made of it, up to and with its `}`.
    fn argument(&mut self, opened: usize) -> Result<Part, String> {
        let (name, end) = self.word(opened)?;
        let fact = Fact::parse(name, self.plan).map_err(|problem| self.wrong(opened, &problem))?;
        if end == '}' {
            return Ok(Part::Fact { fact, with_unit: true });
        }
        let (form, end) = self.word(opened)?;
        match (form, end) {
            ("number", '}') => Ok(Part::Fact { fact, with_unit: false }),
            ("plural", ',') if fact.name.unit() == Unit::Name => {
                Err(self.wrong(opened, "a name has no plural; write it alone, in braces"))
            }
            ("plural", ',') => self.plural(fact, opened),
            _ => {
                Err(self
                    .wrong(opened, "write {FACT}, {FACT, number} or {FACT, plural, one {...} other {...}}"))
            }
        }
    }

    /// Up to a comma or a `}`, which is taken too.
    fn word(&mut self, opened: usize) -> Result<(&'a str, char), String> {
        let start = self.characters.peek().map_or(self.text.len(), |(place, _)| *place);
        let text = self.text;
        match self.characters.find(|(_, character)| matches!(character, ',' | '}')) {
            Some((place, end)) => Ok((text[start..place].trim(), end)),
            None => Err(self.unclosed(opened)),
        }
    }

    fn unclosed(&self, opened: usize) -> String {
        self.wrong(opened, "this { is never closed; write } where it ends, or '{' for the character itself")
    }

    /// The cases of a plural, up to and with its `}`.
    fn plural(&mut self, fact: Fact, opened: usize) -> Result<Part, String> {
        let mut cases = Vec::new();
        loop {
            let start = self.characters.peek().map_or(self.text.len(), |(place, _)| *place);
            let Some((place, character)) =
                self.characters.find(|(_, character)| matches!(character, '{' | '}'))
            else {
                return Err(self.unclosed(opened));
            };
            let word = self.text[start..place].trim();
            if character == '}' {
                if !word.is_empty() {
                    return Err(self.wrong(start, "this case has no text; write one {...}"));
                }
                break;
            }
            let case = match word {
                "one" => Case::One,
                "other" => Case::Other,
                _ => match word.strip_prefix('=').and_then(|number| number.parse().ok()) {
                    Some(number) => Case::Exactly(number),
                    None => return Err(self.wrong(start, "a case is one, other or =N")),
                },
            };
            let parts = self.parts(true)?;
            if self.characters.next().is_none() {
                return Err(self.unclosed(place));
            }
            cases.push((case, parts));
        }
        match cases.last() {
            Some((Case::Other, _)) => Ok(Part::Plural { fact, cases }),
            _ => {
                Err(self
                    .wrong(opened, "its last case has to be other {...}, for all numbers that no case names"))
            }
        }
    }
}

fn flush(words: &mut String, parts: &mut Vec<Part>) {
    if !words.is_empty() {
        parts.push(Part::Text(core::mem::take(words)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::tests::{plan, run};

    fn said(text: &str, commands: &[&str], at: u64) -> String {
        let sim = run(commands, at);
        let snapshot = sim.snapshot();
        Message::parse(text, sim.plan()).expect(text).write(&Scene::new(&sim, &snapshot))
    }

    #[test]
    fn facts_stand_in_the_sentence_with_or_without_their_unit() {
        assert_eq!(said("At {now_s} or {now_s, number}.", &[], 5), "At 5\u{202f}s or 5.");
        assert_eq!(said("Found out after {detected_after_s@web-2}.", &[], 5), "Found out after \u{2013}.");
        assert_eq!(said("It's '{'now_s'}' isn''t it #1", &[], 5), "It's {now_s} isn't it #1");
        assert_eq!(said("The master is {master}.", &[], 5), "The master is \u{2013}.");
    }

    #[test]
    fn a_plural_says_the_first_case_that_fits() {
        let text = "{alive@web-2, plural, =0 {None} one {Just #} other {#}} of {now_s, plural, one {# second} other {# \
                    seconds ({alive@web-1, plural, one {up} other {down}})}}";
        assert_eq!(said(text, &["3s kill web-2"], 5), "None of 5 seconds (up)");
        assert_eq!(said(text, &[], 1), "Just 1 of 1 second");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_what_would_be_right() {
        for (text, problem) in [
            ("a {refusd} b", "at character 3, \"{refusd} b\": there is no fact \"refusd\""),
            ("a {now_s b", "at character 3, \"{now_s b\": this { is never closed"),
            ("a } b", "at character 3, \"} b\": this } closes nothing; write '}'"),
            ("{now_s, date}", "write {FACT}, {FACT, number} or {FACT, plural, one {...} other {...}}"),
            ("{now_s, plural, one {a}}", "its last case has to be other {...}"),
            ("{now_s, plural, two {a} other {b}}", "a case is one, other or =N"),
            ("{now_s, plural, one {a} other}", "this case has no text"),
            ("{now_s, plural, one {a} other {b", "is never closed"),
            ("{master, plural, other {a}}", "a name has no plural"),
        ] {
            let error = Message::parse(text, &plan()).expect_err(text);
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
