//! The failover manager with a cluster of small database nodes around it.

mod cluster;
mod golden;
#[cfg(not(target_arch = "wasm32"))]
mod random;
mod rules;
#[cfg(not(target_arch = "wasm32"))]
mod watch;
