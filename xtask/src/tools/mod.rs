//! Finding the tools that the project needs, and installing those that are not there.
//!
//! A tool on `PATH` is taken when its version fits. Otherwise it comes from a directory outside the checkout that
//! holds one sub-directory per tool and version, so that a tool is built once per machine; and if it is not there
//! either, it is built into it. Each function here gives back where the tool is, and fails with a message that
//! says which tool is missing, why, and how to get it by hand.

mod apt;
mod cargo_tool;
mod chromium;
mod npm;
mod version;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

pub(crate) use apt::install as apt_install;
use cargo_tool::CargoTool;
pub(crate) use chromium::chromium;
pub(crate) use npm::{node, npm_packages};

use crate::console::Step;
use crate::process;
use crate::workspace::Workspace;

/// The target that the page is compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The version of Trunk that `Trunk.toml` is written for.
const TRUNK_VERSION: &str = "0.21.14";

/// The version of mdBook whose books figures are tested in.
const MDBOOK_VERSION: &str = "0.4.52";

/// Finds or installs everything, for `cargo xtask setup`.
pub(crate) fn set_up_everything(workspace: &Workspace) -> Result<(), String> {
    let page_tools = page_tools(workspace)?;
    npm_packages(workspace)?;
    let chromium = chromium(workspace)?;
    println!("\nEverything is there:");
    for directory in page_tools.iter().map(PathBuf::as_path).chain([chromium.as_path()]) {
        println!("    {}", directory.display());
    }
    Ok(())
}

/// The directories of what every build of the page needs: Trunk and wasm-bindgen; the compiler gets its wasm target.
pub(crate) fn page_tools(workspace: &Workspace) -> Result<Vec<PathBuf>, String> {
    wasm_target(workspace)?;
    let (trunk, wasm_bindgen) = (trunk(), wasm_bindgen_tool(workspace)?);
    // When both have to be built they are built side by side: neither alone keeps two cores busy.
    thread::scope(|scope| {
        let other = scope.spawn(|| wasm_bindgen.find_or_build(workspace));
        let trunk = trunk.find_or_build(workspace);
        let wasm_bindgen = other.join().expect("finding wasm-bindgen does not panic");
        Ok(vec![trunk?, wasm_bindgen?])
    })
}

/// The directory of wasm-bindgen and its test runner, in the version that `Cargo.lock` has of the library.
pub(crate) fn wasm_bindgen(workspace: &Workspace) -> Result<PathBuf, String> {
    wasm_bindgen_tool(workspace)?.find_or_build(workspace)
}

/// `PATH` with `directories` before the rest.
pub(crate) fn path_with(directories: &[PathBuf]) -> OsString {
    let inherited = env::var_os("PATH").unwrap_or_default();
    env::join_paths(directories.iter().cloned().chain(env::split_paths(&inherited)))
        .expect("a directory that is on PATH has no separator in its name")
}

/// Sees to it that the compiler can compile for the browser.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<(), String> {
    let library = process::read(
        Command::new("rustc")
            .args(["--print", "target-libdir", "--target", WASM_TARGET])
            .current_dir(&workspace.root),
    )?;
    if Path::new(library.trim()).is_dir() {
        return Ok(());
    }
    let step = Step::begin(format!("rustup target add {WASM_TARGET}"), "the page runs in WebAssembly");
    process::run(Command::new("rustup").args(["target", "add", WASM_TARGET]).current_dir(&workspace.root)).map_err(
        |why| {
            format!(
                "the Rust target {WASM_TARGET} cannot be had: {why}\n\
                 By hand: install Rust with rustup (https://rustup.rs) and run `rustup target add {WASM_TARGET}` \
                 here; with another Rust, install its standard library for that target."
            )
        },
    )?;
    step.done();
    Ok(())
}

/// Trunk without what needs TLS: it downloads nothing here. It spends its time waiting for others, so compiling it
/// fast matters and running it fast does not: without optimisation it is there in a fifth of the time.
fn trunk() -> CargoTool {
    CargoTool {
        package: "trunk",
        programs: &["trunk"],
        version: TRUNK_VERSION.into(),
        why: "it builds and serves the page",
    }
}

/// The directory of mdBook, which builds a book that a figure is tested in. It is asked for by that test alone.
pub(crate) fn mdbook(workspace: &Workspace) -> Result<PathBuf, String> {
    let tool = CargoTool {
        package: "mdbook",
        programs: &["mdbook"],
        version: MDBOOK_VERSION.into(),
        why: "a figure is tested in a book",
    };
    tool.find_or_build(workspace)
}

/// The library and the tool must be of one version, or the tool refuses the library's output.
fn wasm_bindgen_tool(workspace: &Workspace) -> Result<CargoTool, String> {
    let path = workspace.path("Cargo.lock");
    let lock =
        fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let version = version::locked(&lock, "wasm-bindgen")
        .ok_or_else(|| format!("{} has no package wasm-bindgen", path.display()))?;
    Ok(CargoTool {
        package: "wasm-bindgen-cli",
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        version: version.into(),
        why: "it joins WebAssembly and the browser, in the version that Cargo.lock has of its library",
    })
}
