//! The suites, and which of them run at the same time.

use std::fmt;
use std::thread;

use crate::options::Options;
use crate::report::Report;
use crate::{haproxy, keepalived, nginx, postgresql};

/// One daemon beside one component.
#[derive(Debug)]
pub struct Suite {
    /// What it is called on the command line: the daemon's name.
    pub name: &'static str,
    /// Whether it compares moments, so that the load of another suite could make it differ: then it runs alone.
    compares_moments: bool,
    run: fn(Options) -> Result<Report, String>,
}

/// Every suite, in the order of the document.
pub const ALL: [Suite; 4] = [
    Suite { name: "nginx", compares_moments: false, run: nginx::run },
    Suite { name: "haproxy", compares_moments: true, run: haproxy::run },
    Suite { name: "keepalived", compares_moments: true, run: keepalived::run },
    Suite { name: "postgresql", compares_moments: false, run: postgresql::run },
];

impl Suite {
    /// Runs it, and prints its report as soon as it is there.
    fn report(&self, options: Options) -> Result<Report, String> {
        let found = (self.run)(options);
        if let Ok(report) = &found {
            println!("{report}");
        }
        found
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Runs suites: first those that can share the machine, together; then the others, one by one. Answers what each
/// found, in the order given; an error says why it could not be run to its end.
pub fn run(suites: &[&'static Suite], options: Options) -> Vec<(&'static Suite, Result<Report, String>)> {
    let together: Vec<_> = thread::scope(|scope| {
        let start = |suite: &&'static Suite| {
            let suite = *suite;
            (suite, (!suite.compares_moments).then(|| scope.spawn(move || suite.report(options))))
        };
        let started: Vec<_> = suites.iter().map(start).collect();
        let panicked = |_| Err("it panicked".to_owned());
        let ended = started
            .into_iter()
            .map(|(suite, thread)| (suite, thread.map(|thread| thread.join().unwrap_or_else(panicked))));
        ended.collect()
    });
    let alone = |suite: &Suite| suite.report(options);
    together.into_iter().map(|(suite, found)| (suite, found.unwrap_or_else(|| alone(suite)))).collect()
}
