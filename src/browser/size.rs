//! The size of an element, as a signal.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

use crate::stage::geometry::Size;

/// The inner size of the element that `node` will refer to, in CSS pixels; until it was measured, what it is expected
/// to be. Watched for as long as the page lives.
pub fn of(node: NodeRef<html::Div>, expected: Option<Size>) -> ReadSignal<Option<Size>> {
    let (size, set_size) = signal(expected);
    node.on_load(move |element| {
        let measured = element.clone();
        let measure = Closure::<dyn FnMut()>::new(move || {
            let now = Size { w: f64::from(measured.client_width()), h: f64::from(measured.client_height()) };
            if size.get_untracked() != Some(now) {
                set_size.set(Some(now));
            }
        });
        if let Ok(observer) = ResizeObserver::new(measure.as_ref().unchecked_ref()) {
            observer.observe(&element);
        }
        measure.forget();
    });
    size
}
