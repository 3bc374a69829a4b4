//! A timeline for a script in Node to time: `node benches/timeline/run.mjs`.

use std::rc::Rc;

use understudy_sim::{Progress, Scenario, SimTime, Timeline};
use wasm_bindgen::prelude::wasm_bindgen;

/// A timeline of one scenario.
#[wasm_bindgen]
pub struct Travel(Timeline);

#[wasm_bindgen]
impl Travel {
    /// The scenario at its start; throws what is wrong with it.
    #[wasm_bindgen(constructor)]
    pub fn new(scenario: &str, seed: u32) -> Result<Travel, String> {
        let plan = Scenario::read("scene.json", scenario).map_err(|error| error.to_string())?;
        Ok(Self(Timeline::new(Rc::new(plan), seed.into())))
    }

    /// Shows an instant; false when that takes more than `max_steps`.
    pub fn seek(&mut self, to_ms: u32, max_steps: u32) -> bool {
        self.0.seek(SimTime::from_millis(to_ms.into()), max_steps.into()) == Progress::Reached
    }

    /// Goes one event or command back.
    pub fn step_back(&mut self) -> bool {
        self.0.step_back()
    }

    /// Copies of the world that are kept.
    pub fn keyframes(&self) -> usize {
        self.0.keyframes()
    }

    /// Their size together, about.
    pub fn keyframe_bytes(&self) -> usize {
        self.0.keyframe_bytes()
    }

    /// Events and commands that a seek runs at most.
    #[expect(clippy::cast_precision_loss, reason = "a figure to print")]
    pub fn replay_limit(&self) -> f64 {
        self.0.replay_limit() as f64
    }

    /// One number for all that happened up to the shown instant.
    pub fn trace_hash(&self) -> String {
        self.0.sim().trace_hash().to_string()
    }

    /// Requests that were answered.
    #[expect(clippy::cast_precision_loss, reason = "a figure to print")]
    pub fn answered(&self) -> f64 {
        self.0.sim().metrics().latencies().count() as f64
    }
}
