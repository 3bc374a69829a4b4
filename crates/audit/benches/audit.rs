//! How fast an audit is and how it grows: `cargo bench -p understudy-audit`.
#![expect(missing_docs, reason = "criterion's macros make functions without")]

mod stack;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use understudy_audit::availability::Effort;
use understudy_audit::system::System;

use crate::stack::stack;

fn single_losses(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("single_losses");
    group.sample_size(10);
    for nodes in [20, 200, 2_000] {
        let plan = stack(nodes);
        group.bench_with_input(BenchmarkId::from_parameter(nodes), &plan, |bencher, plan| {
            bencher.iter(|| black_box(System::new(plan).weaknesses()));
        });
    }
    group.finish();
}

fn pairs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pairs");
    group.sample_size(10);
    for nodes in [20, 200] {
        let plan = stack(nodes);
        group.bench_with_input(BenchmarkId::from_parameter(nodes), &plan, |bencher, plan| {
            bencher.iter(|| black_box(System::new(plan).pairs()));
        });
    }
    group.finish();
}

fn availability(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("availability");
    group.sample_size(10);
    for nodes in [20, 200] {
        let plan = stack(nodes);
        group.bench_with_input(BenchmarkId::from_parameter(nodes), &plan, |bencher, plan| {
            bencher.iter(|| {
                let system = System::new(plan);
                black_box(system.availability(&[], Effort { states: 2_000, ..Effort::default() }))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, single_losses, pairs, availability);
criterion_main!(benches);
