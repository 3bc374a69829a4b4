//! What a run of the conformance tests was asked for.

/// How to run the suites.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What the generated cases are drawn from; the same seed gives the same cases.
    pub seed: u64,
}
