//! A figure: a scenario, its prepared part, and what the reader may do with it.
//!
//! As a scenario becomes a plan, what a file says of a figure ([`FigureText`]) becomes a [`Figure`], which is known to
//! make sense: its scenario is right, its commands are possible, its captions name what is there.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use borsh::{BorshDeserialize, BorshSerialize};
use understudy_sim::fields::{Fields, FromJson, Reading};
use understudy_sim::json::Json;
use understudy_sim::plan::Mistake;
use understudy_sim::{Command, Plan, Scenario, Sim, SimDuration, SimTime, TimedCommand, Timeline};

use crate::condition::{Condition, all_hold};
use crate::evaluate::Scene;
use crate::message::Message;
use crate::speed::Speed;

/// The latest instant that a figure may name.
const LATEST: SimTime = SimTime::from_secs(3_600);

/// What a file says of a figure.
#[derive(Clone, Debug)]
pub struct FigureText {
    /// Its name, unique in a course.
    pub id: String,
    /// The scenario, as its file has it.
    pub scenario: Json,
    /// The seed of all randomness.
    pub seed: u32,
    /// The prepared part: commands with their instants.
    pub commands: Vec<String>,
    /// The instant that is shown first.
    pub starts_at: SimTime,
    /// The instant whose numbers stand in the text.
    pub until: SimTime,
    /// Where it pauses by itself; `None` for nowhere.
    pub stops_at: Option<SimTime>,
    /// How fast it plays.
    pub speed: String,
    /// Whether the reader may break its nodes.
    pub breakable: bool,
    /// Buttons.
    pub actions: Vec<StepText>,
    /// Settings of which one is on.
    pub choices: Vec<ChoiceText>,
    /// What is said of it, live.
    pub captions: Vec<CaptionText>,
}

/// What a file says of a button or an option.
#[derive(Clone, Debug)]
pub struct StepText {
    /// What stands on it.
    pub label: String,
    /// What it does, each a command without an instant.
    pub commands: Vec<String>,
}

/// What a file says of a setting.
#[derive(Clone, Debug)]
pub struct ChoiceText {
    /// What is set.
    pub label: String,
    /// To what, the first being how the scenario has it.
    pub options: Vec<StepText>,
}

/// What a file says of a caption.
#[derive(Clone, Debug)]
pub struct CaptionText {
    /// Conditions.
    pub when: Vec<String>,
    /// A message.
    pub text: String,
}

/// A figure that makes sense.
#[derive(Clone, Debug, BorshDeserialize, BorshSerialize)]
pub struct Figure {
    /// Its name, unique in a course.
    pub id: String,
    /// What its scenario means.
    pub plan: Rc<Plan>,
    /// The seed of all randomness.
    pub seed: u64,
    /// The prepared part, in order of time.
    pub commands: Vec<TimedCommand>,
    /// The instant that is shown first.
    pub starts_at: SimTime,
    /// The instant whose numbers stand in the text.
    pub until: SimTime,
    /// Where it pauses by itself; `None` for nowhere.
    pub stops_at: Option<SimTime>,
    /// How fast it plays.
    pub speed: Speed,
    /// Whether the reader may break its nodes.
    pub breakable: bool,
    /// Buttons.
    pub actions: Vec<Step>,
    /// Settings of which one is on.
    pub choices: Vec<Choice>,
    /// What is said of it, live: the first whose conditions all hold.
    pub captions: Vec<Caption>,
}

/// A button, or an option of a [`Choice`].
#[derive(Clone, Debug, BorshDeserialize, BorshSerialize)]
pub struct Step {
    /// What stands on it.
    pub label: String,
    /// What it does, in this order.
    pub commands: Vec<Command>,
}

/// A setting of which one option is on: the first one, until the reader takes another.
#[derive(Clone, Debug, BorshDeserialize, BorshSerialize)]
pub struct Choice {
    /// What is set.
    pub label: String,
    /// To what.
    pub options: Vec<Step>,
}

