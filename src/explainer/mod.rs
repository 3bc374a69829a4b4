//! The explainer: figures inside text that was there before this program.
//!
//! A page of lessons is whole without any script. What is here takes over the elements that a page keeps for figures,
//! questions and checks, and leaves everything else as it is.

/// Takes over the page's figures.
pub fn open() {}
