//! The parameters of an address, each with its type: the first stage of reading.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};
use understudy_sim::saved::MAX_PLAYED;

use crate::compact;
use crate::mode::Mode;
use crate::refused::{Refused, shortened};
use crate::view::{self, Controls, Lock, Theme, View};

/// The version of the parameters that is written. Older ones are read too.
pub const VERSION: u32 = 1;
/// The longest address that is read, in bytes.
pub const MAX_ADDRESS_BYTES: usize = 64 * 1_024;
/// The most commands of an address.
pub const MAX_COMMANDS: usize = 1_000;
/// What an instant may be at most, written out for messages.
const FURTHEST: SimDuration = MAX_PLAYED;

/// Which run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Run {
    /// The one that is shown when an address names none.
    #[default]
    Unnamed,
    /// A scenario that comes with the page, by its name.
    Scene(String),
    /// A figure of a lesson, by its name.
    Figure(String),
    /// A brief of the course, by its name: the scenario that it starts from.
    Brief(String),
    /// A saved run, compressed.
    Compact(Vec<u8>),
}

/// What an address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Which run.
    pub run: Run,
    /// With which seed; `None` for the run's own.
    pub seed: Option<u64>,
    /// What is set before the start.
    pub modes: Vec<Mode>,
    /// What is done when, as people write it: `12.4s kill web-2`.
    pub commands: Vec<String>,
    /// At which instant; `None` for the run's own.
    pub at: Option<SimTime>,
    /// What the run's trace hash is there.
    pub hash: Option<u64>,
    /// How it is shown.
    pub view: View,
}

/// Reading, and what could not be used so far.
struct Reader {
    address: Address,
    refused: Vec<Refused>,
    /// The parameters that were there.
    seen: Vec<&'static str>,
}

/// What a parameter's value is read by.
type Read = fn(&mut Reader, &str);

/// Every parameter. `docs/embed.md` lists the same ones.
const PARAMETERS: [(&str, Read); 17] = [
    ("v", Reader::version),
    ("scene", |reader, value| reader.run(Run::Scene(value.into()))),
    ("figure", |reader, value| reader.run(Run::Figure(value.into()))),
    ("brief", |reader, value| reader.run(Run::Brief(value.into()))),
    ("run", Reader::compact),
    ("seed", Reader::seed),
    ("mode", Reader::modes),
    ("c", Reader::command),
    ("t", Reader::instant),
    ("hash", Reader::hash),
    ("controls", Reader::controls),
    ("lock", Reader::locks),
    ("theme", Reader::theme),
    ("autoplay", Reader::autoplay),
    ("questions", Reader::questions),
    ("audit", Reader::audit),
    ("lang", Reader::language),
];

impl Address {
    /// Reads what follows the `?` of an address. What cannot be used is told beside it; the rest is used.
    pub fn read(query: &str) -> (Self, Vec<Refused>) {
        let mut reader = Reader { address: Self::default(), refused: Vec::new(), seen: Vec::new() };
        if query.len() > MAX_ADDRESS_BYTES {
            let problem = format!(
                "it has {} bytes; at most {MAX_ADDRESS_BYTES} are read: save the run as a file instead",
                query.len()
            );
            reader.refused.push(Refused::new("", problem, "Nothing of it is used."));
            return (reader.address, reader.refused);
        }
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            reader.parameter(&name, &value);
        }
        (reader.address, reader.refused)
    }
}

impl Reader {
    fn refuse(&mut self, parameter: &str, problem: impl Into<String>, instead: &str) {
        self.refused.push(Refused::new(parameter, problem, instead));
    }

    fn parameter(&mut self, name: &str, value: &str) {
        let Some((known, read)) = PARAMETERS.into_iter().find(|(known, _)| *known == name) else {
            // What others add to addresses to follow their readers is no mistake of anybody here.
            if !name.starts_with("utm_") && !name.is_empty() {
                let known: Vec<&str> = PARAMETERS.into_iter().map(|(known, _)| known).collect();
                let problem = format!("there is no such parameter; there are {}", known.join(", "));
                self.refuse(&shortened(name), problem, "It is ignored.");
            }
            return;
        };
        let may_repeat = known == "c" || known == "mode" || known == "lock";
        if !may_repeat && self.seen.contains(&known) {
            self.refuse(known, "it is there twice; write it once", "The first one is used.");
            return;
        }
        self.seen.push(known);
        read(self, value);
    }

    fn version(&mut self, value: &str) {
        match value.parse::<u32>() {
            Ok(1..=VERSION) => {}
            Ok(newer) if newer > VERSION => self.refuse(
                "v",
                format!("the address was made by a newer Understudy, in version {newer}; this one reads up to {VERSION}"),
                "What can be understood is used.",
            ),
            _ => self.refuse("v", format!("a version is a number from 1 to {VERSION}"), "It is ignored."),
        }
    }

