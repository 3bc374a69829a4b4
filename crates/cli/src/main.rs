//! `understudy`: the engine in a terminal.
//!
//! Results go to standard output, messages to standard error. Exit codes: 0 when all went well, 1 when a file
//! could not be read or makes no sense, 2 when the command line itself is wrong.

mod audit;
mod picks;
mod run;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

/// How web infrastructure stays up, simulated: balancing, health checks, failover.
#[derive(Debug, Parser)]
#[command(name = "understudy", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a scenario and says what became of its requests.
    Run(run::Options),
    /// Says what is weak in a scenario, with proof and what would mend it.
    #[command(after_help = audit::EXIT_CODES)]
    Audit(audit::Options),
    /// Prints which server of a pool answers each of a number of requests, -1 where none does.
    Picks(picks::Options),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Audit(options) => return audit::run(&options),
        Command::Picks(options) => {
            if let Err(message) = options.check() {
                Cli::command().error(ErrorKind::ValueValidation, message).exit();
            }
            picks::run(&options)
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("understudy: {message}");
            ExitCode::from(1)
        }
    }
}
