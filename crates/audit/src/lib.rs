//! Questions that a reviewer would ask of a system, answered for any plan of [`understudy_sim`].
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod addresses;
mod cluster;
mod data;
pub mod interruption;
pub mod losses;
pub mod service;
pub mod shares;
pub mod system;
mod walk;
mod workers;
