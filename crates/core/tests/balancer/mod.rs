//! The balancer and the pool: what they promise over random inputs, and a trace that must not change.

mod golden;
#[cfg(not(target_arch = "wasm32"))]
mod promises;
#[cfg(not(target_arch = "wasm32"))]
mod spread;
