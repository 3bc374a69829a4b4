//! The components that keep web infrastructure up, as sans-I/O state machines.
//!
//! A component here is what nginx, HAProxy, keepalived or PostgreSQL would decide, without the sockets:
//! it owns no clock, no network and no randomness. Whoever drives it (the simulator, a test, the page, a real
//! socket) tells it what happened and when, and carries out what it answers.
//!
//! # The contract every component keeps
//!
//! - `handle_*(now, ...)` takes one input. `now` never goes backwards between calls.
//! - After each `handle_*`, the driver calls `poll_output()` until it answers `None`. Outputs are data:
//!   send this, this changed.
//! - `poll_timeout()` says when the component next wants `handle_timeout(now)`, or `None` for never. It may
//!   change after any input, so the driver asks again once the outputs are drained.
//! - Getters show the state to people and tests; nothing outside changes it.
//! - Equal inputs give equal outputs, on every platform: integers for time, ordered collections, no floats in
//!   a decision.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod alerting;
pub mod balancer;
pub mod failover;
pub mod health;
pub mod lsn;
pub mod pool;
pub mod replication;
pub mod sort;
pub mod time;
pub mod vrrp;

pub use lsn::{LogPosition, Lsn, TimelineId};
pub use time::{SimDuration, SimTime};
