//! A whole course: its lessons in order, and what they share.

use std::fs;
use std::path::{Path, PathBuf};

use crate::blocks::FigureBlock;
use crate::briefs::{self, BriefFile};
use crate::glossary::{self, Term};
use crate::lesson::Lesson;
use crate::problems::Problems;
use crate::scenarios::Scenarios;

/// Where the files of a course are.
#[derive(Clone, Debug)]
pub struct Directories {
    /// The lessons, `glossary.toml`, `scenarios/` and `briefs/`.
    pub lessons: PathBuf,
    /// The shipped scenarios.
    pub scenarios: PathBuf,
}

/// A course that was read.
#[derive(Debug)]
pub struct Course {
    /// The lessons, in the order of their files' names.
    pub lessons: Vec<Lesson>,
    /// The glossary, by name.
    pub terms: Vec<Term>,
    /// The briefs, by name.
    pub briefs: Vec<BriefFile>,
    /// The scenarios that its figures may name.
    pub(crate) scenarios: Scenarios,
    /// Whether a file of it could not be read, which was noted: what is missing then is not told too.
    pub(crate) is_incomplete: bool,
}

impl Course {
    /// Reads all files of a course and notes what is wrong with them.
    pub fn read(directories: &Directories, problems: &mut Problems) -> Self {
        let mut scenarios = Scenarios::default();
        scenarios.add(&directories.lessons.join("scenarios"), "lessons/scenarios", problems);
        scenarios.add(&directories.scenarios, "scenarios", problems);
        let glossary = directories.lessons.join("glossary.toml");
        let terms = match fs::read_to_string(glossary) {
            Ok(text) => glossary::read("lessons/glossary.toml", &text, problems),
            Err(error) => {
                problems.note("lessons/glossary.toml", 0, format!("it cannot be read: {error}"));
                None
            }
        };
        let files = files(&directories.lessons, problems);
        let lessons: Vec<Lesson> =
            files.iter().filter_map(|(file, text)| Lesson::read(file, text, &scenarios, problems)).collect();
        let briefs = briefs::read(&directories.lessons.join("briefs"), &scenarios, problems);
        let is_incomplete = terms.is_none() || lessons.len() < files.len();
        let course = Self { lessons, terms: terms.unwrap_or_default(), briefs, scenarios, is_incomplete };
        if course.lessons.is_empty() && problems.is_empty() {
            problems.note("lessons", 0, "there is no lesson; write one as lessons/01-NAME.md");
        }
        course.check_names(problems);
        course
    }

    /// The lesson of this name and its place.
    pub fn lesson(&self, id: &str) -> Option<(usize, &Lesson)> {
        self.lessons.iter().enumerate().find(|(_, lesson)| lesson.id == id)
    }

    /// The term of this name.
    pub fn term(&self, id: &str) -> Option<&Term> {
        self.terms.iter().find(|term| term.id == id)
    }

    /// The brief of this name.
    pub fn brief(&self, name: &str) -> Option<&BriefFile> {
        self.briefs.iter().find(|brief| brief.name == name)
    }

    /// The figure of this name, wherever it stands.
    pub fn figure(&self, id: &str) -> Option<&FigureBlock> {
        self.figures().find(|figure| figure.id() == id)
    }

    /// All figures, in the order of the text.
    pub fn figures(&self) -> impl Iterator<Item = &FigureBlock> {
        self.lessons.iter().flat_map(|lesson| lesson.blocks.figures())
    }

    /// What has a name has it alone.
    fn check_names(&self, problems: &mut Problems) {
        let mut taken: Vec<(&'static str, &str, String)> = Vec::new();
        let mut take = |what: &'static str, name, file: &str, line| match taken
            .iter()
            .find(|(kind, known, _)| (*kind, *known) == (what, name))
        {
            Some((.., place)) => {
                problems.note(
                    file,
                    line,
                    format!("there is another {what} \"{name}\", in {place}; rename one"),
                );
            }
            None => taken.push((what, name, format!("{file}:{line}"))),
        };
        for lesson in &self.lessons {
            take("lesson", &lesson.id, &lesson.file, 2);
            for figure in lesson.blocks.figures() {
                take("figure", figure.id(), &lesson.file, figure.line);
            }
            for check in lesson.blocks.checks() {
                take("check", &check.question.id, &lesson.file, check.line);
            }
        }
    }
}

/// The lessons' files: their names for messages, and their texts.
fn files(directory: &Path, problems: &mut Problems) -> Vec<(String, String)> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => {
            problems.note("lessons", 0, format!("the directory cannot be read: {error}"));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Lessons are numbered; whatever else lies there is for their authors.
        if !name.starts_with(|character: char| character.is_ascii_digit()) {
            continue;
        }
        let file = format!("lessons/{name}");
        match fs::read_to_string(path) {
            Ok(text) => files.push((file, text)),
            Err(error) => problems.note(&file, 0, format!("it cannot be read: {error}")),
        }
    }
    files
}
