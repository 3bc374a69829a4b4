//! Random scenarios under random faults, watched by checkers that stand outside.
//!
//! A run has a *safety phase*, in which anything may break and the [`checks`] must hold after every event, and then a
//! *healed phase*: everything is mended, and after a while the service must be whole again ([`phases`]). One seed makes
//! the [`scenario`] and its [`faults`]; a run that fails is [`reduce`]d to a short one that fails in the same way.

pub mod checks;
pub mod faults;
mod mending;
pub mod phases;
pub mod reduce;
pub mod scenario;
pub mod swarm;
