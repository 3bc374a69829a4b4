//! As much TOML as it takes to read this project's own small files: strings on one line, whole numbers and arrays
//! of strings. A value beyond that is an error when it is asked for, and never a guess.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A file: what is written after `=`, by table and key, `licenses.allow`.
pub(crate) struct Document {
    name: String,
    values: BTreeMap<String, String>,
}

impl Document {
    /// Reads the file at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text =
            fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(Self::parse(&path.file_name().unwrap_or_default().to_string_lossy(), &text))
    }

    /// Reads `text`; errors about it will call it `name`.
    pub(crate) fn parse(name: &str, text: &str) -> Self {
        let mut values = BTreeMap::new();
        let mut table = String::new();
        let mut lines = text.lines().map(without_comment);
        while let Some(line) = lines.next() {
            if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                table = header.trim_matches(['[', ']']).into();
            } else if let Some((key, value)) = line.split_once('=') {
                let mut value = value.trim().to_owned();
                while value.starts_with('[') && !value.ends_with(']') {
                    let Some(more) = lines.next() else { break };
                    value.push_str(more);
                }
                let key =
                    if table.is_empty() { key.trim().into() } else { format!("{table}.{}", key.trim()) };
                values.insert(key, value);
            }
        }
        Self { name: name.into(), values }
    }

    /// The string under `key`.
    pub(crate) fn text(&self, key: &str) -> Result<String, String> {
        let mut texts = self.strings(key, "a string in double quotes", self.raw(key)?)?;
        match (texts.pop(), texts.is_empty()) {
            (Some(text), true) => Ok(text),
            _ => Err(self.expected(key, "one string in double quotes")),
        }
    }

    /// The strings of the array under `key`.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        let kind = "an array of strings in double quotes";
        let inside = self.raw(key)?.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        self.strings(key, kind, inside.ok_or_else(|| self.expected(key, kind))?)
    }

    /// The whole number under `key`.
    pub(crate) fn number(&self, key: &str) -> Result<u64, String> {
        let digits = self.raw(key)?.replace('_', "");
        digits.parse().map_err(|_| self.expected(key, "a whole number, like 200_000"))
    }

    fn raw(&self, key: &str) -> Result<&str, String> {
        self.values.get(key).map(String::as_str).ok_or_else(|| format!("{} has no `{key}`", self.name))
    }

    /// Strings in double quotes with commas between them.
    fn strings(&self, key: &str, kind: &str, mut rest: &str) -> Result<Vec<String>, String> {
        let mut strings = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', ',']);
            if rest.is_empty() {
                return Ok(strings);
            }
            let (string, after) = rest
                .strip_prefix('"')
                .and_then(|quoted| quoted.split_once('"'))
                .filter(|(string, _)| !string.contains('\\'))
                .ok_or_else(|| self.expected(key, kind))?;
            strings.push(string.into());
            rest = after;
        }
    }

    fn expected(&self, key: &str, kind: &str) -> String {
        format!("{}: `{key}` must be {kind}", self.name)
    }
}

/// The line up to a `#` that is not inside a string, trimmed.
fn without_comment(line: &str) -> &str {
    let mut in_string = false;
    let end = line.find(|c| {
        in_string ^= c == '"';
        c == '#' && !in_string
    });
    line[..end.unwrap_or(line.len())].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
# A file of ours.
top = 1
[page]
bytes = 200_000   # a comment
reason = "the first, with a # in it"
[licenses]
allow = [
  "MIT",          # and this one
  "Apache-2.0",
]
one = ["ISC"]
other = [{ name = "x" }]
"#;

    #[test]
    fn reads_what_our_files_use() {
        let file = Document::parse("file.toml", FILE);
        assert_eq!(file.number("top"), Ok(1));
        assert_eq!(file.number("page.bytes"), Ok(200_000));
        assert_eq!(file.text("page.reason"), Ok("the first, with a # in it".into()));
        assert_eq!(file.texts("licenses.allow"), Ok(vec!["MIT".into(), "Apache-2.0".into()]));
        assert_eq!(file.texts("licenses.one"), Ok(vec!["ISC".into()]));
    }

    #[test]
    fn says_what_it_wanted_instead_of_guessing() {
        let file = Document::parse("file.toml", FILE);
        for (outcome, message) in [
            (file.number("page.weight").map(drop), "file.toml has no `page.weight`"),
            (
                file.number("page.reason").map(drop),
                "file.toml: `page.reason` must be a whole number, like 200_000",
            ),
            (file.text("page.bytes").map(drop), "file.toml: `page.bytes` must be a string in double quotes"),
            (
                file.texts("page.reason").map(drop),
                "file.toml: `page.reason` must be an array of strings in double quotes",
            ),
            (
                file.texts("licenses.other").map(drop),
                "file.toml: `licenses.other` must be an array of strings in double quotes",
            ),
        ] {
            assert_eq!(outcome, Err(message.into()));
        }
    }
}
