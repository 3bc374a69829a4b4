//! What the components promise, over random inputs, and traces that must not change.

mod health;
