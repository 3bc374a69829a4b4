//! How the lab opens what its address asks for, and whether it is what was shared.
//!
//! What comes with the page is opened at once; what lies beside it is fetched, and a run inside the address unpacked,
//! while the first scene stands there. The way to the shared instant is gone in the frames' shares of work; when it is
//! reached, the run's trace hash is held against the one of the address.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use understudy_address::{self as address, Address, MAX_UNPACKED_BYTES, Refused};
use understudy_audit::brief::Brief;
use understudy_sim::json::Json;
use understudy_sim::{Plan, Scenario, SimTime, TimedCommand, saved};

use super::Lab;
use crate::browser::{fetch, pack};
use crate::problem::Problem;
use crate::scenes::{self, DEFAULT_SEED, Scene};
use crate::stage::topology;
use crate::words::instant;

/// What is known of the shared instant.
#[derive(Clone, Copy)]
pub struct Arrival {
    /// The instant, the hash that the run is to have there, and how many commands it has: whoever gives another one is
    /// elsewhere.
    awaited: RwSignal<Option<(SimTime, u64, usize)>>,
    /// That it is the same run, in words.
    pub said: RwSignal<String>,
}

/// A run that an address names, before what the address adds to it.
struct Found {
    plan: Rc<Plan>,
    text: Rc<str>,
    seed: u64,
    commands: Vec<TimedCommand>,
    at: Option<SimTime>,
    brief: Option<Rc<Brief>>,
}

impl Found {
    fn scene(scene: &Scene) -> Self {
        Self {
            plan: scene.plan(),
            text: scene.text.into(),
            seed: DEFAULT_SEED,
            commands: Vec::new(),
            at: None,
            brief: None,
        }
    }
}

impl Arrival {
    /// Nowhere yet.
    pub fn new() -> Self {
        Self { awaited: RwSignal::new(None), said: RwSignal::new(String::new()) }
    }
}

/// Opens what the address asks for.
pub fn open(lab: Lab, query: &str) {
    let (address, refused) = Address::read(query);
    watch(lab);
    let scene = match &address.run {
        address::Run::Unnamed => Some(scenes::first()),
        address::Run::Scene(name) => scenes::find(name),
        _ => None,
    };
    let mut problems: Vec<Problem> = refused.into_iter().map(Problem::refused_address).collect();
    if let Some(scene) = scene {
        return enter(lab, &address, &Found::scene(scene), problems);
    }
    spawn_local(async move {
        let found = find(&address.run).await.unwrap_or_else(|problem| {
            problems.push(problem);
            Found::scene(scenes::first())
        });
        enter(lab, &address, &found, problems);
    });
}

/// Shows the run as the address wants it.
fn enter(lab: Lab, address: &Address, found: &Found, mut problems: Vec<Problem>) {
    let opened = address::open(address, &found.plan, &found.commands);
    problems.extend(opened.refused.into_iter().map(Problem::refused_address));
    let at = address.at.or(found.at);
    let (seed, count) = (address.seed.unwrap_or(found.seed), opened.commands.len());
    lab.open_at(&found.plan, &found.text, seed, opened.commands, at);
    if !matches!(address.run, address::Run::Compact(_)) {
        lab.name(address.run.clone());
    }
    lab.brief.set(found.brief.clone());
    lab.problems.set(problems);
    if let Some(hash) = address.hash {
        lab.arrival.awaited.set(Some((at.unwrap_or_default(), hash, count)));
    }
}

/// Compares the hashes when the instant is reached.
fn watch(lab: Lab) {
    let Arrival { awaited, said } = lab.arrival;
    Effect::new(move |_| {
        let standing = lab.run.get().standing.get();
        let Some((at, wanted, commands)) = awaited.get() else { return };
        if standing.seeking || standing.now != at {
            return;
        }
        awaited.set(None);
        let (hash, given) = lab.timeline(|timeline| (timeline.sim().trace_hash(), timeline.commands().len()));
        if given != commands {
            return;
        }
        if hash.get() == wanted {
            said.set(format!(
                "This is exactly the run that was shared: at {} its trace hash is {hash}, as the address says.",
                instant(at)
            ));
            return;
        }
        let problem = Problem {
            title: String::from("This is not the run that was shared"),
            place: String::from("the address, after \u{201c}hash=\u{201d}"),
            text: format!(
                "At {} the trace hash is {hash} here, and {wanted:016x} where the address was made: the address was \
                 changed on its way, or another version of Understudy made it.",
                instant(at)
            ),
            then: String::from("Showing the run as the address describes it."),
        };
        lab.problems.update(|problems| problems.push(problem));
    });
}

