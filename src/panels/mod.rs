//! The panels around the stage: each reads the run's signals and calls the lab's methods.

pub mod announcer;
pub mod chart;
pub mod counts;
pub mod errors;
pub mod followed;
pub mod header;
pub mod help;
pub mod inspector;
pub mod linked;
pub mod log;
pub mod pool;
pub mod series;
pub mod transport;
