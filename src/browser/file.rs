//! A file that the reader chose or dropped, as text.

use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

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
            Err(format!("it is longer than {most_bytes} bytes, which is all that a scenario file may have"))
        } else {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            text.ok_or_else(|| {
                String::from("the browser could not read it; it may have been moved or locked")
            })
        };
        done(Opened { name: file.name(), text });
    });
}
