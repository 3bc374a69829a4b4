//! The plain case in NeXosim: Poisson clients, round robin, servers with one worker each, exponential delays of links.
//!
//! Prints the requests per second of CPU time. One thread: the models do so little that handing them to several costs more
//! than it gains.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{EventSource, Output};
use nexosim::simulation::{Mailbox, SimInit, SimulationError};
use nexosim::time::MonotonicTime;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// Mean times of one way between clients and balancer, and between balancer and servers.
const FRONT_S: f64 = 0.020;
const BACK_S: f64 = 0.001;
const SERVICE_S: f64 = 0.010;

/// Requests that were sent: the same is counted of the engine.
static SENT: AtomicU64 = AtomicU64::new(0);

/// A generator that a model can keep: models can be saved, so it is made from its seed again where that happens.
#[derive(Serialize, Deserialize)]
struct Draws {
    #[serde(skip, default = "fresh")]
    random: SmallRng,
}

fn fresh() -> SmallRng {
    SmallRng::seed_from_u64(1)
}

impl Draws {
    fn new(seed: u64) -> Self {
        Self { random: SmallRng::seed_from_u64(seed) }
    }

    fn exponential(&mut self, mean_s: f64) -> Duration {
        let unit: f64 = self.random.random();
        Duration::from_nanos((-(1.0 - unit).ln() * mean_s * 1e9) as u64 + 1)
    }
}

#[derive(Serialize, Deserialize)]
struct Clients {
    gap_s: f64,
    draws: Draws,
    number: u64,
    request: Output<u64>,
}

#[Model]
impl Clients {
    #[nexosim(schedulable)]
    async fn emit(&mut self, _: (), cx: &Context<Self>) {
        self.number += 1;
        SENT.store(self.number, Ordering::Relaxed);
        self.request.send(self.number).await;
        let gap = self.draws.exponential(self.gap_s);
        cx.schedule_event(gap, schedulable!(Self::emit), ()).unwrap();
    }

    fn answer(&mut self, request: u64, cx: &Context<Self>) {
        let back = self.draws.exponential(FRONT_S);
        cx.schedule_event(back, schedulable!(Self::answered), request).unwrap();
    }

    #[nexosim(schedulable)]
    fn answered(&mut self, _: u64) {}
}

#[derive(Serialize, Deserialize)]
struct Balancer {
    draws: Draws,
    turn: usize,
    servers: Vec<Output<u64>>,
    reply: Output<u64>,
}

#[Model]
impl Balancer {
    fn request(&mut self, request: u64, cx: &Context<Self>) {
        let way = self.draws.exponential(FRONT_S);
        cx.schedule_event(way, schedulable!(Self::forward), request).unwrap();
    }

    #[nexosim(schedulable)]
    async fn forward(&mut self, request: u64) {
        let turn = self.turn;
        self.turn = (turn + 1) % self.servers.len();
        self.servers[turn].send(request).await;
    }

    fn answer(&mut self, request: u64, cx: &Context<Self>) {
        let back = self.draws.exponential(BACK_S);
        cx.schedule_event(back, schedulable!(Self::hand_back), request).unwrap();
    }

    #[nexosim(schedulable)]
    async fn hand_back(&mut self, request: u64) {
        self.reply.send(request).await;
    }
}

#[derive(Serialize, Deserialize)]
struct Server {
    draws: Draws,
    busy: bool,
    queue: VecDeque<u64>,
    queue_limit: usize,
    reply: Output<u64>,
}

#[Model]
impl Server {
    fn request(&mut self, request: u64, cx: &Context<Self>) {
        let way = self.draws.exponential(BACK_S);
        cx.schedule_event(way, schedulable!(Self::arrived), request).unwrap();
    }

    #[nexosim(schedulable)]
    async fn arrived(&mut self, request: u64, cx: &Context<Self>) {
        if !self.busy {
            self.busy = true;
            self.serve(request, cx);
        } else if self.queue.len() < self.queue_limit {
            self.queue.push_back(request);
        } else {
            self.reply.send(request).await;
        }
    }

    fn serve(&mut self, request: u64, cx: &Context<Self>) {
        let service = self.draws.exponential(SERVICE_S);
        cx.schedule_event(service, schedulable!(Self::done), request).unwrap();
    }

    #[nexosim(schedulable)]
    async fn done(&mut self, request: u64, cx: &Context<Self>) {
        self.reply.send(request).await;
        match self.queue.pop_front() {
            Some(next) => self.serve(next, cx),
            None => self.busy = false,
        }
    }
}

/// CPU time of this process so far, all threads.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("after the name").split_whitespace().collect();
    // User and system time, in hundredths of a second.
    (fields[11].parse::<f64>().expect("a number") + fields[12].parse::<f64>().expect("a number")) / 100.0
}

fn main() -> Result<(), SimulationError> {
    let arguments: Vec<f64> =
        std::env::args().skip(1).map(|word| word.parse().expect("SERVERS RATE QUEUE_LIMIT REQUESTS")).collect();
    let [servers, rate, queue_limit, requests] = arguments[..] else {
        panic!("SERVERS RATE QUEUE_LIMIT REQUESTS")
    };
    let mut bench = SimInit::with_num_threads(1);
    let (clients_box, balancer_box) = (Mailbox::new(), Mailbox::new());
    let mut clients =
        Clients { gap_s: 1.0 / rate, draws: Draws::new(0), number: 0, request: Output::default() };
    clients.request.connect(Balancer::request, &balancer_box);
    let mut balancer = Balancer { draws: Draws::new(1), turn: 0, servers: Vec::new(), reply: Output::default() };
    balancer.reply.connect(Clients::answer, &clients_box);
    for number in 0..servers as u64 {
        let mailbox = Mailbox::new();
        let mut to_server = Output::default();
        to_server.connect(Server::request, &mailbox);
        balancer.servers.push(to_server);
        let mut server = Server {
            draws: Draws::new(number + 2),
            busy: false,
            queue: VecDeque::new(),
            queue_limit: queue_limit as usize,
            reply: Output::default(),
        };
        server.reply.connect(Balancer::answer, &balancer_box);
        bench = bench.add_model(server, mailbox, &format!("server {number}"));
    }
    let start = EventSource::new().connect(Clients::emit, &clients_box).register(&mut bench);
    let mut simulation = bench
        .add_model(clients, clients_box, "clients")
        .add_model(balancer, balancer_box, "balancer")
        .init(MonotonicTime::EPOCH)?;
    simulation.process_event(&start, ())?;
    let began = cpu_seconds();
    simulation.step_until(Duration::from_secs_f64(requests / rate))?;
    let took = cpu_seconds() - began;
    println!("{:.0}", SENT.load(Ordering::Relaxed) as f64 / took);
    Ok(())
}
