//! The audit held against the simulator and against formulas.

mod removal;
mod worlds;
