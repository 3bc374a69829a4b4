//! The whole course as one page that needs no other: its glossary is at its end, and its links stay in it.

use crate::pages::Page;

/// Where the glossary begins and ends in its own page.
const GLOSSARY: (&str, &str) = ("<article class=\"lesson glossary\">", "</article>");
/// Before the names of terms: a lesson may have the name of one.
const TERM: &str = "term-";
/// A link to the front page, and one to the beginning of this one.
const FRONT: (&str, &str) = ("class=\"brand\" href=\"./\"", "class=\"brand\" href=\"#text\"");

/// `page` with the article of `glossary` at its end.
pub(super) fn with_glossary(page: &Page, glossary: Option<&Page>) -> Result<String, String> {
    let text = page.text.replace(FRONT.0, FRONT.1);
    let Some(glossary) = glossary else { return Ok(text) };
    let article =
        article(&glossary.text).ok_or_else(|| format!("{} has no {}", glossary.name, GLOSSARY.0))?;
    let at = text.rfind(GLOSSARY.1).ok_or_else(|| format!("{} has no lesson", page.name))? + GLOSSARY.1.len();
    let inside = article
        .replace(" id=\"", &format!(" id=\"{TERM}"))
        .replace(" href=\"#", &format!(" href=\"#{TERM}"))
        .replace("<h1>", "<h2 class=\"title\" id=\"glossary\">")
        .replace("</h1>", "</h2>");
    let whole = format!("{}\n{inside}{}", &text[..at], &text[at..]);
    Ok(whole
        .replace(&format!(" href=\"./{}#", glossary.name), &format!(" href=\"#{TERM}"))
        .replace(&format!(" href=\"./{}\"", glossary.name), " href=\"#glossary\""))
}

fn article(page: &str) -> Option<&str> {
    let start = page.find(GLOSSARY.0)?;
    let end = start + page[start..].find(GLOSSARY.1)? + GLOSSARY.1.len();
    Some(&page[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_found_in_the_page_itself_and_clash_with_no_lesson() {
        let page = |name: &str, text: &str| Page { name: name.into(), text: text.into() };
        let course = page(
            "course.html",
            "<a class=\"brand\" href=\"./\">U</a><a href=\"./glossary.html\">Glossary</a><main>\
             <article id=\"failover\"><a href=\"./glossary.html#failover\">failover</a></article></main>",
        );
        let glossary = page(
            "glossary.html",
            "<main><article class=\"lesson glossary\"><h1>Glossary</h1><dt id=\"failover\">f</dt>\
             <a href=\"#failover\">f</a></article></main>",
        );
        assert_eq!(
            with_glossary(&course, Some(&glossary)).expect("both are pages"),
            "<a class=\"brand\" href=\"#text\">U</a><a href=\"#glossary\">Glossary</a><main>\
             <article id=\"failover\"><a href=\"#term-failover\">failover</a></article>\n\
             <article class=\"lesson glossary\"><h2 class=\"title\" id=\"glossary\">Glossary</h2>\
             <dt id=\"term-failover\">f</dt><a href=\"#term-failover\">f</a></article></main>"
        );
        let alone = with_glossary(&course, None).expect("it is a page");
        assert!(alone.contains("href=\"./glossary.html#failover\""), "{alone}");
        let message = with_glossary(&course, Some(&page("glossary.html", "<p>"))).expect_err("no article");
        assert!(message.contains("glossary.html has no <article"), "{message}");
    }
}
