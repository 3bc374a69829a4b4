//! `understudy run`: a whole run, told in a few lines, as JSON, or traced event by event.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::rc::Rc;

use understudy_sim::{Plan, Sim, SimTime, TimedCommand};

use crate::failure::{self, Failure};
use crate::progress::Progress;
use crate::scenario_file::read_plan;
use crate::{report, summary};

/// Steps between two looks at the clock of the wall.
const CHUNK: u64 = 20_000;

/// What to run and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The scenario file, in JSON; `understudy schema` says what may be in it.
    scenario: PathBuf,
    /// Seed of all randomness; the same seed gives the same run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When to stop, in simulated time.
    #[arg(long, default_value = "60s", value_name = "TIME")]
    until: SimTime,
    /// What to do on the way, like '12.4s kill web-2'; may be given again.
    #[arg(long = "command", value_name = "'TIME COMMAND'")]
    commands: Vec<String>,
    /// Print what the run came to as one JSON object.
    #[arg(long, conflicts_with = "trace")]
    json: bool,
    /// Print every event on a line of its own.
    #[arg(long)]
    trace: bool,
}

/// Runs the scenario and prints what it did.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let plan = Rc::new(read_plan(&options.scenario)?);
    let mut sim = Sim::new(Rc::clone(&plan), options.seed);
    for text in &options.commands {
        let scheduled = TimedCommand::parse(text, &plan).and_then(|timed| sim.schedule(timed));
        scheduled.map_err(|problem| {
            let file = options.scenario.display();
            Failure::CommandLine(format!("--command '{text}', for {file}: {problem}"))
        })?;
    }
    let mut out = BufWriter::new(io::stdout().lock());
    failure::written(run_and_write(options, &plan, &mut sim, &mut out).and_then(|()| out.flush()))
}

fn run_and_write(options: &Options, plan: &Plan, sim: &mut Sim, out: &mut impl Write) -> io::Result<()> {
    let mut progress = Progress::new(options.until);
    loop {
        let more =
            if options.trace { trace_chunk(options, plan, sim, out)? } else { run_chunk(options.until, sim) };
        if !more {
            break;
        }
        progress.show(sim);
    }
    progress.clear();
    match (options.trace, options.json) {
        (true, _) => Ok(()),
        (false, true) => report::write(out, sim),
        (false, false) => summary::write(out, sim),
    }
}

fn run_chunk(until: SimTime, sim: &mut Sim) -> bool {
    sim.run_until(until, CHUNK) == understudy_sim::Progress::OutOfBudget
}

fn trace_chunk(options: &Options, plan: &Plan, sim: &mut Sim, out: &mut impl Write) -> io::Result<bool> {
    for _ in 0..CHUNK {
        let Some(entry) = sim.step(options.until) else { return Ok(false) };
        writeln!(out, "{}", entry.line(plan))?;
    }
    Ok(true)
}
