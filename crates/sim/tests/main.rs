//! What the simulator promises, told as scenarios. The golden traces run in WebAssembly too.

#[cfg(not(target_arch = "wasm32"))]
mod attacks;
#[cfg(not(target_arch = "wasm32"))]
mod bad_input;
#[cfg(not(target_arch = "wasm32"))]
mod commands;
#[cfg(not(target_arch = "wasm32"))]
mod databases;
#[cfg(not(target_arch = "wasm32"))]
mod failover;
#[cfg(not(target_arch = "wasm32"))]
mod faults;
mod golden;
#[cfg(not(target_arch = "wasm32"))]
mod guards;
#[cfg(not(target_arch = "wasm32"))]
#[cfg(not(target_arch = "wasm32"))]
mod links;
#[cfg(not(target_arch = "wasm32"))]
mod metrics;
#[cfg(not(target_arch = "wasm32"))]
mod modes;
#[cfg(not(target_arch = "wasm32"))]
mod monitoring;
#[cfg(not(target_arch = "wasm32"))]
mod names;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
#[cfg(not(target_arch = "wasm32"))]
mod strangers;
#[cfg(not(target_arch = "wasm32"))]
mod takeover;
#[cfg(not(target_arch = "wasm32"))]
mod theory;
#[cfg(not(target_arch = "wasm32"))]
mod timeline;
#[cfg(not(target_arch = "wasm32"))]
mod traffic;
#[cfg(not(target_arch = "wasm32"))]
mod watching;
#[cfg(not(target_arch = "wasm32"))]
mod worlds;
