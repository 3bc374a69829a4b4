//! What the person who starts the comparison may choose.

/// Options of one run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Seed of everything that is generated: the same seed gives the same cases.
    pub seed: u64,
}
