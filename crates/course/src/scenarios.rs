//! Scenario files by their names: those of the course first, then those that are shipped.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use understudy_sim::json::Json;
use understudy_sim::{Plan, Scenario};

use crate::problems::Problems;

/// A scenario that makes sense.
#[derive(Debug)]
pub(crate) struct ScenarioFile {
    /// Its text as a value.
    pub(crate) json: Json,
    /// What it means.
    pub(crate) plan: Rc<Plan>,
}

/// All scenarios that figures may name.
#[derive(Debug, Default)]
pub(crate) struct Scenarios {
    known: BTreeMap<String, ScenarioFile>,
    /// Those whose files are broken, which was noted.
    broken: Vec<String>,
}

impl Scenarios {
    /// Reads all files of a directory; `shown` is how the author knows it. Names that are known stay what they are.
    pub(crate) fn add(&mut self, directory: &Path, shown: &str, problems: &mut Problems) {
        let Ok(entries) = fs::read_dir(directory) else { return };
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            if self.known.contains_key(&name) || self.broken.contains(&name) {
                continue;
            }
            let file = format!("{shown}/{name}.json");
            match fs::read_to_string(path) {
                Ok(text) => self.add_text(&file, name, &text, problems),
                Err(error) => problems.note(&file, 0, format!("it cannot be read: {error}")),
            }
        }
    }

    /// All that make sense, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.known.iter().map(|(name, file)| (name.as_str(), &file.json))
    }

    fn add_text(&mut self, file: &str, name: String, text: &str, problems: &mut Problems) {
        let json = Json::parse(text);
        match (Scenario::read(file, text), json) {
            (Ok(plan), Ok(json)) => {
                self.known.insert(name, ScenarioFile { json, plan: Rc::new(plan) });
            }
            (_, Err(not_json)) => {
                problems.note(file, not_json.line, not_json.problem);
                self.broken.push(name);
            }
            (Err(error), _) => {
                problems.note(file, 0, format!("{}: {}", error.place, error.problem));
                self.broken.push(name);
            }
        }
    }

    /// The scenario of this name. An error says which there are; one that is broken was told already and is `Ok(None)`.
    pub(crate) fn find(&self, name: &str) -> Result<Option<&ScenarioFile>, String> {
        if let Some(found) = self.known.get(name) {
            return Ok(Some(found));
        }
        if self.broken.iter().any(|broken| broken == name) {
            return Ok(None);
        }
        let known: Vec<&str> = self.known.keys().map(String::as_str).collect();
        Err(format!("there is no scenario \"{name}\"; the scenarios are {}", known.join(", ")))
    }
}
