//! What is weak in the figure as it stands, told to the page around it.
//!
//! The audit is a program of its own (`crates/auditor`, which lists the events by which the two talk). It is fetched when
//! somebody asks for the first time: the figure does not carry it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use understudy_audit::present::Modes;
use understudy_sim::json::Json;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::{Object, Reflect};
use web_sys::{CustomEvent, CustomEventInit};

use super::protocol::Host;

/// What starts the program.
const PROGRAM: &str = "./auditor_loader.js";
/// A program that has not come after so long does not come.
const PATIENCE: Duration = Duration::from_mins(1);
/// How many may wait for one audit.
const MOST_WAITING: usize = 10;
/// What the program says.
const SAID: [&str; 3] = ["understudy:auditor", "understudy:finding", "understudy:audited"];

/// How far the program is.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    NotThere,
    Coming,
    Listening,
    Working,
}

/// The audit's program, there or not.
#[derive(Default)]
pub struct Auditor {
    state: Cell<State>,
    /// The names of the answers that are waited for.
    waiting: RefCell<Vec<String>>,
    /// What is audited.
    scenario: RefCell<Option<Json>>,
    /// The instant that the audit is of, in seconds.
    of: Cell<f64>,
}

/// Hears what the program says, for as long as the page lives.
pub fn listen(host: &Rc<Host>) {
    for event in SAID {
        let host = host.clone();
        let listener = window_event_listener_untyped(event, move |said| {
            let detail = said.dyn_into::<CustomEvent>().map_or(JsValue::NULL, |said| said.detail());
            host.auditor.hear(&host, event, &detail);
        });
        std::mem::forget(listener);
    }
}

impl Auditor {
    /// Takes the figure's scenario.
    pub fn keep(&self, scenario: Json) {
        *self.scenario.borrow_mut() = Some(scenario);
    }

    /// Answers under this name once the audit is done. Who asks while one is under way is told of that one.
    pub fn ask(&self, host: &Rc<Host>, id: String) {
        if self.waiting.borrow().len() == MOST_WAITING {
            return host.error_to("audit", "it is asked for faster than it is done", Some(id));
        }
        self.waiting.borrow_mut().push(id);
        match self.state.get() {
            State::NotThere => self.fetch(host),
            State::Listening => self.begin(host),
            State::Coming | State::Working => {}
        }
    }

    fn fetch(&self, host: &Rc<Host>) {
        self.state.set(State::Coming);
        let Ok(script) = document().create_element("script") else { return };
        let _ = script.set_attribute("type", "module");
        let _ = script.set_attribute("src", PROGRAM);
        let missing = {
            let host = host.clone();
            move || {
                if host.auditor.state.get() == State::Coming {
                    host.auditor.state.set(State::NotThere);
                    host.auditor.fail(
                        &host,
                        "its program is not beside this page, or there is no network: load the page again",
                    );
                }
            }
        };
        let late = missing.clone();
        let failed = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(missing);
        let _ = script.add_event_listener_with_callback("error", failed.as_ref().unchecked_ref());
        failed.forget();
        set_timeout(late, PATIENCE);
        if let Some(head) = document().head() {
            let _ = head.append_child(&script);
        }
    }

    /// Has the figure audited as it stands.
    fn begin(&self, host: &Host) {
        let Some(player) = host.player() else { return };
        self.state.set(State::Working);
        let (modes, at) = player.timeline(|timeline| {
            let modes = Modes::of(&timeline.sim().snapshot_with(0)).write();
            (modes, timeline.now().as_secs_f64())
        });
        self.of.set(at);
        let scenario = self.scenario.borrow().as_ref().map(ToString::to_string).unwrap_or_default();
        let detail = Object::new();
        let _ = Reflect::set(&detail, &"scenario".into(), &scenario.into());
        let _ = Reflect::set(&detail, &"modes".into(), &modes.into());
        let with = CustomEventInit::new();
        with.set_detail(&detail);
        if let Ok(event) = CustomEvent::new_with_event_init_dict("understudy:audit", &with) {
            let _ = window().dispatch_event(&event);
        }
    }

    fn hear(&self, host: &Rc<Host>, said: &str, detail: &JsValue) {
        match (said, self.state.get()) {
            ("understudy:auditor", State::Coming) => self.begin(host),
            ("understudy:finding", State::Working) => {
                let _ = Reflect::set(detail, &"t".into(), &self.of.get().into());
                host.pass_on("finding", detail);
            }
            ("understudy:audited", State::Working) => {
                self.state.set(State::Listening);
                let problem = Reflect::get(detail, &"problem".into()).ok().and_then(|why| why.as_string());
                if let Some(problem) = problem {
                    return self.fail(host, &problem);
                }
                let _ = Reflect::set(detail, &"t".into(), &self.of.get().into());
                for id in self.waiting.take() {
                    let answer = Object::new();
                    let _ = Reflect::set(&answer, &"id".into(), &id.into());
                    let _ = Reflect::set(&answer, &"data".into(), detail);
                    host.pass_on("audited", &answer);
                }
            }
            _ => {}
        }
    }

    fn fail(&self, host: &Host, words: &str) {
        for id in self.waiting.take() {
            host.error_to("audit", words, Some(id));
        }
    }
}
