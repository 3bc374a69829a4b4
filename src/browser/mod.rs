//! Small hooks, one for each browser API that the page needs. Each answers in the page's own terms and copes where
//! the browser has nothing to offer.

pub mod file;
pub mod media;
pub mod panic;
pub mod size;
pub mod storage;

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, UrlSearchParams};

/// Milliseconds of the reader's clock, from an arbitrary start; never goes backwards.
pub fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// The value that the address gives to `name` after the question mark.
pub fn query(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// The element of this id.
pub fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Moves the keyboard to the element of this id.
pub fn focus(id: &str) {
    if let Some(element) = element(id) {
        let _ = element.focus();
    }
}
