//! The page that was built as the template: its element `<main ... data-course>` is filled, its title and description
//! replaced. Tags are found as they are written by whoever built it, with quotes around attributes or without.

use crate::html::escaped;

/// A page to fill.
#[derive(Debug)]
pub struct Template {
    /// Up to and with the opening tag of the element that is filled.
    head: String,
    inside: String,
    foot: String,
}

/// What a page without a program needs: for checks, in which nothing is written.
const EMPTY: &str = "<title></title><meta name=\"description\" content=\"\"><main data-course></main>";

impl Template {
    /// Takes a page apart, or says what it lacks.
    pub fn read(html: &str) -> Result<Self, String> {
        let lacks = |what: &str| format!("the template has no {what}");
        let mark = html.find("data-course").ok_or_else(|| lacks("<main data-course>"))?;
        let open = mark + html[mark..].find('>').ok_or_else(|| lacks("end of <main data-course>"))? + 1;
        let close = html.rfind("</main>").filter(|close| *close >= open).ok_or_else(|| lacks("</main>"))?;
        let template = Self {
            head: html[..open].into(),
            inside: html[open..close].trim().into(),
            foot: html[close..].into(),
        };
        template.title().ok_or_else(|| lacks("<title>"))?;
        template.description().ok_or_else(|| lacks("<meta name=\"description\">"))?;
        Ok(template)
    }

    /// One with nothing in it.
    pub fn empty() -> Self {
        Self::read(EMPTY).expect("it has all that is needed")
    }

    /// What the element that is filled has in it: the beginning of the front page.
    pub(super) fn inside(&self) -> &str {
        &self.inside
    }

    /// Where the title stands.
    fn title(&self) -> Option<(usize, usize)> {
        let start = self.head.find("<title>")?;
        Some((start, start + self.head[start..].find("</title>")? + "</title>".len()))
    }

    /// Where the tag of the description stands.
    fn description(&self) -> Option<(usize, usize)> {
        let named =
            ["name=\"description\"", "name=description"].iter().find_map(|name| self.head.find(name))?;
        let start = self.head[..named].rfind('<')?;
        Some((start, named + self.head[named..].find('>')? + 1))
    }

    /// The page with this text, as it is otherwise.
    pub(super) fn fill_front(&self, text: &str) -> String {
        format!("{}\n{text}{}", mark_current(&self.head, "./"), self.foot)
    }

    /// The page with this text, title and description. `current` is the address in the navigation that it is.
    pub(super) fn fill(&self, title: &str, about: &str, current: Option<&str>, text: &str) -> String {
        let mut head = self.head.clone();
        let mut parts = vec![
            (self.title(), format!("<title>{}</title>", escaped(title))),
            (self.description(), format!("<meta name=\"description\" content=\"{}\">", escaped(about))),
        ];
        // The later one first, so that the other stays where it is.
        parts.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
        for (place, new) in parts {
            if let Some((start, end)) = place {
                head.replace_range(start..end, &new);
            }
        }
        if let Some(current) = current {
            head = mark_current(&head, current);
        }
        format!("{head}\n{text}{}", self.foot)
    }
}

/// Marks the link of the navigation that leads to this page.
fn mark_current(head: &str, address: &str) -> String {
    let Some(nav) = head.find("<nav") else { return head.into() };
    let (before, nav) = head.split_at(nav);
    let quoted = format!("<a href=\"{address}\">");
    format!("{before}{}", nav.replacen(&quoted, &format!("<a href=\"{address}\" aria-current=\"page\">"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_and_replaced_is_nothing_else() {
        let html = "<title>Old</title><meta content=\"old\" name=description><nav><a href=\"./glossary.html\">G</a></nav><main id=text \
                    data-course> <p>Hello</p> </main><footer></footer>";
        let template = Template::read(html).expect("it has all");
        assert_eq!(template.inside(), "<p>Hello</p>");
        assert_eq!(
            template.fill("A & B", "\"c\"", Some("./glossary.html"), "TEXT"),
            "<title>A &amp; B</title><meta name=\"description\" content=\"&quot;c&quot;\"><nav><a href=\"./glossary.html\" \
             aria-current=\"page\">G</a></nav><main id=text data-course>\nTEXT</main><footer></footer>"
        );
    }

    #[test]
    fn what_a_template_lacks_is_named() {
        for (html, lacking) in [
            ("<main></main>", "no <main data-course>"),
            ("<main data-course>", "no </main>"),
            ("<main data-course></main>", "no <title>"),
            ("<title></title><main data-course></main>", "no <meta name=\"description\">"),
        ] {
            let error = Template::read(html).expect_err(html);
            assert!(error.contains(lacking), "{html}: {error}");
        }
    }
}
