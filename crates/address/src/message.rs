//! What a host page asks of an embedded figure: the protocol of `docs/embed.md`, version 1.
//!
//! Anybody may send a window anything. So a message is looked at field by field, and only at the fields that mean
//! something here: a page hands them over as they are ([`Value`]), without walking through whatever else a stranger has
//! put there. What makes no sense is refused in words; what is no message of this protocol is nobody's mistake.

use alloc::format;
use alloc::string::{String, ToString};

use understudy_core::SimTime;
use understudy_sim::saved::MAX_PLAYED;

use crate::refused::shortened;
use crate::view::{self, Theme};

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;
/// The longest text in a message, in UTF-16 units as a browser counts them.
pub const MAX_TEXT: usize = 64 * 1_024;
/// The fields that mean something, in the order in which [`read`] takes them.
pub const FIELDS: [&str; 6] = ["understudy", "type", "id", "t", "text", "theme"];
/// The longest name of a question, in bytes: it is given back with the answer.
const MAX_ID: usize = 100;

/// What stands in a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Absent,
    /// A number.
    Number(f64),
    /// A text of at most [`MAX_TEXT`].
    Text(String),
    /// Something else, or a longer text.
    Other,
}

/// What is asked of the figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To say again that it is ready.
    Hello,
    /// To let time pass.
    Play,
    /// To stop time.
    Pause,
    /// To show another instant.
    Seek(SimTime),
    /// To do something now.
    Command(String),
    /// To tell its state, with the name that the answer is to have.
    Snapshot(String),
    /// To have other colours.
    Theme(Theme),
    /// To tell what is weak, with the name that the answer is to have.
    Audit(String),
}

/// What is wrong with a message, in words.
pub type Unfit = String;

/// Reads the [`FIELDS`] of a message. `None`: it is no message of this protocol.
pub fn read(fields: &[Value; FIELDS.len()]) -> Result<Option<Ask>, Unfit> {
    let [version, kind, id, t, text, theme] = fields;
    match version {
        Value::Absent => return Ok(None),
        #[expect(clippy::float_cmp, reason = "a small whole number is exact")]
        Value::Number(version) if *version == f64::from(PROTOCOL) => {}
        _ => {
            return Err(format!(
                "this figure speaks version {PROTOCOL} of the protocol: write \"understudy\": {PROTOCOL}"
            ));
        }
    }
    let Value::Text(kind) = kind else {
        return Err("a message has a \"type\", which is a text".into());
    };
    Ok(Some(match kind.as_str() {
        "hello" => Ask::Hello,
        "play" => Ask::Play,
        "pause" => Ask::Pause,
        "seek" => Ask::Seek(instant(t)?),
        "command" => match text {
            Value::Text(text) if !text.trim().is_empty() => Ask::Command(text.clone()),
            _ => return Err("\"command\" has a \"text\", such as \"kill web-2\"".into()),
        },
        "snapshot" => Ask::Snapshot(name(kind, id)?),
        "audit" => Ask::Audit(name(kind, id)?),
        "theme" => match theme {
            Value::Text(theme) => Ask::Theme(
                view::find(&Theme::ALL, theme)
                    .ok_or_else(|| format!("a theme is one of {}", view::words(&Theme::ALL)))?,
            ),
            _ => return Err(format!("\"theme\" has a \"theme\": {}", view::words(&Theme::ALL))),
        },
        other => {
            return Err(format!(
                "there is no message \u{201c}{}\u{201d}; there are hello, play, pause, seek, command, snapshot, theme, audit",
                shortened(other)
            ));
        }
    }))
}

/// The name of a question, which its answer has too.
fn name(kind: &str, id: &Value) -> Result<String, Unfit> {
    match id {
        Value::Text(id) if id.len() <= MAX_ID => Ok(id.clone()),
        Value::Number(id) => Ok(id.to_string()),
        _ => Err(format!("\"{kind}\" has an \"id\" of at most {MAX_ID} letters, which the answer has too")),
    }
}

