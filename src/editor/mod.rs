//! The editor: a scenario as forms, from tables; checked with every letter, run when the reader says so.

mod controls;
mod document;
mod fields;
pub mod panel;
mod path;
pub mod session;
