//! JSON texts, read by the browser's own reader: the page does not bring one along.

use understudy_sim::json::Json;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::{Array, JSON, Object};

/// How deep lists and objects may stand in each other.
const DEEPEST: u32 = 64;

/// Reads a text; nothing if it is no JSON.
pub fn read(text: &str) -> Option<Json> {
    value(&JSON::parse(text).ok()?, DEEPEST)
}

fn value(from: &JsValue, depth: u32) -> Option<Json> {
    let depth = depth.checked_sub(1)?;
    Some(if from.is_null() {
        Json::Null
    } else if let Some(is_so) = from.as_bool() {
        Json::Bool(is_so)
    } else if let Some(number) = from.as_f64() {
        Json::Number(number)
    } else if let Some(text) = from.as_string() {
        Json::Text(text)
    } else if let Some(list) = from.dyn_ref::<Array>() {
        Json::List(list.iter().map(|item| value(&item, depth)).collect::<Option<_>>()?)
    } else {
        let fields = Object::entries(from.unchecked_ref());
        let field = |entry: JsValue| {
            let entry: &Array = entry.unchecked_ref();
            Some((entry.get(0).as_string()?, value(&entry.get(1), depth)?))
        };
        Json::Object(fields.iter().map(field).collect::<Option<_>>()?)
    })
}
