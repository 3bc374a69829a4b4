//! Golden traces: one story with everything in it, line for line, so that any change of behaviour shows as a change of
//! the text, natively and in WebAssembly.
//!
//! `BLESS=1 cargo test -p understudy-core` writes them anew.

/// Holds a story against the golden text of a component, which is in `<component>.txt` beside this file.
#[track_caller]
pub(crate) fn check(component: &str, story: &str, golden: &str) {
    if bless(component, story) {
        return;
    }
    for (number, (told, golden)) in (1..).zip(story.lines().zip(golden.lines())) {
        assert_eq!(
            told, golden,
            "line {number} of golden/{component}.txt; BLESS=1 writes it anew, if that is meant"
        );
    }
    assert_eq!(story.lines().count(), golden.lines().count(), "lines in golden/{component}.txt");
}

/// Writes the golden text when asked to; WebAssembly has neither the question nor the file.
#[cfg(target_arch = "wasm32")]
fn bless(_: &str, _: &str) -> bool {
    false
}

#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::disallowed_methods, reason = "a test may ask whether to write its golden text anew")]
fn bless(component: &str, story: &str) -> bool {
    let asked = std::env::var("BLESS").is_ok();
    if asked {
        let path = format!("{}/tests/golden/{component}.txt", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, story).expect("the golden text can be written");
    }
    asked
}
