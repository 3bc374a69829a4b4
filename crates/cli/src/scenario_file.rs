//! Reading a scenario file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use understudy_sim::scenario::MAX_FILE_BYTES;
use understudy_sim::{Plan, Scenario};

use crate::failure::Failure;

/// The plan in a file, or which file, where in it, what is wrong and what would be right.
pub(crate) fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let text = read_text(path)?;
    Scenario::read(&path.display().to_string(), &text).map_err(|error| Failure::File(error.to_string()))
}

/// The text of a file, as far as one is read.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let read = || {
        let mut text = String::new();
        // One byte over the limit is enough for the reader to refuse the file.
        File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_string(&mut text).map(|_| text)
    };
    read().map_err(|error| Failure::File(format!("{} cannot be read: {error}", path.display())))
}
