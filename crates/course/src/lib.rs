//! From the texts of lessons to pages that anybody can read.
//!
//! [`Course::read`] takes the files apart: each lesson's front matter, its text, the figures and questions in it, the
//! glossary. All that is wrong is noted with its file and line, and reading goes on, so that an author hears everything
//! at once. [`pages::write`] runs the figures, puts their numbers into the text and writes HTML into the page that was
//! built as the template. Whatever stands in a file is text: it is escaped, and raw HTML is an error.
//!
//! `docs/lessons.md` describes the format.

mod blocks;
mod briefs;
mod course;
mod glossary;
mod html;
mod lesson;
mod numbers;
pub mod pages;
mod problems;
mod scenarios;
mod text;
mod things;
mod toml_text;

pub use blocks::{Blocks, CheckBlock, FigureBlock, Held, Links, PredictBlock};
pub use briefs::BriefFile;
pub use course::{Course, Directories};
pub use glossary::Term;
pub use lesson::Lesson;
pub use problems::{Problem, Problems};
