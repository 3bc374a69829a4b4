//! The explainer: figures inside text that was there before this program.
//!
//! A page of lessons is whole without any script. What is here takes over the elements that a page keeps for figures,
//! questions and checks when they come near the window, and leaves everything else as it is: [`page`] finds them,
//! [`living`] is a figure and its run, [`figure`] what is on the screen of it, [`predict`] and [`check`] are the
//! questions, [`progress`] is what was answered, kept on the reader's device and nowhere else.

mod address;
mod answers;
mod check;
mod controls;
mod copy;
mod figure;
mod hand_out;
mod living;
mod page;
mod predict;
mod progress;
mod sight;
mod things;

pub use living::Living;
pub use page::{Page, Prepared};

/// Takes over the page's figures.
pub fn open() {
    page::open(None);
}

/// Takes over a page that has one figure, for somebody else's page.
pub fn open_embedded(prepared: Prepared) {
    page::open(Some(prepared));
}
