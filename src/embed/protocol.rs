//! The web's side of the protocol: `docs/embed.md` lists its messages, `understudy_address::message` reads them.
//!
//! Only the window around this one is listened to, and only the fields that mean something are looked at. What is no
//! secret is told to whoever that window shows; what the reader answered, and the state of the run, only to the origin
//! that has spoken in this protocol.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use understudy_address::message::{self, Ask, FIELDS, MAX_TEXT, PROTOCOL, Value};
use understudy_sim::json::Json;
use understudy_sim::{Command, Plan};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::{JSON, JsString, Reflect};
use web_sys::{CustomEvent, MessageEvent, ResizeObserver, Window, console};

use super::audit::{self, Auditor};
use super::state::{self, number, object, text};
use crate::explainer::{Living, Page};
use crate::player::Player;

/// How many malformed messages are answered and put into the console: who sends thousands knows by then.
const MOST_ERRORS: u32 = 100;

/// The window around this one.
pub struct Host {
    /// Nothing where the page is opened by itself.
    window: Option<Window>,
    /// The origin that has spoken in this protocol; `*` for one without an origin.
    origin: RefCell<Option<String>>,
    figure: RefCell<Option<(Page, Living)>>,
    ready: RefCell<Option<Json>>,
    height: Cell<i32>,
    errors: Cell<u32>,
    /// What tells what is weak.
    pub auditor: Auditor,
}

impl Host {
    /// Listens from now on, for as long as the page lives.
    pub fn listen() -> Rc<Self> {
        let window = window().parent().ok().flatten().filter(|parent| *parent != window());
        let host = Rc::new(Self {
            window,
            origin: RefCell::new(None),
            figure: RefCell::new(None),
            ready: RefCell::new(None),
            height: Cell::new(0),
            errors: Cell::new(0),
            auditor: Auditor::default(),
        });
        let hearing = host.clone();
        let listener = window_event_listener_untyped("message", move |event| {
            if let Ok(event) = event.dyn_into::<MessageEvent>() {
                hearing.hear(&event);
            }
        });
        std::mem::forget(listener);
        for (event, kind) in [("understudy:answer", "answer"), ("understudy:complete", "complete")] {
            let telling = host.clone();
            let listener = window_event_listener_untyped(event, move |event| {
                if let Ok(event) = event.dyn_into::<CustomEvent>() {
                    telling.post(kind, &event.detail(), telling.origin.borrow().as_deref());
                }
            });
            std::mem::forget(listener);
        }
        audit::listen(&host);
        host
    }

    /// The figure is alive: says so, and does what is asked from now on.
    pub fn attend(self: &Rc<Self>, page: Page, living: Living, title: &str) {
        *self.figure.borrow_mut() = Some((page, living));
        let id = living.element().get_attribute("data-figure").unwrap_or_default();
        let ready =
            object([("version", number(f64::from(PROTOCOL))), ("figure", text(id)), ("title", text(title))]);
        *self.ready.borrow_mut() = Some(ready);
        let host = self.clone();
        let measured = Closure::<dyn FnMut()>::new(move || host.measure());
        if let (Ok(observer), Some(body)) =
            (ResizeObserver::new(measured.as_ref().unchecked_ref()), document().body())
        {
            observer.observe(&body);
        }
        measured.forget();
        self.say_ready();
        // What a presentation has said meanwhile; the page itself has kept it.
        let said = document().document_element().and_then(|root| root.get_attribute("data-slide"));
        if said.and_then(|said| message::slide(&said)) == Some(true) {
            self.play(true);
        }
    }

    fn say_ready(&self) {
        if let Some(Json::Object(mut fields)) = self.ready.borrow().clone() {
            fields.push(("height".into(), number(f64::from(height()))));
            self.tell("ready", &Json::Object(fields));
        }
    }

    fn measure(&self) {
        let now = height();
        if self.height.replace(now) != now {
            self.tell("height", &object([("height", number(f64::from(now)))]));
        }
    }

    /// Tells something that is no secret.
    pub fn tell(&self, kind: &str, fields: &Json) {
        let origin = self.origin.borrow();
        if let Ok(fields) = JSON::parse(&fields.to_string()) {
            self.post(kind, &fields, Some(origin.as_deref().unwrap_or("*")));
        }
    }

    /// Tells that something cannot be done: `what` is its kind.
    pub fn error(&self, what: &str, words: &str) {
        self.error_to(what, words, None);
    }

