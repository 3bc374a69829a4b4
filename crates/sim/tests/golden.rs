//! The same scenario, seed and commands give the same trace: here, in WebAssembly, tomorrow.
//!
//! `BLESS=1 cargo test -p understudy-sim --test main golden` writes the traces anew; look at what changed before you
//! commit it.

use std::rc::Rc;

use understudy_sim::{Scenario, Sim, SimTime, TimedCommand};

/// A run whose trace is kept.
struct Golden {
    name: &'static str,
    scenario: &'static str,
    trace: &'static str,
    /// How many of the first events are kept line by line.
    lines: u32,
    seconds: u64,
    commands: &'static [&'static str],
}

macro_rules! golden {
    ($name:literal, $lines:literal, $seconds:literal, $commands:expr) => {
        Golden {
            name: $name,
            scenario: include_str!(concat!("../../../scenarios/", $name, ".json")),
            trace: include_str!(concat!("golden/", $name, ".txt")),
            lines: $lines,
            seconds: $seconds,
            commands: $commands,
        }
    };
}

const GOLDEN: [Golden; 7] = [
    golden!(
        "three-web-servers",
        120,
        20,
        &["2s kill web-2", "9.5s revive web-2", "12s retry lb-1 on", "12s kill web-1"]
    ),
    golden!("two-balancers", 40, 25, &["8s kill lb-1", "16s revive lb-1", "20s cut lb-1 lb-2"]),
    golden!("primary-and-replicas", 40, 30, &["8s kill db-1", "20s revive db-1"]),
    golden!("two-primaries", 40, 35, &[]),
    golden!("open-to-the-world", 40, 60, &["20s kill firewall", "22s revive firewall"]),
    golden!("unmonitored", 40, 60, &["20s monitoring monitor on", "50s kill monitor"]),
    golden!(
        "classic-stack",
        40,
        40,
        &[
            "3s kill-mid-request web-2",
            "5s lose firewall lb-1 5%",
            "8s overload Readers 3x 2s",
            "12s restart lb-1",
            "14s commit any 1",
            "16s weight web-1 3",
            "18s algorithm lb-1 peak-ewma",
            "20s standby web-3 on",
            "20s pool lb-1 active-passive",
            "24s stop db-1",
            "30s revive db-1",
            "25s attack attacker scan",
            "26s https off",
            "28s record dns firewall off",
            "32s revive web-2"
        ]
    ),
];

/// The run's first events line by line, then its hash at every second.
fn record(golden: &Golden) -> String {
    let plan = Rc::new(Scenario::read(golden.name, golden.scenario).expect("a shipped scenario is right"));
    let mut sim = Sim::new(Rc::clone(&plan), 7);
    for text in golden.commands {
        let timed = TimedCommand::parse(text, &plan).expect("the test's commands are right");
        sim.schedule(timed).expect("the commands make sense");
    }
    let mut lines = vec![String::from("# The first events, and every command")];
    let mut entries = 0;
    let mut hashes = vec![String::from("# Second, events so far, hash of all of them")];
    for second in 1..=golden.seconds {
        while let Some(entry) = sim.step(SimTime::from_secs(second)) {
            entries += 1;
            if entries <= golden.lines || entry.is_command() {
                lines.push(entry.line(&plan));
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
fn the_traces_are_the_golden_ones() {
    for golden in &GOLDEN {
        let recorded = record(golden);
        #[cfg(not(target_arch = "wasm32"))]
        if blessed(golden.name, &recorded) {
            continue;
        }
        for (number, (now, then)) in recorded.lines().zip(golden.trace.lines()).enumerate() {
            assert_eq!(now, then, "{}: line {} differs from the golden trace", golden.name, number + 1);
        }
        assert_eq!(recorded.lines().count(), golden.trace.lines().count(), "{}", golden.name);
    }
}

/// Whether the person asked for `recorded` to become the golden trace; then it is.
#[cfg(not(target_arch = "wasm32"))]
#[expect(
    clippy::disallowed_methods,
    reason = "the test, not the simulator, reads its environment and writes a file"
)]
fn blessed(name: &str, recorded: &str) -> bool {
    let asked = std::env::var_os("BLESS").is_some();
    if asked {
        let path = format!("{}/tests/golden/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, recorded).expect("the golden file can be written");
    }
    asked
}
