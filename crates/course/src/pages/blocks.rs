//! The blocks of a lesson as HTML: whole without scripts, and with the data from which the page's program brings them
//! to life.

use understudy_lessons::{Answer, Question, Task};
use understudy_picture::geometry::Size;
use understudy_picture::still::still;
use understudy_picture::topology::Topology;
use understudy_sim::json::Json;

use crate::blocks::{CheckBlock, FigureBlock, PredictBlock};
use crate::html::{data, escaped};
use crate::text::{Words, Writer};
use crate::toml_text::TomlText;

/// How wide a figure is drawn, in pixels, and how high for so many rows of nodes: as the style sheet gives it room.
const WIDTH: f64 = 880.0;
const HEIGHTS: [f64; 4] = [304.0, 342.0, 474.0, 544.0];
/// The same for a narrow window.
const NARROW: Size = Size { w: 360.0, h: 300.0 };

/// A block, by the line that it starts at; what is no block of ours is shown as it is.
pub(crate) fn write(writer: &mut Writer<'_>, info: &str, line: usize, content: &str) -> String {
    let blocks = &writer.lesson.blocks;
    match info {
        "figure" => blocks.figure_at(line).map(|figure| self::figure(writer, figure)).unwrap_or_default(),
        "predict" => {
            blocks.predict_at(line).map(|predict| self::predict(writer, predict)).unwrap_or_default()
        }
        "check" => blocks.check_at(line).map(|check| self::check(writer, check)).unwrap_or_default(),
        "brief" => {
            let Some(name) = blocks.brief_at(line) else { return String::new() };
            if let Some(brief) = writer.course.brief(name) {
                return super::brief::write(writer, brief, line);
            }
            // One that is broken was told already.
            if writer.problems.is_empty() {
                writer.note(line, format!("there is no brief \"{name}\"; write lessons/briefs/{name}.toml"));
            }
            String::new()
        }
        "sources" => sources(writer),
        _ => format!("<pre><code>{}</code></pre>\n", escaped(content)),
    }
}

/// How many rows of nodes a figure has room for.
fn rows(figure: &FigureBlock) -> usize {
    let topology = Topology::of(&figure.figure.plan);
    let most = (0..topology.tiers.len()).map(|tier| topology.nodes_of(tier).count()).max().unwrap_or(1);
    (most + usize::from(!topology.aside.is_empty())).clamp(1, HEIGHTS.len())
}

fn figure(writer: &Writer<'_>, block: &FigureBlock) -> String {
    let id = escaped(block.id());
    let (figure, rows) = (&block.figure, rows(block));
    let sim = figure.run_until(block.still_at);
    let snapshot = sim.snapshot();
    let across = Size { w: WIDTH, h: HEIGHTS[rows - 1] };
    let mut stills = still(&figure.plan, &snapshot, across, &format!("{id}-across"));
    if !writer.shelf.is_for_paper() {
        stills += &still(&figure.plan, &snapshot, NARROW, &format!("{id}-down"));
    }
    let is_asked = writer.lesson.blocks.predictions().any(|predict| predict.text.figure == figure.id);
    let is_first = writer.lesson.blocks.figures().next().is_some_and(|first| first.id() == block.id());
    // The first thing that the reader sees moves by itself, unless it is asked about first.
    let on_sight = if is_first && !is_asked { " data-on-sight" } else { "" };
    format!(
        "<figure class=\"living\" id=\"{id}\" data-figure=\"{id}\" data-scene=\"{}\" data-rows=\"{rows}\"{on_sight}>\n\
         <div class=\"still\">{stills}</div>\n<figcaption>{}</figcaption>\n{}{}\n</figure>\n",
        escaped(&block.scenario),
        escaped(&block.description),
        if writer.shelf.is_for_paper() { String::new() } else { room(block) },
        data(figure)
    )
}

/// The room that the figure's controls will take, so that nothing below moves when they come: the same buttons and
/// settings in the same order, which nobody sees or reaches.
fn room(block: &FigureBlock) -> String {
    let mut html = String::from(
        "<div class=\"room\" aria-hidden=\"true\"><div class=\"row\"><button class=\"play\">Play</button>",
    );
    for action in &block.figure.actions {
        html.extend(["<button>", &escaped(&action.label), "</button>"]);
    }
    for choice in &block.figure.choices {
        html.extend(["<fieldset class=\"choice\"><legend>", &escaped(&choice.label), "</legend>"]);
        for option in &choice.options {
            html.extend(["<label><span>", &escaped(&option.label), "</span></label>"]);
        }
        html += "</fieldset>";
    }
    html + "</div><div class=\"time\"></div></div>\n"
}

/// What the page's program reads of a question before a figure.
pub(super) fn predict_data(writer: &mut Writer<'_>, block: &PredictBlock) -> Json {
    let mut asked = Asked::new(writer, &block.toml, block.line);
    asked.sentence("question", &block.text.question);
    asked.choices(&block.text.choices);
    asked.toml.json
}

