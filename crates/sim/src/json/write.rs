//! How a value is written: what fits on a line stands on one, the rest is broken into lines.
//!
//! The same value is always written the same way, and reads back as itself.

use alloc::string::{String, ToString};
use core::fmt::Write;

use super::Json;

/// The most characters of a line that holds a whole list or object.
const LINE: usize = 140;

impl Json {
    /// The value as a text with a line break at its end.
    pub fn write(&self) -> String {
        let mut text = String::new();
        self.lines(&mut text, 0, 0);
        text.push('\n');
        text
    }

    /// Writes on one line, `{ "a": [1, 2] }`.
    fn line(&self, text: &mut String) {
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            // JSON has no other numbers; none can have been read either.
            Self::Number(number) if !number.is_finite() => text.push_str("null"),
            Self::Number(number) => text.push_str(&number.to_string()),
            Self::Text(words) => quote(words, text),
            Self::List(items) => {
                text.push('[');
                for (place, item) in items.iter().enumerate() {
                    text.push_str(if place > 0 { ", " } else { "" });
                    item.line(text);
                }
                text.push(']');
            }
            Self::Object(fields) if fields.is_empty() => text.push_str("{}"),
            Self::Object(fields) => {
                for (place, (name, value)) in fields.iter().enumerate() {
                    text.push_str(if place > 0 { ", " } else { "{ " });
                    quote(name, text);
                    text.push_str(": ");
                    value.line(text);
                }
                text.push_str(" }");
            }
        }
    }

    /// Writes on as many lines as it takes; `used` characters of the first are taken.
    fn lines(&self, text: &mut String, depth: usize, used: usize) {
        let start = text.len();
        self.line(text);
        // The outermost value is broken up always: a file of one line is nobody's pleasure.
        if depth > 0 && used + text.len() - start <= LINE {
            return;
        }
        match self {
            Self::List(items) if !items.is_empty() => {
                text.truncate(start);
                for (place, item) in items.iter().enumerate() {
                    text.push_str(if place > 0 { ",\n" } else { "[\n" });
                    indent(text, depth + 1);
                    item.lines(text, depth + 1, 2 * (depth + 1));
                }
                text.push('\n');
                indent(text, depth);
                text.push(']');
            }
            Self::Object(fields) if !fields.is_empty() => {
                text.truncate(start);
                for (place, (name, value)) in fields.iter().enumerate() {
                    text.push_str(if place > 0 { ",\n" } else { "{\n" });
                    indent(text, depth + 1);
                    quote(name, text);
                    text.push_str(": ");
                    value.lines(text, depth + 1, 2 * (depth + 1) + name.len() + 4);
                }
                text.push('\n');
                indent(text, depth);
                text.push('}');
            }
            _ => {}
        }
    }
}

fn indent(text: &mut String, depth: usize) {
    for _ in 0..depth {
        text.push_str("  ");
    }
}

fn quote(words: &str, text: &mut String) {
    text.push('"');
    for letter in words.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            control if u32::from(control) < 0x20 => {
                // Writing into a String cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(control));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_the_same() {
        for text in [
            include_str!("../../../../scenarios/classic-stack.json"),
            include_str!("../../../../scenarios/three-web-servers.json"),
            r#"{ "a": [], "b": {}, "c": [null, true, false, -0.02, 1e21, 3], "d": "\" \\ \n \t \u0001 ä" }"#,
            "[]",
            "3",
        ] {
            let value = Json::parse(text).expect("the test writes JSON");
            let written = value.write();
            assert_eq!(Json::parse(&written), Ok(value.clone()), "{written}");
            assert_eq!(Json::parse(&written).expect("as above").write(), written, "it is stable");
        }
    }

    #[test]
    fn what_fits_stands_on_a_line() {
        let value = Json::parse(r#"{"title":"A","nodes":[{"kind":"clients","rate_per_s":24}]}"#);
        let written = value.expect("the test writes JSON").write();
        let right =
            "{\n  \"title\": \"A\",\n  \"nodes\": [{ \"kind\": \"clients\", \"rate_per_s\": 24 }]\n}\n";
        assert_eq!(written, right);
    }
}
