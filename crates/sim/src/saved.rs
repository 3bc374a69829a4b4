//! A run as a file: its scenario, its seed, its commands and the instant that it stands at.
//!
//! That is all a run consists of, so that whoever opens the file sees the same run, event for event. The scenario is
//! kept word for word, as it was read. Commands are written as people write them, each with its exact time.
//!
//! ```json
//! { "understudy_run": 1, "seed": 7, "at": "14.62s", "commands": ["12.4s kill web-2"], "scenario": { ... } }
//! ```

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::str::FromStr;

use serde::Deserialize;
use serde_json::value::RawValue;
use understudy_core::{SimDuration, SimTime};

use crate::command::TimedCommand;
use crate::plan::{Plan, ScenarioError};
use crate::scenario::{MAX_FILE_BYTES, Scenario};

/// The version of the format that is written. Older ones are read too.
pub const VERSION: u32 = 1;
/// The largest file that is read, in bytes.
pub const MAX_RUN_BYTES: usize = 4 * MAX_FILE_BYTES;
/// The most commands of a file.
pub const MAX_COMMANDS: usize = 10_000;
/// The furthest that a file's run may have been played.
pub const MAX_PLAYED: SimDuration = SimDuration::from_secs(24 * 3_600);

/// A run that was read from a file.
#[derive(Clone, Debug)]
pub struct SavedRun {
    /// The scenario, word for word.
    pub scenario: String,
    /// What the scenario means.
    pub plan: Plan,
    /// The seed.
    pub seed: u64,
    /// The commands in order of time.
    pub commands: Vec<TimedCommand>,
    /// The instant that the run stands at.
    pub at: SimTime,
}

/// What every version has.
#[derive(Deserialize)]
struct Head {
    understudy_run: u32,
}

/// Version 1.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<'a> {
    #[expect(dead_code, reason = "it was read with the head")]
    understudy_run: u32,
    seed: u64,
    at: String,
    commands: Vec<String>,
    #[serde(borrow)]
    scenario: &'a RawValue,
}

/// Writes a run. `scenario` is the text that `plan` was read from.
pub fn write(scenario: &str, plan: &Plan, seed: u64, commands: &[TimedCommand], at: SimTime) -> String {
    let line = |timed: &TimedCommand| format!("\n    {}", serde_json::Value::String(timed.write(plan)));
    let lines: Vec<String> = commands.iter().map(line).collect();
    let end = if lines.is_empty() { "" } else { "\n  " };
    format!(
        "{{\n  \"understudy_run\": {VERSION},\n  \"seed\": {seed},\n  \"at\": \"{at:#}\",\n  \"commands\": [{}{end}],\n  \
         \"scenario\": {}\n}}\n",
        lines.join(","),
        scenario.trim()
    )
}

/// Whether a file's text means to be a run rather than a scenario.
pub fn is_run(text: &str) -> bool {
    // A broken file has to be told from a scenario too, so this does not parse.
    text.trim_start().starts_with('{') && text.get(..200).unwrap_or(text).contains("\"understudy_run\"")
}

