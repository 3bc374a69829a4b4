//! The practical limit: a loop that is written by hand for the plain case and nothing else.
//!
//! Poisson clients, round robin over servers with one worker each, exponential service and delays of links,
//! six events a request: sent, at the balancer, at the server, done, back at the balancer, back at the client. No faults, no health checks, no names, no
//! timeouts, no record: only the sum of the times. It takes what is fastest for that: a four-ary heap with 16-byte keys,
//! xoshiro256++, and the ziggurat of Marsaglia and Tsang ("The Ziggurat Method for Generating Random Variables", 2000)
//! for exponential draws.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "written for speed alone: its numbers are far from those limits"
)]

use std::collections::VecDeque;

/// The plain case in numbers; times in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain {
    /// Servers, with one worker each.
    pub(crate) servers: u32,
    /// Requests per second.
    pub(crate) rate_per_s: f64,
    /// Mean service time.
    pub(crate) service_ns: f64,
    /// Mean time of one way between clients and balancer.
    pub(crate) front_ns: f64,
    /// Mean time of one way between balancer and servers.
    pub(crate) back_ns: f64,
    /// Requests that may wait at a server.
    pub(crate) queue_limit: usize,
}

/// What a run counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    /// Requests that were answered.
    pub(crate) answered: u64,
    /// Requests that found the queue full.
    pub(crate) turned_away: u64,
    /// Events.
    pub(crate) events: u64,
    /// Sum of the answered requests' times.
    pub(crate) total_ns: u128,
}

/// xoshiro256++ by Blackman and Vigna.
struct Xoshiro([u64; 4]);

impl Xoshiro {
    fn new(mut seed: u64) -> Self {
        Self(std::array::from_fn(|_| {
            seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = seed;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        }))
    }

    fn next(&mut self) -> u64 {
        let [s0, s1, s2, s3] = self.0;
        let result = s0.wrapping_add(s3).rotate_left(23).wrapping_add(s0);
        let (s2, s3) = (s2 ^ s0, s3 ^ s1);
        self.0 = [s0 ^ s3, s1 ^ s2, s2 ^ (s1 << 17), s3.rotate_left(45)];
        result
    }
}

/// Exponential draws with mean 1: 256 layers of equal area under the curve.
struct Ziggurat {
    x: [f64; 257],
    y: [f64; 257],
}

impl Ziggurat {
    /// Where the tail begins, and the area of each layer.
    const TAIL: f64 = 7.697_117_470_131_05;
    const AREA: f64 = 0.003_949_659_822_581_572;

    fn new() -> Self {
        let (mut x, mut y) = ([0.0; 257], [0.0; 257]);
        x[1] = Self::TAIL;
        y[1] = libm::exp(-Self::TAIL);
        x[0] = Self::AREA / y[1];
        for layer in 2..=256 {
            y[layer] = y[layer - 1] + Self::AREA / x[layer - 1];
            x[layer] = if layer == 256 { 0.0 } else { -libm::log(y[layer]) };
        }
        Self { x, y }
    }

    fn draw(&self, random: &mut Xoshiro) -> f64 {
        let mut beyond = 0.0;
        loop {
            let bits = random.next();
            let layer = (bits & 0xFF) as usize;
            let unit = (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64);
            let x = unit * self.x[layer];
            if x < self.x[layer + 1] {
                return beyond + x;
            }
            if layer == 0 {
                // The tail is the whole curve again.
                beyond += Self::TAIL;
                continue;
            }
            let height = (random.next() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64);
            if self.y[layer] + height * (self.y[layer + 1] - self.y[layer]) < libm::exp(-x) {
                return beyond + x;
            }
        }
    }
}

/// A min-heap with four children a node.
struct Heap {
    items: Vec<(u128, Event)>,
    sequence: u64,
}

