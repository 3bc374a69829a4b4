//! The figure that an address names, wherever it lies: a figure of a lesson or a scenario beside the page, a run inside
//! the address. What cannot be had is named, and the first scene is shown instead.

use std::rc::Rc;

use understudy_address::{self as address, Address, Controls, Lock, MAX_UNPACKED_BYTES, Mode, Refused, Run};
use understudy_lessons::{Choice, Figure, FigureText, Step};
use understudy_sim::json::Json;
use understudy_sim::{SimDuration, SimTime};

use crate::browser::{fetch, json, pack};

/// What is shown when the address names nothing that can be.
const FIRST: &str = "three-web-servers";
/// The seed of a run whose address names none: the lab's.
const SEED: u32 = 7;

/// What there is to show.
pub struct Found {
    /// The figure, as the address wants it.
    pub figure: Rc<Figure>,
    /// What its scenario says.
    pub scenario: Json,
    /// How an address names its scenario.
    pub run: Option<Run>,
    /// The lesson that it stands in; empty for none.
    pub lesson: String,
    /// The question before it.
    pub predict: Option<String>,
    /// The questions about it.
    pub checks: Vec<String>,
    /// The trace hash that the run is to have where it starts.
    pub hash: Option<u64>,
}

/// A figure before what the address adds.
struct Raw {
    figure: Figure,
    scenario: Json,
    run: Option<Run>,
    file: Option<Json>,
}

