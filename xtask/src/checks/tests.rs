//! The tests that need no browser: native ones, examples in the documentation, and those that run in WebAssembly.

use super::Outcome;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// Unit, scenario, property and golden tests of every crate.
pub(super) fn native(workspace: &Workspace) -> Result<Outcome, String> {
    run(workspace, &["--workspace", "--lib", "--bins", "--tests", "--examples"])
}

/// The golden traces by the optimised engine: the unit check's are by the one that is being worked on. The other tests
/// stay out: what they find does not depend on the optimiser, and it would have to compile all of them.
pub(super) fn release(workspace: &Workspace) -> Result<Outcome, String> {
    let mut passed = 0;
    process::run_watching(
        process::cargo()
            .args(["test", "--locked", "--release", "--quiet", "--no-fail-fast"])
            .args(["--package", "understudy-core", "--package", "understudy-sim", "--test", "main", "golden"])
            .current_dir(&workspace.root),
        |line| passed += passed_in(line),
    )?;
    match passed {
        0 => Err("no golden trace was compared: the tests' names have to contain \"golden\"".into()),
        _ => Ok(Outcome::PassedWith(format!("{passed} tests"))),
    }
}

/// Examples in the documentation.
pub(super) fn documentation(workspace: &Workspace) -> Result<Outcome, String> {
    run(workspace, &["--workspace", "--doc"])
}

/// The tests of the pure crates that are marked for WebAssembly as well, in Node: the same source gives the same
/// results in the browser's machine.
pub(super) fn wasm(workspace: &Workspace) -> Result<Outcome, String> {
    tools::wasm_target(workspace)?;
    tools::node()?;
    let wasm_bindgen = tools::wasm_bindgen(workspace)?;
    let mut passed = 0;
    process::run_watching(
        process::cargo()
            // Not `--quiet`: cargo would pass it on to wasm-bindgen's runner, which does not know it.
            .args(["test", "--locked", "--target", tools::WASM_TARGET])
            .args(["--package", "understudy-core", "--package", "understudy-sim", "--lib", "--tests"])
            // `.cargo/config.toml` names the runner.
            .env("PATH", tools::path_with(&[wasm_bindgen]))
            .current_dir(&workspace.root),
        |line| passed += passed_in(line),
    )?;
    match passed {
        0 => Err("no test ran in WebAssembly: mark some with `wasm_bindgen_test`".into()),
        _ => Ok(Outcome::PassedWith(format!("{passed} tests"))),
    }
}

fn run(workspace: &Workspace, what: &[&str]) -> Result<Outcome, String> {
    let test = || {
        let mut command = process::cargo();
        command.args(["test", "--locked"]).args(what).current_dir(&workspace.root);
        command
    };
    if !what.contains(&"--doc") {
        // Compiling shows its progress, running only what fails.
        process::run(test().arg("--no-run"))?;
    }
    let mut passed = 0;
    // All crates' failures, not only those of the first crate that has some.
    process::run_watching(test().args(["--quiet", "--no-fail-fast"]), |line| passed += passed_in(line))?;
    Ok(Outcome::PassedWith(format!("{passed} tests")))
}

/// How many tests passed, in the line with which a test program closes.
fn passed_in(line: &str) -> u64 {
    let counted = line.trim().strip_prefix("test result: ").and_then(|rest| rest.split_once(" passed;"));
    counted.and_then(|(before, _)| before.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod own_tests {
    use super::*;

    #[test]
    fn passed_tests_are_counted_from_the_closing_lines_alone() {
        for (line, passed) in [
            ("test result: ok. 12 passed; 0 failed; 0 ignored; finished in 0.10s", 12),
            ("test result: FAILED. 3 passed; 1 failed; 0 ignored", 3),
            ("running 12 tests", 0),
            ("99 passed; as a test may well print", 0),
            ("no tests to run!", 0),
        ] {
            assert_eq!(passed_in(line), passed, "{line}");
        }
    }
}
