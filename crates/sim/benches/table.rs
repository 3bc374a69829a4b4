//! One table: the hand-coded baseline and the whole engine on the plain case, in CPU time of one thread.
//!
//! `cargo bench -p understudy-sim --bench table`. `benches/compare/run.sh` sets other simulators beside it.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::cast_precision_loss,
    reason = "a bench reads the clock and prints, and its baseline is written for speed alone"
)]

mod baseline;
mod cases;

use understudy_sim::Sim;

/// CPU time of this thread so far, in seconds: utime and stime of its line in /proc, as other processes share the machine.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    let nanos: f64 = text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).expect("a number");
    nanos / 1e9
}

/// The best rate of a few tries, in requests per CPU-second.
fn best(mut run: impl FnMut() -> u64) -> f64 {
    let rate = |_| {
        let start = cpu_seconds();
        let requests = run();
        requests as f64 / (cpu_seconds() - start)
    };
    (0..5).map(rate).fold(0.0, f64::max)
}

fn main() {
    let requests = 1_000_000;
    println!("| case | baseline, requests per CPU-second | Understudy | share | events per request |");
    println!("|---|---:|---:|---:|---:|");
    for (name, case) in cases::CASES {
        let by_hand = best(|| {
            let counted = baseline::run(case, 1, requests);
            assert!(counted.total_ns > 0 && counted.answered + counted.turned_away == requests);
            requests
        });
        let plan = cases::plan(case);
        let mut events = 0.0;
        let engine = best(|| {
            let mut sim = Sim::new(plan.clone(), 1);
            let sent = cases::run(&mut sim, requests);
            events = sim.events() as f64 / sent as f64;
            sent
        });
        let share = engine / by_hand;
        println!("| {name} | {by_hand:.0} | {engine:.0} | {share:.2} | {events:.2} |");
    }
}
