//! What the compiler's companions say: rustfmt, clippy and rustdoc. A warning is an error.

use super::Outcome;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// The sources are as rustfmt would write them.
pub(super) fn format(workspace: &Workspace) -> Result<Outcome, String> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]).current_dir(&workspace.root))
        .map_err(|why| format!("{why}: run `cargo fmt --all`"))?;
    Ok(Outcome::Passed)
}

/// Everything, tests and benchmarks too, as compiled for this machine.
pub(super) fn clippy(workspace: &Workspace) -> Result<Outcome, String> {
    clippy_on(workspace, &["--workspace", "--all-targets"])
}

/// The page and the crates below it, as compiled for the browser.
pub(super) fn clippy_wasm(workspace: &Workspace) -> Result<Outcome, String> {
    tools::wasm_target(workspace)?;
    clippy_on(workspace, &["--package", "understudy-page", "--target", tools::WASM_TARGET])
}

fn clippy_on(workspace: &Workspace, what: &[&str]) -> Result<Outcome, String> {
    process::run(
        process::cargo()
            .args(["clippy", "--locked"])
            .args(what)
            .args(["--", "--deny", "warnings"])
            .current_dir(&workspace.root),
    )?;
    Ok(Outcome::Passed)
}

/// The documentation of our own crates.
pub(super) fn documentation(workspace: &Workspace) -> Result<Outcome, String> {
    process::run(
        process::cargo()
            .args(["doc", "--locked", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "--deny warnings")
            .current_dir(&workspace.root),
    )?;
    Ok(Outcome::Passed)
}
