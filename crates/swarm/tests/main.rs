//! The swarm and its checkers.

mod swarm;
