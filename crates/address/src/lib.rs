//! Addresses of runs.
//!
//! A run is its scenario, its seed and its commands; with an instant and the run's trace hash there, an address reopens
//! exactly that moment and proves it. [`Address::read`] takes the part of an address behind its `?`, whoever wrote it,
//! and always gives something that works: what it cannot use it names in a [`Refused`], with what would be right.
//! [`Address::write`] gives the address back.
//!
//! Reading has two stages. The first knows the parameters, each with its type ([`Address`]); the second, [`open`], knows
//! the scenario that they are about, and checks modes and commands against it ([`Opened`]). Nothing here is the web: a
//! page, a terminal and a test read the same addresses. `docs/embed.md` lists the parameters.
#![no_std]

extern crate alloc;

mod compact;
pub mod message;
mod mode;
mod opened;
mod parameters;
mod refused;
mod view;
mod write;

pub use compact::{MAX_COMPACT_CHARS, MAX_UNPACKED_BYTES, from_text, to_text};
pub use mode::Mode;
pub use opened::{Opened, open};
pub use parameters::{Address, MAX_ADDRESS_BYTES, MAX_COMMANDS, Run, VERSION};
pub use refused::Refused;
pub use view::{Controls, Lock, Theme, View};
