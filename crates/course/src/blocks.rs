//! The blocks of a lesson: figures, predictions, checks, briefs, sources.

use std::cell::OnceCell;

use understudy_lessons::{Condition, Figure, Question, QuestionText, Task};
use understudy_picture::topology;
use understudy_sim::fields::{Fields, FromJson, Reading};
use understudy_sim::json::Json;
use understudy_sim::{Plan, Sim, SimDuration, SimTime, Snapshot};

use crate::html::is_name;
use crate::problems::Problems;
use crate::scenarios::Scenarios;
use crate::toml_text::TomlText;

/// The blocks of a lesson, in order.
#[derive(Debug, Default)]
pub struct Blocks {
    all: Vec<(usize, Block)>,
    /// The names of figures that are broken, which was noted.
    broken_figures: Vec<String>,
    /// Whether any block is broken: what is missing then is not told too.
    is_broken: bool,
}

#[derive(Debug)]
enum Block {
    Figure(Box<FigureBlock>),
    Predict(Box<PredictBlock>),
    Check(Box<CheckBlock>),
    Brief(String),
    Sources(Vec<Links>),
}

/// A figure, with what only its page needs.
#[derive(Debug)]
pub struct FigureBlock {
    /// The line of its block.
    pub line: usize,
    /// The figure.
    pub figure: Figure,
    /// The name of its scenario.
    pub scenario: String,
    /// What a reader without scripts is told.
    pub description: String,
    /// The instant that its still picture shows.
    pub still_at: SimTime,
    /// What the page's program reads.
    pub(crate) json: Json,
    at_until: OnceCell<(Sim, Snapshot)>,
}

/// A question before a figure.
#[derive(Debug)]
pub struct PredictBlock {
    /// The line of its block.
    pub line: usize,
    /// The question.
    pub question: Question,
    /// For each answer, what is so in the run when it is right: for tests alone.
    pub holds: Vec<Vec<Held>>,
    pub(crate) toml: TomlText,
    pub(crate) text: QuestionText,
}

/// What an answer says of the run.
#[derive(Debug)]
pub struct Held {
    /// At which instant; when the run has answered, if none is given.
    pub at: Option<SimTime>,
    /// What is so.
    pub condition: Condition,
}

/// A question at the end of a lesson.
#[derive(Debug)]
pub struct CheckBlock {
    /// The line of its block.
    pub line: usize,
    /// The question.
    pub question: Question,
    pub(crate) toml: TomlText,
    pub(crate) text: QuestionText,
}

/// Where to read on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// What it is.
    pub title: String,
    /// Its address.
    pub url: String,
}

impl FigureBlock {
    /// Its name.
    pub fn id(&self) -> &str {
        &self.figure.id
    }

    /// The run at the instant whose numbers stand in the text, and what can be seen of it then.
    pub fn at_until(&self) -> &(Sim, Snapshot) {
        self.at_until.get_or_init(|| {
            let sim = self.figure.run_until(self.figure.until);
            let snapshot = sim.snapshot();
            (sim, snapshot)
        })
    }
}

impl CheckBlock {
    /// Whether it is answered by doing something.
    pub fn is_done(&self) -> bool {
        matches!(self.question.task, Task::Do { .. })
    }
}

impl Blocks {
    /// The figures.
    pub fn figures(&self) -> impl Iterator<Item = &FigureBlock> {
        self.all.iter().filter_map(|(_, block)| match block {
            Block::Figure(figure) => Some(&**figure),
            _ => None,
        })
    }

    /// The questions before figures.
    pub fn predictions(&self) -> impl Iterator<Item = &PredictBlock> {
        self.all.iter().filter_map(|(_, block)| match block {
            Block::Predict(predict) => Some(&**predict),
            _ => None,
        })
    }

    /// The questions at the end.
    pub fn checks(&self) -> impl Iterator<Item = &CheckBlock> {
        self.all.iter().filter_map(|(_, block)| match block {
            Block::Check(check) => Some(&**check),
            _ => None,
        })
    }

    /// The names of the briefs that are shown, with the lines of their blocks.
    pub fn briefs(&self) -> impl Iterator<Item = (usize, &str)> {
        self.all.iter().filter_map(|(line, block)| match block {
            Block::Brief(name) => Some((*line, &**name)),
            _ => None,
        })
    }

