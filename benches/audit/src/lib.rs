//! An audit for a script in Node to time: `node benches/audit/run.mjs`.

// The same system as the native bench.
#[path = "../../../crates/audit/benches/stack.rs"]
mod stack;

use understudy_audit::availability::Effort;
use understudy_audit::system::System;
use understudy_sim::Plan;
use wasm_bindgen::prelude::wasm_bindgen;

/// A stack of about so many nodes.
#[wasm_bindgen]
pub struct Stack(Plan);

#[wasm_bindgen]
#[expect(clippy::cast_precision_loss, reason = "counts of a few thousand")]
impl Stack {
    /// Builds it.
    #[wasm_bindgen(constructor)]
    pub fn new(nodes: usize) -> Self {
        Self(stack::stack(nodes))
    }

    /// Loses each component in turn; how many losses hurt.
    pub fn single_losses(&self) -> f64 {
        System::new(&self.0).weaknesses().len() as f64
    }

    /// Looks for pairs; how many there are.
    pub fn pairs(&self) -> f64 {
        System::new(&self.0).pairs().len() as f64
    }

    /// The availability from so many states; that of the first service.
    pub fn availability(&self, states: u32) -> f64 {
        let system = System::new(&self.0);
        let found = system.availability(&[], Effort { states, ..Effort::default() });
        found.first().map_or(0.0, |(_, availability)| availability.estimate)
    }
}
