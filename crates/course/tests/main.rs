//! A small course, everything that can be wrong with one, and the shipped lessons held against the simulator.

mod broken;
mod directory;
mod example;
mod explore;
mod lessons;
