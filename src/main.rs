//! The page: an interactive explainer of how web infrastructure stays up.
//!
//! It draws what the simulator ([`understudy_sim`]) says and sends it commands, one direction round: [`player`] owns
//! the simulation and publishes snapshots; [`stage`] binds them to what is on the screen; [`lab`] and its [`panels`] are
//! built on the two. `player::playback`, `stage::layout` and the other plain modules are mathematics and words, tested
//! without a browser.

#![expect(
    unreachable_pub,
    reason = "a program has no public interface; `pub` here is what other modules may use"
)]

mod acts;
mod app;
mod audit;
mod bind;
mod browser;
mod charts;
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

fn main() {
    std::panic::set_hook(Box::new(browser::panic::show));
    // The text that was there before the program arrived has done its work.
    if let Some(before) = browser::element("before") {
        before.remove();
    }
    mount_to_body(app::app);
}
