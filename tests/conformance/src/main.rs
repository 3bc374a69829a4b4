//! Runs the real daemons beside our components and writes what was compared to `docs/CONFORMANCE.md`.
//!
//! Each module holds one daemon against one component and returns a [`report::Report`]. Run it with
//! `cargo xtask conformance`, which installs the daemons first where it can.

pub mod daemon;
pub mod options;
pub mod postgresql;
pub mod random;
pub mod report;

use std::process::ExitCode;

fn main() -> ExitCode {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("seed {seed}");
    match postgresql::run(&options::Options { seed }) {
        Ok(report) => {
            println!("{} against {} {:?}", report.component, report.reference, report.version);
            for compared in &report.compared {
                println!("{} of {} the same: {}", compared.same, compared.cases, compared.what);
            }
            println!("differences: {:#?}\nskipped: {:?}", report.differences, report.skipped);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
