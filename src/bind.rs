//! What a view shows that changes with the run, as values of two types only.
//!
//! A closure in a view is a type of its own, and every piece of the view that holds it is compiled anew for it. Behind
//! a [`Signal`] all texts are one type and all flags another, which takes a third off what the reader downloads.

use leptos::prelude::*;

/// A text that follows what it is made from.
pub type Text = Signal<String>;
/// A yes or no that follows what it is made from.
pub type Flag = Signal<bool>;

/// The text that `make` gives, whenever something that it reads has changed.
pub fn text(make: impl Fn() -> String + Send + Sync + 'static) -> Text {
    Signal::derive(make)
}

/// Whether `ask` says so, whenever something that it reads has changed.
pub fn flag(ask: impl Fn() -> bool + Send + Sync + 'static) -> Flag {
    Signal::derive(ask)
}

/// `"true"` or `"false"`, as ARIA's attributes want it.
pub fn aria(flag: Flag) -> Text {
    text(move || String::from(if flag.get() { "true" } else { "false" }))
}