/// A sentence that is shown while its conditions hold.
#[derive(Clone, Debug, BorshDeserialize, BorshSerialize)]
pub struct Caption {
    /// The conditions; none for the last caption, which is shown when no other is.
    pub when: Vec<Condition>,
    /// The sentence.
    pub text: Message,
}

impl FromJson for FigureText {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let figure = Self {
            id: fields.required("id"),
            scenario: fields.required("scenario"),
            seed: fields.or("seed", 1),
            commands: fields.or("commands", Vec::new()),
            starts_at: fields.or("starts_at", SimTime::ZERO),
            until: fields.or("until", SimTime::ZERO + SimDuration::from_secs(30)),
            stops_at: fields.or("stops_at", None),
            speed: fields.or("speed", "1x".to_string()),
            breakable: fields.or("breakable", false),
            actions: fields.or("actions", Vec::new()),
            choices: fields.or("choices", Vec::new()),
            captions: fields.or("caption", Vec::new()),
        };
        fields.end();
        figure
    }
}

impl FromJson for StepText {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let step = Self { label: fields.required("label"), commands: fields.required("commands") };
        fields.end();
        step
    }
}

impl FromJson for ChoiceText {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let choice = Self { label: fields.required("label"), options: fields.required("options") };
        fields.end();
        choice
    }
}

impl FromJson for CaptionText {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let caption = Self { when: fields.or("when", Vec::new()), text: fields.required("text") };
        fields.end();
        caption
    }
}

/// Reads what stands at one place after the other, and notes each mistake with its place.
pub(crate) struct Builder<'a> {
    pub(crate) mistakes: &'a mut Vec<Mistake>,
}

impl Builder<'_> {
    pub(crate) fn note(&mut self, place: &str, problem: impl Into<String>) {
        self.mistakes.push(Mistake { place: place.into(), problem: problem.into() });
    }

    /// What stands there, if it can be read.
    pub(crate) fn read<T, E: ToString>(&mut self, place: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|problem| self.note(place, problem.to_string())).ok()
    }

    /// All items of a list that can be read.
    pub(crate) fn each<S, T>(
        &mut self,
        list: &str,
        items: &[S],
        mut read: impl FnMut(&mut Self, &str, &S) -> Option<T>,
    ) -> Vec<T> {
        let place = |index: usize| alloc::format!("{list}[{index}]");
        items.iter().enumerate().filter_map(|(index, item)| read(self, &place(index), item)).collect()
    }

    pub(crate) fn conditions(&mut self, list: &str, texts: &[String], plan: &Plan) -> Vec<Condition> {
        self.each(list, texts, |builder, place, text| builder.read(place, Condition::parse(text, plan)))
    }

    fn steps(&mut self, list: &str, texts: &[StepText], plan: &Plan) -> Vec<Step> {
        self.each(list, texts, |builder, place, step| {
            let place = &*(place.to_string() + ".commands");
            let commands = builder.each(place, &step.commands, |builder, place, text| {
                let command = builder.read(place, Command::parse(text, plan))?;
                builder.read(place, command.check(plan)).map(|()| command)
            });
            Some(Step { label: step.label.clone(), commands })
        })
    }
}

impl Figure {
    /// Reads a figure as a page has it, or says what is wrong with it first.
    pub fn read(json: &Json) -> Result<Self, Mistake> {
        Self::build(&Reading::whole(json)?).map_err(|mut mistakes| mistakes.swap_remove(0))
    }

    /// Checks what a file says, or says all that is wrong with it.
    pub fn build(text: &FigureText) -> Result<Self, Vec<Mistake>> {
        let plan = match Scenario::read_value(&text.scenario) {
            Ok(plan) => Rc::new(plan),
            Err(Mistake { place, problem }) => {
                return Err([Mistake { place: "scenario, ".to_string() + &place, problem }].into());
            }
        };
        let mut mistakes = Vec::new();
        let figure = Self::with_plan(text, plan, &mut Builder { mistakes: &mut mistakes });
        if mistakes.is_empty() { Ok(figure) } else { Err(mistakes) }
    }

