//! What is in sight: elements come to life when they are near the window, and sleep when they have left it.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::js_sys::Array;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

/// How far from the window is near, above and below.
const NEAR: &str = "700px 0px";

/// Tells whether an element is within `margin` of the window, now and whenever that changes, for as long as the page
/// lives.
pub fn watch(element: &Element, margin: &str, mut tell: Box<dyn FnMut(bool)>) {
    let options = IntersectionObserverInit::new();
    options.set_root_margin(margin);
    let closure = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        // The newest is the last.
        let newest = entries.pop().dyn_into::<IntersectionObserverEntry>();
        if let Ok(entry) = newest {
            tell(entry.is_intersecting());
        }
    });
    if let Ok(observer) = IntersectionObserver::new_with_options(closure.as_ref().unchecked_ref(), &options) {
        observer.observe(element);
    }
    closure.forget();
}

/// Does something once, the first time that an element is near the window.
pub fn when_near(element: &Element, act: Box<dyn FnOnce()>) {
    let mut act = Some(act);
    let near = move |is_near| {
        if is_near && let Some(act) = act.take() {
            act();
        }
    };
    watch(element, NEAR, Box::new(near));
}
