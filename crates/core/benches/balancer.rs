//! What one pick costs, for each algorithm, and how it grows with the pool.
//!
//! `cargo bench -p understudy-core --bench balancer`. Each figure is one request that is picked for and answered at
//! once: `pick` and `handle_result`. The pools are healthy; `weighted` ones have weights 1 to 5.
#![expect(missing_docs, reason = "criterion's macros make functions without")]

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use understudy_core::balancer::{Algorithm, Balancer, Outcome, Request, ServerConfig, Tried, Weight};
use understudy_core::{SimDuration, SimTime};

const SIZES: [u32; 4] = [10, 100, 1_000, 10_000];

fn pool(algorithm: Algorithm, size: u32, weight: impl Fn(u32) -> u32) -> Balancer {
    Balancer::new(algorithm, (0..size).map(|server| ServerConfig::from(Weight(weight(server)))))
}

/// One request after the other, a millisecond apart, each from another client.
fn picks(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, size: u32, mut balancer: Balancer) {
    let mut number: u32 = 0;
    let mut now = SimTime::ZERO;
    group.bench_function(BenchmarkId::new(name, size), |bencher| {
        bencher.iter(|| {
            number = number.wrapping_add(1);
            now += SimDuration::from_millis(1);
            let client = IpAddr::V4(Ipv4Addr::from_bits(number.wrapping_mul(2_654_435_769)));
            let request = Request::new(client, u64::from(number));
            let mut tried = Tried::default();
            let server = balancer.pick(now, &request, &mut tried).expect("all are up");
            let took = SimDuration::from_millis(5);
            balancer.handle_result(now, server, Outcome::Answered { took });
            black_box(server)
        });
    });
}

fn one_pick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one pick");
    for algorithm in Algorithm::ALL {
        for size in SIZES {
            picks(&mut group, algorithm.name(), size, pool(algorithm, size, |_| 1));
            let weighted = format!("{algorithm} weighted");
            picks(&mut group, &weighted, size, pool(algorithm, size, |server| 1 + server % 5));
        }
    }
    group.finish();
}

/// Where sorting the servers begins to pay: pools just below and above that size, visited one by one and sorted.
fn round_robin(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("round robin, small pools");
    for size in [3, 10, 20, 31, 32, 40, 60] {
        picks(&mut group, "weighted", size, pool(Algorithm::RoundRobin, size, |server| 1 + server % 5));
    }
    group.finish();
}

/// What a change of membership costs: the next pick after it makes Maglev's table anew.
fn membership(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a server goes down and comes up, with a pick after each");
    for algorithm in [Algorithm::RoundRobin, Algorithm::Maglev] {
        for size in SIZES {
            let mut balancer = pool(algorithm, size, |_| 1);
            let server = balancer.servers().next().expect("the pool is not empty");
            let mut answered = |change: fn(&mut Balancer, _)| {
                change(&mut balancer, server);
                balancer.send(SimTime::ZERO, &Request::default(), &mut Tried::default(), |_| true)
            };
            group.bench_function(BenchmarkId::new(algorithm.name(), size), |bencher| {
                bencher.iter(|| {
                    black_box(answered(|balancer, server| balancer.mark_down(server, SimTime::ZERO)));
                    black_box(answered(Balancer::mark_up));
                });
            });
        }
    }
    group.finish();
}

fn settings() -> Criterion {
    Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .without_plots()
}

criterion_group! {
    name = benches;
    config = settings();
    targets = one_pick, round_robin, membership
}
criterion_main!(benches);
