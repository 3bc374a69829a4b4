//! How fast a figure plays: simulated time per real time.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use borsh::{BorshDeserialize, BorshSerialize};

/// A speed of playing, as a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshDeserialize, BorshSerialize)]
pub struct Speed {
    /// So much simulated time ...
    pub times: u32,
    /// ... in so much real time.
    pub per: u32,
}

impl Speed {
    /// The speeds that a figure may have and how a lesson writes them: those of the page, slowest first.
    pub const ALL: [(Self, &str); 11] = [
        (Self { times: 1, per: 1_000 }, "1/1000"),
        (Self { times: 1, per: 100 }, "1/100"),
        (Self { times: 1, per: 20 }, "1/20"),
        (Self { times: 1, per: 10 }, "1/10"),
        (Self { times: 1, per: 4 }, "1/4"),
        (Self { times: 1, per: 2 }, "1/2"),
        (Self { times: 1, per: 1 }, "1x"),
        (Self { times: 2, per: 1 }, "2x"),
        (Self { times: 5, per: 1 }, "5x"),
        (Self { times: 10, per: 1 }, "10x"),
        (Self { times: 100, per: 1 }, "100x"),
    ];

    /// Reads a speed, or says which there are.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|(_, word)| *word == text).map_or_else(
            || {
                let words: Vec<&str> = Self::ALL.iter().map(|(_, word)| *word).collect();
                Err(format!("\"{text}\" is no speed; write one of {}", words.join(", ")))
            },
            |(speed, _)| Ok(speed),
        )
    }
}
