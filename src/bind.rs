//! What a view shows that changes with the run, as values of few types only.
//!
//! A closure in a view is a type of its own, and every piece of the view that holds it is compiled anew for it. Behind
//! a [`Signal`] all texts are one type and all flags another; in a box, all closures that make one are one type too,
//! and so are all that make a [`Part`]. That takes more than a third off what the reader downloads.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// A text that follows what it is made from.
pub type Text = Signal<String>;
/// A yes or no that follows what it is made from.
pub type Flag = Signal<bool>;
/// A part of the view that is made anew when something that it reads has changed. Elements that stay the same stay.
pub type Part = Box<dyn FnMut() -> AnyView + Send>;

/// What a press does: a type of its own for each would have the code of an attribute made anew for each.
pub type Press = Box<dyn FnMut(MouseEvent)>;

/// Does something when it is pressed.
pub fn press(act: impl FnMut(MouseEvent) + 'static) -> Press {
    Box::new(act)
}

/// The text that `make` gives, whenever something that it reads has changed.
pub fn text(make: impl Fn() -> String + Send + Sync + 'static) -> Text {
    boxed(Box::new(make))
}

/// Whether `ask` says so, whenever something that it reads has changed.
pub fn flag(ask: impl Fn() -> bool + Send + Sync + 'static) -> Flag {
    boxed(Box::new(ask))
}

/// The view that `make` gives, whenever something that it reads has changed.
pub fn part<V: IntoAny>(make: impl Fn() -> V + Send + 'static) -> Part {
    Box::new(move || make().into_any())
}

fn boxed<T: Send + Sync + 'static>(make: Box<dyn Fn() -> T + Send + Sync>) -> Signal<T> {
    Signal::derive(make)
}

/// `"true"` or `"false"`, as ARIA's attributes want it.
pub fn aria(flag: Flag) -> Text {
    text(move || String::from(if flag.get() { "true" } else { "false" }))
}
