//! What the reader has answered: kept on this device, shown in the contents, gone when the reader wants it to be.
//! Nothing of it is sent anywhere; whoever shows the page is told by events of the window.

use leptos::prelude::*;
use understudy_sim::json::Json;
use web_sys::js_sys::JSON;
use web_sys::{CustomEvent, CustomEventInit};

use super::page::{self, Page};
use crate::bind::{flag, press, text};
use crate::browser::{json, storage};

/// Where it is kept.
const KEY: &str = "understudy-progress";
/// The form in which it is kept.
const VERSION: f64 = 1.0;

/// What was answered in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Lesson {
    id: String,
    /// How many questions it asks.
    questions: usize,
    /// Those that were answered.
    done: Vec<String>,
}

/// What was answered in all lessons, in the order in which they were begun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Answered(Vec<Lesson>);

/// Why what was kept is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unfit {
    /// It makes no sense.
    Broken,
    /// A newer page kept it: it is left alone.
    Newer,
}

impl Answered {
    fn read(json: &Json) -> Result<Self, Unfit> {
        match field(json, "version") {
            Some(Json::Number(version)) if *version > VERSION => return Err(Unfit::Newer),
            Some(Json::Number(_)) => {}
            _ => return Err(Unfit::Broken),
        }
        let Some(Json::Object(lessons)) = field(json, "lessons") else { return Err(Unfit::Broken) };
        lessons
            .iter()
            .map(|(id, lesson)| Lesson::read(id, lesson))
            .collect::<Option<_>>()
            .map(Self)
            .ok_or(Unfit::Broken)
    }

    fn write(&self) -> String {
        let lessons = self.0.iter().map(|lesson| (lesson.id.clone(), lesson.write())).collect();
        object([("version", Json::Number(VERSION)), ("lessons", Json::Object(lessons))]).to_string()
    }

    fn of(&self, lesson: &str) -> Option<&Lesson> {
        self.0.iter().find(|one| one.id == lesson)
    }

    /// Notes an answer; says whether it is news, and whether the lesson has no question left.
    fn note(&mut self, lesson: &str, question: &str, questions: usize) -> (bool, bool) {
        let place = self.0.iter().position(|one| one.id == lesson).unwrap_or_else(|| {
            self.0.push(Lesson { id: lesson.into(), ..Lesson::default() });
            self.0.len() - 1
        });
        let one = &mut self.0[place];
        one.questions = questions;
        let is_news = !one.done.iter().any(|done| done == question);
        if is_news {
            one.done.push(question.into());
        }
        (is_news, one.is_complete())
    }
}

impl Lesson {
    fn read(id: &str, json: &Json) -> Option<Self> {
        let (Some(Json::Number(questions)), Some(Json::List(done))) =
            (field(json, "questions"), field(json, "done"))
        else {
            return None;
        };
        let name = |json: &Json| match json {
            Json::Text(name) => Some(name.clone()),
            _ => None,
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a hundred")]
        let questions = questions.clamp(0.0, 100.0) as usize;
        Some(Self { id: id.into(), questions, done: done.iter().map(name).collect::<Option<_>>()? })
    }

    fn write(&self) -> Json {
        #[expect(clippy::cast_precision_loss, reason = "a lesson has a few")]
        let questions = Json::Number(self.questions as f64);
        let done = self.done.iter().cloned().map(Json::Text).collect();
        object([("questions", questions), ("done", Json::List(done))])
    }

    fn is_complete(&self) -> bool {
        self.questions > 0 && self.done.len() >= self.questions
    }
}

fn field<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    let Json::Object(fields) = json else { return None };
    fields.iter().find(|(other, _)| other == name).map(|(_, value)| value)
}

fn named(name: &str) -> Json {
    Json::Text(name.into())
}

fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// What was answered, for the page.
#[derive(Clone, Copy)]
pub struct Progress {
    answered: RwSignal<Answered>,
    unfit: RwSignal<Option<Unfit>>,
}

impl Progress {
    /// What was kept on this device.
    pub fn kept() -> Self {
        let read = storage::get(KEY)
            .map_or(Ok(Answered::default()), |text| Answered::read(&json::read(&text).unwrap_or(Json::Null)));
        let (answered, unfit) = match read {
            Ok(answered) => (answered, None),
            Err(unfit) => (Answered::default(), Some(unfit)),
        };
        Self { answered: RwSignal::new(answered), unfit: RwSignal::new(unfit) }
    }

    /// Whether a question was answered, now or on an earlier visit.
    pub fn has(self, lesson: &str, question: &str) -> bool {
        self.answered.with_untracked(|all| {
            all.of(lesson).is_some_and(|lesson| lesson.done.iter().any(|done| done == question))
        })
    }

    /// An answer was given. One that is wrong leaves a check open; the run of a prediction shows what is right.
    pub fn answered(self, lesson: &str, question: &str, right: bool) {
        tell(
            "answer",
            [("lesson", named(lesson)), ("question", named(question)), ("right", Json::Bool(right))],
        );
        let is_prediction = page::all("section.predict")
            .iter()
            .any(|section| section.get_attribute("data-figure").as_deref() == Some(question));
        if !right && !is_prediction {
            return;
        }
        let questions = questions_of(lesson);
        let noted = self.answered.try_update(|all| all.note(lesson, question, questions));
        let Some((true, is_complete)) = noted else { return };
        if self.unfit.get_untracked() != Some(Unfit::Newer) {
            storage::set(KEY, &self.answered.with_untracked(Answered::write));
        }
        if is_complete {
            tell("complete", [("lesson", named(lesson))]);
        }
    }

