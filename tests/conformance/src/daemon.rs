//! Running a daemon for a test and leaving nothing behind: its process, its directory, its ports.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs, io, process};

/// A process that ends with this value, also when a test panics.
#[derive(Debug)]
pub struct Daemon(Child);

impl Daemon {
    /// Starts `command` with nothing to read and its own words thrown away.
    pub fn start(command: &mut Command) -> Result<Self, String> {
        let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        started.map(Self).map_err(|error| format!("{} does not start: {error}", name(command)))
    }

    /// The exit status in words, if the process has ended.
    pub fn ended(&mut self) -> Option<String> {
        self.0.try_wait().ok().flatten().map(|status| status.to_string())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself, which is as well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// A new directory under the system's temporary one, removed with this value.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a directory whose name starts with `purpose`.
    pub fn new(purpose: &str) -> io::Result<Self> {
        for attempt in 0.. {
            let path = env::temp_dir().join(format!("{purpose}-{}-{attempt}", process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
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
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Waits until something listens at `address`; `false` if nothing does within `patience`.
pub fn wait_until_listening(address: SocketAddr, patience: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < patience {
        if TcpStream::connect(address).is_ok() {
            return true;
        }
        sleep(Duration::from_millis(10));
    }
    false
}
