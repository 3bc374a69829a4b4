//! Runs the real daemons beside our components and compares what they do.
//!
//! Each suite holds one component against one daemon and returns a [`report::Report`]. What was compared, with which
//! versions, is written to `docs/CONFORMANCE.md` by the run itself. Started by `cargo xtask conformance`, which
//! installs the daemons first where it can.

pub mod daemon;
pub mod document;
pub mod haproxy;
pub mod keepalived;
pub mod nginx;
pub mod options;
pub mod postgresql;
pub mod queueing;
pub mod random;
pub mod report;
pub mod suites;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use options::Arguments;

/// Where the document goes, wherever the run was started.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/CONFORMANCE.md");

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{}", options::usage());
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("{problem}\n\n{}", options::usage());
            return ExitCode::from(2);
        }
    };
    println!("seed {}", arguments.options.seed);
    match compare(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Runs what was asked for, says what it found, and writes the document; an error says what is amiss.
fn compare(arguments: &Arguments) -> Result<(), String> {
    let mut reports = Vec::new();
    let mut problems = Vec::new();
    for suite in &arguments.suites {
        match suite.run(arguments.options) {
            Ok(report) => {
                println!("{report}");
                if !report.agrees() {
                    problems.push(format!(
                        "{suite}: {} of {} cases differ",
                        report.differing(),
                        report.cases()
                    ));
                }
                reports.push(report);
            }
            Err(problem) => {
                println!("{suite} could not be compared");
                problems.push(format!("{suite} could not be compared: {problem}"));
            }
        }
    }
    if reports.len() == suites::ALL.len() {
        let document = Path::new(DOCUMENT);
        fs::write(document, document::markdown(&reports, arguments.options.seed))
            .map_err(|error| format!("docs/CONFORMANCE.md cannot be written: {error}"))?;
    } else {
        println!("docs/CONFORMANCE.md is left as it is: only a run of every suite to its end writes it");
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}
