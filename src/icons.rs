//! Icons as elements of the page.

use leptos::prelude::*;
pub use understudy_picture::icons::*;

use crate::bind::Text;

/// A shield with a tick.
pub const AUDIT: &str = "M9 1.8 15.200 4v4.600c0 3.700-2.500 6.200-6.200 7.600-3.700-1.400-6.200-3.900-6.200-7.600V4zM6.200 8.800l2 2 3.600-3.800";

/// An icon beside a word, or one whose control has an accessible name: never the only thing that tells.
pub fn icon(path: impl Into<Text>) -> impl IntoView {
    let path = path.into();
    view! {
        <svg class="icon" viewBox="0 0 18 18" aria-hidden="true">
            <path d=path />
        </svg>
    }
}