    fn run(&mut self, run: Run) {
        if self.address.run == Run::Unnamed {
            self.address.run = run;
        } else {
            self.refuse(
                "scene",
                "scene, figure, brief and run are four ways to name one run; write one of them",
                "The first one is used.",
            );
        }
    }

    fn compact(&mut self, value: &str) {
        match compact::from_text(value) {
            Ok(bytes) => self.run(Run::Compact(bytes)),
            Err(problem) => self.refuse("run", problem, "The first scene is shown."),
        }
    }

    fn seed(&mut self, value: &str) {
        match value.parse() {
            Ok(seed) => self.address.seed = Some(seed),
            Err(_) => self.refuse(
                "seed",
                format!(
                    "\u{201c}{}\u{201d} is no seed; a seed is a whole number from 0 to {}",
                    shortened(value),
                    u64::MAX
                ),
                "The run's own seed is used.",
            ),
        }
    }

    fn modes(&mut self, value: &str) {
        for name in value.split(',').filter(|name| !name.is_empty()) {
            match Mode::find(name) {
                Some(mode) if self.address.modes.contains(&mode) => {}
                Some(mode) => self.address.modes.push(mode),
                None => {
                    let known: Vec<String> = Mode::all().into_iter().map(Mode::name).collect();
                    self.refused.push(Refused::unknown(
                        "mode",
                        name,
                        &known.join(", "),
                        "It is left as the scenario has it.",
                    ));
                }
            }
        }
    }

    fn command(&mut self, value: &str) {
        if self.address.commands.len() == MAX_COMMANDS {
            // Said once.
            if self.refused.last().is_none_or(|refused| refused.parameter != "c") {
                self.refuse("c", format!("at most {MAX_COMMANDS} commands are read"), "The rest is ignored.");
            }
            return;
        }
        self.address.commands.push(value.into());
    }

    fn instant(&mut self, value: &str) {
        match value.parse::<SimTime>() {
            Ok(at) if at <= SimTime::ZERO + FURTHEST => self.address.at = Some(at),
            Ok(at) => self.refuse(
                "t",
                format!("{at} is too far; at most {FURTHEST} are played"),
                "The run stands at its start.",
            ),
            Err(problem) => self.refuse("t", format!("{problem}"), "The run stands at its start."),
        }
    }

    fn hash(&mut self, value: &str) {
        match u64::from_str_radix(value, 16) {
            Ok(hash) if value.len() == 16 => self.address.hash = Some(hash),
            _ => self.refuse(
                "hash",
                "a trace hash has 16 digits from 0 to f",
                "The run is not checked against it.",
            ),
        }
    }

    fn controls(&mut self, value: &str) {
        match view::find(&Controls::ALL, value) {
            Some(controls) => self.address.view.controls = controls,
            None => self.unknown(
                "controls",
                value,
                &view::words(&Controls::ALL),
                "The figure has its basic controls.",
            ),
        }
    }

    fn locks(&mut self, value: &str) {
        for name in value.split(',').filter(|name| !name.is_empty()) {
            match view::find(&Lock::ALL, name) {
                Some(lock) if !self.address.view.allows(lock) => {}
                Some(lock) => self.address.view.locks.push(lock),
                None => self.unknown("lock", name, &view::words(&Lock::ALL), "It locks nothing."),
            }
        }
    }

    fn theme(&mut self, value: &str) {
        match view::find(&Theme::ALL, value) {
            Some(theme) => self.address.view.theme = theme,
            None => self.unknown("theme", value, &view::words(&Theme::ALL), "The colours are the reader's."),
        }
    }

    fn autoplay(&mut self, value: &str) {
        match truth(value) {
            Some(on) => self.address.view.autoplay = on,
            None => self.unknown("autoplay", value, "1, 0", "The figure waits for the reader."),
        }
    }

    fn questions(&mut self, value: &str) {
        match truth(value) {
            Some(on) => self.address.view.questions = on,
            None => self.unknown("questions", value, "1, 0", "No questions are asked."),
        }
    }

    fn audit(&mut self, value: &str) {
        match truth(value) {
            Some(on) => self.address.view.audit = on,
            None => self.unknown("audit", value, "1, 0", "Nothing is audited unless the page around asks."),
        }
    }

    fn language(&mut self, value: &str) {
        // "en-GB" is English too.
        if value.split('-').next() != Some("en") {
            self.unknown("lang", value, "en", "The words are English.");
        }
    }

    fn unknown(&mut self, parameter: &str, value: &str, known: &str, instead: &str) {
        self.refused.push(Refused::unknown(parameter, value, known, instead));
    }
}

/// What a switch is set to.
fn truth(value: &str) -> Option<bool> {
    match value {
        "1" | "true" | "" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}
