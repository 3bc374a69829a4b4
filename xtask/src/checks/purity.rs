//! Shows that `core` and `sim` are pure, and would not stay unnoticed if they ceased to be.
//!
//! The lint check holds the two crates against their `clippy.toml`. That proves little if the lints do not bite: a
//! misspelt path in `clippy.toml` bans nothing, without a word. So a crate is generated that does everything that is
//! forbidden, one thing a line, and clippy is run on it with the very same settings: every line has to be refused, and
//! every ban has to have refused one. What lints cannot see, attributes that would switch them off, is looked for in
//! the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::Outcome;
use super::probes::{self, Probe};
use crate::process;
use crate::workspace::{PURE_CRATES, Workspace};

/// Everything above; the error names each thing that would get through.
pub(super) fn check(workspace: &Workspace) -> Result<Outcome, String> {
    let mut wrong = Vec::new();
    let bans = same_bans(workspace)?;
    for package in PURE_CRATES {
        for file in rust_files(&workspace.path(package.path).join("src"))? {
            let found = loopholes(&read(&file)?, file.ends_with("src/lib.rs"));
            let name = file.strip_prefix(&workspace.root).unwrap_or(&file).display();
            wrong.extend(found.into_iter().map(|problem| format!("{name}: {problem}")));
        }
    }
    let probes = probes::all();
    let messages = clippy_on(workspace, &probes)?;
    wrong.extend(let_through(&probes, &messages));
    wrong.extend(toothless(&bans, &messages));
    if wrong.is_empty() {
        Ok(Outcome::PassedWith(format!("{} forbidden things, all refused", probes.len())))
    } else {
        Err(wrong.join("\n"))
    }
}

/// The `clippy.toml` that all pure crates have in common, or an error that they differ.
fn same_bans(workspace: &Workspace) -> Result<String, String> {
    let mut files = PURE_CRATES.iter().map(|package| format!("{}/clippy.toml", package.path));
    let first = files.next().expect("there are pure crates");
    let bans = read(&workspace.path(&first))?;
    for other in files {
        if read(&workspace.path(&other))? != bans {
            return Err(format!("{first} and {other} differ: they have to be the same"));
        }
    }
    Ok(bans)
}

/// What in a source file would let impurity past the lints.
fn loopholes(source: &str, is_root: bool) -> Vec<String> {
    let mut found = Vec::new();
    // As a line of its own: under `cfg_attr` the build that people get could have the standard library after all.
    if is_root && !source.lines().any(|line| line == "#![no_std]") {
        found.push("it has no line `#![no_std]`".into());
    }
    let mut before = "";
    for (number, line) in source.lines().map(str::trim).enumerate() {
        if line.starts_with("extern crate std") && before != "#[cfg(test)]" {
            found.push(format!("line {}: `extern crate std` without `#[cfg(test)]` above it", number + 1));
        }
        if line.contains("clippy::disallowed_") {
            found.push(format!("line {}: it switches a purity lint off", number + 1));
        }
        before = line;
    }
    found
}

/// A message of clippy about the probes: its line and its words.
struct Message {
    line: usize,
    text: String,
}

/// Runs clippy on a crate of probes, with the lints of the workspace and the bans of the pure crates.
fn clippy_on(workspace: &Workspace, probes: &[Probe]) -> Result<Vec<Message>, String> {
    let directory = workspace.target().join("purity-probe");
    // Left over results would answer for bans that have changed since.
    let _ = fs::remove_dir_all(&directory);
    let (source, _) = probes::source(probes);
    let manifest = format!(
        "[package]\nname = \"purity-probe\"\nedition = \"2024\"\n\n[workspace]\n\n{}",
        lint_tables(&read(&workspace.path("Cargo.toml"))?)
    );
    let write = |name: &str, text: &str| {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().expect("the name is inside the directory"))
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))
    };
    write("Cargo.toml", &manifest)?;
    write("src/lib.rs", &source)?;
    let printed = process::capture(
        process::cargo()
            .args(["clippy", "--quiet", "--offline", "--message-format", "short", "--", "--deny", "warnings"])
            .env("CLIPPY_CONF_DIR", workspace.path(PURE_CRATES[0].path))
            .env("CARGO_TARGET_DIR", directory.join("target"))
            .current_dir(&directory),
    )?;
    let messages: Vec<Message> = printed.stderr.lines().filter_map(message).collect();
    if messages.is_empty() {
        return Err(format!("clippy said nothing about the probes:\n{}", printed.stderr));
    }
    Ok(messages)
}

