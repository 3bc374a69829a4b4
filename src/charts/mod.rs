//! The mathematics of the charts: the time axis, quantities over time and their shapes, marks along the axis. Plain
//! numbers, tested without a browser; [`crate::panels::lanes`] binds them to what is on the screen.

pub mod axis;
pub mod lanes;
pub mod marks;
pub mod measured;
pub mod samples;
