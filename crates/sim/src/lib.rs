//! A deterministic discrete-event simulation of web infrastructure, driving the components of
//! [`understudy_core`].
//!
//! A run is a [`Plan`] (a scenario that makes sense), a seed and commands, each at an instant. The
//! same three give the same trace, event for event, natively and in WebAssembly.
//!
//! ```
//! use std::rc::Rc;
//! use understudy_sim::{Command, Outcome, Scenario, Sim, SimTime};
//!
//! let text = include_str!("../../../scenarios/three-web-servers.json");
//! let plan = Rc::new(Scenario::read("three-web-servers.json", text)?);
//! let web_2 = plan.find("web-2").expect("the scenario has it");
//!
//! let mut sim = Sim::new(plan, 7);
//! sim.run_until(SimTime::from_secs(5), u64::MAX);
//! sim.command(Command::Kill(web_2))?;
//! sim.run_until(SimTime::from_secs(30), u64::MAX);
//!
//! let totals = sim.snapshot().totals;
//! assert!(totals.of(Outcome::Refused) > 0, "the balancer took a while to find out");
//! assert_eq!(totals.sent, totals.ended() + totals.in_flight());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How it is built
//!
//! [`scenario`] (what a file says) becomes a [`plan`] (what makes sense), which [`sim`] turns into a world of
//! nodes and runs event by event. [`command`] is the only way in, [`view`], [`log`] and [`metrics`] the only ways
//! out. [`timeline`] goes back and forth along a run.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod calls;
pub mod command;
pub mod distribution;
mod event;
pub mod examine;
pub mod fields;
pub mod follow;
pub mod ids;
pub mod inspect;
pub mod json;
pub mod log;
mod meter;
pub mod metrics;
pub mod number;
pub mod outcome;
pub mod payload;
pub mod plan;
mod post;
mod queue;
pub mod rng;
pub mod saved;
pub mod scenario;
#[cfg(feature = "schema")]
pub mod schema;
pub mod sim;
pub mod story;
pub mod timeline;
pub mod trace;
pub mod view;
mod world;
mod ziggurat;

pub use command::{Command, TimedCommand};
pub use outcome::{Outcome, RequestKind, Totals};
pub use plan::Plan;
pub use scenario::Scenario;
pub use sim::{Progress, Sim};
pub use timeline::Timeline;
pub use understudy_core::{SimDuration, SimTime};
pub use view::Snapshot;
