//! Icons as elements of the page.

use leptos::prelude::*;
pub use understudy_picture::icons::*;

use crate::bind::Text;

/// An icon beside a word, or one whose control has an accessible name: never the only thing that tells.
pub fn icon(path: impl Into<Text>) -> impl IntoView {
    let path = path.into();
    view! {
        <svg class="icon" viewBox="0 0 18 18" aria-hidden="true">
            <path d=path />
        </svg>
    }
}
