//! Facts, held against runs of the shipped scenarios.

mod facts;
