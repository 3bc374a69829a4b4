//! The suites. They run one after the other: some compare moments to a few hundredths of a second, and a process that
//! one starts would, until it has begun its own program, hold the ports open that another has just closed.

use std::fmt;

use crate::options::Options;
use crate::report::Report;
use crate::{haproxy, keepalived, nginx, postgresql, queueing};

/// One daemon, or theory, beside one component.
#[derive(Debug)]
pub struct Suite {
    /// What it is called on the command line: the daemon's name, or what theory it is.
    pub name: &'static str,
    run: fn(Options) -> Result<Report, String>,
}

/// Every suite, in the order of the document.
pub const ALL: [Suite; 5] = [
    Suite { name: "nginx", run: nginx::run },
    Suite { name: "haproxy", run: haproxy::run },
    Suite { name: "keepalived", run: keepalived::run },
    Suite { name: "postgresql", run: postgresql::run },
    Suite { name: "queueing", run: queueing::run },
];

impl Suite {
    /// Starts the daemon and compares; an error says why that could not be done to its end.
    pub fn run(&self, options: Options) -> Result<Report, String> {
        (self.run)(options)
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