    /// Forgets all of it.
    pub fn reset(self) {
        self.answered.set(Answered::default());
        self.unfit.set(None);
        storage::remove(KEY);
    }
}

/// How many questions a lesson asks on this page.
fn questions_of(lesson: &str) -> usize {
    page::all("section.predict, section.check")
        .iter()
        .filter(|section| page::lesson(section) == lesson)
        .count()
}

/// Tells the window, for those who show the page or count what was learnt: `understudy:answer`, `understudy:complete`.
fn tell<const N: usize>(what: &str, detail: [(&str, Json); N]) {
    let init = CustomEventInit::new();
    if let Ok(detail) = JSON::parse(&object(detail).to_string()) {
        init.set_detail(&detail);
    }
    if let Ok(event) = CustomEvent::new_with_event_init_dict(&format!("understudy:{what}"), &init) {
        let _ = window().dispatch_event(&event);
    }
}

/// Shows in the contents what was answered.
pub fn show(page: Page) {
    for link in page::all(".contents [data-lesson]") {
        let id = link.get_attribute("data-lesson").unwrap_or_default();
        page::mount(link, Box::new(move || done(page.progress, id).into_any()));
    }
    if let Some(contents) = page::all(".contents").into_iter().next() {
        page::mount(contents, Box::new(move || kept_here(page.progress).into_any()));
    }
}

/// How far the reader has come with a lesson.
fn done(progress: Progress, lesson: String) -> impl IntoView {
    let words = text(move || {
        progress.answered.with(|all| match all.of(&lesson) {
            None => String::new(),
            Some(lesson) if lesson.is_complete() => String::from(" \u{2713} done"),
            Some(lesson) => format!(" {} of {}", lesson.done.len(), lesson.questions),
        })
    });
    view! { <span class="done">{words}</span> }
}

/// Where the progress is, and the button that forgets it.
fn kept_here(progress: Progress) -> impl IntoView {
    let nothing =
        flag(move || progress.answered.with(|all| all.0.is_empty()) && progress.unfit.get().is_none());
    let asked = RwSignal::new(false);
    let words = text(move || {
        let words = match (progress.unfit.get(), asked.get()) {
            (_, true) => "All answers will be forgotten.",
            (Some(Unfit::Broken), _) => {
                "What this device kept of your answers cannot be read. You start anew."
            }
            (Some(Unfit::Newer), _) => {
                "A newer version of this page has kept answers here. They are left alone, and nothing is added."
            }
            (None, _) => "Your answers stay on this device.",
        };
        words.into()
    });
    let forget = move |_| {
        if asked.get_untracked() {
            progress.reset();
        }
        asked.update(|asked| *asked = !*asked);
    };
    let label =
        text(move || String::from(if asked.get() { "Yes, forget them" } else { "Forget my answers" }));
    view! {
        <div class="kept" hidden=nothing>
            <p role="status">{words}</p>
            <button type="button" class="plain" on:click=press(forget)>{label}</button>
            <button type="button" class="plain" hidden=flag(move || !asked.get()) on:click=press(move |_| asked.set(false))>
                "Keep them"
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Answered, Unfit> {
        Answered::read(&Json::parse(text).unwrap_or(Json::Null))
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let mut all = Answered::default();
        assert_eq!(all.note("one", "first", 2), (true, false));
        assert_eq!(all.note("one", "first", 2), (false, false), "the same answer is no news");
        assert_eq!(all.note("one", "second", 2), (true, true));
        assert_eq!(all.note("two", "third", 4), (true, false));
        let text = all.write();
        assert_eq!(read(&text), Ok(all), "{text}");
    }

    #[test]
    fn what_makes_no_sense_is_not_used() {
        for text in [
            "",
            "{",
            "[]",
            "null",
            r#"{"lessons":{}}"#,
            r#"{"version":"1","lessons":{}}"#,
            r#"{"version":1}"#,
            r#"{"version":1,"lessons":[]}"#,
            r#"{"version":1,"lessons":{"one":3}}"#,
            r#"{"version":1,"lessons":{"one":{"questions":2,"done":[7]}}}"#,
        ] {
            assert_eq!(read(text), Err(Unfit::Broken), "{text}");
        }
        assert_eq!(read(r#"{"version":2,"pages":7}"#), Err(Unfit::Newer));
        assert_eq!(read(r#"{"version":1,"lessons":{}}"#), Ok(Answered::default()));
    }

    #[test]
    fn a_lesson_is_complete_when_all_its_questions_are() {
        let is_complete = |questions: &str| {
            let text = format!(
                r#"{{"version":1,"lessons":{{"one":{{"questions":{questions},"done":["a","b"]}}}}}}"#
            );
            read(&text).expect("it makes sense").of("one").expect("there").is_complete()
        };
        assert!(is_complete("2"));
        assert!(!is_complete("3") && !is_complete("0") && !is_complete("1e300"));
    }
}
