//! Runs the real daemons beside our components and writes what was compared to `docs/CONFORMANCE.md`.
//!
//! Each module holds one daemon against one component and returns a [`report::Report`]. Run it with
//! `cargo xtask conformance`, which installs the daemons first where it can.

pub mod daemon;
pub mod haproxy;
pub mod options;
pub mod random;
pub mod report;

use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let options = Options { seed: 1 };
    println!("seed {}", options.seed);
    match haproxy::run(&options) {
        Ok(report) => {
            println!("{} against {} ({:?})", report.component, report.reference, report.version);
            for compared in &report.compared {
                println!("  {} of {} the same: {}", compared.same, compared.cases, compared.what);
            }
            for difference in &report.differences {
                println!("  difference: {difference}");
            }
            if let Some(why) = &report.skipped {
                println!("  skipped: {why}");
            }
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
