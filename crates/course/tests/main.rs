//! A small course, everything that can be wrong with one, and the shipped lessons held against the simulator.

mod briefs;
mod broken;
mod directory;
mod example;
mod explore;
mod lessons;
