//! TOML as the JSON value that the simulator's reader takes, with the line of each value.

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use understudy_lessons::{FigureText, QuestionText};
use understudy_sim::fields::{FromJson, Reading};
use understudy_sim::json::Json;
use understudy_sim::plan::Mistake;

use crate::problems::Problems;

/// A TOML text that was read, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct TomlText {
    pub(crate) json: Json,
    file: String,
    /// The line of the text's first line.
    first_line: usize,
    /// Each value's path and line.
    lines: Vec<(String, usize)>,
}

impl TomlText {
    /// Reads a text that starts at `first_line` of `file`; `None` if it is no TOML, which is noted.
    pub(crate) fn read(file: &str, first_line: usize, text: &str, problems: &mut Problems) -> Option<Self> {
        let line_of = |offset: usize| first_line + text[..offset].matches('\n').count();
        match DeTable::parse(text) {
            Ok(table) => {
                let mut lines = Vec::new();
                let json = object(table.get_ref(), "", &line_of, &mut lines);
                Some(Self { json, file: file.into(), first_line, lines })
            }
            Err(error) => {
                let line = error.span().map_or(first_line, |span| line_of(span.start));
                problems.note(file, line, format!("this is no TOML: {}", error.message()));
                None
            }
        }
    }

    /// The line of what stands at a path, or of what holds it.
    pub(crate) fn line(&self, path: &str) -> usize {
        let mut path = path;
        loop {
            if let Some((_, line)) = self.lines.iter().find(|(known, _)| known == path) {
                return *line;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return self.first_line.saturating_sub(1).max(1),
            }
        }
    }

    /// Notes what is wrong at a path.
    pub(crate) fn note(&self, path: &str, what: impl Into<String>, problems: &mut Problems) {
        let what = what.into();
        let what = if path.is_empty() { what } else { format!("{path}: {what}") };
        problems.note(&self.file, self.line(path), what);
    }

    pub(crate) fn note_mistake(&self, mistake: Mistake, problems: &mut Problems) {
        let path = if mistake.place == "the whole file" { "" } else { mistake.place.as_str() };
        self.note(path, mistake.problem, problems);
    }

    pub(crate) fn note_all(&self, mistakes: Vec<Mistake>, problems: &mut Problems) {
        for mistake in mistakes {
            self.note_mistake(mistake, problems);
        }
    }

    /// Takes the value apart; `None` if it does not fit, which is noted.
    pub(crate) fn take<T: FromJson>(&self, problems: &mut Problems) -> Option<T> {
        Reading::whole(&self.json).map_err(|mistake| self.note_mistake(mistake, problems)).ok()
    }

    /// A text field, wherever it is.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.field(name)? {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A field, if it is there.
    pub(crate) fn field(&self, name: &str) -> Option<&Json> {
        let Json::Object(fields) = &self.json else { return None };
        fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The same text without these fields.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let mut other = self.clone();
        if let Json::Object(fields) = &mut other.json {
            fields.retain(|(name, _)| !names.contains(&name.as_str()));
        }
        other
    }

    /// Puts a value in the place of a field's.
    pub(crate) fn put(&mut self, name: &str, value: Json) {
        if let Json::Object(fields) = &mut self.json {
            fields.retain(|(known, _)| known != name);
            fields.push((name.into(), value));
        }
    }
}

/// What is read as it is; here so that the two readers are made once.
impl TomlText {
    pub(crate) fn figure(&self, problems: &mut Problems) -> Option<FigureText> {
        self.take(problems)
    }

    pub(crate) fn question(&self, problems: &mut Problems) -> Option<QuestionText> {
        self.take(problems)
    }
}

fn object(
    table: &DeTable<'_>,
    path: &str,
    line_of: &impl Fn(usize) -> usize,
    lines: &mut Vec<(String, usize)>,
) -> Json {
    let fields = table.iter().map(|(name, value)| {
        let name: &str = name.get_ref();
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        (name.to_string(), json(value, &path, line_of, lines))
    });
    Json::Object(fields.collect())
}

fn json(
    value: &Spanned<DeValue<'_>>,
    path: &str,
    line_of: &impl Fn(usize) -> usize,
    lines: &mut Vec<(String, usize)>,
) -> Json {
    lines.push((path.into(), line_of(value.span().start)));
    match value.get_ref() {
        DeValue::String(text) => Json::Text(text.to_string()),
        DeValue::Boolean(value) => Json::Bool(*value),
        DeValue::Integer(number) => {
            let whole = i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX);
            #[expect(
                clippy::cast_precision_loss,
                reason = "JSON's numbers are read as those of JavaScript are"
            )]
            Json::Number(whole as f64)
        }
        DeValue::Float(number) => Json::Number(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Datetime(time) => Json::Text(time.to_string()),
        DeValue::Array(items) => Json::List(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| json(item, &format!("{path}[{index}]"), line_of, lines))
                .collect(),
        ),
        DeValue::Table(table) => object(table, path, line_of, lines),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_line() {
        let text = "id = \"x\"\nactions = [\n  { label = \"a\", commands = [\"b\"] },\n]\n[[caption]]\ntext = \"c\"\n";
        let mut problems = Problems::default();
        let read = TomlText::read("f.md", 10, text, &mut problems).expect("it is TOML");
        for (path, line) in [
            ("id", 10),
            ("actions[0].commands[0]", 12),
            ("caption[0].text", 15),
            ("caption[0].when[2]", 14),
            ("nothing", 9),
        ] {
            assert_eq!(read.line(path), line, "{path}");
        }
        assert_eq!(read.text("id"), Some("x"));
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let mut problems = Problems::default();
        assert!(TomlText::read("f.md", 3, "a = 1\nb = = 2\n", &mut problems).is_none());
        let problem = &problems.sorted()[0];
        assert_eq!(problem.line, 4);
        assert!(problem.what.starts_with("this is no TOML: "), "{problem}");
    }
}
