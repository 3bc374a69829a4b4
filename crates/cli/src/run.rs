//! `understudy run`: a whole run, told in a few lines or traced event by event.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use understudy_sim::scenario::MAX_FILE_BYTES;
use understudy_sim::view::NodeDetail;
use understudy_sim::{Outcome, Plan, Scenario, Sim, SimTime, TimedCommand, story};

/// What to run and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The scenario file, in JSON.
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
    /// Print every event on a line of its own instead of the summary.
    #[arg(long)]
    trace: bool,
}

/// Runs the scenario and prints what it did; the error is a message for people.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let plan = Rc::new(read_plan(&options.scenario)?);
    let mut sim = Sim::new(Rc::clone(&plan), options.seed);
    for text in &options.commands {
        let timed = TimedCommand::parse(text, &plan).map_err(|error| error.to_string())?;
        sim.schedule(timed).map_err(|error| error.to_string())?;
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    while let Some(entry) = sim.step(options.until) {
        if options.trace {
            written = writeln!(out, "{}", entry.line(&plan));
        }
        if written.is_err() {
            break;
        }
    }
    sim.run_until(options.until, u64::MAX);
    if !options.trace {
        written = write_summary(&mut out, &sim);
    }
    match written.and_then(|()| out.flush()) {
        // Whoever reads has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| format!("the result could not be written: {error}")),
    }
}

fn read_plan(path: &Path) -> Result<Plan, String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: {error}"))?;
    let mut text = String::new();
    // One byte over the limit is enough for the reader to refuse the file.
    let limit = MAX_FILE_BYTES as u64 + 1;
    file.take(limit).read_to_string(&mut text).map_err(|error| format!("{name}: {error}"))?;
    Scenario::read(&name, &text).map_err(|error| error.to_string())
}

fn write_summary(out: &mut impl Write, sim: &Sim) -> io::Result<()> {
    let snapshot = sim.snapshot();
    let totals = snapshot.totals;
    writeln!(out, "{}", sim.plan().title())?;
    writeln!(
        out,
        "seed {}, {} simulated, {} events, trace {}",
        sim.seed(),
        snapshot.now,
        sim.events(),
        sim.trace_hash()
    )?;
    write!(out, "\n{} requests sent:", totals.sent)?;
    for outcome in Outcome::ALL {
        write!(out, " {} {},", totals.of(outcome), outcome.name())?;
    }
    writeln!(out, " {} in flight", totals.in_flight())?;
    if let Some(availability) = totals.availability() {
        writeln!(out, "availability {:.3} %", availability * 100.0)?;
    }
    writeln!(out)?;
    for ((_, node), view) in sim.plan().nodes().zip(&snapshot.nodes) {
        if let NodeDetail::Server { served, .. } = view.detail {
            let state = if view.truth.is_up() { "up" } else { "down" };
            writeln!(out, "{:<12} {served:>8} served, {state}", node.name)?;
        }
    }
    writeln!(out)?;
    for entry in sim.log().entries() {
        writeln!(out, "{:>9.3} s  {}", entry.at.as_secs_f64(), story::sentence(&entry.fact, sim.plan()))?;
    }
    Ok(())
}