/// Gets what does not come with the page.
async fn find(run: &address::Run) -> Result<Found, Problem> {
    let found = match run {
        address::Run::Scene(name) => scene(name).await.map_err(|problem| {
            let known: Vec<&str> = scenes::all().iter().map(|scene| scene.name).collect();
            Problem {
                title: format!("There is no scene called \u{201c}{name}\u{201d}"),
                place: String::from("the address, after \u{201c}scene=\u{201d}"),
                text: format!("{problem}. The scenes are: {}.", known.join(", ")),
                then: format!("Showing {} instead.", scenes::first().name),
            }
        })?,
        address::Run::Figure(name) => figure(name).await.map_err(|problem| refused("figure", problem))?,
        address::Run::Brief(name) => brief(name).await.map_err(|problem| refused("brief", problem))?,
        address::Run::Compact(bytes) => compact(bytes).await.map_err(|problem| refused("run", problem))?,
        address::Run::Unnamed => Found::scene(scenes::first()),
    };
    topology::check(&found.plan).map_err(|wrong| refused("scene", wrong.problem))?;
    Ok(found)
}

fn refused(parameter: &str, problem: String) -> Problem {
    Problem::refused_address(Refused {
        parameter: parameter.into(),
        problem,
        instead: format!("Showing {} instead.", scenes::first().name),
    })
}

/// The file of this name in a directory of the site.
pub async fn file(directory: &str, name: &str) -> Result<String, String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        return Err("A name has letters, digits and hyphens".into());
    }
    fetch::text(&format!("./{directory}/{name}.json")).await
}

async fn scene(name: &str) -> Result<Found, String> {
    let text = file("scenarios", name).await?;
    let plan = Scenario::read(name, &text).map_err(|error| error.to_string())?;
    Ok(Found {
        plan: Rc::new(plan),
        text: text.into(),
        seed: DEFAULT_SEED,
        commands: Vec::new(),
        at: None,
        brief: None,
    })
}

/// A figure's run; its caption and its buttons are the lesson's.
async fn figure(name: &str) -> Result<Found, String> {
    let text = file("figures", name).await?;
    let json = Json::parse(&text).map_err(|error| error.problem)?;
    let figure = json.field("figure").ok_or("the figure's file is not as it should be")?;
    let scenario = figure.field("scenario").ok_or("the figure has no scenario")?;
    let plan = Scenario::read_value(scenario).map_err(|mistake| mistake.problem)?;
    let mut commands = Vec::new();
    if let Some(Json::List(texts)) = figure.field("commands") {
        for text in texts {
            let Json::Text(text) = text else { continue };
            commands.push(TimedCommand::parse(text, &plan).map_err(|error| error.to_string())?);
        }
    }
    let seed = match figure.field("seed") {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a seed of 32 bits")]
        Some(Json::Number(seed)) => *seed as u64,
        _ => 1,
    };
    let at = match figure.field("starts_at") {
        Some(Json::Text(at)) => at.parse().ok(),
        _ => None,
    };
    Ok(Found { plan: Rc::new(plan), text: scenario.to_string().into(), seed, commands, at, brief: None })
}

/// A brief and the scenario that it starts from.
async fn brief(name: &str) -> Result<Found, String> {
    let text = file("briefs", name).await?;
    let json = Json::parse(&text).map_err(|error| error.problem)?;
    let brief = Brief::read(&json).map_err(|mistake| mistake.problem)?;
    let plan = Plan::build(&brief.start).map_err(|mistake| mistake.problem)?;
    let text = json.field("scenario").map(Json::write).unwrap_or_default();
    Ok(Found {
        plan: Rc::new(plan),
        text: text.into(),
        seed: DEFAULT_SEED,
        commands: Vec::new(),
        at: None,
        brief: Some(Rc::new(brief)),
    })
}

async fn compact(bytes: &[u8]) -> Result<Found, String> {
    let text = pack::unpack(bytes, MAX_UNPACKED_BYTES).await?;
    let run = saved::read("the run in the address", &text)
        .map_err(|error| format!("{}: {}", error.place, error.problem))?;
    Ok(Found {
        plan: Rc::new(run.plan),
        text: run.scenario.into(),
        seed: run.seed,
        commands: run.commands,
        at: Some(run.at),
        brief: None,
    })
}
