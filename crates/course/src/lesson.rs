//! One lesson's file: front matter between `+++` lines, then its text with the blocks in it.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use understudy_sim::fields::{Fields, FromJson, Reading};
use understudy_sim::json::Json;

use crate::blocks::{Blocks, CheckBlock, Reader};
use crate::html::is_name;
use crate::problems::Problems;
use crate::scenarios::Scenarios;
use crate::toml_text::TomlText;

/// How many checks a lesson has at least.
const CHECKS: usize = 3;

/// A lesson that was read.
#[derive(Debug)]
pub struct Lesson {
    /// Its file, as the author knows it.
    pub file: String,
    /// Its name, which is its address too.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How long it takes to read and try.
    pub minutes: u32,
    /// What it says, in one sentence.
    pub summary: String,
    /// The one idea that it adds.
    pub adds: String,
    /// Its text, in CommonMark.
    pub(crate) body: String,
    /// The line of its text's first line.
    pub(crate) body_line: usize,
    /// The figures, questions and sources in it, in order.
    pub blocks: Blocks,
}

struct Front {
    id: String,
    title: String,
    minutes: u32,
    summary: String,
    adds: String,
}

impl FromJson for Front {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let front = Self {
            id: fields.required("id"),
            title: fields.required("title"),
            minutes: fields.required("minutes"),
            summary: fields.required("summary"),
            adds: fields.required("adds"),
        };
        fields.end();
        front
    }
}

impl Lesson {
    /// Reads a lesson; `None` if its front matter says too little to go on.
    pub(crate) fn read(
        file: &str,
        text: &str,
        scenarios: &Scenarios,
        problems: &mut Problems,
    ) -> Option<Self> {
        let text = text.replace("\r\n", "\n");
        let Some((front, body)) = text.strip_prefix("+++\n").and_then(|rest| rest.split_once("\n+++\n"))
        else {
            problems.note(file, 1, "a lesson starts with its front matter, TOML between two lines +++");
            return None;
        };
        let toml = TomlText::read(file, 2, front, problems)?;
        let front: Front = toml.take(problems)?;
        if !is_name(&front.id) {
            toml.note(
                "id",
                format!("\"{}\" is no name; write small letters, digits and hyphens", front.id),
                problems,
            );
        }
        if RESERVED.contains(&front.id.as_str()) {
            toml.note("id", format!("\"{}\" is the name of another page; write another", front.id), problems);
        }
        let body_line = 1 + text[..text.len() - body.len()].matches('\n').count();
        let mut lesson = Self {
            file: file.into(),
            id: front.id,
            title: front.title,
            minutes: front.minutes,
            summary: front.summary,
            adds: front.adds,
            body: body.into(),
            body_line,
            blocks: Blocks::default(),
        };
        lesson.blocks = lesson.read_blocks(scenarios, problems);
        if !lesson.blocks.is_broken() {
            lesson.check_shape(problems);
        }
        Some(lesson)
    }

    /// The text as events, each with its line.
    pub(crate) fn events(&self) -> impl Iterator<Item = (Event<'_>, usize)> {
        let line = |offset: usize| self.body_line + self.body[..offset].matches('\n').count();
        Parser::new_ext(&self.body, Options::ENABLE_SMART_PUNCTUATION)
            .into_offset_iter()
            .map(move |(event, range)| (event, line(range.start)))
    }

    fn read_blocks(&self, scenarios: &Scenarios, problems: &mut Problems) -> Blocks {
        let mut reader = Reader::new(&self.file, scenarios);
        let mut open: Option<(String, usize, String)> = None;
        for (event, line) in self.events() {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    open = Some((info.to_string(), line, String::new()));
                }
                Event::Text(text) => {
                    if let Some((.., content)) = &mut open {
                        content.push_str(&text);
                    }
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((info, line, content)) = open.take() {
                        reader.block(&info, line, &content, problems);
                    }
                }
                _ => {}
            }
        }
        reader.finish(problems)
    }

    /// What every lesson has.
    fn check_shape(&self, problems: &mut Problems) {
        let count = self.blocks.checks().count();
        let last = self.body_line + self.body.matches('\n').count().saturating_sub(1);
        let mut lacks = |what: String| problems.note(&self.file, last, what);
        if count < CHECKS {
            lacks(format!("it has {count} checks that make sense; a lesson ends with {CHECKS} at least"));
        }
        if !self.blocks.checks().any(CheckBlock::is_done) {
            lacks(
                "no check is answered by doing; write one with \"figure\", \"done\", \"hint\" and \"praise\""
                    .into(),
            );
        }
        if self.blocks.predictions().next().is_none() {
            lacks("nothing is predicted; write a predict block before the figure that answers it".into());
        }
        if self.blocks.links().next().is_none() {
            lacks("it names no sources; write a sources block at its end".into());
        }
    }
}

/// Names of other pages of the site.
const RESERVED: [&str; 6] = ["index", "course", "glossary", "lab", "embed", "teaching"];
