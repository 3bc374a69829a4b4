//! Every component driven from outside, as the simulator drives it.

mod failover;
