//! What going back and forth in time costs: copies of the world, seeking, stepping back.
//!
//! `cargo bench -p understudy-sim --bench timeline`. Each scene runs ten simulated minutes at 1,000 requests per
//! second first and prints what it keeps; `benches/timeline` measures the same in WebAssembly.
#![expect(missing_docs, reason = "criterion's macros make functions without")]
#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the bench, not the simulator, reads a clock and prints its figures"
)]

use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use understudy_sim::{Scenario, SimTime, Timeline};

const SCENES: [(&str, &str); 2] = [
    ("small", include_str!("../../../benches/scenes/small.json")),
    ("classic", include_str!("../../../benches/scenes/classic.json")),
];
const MINUTES: u64 = 10;
const SEEKS: usize = 400;

/// Instants all over the run, the same every time.
fn instants() -> impl Iterator<Item = SimTime> {
    let mut state = 1_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        SimTime::from_millis((state >> 33) % (MINUTES * 60_000))
    })
}

fn ten_minutes(name: &str, text: &str) -> Timeline {
    let plan = Rc::new(Scenario::read(name, text).expect("the scene is right"));
    let mut timeline = Timeline::new(plan, 7);
    timeline.run_until(SimTime::from_secs(MINUTES * 60), u64::MAX);
    timeline
}

fn report(name: &str, timeline: &mut Timeline) {
    let end = timeline.end();
    println!(
        "{name}: {} events in {MINUTES} min, {} keyframes of about {} kB each, at most {} events replayed",
        timeline.sim().events(),
        timeline.keyframes(),
        timeline.keyframe_bytes() / timeline.keyframes() / 1_000,
        timeline.replay_limit(),
    );
    let mut took: Vec<Duration> =
        instants().take(SEEKS).map(|at| time(|| timeline.seek(at, u64::MAX))).collect();
    took.sort_unstable();
    println!("{name}: {SEEKS} seeks, median {:.2?}, worst {:.2?}", took[SEEKS / 2], took[SEEKS - 1]);
    timeline.seek(end, u64::MAX);
}

fn time<T>(act: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(act());
    start.elapsed()
}

fn travel(criterion: &mut Criterion) {
    for (name, text) in SCENES {
        let mut timeline = ten_minutes(name, text);
        report(name, &mut timeline);
        let mut group = criterion.benchmark_group(name);
        group.bench_function("copy of the world", |bencher| bencher.iter(|| timeline.sim().clone()));
        group.bench_function("fork", |bencher| bencher.iter(|| timeline.fork()));
        let mut instants = instants();
        group.bench_function("seek", |bencher| {
            bencher.iter(|| timeline.seek(instants.next().expect("they never end"), u64::MAX));
        });
        timeline.seek(SimTime::from_secs(MINUTES * 30), u64::MAX);
        group.bench_function("step back", |bencher| bencher.iter(|| timeline.step_back()));
    }
}

criterion_group!(benches, travel);
criterion_main!(benches);
