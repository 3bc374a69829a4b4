//! Event queues: a binary heap, a four-ary heap and a ring of buckets, at 100 to 100,000 pending events.
//!
//! `cargo bench -p understudy-sim --bench queues`. The *hold model*: take the earliest event, put one back an exponential
//! time later. The payload is as large as an event of the simulator. Ties go first in, first out in all of them, which is
//! checked before anything is measured.
#![expect(
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a bench, and criterion's macros make functions without documentation"
)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use understudy_sim::SimDuration;
use understudy_sim::rng::Rng;

/// What stands for an event.
type Payload = [u64; 5];

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

/// A ring of buckets, each of which covers so much time; what lies beyond the ring waits in a heap. The bucket that is
/// being emptied is sorted; the width follows the distance between events.
struct Ring {
    buckets: Vec<Vec<Item>>,
    /// The bucket of the present, latest first.
    current: Vec<Item>,
    /// Number of the current bucket: its time divided by the width.
    base: u64,
    /// The width is a power of two.
    shift: u32,
    waiting: usize,
    far: BinaryHeap<Reverse<Item>>,
    popped: u64,
    since: u64,
}

const BUCKETS: u64 = 1_024;
/// Pops between two looks at the width.
const ADAPT: u64 = 4_096;

impl Default for Ring {
    fn default() -> Self {
        Self {
            buckets: vec![Vec::new(); BUCKETS as usize],
            current: Vec::new(),
            base: 0,
            shift: 20,
            waiting: 0,
            far: BinaryHeap::new(),
            popped: 0,
            since: 0,
        }
    }
}

impl Ring {
    /// Sets the width so that a bucket holds two events or so.
    fn adapt(&mut self, now: u64) {
        let gap = (now - self.since) / ADAPT;
        self.since = now;
        let shift = 64 - (gap.max(1) * 2).leading_zeros();
        if shift.abs_diff(self.shift) < 2 {
            return;
        }
        let mut items: Vec<Item> = self.current.drain(..).collect();
        self.buckets.iter_mut().for_each(|bucket| items.append(bucket));
        items.extend(self.far.drain().map(|Reverse(item)| item));
        self.waiting = 0;
        self.shift = shift;
        self.base = now >> shift;
        for item in items {
            self.push(item);
        }
    }
}

impl Queue for Ring {
    fn push(&mut self, item: Item) {
        let bucket = item.at >> self.shift;
        if bucket <= self.base {
            let place = self.current.partition_point(|other| other.key() > item.key());
            self.current.insert(place, item);
        } else if bucket < self.base + BUCKETS {
            self.buckets[(bucket % BUCKETS) as usize].push(item);
            self.waiting += 1;
        } else {
            self.far.push(Reverse(item));
        }
    }

    fn pop(&mut self) -> Option<Item> {
        while self.current.is_empty() {
            if self.waiting == 0 {
                // Straight to the next event, however far.
                self.base = self.far.peek()?.0.at >> self.shift;
            } else {
                self.base += 1;
            }
            while let Some(Reverse(item)) = self.far.peek()
                && item.at >> self.shift < self.base + BUCKETS
            {
                let item = *item;
                self.far.pop();
                self.buckets[((item.at >> self.shift) % BUCKETS) as usize].push(item);
                self.waiting += 1;
            }
            std::mem::swap(&mut self.current, &mut self.buckets[(self.base % BUCKETS) as usize]);
            self.waiting -= self.current.len();
            self.current.sort_unstable_by_key(|item| Reverse(item.key()));
        }
        let item = self.current.pop()?;
        self.popped += 1;
        if self.popped.is_multiple_of(ADAPT) {
            self.adapt(item.at);
        }
        Some(item)
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
        self.queue.push(Item { at, sequence: self.sequence, payload: [self.sequence; 5] });
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
    for pending in [100, 1_000, 10_000, 100_000] {
        assert_eq!(keys::<Q>(pending), keys::<Binary>(pending), "{name} keeps the order");
        let mut hold = Hold::<Q>::new(pending);
        (0..pending * 4).for_each(|_| {
            black_box(hold.step());
        });
        group.bench_function(BenchmarkId::new(name, pending), |bencher| {
            bencher.iter(|| black_box(hold.step()));
        });
    }
}

fn queues(criterion: &mut Criterion) {
    measure::<Binary>(criterion, "binary heap");
    measure::<FourAry>(criterion, "four-ary heap");
    measure::<Ring>(criterion, "bucket ring");
}

criterion_group!(benches, queues);
criterion_main!(benches);
