//! What we depend on: whose licence it is under, and that nothing impure stands behind the pure crates.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::{Outcome, licence};
use crate::process;
use crate::toml::Document;
use crate::tools::WASM_TARGET;
use crate::workspace::{PURE_CRATES, Workspace};

/// Crates that would bring into `core` or `sim` what those must not reach, by the start of their name.
const IMPURE: [(&str, &[&str]); 4] = [
    ("the web", &["wasm-bindgen", "js-sys", "web-sys", "gloo", "leptos"]),
    ("randomness", &["getrandom", "rand", "fastrand", "ahash", "uuid"]),
    ("a clock", &["web-time", "instant", "chrono", "time", "quanta", "coarsetime", "jiff"]),
    (
        "I/O",
        &[
            "libc",
            "rustix",
            "windows-sys",
            "tokio",
            "mio",
            "socket2",
            "async-std",
            "smol",
            "hyper",
            "reqwest",
            "ureq",
        ],
    ),
];

/// The licences of everything that is compiled or run while compiling, and the purity of what core and sim stand on.
pub(super) fn check(workspace: &Workspace) -> Result<Outcome, String> {
    let allowed =
        Document::read(&workspace.path("deny.toml"))?.texts("licenses.allow")?.into_iter().collect();
    let mut packages = BTreeMap::new();
    for target in [None, Some(WASM_TARGET)] {
        let mut command = tree(workspace);
        command.args(["--workspace", "--edges", "normal,build,dev", "--format", "{p}\t{l}"]);
        command.args(target.into_iter().flat_map(|target| ["--target", target]));
        packages.extend(licences(&process::read(&mut command)?));
    }
    let mut wrong = refused(&packages, &allowed);
    for package in PURE_CRATES {
        let listing =
            process::read(tree(workspace).args(["--package", package.name, "--target", "all"]).args([
                "--edges",
                "normal,no-proc-macro",
                "--format",
                "{p}",
            ]))?;
        wrong.extend(
            impure(&listing)
                .map(|(name, what)| format!("{} depends on {name}, which reaches {what}", package.name)),
        );
    }
    if wrong.is_empty() {
        Ok(Outcome::PassedWith(format!("{} packages", packages.len())))
    } else {
        Err(wrong.join("\n"))
    }
}

/// cargo-deny, which looks deeper, where it is installed. Advisories are left out: they would have to be downloaded.
pub(super) fn cargo_deny(workspace: &Workspace) -> Result<Outcome, String> {
    if process::find_on_path("cargo-deny").is_none() {
        return Ok(Outcome::Skipped(
            "cargo-deny is not installed (`cargo install --locked cargo-deny`); the check `deps` looked at the licences"
                .into(),
        ));
    }
    process::run(
        process::cargo()
            .args(["deny", "--locked", "check", "bans", "licenses", "sources"])
            .current_dir(&workspace.root),
    )?;
    Ok(Outcome::Passed)
}

/// `cargo tree`, one package a line.
fn tree(workspace: &Workspace) -> Command {
    let mut command = process::cargo();
    command.args(["tree", "--quiet", "--locked", "--prefix", "none"]).current_dir(&workspace.root);
    command
}

/// The licence of each package, from lines of `NAME VERSION ...<tab>LICENCE`.
fn licences(listing: &str) -> BTreeMap<String, String> {
    let lines = listing.lines().filter_map(|line| line.split_once('\t'));
    // cargo marks a package whose dependencies it has listed already.
    lines.map(|(package, licence)| (package.into(), licence.trim_end_matches("(*)").trim().into())).collect()
}

/// A sentence for each package whose licence is not among those allowed.
fn refused(packages: &BTreeMap<String, String>, allowed: &BTreeSet<String>) -> Vec<String> {
    let sentence = |(package, expression): (&String, &String)| match licence::is_allowed(expression, allowed)
    {
        Ok(true) => None,
        Ok(false) => Some(format!("{package} is under {expression}, which deny.toml does not allow")),
        Err(why) => Some(format!("the licence of {package}: {why}")),
    };
    packages.iter().filter_map(sentence).collect()
}

/// The impure crates in a list of packages, each with what it reaches.
fn impure(listing: &str) -> impl Iterator<Item = (&str, &'static str)> {
    let names: BTreeSet<&str> = listing.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.into_iter().filter_map(|name| {
        let is_kin = |start: &&str| {
            name == *start || name.starts_with(&format!("{start}-")) || name.starts_with(&format!("{start}_"))
        };
        let found = IMPURE.iter().find(|(_, starts)| starts.iter().any(&is_kin));
        found.map(|(what, _)| (name, *what))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_under_a_licence_that_is_not_allowed_is_named() {
        let listing =
            "serde v1.0.0\tMIT OR Apache-2.0\nviral v2.0.0 (proc-macro)\tGPL-3.0-only (*)\nnone v1.0.0\t\n";
        let allowed = ["MIT".to_owned()].into();
        assert_eq!(
            refused(&licences(listing), &allowed),
            [
                "the licence of none v1.0.0: \"\" is no licence expression",
                "viral v2.0.0 (proc-macro) is under GPL-3.0-only, which deny.toml does not allow",
            ]
        );
    }

    #[test]
    fn impure_crates_are_found_by_name_and_not_by_accident() {
        let listing = "understudy-core v0.1.0 (/home/me/understudy)\nserde v1.0.0\nrand_core v0.9.0\ntimeless v1.0.0\n\
                       web-sys v0.3.0\ngloo-timers v0.3.0\ntime v0.3.0\nweb-sys v0.3.0 (*)\n";
        assert_eq!(
            impure(listing).collect::<Vec<_>>(),
            [
                ("gloo-timers", "the web"),
                ("rand_core", "randomness"),
                ("time", "a clock"),
                ("web-sys", "the web")
            ]
        );
    }
}
