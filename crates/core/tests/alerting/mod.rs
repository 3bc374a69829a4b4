//! Alerting: what fires, when, and what is made of counters.

mod golden;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
