//! One table: the hand-coded baseline and the whole engine on the plain case, in CPU time of one thread.
//!
//! `cargo bench -p understudy-sim --bench table [-- CASE...]`. The two take turns and each one's best try counts. With
//! `--once` it prints one try as plain numbers, for `benches/compare/run.sh`, which sets other simulators beside it.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::cast_precision_loss,
    reason = "a bench reads the clock and prints, and its baseline is written for speed alone"
)]

mod baseline;
mod cases;
mod cpu;

use baseline::Plain;
use understudy_sim::Sim;

const REQUESTS: u64 = 1_000_000;
const TRIES: u32 = 7;

/// Requests per CPU-second, as other processes share the machine.
fn rate(run: impl FnOnce() -> u64) -> f64 {
    let start = cpu::nanos();
    let requests = run();
    requests as f64 / ((cpu::nanos() - start) as f64 / 1e9)
}

fn by_hand(case: Plain) -> f64 {
    rate(|| {
        let counted = baseline::run(case, 1, REQUESTS);
        assert!(counted.total_ns > 0 && counted.answered + counted.turned_away == REQUESTS);
        REQUESTS
    })
}

/// The rate of the whole engine, and its events per request.
fn engine(case: Plain) -> (f64, f64) {
    let mut sim = Sim::new(cases::plan(case), 1).without_trace();
    let rate = rate(|| cases::run(&mut sim, REQUESTS));
    (rate, sim.events() as f64 / sim.totals().sent as f64)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let once = arguments.iter().any(|word| word == "--once");
    let is_wanted = |name: &str| {
        let mut names = arguments.iter().filter(|word| *word != "--once").peekable();
        names.peek().is_none() || names.any(|word| word == name)
    };
    if !once {
        println!("| case | by hand, requests per CPU-second | Understudy | share | events per request |");
        println!("|---|---:|---:|---:|---:|");
    }
    for (name, case) in cases::CASES.into_iter().filter(|(name, _)| is_wanted(name)) {
        let (mut hand, mut whole, mut events) = (0.0_f64, 0.0_f64, 0.0);
        for _ in 0..if once { 1 } else { TRIES } {
            hand = hand.max(by_hand(case));
            let (rate, per_request) = engine(case);
            (whole, events) = (whole.max(rate), per_request);
        }
        if once {
            println!("{name} by-hand {hand:.0}\n{name} understudy {whole:.0}");
        } else {
            println!("| {name} | {hand:.0} | {whole:.0} | {:.2} | {events:.2} |", whole / hand);
        }
    }
}
