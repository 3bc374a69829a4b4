//! A page of lessons: which figures and questions it has, and when each comes to life.

use std::rc::Rc;

use leptos::mount::mount_to;
use leptos::prelude::*;
use understudy_address::{Run, View};
use understudy_lessons::{Figure, Question, prepared};
use understudy_sim::Plan;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::living::{Listener, Living, Otherwise};
use super::progress::Progress;
use super::{check, copy, figure, predict, progress, sight, things};
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
    /// Whether this is a part of somebody else's page, which is not to be scrolled.
    pub embedded: bool,
    /// How a question is read.
    pub read_question: ReadQuestion,
}

/// Reads what a page says of a question, with the plan of its figure; nothing if it makes no sense.
pub type ReadQuestion = fn(&str, Option<&Plan>) -> Option<Question>;

/// What is said of a figure that was prepared for another program than this one.
pub const OTHER_VERSION: &str = "the page and its program are of different versions; load the page again";

/// The one figure of a page that is embedded.
pub struct Prepared {
    /// The figure.
    pub figure: Rc<Figure>,
    /// How it is shown.
    pub view: View,
    /// How an address names its scenario.
    pub run: Option<Run>,
    /// How the questions about it are read.
    pub read_question: ReadQuestion,
    /// Who is told of its run.
    pub listener: Listener,
    /// What is said of the run where it has no captions.
    pub otherwise: Otherwise,
    /// What is done when it is alive.
    pub then: Box<dyn FnOnce(Page, Living)>,
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
pub fn open(prepared: Option<Prepared>) {
    // Nothing is put into the body: what the page shares belongs to this view, which stays.
    mount(
        document().body().expect("a page has a body"),
        Box::new(|| {
            take_over(prepared);
            ().into_any()
        }),
    );
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-alive", "");
    }
}

fn take_over(prepared: Option<Prepared>) {
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
        embedded: prepared.is_some(),
        read_question: prepared.as_ref().map_or(|text, _| prepared::read(text), |own| own.read_question),
    };
    if let (Some(Prepared { figure, view, run, listener, otherwise, then, .. }), Some(living)) =
        (prepared, page.figures().into_iter().next())
    {
        living.prepare(figure, view, run, listener, otherwise);
        for section in all("section.predict") {
            predict::lock(&section, page);
        }
        figure::mount(living, page);
        then(page, living);
    }
    things::listen(page);
    progress::show(page);
    copy::mount_all();
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
