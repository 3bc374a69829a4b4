//! One audit under way, and what comes of it as text.

use understudy_audit::present::Modes;
use understudy_audit::{Options, Sliced};
use understudy_sim::scenario::Scenario;

use crate::told;

/// What a slice of work has come to.
pub(crate) enum Step {
    /// There is more to do.
    More,
    /// It is done: each finding as JSON, and all of them with the numbers of the report.
    Done { findings: Vec<String>, rest: String },
    /// The scenario makes no sense, in words.
    Refused(String),
}

/// An audit that goes on slice by slice.
pub(crate) struct Work(Sliced);

impl Work {
    /// The audit of a scenario, given as JSON, with the modes that are written in `modes`; empty for the scenario's own.
    /// A slice ends when `is_due` says so.
    pub(crate) fn new(scenario: &str, modes: &str, is_due: fn() -> bool) -> Result<Self, String> {
        let read = Scenario::parse("the scenario", scenario)
            .map_err(|error| [error.place, error.problem].join(": "))?;
        let present = match Modes::read(modes) {
            Some(modes) => modes.applied_to(&read),
            None if modes.is_empty() => read,
            None => return Err("the figure and its audit are not of one version; load the page again".into()),
        };
        Ok(Self(Sliced::new(present, Options::default(), is_due)))
    }

    /// A slice. Not to be called again once it is not [`Step::More`].
    pub(crate) fn go_on(&mut self) -> Step {
        match self.0.go_on() {
            None => Step::More,
            Some(Err(mistake)) => Step::Refused([mistake.place, mistake.problem].join(": ")),
            Some(Ok(report)) => Step::Done {
                findings: report
                    .findings
                    .iter()
                    .map(|finding| told::json(&told::Finding::of(finding)))
                    .collect(),
                rest: told::json(&told::Report::of(&report)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static ASKED: Cell<u32> = const { Cell::new(0) };
    }

    const CLASSIC: &str = include_str!("../../../scenarios/classic-stack.json");

    #[test]
    fn it_pauses_whenever_it_is_asked_to_and_ends_all_the_same() {
        let mut work = Work::new(CLASSIC, "", || {
            ASKED.set(ASKED.get() + 1);
            true
        })
        .expect("a shipped scenario is right");
        let mut slices = 1;
        let findings = loop {
            match work.go_on() {
                Step::More => slices += 1,
                Step::Done { findings, .. } => break findings,
                Step::Refused(problem) => panic!("{problem}"),
            }
        };
        assert!(slices > 10, "{slices}");
        assert_eq!(ASKED.get(), slices - 1, "each question was a pause");
        assert!(!findings.is_empty());
    }

    #[test]
    fn what_cannot_be_audited_is_named() {
        let problem = |scenario, modes| Work::new(scenario, modes, || false).err().expect("it is wrong");
        assert!(problem("{", "").contains("line 1"), "{}", problem("{", ""));
        assert!(problem(CLASSIC, "1 9").contains("version"));
        let large = "x".repeat(1_000_001);
        assert!(problem(&large, "").contains("1000001 bytes"), "{}", problem(&large, ""));
    }
}