    fn with_plan(text: &FigureText, plan: Rc<Plan>, builder: &mut Builder<'_>) -> Self {
        let read = builder.each("commands", &text.commands, |builder, place, text| {
            let timed = builder.read(place, TimedCommand::parse(text, &plan))?;
            builder.read(place, timed.command.check(&plan)).map(|()| timed)
        });
        // In order of time. There are few: sorting them takes more code than this.
        let mut commands: Vec<TimedCommand> = Vec::with_capacity(read.len());
        for timed in read {
            let place = commands.partition_point(|earlier| earlier.at <= timed.at);
            commands.insert(place, timed);
        }
        let choices = builder.each("choices", &text.choices, |builder, place, choice| {
            if choice.options.len() < 2 {
                builder.note(place, "a choice has two options at least");
            }
            let options = builder.steps(&(place.to_string() + ".options"), &choice.options, &plan);
            Some(Choice { label: choice.label.clone(), options })
        });
        let captions = builder.each("caption", &text.captions, |builder, place, caption| {
            let when = builder.conditions(&(place.to_string() + ".when"), &caption.when, &plan);
            let text = builder.read(&(place.to_string() + ".text"), Message::parse(&caption.text, &plan))?;
            Some(Caption { when, text })
        });
        check_captions(&text.captions, builder);
        for (place, at) in
            [("starts_at", Some(text.starts_at)), ("until", Some(text.until)), ("stops_at", text.stops_at)]
        {
            if at.is_some_and(|at| at > LATEST) {
                builder.note(place, "this is too late; a figure ends within an hour");
            }
        }
        let speed = builder.read("speed", Speed::parse(&text.speed));
        Self {
            id: text.id.clone(),
            seed: text.seed.into(),
            commands,
            starts_at: text.starts_at,
            until: text.until,
            stops_at: text.stops_at,
            speed: speed.unwrap_or(Speed { times: 1, per: 1 }),
            breakable: text.breakable,
            actions: builder.steps("actions", &text.actions, &plan),
            choices,
            captions,
            plan,
        }
    }

    /// The run of the figure, with its prepared part ahead, at its start.
    pub fn timeline(&self) -> Timeline {
        let start = Timeline::new(Rc::clone(&self.plan), self.seed);
        // Not `expect`: it would bring in how an error is printed.
        let Ok(timeline) = start.with_commands(self.commands.clone()) else {
            unreachable!("they were checked")
        };
        timeline
    }

    /// The run of the figure at an instant, for those who look at it once.
    pub fn run_until(&self, at: SimTime) -> Sim {
        let mut sim = Sim::new(Rc::clone(&self.plan), self.seed).without_trace();
        for timed in &self.commands {
            sim.schedule(*timed).expect("it was checked");
        }
        sim.run_until(at, u64::MAX);
        sim
    }

    /// The caption of this instant, by its place; `None` for a figure without captions.
    pub fn caption(&self, scene: &Scene<'_>) -> Option<usize> {
        self.captions.iter().position(|caption| all_hold(&caption.when, scene))
    }
}

