//! What a run came to, as one JSON object for programs.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use understudy_sim::view::NodeDetail;
use understudy_sim::{Outcome, Sim};

/// Writes the object, indented, with a line break at its end.
pub(crate) fn write(out: &mut impl Write, sim: &Sim) -> io::Result<()> {
    writeln!(out, "{:#}", report(sim))
}

fn report(sim: &Sim) -> Value {
    let snapshot = sim.snapshot();
    let totals = snapshot.totals;
    json!({
        "scenario": sim.plan().title(),
        "seed": sim.seed(),
        "simulated_s": snapshot.now.as_secs_f64(),
        "events": sim.events(),
        "trace_hash": sim.trace_hash().to_string(),
        "requests": requests(sim),
        "availability": totals.availability(),
        "writes": { "acknowledged": totals.acknowledged_writes, "lost": totals.lost_writes },
        "reads": { "total": totals.reads, "stale": totals.stale_reads },
        "nodes": nodes(sim),
    })
}

fn requests(sim: &Sim) -> Value {
    let totals = sim.snapshot().totals;
    let mut requests = Map::new();
    requests.insert("sent".into(), totals.sent.into());
    for outcome in Outcome::ALL {
        requests.insert(key(outcome), totals.of(outcome).into());
    }
    requests.insert("in_flight".into(), totals.in_flight().into());
    Value::Object(requests)
}

/// An outcome's name in snake case.
fn key(outcome: Outcome) -> String {
    outcome.name().replace([' ', '-'], "_")
}

fn nodes(sim: &Sim) -> Value {
    let snapshot = sim.snapshot();
    let node =
        |((_, node), view): ((_, &understudy_sim::plan::PlanNode), &understudy_sim::view::NodeView)| {
            let mut fields = Map::new();
            fields.insert("kind".into(), node.kind.name().into());
            fields.insert("up".into(), view.truth.is_up().into());
            if let NodeDetail::Server { served, queued, .. } | NodeDetail::Database { served, queued, .. } =
                view.detail
            {
                fields.insert("served".into(), served.into());
                fields.insert("queued".into(), queued.into());
            }
            (node.name.clone(), Value::Object(fields))
        };
    Value::Object(sim.plan().nodes().zip(&snapshot.nodes).map(node).collect())
}
