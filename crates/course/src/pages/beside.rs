//! The files beside the pages: scenarios and figures as data, for the lab and for figures in other people's pages.

use understudy_lessons::Task;
use understudy_sim::json::Json;

use super::{Page, Shelf, blocks};
use crate::blocks::FigureBlock;
use crate::course::Course;
use crate::html::escaped;
use crate::lesson::Lesson;
use crate::problems::Problems;
use crate::text::Writer;

/// How large a figure is shown by pages that ask by oEmbed, in pixels.
const OEMBED_SIZE: (u32, u32) = (880, 600);

/// Writes `scenarios/NAME.json`, `briefs/NAME.json`, `figures/ID.json` and `oembed/LESSON.json`. `site` is where the site will be published,
/// with a slash at its end; nothing for addresses beside the file.
///
/// What is wrong with the texts was noted when the pages were written.
pub fn write(course: &Course, site: &str) -> Vec<Page> {
    let mut files: Vec<Page> = course
        .scenarios
        .all()
        .map(|(name, json)| (format!("scenarios/{name}.json"), json.to_string()))
        .collect();
    let briefs = course.briefs.iter();
    files.extend(briefs.map(|brief| (format!("briefs/{}.json", brief.name), brief.json.to_string())));
    for lesson in &course.lessons {
        for figure in lesson.blocks.figures() {
            let json = self::figure(course, lesson, figure);
            files.push((format!("figures/{}.json", figure.id()), json.to_string()));
        }
        if let Some(figure) = lesson.blocks.figures().next() {
            files.push((oembed_name(&lesson.id), oembed(lesson, figure, site).to_string()));
        }
    }
    files
}

/// A page with the address of its oEmbed description, where programs look for it.
pub(super) fn with_oembed(html: &str, lesson: &Lesson) -> String {
    if lesson.blocks.figures().next().is_none() {
        return html.into();
    }
    let link = format!(
        "<link rel=\"alternate\" type=\"application/json+oembed\" title=\"{}\" href=\"./{}\">\n  </head>",
        escaped(&lesson.title),
        oembed_name(&lesson.id)
    );
    html.replacen("</head>", &link, 1)
}

fn oembed_name(lesson: &str) -> String {
    format!("oembed/{lesson}.json")
}

fn text(text: &str) -> Json {
    Json::Text(text.into())
}

fn fields<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// A figure, as its page has it, with what its lesson asks about it.
fn figure(course: &Course, lesson: &Lesson, figure: &FigureBlock) -> Json {
    let mut problems = Problems::default();
    let mut writer = Writer::new(course, lesson, Shelf::Own, &mut problems);
    let blocks = &lesson.blocks;
    let asked = blocks.predictions().find(|predict| predict.text.figure == figure.id());
    let predict = asked.map(|block| blocks::predict_data(&mut writer, block));
    let about = |task: &Task| matches!(task, Task::Do { figure: of, .. } if of == figure.id());
    let checks = blocks.checks().filter(|check| about(&check.question.task));
    let checks = checks.map(|block| blocks::check_data(&mut writer, block)).collect();
    fields([
        ("figure", figure.json.clone()),
        ("scene", text(&figure.scenario)),
        ("lesson", text(&lesson.id)),
        ("title", text(&lesson.title)),
        ("description", text(&figure.description)),
        ("predict", predict.unwrap_or(Json::Null)),
        ("checks", Json::List(checks)),
    ])
}

/// What oEmbed 1.0 asks for, for the first figure of a lesson.
fn oembed(lesson: &Lesson, figure: &FigureBlock, site: &str) -> Json {
    let (width, height) = OEMBED_SIZE;
    let base = if site.is_empty() { "./" } else { site };
    let html = format!(
        "<iframe src=\"{base}embed.html?figure={}\" title=\"{}\" width=\"100%\" height=\"{height}\" loading=\"lazy\" \
         style=\"border:0\"></iframe>",
        escaped(figure.id()),
        escaped(&lesson.title)
    );
    fields([
        ("version", text("1.0")),
        ("type", text("rich")),
        ("provider_name", text("Understudy")),
        ("provider_url", text(base)),
        ("title", text(&lesson.title)),
        ("html", text(&html)),
        ("width", Json::Number(width.into())),
        ("height", Json::Number(height.into())),
    ])
}
