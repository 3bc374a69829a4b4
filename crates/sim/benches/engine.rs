//! What one request of the plain case costs: two servers, a thousand servers, full queues.
//!
//! `cargo bench -p understudy-sim --bench engine`. Metrics and health checks are on, the trace is only hashed.
#![expect(missing_docs, reason = "criterion's macros make functions without documentation")]

mod baseline;
mod cases;
mod cpu;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use understudy_sim::Sim;

const REQUESTS: u64 = 10_000;

/// Time of the processor.
fn timed<R>(times: u64, mut run: impl FnMut() -> R) -> Duration {
    let start = cpu::nanos();
    for _ in 0..times {
        black_box(run());
    }
    Duration::from_nanos(cpu::nanos() - start)
}

fn engine(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Elements(REQUESTS)).sample_size(20);
    for (name, case) in cases::CASES {
        let mut sim = Sim::new(cases::plan(case), 1);
        cases::run(&mut sim, 100_000);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| timed(times, || cases::run(&mut sim, REQUESTS)));
        });
        group.bench_function(format!("{name}, by hand"), |bencher| {
            bencher.iter_custom(|times| timed(times, || baseline::run(case, 1, REQUESTS)));
        });
    }
}

criterion_group!(benches, engine);
criterion_main!(benches);
