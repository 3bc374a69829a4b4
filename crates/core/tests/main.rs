//! Every component driven from outside, as the simulator drives it: scenarios, properties, golden traces.

mod alerting;
mod balancer;
mod failover;
mod golden;
mod health;
mod replication;
mod vrrp;
