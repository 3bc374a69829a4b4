//! How the cost of an event and the memory grow: with the number of nodes, and with the length of the run.
//!
//! `cargo bench -p understudy-sim --bench growth` prints two tables and writes `docs/growth.svg`.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::cast_precision_loss,
    reason = "a bench reads the clock, prints, and writes its plot"
)]

#[expect(dead_code, reason = "only its settings are used: the engine is measured")]
mod baseline;
#[expect(dead_code, reason = "the sizes of the other benches")]
mod cases;
mod cpu;
mod plot;

use baseline::Plain;
use plot::{Chart, chart};
use understudy_sim::{Sim, SimTime};

/// Tries for a number of nodes; the best counts.
const TRIES: usize = 7;
/// Events of one try.
const EVENTS: u64 = 2_000_000;

/// Memory of this process that is in use, in megabytes.
fn resident_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).expect("it is there");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).expect("a number") / 1e3
}

/// The plain case with so many servers, busy for 70 % of their time.
fn sim(servers: u32) -> Sim {
    let case = Plain { servers, rate_per_s: 70.0 * f64::from(servers), ..cases::CASES[0].1 };
    Sim::new(cases::plan(case), 1)
}

/// Runs so many events and says what one took, in nanoseconds of CPU time.
fn run(sim: &mut Sim, events: u64) -> f64 {
    let (start, before) = (cpu::nanos(), sim.events());
    sim.run_until(SimTime::MAX, events);
    (cpu::nanos() - start) as f64 / (sim.events() - before) as f64
}

/// Runs all of them so far and says what one event took.
fn run_all(mut sims: Vec<Sim>, events: u64) -> f64 {
    let start = cpu::nanos();
    for sim in &mut sims {
        sim.run_until(SimTime::MAX, events);
    }
    (cpu::nanos() - start) as f64 / (events * sims.len() as u64) as f64
}

/// Points of a curve: how large, and how much.
type Curve = Vec<(f64, f64)>;

/// What an event costs by the number of nodes.
fn by_nodes() -> Curve {
    println!("| nodes | ns per event |\n|---:|---:|");
    let cost = |nodes: u32| {
        let mut sim = sim(nodes - 2);
        // Every server has had a few requests by then.
        run(&mut sim, u64::from(nodes) * 100);
        let best = (0..TRIES).map(|_| run(&mut sim, EVENTS)).fold(f64::INFINITY, f64::min);
        println!("| {nodes} | {best:.0} |");
        (f64::from(nodes), best)
    };
    [10, 30, 100, 300, 1_000, 3_000, 10_000].map(cost).to_vec()
}

/// How much memory is in use, and what an event costs, by the number of events so far.
fn by_events() -> (Curve, Curve) {
    const LENGTHS: [u64; 5] = [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let best = |one: &mut dyn FnMut() -> f64| (0..TRIES).map(|_| one()).fold(f64::INFINITY, f64::min);
    let (mut costs, mut memory) = (Vec::new(), Vec::new());
    let mut sim = sim(8);
    for events in LENGTHS {
        let left = events - sim.events();
        run(&mut sim, left);
        memory.push((events as f64, resident_mb(), sim.now()));
        if events >= EVENTS {
            costs.push((events as f64, best(&mut || run(&mut sim.clone(), EVENTS))));
        }
    }
    // A short run is over before the clock of the processor's time has ticked: many of them are measured as one.
    for (place, events) in LENGTHS.into_iter().take_while(|events| *events < EVENTS).enumerate() {
        let sims = vec![self::sim(8); usize::try_from(EVENTS / events).expect("few")];
        costs.insert(place, (events as f64, best(&mut || run_all(sims.clone(), events))));
    }
    println!("| events | simulated seconds | ns per event | MB resident |\n|---:|---:|---:|---:|");
    for ((events, cost), (_, resident, now)) in costs.iter().zip(&memory) {
        println!("| {events} | {} | {cost:.0} | {resident:.1} |", now.as_nanos() / 1_000_000_000);
    }
    (costs, memory.into_iter().map(|(events, resident, _)| (events, resident)).collect())
}

fn main() {
    let (costs, memory) = by_events();
    println!();
    let nodes = by_nodes();
    let svg = chart(&[
        Chart {
            title: "Cost of an event by nodes",
            x: "nodes",
            y: "ns of CPU time per event",
            points: &nodes,
        },
        Chart {
            title: "Cost of an event by length of the run",
            x: "events since the start",
            y: "ns of CPU time per event",
            points: &costs,
        },
        Chart {
            title: "Memory by length of the run",
            x: "events since the start",
            y: "MB resident",
            points: &memory,
        },
    ]);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/growth.svg");
    std::fs::write(path, svg).expect("docs can be written to");
    println!("\ndocs/growth.svg written");
}
