//! The state of a figure as plain data, for the page around it.

use understudy_lessons::{Fact, Scene};
use understudy_sim::Timeline;
use understudy_sim::json::Json;

/// What is told of all requests and of the data: facts by their names, as in docs/lessons.md.
const FACTS: [&str; 15] = [
    "sent",
    "answered",
    "failed",
    "refused",
    "timed_out",
    "queue_full",
    "rejected",
    "dropped",
    "in_flight",
    "answered_percent",
    "latency_p50_ms",
    "latency_p99_ms",
    "acknowledged_writes",
    "lost_writes",
    "stale_reads",
];

/// A text.
pub fn text(text: impl Into<String>) -> Json {
    Json::Text(text.into())
}

/// A number.
pub fn number(number: f64) -> Json {
    Json::Number(number)
}

/// Fields.
pub fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
}

/// The state of the run.
pub fn of(timeline: &Timeline, playing: bool) -> Json {
    let (plan, sim) = (timeline.plan(), timeline.sim());
    let snapshot = sim.snapshot_with(0);
    let scene = Scene::new(sim, &snapshot);
    let value = |fact: &str| {
        Fact::parse(fact, plan).ok().and_then(|fact| scene.number(&fact)).map_or(Json::Null, Json::Number)
    };
    let facts = FACTS.iter().map(|name| ((*name).to_string(), value(name))).collect();
    let node = |name: &str, kind: &str| {
        object([("name", text(name)), ("kind", text(kind)), ("alive", value(&["alive@", name].concat()))])
    };
    let nodes = plan.nodes().map(|(_, it)| node(&it.name, it.kind.name())).collect();
    let now = timeline.now();
    let given = timeline.commands().iter().filter(|timed| timed.at <= now);
    let commands = given.map(|timed| text(timed.write(plan))).collect();
    object([
        ("title", text(plan.title())),
        ("t", number(now.as_secs_f64())),
        ("playing", Json::Bool(playing)),
        ("seed", text(timeline.seed().to_string())),
        ("commands", Json::List(commands)),
        ("facts", Json::Object(facts)),
        ("nodes", Json::List(nodes)),
        ("hash", text(sim.trace_hash().to_string())),
    ])
}
