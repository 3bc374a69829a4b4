//! Reloading while working: Trunk puts a script into the page that it builds, which loads the page again when it has
//! built another. The pages beside it get the same. A published page has no such script.
//!
//! Trunk fills in its own address while it serves, after the hash of the script was taken; the address that the page
//! came from is the same one and needs no filling in.

use crate::html;
use crate::pages::Page;

/// What Trunk would fill in, and what to say instead.
const FILLED_IN: [(&str, &str); 2] =
    [("'{{__TRUNK_ADDRESS__}}'", "location.host"), ("'{{__TRUNK_WS_BASE__}}'", "'/'")];

/// Gives the script to all of `pages` if one of them has it, and says whether one has.
pub(crate) fn share(pages: &mut [Page]) -> bool {
    for page in &mut *pages {
        for (hole, filling) in FILLED_IN {
            page.text = page.text.replace(hole, filling);
        }
    }
    let Some(script) = pages.iter().find_map(|page| script(&page.text)) else { return false };
    for page in pages.iter_mut().filter(|page| self::script(&page.text).is_none()) {
        if let Some(at) = page.text.rfind("</body>") {
            page.text.insert_str(at, &script);
        }
    }
    true
}

/// The script of this page, with its tags.
fn script(page: &str) -> Option<String> {
    let blocks = html::read(page).blocks;
    let whole = blocks.into_iter().map(|block| &page[block.whole]);
    whole.into_iter().find(|text| text.contains(".well-known/trunk/ws")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_shared_and_has_no_holes() {
        let page = |name: &str, text: &str| Page { name: name.into(), text: text.into() };
        let script =
            "<script>a = '{{__TRUNK_ADDRESS__}}' + '{{__TRUNK_WS_BASE__}}' + '.well-known/trunk/ws'</script>";
        let mut pages =
            [page("index.html", &format!("<body>one{script}</body>")), page("lab.html", "<body>two</body>")];
        assert!(share(&mut pages));
        let filled = "<script>a = location.host + '/' + '.well-known/trunk/ws'</script>";
        assert_eq!(pages[0].text, format!("<body>one{filled}</body>"));
        assert_eq!(pages[1].text, format!("<body>two{filled}</body>"));
        let mut published = [page("index.html", "<body>one</body>")];
        assert!(!share(&mut published));
        assert_eq!(published[0].text, "<body>one</body>");
    }
}
