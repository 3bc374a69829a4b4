//! Small hooks, one for each browser API that the page needs. Each answers in the page's own terms and copes where
//! the browser has nothing to offer.

pub mod fetch;
pub mod file;
pub mod json;
pub mod media;
pub mod pack;
pub mod panic;
pub mod size;
pub mod storage;

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlElement, HtmlInputElement, Url, UrlSearchParams};

/// Milliseconds of the reader's clock, from an arbitrary start; never goes backwards.
pub fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// What the page's address says after the question mark.
pub fn query() -> String {
    window().location().search().unwrap_or_default().trim_start_matches('?').into()
}

/// Lets the address say `value` for `name` and nothing for `others`, without loading anything: it can be kept or sent to
/// somebody.
pub fn set_query(name: &str, value: &str, others: &[&str]) {
    let location = window().location();
    let search = location.search().unwrap_or_default();
    if let (Ok(query), Ok(history)) = (UrlSearchParams::new_with_str(&search), window().history()) {
        for other in others {
            query.delete(other);
        }
        query.set(name, value);
        let address = format!("?{}", String::from(query.to_string()));
        // A page that is a file has no address of its own to change.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
    }
}

/// The element of this id.
pub fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The address of the picture that stands for the page; in a page that is one file it is the picture itself.
pub fn picture() -> String {
    let link = document().query_selector("link[rel=icon]").ok().flatten();
    link.and_then(|link| link.get_attribute("href")).unwrap_or_default()
}

/// Copies the text of the field of this id, marked so that the reader sees it and can copy it by hand.
pub fn copy(id: &str) {
    let field = element(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = field {
        let _ = field.focus();
        field.select();
        // Works in frames and over plain HTTP too, where the newer clipboard does not.
        if let Ok(document) = document().dyn_into::<HtmlDocument>() {
            let _ = document.exec_command("copy");
        }
    }
}

/// An address of this site as somebody else can open it.
pub fn absolute(address: &str) -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    Url::new_with_base(address, &base).map_or_else(|_| address.into(), |url| url.href())
}

/// Moves the keyboard to the element of this id.
pub fn focus(id: &str) {
    if let Some(element) = element(id) {
        let _ = element.focus();
    }
}
