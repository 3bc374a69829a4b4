//! When the page itself breaks: says so where the reader looks, not only in the console.

use std::panic::PanicHookInfo;

use leptos::prelude::document;

/// Shows what went wrong, in the element that each page keeps for it, and in the console.
pub fn show(info: &PanicHookInfo<'_>) {
    console_error_panic_hook::hook(info);
    let message = info.to_string();
    if let Some(place) = document().get_element_by_id("broken") {
        let _ = place.remove_attribute("hidden");
    }
    if let Some(place) = document().get_element_by_id("broken-why") {
        place.set_text_content(Some(&message));
    }
}
