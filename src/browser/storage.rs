//! Choices that outlive the visit. Where the browser keeps nothing (private windows, files), they last as long as
//! the page.

use leptos::prelude::window;

/// What was kept under `key`.
pub fn get(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Forgets what was kept under `key`.
pub fn remove(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(key);
    }
}

/// Keeps `value` under `key`.
pub fn set(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}
