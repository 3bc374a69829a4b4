//! What an address asks for and cannot have.

use alloc::format;
use alloc::string::String;

/// A part of an address that was not used: which, why, what would be right, and what happens instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The parameter's name; empty for the address as a whole.
    pub parameter: String,
    /// What is wrong with it, and what would be right.
    pub problem: String,
    /// What is done instead.
    pub instead: String,
}

impl Refused {
    pub(crate) fn new(parameter: &str, problem: impl Into<String>, instead: &str) -> Self {
        Self { parameter: parameter.into(), problem: problem.into(), instead: instead.into() }
    }

    /// A value that is none of those there are.
    pub(crate) fn unknown(parameter: &str, value: &str, known: &str, instead: &str) -> Self {
        let value = shortened(value);
        Self::new(
            parameter,
            format!("there is no {parameter} \u{201c}{value}\u{201d}; there are {known}"),
            instead,
        )
    }
}

/// As much of a stranger's text as a message can show.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        None => text.into(),
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        let long = "\u{e4}".repeat(100);
        let cut = shortened(&long);
        assert_eq!(cut.chars().count(), 61);
        assert!(cut.ends_with('\u{2026}'));
        assert_eq!(shortened("short"), "short");
    }
}
