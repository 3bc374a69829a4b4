//! Building and serving the site. How its pages are built is in `Trunk.toml` and in the pages; what is here gives Trunk
//! the tools that those ask for. The other pages beside `index.html` are made by [`crate::pages`].

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;

use crate::console::Step;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// The port that is tried first, and how many are tried, when the person names none.
const PORTS: std::ops::Range<u16> = 8080..8180;

/// Builds the site as it is published into `dist/`.
pub(crate) fn build(workspace: &Workspace) -> Result<(), String> {
    let mut tools = tools::page_tools(workspace)?;
    tools.push(tools::npm_packages(workspace)?);
    fetch(workspace)?;
    let step = Step::begin("trunk build", "the site, into dist/");
    process::run(trunk(workspace, &tools).arg("build"))?;
    step.done();
    Ok(())
}

/// Builds the page, serves it on localhost and builds it again when a source changes, until interrupted.
///
/// By default it is built with the `dev` profile: a change is seen in seconds, where the release page takes a whole
/// optimising link. `release` serves the page that is published.
pub(crate) fn serve(workspace: &Workspace, port: Option<u16>, release: bool) -> Result<(), String> {
    let mut tools = tools::page_tools(workspace)?;
    if release {
        // Only the release page goes through wasm-opt.
        tools.push(tools::npm_packages(workspace)?);
    }
    fetch(workspace)?;
    let port = free_port(port)?;
    // Apart from `dist/`, which stays the release page that was built last.
    let served = workspace.target().join("served");
    fs::create_dir_all(&served).map_err(|error| format!("cannot make {}: {error}", served.display()))?;
    let mut command = trunk(workspace, &tools);
    command.args(["serve", "--disable-address-lookup", "true", "--port", &port.to_string()]);
    command.arg("--dist").arg(&served);
    if !release {
        command.args(["--release", "false"]);
    }
    println!(
        "--> trunk serve: the page will be at http://localhost:{port}/ once it is built; Ctrl+C ends it"
    );
    process::become_it(&mut command)
}

/// Downloads the sources of the crates: Trunk is kept from the network, and cargo below it too.
fn fetch(workspace: &Workspace) -> Result<(), String> {
    process::run(
        process::cargo()
            .args(["fetch", "--quiet", "--locked", "--target", tools::WASM_TARGET])
            .current_dir(&workspace.root),
    )
    .map_err(|why| format!("the crates that Cargo.lock names cannot be had: {why}"))
}

/// Trunk, with the directories of the other tools on its `PATH`.
pub(crate) fn trunk(workspace: &Workspace, tools: &[PathBuf]) -> Command {
    let mut command = Command::new(tools[0].join("trunk"));
    command.current_dir(&workspace.root).env("PATH", tools::path_with(tools));
    // NO_COLOR: Trunk takes only `true` and `false` for it. RUST_BACKTRACE: a type error in the page is no bug of Trunk.
    command.env_remove("NO_COLOR").env_remove("RUST_BACKTRACE");
    command
}

/// The port asked for if nobody listens on it, or the first free one when none was asked for.
fn free_port(asked: Option<u16>) -> Result<u16, String> {
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    match asked {
        Some(port) if is_free(&port) => Ok(port),
        Some(port) => {
            Err(format!("port {port} is taken; give another with --port, or none to get a free one"))
        }
        None => PORTS.into_iter().find(is_free).ok_or_else(|| {
            format!("ports {} to {} are all taken; give one with --port", PORTS.start, PORTS.end - 1)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_refused_when_asked_for_and_passed_over_when_not() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
        let port = taken.local_addr().expect("it is bound").port();
        let message = free_port(Some(port)).expect_err("it is taken");
        assert!(message.contains(&format!("port {port} is taken")), "{message}");

        let _first = TcpListener::bind((Ipv4Addr::LOCALHOST, PORTS.start));
        assert_ne!(free_port(None).expect("some port is free"), PORTS.start);
    }
}
