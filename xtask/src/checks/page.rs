//! The release page: that it builds, and what it weighs.

use std::sync::OnceLock;

use super::Outcome;
use crate::page;
use crate::weight::{self, Verdict};
use crate::workspace::Workspace;

/// Builds the page and holds it against its budget.
pub(super) fn check(workspace: &Workspace) -> Result<Outcome, String> {
    built(workspace)?;
    match weight::report(workspace)? {
        Verdict::Within => Ok(Outcome::Passed),
        Verdict::Exceeded(why) => Err(why),
    }
}

/// Sees to it that `dist/` is the page as the sources have it; several checks need that, one build is enough.
pub(super) fn built(workspace: &Workspace) -> Result<(), String> {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    BUILT.get_or_init(|| page::build(workspace)).clone()
}
