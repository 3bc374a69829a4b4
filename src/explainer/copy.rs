//! Code on a page of text: a button that copies it, with the site's own address in it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlElement};

use super::page;
use crate::bind::text;
use crate::browser;

/// What stands for the site's address in the texts.
const SITE: &str = "https://understudy.example/";

/// Gives every piece of code its button.
pub fn mount_all() {
    let here = browser::absolute("./");
    for (number, code) in page::all(".code").into_iter().enumerate() {
        let Some(words) = code.query_selector("code").ok().flatten() else { continue };
        let shown = words.text_content().unwrap_or_default();
        if shown.contains(SITE) {
            words.set_text_content(Some(&shown.replace(SITE, &here)));
        }
        page::mount(code.clone(), Box::new(move || button(code, number + 1).into_any()));
    }
}

fn button(code: HtmlElement, number: usize) -> impl IntoView {
    let code = StoredValue::new_local(code);
    let done = RwSignal::new(false);
    let copy = move |_| {
        code.with_value(copy);
        done.set(true);
    };
    let word = text(move || String::from(if done.get() { "Copied" } else { "Copy" }));
    view! {
        <button type="button" on:click=copy>
            {word}
            <span class="unseen">{format!(" code {number}")}</span>
        </button>
    }
}

/// Copies it, marked so that the reader sees it and can copy it by hand.
fn copy(code: &HtmlElement) {
    let Ok(Some(words)) = code.query_selector("code") else { return };
    if let Ok(Some(selection)) = window().get_selection() {
        let _ = selection.select_all_children(&words);
    }
    if let Ok(document) = document().dyn_into::<HtmlDocument>() {
        let _ = document.exec_command("copy");
    }
}
