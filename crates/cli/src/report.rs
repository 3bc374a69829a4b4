//! What a run came to, as one JSON object for programs.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use understudy_sim::metrics::{Failover, FailoverKind, Latency, WorkTotals};
use understudy_sim::view::{NodeDetail, NodeView};
use understudy_sim::{Outcome, Plan, Sim, SimDuration, Totals};

/// Writes the object, indented, with a line break at its end.
pub(crate) fn write(out: &mut impl Write, sim: &Sim) -> io::Result<()> {
    writeln!(out, "{:#}", report(sim))
}

fn report(sim: &Sim) -> Value {
    let totals = sim.totals();
    let failovers = sim.metrics().incidents().failovers().iter();
    json!({
        "scenario": sim.plan().title(),
        "seed": sim.seed(),
        "simulated_s": sim.now().as_secs_f64(),
        "events": sim.events(),
        "trace_hash": sim.trace_hash().to_string(),
        "requests": requests(totals),
        "latency_ms": latency(sim.metrics().latencies().summary()),
        "availability": totals.availability(),
        "writes": { "acknowledged": totals.acknowledged_writes, "lost": totals.lost_writes },
        "reads": { "total": totals.reads, "stale": totals.stale_reads },
        "failovers": failovers.map(|failover| describe(failover, sim.plan())).collect::<Value>(),
        "nodes": nodes(sim),
    })
}

fn requests(totals: &Totals) -> Value {
    let mut requests = Map::new();
    requests.insert("sent".into(), totals.sent.into());
    for outcome in Outcome::ALL {
        // The name in snake case.
        requests.insert(outcome.name().replace([' ', '-'], "_"), totals.of(outcome).into());
    }
    requests.insert("in_flight".into(), totals.in_flight().into());
    Value::Object(requests)
}

/// Of the answered requests; null before the first.
fn latency(latency: Latency) -> Value {
    // Divided once, so that 272.6 ms reads 272.6.
    #[expect(clippy::cast_precision_loss, reason = "exact below a hundred days")]
    let ms = |duration: SimDuration| (latency.count > 0).then(|| duration.as_nanos() as f64 / 1e6);
    json!({ "p50": ms(latency.p50), "p95": ms(latency.p95), "p99": ms(latency.p99), "max": ms(latency.max) })
}

/// Times in seconds; null for what has not happened.
fn describe(failover: &Failover, plan: &Plan) -> Value {
    let kind = match failover.kind {
        FailoverKind::TakenOut => "taken_out",
        FailoverKind::Takeover => "takeover",
        FailoverKind::Promotion => "promotion",
    };
    let seconds = |duration: SimDuration| duration.as_secs_f64();
    json!({
        "kind": kind,
        "component": plan.name(failover.component),
        "from": plan.name(failover.from),
        "to": failover.to.map(|node| plan.name(node)),
        "fault_at_s": failover.fault_at.map(understudy_sim::SimTime::as_secs_f64),
        "detected_after_s": failover.detected_after().map(seconds),
        "recovered_after_s": failover.recovered_after().map(seconds),
    })
}

fn nodes(sim: &Sim) -> Value {
    let snapshot = sim.snapshot();
    let work = sim.work();
    let views = snapshot.nodes.iter().zip(&work);
    let nodes = sim.plan().nodes().zip(views);
    let node =
        |((_, node), (view, work)): ((_, &understudy_sim::plan::PlanNode), (&NodeView, &WorkTotals))| {
            let mut fields = Map::new();
            fields.insert("kind".into(), node.kind.name().into());
            fields.insert("up".into(), view.truth.is_up().into());
            if work.workers > 0 {
                fields.insert("served".into(), work.served.into());
                fields.insert("queued".into(), work.queued.into());
                fields.insert("utilisation".into(), work.utilisation(sim.now()).into());
            }
            if let NodeDetail::LoadBalancer { pool, .. } = &view.detail {
                let picked: Map<String, Value> = pool
                    .iter()
                    .map(|entry| (sim.plan().name(entry.server).to_owned(), entry.picked.into()))
                    .collect();
                fields.insert("picked".into(), Value::Object(picked));
            }
            (node.name.clone(), Value::Object(fields))
        };
    Value::Object(nodes.map(node).collect())
}
