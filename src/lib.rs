//! The pages: an interactive explainer of how web infrastructure stays up.
//!
//! There are three programs, one in `src/bin` for each kind of page, so that a lesson does not wait for the whole lab:
//! [`open_lab`], [`open_explainer`] and [`open_embed`]. They share everything here; the linker leaves out what a program does not use.
//!
//! It draws what the simulator ([`understudy_sim`]) says and sends it commands, one direction round: `player` owns
//! the simulation and publishes snapshots; `stage` binds them to what is on the screen; `lab` and its `panels` are
//! built on the two. `player::playback`, `stage::layout` and the other plain modules are mathematics and words, tested
//! without a browser.

#![expect(clippy::large_types_passed_by_value, reason = "handles of signals, copied as Leptos' own are")]
#![expect(
    unreachable_pub,
    reason = "the programs use the functions here, one each; `pub` elsewhere is what other modules may use"
)]

mod acts;
mod app;
mod audit;
mod bind;
mod browser;
mod charts;
mod editor;
mod embed;
mod explainer;
mod facts;
mod guide;
mod icons;
mod keys;
mod lab;
mod modes;
mod panels;
mod player;
mod problem;
mod scenes;
mod selection;
mod stage;
mod theme;
mod words;

use leptos::prelude::*;

/// Opens the lab: the whole of `lab.html`.
pub fn open_lab() {
    show_when_it_breaks();
    // The text that was there before the program arrived has done its work.
    if let Some(before) = browser::element("before") {
        before.remove();
    }
    mount_to_body(app::app);
}

/// Opens the explainer: brings the figures of a page of lessons to life.
pub fn open_explainer() {
    show_when_it_breaks();
    explainer::open();
}

/// Opens the figure that `embed.html` shows for another page.
pub fn open_embed() {
    show_when_it_breaks();
    embed::open();
}

/// A bug is told where the reader looks.
fn show_when_it_breaks() {
    std::panic::set_hook(Box::new(browser::panic::show));
}
