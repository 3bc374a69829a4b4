//! Something that could not be done, in words for the reader: what, where, what would be right, and what happens
//! instead.

use understudy_address::Refused;
use understudy_sim::command::CommandError;
use understudy_sim::plan::ScenarioError;

/// A message for the error panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What could not be done.
    pub title: String,
    /// Where the cause is.
    pub place: String,
    /// What is wrong there, and what would be right.
    pub text: String,
    /// What happens instead.
    pub then: String,
}

impl Problem {
    /// A command that makes no sense for what it names.
    pub fn refused_command(error: &CommandError) -> Self {
        Self {
            title: String::from("That cannot be done"),
            place: String::from("the page"),
            text: error.to_string(),
            then: String::from("The run goes on unchanged."),
        }
    }

    /// A part of the page's address that cannot be used.
    pub fn refused_address(refused: Refused) -> Self {
        let Refused { parameter, problem, instead } = refused;
        let (title, place) = if parameter.is_empty() {
            (String::from("The address cannot be used"), String::from("the address"))
        } else {
            (
                format!("The address has a \u{201c}{parameter}\u{201d} that cannot be used"),
                format!("the address, after \u{201c}{parameter}=\u{201d}"),
            )
        };
        Self { title, place, text: problem, then: instead }
    }

    /// A scenario file that was refused while a run is going on.
    pub fn refused_file(error: ScenarioError) -> Self {
        Self {
            title: format!("{} cannot be opened", error.file),
            place: error.place,
            text: error.problem,
            then: String::from("The run on the page goes on unchanged. Mend the file and open it again."),
        }
    }
}
