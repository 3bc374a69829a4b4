//! The browser that the page is tested in: the system's own Chromium or Chrome.

use std::env;
use std::path::PathBuf;

use super::{apt, node, npm_packages};
use crate::console::Step;
use crate::process;
use crate::workspace::Workspace;

/// Names that Chromium and Chrome go by on `PATH`.
const PROGRAMS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Where macOS keeps them.
const APPLICATIONS: [&str; 2] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const WHY: &str = "the page is tested in a real browser";

/// The path of a Chromium: `$CHROMIUM`, else one that is installed, else a fresh one.
pub(crate) fn chromium(workspace: &Workspace) -> Result<PathBuf, String> {
    if let Some(chosen) = env::var_os("CHROMIUM").map(PathBuf::from) {
        return if process::is_executable(&chosen) {
            Ok(chosen)
        } else {
            Err(format!("CHROMIUM is set to {}, which is no program", chosen.display()))
        };
    }
    if let Some(found) = installed() {
        return Ok(found);
    }
    let from_apt = match apt::install(&["chromium"], WHY) {
        Ok(()) => match installed() {
            Some(found) => return Ok(found),
            None => "apt installed its package, but there is no chromium on PATH".into(),
        },
        Err(why) => why,
    };
    from_playwright(workspace).map_err(|why| {
        format!(
            "Chromium cannot be had: none is on PATH; {from_apt}; {why}\n\
             By hand: install Chromium or Chrome, or set CHROMIUM to the path of one."
        )
    })
}

fn installed() -> Option<PathBuf> {
    let applications =
        APPLICATIONS.into_iter().map(PathBuf::from).filter(|path| process::is_executable(path));
    PROGRAMS.into_iter().filter_map(process::find_on_path).chain(applications).next()
}

/// The build of Chromium that Playwright publishes: for systems without apt, such as macOS.
fn from_playwright(workspace: &Workspace) -> Result<PathBuf, String> {
    npm_packages(workspace)?;
    let ask = "process.stdout.write(require('@playwright/test').chromium.executablePath())";
    let path =
        process::read(node()?.args(["--eval", ask]).current_dir(&workspace.root)).map(PathBuf::from)?;
    if process::is_executable(&path) {
        return Ok(path);
    }
    let step = Step::begin("playwright install chromium", WHY);
    process::run(
        node()?
            .args(["node_modules/@playwright/test/cli.js", "install", "chromium"])
            .current_dir(&workspace.root),
    )?;
    step.done();
    if process::is_executable(&path) { Ok(path) } else { Err(format!("{} is not there", path.display())) }
}
