//! Briefs: `briefs/NAME.toml`, each with the scenario that it starts from and a design that meets it.
//!
//! A brief that cannot be met, or that is met before anything was done, is no exercise. So each names a design in
//! `briefs/designs/`, which the site does not publish, and the audit holds both against its targets.

use std::fs;
use std::path::Path;

use understudy_audit::brief::Brief;
use understudy_audit::{Options, Report};
use understudy_sim::Scenario;
use understudy_sim::json::Json;

use crate::html::is_name;
use crate::problems::Problems;
use crate::scenarios::Scenarios;
use crate::toml_text::TomlText;

/// A brief that makes sense.
#[derive(Debug)]
pub struct BriefFile {
    /// What lessons and addresses name it by.
    pub name: String,
    /// The brief.
    pub brief: Brief,
    /// A design that meets it.
    pub design: Scenario,
    /// What the lab reads.
    pub(crate) json: Json,
}

/// Reads all files of the directory.
pub(crate) fn read(directory: &Path, scenarios: &Scenarios, problems: &mut Problems) -> Vec<BriefFile> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let one = |path: &std::path::PathBuf| {
        let name = path.file_stem()?.to_string_lossy().into_owned();
        let file = format!("lessons/briefs/{name}.toml");
        if !is_name(&name) {
            problems.note(&file, 0, "its name is none; write small letters, digits and hyphens");
        }
        let text = fs::read_to_string(path)
            .map_err(|error| problems.note(&file, 0, format!("it cannot be read: {error}")))
            .ok()?;
        let toml = TomlText::read(&file, 1, &text, problems)?;
        one(name, &toml, &directory.join("designs"), scenarios, problems)
    };
    paths.iter().filter_map(one).collect()
}

fn one(
    name: String,
    toml: &TomlText,
    designs: &Path,
    scenarios: &Scenarios,
    problems: &mut Problems,
) -> Option<BriefFile> {
    let [Some(scenario), Some(design)] = ["scenario", "design"].map(|field| toml.text(field)) else {
        toml.note("", "it names a \"scenario\" to start from and a \"design\" that meets it", problems);
        return None;
    };
    let start = match scenarios.find(scenario) {
        Ok(start) => start?,
        Err(problem) => {
            toml.note("scenario", problem, problems);
            return None;
        }
    };
    let path = designs.join(format!("{design}.json"));
    let shown = format!("lessons/briefs/designs/{design}.json");
    let read = fs::read_to_string(&path).map_err(|error| format!("{shown} cannot be read: {error}"));
    let read = read.and_then(|text| Scenario::parse(&shown, &text).map_err(|error| error.to_string()));
    let design = read.map_err(|problem| toml.note("design", problem, problems)).ok()?;
    let mut inner = toml.without(&["design"]);
    inner.put("scenario", start.json.clone());
    let brief = Brief::read(&inner.json).map_err(|mistake| toml.note_mistake(mistake, problems)).ok()?;
    let file = BriefFile { name, brief, design, json: inner.json };
    file.check(toml, problems);
    Some(file)
}

impl BriefFile {
    /// Which targets a design meets, in their order; an error says why it makes no sense.
    pub fn judged(&self, design: &Scenario) -> Result<Vec<bool>, String> {
        let options = Options { previews: false, ..Options::default() };
        let report = Report::of(design, &options)
            .map_err(|mistake| format!("{}: {}", mistake.place, mistake.problem))?;
        Ok(self.brief.judge(design, &report).iter().map(|judged| judged.met).collect())
    }

    /// The design has to meet every target, and the start must not.
    fn check(&self, toml: &TomlText, problems: &mut Problems) {
        match self.judged(&self.design) {
            Err(problem) => toml.note("design", problem, problems),
            Ok(met) => {
                for place in met.iter().enumerate().filter(|(_, met)| !**met).map(|(place, _)| place) {
                    toml.note(&format!("target[{place}]"), "the design does not meet it", problems);
                }
            }
        }
        match self.judged(&self.brief.start) {
            Err(problem) => toml.note("scenario", problem, problems),
            Ok(met) if met.iter().all(|met| *met) => {
                toml.note("scenario", "it meets every target already: nothing is left to do", problems);
            }
            Ok(_) => {}
        }
    }
}
