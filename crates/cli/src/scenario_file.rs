//! Reading a scenario file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use understudy_sim::scenario::MAX_FILE_BYTES;
use understudy_sim::{Plan, Scenario};

use crate::failure::Failure;

/// The plan in a file, or which file, where in it, what is wrong and what would be right.
pub(crate) fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let name = path.display().to_string();
    let read = || {
        let mut text = String::new();
        // One byte over the limit is enough for the reader to refuse the file.
        File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_string(&mut text).map(|_| text)
    };
    let text = read().map_err(|error| Failure::File(format!("{name} cannot be read: {error}")))?;
    Scenario::read(&name, &text).map_err(|error| Failure::File(error.to_string()))
}