/// Gets the figure, or says why there is none at all. What cannot be used is added to `refused`.
pub async fn find(address: &Address, mut refused: Vec<Refused>) -> (Result<Found, String>, Vec<Refused>) {
    let raw = match read(&address.run).await {
        Ok(raw) => Ok(raw),
        Err((parameter, problem)) => {
            let instead = ["Showing ", FIRST, " instead."].concat();
            refused.push(Refused { parameter: parameter.into(), problem, instead });
            scene(FIRST).await
        }
    };
    let raw = match raw {
        Ok(raw) => raw,
        Err(problem) => return (Err("There is no figure: ".to_string() + &problem), refused),
    };
    let opened = address::open(address, &raw.figure.plan, &raw.figure.commands);
    refused.extend(opened.refused);
    let Raw { mut figure, scenario, run, file } = raw;
    figure.commands = opened.commands;
    figure.seed = address.seed.unwrap_or(figure.seed);
    if let Some(at) = address.at {
        figure.starts_at = at;
        // Where it would have stopped may lie behind.
        figure.stops_at = figure.stops_at.filter(|stop| *stop > at);
    }
    let controls = address.view.controls;
    let may_break = controls == Controls::Full || (controls == Controls::Basic && figure.breakable);
    figure.breakable = may_break && address.view.allows(Lock::Break);
    if controls == Controls::Full && figure.choices.is_empty() {
        figure.choices = settings(&figure);
    }
    let asks = file.as_ref().filter(|_| address.view.questions);
    let text = |name: &str| match file.as_ref().and_then(|file| file.field(name)) {
        Some(Json::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let predict = asks.and_then(|file| file.field("predict")).map(ToString::to_string);
    let checks = match asks.and_then(|file| file.field("checks")) {
        Some(Json::List(checks)) => checks.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let found = Found {
        figure: Rc::new(figure),
        scenario,
        run: run.or_else(|| text("scene").map(Run::Scene)),
        lesson: text("lesson").unwrap_or_default(),
        predict,
        checks,
        hash: address.hash,
    };
    (Ok(found), refused)
}

/// The modes of the scenario, as settings beside the figure.
fn settings(figure: &Figure) -> Vec<Choice> {
    let option = |mode: Mode| Step { label: mode.word(), commands: mode.commands(&figure.plan) };
    let setting = |(label, modes): (&'static str, Vec<Mode>)| Choice {
        label: label.into(),
        options: modes.into_iter().map(option).collect(),
    };
    Mode::settings(&figure.plan).into_iter().map(setting).collect()
}

/// The run that the address names; an error names the parameter and says what is wrong.
async fn read(run: &Run) -> Result<Raw, (&'static str, String)> {
    match run {
        Run::Unnamed => scene(FIRST).await.map_err(|problem| ("scene", problem)),
        Run::Scene(name) => scene(name).await.map_err(|problem| ("scene", problem)),
        Run::Figure(name) => of_lesson(name).await.map_err(|problem| ("figure", problem)),
        Run::Brief(_) => Err(("brief", "a brief is opened in the lab".into())),
        Run::Compact(bytes) => compact(bytes).await.map_err(|problem| ("run", problem)),
    }
}

/// The file of this name in a directory of the site.
async fn file(directory: &str, name: &str) -> Result<Json, String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        return Err("a name has letters, digits and hyphens".into());
    }
    let path = ["./", directory, "/", name, ".json"].concat();
    let text = fetch::text(&path).await.map_err(|problem| [name, ": ", &problem].concat())?;
    json::read(&text).ok_or_else(|| "the file is no JSON".into())
}

async fn scene(name: &str) -> Result<Raw, String> {
    let scenario = file("scenarios", name).await?;
    let (figure, scenario) = of_scenario(name, scenario, SEED, Vec::new(), SimTime::ZERO)?;
    Ok(Raw { figure, scenario, run: Some(Run::Scene(name.into())), file: None })
}

async fn of_lesson(name: &str) -> Result<Raw, String> {
    let file = file("figures", name).await?;
    let figure = file.field("figure").ok_or("the file has no figure")?;
    let scenario = figure.field("scenario").cloned().unwrap_or(Json::Null);
    let figure = Figure::read(figure).map_err(|mistake| mistake.place + ": " + &mistake.problem)?;
    Ok(Raw { figure, scenario, run: None, file: Some(file) })
}

/// A saved run from inside the address.
async fn compact(bytes: &[u8]) -> Result<Raw, String> {
    let text = pack::unpack(bytes, MAX_UNPACKED_BYTES).await?;
    let run = json::read(&text).ok_or("what is packed in it is no JSON")?;
    let number = |name: &str| match run.field(name) {
        Some(Json::Number(number)) => Some(*number),
        _ => None,
    };
    if number("understudy_run") != Some(1.0) {
        return Err("what is packed in it is no run that this version reads; a newer one may".into());
    }
    let scenario = run.field("scenario").cloned().ok_or("the run has no scenario")?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "larger seeds stand in the address"
    )]
    let seed = number("seed").unwrap_or_default() as u32;
    let commands = match run.field("commands") {
        Some(Json::List(all)) => all
            .iter()
            .map(|command| match command {
                Json::Text(text) => Some(text.clone()),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .ok_or("a command is no text")?,
        _ => Vec::new(),
    };
    let at = match run.field("at") {
        Some(Json::Text(at)) => at.parse::<SimTime>().map_err(|problem| problem.to_string())?,
        _ => SimTime::ZERO,
    };
    let (figure, scenario) = of_scenario("run", scenario, seed, commands, at)?;
    let run = packed(&scenario).await;
    Ok(Raw { figure, scenario, run, file: None })
}

/// A scenario packed for addresses, without what was done: the address of a moment says that itself.
async fn packed(scenario: &Json) -> Option<Run> {
    let scenario = scenario.to_string();
    let text =
        [r#"{"understudy_run":1,"seed":0,"at":"0s","commands":[],"scenario":"#, &scenario, "}"].concat();
    pack::pack(&text).await.map(Run::Compact)
}

/// A scenario as a figure without words of its own, and the scenario again.
fn of_scenario(
    id: &str,
    scenario: Json,
    seed: u32,
    commands: Vec<String>,
    at: SimTime,
) -> Result<(Figure, Json), String> {
    let text = FigureText {
        id: id.into(),
        scenario,
        seed,
        commands,
        starts_at: SimTime::ZERO,
        until: SimTime::ZERO + SimDuration::from_secs(30),
        stops_at: None,
        speed: "1x".into(),
        breakable: false,
        actions: Vec::new(),
        choices: Vec::new(),
        captions: Vec::new(),
    };
    let figure = Figure::build(&text).map_err(|mut mistakes| {
        let first = mistakes.swap_remove(0);
        first.place + ": " + &first.problem
    })?;
    Ok((Figure { starts_at: at, ..figure }, text.scenario))
}
