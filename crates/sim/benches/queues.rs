//! Event queues: a binary heap, a four-ary heap and the engine's ring of buckets, at 10 to 100,000 pending events.
//!
//! `cargo bench -p understudy-sim --bench queues`. The *hold model*: take the earliest event, put one back an exponential
//! time later. The payload is as large as an event of the simulator. Ties go first in, first out in all of them, which is
//! checked before anything is measured.
#![expect(missing_docs, reason = "criterion's macros make functions without documentation")]

extern crate alloc;

mod cpu;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use understudy_sim::rng::{self, Rng};
use understudy_sim::{SimDuration, SimTime};

/// What stands for an event.
type Payload = [u64; 4];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    at: u64,
    sequence: u64,
    payload: Payload,
}

impl Item {
    const fn key(&self) -> u128 {
        (self.at as u128) << 64 | self.sequence as u128
    }
}

/// What every queue does.
trait Queue: Default {
    fn push(&mut self, item: Item);
    fn pop(&mut self) -> Option<Item>;
}

#[derive(Default)]
struct Binary(BinaryHeap<Reverse<Item>>);

impl Queue for Binary {
    fn push(&mut self, item: Item) {
        self.0.push(Reverse(item));
    }

    fn pop(&mut self) -> Option<Item> {
        self.0.pop().map(|Reverse(item)| item)
    }
}

#[derive(Default)]
struct FourAry(Vec<Item>);

impl Queue for FourAry {
    fn push(&mut self, item: Item) {
        let mut hole = self.0.len();
        self.0.push(item);
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if self.0[parent].key() < item.key() {
                break;
            }
            self.0[hole] = self.0[parent];
            hole = parent;
        }
        self.0[hole] = item;
    }

    fn pop(&mut self) -> Option<Item> {
        let last = self.0.pop()?;
        let Some(&first) = self.0.first() else { return Some(last) };
        let mut hole = 0;
        loop {
            let start = hole * 4 + 1;
            let children = start..self.0.len().min(start + 4);
            let Some(smallest) = children.min_by_key(|&child| self.0[child].key()) else { break };
            if self.0[smallest].key() >= last.key() {
                break;
            }
            self.0[hole] = self.0[smallest];
            hole = smallest;
        }
        self.0[hole] = last;
        Some(first)
    }
}

/// The engine's own queue: the same source.
#[expect(dead_code, reason = "not all that the engine asks of it is measured")]
#[path = "../src/queue.rs"]
mod engine;

#[derive(Default)]
struct Ring(engine::EventQueue<Payload>);

impl Queue for Ring {
    fn push(&mut self, item: Item) {
        // It counts for itself, as each item is put in once.
        self.0.schedule(SimTime::from_nanos(item.at), item.payload);
    }

    fn pop(&mut self) -> Option<Item> {
        let next = self.0.pop_due(SimTime::MAX)?;
        Some(Item { at: next.at.as_nanos(), sequence: next.sequence, payload: next.event })
    }
}

/// A queue with so many pending events, and what to draw from.
struct Hold<Q> {
    queue: Q,
    rng: Rng,
    sequence: u64,
}

impl<Q: Queue> Hold<Q> {
    fn new(pending: u64) -> Self {
        let mut hold = Self { queue: Q::default(), rng: Rng::for_purpose(1, "bench"), sequence: 0 };
        (0..pending).for_each(|_| hold.put(0));
        hold
    }

    fn put(&mut self, now: u64) {
        let at = now + self.rng.exponential(SimDuration::from_millis(10)).as_nanos();
        self.queue.push(Item { at, sequence: self.sequence, payload: [self.sequence; 4] });
        self.sequence += 1;
    }

    fn step(&mut self) -> Item {
        let item = self.queue.pop().expect("as many go in as come out");
        self.put(item.at);
        item
    }
}

fn keys<Q: Queue>(pending: u64) -> Vec<u128> {
    let mut hold = Hold::<Q>::new(pending);
    (0..20_000).map(|_| hold.step().key()).collect()
}

fn measure<Q: Queue>(criterion: &mut Criterion, name: &str) {
    let mut group = criterion.benchmark_group("queues");
    for pending in [10, 100, 1_000, 10_000, 100_000] {
        assert_eq!(keys::<Q>(pending), keys::<Binary>(pending), "{name} keeps the order");
        let mut hold = Hold::<Q>::new(pending);
        (0..pending * 4).for_each(|_| {
            black_box(hold.step());
        });
        group.bench_function(BenchmarkId::new(name, pending), |bencher| {
            bencher.iter_custom(|times| {
                let start = cpu::nanos();
                for _ in 0..times {
                    black_box(hold.step());
                }
                Duration::from_nanos(cpu::nanos() - start)
            });
        });
    }
}

fn queues(criterion: &mut Criterion) {
    measure::<Binary>(criterion, "binary heap");
    measure::<FourAry>(criterion, "four-ary heap");
    measure::<Ring>(criterion, "the engine's");
}

criterion_group!(benches, queues);
criterion_main!(benches);
