//! Scenario files and saved runs from strangers: reading never panics, says what is wrong, and what it takes can be run.
//!
//! `FUZZ_CASES=1000000 cargo test --release -p understudy-sim --test main strangers` looks for longer.

use std::rc::Rc;

use bolero::check;
use understudy_sim::saved;
use understudy_sim::{Plan, Scenario, SimTime, Timeline};

/// Cases of a run of the tests.
const CASES: usize = 3_000;
/// Work that a scenario is tried with.
const EVENTS: u64 = 300;

const SCENES: [&str; 4] = [
    include_str!("../../../scenarios/three-web-servers.json"),
    include_str!("../../../scenarios/two-balancers.json"),
    include_str!("../../../scenarios/primary-and-replicas.json"),
    include_str!("../../../scenarios/classic-stack.json"),
];

/// What a change puts into a file: what breaks its form, its numbers, its names.
const PIECES: [&str; 20] = [
    "",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "0",
    "-1",
    "1e309",
    "99999999999999999999",
    "null",
    "true",
    "\u{e4}",
    "\\u0000",
    "\"0s\"",
    "\"web-1\"",
    "\"1000h\"",
    "<script>",
];

#[expect(clippy::disallowed_methods, reason = "a test may be told how long to look")]
fn cases() -> usize {
    std::env::var("FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

/// A scenario with a few places changed: bytes in fours say where, how much is cut and what is put there.
fn changed(bytes: &[u8]) -> String {
    let scene = SCENES[bytes.first().map_or(0, |byte| usize::from(*byte) % SCENES.len())];
    let mut text: Vec<char> = scene.chars().collect();
    for change in bytes.get(1..).unwrap_or_default().chunks_exact(4).take(4) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]])) % text.len();
        let end = (place + usize::from(change[2] % 16)).min(text.len());
        text.splice(place..end, PIECES[usize::from(change[3]) % PIECES.len()].chars());
    }
    text.into_iter().collect()
}

/// What was taken runs, as far as a little work goes.
fn run(plan: Plan) {
    let mut timeline = Timeline::new(Rc::new(plan), 7);
    let _ = timeline.run_until(SimTime::from_millis(60_000), EVENTS);
    let snapshot = timeline.sim().snapshot();
    assert_eq!(snapshot.nodes.len(), timeline.plan().nodes().len());
}

fn hold(text: &str) {
    match Scenario::read("a stranger's file", text) {
        Ok(plan) => run(plan),
        Err(error) => assert!(!error.problem.is_empty() && !error.place.is_empty(), "{text}"),
    }
}

#[test]
fn any_bytes_as_a_scenario() {
    check!().with_iterations(cases()).for_each(|bytes| hold(&String::from_utf8_lossy(bytes)));
}

#[test]
fn a_shipped_scenario_with_a_few_places_changed() {
    check!().with_iterations(cases()).for_each(|bytes| hold(&changed(bytes)));
}

#[test]
fn a_saved_run_with_a_changed_scenario_or_broken_commands() {
    check!().with_iterations(cases()).for_each(|bytes| {
        let commands = String::from_utf8_lossy(bytes.get(..bytes.len().min(40)).unwrap_or_default()).into_owned();
        let commands = serde_json::Value::from(commands);
        let scenario = changed(bytes);
        let text = format!(
            "{{\"understudy_run\": 1, \"seed\": 1, \"at\": \"1s\", \"commands\": [{commands}], \"scenario\": {scenario}}}"
        );
        match saved::read("a stranger's file", &text) {
            Ok(saved) => run(saved.plan),
            Err(error) => assert!(!error.problem.is_empty() && !error.place.is_empty(), "{text}"),
        }
    });
}
