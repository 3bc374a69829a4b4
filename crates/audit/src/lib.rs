//! Questions that a reviewer would ask of a system, answered for any plan of [`understudy_sim`].
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod addresses;
pub mod availability;
pub mod brief;
pub mod capacity;
mod cluster;
pub mod data;
pub mod dependability;
mod edit;
mod finder;
pub mod findings;
mod fixes;
pub mod interruption;
pub mod losses;
pub mod markdown;
pub mod monitoring;
mod paths;
pub mod pools;
pub mod present;
pub mod report;
pub mod security;
pub mod service;
pub mod shares;
pub mod slices;
pub mod system;
mod walk;
pub mod weakness;
mod workers;

pub use report::{Options, Report};
pub use slices::Sliced;
