//! The links at the top of each page: they lead to pages that are there, and the page where the reader is is marked.
//!
//! The links stand in the template, which every page is made from. Which pages there are is known only when all have
//! been written: a copy of the site for a course may leave some out.

use crate::pages::Page;

const OPENS: &str = "<nav aria-label=\"Pages\">";
const CLOSES: &str = "</nav>";
/// A link to this is one to `index.html`.
const FRONT: (&str, &str) = ("./", "index.html");

/// Sees to the links of all `pages`.
pub(crate) fn settle(pages: &mut [Page]) {
    let names: Vec<String> = pages.iter().map(|page| page.name.clone()).collect();
    for page in pages {
        let Some(start) = page.text.find(OPENS).map(|at| at + OPENS.len()) else { continue };
        let Some(end) = page.text[start..].find(CLOSES).map(|at| start + at) else { continue };
        let links: String = page.text[start..end]
            .split_inclusive("</a>")
            .filter_map(|link| settled(link, &page.name, &names))
            .collect();
        page.text.replace_range(start..end, &links);
    }
}

/// The link with what stands before it, marked if it leads to the page itself; nothing if it leads nowhere.
fn settled(link: &str, here: &str, names: &[String]) -> Option<String> {
    let Some(href) = link.split_once("href=\"").and_then(|(_, rest)| Some(rest.split_once('"')?.0)) else {
        return Some(link.into());
    };
    let target = if href == FRONT.0 { FRONT.1 } else { href.trim_start_matches("./") };
    if !names.iter().any(|name| name == target) {
        return None;
    }
    let is_here = target == here && !link.contains("aria-current");
    Some(if is_here { link.replacen("<a ", "<a aria-current=\"page\" ", 1) } else { link.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_that_are_there_and_the_own_page_is_marked() {
        let nav = "<nav aria-label=\"Pages\"> <a href=\"./\">A</a> <a href=\"./lab.html\">B</a> <a href=\"./c.html\">C</a> </nav>";
        let page = |name: &str| Page { name: name.into(), text: nav.into() };
        let mut pages = [page("index.html"), page("lab.html"), page("other.html")];
        settle(&mut pages);
        let [front, lab, other] = pages.map(|page| page.text);
        assert_eq!(
            front,
            "<nav aria-label=\"Pages\"> <a aria-current=\"page\" href=\"./\">A</a> <a href=\"./lab.html\">B</a> </nav>"
        );
        assert!(lab.contains("<a href=\"./\">A</a> <a aria-current=\"page\" href=\"./lab.html\">"), "{lab}");
        assert!(!other.contains("aria-current") && !other.contains("c.html"), "{other}");
    }
}
