//! Checks (being written).
use crate::workspace::Workspace;

/// A check.
pub(crate) struct Check {
    /// Name.
    pub(crate) name: &'static str,
    /// About.
    pub(crate) about: &'static str,
}
/// All.
pub(crate) const ALL: &[Check] =
    &[Check { name: "fmt", about: "formatting" }, Check { name: "weight", about: "weight" }];
pub(crate) fn run(_: &Workspace, _: &[String]) -> Result<(), String> {
    Err("being written".into())
}
