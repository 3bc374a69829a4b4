//! Runs the real daemons beside our components and writes what was compared to `docs/CONFORMANCE.md`.
//!
//! Each module holds one daemon against one component and returns a [`report::Report`]. Run it with
//! `cargo xtask conformance`, which installs the daemons first where it can.
#![expect(unreachable_pub, reason = "in a binary, `pub` says what a module offers to the others")]

mod daemon;
mod nginx;
mod options;
mod random;
mod report;

use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let options = Options { seed: 20_260_730 };
    println!("seed {}", options.seed);
    match nginx::run(&options) {
        Ok(report) => {
            let version = report.version.as_deref().unwrap_or("not run");
            println!("{} against {} ({version})", report.component, report.reference);
            for compared in &report.compared {
                println!("{} of {} the same: {}", compared.same, compared.cases, compared.what);
            }
            for line in report.differences.iter().chain(&report.skipped) {
                println!("{line}");
            }
            let agrees = report.compared.iter().all(|compared| compared.same == compared.cases);
            if agrees { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
