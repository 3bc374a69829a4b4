//! Predict, run, reveal: the figure may not run before the reader has said what they expect. The run answers.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_lessons::{Question, Task};
use web_sys::{Element, HtmlElement, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::answers::{Given, answers};
use super::figure;
use super::living::{Living, Watch};
use super::page::{self, Page};
use crate::bind::text;

/// The figure that a question is about.
fn figure_of(section: &Element, page: Page) -> Option<Living> {
    page.figure(&section.get_attribute("data-figure")?)
}

/// What a section asks, with the plan of its figure at hand; nothing if that makes no sense.
pub fn question(section: &Element, living: Option<Living>, page: Page) -> Option<Question> {
    let figure = living.and_then(|living| living.figure().ok());
    (page.read_question)(&page::data(section), figure.as_ref().map(|figure| &*figure.plan))
}

/// Keeps the figure from running until the question was answered, now or on an earlier visit.
pub fn lock(section: &Element, page: Page) {
    if let Some(living) = figure_of(section, page) {
        let id = section.get_attribute("data-figure").unwrap_or_default();
        living.locked.set(!page.progress.has(&page::lesson(section), &id));
    }
}

/// Brings the question to life.
pub fn mount(section: HtmlElement, page: Page) {
    let living = figure_of(&section, page);
    let (Some(living), Some(question)) = (living, question(&section, living, page)) else {
        // What cannot be asked keeps nothing locked; the text of the question stays as it is.
        if let Some(living) = living {
            living.locked.set(false);
        }
        return;
    };
    let Task::Predict { answers: all, reveal, .. } = question.task else { return };
    let lesson = page::lesson(&section);
    let id = section.get_attribute("data-figure").unwrap_or_default();
    section.set_text_content(None);
    let until = living.figure().map(|figure| figure.until).unwrap_or_default();
    let parts = (question.question, all, lesson, id);
    page::mount(
        section,
        Box::new(move || {
            let watch =
                Watch { when: reveal, or_at: until, met: RwSignal::new(false), waits: RwSignal::new(false) };
            view(living, page, parts, watch).into_any()
        }),
    );
}

fn view(
    living: Living,
    page: Page,
    (question, all, lesson, id): (String, Vec<understudy_lessons::Answer>, String, String),
    watch: Watch,
) -> impl IntoView {
    let (met, waits) = (watch.met, watch.waits);
    living.watch(watch);
    let given = Given { known: met, ..Given::nothing() };
    let was_answered = page.progress.has(&lesson, &id);
    let right = all.iter().position(|answer| answer.right);
    // The run has answered: that is what counts, whatever was expected.
    let (of_lesson, of_question) = (lesson.clone(), id.clone());
    Effect::new(move |_| {
        if met.get()
            && let Some(chosen) = given.chosen.get_untracked()
        {
            page.progress.answered(&of_lesson, &of_question, Some(chosen) == right);
        }
    });
    let waiting = text(move || {
        let words = if given.chosen.with(Option::is_some) {
            "Watch the figure: when its run has shown it, the right answer is marked."
        } else if was_answered {
            "You have answered this before, and the figure may run. Choose to see it once more."
        } else {
            "Choose what you expect; the figure runs then."
        };
        words.into()
    });
    let choose = move |place| {
        given.chosen.set(Some(place));
        met.set(false);
        waits.set(true);
        living.locked.set(false);
        figure::mount(living, page);
        living.restart(true);
        if let Some(player) = living.player.get_untracked() {
            player.set_playing(true);
        }
        bring_into_sight(living, page);
    };
    answers(&id, question, &all, given, waiting, &(Rc::new(choose) as Rc<dyn Fn(usize)>))
}

/// Scrolls just so far that the figure is in the window.
fn bring_into_sight(living: Living, page: Page) {
    if page.embedded {
        return;
    }
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    if !page.calm.get_untracked() {
        options.set_behavior(ScrollBehavior::Smooth);
    }
    living.element().scroll_into_view_with_scroll_into_view_options(&options);
}