/// The last caption is for whenever no other fits, and only that one.
fn check_captions(captions: &[CaptionText], builder: &mut Builder<'_>) {
    for (index, caption) in captions.iter().enumerate() {
        let is_last = index + 1 == captions.len();
        let place = alloc::format!("caption[{index}]");
        if is_last && !caption.when.is_empty() {
            builder.note(&place, "the last caption is shown when no other is: write it without \"when\"");
        } else if !is_last && caption.when.is_empty() {
            builder.note(&place, "it would hide those after it: write \"when\", or write it last");
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::format;
    use std::vec;

    use super::*;

    const SCENARIO: &str = include_str!("../../../scenarios/three-web-servers.json");

    pub(crate) fn plan() -> Plan {
        Scenario::read("three-web-servers.json", SCENARIO).expect("a shipped scenario is right")
    }

    /// The shipped run of three web servers after so many seconds.
    pub(crate) fn run(commands: &[&str], seconds: u64) -> Sim {
        let plan = Rc::new(plan());
        let mut sim = Sim::new(Rc::clone(&plan), 7);
        for command in commands {
            sim.schedule(TimedCommand::parse(command, &plan).expect(command)).expect(command);
        }
        sim.run_until(SimTime::from_secs(seconds), u64::MAX);
        sim
    }

    pub(crate) fn figure(more: &str) -> Result<Figure, Vec<Mistake>> {
        let text = format!(r#"{{ "id": "one-dies", "seed": 7, "scenario": {SCENARIO}{more} }}"#);
        let json = Json::parse(&text).expect("the test writes JSON");
        Figure::build(&Reading::whole(&json).map_err(|mistake| vec![mistake])?)
    }

    #[test]
    fn a_figure_is_read_with_its_captions_and_says_the_one_that_fits() {
        let figure = figure(
            r#", "commands": ["5s kill web-2"], "until": "30s", "speed": "1/4", "breakable": true,
            "actions": [{ "label": "Kill web-1", "commands": ["kill web-1"] }],
            "choices": [{ "label": "Retries", "options": [
                { "label": "off", "commands": ["retry lb-1 off"] }, { "label": "on", "commands": ["retry lb-1 on"] }] }],
            "caption": [{ "when": ["alive@web-2 = 0", "believed_up@lb-1>web-2 = 1"], "text": "Nobody knows." },
                { "text": "All is well at {now_s}." }]"#,
        )
        .expect("it makes sense");
        for (at, place) in [(2, 1), (6, 0), (20, 1)] {
            let sim = figure.run_until(SimTime::from_secs(at));
            let snapshot = sim.snapshot();
            assert_eq!(figure.caption(&Scene::new(&sim, &snapshot)), Some(place), "at {at} s");
        }
        let mut timeline = figure.timeline();
        timeline.run_until(SimTime::from_secs(6), u64::MAX);
        assert_eq!(timeline.sim().totals(), figure.run_until(SimTime::from_secs(6)).totals());
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_with_its_place() {
        let mistakes = figure(
            r#", "commands": ["5s kil web-2", "kill web-2"], "until": "2h", "speed": "3x",
            "actions": [{ "label": "Kill", "commands": ["kill web-9"] }],
            "choices": [{ "label": "Retries", "options": [{ "label": "on", "commands": ["retry lb-1 on"] }] }],
            "caption": [{ "text": "{refusd}" }, { "when": ["refused > "], "text": "x" }]"#,
        )
        .expect_err("all of it is wrong");
        let said: Vec<String> =
            mistakes.iter().map(|mistake| format!("{}: {}", mistake.place, mistake.problem)).collect();
        let expected = [
            "commands[0]: \"kil web-2\" is not a command",
            "commands[1]: ",
            "choices[0]: a choice has two options at least",
            "caption[0].text: at character 1, \"{refusd}\": there is no fact",
            "caption[1].when[0]: \"refused > \"",
            "caption[0]: it would hide those after it",
            "caption[1]: the last caption is shown when no other is",
            "until: this is too late",
            "speed: \"3x\" is no speed; write one of 1/1000",
            "actions[0].commands[0]: \"kill web-9\": there is no node \"web-9\"",
        ];
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.starts_with(expected), "{said}\nshould start with\n{expected}");
        }
    }

    #[test]
    fn a_wrong_scenario_is_named_by_its_place() {
        let json = Json::parse(r#"{ "id": "x", "scenario": { "title": "x", "nodes": [], "links": 3 } }"#);
        let mistake = Figure::read(&json.expect("it is JSON")).expect_err("it makes no sense");
        assert_eq!(mistake.place, "scenario, links");
    }
}
