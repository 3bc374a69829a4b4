//! A file that the reader chose or dropped, as text.

use leptos::prelude::{document, window};
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, HtmlAnchorElement, Url};

/// A file's name and its text, or why it could not be read.
pub struct Opened {
    /// The file's name.
    pub name: String,
    /// Its text.
    pub text: Result<String, String>,
}

/// Reads `file` unless it is longer than `most_bytes`, and hands it to `done`.
pub fn read(file: File, most_bytes: usize, done: impl FnOnce(Opened) + 'static) {
    #[expect(clippy::cast_precision_loss, reason = "a limit for people")]
    let too_long = file.size() > most_bytes as f64;
    spawn_local(async move {
        let text = if too_long {
            Err(format!("it is longer than {most_bytes} bytes, which is all that such a file may have"))
        } else {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            text.ok_or_else(|| {
                String::from("the browser could not read it; it may have been moved or locked")
            })
        };
        done(Opened { name: file.name(), text });
    });
}

/// Copies `text`, and says whether that could be done: not every page may, and not every browser can.
pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let navigator = window().navigator();
    let able = web_sys::js_sys::Reflect::get(&navigator, &"clipboard".into())
        .is_ok_and(|clipboard| clipboard.is_object());
    let promise = able.then(|| navigator.clipboard().write_text(text));
    spawn_local(async move {
        done(match promise {
            Some(promise) => JsFuture::from(promise).await.is_ok(),
            None => false,
        });
    });
}

/// Offers `text` as a file to save.
pub fn offer(name: &str, text: &str) {
    let parts = web_sys::js_sys::Array::of1(&text.into());
    let Ok(blob) = Blob::new_with_str_sequence(&parts) else { return };
    let Ok(address) = Url::create_object_url_with_blob(&blob) else { return };
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    let _ = Url::revoke_object_url(&address);
}
