//! Processes that are started for a comparison and never outlive it, and what they say.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// A line that a process wrote, and when it came in.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it was read.
    pub at: Instant,
    /// Without its line end.
    pub text: String,
}

/// A running process with all that it forked, killed when this is dropped. Its lines are read as they come.
#[derive(Debug)]
pub struct Process {
    child: Child,
    lines: Arc<Mutex<Vec<Line>>>,
}

impl Process {
    /// Starts a command in a process group of its own, and reads its standard output and error.
    pub fn start(command: &mut Command) -> Result<Self, String> {
        let what = format!("{command:?}");
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{what} cannot be started: {error}"))?;
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        collect(stdout.expect("it is piped"), Arc::clone(&lines));
        collect(stderr.expect("it is piped"), Arc::clone(&lines));
        Ok(Self { child, lines })
    }

    /// Sends a signal, by its name, to the first process of the group.
    pub fn signal(&self, name: &str) -> Result<(), String> {
        run("kill", &[&format!("-{name}"), &self.child.id().to_string()]).map(drop)
    }

    /// Kills the whole group at once, so that no member can act on the death of another.
    pub fn kill(&mut self) {
        // Fails when all of it is dead already, which is what was wanted.
        let _ = run("kill", &["-KILL", "--", &format!("-{}", self.child.id())]);
        let _ = self.child.wait();
    }

    /// Everything said so far.
    pub fn lines(&self) -> Vec<Line> {
        lock(&self.lines).clone()
    }

    /// Waits for a line that `wanted` accepts, among those said after the first `said`.
    pub fn wait_for_after(
        &self,
        said: usize,
        patience: Duration,
        wanted: impl Fn(&Line) -> bool,
    ) -> Option<Line> {
        let since = Instant::now();
        loop {
            if let Some(line) = lock(&self.lines).iter().skip(said).find(|line| wanted(line)) {
                return Some(line.clone());
            }
            if since.elapsed() > patience {
                return None;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until the first process has ended; whether it did.
    pub fn wait_for_end(&mut self, patience: Duration) -> bool {
        let since = Instant::now();
        loop {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return true;
            }
            if since.elapsed() > patience {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn collect(stream: impl std::io::Read + Send + 'static, lines: Arc<Mutex<Vec<Line>>>) {
    thread::spawn(move || {
        for text in BufReader::new(stream).lines().map_while(Result::ok).filter(|text| !text.is_empty()) {
            lock(&lines).push(Line { at: Instant::now(), text });
        }
    });
}

fn lock(lines: &Mutex<Vec<Line>>) -> MutexGuard<'_, Vec<Line>> {
    lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Runs a command to its end and returns what it wrote; an error says what it complained about.
pub fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let said = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program} cannot be started: {error}"))?;
    if said.status.success() {
        Ok(String::from_utf8_lossy(&said.stdout).into_owned())
    } else {
        let complaint = String::from_utf8_lossy(&said.stderr);
        Err(format!("{program} {}: {}", arguments.join(" "), complaint.trim()))
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
