//! From an address to a run: the second stage of reading, which knows the scenario.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use understudy_core::SimTime;
use understudy_sim::command::TimedCommand;
use understudy_sim::plan::Plan;

use crate::parameters::Address;
use crate::refused::{Refused, shortened};

/// What an address adds to a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Modes and commands, in order of time.
    pub commands: Vec<TimedCommand>,
    /// What could not be used.
    pub refused: Vec<Refused>,
}

/// Checks an address's modes and commands against the scenario that it names. `before` are the commands that the run has
/// already.
pub fn open(address: &Address, plan: &Plan, before: &[TimedCommand]) -> Opened {
    let mut opened = Opened::default();
    for mode in &address.modes {
        let commands = mode.commands(plan);
        if commands.is_empty() {
            let problem = format!("nothing in this scenario has the mode \u{201c}{}\u{201d}", mode.name());
            opened.refused.push(Refused::new("mode", problem, "It is ignored."));
        }
        opened
            .commands
            .extend(commands.into_iter().map(|command| TimedCommand { at: SimTime::ZERO, command }));
    }
    opened.commands.extend_from_slice(before);
    for text in &address.commands {
        let read =
            TimedCommand::parse(text, plan).and_then(|timed| timed.command.check(plan).map(|()| timed));
        match read {
            Ok(timed) => opened.commands.push(timed),
            Err(problem) => {
                let problem = shortened_message(&problem.to_string(), text);
                opened.refused.push(Refused::new("c", problem, "The run goes on without it."));
            }
        }
    }
    opened.commands.sort_by_key(|timed| timed.at);
    opened
}

/// A message that quotes a text, with no more of the text than can be shown.
fn shortened_message(message: &str, text: &str) -> alloc::string::String {
    message.replace(text, &shortened(text))
}
