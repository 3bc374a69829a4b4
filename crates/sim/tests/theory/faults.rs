//! Components that fail and are repaired after exponential times, in series and in parallel.
//!
//! The test draws the faults and gives the commands. A service is measured twice: the share of the time at which a
//! request would be answered, by the truth about the nodes, and the share of the requests that were answered. The two
//! are the same because Poisson arrivals see time averages (PASTA); a balancer takes a health check longer to find
//! out, which is a thousandth of a repair here.

use std::rc::Rc;

use understudy_core::SimDuration;
use understudy_sim::ids::NodeId;
use understudy_sim::rng::Rng;
use understudy_sim::{Command, Plan, Scenario, Sim, SimTime, TimedCommand};

use super::closed_forms::{availability, parallel, series};
use super::{Comparison, Effort};

const TO_FAILURE: SimDuration = SimDuration::from_secs(4_000);
const TO_REPAIR: SimDuration = SimDuration::from_secs(1_000);

const SERIES: &str = r#"{"title":"Two in series","nodes":[
    {"kind":"clients","name":"clients","rate_per_s":0.2},
    {"kind":"firewall","name":"first"},
    {"kind":"web-server","name":"second","workers":8,"queue_limit":8,"service_time":{"constant":"1ms"}}],
  "links":[{"from":"clients","to":"first","latency":"0s"},{"from":"first","to":"second","latency":"0s"}]}"#;

const PARALLEL: &str = r#"{"title":"Two in parallel","nodes":[
    {"kind":"clients","name":"clients","rate_per_s":0.2},
    {"kind":"load-balancer","name":"lb-1","retry":true,"health_check":{"interval":"1s","fall":1,"rise":1}},
    {"kind":"web-server","name":"first","workers":8,"queue_limit":8,"service_time":{"constant":"1ms"}},
    {"kind":"web-server","name":"second","workers":8,"queue_limit":8,"service_time":{"constant":"1ms"}}],
  "links":[{"from":"clients","to":"lb-1","latency":"0s"},{"from":"lb-1","to":"first","latency":"0s"},
    {"from":"lb-1","to":"second","latency":"0s"}]}"#;

/// The two components' failures and repairs, in order of time.
fn faults(seed: u64, components: [NodeId; 2], until: SimTime) -> Vec<TimedCommand> {
    let mut faults = Vec::new();
    for (purpose, node) in ["theory/first", "theory/second"].into_iter().zip(components) {
        let mut rng = Rng::for_purpose(seed, purpose);
        let mut at = SimTime::ZERO;
        while at < until {
            at += rng.exponential(TO_FAILURE);
            faults.push(TimedCommand { at, command: Command::Kill(node) });
            at += rng.exponential(TO_REPAIR);
            faults.push(TimedCommand { at, command: Command::Revive(node) });
        }
    }
    faults.retain(|fault| fault.at < until);
    faults.sort_by_key(|fault| fault.at);
    faults
}

/// The share of the time for which `works`, and the share of the requests that were answered.
fn run(plan: &Rc<Plan>, seed: u64, failures: u32, works: fn([bool; 2]) -> bool) -> (f64, f64) {
    let until = SimTime::ZERO + (TO_FAILURE + TO_REPAIR) * u64::from(failures);
    let components = ["first", "second"].map(|name| plan.find(name).expect("it is there"));
    let mut sim = Sim::new(Rc::clone(plan), seed);
    let (mut good, mut since) = (SimDuration::ZERO, SimTime::ZERO);
    let mut up = [true; 2];
    for fault in faults(seed, components, until) {
        if works(up) {
            good += fault.at.since(since);
        }
        since = fault.at;
        sim.run_until(fault.at, u64::MAX);
        sim.command(fault.command).expect("both can be killed and revived");
        let snapshot = sim.examine().snapshot_without_flights();
        up = components.map(|node| snapshot.nodes[node.get()].truth.is_up());
    }
    if works(up) {
        good += until.since(since);
    }
    sim.run_until(until, u64::MAX);
    let answered = sim.totals().availability().expect("some requests have ended");
    (good.as_secs_f64() / until.as_secs_f64(), answered)
}

/// Both systems, both ways.
pub(super) fn compare(effort: Effort) -> Vec<Comparison> {
    let one = availability(TO_FAILURE.as_secs_f64(), TO_REPAIR.as_secs_f64());
    let mut compared = Vec::new();
    for (system, text, works, closed_form) in [
        (
            "two in series",
            SERIES,
            (|[first, second]| first && second) as fn([bool; 2]) -> bool,
            series(&[one; 2]),
        ),
        ("two in parallel", PARALLEL, |[first, second]| first || second, parallel(&[one; 2])),
    ] {
        let plan = Rc::new(Scenario::read("faults.json", text).expect("it makes sense"));
        let seeds = effort.first_seed..effort.first_seed + u64::from(effort.seeds);
        let (time, requests): (Vec<f64>, Vec<f64>) =
            seeds.map(|seed| run(&plan, seed, effort.failures, works)).unzip();
        compared.push(Comparison::new(system, "share of the time it works", closed_form, &time));
        compared.push(Comparison::new(system, "share of requests answered", closed_form, &requests));
    }
    compared
}
