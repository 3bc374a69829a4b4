//! The pages of a course, written into the page that was built as the template.

pub mod beside;
pub(crate) mod blocks;
mod brief;
pub mod prose;
mod template;

use crate::course::Course;
use crate::html::escaped;
use crate::lesson::Lesson;
use crate::problems::Problems;
use crate::text::Writer;

pub use template::Template;

/// A page: its file's name and its HTML.
pub type Page = (String, String);

/// On which page a lesson is being written: what its addresses are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shelf {
    /// The lesson's own page.
    Own,
    /// The front page, below the name of the site.
    Front,
    /// All lessons on one page, to be printed or searched.
    Whole,
}

impl Shelf {
    /// How many levels deeper headings are than in the lesson's file.
    pub(crate) fn deeper(self) -> usize {
        usize::from(self != Self::Own)
    }

    /// Whether the page is to be printed: it has pictures for wide paper alone.
    pub(crate) fn is_for_paper(self) -> bool {
        self == Self::Whole
    }

    pub(crate) fn heading_id(self, lesson: &str, slug: &str) -> String {
        if self == Self::Whole { format!("{lesson}--{slug}") } else { slug.into() }
    }

    pub(crate) fn lesson_address(self, id: &str) -> String {
        if self == Self::Whole { format!("#{id}") } else { format!("./{id}.html") }
    }
}

/// Writes all pages; what is wrong with the texts is noted on the way.
pub fn write(course: &Course, template: &Template, problems: &mut Problems) -> Vec<Page> {
    let mut pages = Vec::new();
    for (place, lesson) in course.lessons.iter().enumerate() {
        let article = article(course, place, Shelf::Own, problems);
        let page = page(course, Some(&lesson.id), Shelf::Own, &(article + &turn(course, place)));
        let title = format!("{} \u{b7} Understudy", lesson.title);
        let html = template.fill(&title, &lesson.summary, None, &page);
        pages.push((format!("{}.html", lesson.id), beside::with_oembed(&html, lesson)));
    }
    if let Some(first) = course.lessons.first() {
        let (figure, article) = first_figure(article(course, 0, Shelf::Front, problems));
        let text = format!(
            "<header class=\"lesson front\" data-lesson=\"{}\">\n{}\n{figure}</header>\n{article}{}",
            escaped(&first.id),
            template.inside(),
            turn(course, 0)
        );
        let page = page(course, Some(&first.id), Shelf::Front, &text);
        let html = template.fill_front(&page);
        pages.push(("index.html".into(), beside::with_oembed(&html, first)));
    }
    pages.push(("course.html".into(), whole(course, template, problems)));
    pages.push(("glossary.html".into(), glossary(course, template)));
    pages
}

fn whole(course: &Course, template: &Template, problems: &mut Problems) -> String {
    let lessons: String =
        (0..course.lessons.len()).map(|place| article(course, place, Shelf::Whole, problems)).collect();
    let minutes: u32 = course.lessons.iter().map(|lesson| lesson.minutes).sum();
    let text = format!(
        "<header class=\"lesson front\">\n<h1>All lessons on one page</h1>\n<p>{} lessons, about {minutes} minutes: to print, to \
         search, or to read in one go.</p>\n</header>\n{lessons}",
        course.lessons.len()
    );
    let page = page(course, None, Shelf::Whole, &text);
    let about = "All lessons on how web infrastructure stays up, on one page.";
    template.fill("All lessons \u{b7} Understudy", about, None, &page)
}

fn glossary(course: &Course, template: &Template) -> String {
    let terms = course.terms.iter().map(|term| {
        let source = if term.source.is_empty() {
            String::new()
        } else {
            format!(" <span class=\"source\">{}</span>", escaped(&term.source))
        };
        format!(
            "<dt id=\"{}\"><dfn>{}</dfn></dt>\n<dd>{}{source}</dd>\n",
            escaped(&term.id),
            escaped(&term.name),
            escaped(&term.text)
        )
    });
    let text = format!(
        "<article class=\"lesson glossary\">\n<h1>Glossary</h1>\n<dl>\n{}</dl>\n</article>\n",
        terms.collect::<String>()
    );
    let page = page(course, None, Shelf::Own, &text);
    let about = "The words of web infrastructure, as the lessons use them.";
    template.fill("Glossary \u{b7} Understudy", about, Some("./glossary.html"), &page)
}

/// The contents beside a text.
fn page(course: &Course, current: Option<&str>, shelf: Shelf, text: &str) -> String {
    let item = |lesson: &Lesson| {
        let here = if current == Some(&lesson.id) { " aria-current=\"page\"" } else { "" };
        let address = escaped(&shelf.lesson_address(&lesson.id));
        let (id, title) = (escaped(&lesson.id), escaped(&lesson.title));
        format!("<li><a data-lesson=\"{id}\" href=\"{address}\"{here}>{title}</a></li>\n")
    };
    let items: String = course.lessons.iter().map(item).collect();
    let whole = if shelf == Shelf::Whole {
        ""
    } else {
        "<p class=\"whole\"><a href=\"./course.html\">All on one page</a></p>\n"
    };
    format!(
        "<div class=\"page\">\n<nav class=\"contents\" aria-label=\"Lessons\">\n<details><summary>Lessons</summary>\n<ol>\n\
         {items}</ol>\n{whole}</details>\n</nav>\n{text}</div>\n"
    )
}

fn article(course: &Course, place: usize, shelf: Shelf, problems: &mut Problems) -> String {
    let lesson = &course.lessons[place];
    let body = Writer::new(course, lesson, shelf, problems).body();
    let (id, title, summary) = (escaped(&lesson.id), escaped(&lesson.title), escaped(&lesson.summary));
    let address = if shelf == Shelf::Own { String::new() } else { format!(" id=\"{id}\"") };
    let level = 1 + shelf.deeper();
    let (number, of, minutes) = (place + 1, course.lessons.len(), lesson.minutes);
    format!(
        "<article class=\"lesson\" data-lesson=\"{id}\"{address}>\n<p class=\"kicker\">Lesson {number} of {of} \u{b7} \
         {minutes}\u{a0}minutes</p>\n<h{level} class=\"title\">{title}</h{level}>\n<p class=\"lead\">{summary}</p>\n{body}</article>\n"
    )
}

/// Takes the first figure out of a lesson: on the front page it stands above the text, so that whoever comes sees at once
/// what is alive here.
fn first_figure(article: String) -> (String, String) {
    let (open, close) = ("<figure ", "</figure>\n");
    let ends = article
        .find(open)
        .and_then(|start| Some((start, start + article[start..].find(close)? + close.len())));
    match ends {
        Some((start, end)) => {
            let rest = [&article[..start], &article[end..]].concat();
            (article[start..end].into(), rest)
        }
        None => (String::new(), article),
    }
}

/// The way to the lessons before and after.
fn turn(course: &Course, place: usize) -> String {
    let link = |at: Option<usize>, rel: &str, words: &str| {
        let lesson = at.and_then(|at| course.lessons.get(at));
        lesson.map_or_else(String::new, |lesson| {
            let (id, title) = (escaped(&lesson.id), escaped(&lesson.title));
            format!("<a rel=\"{rel}\" href=\"./{id}.html\"><small>{words}</small> {title}</a>\n")
        })
    };
    let before = link(place.checked_sub(1), "prev", "Previous lesson");
    let after = link(Some(place + 1), "next", "Next lesson");
    format!("<nav class=\"lesson turn\" aria-label=\"Previous and next lesson\">\n{before}{after}</nav>\n")
}
