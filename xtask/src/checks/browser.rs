//! The site as it is published in a real browser: Playwright's tests of `tests/browser`.

use std::env;

use super::{Outcome, page};
use crate::pages;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// Runs the tests against `dist/`, which their own server serves from a sub-path, and what is made of it to take along.
pub(super) fn check(workspace: &Workspace) -> Result<Outcome, String> {
    page::built(workspace)?;
    tools::npm_packages(workspace)?;
    let bundle = pages::bundle(workspace)?;
    let chromium = tools::chromium(workspace)?;
    println!("    in {}", chromium.display());
    // What a frame finds is held against what the command line finds.
    process::run(
        process::cargo()
            .args(["build", "--quiet", "--locked", "--package", "understudy-cli"])
            .current_dir(&workspace.root),
    )?;
    let program = workspace.target().join("debug").join(format!("understudy{}", env::consts::EXE_SUFFIX));
    process::run(
        tools::node()?
            .args([
                "node_modules/@playwright/test/cli.js",
                "test",
                "--config",
                "tests/browser/playwright.config.mjs",
            ])
            .env("CHROMIUM", chromium)
            .env("BUNDLE", bundle)
            .env("UNDERSTUDY", program)
            .env("BROWSER_RESULTS", workspace.target().join("browser-results"))
            .current_dir(&workspace.root),
    )?;
    Ok(Outcome::Passed)
}
