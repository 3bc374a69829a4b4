//! What a request says, as text: what whoever listens on an unencrypted link can read.
//!
//! The simulator's requests have no bodies. What stands here is made from a request's number, kind and row, always
//! the same for the same request, so that it costs nothing until somebody looks.

use alloc::format;
use alloc::string::String;

use crate::outcome::RequestKind;

const WORDS: [&str; 16] = [
    "amber", "birch", "cobalt", "dune", "ember", "fjord", "garnet", "heron", "indigo", "juniper", "kestrel",
    "lagoon", "maple", "nimbus", "onyx", "pebble",
];

/// Spreads a number's bits, so that neighbours look unlike each other (the finaliser of SplitMix64).
const fn spread(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The password of the person whose row this is: a word and three digits.
fn password(key: u32) -> String {
    let bits = spread(u64::from(key) + 1);
    let word = WORDS[usize::try_from(bits % 16).expect("below sixteen")];
    format!("{word}-{:03}", (bits >> 8) % 1_000)
}

/// A request over HTTP as it can be read: `POST /login user=reader-17 password=heron-204`.
pub fn http_line(number: u64, kind: RequestKind, key: u32) -> String {
    match kind {
        RequestKind::Write => format!("POST /login user=reader-{key} password={}", password(key)),
        RequestKind::Read => {
            format!("GET /account/{key} cookie=session-{:08x}", spread(u64::from(key) << 32) >> 32)
        }
        RequestKind::Static => format!("GET /static/{}.css", WORDS[usize::from((number % 16) as u8)]),
    }
}

/// A request to a database as it can be read: `SELECT * FROM readers WHERE id = 17`.
pub fn sql_line(kind: RequestKind, key: u32) -> String {
    match kind {
        RequestKind::Write => {
            format!("UPDATE readers SET password = '{}' WHERE id = {key}", password(key))
        }
        RequestKind::Read | RequestKind::Static => format!("SELECT * FROM readers WHERE id = {key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_always_reads_the_same() {
        let line = http_line(4, RequestKind::Write, 17);
        assert_eq!(line, http_line(9, RequestKind::Write, 17), "it is the same person's password");
        assert!(line.starts_with("POST /login user=reader-17 password="), "{line}");
        assert_ne!(line, http_line(4, RequestKind::Write, 18));
        assert_eq!(http_line(1, RequestKind::Static, 0), "GET /static/birch.css");
        assert_eq!(sql_line(RequestKind::Read, 3), "SELECT * FROM readers WHERE id = 3");
    }
}
