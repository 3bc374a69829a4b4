//! A lesson's text as HTML.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::course::Course;
use crate::html::{escaped, slug};
use crate::lesson::Lesson;
use crate::pages::{Shelf, blocks};
use crate::problems::Problems;
use crate::{numbers, things};

/// What is being written, and where.
pub(crate) struct Writer<'a> {
    pub(crate) course: &'a Course,
    pub(crate) lesson: &'a Lesson,
    pub(crate) shelf: Shelf,
    pub(crate) problems: &'a mut Problems,
    /// The addresses of headings so far.
    slugs: Vec<String>,
}

/// The parts of a text: as HTML, and as words alone.
#[derive(Default)]
pub(crate) struct Words {
    pub(crate) html: String,
    pub(crate) plain: String,
}

impl Words {
    fn text(&mut self, text: &str) {
        self.html.push_str(&escaped(text));
        self.plain.push_str(text);
    }

    fn tag(&mut self, tag: &str) {
        self.html.push_str(tag);
    }
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(
        course: &'a Course,
        lesson: &'a Lesson,
        shelf: Shelf,
        problems: &'a mut Problems,
    ) -> Self {
        Self { course, lesson, shelf, problems, slugs: Vec::new() }
    }

    pub(crate) fn note(&mut self, line: usize, what: impl Into<String>) {
        self.problems.note(&self.lesson.file, line, what);
    }

