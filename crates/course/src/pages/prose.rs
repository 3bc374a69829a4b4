//! Pages of plain text: documentation that readers of the site want too. CommonMark with tables; code has a button that
//! copies it. What such a text links to is another page of the site or an address; a file of the checkout is named only.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Page, Template};
use crate::html::{escaped, slug};

/// A text and the page that is made of it.
struct Prose {
    /// The file below `docs`.
    file: &'static str,
    page: &'static str,
    about: &'static str,
}

const PAGES: [Prose; 2] = [
    Prose {
        file: "teaching.md",
        page: "teaching.html",
        about: "Which figure for which lecture, ready addresses, a lesson plan, and how to read what students did.",
    },
    Prose {
        file: "embed-this.md",
        page: "embed-this.html",
        about: "A figure of Understudy in your page: code for HTML, Markdown, MkDocs, mdBook, Docusaurus, Jupyter, reveal.js and Moodle.",
    },
];

/// Writes the pages; `read` gives the text of a file below `docs`.
pub fn write(
    template: &Template,
    read: impl Fn(&str) -> Result<String, String>,
) -> Result<Vec<Page>, String> {
    let write = |prose: &Prose| {
        let text = read(prose.file)?;
        let (title, body) = html(&text).map_err(|problem| format!("docs/{}: {problem}", prose.file))?;
        let body = format!("<article class=\"prose\">\n{body}</article>\n");
        let title = format!("{title} \u{b7} Understudy");
        Ok((prose.page.into(), template.fill(&title, prose.about, Some(&format!("./{}", prose.page)), &body)))
    };
    PAGES.iter().map(write).collect()
}

/// A text as HTML, and its title.
fn html(text: &str) -> Result<(String, String), String> {
    let mut out = String::new();
    let mut title = String::new();
    // Where a heading's words begin in `out`, and whether the row of a table is its head.
    let (mut heading, mut in_head) = (0, false);
    let mut links = Vec::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Paragraph) => out += "<p>",
            Event::End(TagEnd::Paragraph) => out += "</p>\n",
            Event::Start(Tag::Heading { .. }) => heading = out.len(),
            Event::End(TagEnd::Heading(level)) => {
                let words = out.split_off(heading);
                if level == HeadingLevel::H1 {
                    title.clone_from(&words);
                }
                let (level, id) = (level.to_string(), slug(&words));
                out.extend(["<", &level, " id=\"", &id, "\">", &words, "</", &level, ">\n"]);
            }
            Event::Start(Tag::List(first)) => out += if first.is_some() { "<ol>\n" } else { "<ul>\n" },
            Event::End(TagEnd::List(ordered)) => out += if ordered { "</ol>\n" } else { "</ul>\n" },
            Event::Start(Tag::Item) => out += "<li>",
            Event::End(TagEnd::Item) => out += "</li>\n",
            Event::Start(Tag::Emphasis) => out += "<em>",
            Event::End(TagEnd::Emphasis) => out += "</em>",
            Event::Start(Tag::Strong) => out += "<strong>",
            Event::End(TagEnd::Strong) => out += "</strong>",
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) if !language.is_empty() => language.to_string(),
                    _ => "text".into(),
                };
                out += "<div class=\"code\"><pre tabindex=\"0\" aria-label=\"Code\"><code class=\"language-";
                out.extend([&escaped(&language), "\">"]);
            }
            Event::End(TagEnd::CodeBlock) => out += "</code></pre></div>\n",
            Event::Start(Tag::Link { dest_url, .. }) => {
                let address = address(&dest_url);
                out +=
                    &address.as_ref().map_or_else(String::new, |to| format!("<a href=\"{}\">", escaped(to)));
                links.push(address.is_some());
            }
            Event::End(TagEnd::Link) => out += if links.pop() == Some(true) { "</a>" } else { "" },
            Event::Start(Tag::Table(_)) => out += "<div class=\"wide-table\" tabindex=\"0\"><table>\n",
            Event::End(TagEnd::Table) => out += "</tbody></table></div>\n",
            Event::Start(Tag::TableHead) => {
                in_head = true;
                out += "<thead><tr>";
            }
            Event::End(TagEnd::TableHead) => {
                in_head = false;
                out += "</tr></thead>\n<tbody>\n";
            }
            Event::Start(Tag::TableRow) => out += "<tr>",
            Event::End(TagEnd::TableRow) => out += "</tr>\n",
            Event::Start(Tag::TableCell) => out += if in_head { "<th scope=\"col\">" } else { "<td>" },
            Event::End(TagEnd::TableCell) => out += if in_head { "</th>" } else { "</td>" },
            Event::Text(text) => out += &escaped(&text),
            Event::Code(code) => out.extend(["<code>", &escaped(&code), "</code>"]),
            Event::SoftBreak => out += "\n",
            Event::HardBreak => out += "<br>\n",
            Event::Rule => out += "<hr>\n",
            other => return Err(format!("a page of text has no {other:?}; write it in words")),
        }
    }
    if title.is_empty() { Err("it has no title; begin it with \"# \"".into()) } else { Ok((title, out)) }
}

/// Where a link leads on the site; nothing for files that are not published.
fn address(to: &str) -> Option<String> {
    if to.starts_with("https:") || to.starts_with('#') || to.starts_with("./") {
        return Some(to.into());
    }
    PAGES.iter().find(|prose| prose.file == to).map(|prose| format!("./{}", prose.page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_whole_and_never_html() {
        let text = "# A & B\n\nSee [this](teaching.md), [that](other.md) and *more*.\n\n| a | b |\n|---|---|\n| `<x>` | y |\n\n\
                    ```html\n<b>&</b>\n```\n";
        let (title, html) = html(text).expect("it makes sense");
        assert_eq!(title, "A &amp; B");
        assert!(html.contains("<a href=\"./teaching.html\">this</a>, that and <em>more</em>"), "{html}");
        assert!(
            html.contains("<th scope=\"col\">a</th>") && html.contains("<td><code>&lt;x&gt;</code></td>"),
            "{html}"
        );
        assert!(html.contains("<code class=\"language-html\">&lt;b&gt;&amp;&lt;/b&gt;\n</code>"), "{html}");
        assert!(super::html("words").expect_err("no title").contains("no title"));
        assert!(super::html("# T\n\n<b>raw</b>").expect_err("raw HTML").contains("no "));
    }
}
