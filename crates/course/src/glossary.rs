//! The glossary: `glossary.toml`, one `[[term]]` for each.

use understudy_sim::fields::{Fields, FromJson, Reading};
use understudy_sim::json::Json;

use crate::html::is_name;
use crate::problems::Problems;
use crate::toml_text::TomlText;

/// A term of the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What links name.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// What it means.
    pub text: String,
    /// Who says so; may be empty.
    pub source: String,
}

struct Terms(Vec<Term>);

impl FromJson for Terms {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let terms = Self(fields.or("term", Vec::new()));
        fields.end();
        terms
    }
}

impl FromJson for Term {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let term = Self {
            id: fields.required("id"),
            name: fields.required("name"),
            text: fields.required("text"),
            source: fields.or("source", String::new()),
        };
        fields.end();
        term
    }
}

/// Reads a glossary, sorted by name; `None` if that cannot be, which is noted.
pub(crate) fn read(file: &str, text: &str, problems: &mut Problems) -> Option<Vec<Term>> {
    let toml = TomlText::read(file, 1, text, problems)?;
    let Terms(mut terms) = toml.take(problems)?;
    for (index, term) in terms.iter().enumerate() {
        let place = format!("term[{index}].id");
        if !is_name(&term.id) {
            toml.note(
                &place,
                format!("\"{}\" is no name; write small letters, digits and hyphens", term.id),
                problems,
            );
        }
        if terms[..index].iter().any(|earlier| earlier.id == term.id) {
            toml.note(&place, format!("there are two terms \"{}\"; keep one", term.id), problems);
        }
    }
    terms.sort_by_key(|term| term.name.to_lowercase());
    Some(terms)
}