    /// Where to read on.
    pub fn links(&self) -> impl Iterator<Item = &Links> {
        self.all.iter().flat_map(|(_, block)| match block {
            Block::Sources(links) => links.as_slice(),
            _ => &[],
        })
    }

    /// Whether any block is broken, which was noted: what is missing then is not told too.
    pub(crate) const fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Whether a figure of this name is broken; of no name, whether any is.
    pub(crate) fn lacks(&self, name: Option<&str>) -> bool {
        match name {
            None => !self.broken_figures.is_empty(),
            Some(name) => self.broken_figures.iter().any(|broken| broken == name),
        }
    }

    /// The figure whose block starts at a line.
    pub(crate) fn figure_at(&self, line: usize) -> Option<&FigureBlock> {
        self.figures().find(|figure| figure.line == line)
    }

    pub(crate) fn brief_at(&self, line: usize) -> Option<&str> {
        self.briefs().find(|(at, _)| *at == line).map(|(_, name)| name)
    }

    pub(crate) fn predict_at(&self, line: usize) -> Option<&PredictBlock> {
        self.predictions().find(|predict| predict.line == line)
    }

    pub(crate) fn check_at(&self, line: usize) -> Option<&CheckBlock> {
        self.checks().find(|check| check.line == line)
    }
}

/// The brief that a block shows.
struct Shown(String);

impl FromJson for Shown {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let shown = Self(fields.required("name"));
        fields.end();
        shown
    }
}

/// A question that was read and not yet built.
struct Asked {
    line: usize,
    is_predict: bool,
    toml: TomlText,
    text: QuestionText,
    /// What each answer says is so, if it says.
    holds: Vec<Vec<String>>,
}

