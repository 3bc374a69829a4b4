//! The components driven from outside, as the simulator drives them: scenarios, properties, golden traces.

mod replication;
