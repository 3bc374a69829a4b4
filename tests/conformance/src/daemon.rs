//! What every comparison needs to run a daemon: a place of its own, commands run to their end, patience with a bound.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Runs a command to its end and returns what it wrote; an error says what it complained about.
pub fn run(command: &mut Command) -> Result<String, String> {
    let what = format!("{} {:?}", command.get_program().display(), command.get_args().collect::<Vec<_>>());
    let said = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{what} cannot be started: {error}"))?;
    if said.status.success() {
        Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
    } else {
        Err(format!("{what}: {}", String::from_utf8_lossy(&said.stderr).trim()))
    }
}

/// Asks again and again until there is an answer, or patience ends.
pub fn wait_for<T>(patience: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let since = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if since.elapsed() > patience {
            return None;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// A directory of its own for one comparison, removed when this is dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the directory; `name` must be unique within this process.
    pub fn new(name: &str) -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("understudy-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path)
            .map_err(|error| format!("{} cannot be made: {error}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the temporary directory, which the system clears.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
