//! The editor: a scenario as a map and forms, from tables; checked with every letter, run when the reader says so.

mod controls;
mod document;
mod fields;
mod form;
mod map;
mod mistakes;
pub mod panel;
mod path;
pub mod session;
