//! `understudy swarm`: random scenarios under random faults, watched by checkers.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use understudy_sim::{Scenario, SimDuration};
use understudy_swarm::checks::Violation;
use understudy_swarm::phases::Trial;
use understudy_swarm::{reduce, swarm};

use crate::failure::{Failure, written};
use crate::scenario_file;

/// Trials that a failing one may be reduced with.
const REDUCING: u32 = 600;

/// How many runs, or which one again.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many random runs, each with a scenario and faults of its own.
    #[arg(long, default_value_t = 1_000)]
    runs: u64,
    /// Seed of the first run; the next has the next number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs at the same time; as many as there are processors unless told.
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// Runs this scenario with the faults in its script, instead of random ones.
    #[arg(long, value_name = "SCENARIO", conflicts_with = "runs")]
    replay: Option<PathBuf>,
    /// With --replay: when everything is mended, in simulated time.
    #[arg(long, default_value = "10s", value_name = "TIME", requires = "replay")]
    faults_for: SimDuration,
}

/// Runs the swarm. A run that fails is reduced and printed, and is the command's failure.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    // First of all, so that it is known whatever happens.
    written(writeln!(io::stdout(), "seed {}", options.seed))?;
    match &options.replay {
        Some(path) => replay(path, options),
        None => run_random(options),
    }
}

fn replay(path: &Path, options: &Options) -> Result<(), Failure> {
    scenario_file::read_plan(path)?;
    let text = scenario_file::read_text(path)?;
    let scenario = Scenario::parse(&path.display().to_string(), &text)
        .map_err(|error| Failure::File(error.to_string()))?;
    let trial = Trial { scenario, seed: options.seed, faults_for: options.faults_for };
    match trial.run() {
        Ok(passed) => written(writeln!(io::stdout(), "passed: {} events and commands", passed.steps)),
        Err(violation) => Err(Failure::File(format!("{}: {violation}", path.display()))),
    }
}

fn run_random(options: &Options) -> Result<(), Failure> {
    let jobs = options
        .jobs
        .map_or_else(|| thread::available_parallelism().map_or(1, NonZeroUsize::get), NonZeroUsize::get);
    let began = Instant::now();
    let watched = io::stderr().is_terminal();
    let progress = |ended: u64| {
        if watched && ended.is_multiple_of(100) {
            // A terminal that takes no text is no reason to stop.
            let _ = write!(io::stderr(), "\r{ended} of {} runs\x1b[K", options.runs);
        }
    };
    // A panic is caught and reported as what the run found.
    std::panic::set_hook(Box::new(|_| ()));
    let result = swarm::run(options.seed..options.seed.saturating_add(options.runs), jobs, 1, &progress);
    if watched {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    written(writeln!(
        io::stdout(),
        "{} runs passed: {} requests, {} events and commands, in {:.1} s",
        result.passed,
        result.total.requests,
        result.total.steps,
        began.elapsed().as_secs_f64()
    ))?;
    match result.failed.into_iter().next() {
        None => Ok(()),
        Some((seed, violation)) => Err(explain(seed, violation)),
    }
}

/// Reduces a failing run, writes the scenario that is left and says how to run it again.
fn explain(seed: u64, violation: Violation) -> Failure {
    let first = violation.to_string();
    let (trial, violation) = reduce::reduce(Trial::generate(seed), violation, REDUCING);
    let path = std::env::temp_dir().join(format!("understudy-swarm-{seed}.json"));
    let text = serde_json::to_string_pretty(&trial.scenario).expect("a scenario is JSON");
    let file = match std::fs::write(&path, &text) {
        Ok(()) => path.display().to_string(),
        Err(error) => format!("FILE (it could not be written to {}: {error})", path.display()),
    };
    Failure::File(format!(
        "run {seed} failed, {first}\n\nReduced to {} nodes and {} commands, {violation}\n\n{text}\n\nAgain:\n  \
         understudy swarm --replay {file} --seed {seed} --faults-for {:#}",
        trial.scenario.nodes.len(),
        trial.scenario.script.len(),
        trial.faults_for
    ))
}