/// Reads a run, or says which part of the file is wrong and what would be right. `file` is its name, for the message.
pub fn read(file: &str, text: &str) -> Result<SavedRun, ScenarioError> {
    let wrong =
        |place: &str, problem: String| ScenarioError { file: file.into(), place: place.into(), problem };
    let broken = |json: &serde_json::Error| {
        let message = json.to_string();
        let problem = message.split(" at line ").next().unwrap_or(&message);
        wrong(&format!("line {}, column {}", json.line(), json.column()), problem.into())
    };
    if text.len() > MAX_RUN_BYTES {
        let problem = format!("it has {} bytes; at most {MAX_RUN_BYTES} are read", text.len());
        return Err(wrong("the whole file", problem));
    }
    let Head { understudy_run: version } = serde_json::from_str(text).map_err(|json| broken(&json))?;
    if version != VERSION {
        let problem = if version > VERSION {
            format!(
                "it was saved by a newer Understudy, in version {version} of the format; this one reads up to {VERSION}"
            )
        } else {
            format!("there is no version {version} of the format; write {VERSION}")
        };
        return Err(wrong("understudy_run", problem));
    }
    let body: Body<'_> = serde_json::from_str(text).map_err(|json| broken(&json))?;
    let plan = Scenario::read(file, body.scenario.get())
        .map_err(|error| ScenarioError { place: format!("scenario, {}", error.place), ..error })?;
    let at = SimTime::from_str(&body.at).map_err(|problem| wrong("at", problem.to_string()))?;
    if at > SimTime::ZERO + MAX_PLAYED {
        return Err(wrong(
            "at",
            format!("{at} is too far; a run may have been played for at most {MAX_PLAYED}"),
        ));
    }
    if body.commands.len() > MAX_COMMANDS {
        return Err(wrong(
            "commands",
            format!("there are {}; at most {MAX_COMMANDS} are read", body.commands.len()),
        ));
    }
    let mut commands: Vec<TimedCommand> = Vec::with_capacity(body.commands.len());
    for (index, text) in body.commands.iter().enumerate() {
        let place = format!("commands[{index}]");
        let timed = TimedCommand::parse(text, &plan).map_err(|problem| wrong(&place, problem.to_string()))?;
        timed.command.check(&plan).map_err(|problem| wrong(&place, problem.to_string()))?;
        if commands.last().is_some_and(|before| before.at > timed.at) {
            return Err(wrong(
                &place,
                format!("{} is before the command above it; write them in order", timed.at),
            ));
        }
        commands.push(timed);
    }
    Ok(SavedRun { scenario: body.scenario.get().into(), plan, seed: body.seed, commands, at })
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::Command;

    const SCENE: &str = include_str!("../../../scenarios/three-web-servers.json");

    fn plan() -> Plan {
        Scenario::read("scene", SCENE).expect("the scene makes sense")
    }

    fn saved() -> String {
        let plan = plan();
        let web_2 = plan.find("web-2").expect("it is there");
        let lb_1 = plan.find("lb-1").expect("it is there");
        let at = SimTime::from_nanos(12_400_000_001);
        let commands = vec![
            TimedCommand { at, command: Command::Kill(web_2) },
            TimedCommand { at, command: Command::SetRetry { balancer: lb_1, on: true } },
        ];
        write(SCENE, &plan, u64::MAX, &commands, SimTime::from_millis(14_620))
    }

    fn refused(text: &str) -> (String, String) {
        let error = read("run.json", text).expect_err("it is wrong");
        assert_eq!(error.file, "run.json");
        (error.place, error.problem)
    }

    #[test]
    fn what_was_written_is_read_to_the_nanosecond() {
        let text = saved();
        assert!(is_run(&text) && !is_run(SCENE));
        let run = read("run.json", &text).expect("it was just written");
        assert_eq!(run.seed, u64::MAX);
        assert_eq!(run.at, SimTime::from_millis(14_620));
        assert_eq!(run.commands.len(), 2);
        assert_eq!(run.commands[0].at, SimTime::from_nanos(12_400_000_001));
        assert_eq!(run.scenario, SCENE.trim());
        assert_eq!(write(&run.scenario, &run.plan, run.seed, &run.commands, run.at), text);
    }

    #[test]
    fn a_newer_file_is_told_from_a_broken_one() {
        let (place, problem) = refused(&saved().replace("\"understudy_run\": 1", "\"understudy_run\": 2"));
        assert_eq!(place, "understudy_run");
        assert!(problem.contains("newer Understudy") && problem.contains("version 2"), "{problem}");
        // A newer file is known as such even where it has what this version cannot read.
        let newer = "{\"understudy_run\": 9, \"forks\": []}";
        assert!(refused(newer).1.contains("version 9"));
        let (place, problem) = refused("{\"understudy_run\": 1, \"seed\": ");
        assert!(place.starts_with("line 1"), "{place}: {problem}");
    }

    #[test]
    fn each_part_says_what_is_wrong_with_it() {
        for (good, bad, place, said) in [
            ("kill web-2", "kill web-9", "commands[0]", "there is no node \"web-9\""),
            ("kill web-2", "kill Readers", "commands[0]", "cannot be killed"),
            ("12.400000001s kill", "99s kill", "commands[1]", "in order"),
            ("\"14.62s\"", "\"14.62\"", "at", "14.62"),
            ("\"14.62s\"", "\"9999999s\"", "at", "too far"),
            ("\"fall\": 3", "\"fall\": 0", "scenario, nodes[1].health_check.fall", "1 to 100"),
            ("\"seed\"", "\"sead\"", "line 3", "sead"),
        ] {
            let (found, problem) = refused(&saved().replacen(good, bad, 1));
            assert!(found.starts_with(place), "{bad}: {found}");
            assert!(problem.contains(said), "{bad}: {problem}");
        }
    }
}