/// The lint tables of the workspace, as those of a package.
fn lint_tables(manifest: &str) -> String {
    let mut is_lints = false;
    let mut tables = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_lints = line.starts_with("[workspace.lints");
        }
        if is_lints {
            tables.push_str(&line.replace("[workspace.lints", "[lints"));
            tables.push('\n');
        }
    }
    tables
}

/// Reads `src/lib.rs:12:5: error: what is wrong`.
fn message(line: &str) -> Option<Message> {
    let (number, rest) = line.strip_prefix("src/lib.rs:")?.split_once(':')?;
    let (_, text) = rest.split_once(": error: ").or_else(|| rest.split_once(": error["))?;
    Some(Message { line: number.parse().ok()?, text: text.into() })
}

/// A sentence for each probe that no message refuses for what it is.
fn let_through(probes: &[Probe], messages: &[Message]) -> Vec<String> {
    let (_, lines) = probes::source(probes);
    let is_refused = |(probe, line): &(&Probe, usize)| {
        messages.iter().any(|message| message.line == *line && message.text.contains(probe.refusal))
    };
    let through = probes.iter().zip(lines).filter(|pair| !is_refused(pair));
    through.map(|(probe, _)| format!("the lints let through: {}", probe.code)).collect()
}

/// A sentence for each ban of `clippy.toml` that refused nothing: misspelt, or without a probe that shows it.
fn toothless(bans: &str, messages: &[Message]) -> Vec<String> {
    let refused: BTreeSet<&str> =
        messages.iter().filter_map(|message| message.text.split('`').nth(1)).collect();
    let paths = bans.lines().filter_map(|line| line.split_once("path = \"")?.1.split('"').next());
    paths
        .filter(|path| !refused.contains(path))
        .map(|path| {
            format!(
                "clippy.toml bans {path}, and nothing was refused by that: misspelt, or add a probe for it"
            )
        })
        .collect()
}

/// The Rust sources below `directory`.
fn rust_files(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error| format!("cannot read {}: {error}", directory.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_would_slip_past_the_lints_is_found() {
        assert_eq!(loopholes("#![no_std]\n#[cfg(test)]\nextern crate std;\n", true), [""; 0]);
        for (source, problem) in [
            ("#![cfg_attr(not(test), no_std)]\n", "it has no line `#![no_std]`"),
            ("#![no_std]\nextern crate std;\n", "line 2: `extern crate std` without `#[cfg(test)]` above it"),
            (
                "#![no_std]\n#[expect(clippy::disallowed_types, reason = \"hurry\")]\n",
                "line 2: it switches a purity lint off",
            ),
        ] {
            assert_eq!(loopholes(source, true), [problem]);
        }
    }

    #[test]
    fn a_probe_that_is_not_refused_or_refused_for_another_reason_is_named() {
        let probe = |code: &str| Probe { code: code.into(), refusal: "disallowed" };
        let probes = [probe("first();"), probe("second();"), probe("third();")];
        let (_, lines) = probes::source(&probes);
        let messages = [
            format!("src/lib.rs:{}:5: error: use of a disallowed method `first`", lines[0]),
            format!("src/lib.rs:{}:5: error[E0425]: cannot find function `second`", lines[1]),
            "error: could not compile `purity-probe`".into(),
        ];
        let messages: Vec<Message> = messages.iter().filter_map(|line| message(line)).collect();
        assert_eq!(
            let_through(&probes, &messages),
            ["the lints let through: second();", "the lints let through: third();"]
        );
    }

    #[test]
    fn a_ban_that_refuses_nothing_is_named() {
        let bans = "  { path = \"std::fs::write\", reason = \"x\" },\n  { path = \"std::fs::rite\", reason = \"x\" },\n";
        let messages = [Message { line: 1, text: "use of a disallowed method `std::fs::write`".into() }];
        assert_eq!(
            toothless(bans, &messages),
            [
                "clippy.toml bans std::fs::rite, and nothing was refused by that: misspelt, or add a probe for it"
            ]
        );
    }

    #[test]
    fn the_lints_of_the_workspace_become_those_of_the_probe() {
        let manifest = "[workspace]\nmembers = []\n[workspace.lints.rust]\nunsafe_code = \"forbid\"\n[package]\nname = \"x\"\n";
        assert_eq!(lint_tables(manifest), "[lints.rust]\nunsafe_code = \"forbid\"\n");
    }
}
