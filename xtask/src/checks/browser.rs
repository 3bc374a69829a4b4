//! The release page in a real browser: Playwright's tests of `tests/browser`.

use super::{Outcome, page};
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// Runs the tests against `dist/`, which their own server serves from a sub-path.
pub(super) fn check(workspace: &Workspace) -> Result<Outcome, String> {
    page::built(workspace)?;
    tools::npm_packages(workspace)?;
    let chromium = tools::chromium(workspace)?;
    println!("    in {}", chromium.display());
    process::run(
        tools::node()?
            .args([
                "node_modules/@playwright/test/cli.js",
                "test",
                "--config",
                "tests/browser/playwright.config.mjs",
            ])
            .env("CHROMIUM", chromium)
            .env("BROWSER_RESULTS", workspace.target().join("browser-results"))
            .current_dir(&workspace.root),
    )?;
    Ok(Outcome::Passed)
}