/// Reads the blocks of one file. Questions are built last: a prediction stands before its figure.
pub(crate) struct Reader<'a> {
    file: &'a str,
    scenarios: &'a Scenarios,
    blocks: Blocks,
    questions: Vec<Asked>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(file: &'a str, scenarios: &'a Scenarios) -> Self {
        Self { file, scenarios, blocks: Blocks::default(), questions: Vec::new() }
    }

    pub(crate) fn block(&mut self, info: &str, line: usize, content: &str, problems: &mut Problems) {
        // A block of text, whatever its language, is shown as it is.
        if matches!(info, "" | "text") {
            return;
        }
        if !matches!(info, "figure" | "predict" | "check" | "brief" | "sources") {
            let what = format!(
                "there is no block \"{info}\"; the blocks are figure, predict, check, brief and sources, and text for what \
                 is shown as it is"
            );
            problems.note(self.file, line, what);
            self.blocks.is_broken = true;
            return;
        }
        let Some(toml) = TomlText::read(self.file, line + 1, content, problems) else {
            if info == "figure" {
                self.blocks.broken_figures.push(id_of(content).unwrap_or_default());
            }
            self.blocks.is_broken = true;
            return;
        };
        match info {
            "figure" => self.figure(line, &toml, problems),
            "brief" => {
                if let Some(Shown(name)) = toml.take(problems) {
                    self.blocks.all.push((line, Block::Brief(name)));
                } else {
                    self.blocks.is_broken = true;
                }
            }
            "sources" => {
                if let Some(Sources(links)) = toml.take::<Sources>(problems) {
                    check_links(&links, &toml, problems);
                    self.blocks.all.push((line, Block::Sources(links)));
                } else {
                    self.blocks.is_broken = true;
                }
            }
            _ => {
                let mut toml = toml;
                let holds = take_holds(&mut toml.json);
                if let Some(text) = toml.question(problems) {
                    self.questions.push(Asked { line, is_predict: info == "predict", toml, text, holds });
                } else {
                    self.blocks.is_broken = true;
                }
            }
        }
    }

    fn figure(&mut self, line: usize, toml: &TomlText, problems: &mut Problems) {
        if let Some(figure) = self.build_figure(line, toml, problems) {
            self.blocks.all.push((line, Block::Figure(Box::new(figure))));
        } else {
            self.blocks.broken_figures.push(toml.text("id").unwrap_or_default().into());
            self.blocks.is_broken = true;
        }
    }

    fn build_figure(&self, line: usize, toml: &TomlText, problems: &mut Problems) -> Option<FigureBlock> {
        let own: Own = Own::read(toml, problems)?;
        let scenario = match self.scenarios.find(&own.scenario) {
            Ok(scenario) => scenario?,
            Err(problem) => {
                toml.note("scenario", problem, problems);
                return None;
            }
        };
        let mut inner = toml.without(&["description", "still_at"]);
        inner.put("scenario", scenario.json.clone());
        let text = inner.figure(problems)?;
        let figure = Figure::build(&text).map_err(|mistakes| toml.note_all(mistakes, problems)).ok()?;
        if !is_name(&figure.id) {
            let what = format!("\"{}\" is no name; write small letters, digits and hyphens", figure.id);
            toml.note("id", what, problems);
        }
        if figure.captions.is_empty() {
            let what = "it says nothing of what is seen: write a [[caption]], with the text that fits when no other does";
            toml.note("id", what, problems);
        }
        if let Err(undrawable) = topology::check(&scenario.plan) {
            toml.note("scenario", format!("it cannot be drawn: {}", undrawable.problem), problems);
            return None;
        }
        let Own { scenario, description, still_at } = own;
        let still_at = still_at.unwrap_or(figure.until);
        let json = inner.json;
        let at_until = OnceCell::new();
        Some(FigureBlock { line, figure, scenario, description, still_at, json, at_until })
    }

    /// Builds the questions, now that all figures are known.
    pub(crate) fn finish(mut self, problems: &mut Problems) -> Blocks {
        for Asked { line, is_predict, toml, text, holds } in std::mem::take(&mut self.questions) {
            if self.blocks.lacks(Some(&text.figure)) {
                continue;
            }
            self.check_fields(line, is_predict, &toml, &text, problems);
            let figure = self.blocks.figures().find(|figure| figure.id() == text.figure);
            let plan = figure.map(|figure| &*figure.figure.plan);
            match Question::build(&text, plan) {
                Err(mistakes) => {
                    for mut mistake in mistakes {
                        if mistake.problem.starts_with("there is no figure") {
                            mistake.problem += &self.figures_here();
                        }
                        toml.note_mistake(mistake, problems);
                    }
                    self.blocks.is_broken = true;
                }
                Ok(question) => {
                    let block = if is_predict {
                        let holds = conditions(&holds, plan, &toml, problems);
                        Block::Predict(Box::new(PredictBlock { line, question, holds, toml, text }))
                    } else {
                        Block::Check(Box::new(CheckBlock { line, question, toml, text }))
                    };
                    self.blocks.all.push((line, block));
                }
            }
        }
        self.blocks.all.sort_by_key(|(line, _)| *line);
        self.blocks
    }

    /// What the two kinds of question have and have not.
    fn check_fields(
        &self,
        line: usize,
        is_predict: bool,
        toml: &TomlText,
        text: &QuestionText,
        problems: &mut Problems,
    ) {
        let mut has_not = |field: &str, is_there: bool, instead: &str| {
            if is_there {
                toml.note(field, instead, problems);
            }
        };
        if is_predict {
            has_not("id", !text.id.is_empty(), "a prediction goes by its figure; leave the id out");
            has_not("done", !text.done.is_empty(), "a prediction is answered by choosing; write \"reveal\"");
            has_not(
                "",
                text.figure.is_empty(),
                "a prediction needs the figure that answers it: figure = \"...\"",
            );
            let figure = self.blocks.figures().find(|figure| figure.id() == text.figure);
            let after = figure.is_some_and(|figure| figure.line < line);
            has_not("figure", after, "a prediction stands before its figure; move it up");
            return;
        }
        has_not("", text.id.is_empty(), "a check needs a name: id = \"...\"");
        has_not("reveal", !text.reveal.is_empty(), "a check has \"done\" instead of \"reveal\"");
        let bad_name = !text.id.is_empty() && !is_name(&text.id);
        has_not("id", bad_name, "this is no name; write small letters, digits and hyphens");
        let chosen_in_figure = !text.figure.is_empty() && text.done.is_empty();
        has_not(
            "figure",
            chosen_in_figure,
            "what is done in a figure needs \"done\"; what is chosen needs no figure",
        );
    }

    fn figures_here(&self) -> String {
        let here: Vec<&str> = self.blocks.figures().map(FigureBlock::id).collect();
        format!("; the figures of this lesson are {}", here.join(", "))
    }
}

