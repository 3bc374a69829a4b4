//! The Content-Security-Policy of a page: what it may run and load.
//!
//! Everything comes from where the page comes from, nothing from anybody else. A script or a style sheet that stands
//! in the page is allowed by the hash of its text; one that somebody managed to put into the page otherwise has no
//! hash and does nothing. WebAssembly is allowed to compile, which `eval` is not.
//!
//! The policy is a `meta` element, so that it holds on every host and in a file. What only a header can say (who may
//! put the page into a frame) is in docs/hosting.md.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::html::{self, Block, Found};

/// Types of `script` that are code. Anything else is data, which nobody runs.
const CODE: [&str; 3] = ["", "module", "text/javascript"];
/// The name of the `meta` element.
const NAME: &str = "content-security-policy";

/// `page` with its policy, in place of one that it had.
pub(crate) fn with_policy(page: &str) -> Result<String, String> {
    let page = without_policy(page);
    let found = html::read(&page);
    if let Some((name, at)) = found.forbidden.first() {
        let line = page[..*at].matches('\n').count() + 1;
        let shown: String = page[*at..].chars().take(60).collect();
        return Err(format!(
            "line {line}: the attribute `{name}` of `{shown}` would not work under the page's own policy: a style \
             belongs into a style sheet, a handler into the program"
        ));
    }
    // As early as may be: the policy holds for what comes after it.
    let charset = found.tags.iter().find(|tag| !tag.charset.is_empty());
    let at = charset.ok_or("there is no `<meta charset=\"utf-8\">` to put the policy after")?.whole.end;
    let meta =
        format!("\n    <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">", policy(&page, &found));
    Ok(format!("{}{meta}{}", &page[..at], &page[at..]))
}

/// The directives for what was found in `page`.
fn policy(page: &str, found: &Found) -> String {
    let hashes = |wanted: fn(&Block) -> bool| {
        let mut hashes: Vec<String> = found
            .blocks
            .iter()
            .filter(|block| block.src.is_none() && wanted(block))
            .map(|block| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(&page[block.inside.clone()]))))
            .collect();
        hashes.sort();
        hashes.dedup();
        hashes.iter().fold(String::new(), |all, hash| all + " " + hash)
    };
    let scripts = hashes(|block| !block.is_style && is_code(block));
    let styles = hashes(|block| block.is_style);
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         img-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; \
         base-uri 'none'; form-action 'none'"
    )
}

/// Whether the script is code rather than data.
pub(crate) fn is_code(block: &Block) -> bool {
    CODE.contains(&block.kind.as_deref().unwrap_or_default())
}

/// `page` without the policy that was written into it before.
fn without_policy(page: &str) -> String {
    let mut text = page.to_owned();
    let mut metas: Vec<_> =
        html::read(page).tags.into_iter().filter(|tag| tag.http_equiv == NAME).map(|tag| tag.whole).collect();
    metas.reverse();
    for range in metas {
        let start = page[..range.start].trim_end().len();
        text.replace_range(start..range.end, "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!doctype html><head><meta charset=\"utf-8\"><style>p {}</style></head>\
        <script>one()</script><script type=\"application/json\">{}</script><script type=module>two()</script>";

    #[test]
    fn each_inline_script_and_style_has_its_hash_and_data_has_none() {
        let page = with_policy(PAGE).expect("it is a page");
        // `printf %s TEXT | openssl dgst -sha256 -binary | base64`
        for (text, hash) in [
            ("one()", "HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4="),
            ("two()", "iMrPAWirDC2X0OhZzLsM2MRIWSmepJGI4r7D8ZlwBOw="),
            ("p {}", "SNJDlN1Iy2mnt7DOjQIyDb2LQE6O5PQiSZomcdzawQ4="),
        ] {
            assert!(page.contains(&format!("'sha256-{hash}'")), "{text}: {page}");
        }
        assert_eq!(page.matches("'sha256-").count(), 3, "{page}");
        assert!(!page.contains("unsafe-inline"));
        assert!(page.find("http-equiv") < page.find("<style>"), "{page}");
    }

    #[test]
    fn it_may_be_written_again() {
        let once = with_policy(PAGE).expect("it is a page");
        assert_eq!(with_policy(&once), Ok(once.clone()));
    }

    #[test]
    fn what_the_policy_would_stop_is_refused_with_its_place() {
        let message = with_policy("<meta charset=utf-8>\n<p style='color:red'>").expect_err("it has a style");
        assert!(message.contains("line 2: the attribute `style` of `<p style='color:red'>`"), "{message}");
        let message = with_policy("<p>").expect_err("it has no head");
        assert!(message.contains("no `<meta charset"), "{message}");
    }
}
