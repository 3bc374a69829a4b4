//! `understudy`: the engine in a terminal.
//!
//! Results go to standard output, messages to standard error. The exit codes are in [`EXIT_CODES`].

mod audit;
mod failure;
mod picks;
mod progress;
mod report;
mod run;
mod scenario_file;
mod summary;
mod swarm;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use failure::Failure;

/// What a caller of the program can rely on.
const EXIT_CODES: &str = "\
Exit codes:
  0  all went well
  1  a file cannot be read or makes no sense, the result cannot be written, or a run of a swarm failed
  2  the command line is wrong: an unknown option, a malformed time, a command that names what the scenario lacks";

/// How web infrastructure stays up, simulated: balancing, health checks, failover.
#[derive(Debug, Parser)]
#[command(name = "understudy", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a scenario and says what became of its requests.
    #[command(after_help = EXIT_CODES)]
    Run(run::Options),
    /// Says what is weak in a scenario, with proof and what would mend it.
    #[command(after_help = audit::EXIT_CODES)]
    Audit(audit::Options),
    /// Runs random scenarios under random faults, with checkers that watch every event.
    #[command(after_help = EXIT_CODES)]
    Swarm(swarm::Options),
    /// Prints a JSON Schema (draft 2020-12) of the scenario file.
    Schema,
    /// Prints which server of a pool answers each of a number of requests, -1 where none does.
    Picks(picks::Options),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Audit(options) => return audit::run(&options),
        Command::Swarm(options) => swarm::run(&options),
        Command::Schema => {
            failure::written(io::stdout().write_all(understudy_sim::schema::text().as_bytes()))
        }
        Command::Picks(options) => {
            if let Err(message) = options.check() {
                Cli::command().error(ErrorKind::ValueValidation, message).exit();
            }
            picks::run(&options).map_err(Failure::File)
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("understudy: {failure}");
            failure.exit_code()
        }
    }
}
