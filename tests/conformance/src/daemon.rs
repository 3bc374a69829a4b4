//! What it takes to run a real daemon and leave nothing behind: programs and their versions, processes that die
//! with their owner, directories that are removed, patience that ends.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Where daemons are that are not in the search path of everybody.
const SYSTEM_PROGRAMS: &str = "/usr/sbin";
/// How often something that is waited for is looked at.
const PAUSE: Duration = Duration::from_millis(5);

/// A program that is installed.
#[derive(Clone, Debug)]
pub struct Program {
    /// What starts it.
    pub path: PathBuf,
    /// What it says of its own version: `2.6.12-1+deb12u2`.
    pub version: String,
}

impl Program {
    /// Looks for a program and asks its version with `flag`; an error says that it is not installed.
    pub fn find(name: &str, flag: &str) -> Result<Self, String> {
        let said = |path: &Path| Command::new(path).arg(flag).stdin(Stdio::null()).output().ok();
        [PathBuf::from(name), Path::new(SYSTEM_PROGRAMS).join(name)]
            .into_iter()
            .find_map(|path| {
                let said = said(&path)?;
                // Some write it to standard error.
                let text = [said.stdout, said.stderr].concat();
                Some(Self { version: version(&String::from_utf8_lossy(&text))?, path })
            })
            .ok_or_else(|| format!("{name} is not installed"))
    }
}

/// The first version number in what a program says of itself.
pub fn version(said: &str) -> Option<String> {
    said.split(|letter: char| letter.is_whitespace() || letter == '/')
        .map(|word| word.trim_start_matches('v'))
        .find(|word| word.starts_with(|letter: char| letter.is_ascii_digit()))
        .map(str::to_owned)
}

/// A line that a process wrote, and when it came in.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it was read.
    pub at: Instant,
    /// Without its line end.
    pub text: String,
}

/// A running process with all that it forked, killed when this is dropped, on panic too.
#[derive(Debug)]
pub struct Process {
    child: Child,
    lines: Arc<Mutex<Vec<Line>>>,
}

impl Process {
    /// Starts a command in a process group of its own, and reads its standard output and error as they come.
    pub fn start(command: &mut Command) -> Result<Self, String> {
        let mut process = Self::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        let (stdout, stderr) = (process.child.stdout.take(), process.child.stderr.take());
        collect(stdout.expect("it is piped"), Arc::clone(&process.lines));
        collect(stderr.expect("it is piped"), Arc::clone(&process.lines));
        Ok(process)
    }

    /// The same, with its standard error in a file. What it writes to standard output is thrown away.
    pub fn start_with_log(command: &mut Command, log: File) -> Result<Self, String> {
        Self::spawn(command.stdout(Stdio::null()).stderr(log))
    }

    fn spawn(command: &mut Command) -> Result<Self, String> {
        let child = command.process_group(0).stdin(Stdio::null()).spawn();
        let child = child.map_err(|error| format!("{command:?} cannot be started: {error}"))?;
        Ok(Self { child, lines: Arc::default() })
    }

    /// How the first process of the group ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until the first process of the group has ended; whether it did.
    pub fn wait_for_end(&mut self, patience: Duration) -> bool {
        wait_for(patience, || self.ended()).is_some()
    }

    /// Sends a signal, by its name, to the first process of the group.
    pub fn signal(&self, name: &str) -> Result<(), String> {
        run(Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()])).map(drop)
    }

    /// Kills the whole group at once, so that no member can act on the death of another.
    pub fn kill(&mut self) {
        // Fails when all of it is dead already, which is what was wanted.
        let _ = run(Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]));
        let _ = self.child.wait();
    }

    /// Everything said so far.
    pub fn lines(&self) -> Vec<Line> {
        lock(&self.lines).clone()
    }

    /// The same as one text.
    pub fn said(&self) -> String {
        let lines = lock(&self.lines);
        lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Waits for a line that `wanted` accepts, among those said after the first `said`.
    pub fn wait_for_after(
        &self,
        said: usize,
        patience: Duration,
        wanted: impl Fn(&Line) -> bool,
    ) -> Option<Line> {
        wait_for(patience, || lock(&self.lines).iter().skip(said).find(|line| wanted(line)).cloned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn collect(stream: impl Read + Send + 'static, lines: Arc<Mutex<Vec<Line>>>) {
    thread::spawn(move || {
        for text in BufReader::new(stream).lines().map_while(Result::ok).filter(|text| !text.is_empty()) {
            lock(&lines).push(Line { at: Instant::now(), text });
        }
    });
}

/// Takes a lock that a thread which panicked may have left: its panic is reported elsewhere.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a command to its end and returns what it wrote; an error says what it complained about.
pub fn run(command: &mut Command) -> Result<String, String> {
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    let what = format!("{} {}", command.get_program().display(), arguments.join(" "));
    let said = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{what} cannot be started: {error}"))?;
    if said.status.success() {
        Ok(String::from_utf8_lossy(&said.stdout).trim_end().to_owned())
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
        thread::sleep(PAUSE);
    }
}

/// A directory of its own for one comparison, removed when this is dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes an empty directory whose name says whose it is.
    pub fn new(name: &str) -> Result<Self, String> {
        for attempt in 0.. {
            let directory = format!("understudy-{name}-{}-{attempt}", std::process::id());
            let path = std::env::temp_dir().join(directory);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("{} cannot be made: {error}", path.display())),
            }
        }
        unreachable!("some name is free")
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the temporary directory, which the system clears.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes a file, or says which could not be written.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

/// A loopback address of this process alone, so that its ports collide with nobody's.
pub fn own_loopback() -> Ipv4Addr {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 64 | (high & 63), middle, low)
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_is_found_in_what_each_daemon_says_of_itself() {
        let said = [
            ("nginx version: nginx/1.22.1\n", "1.22.1"),
            ("HAProxy version 2.6.12-1+deb12u2 2025/04/16 - https://haproxy.org/\n", "2.6.12-1+deb12u2"),
            ("Keepalived v2.2.7 (01/16,2022)\n", "2.2.7"),
            ("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n", "15.20"),
        ];
        for (said, expected) in said {
            assert_eq!(version(said).as_deref(), Some(expected), "in {said:?}");
        }
        assert_eq!(version("no such option"), None, "where there is no number there is no version");
    }
}