#[derive(Clone, Copy)]
enum Event {
    Emit,
    AtBalancer(u64),
    AtServer(u32, u64),
    Done(u32, u64),
    BackAtBalancer(u64),
    BackAtClient(u64),
    RefusedAtBalancer,
    RefusedAtClient,
}

impl Heap {
    fn push(&mut self, at: u64, event: Event) {
        let key = u128::from(at) << 64 | u128::from(self.sequence);
        self.sequence += 1;
        let mut hole = self.items.len();
        self.items.push((key, event));
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if self.items[parent].0 <= key {
                break;
            }
            self.items[hole] = self.items[parent];
            hole = parent;
        }
        self.items[hole] = (key, event);
    }

    fn pop(&mut self) -> Option<(u64, Event)> {
        let last = self.items.pop()?;
        let Some(&top) = self.items.first() else { return Some(((last.0 >> 64) as u64, last.1)) };
        let (mut hole, len) = (0, self.items.len());
        loop {
            let first = hole * 4 + 1;
            if first >= len {
                break;
            }
            let mut smallest = first;
            for child in first + 1..(first + 4).min(len) {
                if self.items[child].0 < self.items[smallest].0 {
                    smallest = child;
                }
            }
            if self.items[smallest].0 >= last.0 {
                break;
            }
            self.items[hole] = self.items[smallest];
            hole = smallest;
        }
        self.items[hole] = last;
        Some(((top.0 >> 64) as u64, top.1))
    }
}

/// Runs the plain case for so many sent requests.
pub(crate) fn run(plain: Plain, seed: u64, requests: u64) -> Counted {
    let ziggurat = Ziggurat::new();
    let mut random = Xoshiro::new(seed);
    let gap_ns = 1e9 / plain.rate_per_s;
    let mut servers: Vec<(bool, VecDeque<u64>)> = vec![(false, VecDeque::new()); plain.servers as usize];
    let mut heap = Heap { items: Vec::new(), sequence: 0 };
    let (mut counted, mut sent, mut turn) = (Counted::default(), 0, 0_u32);
    let mut draw = |mean_ns: f64| (ziggurat.draw(&mut random) * mean_ns) as u64;
    heap.push(draw(gap_ns), Event::Emit);
    while let Some((now, event)) = heap.pop() {
        counted.events += 1;
        match event {
            Event::Emit => {
                sent += 1;
                heap.push(now + draw(plain.front_ns), Event::AtBalancer(now));
                if sent < requests {
                    heap.push(now + draw(gap_ns), Event::Emit);
                }
            }
            Event::AtBalancer(born) => {
                heap.push(now + draw(plain.back_ns), Event::AtServer(turn, born));
                turn = if turn + 1 == plain.servers { 0 } else { turn + 1 };
            }
            Event::AtServer(server, born) => {
                let (busy, queue) = &mut servers[server as usize];
                if !*busy {
                    *busy = true;
                    let service = draw(plain.service_ns);
                    heap.push(now + service, Event::Done(server, born));
                } else if queue.len() < plain.queue_limit {
                    queue.push_back(born);
                } else {
                    heap.push(now + draw(plain.back_ns), Event::RefusedAtBalancer);
                }
            }
            Event::Done(server, born) => {
                heap.push(now + draw(plain.back_ns), Event::BackAtBalancer(born));
                let (busy, queue) = &mut servers[server as usize];
                if let Some(next) = queue.pop_front() {
                    let service = draw(plain.service_ns);
                    heap.push(now + service, Event::Done(server, next));
                } else {
                    *busy = false;
                }
            }
            Event::BackAtBalancer(born) => heap.push(now + draw(plain.front_ns), Event::BackAtClient(born)),
            Event::BackAtClient(born) => {
                counted.answered += 1;
                counted.total_ns += u128::from(now - born);
            }
            Event::RefusedAtBalancer => heap.push(now + draw(plain.front_ns), Event::RefusedAtClient),
            Event::RefusedAtClient => counted.turned_away += 1,
        }
    }
    counted
}
