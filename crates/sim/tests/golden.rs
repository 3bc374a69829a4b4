//! The same scenario, seed and commands give the same trace: here, in WebAssembly, tomorrow.
//!
//! `BLESS=1 cargo test -p understudy-sim` writes the traces anew; look at what changed before you commit it.

use std::rc::Rc;

use understudy_sim::{Scenario, Sim, SimTime, TimedCommand};

const SCENARIO: &str = include_str!("../../../scenarios/three-web-servers.json");
const GOLDEN: &str = include_str!("golden/three-web-servers.txt");
const COMMANDS: [&str; 4] = ["2s kill web-2", "9.5s revive web-2", "12s retry lb-1 on", "12s kill web-1"];

/// The run's first events line by line, then its hash at every second.
fn record() -> String {
    let plan =
        Rc::new(Scenario::read("three-web-servers.json", SCENARIO).expect("a shipped scenario is right"));
    let mut sim = Sim::new(Rc::clone(&plan), 7);
    for text in COMMANDS {
        let timed = TimedCommand::parse(text, &plan).expect("the test's commands are right");
        sim.schedule(timed).expect("the commands make sense");
    }
    let mut lines = vec![String::from("# The first events, and every command")];
    let mut entries = 0;
    let mut hashes = vec![String::from("# Second, events so far, hash of all of them")];
    for second in 1..=20 {
        while let Some(entry) = sim.step(SimTime::from_secs(second)) {
            entries += 1;
            let line = entry.line(&plan);
            if entries <= 120 || line.contains(" command ") {
                lines.push(line);
            }
        }
        hashes.push(format!("{second:>3} {:>6} {}", sim.events(), sim.trace_hash()));
    }
    lines.append(&mut hashes);
    lines.push(String::new());
    lines.join("\n")
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_trace_is_the_golden_one() {
    let recorded = record();
    #[cfg(not(target_arch = "wasm32"))]
    if blessed(&recorded) {
        return;
    }
    for (number, (now, then)) in recorded.lines().zip(GOLDEN.lines()).enumerate() {
        assert_eq!(now, then, "line {} of the trace differs from the golden one", number + 1);
    }
    assert_eq!(recorded.lines().count(), GOLDEN.lines().count());
}

/// Whether the person asked for `recorded` to become the golden trace; then it is.
#[cfg(not(target_arch = "wasm32"))]
#[expect(
    clippy::disallowed_methods,
    reason = "the test, not the simulator, reads its environment and writes a file"
)]
fn blessed(recorded: &str) -> bool {
    let asked = std::env::var_os("BLESS").is_some();
    if asked {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/three-web-servers.txt");
        std::fs::write(path, recorded).expect("the golden file can be written");
    }
    asked
}
