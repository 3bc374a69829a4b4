//! Figures and questions as the builder of the course puts them into a page: checked already, so that the page's
//! program brings no reader of scenarios, commands and conditions along. Those are a tenth of what it would weigh.
//!
//! The bytes are [Borsh](https://borsh.io), which has no names and no types in it: only the program that was built with
//! the page can read them, and every page names its program. They stand in the page as text: what is printable in ASCII
//! stands for itself, so that sentences stay sentences and compress as such, and all else is `%` with two hexadecimal
//! digits, as in an address.

use alloc::string::String;
use alloc::vec::Vec;

use borsh::{BorshDeserialize, BorshSerialize};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A figure or a question as text for a page. Nothing in it can end an element of HTML.
pub fn write(what: &impl BorshSerialize) -> String {
    let bytes = borsh::to_vec(what).expect("memory takes all bytes, and no number of a figure is NaN");
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        if matches!(byte, b' '..=b'~') && !matches!(byte, b'%' | b'<' | b'&') {
            text.push(byte.into());
        } else {
            let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
            text.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    text
}

/// What was written; nothing if it was written by another version of this program, or broken on its way.
pub fn read<T: BorshDeserialize>(text: &str) -> Option<T> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { digit(rest.next()?)? << 4 | digit(rest.next()?)? } else { byte });
    }
    T::try_from_slice(&bytes).ok()
}

/// The value of a hexadecimal digit.
fn digit(letter: u8) -> Option<u8> {
    let value = char::from(letter).to_digit(16)?;
    value.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::format;

    use understudy_sim::json::Json;

    use super::*;
    use crate::figure::tests::figure;
    use crate::{Figure, Question};

    #[test]
    fn a_figure_comes_back_as_it_was() {
        let before = figure(
            r#", "commands": ["5s kill web-2", "9s cut lb-1 web-1"], "stops_at": "20s", "speed": "1/4",
            "choices": [{ "label": "Retries", "options": [
                { "label": "off", "commands": ["retry lb-1 off"] }, { "label": "on", "commands": ["retry lb-1 on"] }] }],
            "caption": [{ "when": ["refused~5s >= 1"], "text": "{refused, plural, one {# was} other {# were}} refused: “100 %” < & >" },
                { "text": "All is well at {now_s}." }]"#,
        )
        .expect("it makes sense");
        let text = write(&before);
        assert!(text.is_ascii() && !text.contains('<') && text.contains("All is well at "), "{text}");
        let after: Figure = read(&text).expect("it was just written");
        assert_eq!(format!("{after:?}"), format!("{before:?}"));
    }

    #[test]
    fn a_question_comes_back_as_it_was() {
        let json = r#"{ "id": "q", "question": "Who?", "choice": [
            { "text": "web-1", "right": true, "why": "It is." }, { "text": "web-2", "why": "It is not." }] }"#;
        let before =
            Question::read(&Json::parse(json).expect("it is JSON"), |_| None).expect("it makes sense");
        let after: Question = read(&write(&before)).expect("it was just written");
        assert_eq!(format!("{after:?}"), format!("{before:?}"));
    }

    #[test]
    fn what_was_cut_or_lengthened_or_is_no_text_of_ours_is_refused() {
        let text = write(&figure("").expect("it makes sense"));
        for end in 0..text.len() {
            assert!(read::<Figure>(&text[..end]).is_none(), "cut at {end} of {}", text.len());
        }
        assert!(read::<Figure>(&(text + "x")).is_none());
        assert!(read::<Figure>("%zz").is_none());
        assert!(read::<Question>("{}").is_none());
    }
}
