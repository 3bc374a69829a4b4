//! Texts made small and large again by the browser's own DEFLATE (RFC 1951).

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Array, Function, Reflect, Uint8Array, global};
use web_sys::{Blob, ReadableStreamDefaultReader, ReadableWritablePair, Response};

/// The text as few bytes; nothing where the browser cannot do that.
pub async fn pack(text: &str) -> Option<Vec<u8>> {
    let packed = async {
        let blob = Blob::new_with_str_sequence(&Array::of1(&text.into()))?;
        let stream = blob.stream().pipe_through(&transform("CompressionStream")?);
        let answer = Response::new_with_opt_readable_stream(Some(&stream))?;
        JsFuture::from(answer.array_buffer()?).await
    };
    packed.await.ok().map(|buffer| Uint8Array::new(&buffer).to_vec())
}

/// The text that was made small, or why there is none. A small file can hold a very large one: it is read in pieces, and
/// no further than `most` bytes.
pub async fn unpack(bytes: &[u8], most: usize) -> Result<String, String> {
    let broken =
        |_: JsValue| String::from("it was cut short or changed on its way; copy the whole address again");
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence(&parts).map_err(broken)?;
    let unpacker = transform("DecompressionStream")
        .map_err(|_| String::from("this browser cannot unpack it; a newer one can"))?;
    let stream = blob.stream().pipe_through(&unpacker);
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut all = Vec::new();
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(broken)?;
        let value = Reflect::get(&piece, &"value".into()).map_err(broken)?;
        if value.is_undefined() {
            break;
        }
        let piece = Uint8Array::new(&value);
        if all.len() + piece.length() as usize > most {
            let _ = reader.cancel();
            return Err(format!(
                "it is longer than {most} bytes once it is unpacked, which is all that is read"
            ));
        }
        all.extend(piece.to_vec());
    }
    String::from_utf8(all).map_err(|_| broken(JsValue::NULL))
}

/// The browser's stream of this name, for DEFLATE without a header.
fn transform(name: &str) -> Result<ReadableWritablePair, JsValue> {
    let class: Function = Reflect::get(&global(), &name.into())?.dyn_into()?;
    Reflect::construct(&class, &Array::of1(&"deflate-raw".into())).map(JsCast::unchecked_into)
}