/// What a figure's block has for its page alone.
struct Own {
    scenario: String,
    description: String,
    still_at: Option<SimTime>,
}

impl Own {
    fn read(toml: &TomlText, problems: &mut Problems) -> Option<Self> {
        let scenario = toml.text("scenario").map(String::from);
        if scenario.is_none() {
            toml.note("", "a figure needs a scenario: scenario = \"...\"", problems);
        }
        let description = toml.text("description").map(String::from);
        if description.as_ref().is_none_or(|text| text.trim().is_empty()) {
            toml.note(
                "",
                "a figure needs a description, for readers without scripts: description = \"...\"",
                problems,
            );
        }
        let still_at = match toml.field("still_at") {
            None => None,
            Some(json) => {
                let read: Result<SimDuration, _> = Reading::whole(json);
                let read = read.map_err(|mistake| toml.note("still_at", mistake.problem, problems));
                Some(SimTime::ZERO + read.ok()?)
            }
        };
        Some(Self { scenario: scenario?, description: description?, still_at })
    }
}

struct Sources(Vec<Links>);

impl FromJson for Sources {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let sources = Self(fields.required("source"));
        fields.end();
        sources
    }
}

impl FromJson for Links {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let source = Self { title: fields.required("title"), url: fields.required("url") };
        fields.end();
        source
    }
}

fn check_links(links: &[Links], toml: &TomlText, problems: &mut Problems) {
    for (index, link) in links.iter().enumerate() {
        if !link.url.starts_with("https://") {
            let what = format!("\"{}\" is no address; write one that starts with https://", link.url);
            toml.note(&format!("source[{index}].url"), what, problems);
        }
    }
}

/// The name of a figure whose block cannot be read, so that what refers to it is not told too.
fn id_of(content: &str) -> Option<String> {
    let line = content.lines().find_map(|line| line.strip_prefix("id"))?;
    Some(line.split('"').nth(1)?.to_string())
}

/// Takes `holds` out of each choice: the page's program has no use for it.
fn take_holds(json: &mut Json) -> Vec<Vec<String>> {
    let Json::Object(fields) = json else { return Vec::new() };
    let Some((_, Json::List(choices))) = fields.iter_mut().find(|(name, _)| name == "choice") else {
        return Vec::new();
    };
    let taken = choices.iter_mut().map(|choice| {
        let Json::Object(fields) = choice else { return Vec::new() };
        let place = fields.iter().position(|(name, _)| name == "holds");
        // What is no list of texts is left for the reader to complain about.
        let texts = place.and_then(|place| Reading::whole(&fields[place].1).ok());
        if texts.is_some() {
            fields.retain(|(name, _)| name != "holds");
        }
        texts.unwrap_or_default()
    });
    taken.collect()
}

fn conditions(
    texts: &[Vec<String>],
    plan: Option<&Plan>,
    toml: &TomlText,
    problems: &mut Problems,
) -> Vec<Vec<Held>> {
    let Some(plan) = plan else { return Vec::new() };
    let mut read = |choice: usize, index: usize, text: &String| {
        let path = format!("choice[{choice}].holds[{index}]");
        let timed = text.split_once(' ').and_then(|(at, rest)| Some((at.parse::<SimTime>().ok()?, rest)));
        let (at, text) = timed.map_or((None, &**text), |(at, rest)| (Some(at), rest));
        let condition = Condition::parse(text, plan);
        condition
            .map(|condition| Held { at, condition })
            .map_err(|problem| toml.note(&path, problem, problems))
            .ok()
    };
    let mut of = |(choice, texts): (usize, &Vec<String>)| {
        texts.iter().enumerate().filter_map(|(index, text)| read(choice, index, text)).collect()
    };
    texts.iter().enumerate().map(&mut of).collect()
}
