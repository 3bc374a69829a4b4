//! `cargo xtask test`: everything that has to hold, one check after the other, cheap ones first.
//!
//! A check that fails does not stop the others: a person gets the whole list of what is wrong from one run. A check
//! that could not be made says so and is listed as skipped, never as passed.

mod browser;
mod dependencies;
mod hosts;
mod licence;
mod lints;
mod page;
mod probes;
mod purity;
mod tests;

use std::time::{Duration, Instant};

use crate::console::Elapsed;
use crate::workspace::Workspace;

/// How a check ended, when it did not fail.
pub(crate) enum Outcome {
    /// What it looks at is right.
    Passed,
    /// It is right, and this was found on the way.
    PassedWith(String),
    /// It was not looked at, for this reason.
    Skipped(String),
}

/// One thing that has to hold.
pub(crate) struct Check {
    /// What it is called on the command line and in the summary.
    pub(crate) name: &'static str,
    /// What it looks at, for the help text.
    pub(crate) about: &'static str,
    run: fn(&Workspace) -> Result<Outcome, String>,
}

/// Every check, in the order in which they are run.
pub(crate) const ALL: &[Check] = &[
    Check { name: "fmt", about: "the sources are formatted", run: lints::format },
    Check { name: "clippy", about: "no lint warns, natively", run: lints::clippy },
    Check {
        name: "clippy-wasm",
        about: "no lint warns in the page as the browser gets it",
        run: lints::clippy_wasm,
    },
    Check {
        name: "purity",
        about: "core, sim and audit cannot reach clock, I/O or randomness: shown",
        run: purity::check,
    },
    Check {
        name: "deps",
        about: "licences of all crates; core, sim and audit depend on nothing impure",
        run: dependencies::check,
    },
    Check {
        name: "deny",
        about: "cargo-deny: bans, licences and sources of crates",
        run: dependencies::cargo_deny,
    },
    Check { name: "unit", about: "unit, scenario, property and golden tests, natively", run: tests::native },
    Check {
        name: "release",
        about: "the golden traces once more, by the engine as it is shipped: optimised",
        run: tests::release,
    },
    Check { name: "doctest", about: "the examples in the documentation", run: tests::documentation },
    Check { name: "wasm", about: "the tests of core and sim that also run in WebAssembly", run: tests::wasm },
    Check {
        name: "doc",
        about: "the documentation builds and its links lead somewhere",
        run: lints::documentation,
    },
    Check { name: "weight", about: "the release page builds and is within its budget", run: page::check },
    Check { name: "browser", about: "the release page in a real browser", run: browser::check },
    Check {
        name: "hosts",
        about: "figures in pages that MkDocs, mdBook, reveal.js and VitePress have built",
        run: hosts::check,
    },
];

/// What a check came to, for the summary.
struct Record {
    name: &'static str,
    took: Duration,
    result: Result<Outcome, String>,
}

/// Runs the checks named in `only`, or all of them, and fails when one of them does.
pub(crate) fn run(workspace: &Workspace, only: &[String]) -> Result<(), String> {
    let chosen: Vec<&Check> =
        ALL.iter().filter(|check| only.is_empty() || only.iter().any(|name| name == check.name)).collect();
    let mut records = Vec::new();
    for (at, check) in chosen.iter().enumerate() {
        println!("\n== {} of {}: {}: {}", at + 1, chosen.len(), check.name, check.about);
        let began = Instant::now();
        let result = (check.run)(workspace);
        let took = began.elapsed();
        match &result {
            Ok(Outcome::Passed) => println!("== {} passed in {}", check.name, Elapsed(took)),
            Ok(Outcome::PassedWith(note)) => {
                println!("== {} passed in {}: {note}", check.name, Elapsed(took));
            }
            Ok(Outcome::Skipped(why)) => println!("== {} skipped: {why}", check.name),
            Err(why) => println!("== {} FAILED in {}: {why}", check.name, Elapsed(took)),
        }
        records.push(Record { name: check.name, took, result });
    }
    let (text, failed) = summary(&records);
    print!("\n{text}");
    match failed {
        0 => Ok(()),
        1 => Err("one check failed; its own message is above".into()),
        _ => Err(format!("{failed} checks failed; their own messages are above")),
    }
}

/// The closing table, and how many checks failed.
fn summary(records: &[Record]) -> (String, usize) {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    let mut lines = Vec::new();
    for Record { name, took, result } in records {
        let (verdict, count, remark) = match result {
            Ok(Outcome::Passed) => ("passed", &mut passed, ""),
            Ok(Outcome::PassedWith(note)) => ("passed", &mut passed, note.as_str()),
            Ok(Outcome::Skipped(why)) => ("skipped", &mut skipped, why.as_str()),
            Err(why) => ("FAILED", &mut failed, why.as_str()),
        };
        *count += 1;
        // The whole message stands where the check failed.
        let remark = remark.lines().next().unwrap_or_default();
        let line = format!("{verdict:<8} {name:<12} {:>12}  {remark}", Elapsed(*took).to_string());
        lines.push(line.trim_end().to_owned());
    }
    let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    lines.push(format!("{passed} passed, {failed} failed{skipped}\n"));
    (lines.join("\n"), failed)
}

#[cfg(test)]
mod own_tests {
    use super::*;

    fn record(name: &'static str, result: Result<Outcome, String>) -> Record {
        Record { name, took: Duration::from_millis(1_200), result }
    }

    #[test]
    fn the_summary_counts_and_gives_the_first_line_of_each_remark() {
        let (text, failed) = summary(&[
            record("fmt", Ok(Outcome::Passed)),
            record("wasm", Ok(Outcome::PassedWith("3 tests".into()))),
            record("unit", Err("it failed\nwith details".into())),
            record("deny", Ok(Outcome::Skipped("not installed".into()))),
        ]);
        assert_eq!(failed, 1);
        assert_eq!(
            text,
            "\
passed   fmt                 1.2 s
passed   wasm                1.2 s  3 tests
FAILED   unit                1.2 s  it failed
skipped  deny                1.2 s  not installed
2 passed, 1 failed, 1 skipped
"
        );
    }
}
