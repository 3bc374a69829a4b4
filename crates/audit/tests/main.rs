//! The audit held against the simulator and against formulas.

mod alerts;
mod availability;
mod pairs;
mod random;
mod removal;
mod report;
mod security;
mod slices;
mod worlds;