    /// The whole text of the lesson.
    pub(crate) fn body(&mut self) -> String {
        let lesson = self.lesson;
        let mut words = Words::default();
        let mut heading: Option<Words> = None;
        let mut block: Option<(String, usize, String)> = None;
        let mut links = Vec::new();
        for (event, line) in lesson.events() {
            if let Some((info, at, content)) = &mut block {
                match event {
                    Event::Text(text) => content.push_str(&text),
                    Event::End(TagEnd::CodeBlock) => {
                        let html = blocks::write(self, info, *at, content);
                        words.tag(&html);
                        block = None;
                    }
                    _ => {}
                }
                continue;
            }
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    block = Some((info, line, String::new()));
                }
                Event::Start(Tag::Heading { level, .. }) => {
                    if level == HeadingLevel::H1 {
                        self.note(line, "the title is the lesson's only heading with one #; write ## or ###");
                    }
                    heading = Some(Words::default());
                }
                Event::End(TagEnd::Heading(level)) => {
                    let inside = heading.take().unwrap_or_default();
                    words.tag(&self.heading(level, &inside));
                }
                other => {
                    let into = heading.as_mut().unwrap_or(&mut words);
                    self.event(other, line, into, &mut links);
                }
            }
        }
        words.html
    }

    /// A text of one paragraph, such as a question: what may stand in a sentence may stand in it.
    pub(crate) fn sentence(&mut self, text: &str, line: usize) -> Words {
        let mut words = Words::default();
        let mut links = Vec::new();
        for event in Parser::new_ext(text, Options::ENABLE_SMART_PUNCTUATION) {
            match event {
                Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
                Event::Start(Tag::Link { .. } | Tag::Emphasis | Tag::Strong)
                | Event::End(TagEnd::Link | TagEnd::Emphasis | TagEnd::Strong)
                | Event::Text(_)
                | Event::Code(_)
                | Event::SoftBreak
                | Event::Html(_)
                | Event::InlineHtml(_) => self.event(event, line, &mut words, &mut links),
                _ => self.note(
                    line,
                    format!("\"{text}\": only a sentence can stand here, without lists and headings"),
                ),
            }
        }
        words
    }

    fn heading(&mut self, level: HeadingLevel, inside: &Words) -> String {
        let base = slug(&inside.plain);
        let same = |slug: &str| format!("{slug}-").starts_with(&format!("{base}-"));
        let taken = self.slugs.iter().filter(|slug| same(slug)).count();
        let own = if taken == 0 { base } else { format!("{base}-{}", taken + 1) };
        self.slugs.push(own.clone());
        let id = self.shelf.heading_id(&self.lesson.id, &own);
        let level = (level as usize + self.shelf.deeper()).min(6);
        // For those who want the address: it adds nothing to what is read out, and no stop for the keyboard.
        let here = format!("<a class=\"here\" href=\"#{id}\" tabindex=\"-1\" aria-hidden=\"true\">#</a>");
        format!("<h{level} id=\"{id}\">{}{here}</h{level}>\n", inside.html)
    }

    fn event(&mut self, event: Event<'_>, line: usize, words: &mut Words, links: &mut Vec<&'static str>) {
        match event {
            Event::Text(text) => words.text(&text),
            Event::Code(code) => {
                if let Some(code) = code.strip_prefix('=') {
                    self.number(code, line, words);
                } else {
                    words.tag("<code>");
                    words.text(&code);
                    words.tag("</code>");
                }
            }
            Event::SoftBreak => {
                words.tag("\n");
                words.plain.push(' ');
            }
            Event::HardBreak => words.tag("<br>\n"),
            Event::Rule => words.tag("<hr>\n"),
            Event::Html(html) | Event::InlineHtml(html) => {
                let shown = html.trim();
                if shown.starts_with("</") {
                    return;
                }
                self.note(
                    line,
                    format!("\"{shown}\" is HTML; write it in Markdown, or \\< for the character itself"),
                );
            }
            Event::Start(tag) => self.open(tag, line, words, links),
            Event::End(tag) => close(tag, words, links),
            _ => {}
        }
    }

    fn number(&mut self, code: &str, line: usize, words: &mut Words) {
        match numbers::resolve(code, self.course) {
            Ok(number) => {
                words.tag("<span class=\"number\">");
                words.text(&number);
                words.tag("</span>");
            }
            Err(problem) => {
                let name = code.split_whitespace().next();
                if !self.course.lessons.iter().any(|lesson| lesson.blocks.lacks(name)) {
                    self.note(line, problem);
                }
            }
        }
    }

    fn open(&mut self, tag: Tag<'_>, line: usize, words: &mut Words, links: &mut Vec<&'static str>) {
        match tag {
            Tag::Paragraph => words.tag("<p>"),
            Tag::BlockQuote(_) => words.tag("<blockquote>\n"),
            Tag::List(None) => words.tag("<ul>\n"),
            Tag::List(Some(1)) => words.tag("<ol>\n"),
            Tag::List(Some(first)) => words.tag(&format!("<ol start=\"{first}\">\n")),
            Tag::Item => words.tag("<li>"),
            Tag::Emphasis => words.tag("<em>"),
            Tag::Strong => words.tag("<strong>"),
            Tag::Link { dest_url, .. } => {
                let (open, close) = self.link(&dest_url, line);
                words.tag(&open);
                links.push(close);
            }
            Tag::Image { dest_url, .. } => {
                self.note(line, format!("\"{dest_url}\": a lesson has no pictures; write a figure block"));
            }
            _ => {}
        }
    }

    /// The tags around a link's words.
    fn link(&mut self, address: &str, line: usize) -> (String, &'static str) {
        if things::is_thing(address) {
            return match things::find(address, line, self.lesson) {
                Ok((picture, Some(figure))) => {
                    let (thing, figure) = (escaped(address), escaped(figure.id()));
                    (
                        format!("<a class=\"thing\" data-thing=\"{thing}\" href=\"#{figure}\">{picture}"),
                        "</a>",
                    )
                }
                Ok((picture, None)) => (
                    format!("<span class=\"thing\" data-thing=\"{}\">{picture}", escaped(address)),
                    "</span>",
                ),
                Err(problem) => {
                    // What is missing may be in a figure that is broken.
                    if !self.lesson.blocks.lacks(None) {
                        self.note(line, problem);
                    }
                    (String::new(), "")
                }
            };
        }
        let href = match address.split_once(':') {
            Some(("term", id)) if self.course.term(id).is_some() => {
                return (format!("<a class=\"term\" href=\"./glossary.html#{}\">", escaped(id)), "</a>");
            }
            Some(("term" | "lesson", _)) if self.course.is_incomplete => return (String::new(), ""),
            Some(("term", id)) => Err(format!(
                "there is no term \"{id}\"; add it to lessons/glossary.toml{}",
                self.near_term(id)
            )),
            Some(("lesson", id)) if self.course.lesson(id).is_some() => Ok(self.shelf.lesson_address(id)),
            Some(("lesson", id)) => {
                let known: Vec<&str> = self.course.lessons.iter().map(|lesson| lesson.id.as_str()).collect();
                Err(format!("there is no lesson \"{id}\"; the lessons are {}", known.join(", ")))
            }
            Some(("https", _)) => Ok(address.into()),
            _ => Err(format!(
                "\"{address}\" is no address of a course; write one with node:, link:, kind:, term:, lesson: or https:"
            )),
        };
        match href {
            Ok(href) => (format!("<a href=\"{}\">", escaped(&href)), "</a>"),
            Err(problem) => {
                self.note(line, problem);
                (String::new(), "")
            }
        }
    }

    /// A term that may be meant.
    fn near_term(&self, id: &str) -> String {
        let near = self.course.terms.iter().find(|term| term.id.starts_with(id) || id.starts_with(&term.id));
        near.map_or_else(String::new, |term| format!(", or write term:{}", term.id))
    }
}

fn close(tag: TagEnd, words: &mut Words, links: &mut Vec<&'static str>) {
    words.tag(match tag {
        TagEnd::Paragraph => "</p>\n",
        TagEnd::BlockQuote(_) => "</blockquote>\n",
        TagEnd::List(false) => "</ul>\n",
        TagEnd::List(true) => "</ol>\n",
        TagEnd::Item => "</li>\n",
        TagEnd::Emphasis => "</em>",
        TagEnd::Strong => "</strong>",
        TagEnd::Link => links.pop().unwrap_or_default(),
        _ => "",
    });
}
