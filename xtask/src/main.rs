//! Set-up, build and test commands: one place that knows how this project is built, so that people need to know
//! two commands, `cargo xtask serve` and `cargo xtask test`. `cargo xtask help` lists them all.
//!
//! Nothing but the standard library is used, for this program is what a first run waits for before it sees
//! anything: it compiles in a few seconds.

mod checks;
mod cli;
mod console;
mod daemons;
mod page;
mod pages;
mod process;
mod toml;
mod tools;
mod weight;
mod workspace;

use std::process::ExitCode;

use cli::Command;
use workspace::Workspace;

fn main() -> ExitCode {
    let command = match cli::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    match run(command, &Workspace::find()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\nerror: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Carries out one command; the error is what the person is told.
fn run(command: Command, workspace: &Workspace) -> Result<(), String> {
    match command {
        Command::Help => {
            print!("{}", cli::help());
            Ok(())
        }
        Command::Setup => tools::set_up_everything(workspace),
        Command::Serve { port, release } => page::serve(workspace, port, release),
        Command::Bundle => page::build(workspace).and_then(|()| pages::bundle(workspace).map(drop)),
        Command::Pages => pages::add_all(workspace),
        Command::Build => page::build(workspace).and_then(|()| weight::report(workspace).map(drop)),
        Command::Test { only } => checks::run(workspace, &only),
        Command::Conformance => daemons::conformance(workspace),
        Command::Bench => daemons::bench(workspace),
    }
}
