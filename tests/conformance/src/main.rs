//! Runs the real daemons beside our components and writes what was compared to `docs/CONFORMANCE.md`.
//!
//! Each module holds one daemon against one component and returns a [`report::Report`]. Run it with
//! `cargo xtask conformance`, which installs the daemons first where it can.

mod report;

fn main() {}
