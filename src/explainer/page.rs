//! A page of lessons: which figures and questions it has, and when each comes to life.

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::living::Living;
use super::progress::Progress;
use super::{check, figure, predict, progress, sight, things};
use crate::browser::media;
use crate::theme::{Look, Theme};

/// What all parts of a page share.
#[derive(Clone, Copy)]
pub struct Page {
    /// The figures, in the order of the text.
    figures: StoredValue<Vec<Living>, LocalStorage>,
    /// What was answered.
    pub progress: Progress,
    /// Whether the reader asked for less motion.
    pub calm: ReadSignal<bool>,
    /// The colours in force.
    pub look: Look,
}

impl Page {
    /// The figure of this name.
    pub fn figure(self, id: &str) -> Option<Living> {
        self.figures.with_value(|all| all.iter().find(|figure| figure.is(id)).copied())
    }

    /// All figures.
    pub fn figures(self) -> Vec<Living> {
        self.figures.get_value()
    }
}

/// Takes over what the page has.
pub fn open() {
    // Nothing is put into the body: what the page shares belongs to this view, which stays.
    mount(
        document().body().expect("a page has a body"),
        Box::new(|| {
            take_over();
            ().into_any()
        }),
    );
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-alive", "");
    }
}

fn take_over() {
    let figures = all("figure.living").into_iter().zip(0..);
    let page = Page {
        figures: StoredValue::new_local(
            figures.map(|(element, number)| Living::new(element, number)).collect(),
        ),
        progress: Progress::kept(),
        calm: media::matches("(prefers-reduced-motion: reduce)"),
        look: Look {
            theme: RwSignal::new(Theme::kept()),
            dark: media::matches("(prefers-color-scheme: dark)"),
        },
    };
    things::listen(page);
    progress::show(page);
    for living in page.figures() {
        sight::when_near(&living.element(), Box::new(move || figure::mount(living, page)));
    }
    for section in all("section.predict") {
        // A figure that waits for an answer may not run before its question is near.
        predict::lock(&section, page);
        let element = section.clone();
        sight::when_near(&section, Box::new(move || predict::mount(element, page)));
    }
    for section in all("section.check") {
        let element = section.clone();
        sight::when_near(&section, Box::new(move || check::mount(element, page)));
    }
}

/// Puts a view at the end of an element, for as long as the page lives.
pub fn mount(element: HtmlElement, view: Box<dyn FnOnce() -> AnyView>) {
    mount_to(element, view).forget();
}

/// The elements that a selector selects, in the order of the text.
pub fn all(selector: &str) -> Vec<HtmlElement> {
    let Ok(list) = document().query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|place| list.item(place)?.dyn_into().ok()).collect()
}

/// What the page says of an element in its `<script type="application/json">`.
pub fn data(element: &Element) -> String {
    let script = element.query_selector("script").ok().flatten();
    script.and_then(|script| script.text_content()).unwrap_or_default()
}

/// The name of the lesson that an element stands in.
pub fn lesson(element: &Element) -> String {
    let lesson = element.closest("[data-lesson]").ok().flatten();
    lesson.and_then(|lesson| lesson.get_attribute("data-lesson")).unwrap_or_default()
}
