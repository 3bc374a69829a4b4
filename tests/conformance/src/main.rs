//! Runs the real daemons beside our components and writes what was compared to `docs/CONFORMANCE.md`.
//!
//! Each module holds one daemon against one component and returns a [`report::Report`]. Run it with
//! `cargo xtask conformance`, which installs the daemons first where it can.

mod daemon;
mod haproxy;
mod options;
mod random;
mod report;

use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let options = Options { seed: 1 };
    println!("seed {}", options.seed);
    match haproxy::run(&options) {
        Ok(report) => {
            println!("{report:#?}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
