//! Node and the packages that come through npm: wasm-opt, Playwright and axe; what SCORM packages are held against.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::version;
use crate::console::Step;
use crate::process;
use crate::workspace::Workspace;

/// The oldest Node that the packages run on.
const NODE_MAJOR: u32 = 20;

const NODE_BY_HAND: &str =
    "By hand: install Node 20 or later with npm, from https://nodejs.org or your system's packages.";

/// A command that runs Node, once its version has been looked at.
pub(crate) fn node() -> Result<Command, String> {
    let printed = process::read(Command::new("node").arg("--version"))
        .map_err(|why| format!("Node cannot be had: {why}\n{NODE_BY_HAND}"))?;
    let found = version::printed(&printed).unwrap_or("of unknown version");
    match version::major(found) {
        Some(major) if major >= NODE_MAJOR => Ok(Command::new("node")),
        _ => Err(format!(
            "Node {NODE_MAJOR} or later is needed, and the one on PATH is {found}\n{NODE_BY_HAND}"
        )),
    }
}

/// The directory of the programs of the npm packages, installed as `package-lock.json` has them.
pub(crate) fn npm_packages(workspace: &Workspace) -> Result<PathBuf, String> {
    node()?;
    let read =
        |path: PathBuf| fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()));
    let wanted = read(workspace.path("package-lock.json"))?;
    // What was installed last; npm itself leaves nothing that says so for certain.
    let stamp = workspace.path("node_modules/.installed-package-lock.json");
    let programs = workspace.path("node_modules/.bin");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(programs);
    }
    let step =
        Step::begin("npm ci", "wasm-opt makes the page small, Playwright and axe test it in a browser");
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    process::run(
        Command::new(npm)
            .arg("ci")
            .current_dir(&workspace.root)
            // The system's browser is used, see `chromium`.
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    )
    .map_err(|why| {
        format!("the npm packages cannot be had: {why}\nBy hand: run `npm ci` here and see what it says.")
    })?;
    fs::write(&stamp, wanted).map_err(|error| format!("cannot write {}: {error}", stamp.display()))?;
    step.done();
    Ok(programs)
}
