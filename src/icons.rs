//! Icons as elements of the page.

use leptos::prelude::*;
pub use understudy_picture::icons::*;

use crate::bind::Text;

/// A shield with a tick.
pub const AUDIT: &str = "M9 1.8 15.200 4v4.600c0 3.700-2.500 6.200-6.200 7.600-3.700-1.400-6.200-3.900-6.200-7.600V4zM6.200 8.800l2 2 3.600-3.800";
/// Round to the start.
pub const AGAIN: &str = "M4.2 5.5A6.3 6.3 0 1 1 2.7 9M4.2 2.2v3.3h3.3";
/// Two angles that point back.
pub const SLOWER: &str = "M9 4.5 4.5 9 9 13.5M14 4.5 9.5 9l4.5 4.5";
/// Two angles that point forward.
pub const FASTER: &str = "M9 4.5 13.5 9 9 13.5M4 4.5 8.5 9 4 13.5";
/// A tick.
pub const RIGHT: &str = "M3.5 9.5 7.5 13.5 14.5 5";

/// Three discs with lines between them.
pub const SHARE: &str = "M6.500 9a2.200 2.200 0 1 1-4.400 0 2.200 2.200 0 0 1 4.400 0M15.500 4a2.200 2.200 0 1 1-4.400 0 2.200 2.200 0 0 1 4.400 0M15.500 14a2.200 2.200 0 1 1-4.400 0 2.200 2.200 0 0 1 4.400 0M6.200 8l5-2.900M6.200 10l5 2.900";

/// An icon beside a word, or one whose control has an accessible name: never the only thing that tells.
pub fn icon(path: impl Into<Text>) -> impl IntoView {
    let path = path.into();
    view! {
        <svg class="icon" viewBox="0 0 18 18" aria-hidden="true">
            <path d=path />
        </svg>
    }
}
