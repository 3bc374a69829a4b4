//! The plain case for a script in Node and in a browser to time: `node benches/wasm/run.mjs`.

// The same files as the native bench. Of the baseline only its settings are used.
#[path = "../../../crates/sim/benches/baseline/mod.rs"]
#[expect(dead_code, reason = "only its settings are used: the engine is timed")]
mod baseline;
#[path = "../../../crates/sim/benches/cases.rs"]
mod cases;

use understudy_sim::Sim;
use wasm_bindgen::prelude::wasm_bindgen;

/// The plain case, running.
#[wasm_bindgen]
pub struct PlainCase(Sim);

#[wasm_bindgen]
impl PlainCase {
    /// The case of this name at its start; throws if there is none.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str) -> Result<PlainCase, String> {
        let case = cases::CASES.into_iter().find(|(other, _)| *other == name);
        let (_, case) = case.ok_or_else(|| format!("there is no case {name:?}"))?;
        // As in the native bench.
        Ok(Self(Sim::new(cases::plan(case), 1).without_trace()))
    }

    /// Runs until so many more requests were sent, and says how many were.
    pub fn run(&mut self, requests: u32) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few more than were asked for")]
        let sent = cases::run(&mut self.0, requests.into()) as f64;
        sent
    }
}
