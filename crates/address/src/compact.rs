//! A run inside an address: the bytes of a compressed file as letters that an address may hold (base64url without
//! padding, RFC 4648 section 5).
//!
//! Who compresses is the page's business: browsers bring DEFLATE (RFC 1951) along.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64ct::{Base64UrlUnpadded, Encoding};

/// The most characters that a run in an address may have.
pub const MAX_COMPACT_CHARS: usize = 48 * 1_024;

/// The most bytes that such a run may have once it is read: a small file can hold a very large one.
pub const MAX_UNPACKED_BYTES: usize = 256 * 1_024;

/// The letters for `bytes`.
pub fn to_text(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The bytes that `text` stands for, or why it stands for none.
pub fn from_text(text: &str) -> Result<Vec<u8>, String> {
    if text.len() > MAX_COMPACT_CHARS {
        return Err(format!(
            "it has {} characters; at most {MAX_COMPACT_CHARS} are read: save the run as a file instead",
            text.len()
        ));
    }
    // Mail programs and people add padding.
    Base64UrlUnpadded::decode_vec(text.trim_end_matches('='))
        .map_err(|_| String::from("it was cut short or changed on its way; copy the whole address again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(from_text(&to_text(&bytes)), Ok(bytes));
    }

    #[test]
    fn what_is_no_base64_says_so() {
        assert!(from_text("a b").expect_err("a space is no letter").contains("copy the whole address"));
        let long = "A".repeat(MAX_COMPACT_CHARS + 1);
        assert!(from_text(&long).expect_err("it is too long").contains("at most"));
    }
}
