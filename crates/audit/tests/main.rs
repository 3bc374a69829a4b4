//! The audit held against the simulator and against formulas.

mod random;
mod removal;
mod worlds;