/// An instant: `"12.4s"`, or a number of seconds.
fn instant(value: &Value) -> Result<SimTime, Unfit> {
    let latest = SimTime::ZERO + MAX_PLAYED;
    let at = match value {
        Value::Text(text) => text.parse::<SimTime>().map_err(|problem| problem.to_string())?,
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates, and the limit below holds"
        )]
        Value::Number(seconds) if *seconds >= 0.0 => {
            SimTime::from_millis((*seconds * 1_000.0).min(1e12) as u64)
        }
        _ => return Err("\"seek\" has a \"t\", such as \"12.4s\" or a number of seconds".into()),
    };
    if at > latest { Err(format!("at most {MAX_PLAYED} are played")) } else { Ok(at) }
}

/// What a presentation says to the frames of the slide that comes and of the one that goes (reveal.js): whether time is
/// to pass.
pub fn slide(text: &str) -> Option<bool> {
    match text {
        "slide:start" => Some(true),
        "slide:stop" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(fields: &[(&str, Value)]) -> Result<Option<Ask>, Unfit> {
        let mut all: [Value; FIELDS.len()] = Default::default();
        all[0] = Value::Number(1.0);
        for (name, value) in fields {
            let place = FIELDS.iter().position(|known| known == name).expect("the test's fields are right");
            all[place] = value.clone();
        }
        read(&all)
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn every_message_is_understood() {
        let ask = |fields: &[(&str, Value)]| message(fields).expect("it makes sense").expect("it is ours");
        assert_eq!(ask(&[("type", text("hello"))]), Ask::Hello);
        assert_eq!(ask(&[("type", text("play"))]), Ask::Play);
        assert_eq!(ask(&[("type", text("pause"))]), Ask::Pause);
        let at = SimTime::from_millis(12_400);
        assert_eq!(ask(&[("type", text("seek")), ("t", text("12.4s"))]), Ask::Seek(at));
        assert_eq!(ask(&[("type", text("seek")), ("t", Value::Number(12.4))]), Ask::Seek(at));
        let command = ask(&[("type", text("command")), ("text", text("kill web-2"))]);
        assert_eq!(command, Ask::Command("kill web-2".into()));
        assert_eq!(ask(&[("type", text("snapshot")), ("id", text("a"))]), Ask::Snapshot("a".into()));
        assert_eq!(ask(&[("type", text("audit")), ("id", Value::Number(2.0))]), Ask::Audit("2".into()));
        assert_eq!(ask(&[("type", text("theme")), ("theme", text("dark"))]), Ask::Theme(Theme::Dark));
    }

    #[test]
    fn what_others_say_to_each_other_is_nobodys_mistake() {
        assert_eq!(message(&[("understudy", Value::Absent), ("type", text("play"))]), Ok(None));
        assert_eq!(slide("slide:start"), Some(true));
        assert_eq!(slide("slide:stop"), Some(false));
        assert_eq!(slide("hello"), None);
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_words() {
        for (fields, said) in [
            (&[("understudy", Value::Number(2.0))][..], "version 1"),
            (&[("understudy", text("1"))], "version 1"),
            (&[("type", Value::Other)], "\"type\""),
            (&[("type", text("explode"))], "there are hello, play"),
            (&[("type", text("seek"))], "12.4s"),
            (&[("type", text("seek")), ("t", Value::Number(f64::NAN))], "12.4s"),
            (&[("type", text("seek")), ("t", Value::Number(f64::INFINITY))], "at most"),
            (&[("type", text("seek")), ("t", text("soon"))], "soon"),
            (&[("type", text("command")), ("text", text(" "))], "kill web-2"),
            (&[("type", text("snapshot"))], "\"snapshot\" has an \"id\""),
            (&[("type", text("audit")), ("id", text(&"x".repeat(101)))], "\"audit\" has an \"id\""),
            (&[("type", text("theme")), ("theme", text("blue"))], "auto, light, dark"),
        ] {
            let problem = message(fields).expect_err("it makes no sense");
            assert!(problem.contains(said), "{fields:?}: {problem}");
        }
    }
}
