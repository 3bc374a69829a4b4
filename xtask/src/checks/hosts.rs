//! Figures in real hosts: pages that MkDocs, mdBook, reveal.js and VitePress have built (`tests/hosts`).

use std::env;

use super::{Outcome, page};
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// Builds the hosts and opens each in Chromium. One whose program cannot be had is skipped, and named.
pub(super) fn check(workspace: &Workspace) -> Result<Outcome, String> {
    page::built(workspace)?;
    tools::npm_packages(workspace)?;
    let chromium = tools::chromium(workspace)?;
    let hosts = workspace.target().join("hosts");
    let mut build = tools::node()?;
    build.arg("tests/hosts/build.mjs").env("HOSTS", &hosts).current_dir(&workspace.root);
    match tools::mdbook(workspace) {
        Ok(directory) => {
            build.env("MDBOOK", directory.join(format!("mdbook{}", env::consts::EXE_SUFFIX)));
        }
        Err(why) => {
            build.env("MDBOOK_MISSING", why);
        }
    }
    process::run(&mut build)?;
    process::run(
        tools::node()?
            .args(["node_modules/@playwright/test/cli.js", "test"])
            .args(["--config", "tests/hosts/playwright.config.mjs"])
            .env("CHROMIUM", chromium)
            .env("HOSTS", &hosts)
            .env("BROWSER_RESULTS", workspace.target().join("hosts-results"))
            .current_dir(&workspace.root),
    )?;
    Ok(Outcome::Passed)
}
