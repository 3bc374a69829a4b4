//! The shipped lessons, held against the simulator.
