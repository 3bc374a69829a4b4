//! What a run of the conformance tests can be told.

/// Options that every comparison gets.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Where all random cases come from: the same seed makes the same cases.
    pub seed: u64,
}
