//! The components driven from outside, as the simulator drives them: properties and golden traces.

mod balancer;
