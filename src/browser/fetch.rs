//! A file that lies beside the page, as text.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// The text of the file at `address`, or why it cannot be had.
pub async fn text(address: &str) -> Result<String, String> {
    // A page that was opened as a file has no files beside it, and a browser says so in many ways.
    let none = || String::from("it could not be fetched: it is not here, or there is no network");
    let answer = JsFuture::from(window().fetch_with_str(address)).await.map_err(|_| none())?;
    let answer: Response = answer.dyn_into().map_err(|_| none())?;
    if !answer.ok() {
        return Err("there is no such file".into());
    }
    let text = JsFuture::from(answer.text().map_err(|_| none())?).await.map_err(|_| none())?;
    text.as_string().ok_or_else(none)
}
