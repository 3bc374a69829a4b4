//! A deterministic discrete-event simulation of web infrastructure.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;
