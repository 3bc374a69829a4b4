//! One server with workers and a queue, straight behind a Poisson population: M/M/1, M/M/c, M/D/1, M/M/c/K.

use std::rc::Rc;

use understudy_sim::{Outcome, Scenario, Sim, SimTime};

use super::closed_forms::{erlang_b, md1_time, micros, mm1_time, mmc_time, mmck_loss};
use super::{Comparison, Effort};

/// Mean service time, in seconds.
const SERVICE_S: f64 = 0.010;

/// A queue to simulate.
#[derive(Clone, Copy)]
struct Queue {
    workers: u32,
    /// Places for those that wait.
    waiting: u32,
    /// Offered load, in Erlang.
    load: f64,
    service: &'static str,
}

/// What one run measured.
struct Measured {
    time: f64,
    loss: f64,
    utilisation: f64,
}

impl Queue {
    fn run(self, seed: u64, requests: u32) -> Measured {
        let Self { workers, waiting, load, service } = self;
        let (rate, time) = (load / SERVICE_S, micros(SERVICE_S));
        let text = format!(
            r#"{{"title":"A queue","nodes":[
                {{"kind":"clients","name":"clients","rate_per_s":{rate},"timeout":"10h"}},
                {{"kind":"web-server","name":"server","workers":{workers},"queue_limit":{waiting},
                  "service_time":{{"{service}":"{time}"}}}}],
              "links":[{{"from":"clients","to":"server","latency":"0s"}}]}}"#
        );
        let plan = Rc::new(Scenario::read("queue.json", &text).expect("it makes sense"));
        let server = plan.find("server").expect("it is there");
        let mut sim = Sim::new(plan, seed);
        // The first hundredth is thrown away: the queue starts empty.
        let seconds = f64::from(requests) / rate;
        sim.run_until(instant(seconds * 0.01), u64::MAX);
        let before = (sim.metrics().latencies(), *sim.totals(), sim.work()[server.get()].busy_ns);
        let end = instant(seconds);
        sim.run_until(end, u64::MAX);
        let (after, totals) = (sim.metrics().latencies(), *sim.totals());
        let sum = |histogram: &understudy_sim::metrics::Histogram| {
            let summary = histogram.summary();
            (count(summary.count), histogram.mean().map_or(0.0, understudy_sim::SimDuration::as_secs_f64))
        };
        let ((n0, mean0), (n1, mean1)) = (sum(&before.0), sum(&after));
        let refused = count(totals.of(Outcome::QueueFull) - before.1.of(Outcome::QueueFull));
        let busy = count(sim.work()[server.get()].busy_ns - before.2) / 1e9;
        Measured {
            time: (n1 * mean1 - n0 * mean0) / (n1 - n0) / SERVICE_S,
            loss: refused / count(totals.ended() - before.1.ended()),
            utilisation: busy / (f64::from(workers) * seconds * 0.99),
        }
    }
}

fn instant(seconds: f64) -> SimTime {
    micros(seconds).parse().expect("a time")
}

#[expect(clippy::cast_precision_loss, reason = "counts of a test are small")]
fn count(number: u64) -> f64 {
    number as f64
}

/// All queues.
pub(super) fn compare(effort: Effort) -> Vec<Comparison> {
    const TIME: &str = "mean time in the system, in service times";
    const LOSS: &str = "share of requests turned away";
    const BUSY: &str = "busy share of the workers";
    let endless = 1_000_000;
    let queue = |workers, waiting, load, service| {
        let queue = Queue { workers, waiting, load, service };
        let seeds = effort.first_seed..effort.first_seed + u64::from(effort.seeds);
        seeds.map(|seed| queue.run(seed, effort.requests)).collect::<Vec<_>>()
    };
    let figures =
        |runs: &[Measured], figure: fn(&Measured) -> f64| runs.iter().map(figure).collect::<Vec<_>>();
    let mut compared = Vec::new();
    let mut add = |system: &str, figure, closed_form, figures: Vec<f64>| {
        compared.push(Comparison::new(system, figure, closed_form, &figures));
    };
    let half = queue(1, endless, 0.5, "exponential");
    add("M/M/1, load 0.5", TIME, mm1_time(0.5), figures(&half, |run| run.time));
    add("M/M/1, load 0.5", BUSY, 0.5, figures(&half, |run| run.utilisation));
    let full = queue(1, endless, 0.8, "exponential");
    add("M/M/1, load 0.8", TIME, mm1_time(0.8), figures(&full, |run| run.time));
    let four = queue(4, endless, 3.2, "exponential");
    add("M/M/4 (Erlang C), load 3.2", TIME, mmc_time(4, 3.2), figures(&four, |run| run.time));
    add("M/M/4 (Erlang C), load 3.2", BUSY, 0.8, figures(&four, |run| run.utilisation));
    let constant = queue(1, endless, 0.8, "constant");
    add("M/D/1, load 0.8", TIME, md1_time(0.8), figures(&constant, |run| run.time));
    let none_waits = queue(4, 0, 3.0, "exponential");
    add("M/M/4/4 (Erlang B), load 3", LOSS, erlang_b(4, 3.0), figures(&none_waits, |run| run.loss));
    // Erlang B does not depend on the distribution of the service time.
    let constant_loss = queue(4, 0, 3.0, "constant");
    add("M/D/4/4 (Erlang B), load 3", LOSS, erlang_b(4, 3.0), figures(&constant_loss, |run| run.loss));
    let some_wait = queue(2, 4, 1.8, "exponential");
    add("M/M/2/6, load 1.8", LOSS, mmck_loss(2, 6, 1.8), figures(&some_wait, |run| run.loss));
    compared
}
