//! The panels around the stage: each reads the run's signals and calls the lab's methods.

pub mod announcer;
pub mod compared;
pub mod counts;
pub mod errors;
pub mod followed;
pub mod header;
pub mod help;
pub mod inspector;
pub mod lanes;
pub mod log;
pub mod modes;
pub mod share;
pub mod table;
pub mod transport;
