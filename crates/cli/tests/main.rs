//! The program as people and scripts meet it: its output, its messages and its exit codes.

mod bad_input;
mod program;
mod run;
mod schema;
