//! A question with answers to choose from; once it is known which is right, that one is marked, and a sentence says
//! why the chosen one is right or wrong.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_lessons::Answer;

use crate::bind::{Text, aria, flag, press, text};
use crate::icons::{self, icon};

/// What the reader chose, and whether it is known by now what is right.
#[derive(Clone, Copy)]
pub struct Given {
    /// The chosen answer.
    pub chosen: RwSignal<Option<usize>>,
    /// Whether the right one is marked.
    pub known: RwSignal<bool>,
}

impl Given {
    /// Nothing yet.
    pub fn nothing() -> Self {
        Self { chosen: RwSignal::new(None), known: RwSignal::new(false) }
    }
}

/// The question and its answers. What is chosen is told to `choose`. Until it is known what is right, `waiting` says
/// what comes next.
pub fn answers(
    id: &str,
    question: String,
    all: &[Answer],
    given: Given,
    waiting: Text,
    choose: &Rc<dyn Fn(usize)>,
) -> impl IntoView + use<> {
    let name = format!("question-{id}");
    let answers = StoredValue::new(all.to_vec());
    let one = |(place, answer): (usize, &Answer)| {
        let choose = choose.clone();
        let right = answer.right;
        let is_chosen = flag(move || given.chosen.get() == Some(place));
        let is_right = flag(move || given.known.get() && right);
        let is_wrong = flag(move || given.known.get() && !right && is_chosen.get());
        view! {
            <button
                type="button"
                class="answer"
                class:right=is_right
                class:wrong=is_wrong
                aria-pressed=aria(is_chosen)
                on:click=press(move |_| choose(place))
            >
                {answer.text.clone()}
                <span class="verdict" hidden=flag(move || !is_right.get())>{icon(icons::RIGHT.to_string())} "right"</span>
                <span class="verdict" hidden=flag(move || !is_wrong.get())>{icon(icons::CLOSE.to_string())} "not so"</span>
            </button>
        }
    };
    let buttons = all.iter().enumerate().map(one).collect_view();
    let said = text(move || match given.chosen.get() {
        Some(place) if given.known.get() => answers.with_value(|all| all[place].why.clone()),
        _ => waiting.get(),
    });
    view! {
        <p class="question" id=name.clone()>{question}</p>
        <div class="options" role="group" aria-labelledby=name>
            {buttons}
        </div>
        <p class="said" role="status">{said}</p>
    }
}
