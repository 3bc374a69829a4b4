//! The questions at the end of a lesson: answered by choosing, or by doing something in a figure until it is so.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_lessons::{Answer, Task};
use web_sys::HtmlElement;

use super::answers::{Given, answers};
use super::living::{Living, Watch};
use super::page::{self, Page};
use super::predict;
use crate::bind::{flag, text};
use crate::icons::{self, icon};

/// Brings the question to life.
pub fn mount(section: HtmlElement, page: Page) {
    let living = section.get_attribute("data-figure").and_then(|id| page.figure(&id));
    // One that makes no sense stays as the text that it is.
    let Some(question) = predict::question(&section, living, page) else { return };
    let place = (page::lesson(&section), question.id);
    let words = question.question;
    section.set_text_content(None);
    match (question.task, living) {
        (Task::Choose { answers }, _) => {
            page::mount(section, Box::new(move || choose(page, place, words, &answers).into_any()));
        }
        (Task::Do { figure, done, hint, praise }, Some(living)) => {
            let watch = move || Watch {
                when: done,
                or_at: understudy_sim::SimTime::ZERO,
                met: RwSignal::new(false),
                waits: RwSignal::new(true),
            };
            page::mount(
                section,
                Box::new(move || {
                    to_do(living, page, place, (words, figure, hint, praise), watch()).into_any()
                }),
            );
        }
        _ => {}
    }
}

fn choose(
    page: Page,
    (lesson, id): (String, String),
    question: String,
    all: &[Answer],
) -> impl IntoView + use<> {
    let given = Given::nothing();
    let was_answered = page.progress.has(&lesson, &id);
    let right = all.iter().position(|answer| answer.right);
    let waiting = text(move || {
        String::from(if was_answered { "You have answered this before." } else { "Choose one." })
    });
    let name = id.clone();
    let choose = move |place| {
        given.chosen.set(Some(place));
        given.known.set(true);
        page.progress.answered(&lesson, &id, Some(place) == right);
    };
    answers(&name, question, all, given, waiting, &(Rc::new(choose) as Rc<dyn Fn(usize)>))
}

fn to_do(
    living: Living,
    page: Page,
    (lesson, id): (String, String),
    (question, figure, hint, praise): (String, String, String, String),
    watch: Watch,
) -> impl IntoView {
    let met = watch.met;
    living.watch(watch);
    let was_done = page.progress.has(&lesson, &id);
    Effect::new(move |_| {
        if met.get() {
            page.progress.answered(&lesson, &id, true);
        }
    });
    let said = text(move || {
        if met.get() {
            praise.clone()
        } else if was_done {
            String::from("You have done this before.")
        } else {
            String::from("Not yet.")
        }
    });
    view! {
        <p class="question">{question}</p>
        <p class="where">
            <a href=format!("#{figure}")>"Do it in the figure"</a>
        </p>
        <details class="hint">
            <summary>"A hint"</summary>
            <p>{hint}</p>
        </details>
        <p class="said" role="status" class:right=flag(move || met.get())>
            <span class="verdict" hidden=flag(move || !met.get())>{icon(icons::RIGHT.to_string())} "done"</span>
            {said}
        </p>
    }
}
