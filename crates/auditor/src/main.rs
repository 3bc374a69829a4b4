//! The audit as a program of its own in WebAssembly.
//!
//! A figure in somebody's page is small, and few of those pages ask what is weak. So the audit is not a part of the
//! figure's program: it is fetched when it is asked for, into the same page, and the two talk by events on the window:
//!
//! | event | `detail` | from whom |
//! |---|---|---|
//! | `understudy:auditor` | | the audit, once: it listens |
//! | `understudy:audit` | `scenario` in JSON, `modes` as [`understudy_audit::present`] writes them | the figure |
//! | `understudy:finding` | a finding, as [`told`] has it | the audit, for each |
//! | `understudy:audited` | the findings, and the report in a few numbers; or `problem` in words | the audit, at the end |
//!
//! A worker would be apart from the page's frames; a frame without an origin of its own may not start one. The work is
//! done in slices between frames instead, as in the lab, and no longer than [`MOST_MS`].

mod told;
mod work;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::js_sys::{JSON, Reflect};
use web_sys::{CustomEvent, CustomEventInit, Window};
use work::{Step, Work};

/// A slice of work, in milliseconds: a frame has room for it beside its own.
const SLICE_MS: f64 = 5.0;
/// Between two slices, in milliseconds.
const REST_MS: i32 = 4;
/// The most work that one audit is given, in milliseconds: whoever wrote the scenario may be a stranger.
const MOST_MS: f64 = 20_000.0;

thread_local! {
    static SLICE_ENDS: Cell<f64> = const { Cell::new(0.0) };
}

/// One audit at a time: whoever asks for another before it is done has changed their mind.
#[derive(Default)]
struct Auditor {
    work: RefCell<Option<Work>>,
    spent_ms: Cell<f64>,
    again: RefCell<Option<Closure<dyn FnMut()>>>,
}

fn main() {
    let auditor = Rc::new(Auditor::default());
    let going = auditor.clone();
    *auditor.again.borrow_mut() = Some(Closure::new(move || going.go_on()));
    let asked = Closure::<dyn FnMut(_)>::new(move |event: CustomEvent| auditor.begin(&event.detail()));
    let listens =
        window().add_event_listener_with_callback("understudy:audit", asked.as_ref().unchecked_ref());
    asked.forget();
    if listens.is_ok() {
        tell("understudy:auditor", &JsValue::UNDEFINED);
    }
}

impl Auditor {
    fn begin(&self, asked: &JsValue) {
        let text = |name: &str| Reflect::get(asked, &name.into()).ok().and_then(|value| value.as_string());
        match Work::new(&text("scenario").unwrap_or_default(), &text("modes").unwrap_or_default(), is_due) {
            Ok(work) => {
                self.spent_ms.set(0.0);
                let is_going = self.work.replace(Some(work)).is_some();
                if !is_going {
                    self.rest();
                }
            }
            Err(problem) => Self::end(Err(&problem)),
        }
    }

    /// A slice.
    fn go_on(&self) {
        let began = now_ms();
        SLICE_ENDS.set(began + SLICE_MS);
        let step = self.work.borrow_mut().as_mut().map(Work::go_on);
        self.spent_ms.set(self.spent_ms.get() + now_ms() - began);
        if matches!(step, Some(Step::More)) && self.spent_ms.get() < MOST_MS {
            return self.rest();
        }
        // Whoever hears the end may ask for the next one right then.
        self.work.replace(None);
        match step {
            Some(Step::More) => {
                Self::end(Err("it takes too long here; the command line has all the time: understudy audit"));
            }
            Some(Step::Done { findings, rest }) => {
                for finding in &findings {
                    tell("understudy:finding", &JSON::parse(finding).unwrap_or_default());
                }
                Self::end(Ok(&rest));
            }
            Some(Step::Refused(problem)) => Self::end(Err(&problem)),
            None => {}
        }
    }

    fn rest(&self) {
        let again = self.again.borrow();
        let Some(again) = again.as_ref() else { return };
        let _ = window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(again.as_ref().unchecked_ref(), REST_MS);
    }

    /// Tells that the audit is over: the rest of it as JSON, or why there is none.
    fn end(outcome: Result<&str, &str>) {
        let detail = match outcome {
            Ok(json) => JSON::parse(json).unwrap_or_default(),
            Err(problem) => {
                let detail = web_sys::js_sys::Object::new();
                let _ = Reflect::set(&detail, &"problem".into(), &problem.into());
                detail.into()
            }
        };
        tell("understudy:audited", &detail);
    }
}

fn is_due() -> bool {
    now_ms() >= SLICE_ENDS.get()
}

fn now_ms() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

fn window() -> Window {
    web_sys::window().expect("it is loaded into a page")
}

fn tell(event: &str, detail: &JsValue) {
    let with = CustomEventInit::new();
    with.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(event, &with) {
        let _ = window().dispatch_event(&event);
    }
}