/// What the page's program reads of a question that is answered by doing.
pub(super) fn check_data(writer: &mut Writer<'_>, block: &CheckBlock) -> Json {
    let mut asked = Asked::new(writer, &block.toml, block.line);
    for (name, text) in
        [("question", &block.text.question), ("hint", &block.text.hint), ("praise", &block.text.praise)]
    {
        asked.sentence(name, text);
    }
    asked.toml.json
}

fn predict(writer: &mut Writer<'_>, block: &PredictBlock) -> String {
    let mut asked = Asked::new(writer, &block.toml, block.line);
    let question = asked.sentence("question", &block.text.question).html;
    let (options, key) = asked.choices(&block.text.choices);
    let data = asked.data();
    format!(
        "<section class=\"predict\" data-figure=\"{}\" aria-label=\"What do you expect?\">\n<p class=\"question\">{question}</p>\n\
         {options}<details class=\"key\"><summary>The answer</summary>\n{key}</details>\n{data}\n</section>\n",
        escaped(&block.text.figure)
    )
}

fn check(writer: &mut Writer<'_>, block: &CheckBlock) -> String {
    let mut asked = Asked::new(writer, &block.toml, block.line);
    let question = asked.sentence("question", &block.text.question).html;
    let id = escaped(&block.question.id);
    let open = format!("<section class=\"check\" id=\"check-{id}\"");
    if let Task::Do { figure, .. } = &block.question.task {
        let hint = asked.sentence("hint", &block.text.hint).html;
        let praise = asked.sentence("praise", &block.text.praise).html;
        let (figure, data) = (escaped(figure), asked.data());
        return format!(
            "{open} data-figure=\"{figure}\">\n<p class=\"question\">{question}</p>\n\
             <p class=\"where\"><a href=\"#{figure}\">To be done in the figure above</a></p>\n\
             <details class=\"hint\"><summary>A hint</summary><p>{hint}</p></details>\n\
             <details class=\"key\"><summary>When it is done</summary><p>{praise}</p></details>\n{data}\n</section>\n"
        );
    }
    let (options, key) = asked.choices(&block.text.choices);
    let data = asked.data();
    format!(
        "{open}>\n<p class=\"question\">{question}</p>\n{options}<details class=\"key\"><summary>The answer</summary>\n{key}\
         </details>\n{data}\n</section>\n"
    )
}

/// A question that is being written: as HTML, and as words alone for the page's program.
struct Asked<'w, 'a> {
    writer: &'w mut Writer<'a>,
    toml: TomlText,
    line: usize,
}

impl<'w, 'a> Asked<'w, 'a> {
    fn new(writer: &'w mut Writer<'a>, toml: &TomlText, line: usize) -> Self {
        Self { writer, toml: toml.clone(), line }
    }

    fn words(&mut self, path: &str, text: &str) -> Words {
        let line = self.toml.line(path).max(self.line);
        self.writer.sentence(text, line)
    }

    /// A field that is a sentence: as HTML, and its words go into the data.
    fn sentence(&mut self, name: &str, text: &str) -> Words {
        let words = self.words(name, text);
        self.toml.put(name, Json::Text(words.plain.clone()));
        words
    }

    /// The answers to choose from, and which is right and why.
    fn choices(&mut self, choices: &[Answer]) -> (String, String) {
        let (mut options, mut key, mut list) = (String::new(), String::new(), Vec::new());
        for (index, answer) in choices.iter().enumerate() {
            let text = self.words(&format!("choice[{index}].text"), &answer.text);
            let why = self.words(&format!("choice[{index}].why"), &answer.why);
            options.extend(["<li>", &text.html, "</li>\n"]);
            let mark = if answer.right { "<strong>Right:</strong> " } else { "Not so: " };
            key.extend([
                "<li>",
                mark,
                text.html.trim_end_matches('.'),
                ". ",
                &why.html,
                "</li>
",
            ]);
            list.push(Json::Object(vec![
                ("text".into(), Json::Text(text.plain)),
                ("right".into(), Json::Bool(answer.right)),
                ("why".into(), Json::Text(why.plain)),
            ]));
        }
        self.toml.put("choice", Json::List(list));
        (format!("<ol class=\"options\">\n{options}</ol>\n"), format!("<ul>\n{key}</ul>\n"))
    }

    /// What the page's program reads of it.
    fn data(self) -> String {
        let mut figures = self.writer.lesson.blocks.figures();
        let plan_of = |id: &str| figures.find(|figure| figure.id() == id).map(|figure| &*figure.figure.plan);
        // A question that makes no sense was noted when the lesson was read.
        Question::read(&self.toml.json, plan_of).map(|question| data(&question)).unwrap_or_default()
    }
}

fn sources(writer: &Writer<'_>) -> String {
    let links =
        writer.lesson.blocks.links().map(|link| {
            format!("<li><a href=\"{}\">{}</a></li>\n", escaped(&link.url), escaped(&link.title))
        });
    let id = writer.shelf.heading_id(&writer.lesson.id, "sources");
    let level = 2 + writer.shelf.deeper();
    format!(
        "<section class=\"sources\">\n<h{level} id=\"{id}\">Sources</h{level}>\n<ul>\n{}</ul>\n</section>\n",
        links.collect::<String>()
    )
}
