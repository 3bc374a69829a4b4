//! The swarm and its checkers.

mod checkers;
mod swarm;
