//! `understudy-course`: writes the pages of the lessons, or says all that is wrong with their texts.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use understudy_course::pages::{self, Template};
use understudy_course::{Course, Directories, Problems};

/// Writes the pages of the lessons; docs/lessons.md describes their format.
#[derive(Debug, Parser)]
#[command(name = "understudy-course", version)]
struct Options {
    /// The directory of the lessons, with glossary.toml and scenarios/.
    #[arg(long, default_value = "lessons")]
    lessons: PathBuf,
    /// The directory of the shipped scenarios.
    #[arg(long, default_value = "scenarios")]
    scenarios: PathBuf,
    /// The directory of the texts that become pages too: teaching.md, embed-this.md.
    #[arg(long, default_value = "docs")]
    docs: PathBuf,
    /// Where the site will be published, for programs that ask how to embed it.
    #[arg(long, env = "SITE_URL", default_value = "")]
    site: String,
    /// The page that was built, whose element `<main data-course>` is filled.
    #[arg(long, required_unless_present = "check")]
    template: Option<PathBuf>,
    /// Where the pages go.
    #[arg(long, required_unless_present = "check")]
    out: Option<PathBuf>,
    /// Writes nothing: only says what is wrong.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<String, String> {
    let template = match options.template.as_ref().filter(|_| !options.check) {
        None => Template::empty(),
        Some(path) => {
            let html = fs::read_to_string(path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            Template::read(&html).map_err(|problem| format!("{}: {problem}", path.display()))?
        }
    };
    let directories = Directories { lessons: options.lessons.clone(), scenarios: options.scenarios.clone() };
    let mut problems = Problems::default();
    let course = Course::read(&directories, &mut problems);
    let mut pages = pages::write(&course, &template, &mut problems);
    let mut files = pages::beside::write(&course, &site(&options.site));
    let problems = problems.sorted();
    if !problems.is_empty() {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return Err(format!(
            "{}\n{} in the lessons; nothing was written",
            lines.join("\n"),
            count(lines.len())
        ));
    }
    let lessons = course.lessons.len();
    let Some(out) = options.out.as_ref().filter(|_| !options.check) else {
        return Ok(format!("{lessons} lessons, nothing wrong"));
    };
    pages.extend(pages::prose::write(&template, |file| {
        let path = options.docs.join(file);
        fs::read_to_string(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
    })?);
    let count = pages.len();
    files.extend(pages);
    for (name, text) in &files {
        let path = out.join(name);
        let directory = path.parent().unwrap_or(out);
        fs::create_dir_all(directory)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    Ok(format!("{lessons} lessons, {count} pages in {}", out.display()))
}

/// An address with a slash at its end.
fn site(address: &str) -> String {
    if address.is_empty() { String::new() } else { format!("{}/", address.trim_end_matches('/')) }
}

fn count(problems: usize) -> String {
    if problems == 1 { "1 mistake".into() } else { format!("{problems} mistakes") }
}
