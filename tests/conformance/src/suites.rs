//! The suites, and in which order they run.
//!
//! Some measure time to a few hundredths of a second: they run alone. The others mostly wait, and share the machine.

use std::fmt;
use std::thread;

use crate::haproxy;
use crate::options::Options;
use crate::report::Report;

/// One daemon beside one component.
#[derive(Debug)]
pub struct Suite {
    /// What it is called on the command line: the daemon's name.
    pub name: &'static str,
    /// Whether the load of another suite could make it differ.
    measures_time: bool,
    run: fn(Options) -> Result<Report, String>,
}

/// Every suite, in the order of the document.
pub const ALL: [Suite; 1] = [Suite { name: "haproxy", measures_time: true, run: haproxy::run }];

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Runs suites and prints each report as soon as it is there. Answers them in the order they were named in; an error
/// is why a suite could not be run to its end.
pub fn run<'a>(suites: &[&'a Suite], options: Options) -> Vec<(&'a Suite, Result<Report, String>)> {
    let together = thread::scope(|scope| {
        let started: Vec<_> = suites
            .iter()
            .filter(|suite| !suite.measures_time)
            .map(|suite| (suite.name, scope.spawn(|| suite.report(options))))
            .collect();
        let panicked = |_| Err("it panicked".to_owned());
        started
            .into_iter()
            .map(|(name, thread)| (name, thread.join().unwrap_or_else(panicked)))
            .collect::<Vec<_>>()
    });
    let mut together = together.into_iter();
    suites
        .iter()
        .map(|suite| {
            let found = if suite.measures_time { None } else { together.next() };
            (*suite, found.map_or_else(|| suite.report(options), |(_, report)| report))
        })
        .collect()
}

impl Suite {
    fn report(&self, options: Options) -> Result<Report, String> {
        let found = (self.run)(options);
        if let Ok(report) = &found {
            println!("{report}");
        }
        found
    }
}