    /// The same, as the answer to a question of the name `id`.
    pub fn error_to(&self, what: &str, words: &str, id: Option<String>) {
        let number = self.errors.get();
        self.errors.set(number.saturating_add(1));
        // Who waits for an answer gets one.
        if number < MOST_ERRORS || id.is_some() {
            console::warn_1(&["Understudy: ", what, ": ", words].concat().into());
            let id = id.map_or(Json::Null, text);
            self.tell("error", &object([("what", text(what)), ("text", text(words)), ("id", id)]));
        }
    }

    /// Tells fields that another program has put together.
    pub fn pass_on(&self, kind: &str, fields: &JsValue) {
        self.post(kind, fields, Some(self.origin.borrow().as_deref().unwrap_or("*")));
    }

    /// The figure's player, once there is one.
    pub fn player(&self) -> Option<Player> {
        let (_, living) = (*self.figure.borrow())?;
        living.player.get_untracked()
    }

    /// Sends fields, to which the protocol's own are added, to an origin; to nobody without one.
    fn post(&self, kind: &str, fields: &JsValue, origin: Option<&str>) {
        let (Some(window), Some(origin)) = (&self.window, origin) else { return };
        let _ = Reflect::set(fields, &"understudy".into(), &PROTOCOL.into());
        let _ = Reflect::set(fields, &"type".into(), &kind.into());
        let _ = window.post_message(fields, origin);
    }

    fn hear(self: &Rc<Self>, event: &MessageEvent) {
        let from_host = self.window.as_ref().is_some_and(|window| {
            event
                .source()
                .is_some_and(|source| AsRef::<JsValue>::as_ref(&source) == AsRef::<JsValue>::as_ref(window))
        });
        if !from_host {
            return;
        }
        let data = event.data();
        if let Some(words) = short_text(&data) {
            if let Some(starts) = message::slide(&words) {
                self.play(starts);
            }
            return;
        }
        if !data.is_object() {
            return;
        }
        let fields = FIELDS.map(|name| value(&Reflect::get(&data, &name.into()).unwrap_or_default()));
        match message::read(&fields) {
            Ok(None) => {}
            Ok(Some(ask)) => {
                let origin = event.origin();
                let origin = if origin == "null" { String::from("*") } else { origin };
                *self.origin.borrow_mut() = Some(origin);
                self.answer(ask);
            }
            Err(problem) => self.error("message", &problem),
        }
    }

    fn answer(self: &Rc<Self>, ask: Ask) {
        let Some((page, living)) = *self.figure.borrow() else {
            // It is not there yet; whoever waits for "ready" does not get here.
            if ask != Ask::Hello {
                self.error("early", "wait for \"ready\"");
            }
            return;
        };
        let Some(player) = living.player.get_untracked() else { return };
        match ask {
            Ask::Hello => self.say_ready(),
            Ask::Play => self.play(true),
            Ask::Pause => self.play(false),
            Ask::Seek(at) => player.seek(at),
            Ask::Command(text) => {
                let plan = player.run.get_untracked().plan();
                match command(&text, &plan) {
                    Ok(command) => player.command(command),
                    Err(problem) => self.error("command", &problem),
                }
            }
            Ask::Snapshot(id) => {
                let playing = player.playing.get_untracked();
                let data = player.timeline(|timeline| state::of(timeline, playing));
                self.tell("snapshot", &object([("id", text(id)), ("data", data)]));
            }
            Ask::Audit(id) => self.auditor.ask(self, id),
            Ask::Theme(colours) => {
                let theme = super::theme(colours);
                theme.show();
                page.look.theme.set(theme);
            }
        }
    }

    fn play(&self, on: bool) {
        let Some((_, living)) = *self.figure.borrow() else { return };
        if on && living.locked.get_untracked() {
            return self.error("locked", "the figure runs when its question is answered");
        }
        if let Some(player) = living.player.get_untracked() {
            player.set_playing(on);
        }
    }
}

fn command(text: &str, plan: &Plan) -> Result<Command, String> {
    let command = Command::parse(text, plan).map_err(|problem| problem.to_string())?;
    command.check(plan).map_err(|problem| problem.to_string())?;
    Ok(command)
}

/// How high the figure and what belongs to it is, in CSS pixels.
fn height() -> i32 {
    document().body().map_or(0, |body| body.offset_height())
}

/// A text that is not too long to be looked at.
fn short_text(value: &JsValue) -> Option<String> {
    let text: &JsString = value.dyn_ref()?;
    (text.length() as usize <= MAX_TEXT).then(|| String::from(text))
}

/// What stands in a field of a stranger's message.
fn value(value: &JsValue) -> Value {
    if value.is_undefined() {
        Value::Absent
    } else if let Some(number) = value.as_f64() {
        Value::Number(number)
    } else {
        short_text(value).map_or(Value::Other, Value::Text)
    }
}
