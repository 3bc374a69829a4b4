//! What a run did, in a few lines for people.

use std::io::{self, Write};

use understudy_sim::view::NodeDetail;
use understudy_sim::{Outcome, Sim, story};

pub(crate) fn write(out: &mut impl Write, sim: &Sim) -> io::Result<()> {
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
        if let NodeDetail::Server { served, .. } | NodeDetail::Database { served, .. } = view.detail {
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
