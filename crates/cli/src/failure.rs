//! Why a command ended without a result, and the exit code that says so.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// Why there is no result; the text is for people.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file cannot be read or written, or makes no sense.
    File(String),
    /// The command line asks for something that makes no sense.
    CommandLine(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::File(_) => 1,
            Self::CommandLine(_) => 2,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(message) | Self::CommandLine(message) => f.write_str(message),
        }
    }
}

/// What became of writing the result.
pub(crate) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        // Whoever reads has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| Failure::File(format!("the result cannot be written: {error}"))),
    }
}
