//! One run of HAProxy, with its trace and its log.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use understudy_core::SimTime;

use super::trace::{self, Check};
use crate::daemon::{self, Process, Program, Scratch};

/// Each start and end of a check, with its result, to where `show events` reads it.
const TRACE_ON: &str =
    "trace check sink buf0; trace check level state; trace check verbosity minimal; trace check start now";

/// Text that a thread goes on writing.
type Growing = Arc<Mutex<String>>;

/// HAProxy at work; killed when this goes out of scope.
pub(super) struct Running {
    haproxy: Process,
    trace: Growing,
    log: Growing,
}

/// What a run showed.
pub(super) struct Seen {
    /// The checks of each server, by its name.
    pub(super) checks: BTreeMap<String, Vec<Check>>,
    pub(super) log: String,
}

impl Running {
    /// Starts HAProxy with a configuration that begins with the rest of its `defaults` section.
    pub(super) fn start(program: &Program, scratch: &Scratch, configuration: &str) -> Result<Self, String> {
        let [config, log, socket] = ["haproxy.cfg", "log", "stats"].map(|name| scratch.path().join(name));
        let text = format!(
            "global\n  nbthread 1\n  log {} local0\n  stats socket {} level admin\n\
             defaults\n  mode tcp\n  log global\n  timeout client 1m\n  timeout server 1m\n{configuration}",
            log.display(),
            socket.display()
        );
        daemon::write(&config, &text)?;
        let log = collect_log(&log)?;
        let haproxy = Process::start(Command::new(&program.path).arg("-db").arg("-f").arg(&config))?;
        let mut answer = String::new();
        command(&socket, TRACE_ON)?.read_to_string(&mut answer).map_err(|error| error.to_string())?;
        if !answer.trim().is_empty() {
            return Err(format!("haproxy does not trace its checks: {answer}"));
        }
        let trace = collect_trace(&socket)?;
        Ok(Self { haproxy, trace, log })
    }

    /// Stops HAProxy and answers what it showed.
    pub(super) fn stop(mut self) -> Result<Seen, String> {
        if let Some(status) = self.haproxy.ended() {
            return Err(format!("haproxy ended early, {status}:\n{}", self.haproxy.said()));
        }
        drop(self.haproxy);
        Ok(Seen { checks: trace::checks(&daemon::lock(&self.trace)), log: daemon::lock(&self.log).clone() })
    }
}

/// The time on the clock of the trace: since 1970.
pub(super) fn now() -> Result<SimTime, String> {
    let since =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(|error| error.to_string())?;
    u64::try_from(since.as_nanos()).map(SimTime::from_nanos).map_err(|error| error.to_string())
}

/// Sends a command to HAProxy's stats socket as soon as there is one; answers the connection.
fn command(socket: &Path, command: &str) -> Result<UnixStream, String> {
    let mut stream = daemon::wait_for(Duration::from_secs(10), || UnixStream::connect(socket).ok())
        .ok_or("haproxy's stats socket does not answer")?;
    stream.write_all(format!("{command}\n").as_bytes()).map_err(|error| error.to_string())?;
    Ok(stream)
}

/// Follows HAProxy's trace until it ends.
fn collect_trace(socket: &Path) -> Result<Growing, String> {
    let mut stream = command(socket, "show events buf0 -w")?;
    Ok(collect(move |buffer| stream.read(buffer).ok().filter(|length| *length > 0)))
}

/// Takes HAProxy's log messages, one a line, until the process ends; none come once HAProxy is gone.
fn collect_log(path: &Path) -> Result<Growing, String> {
    let socket = UnixDatagram::bind(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(collect(move |buffer| socket.recv(buffer).ok()))
}

fn collect(mut read: impl FnMut(&mut [u8]) -> Option<usize> + Send + 'static) -> Growing {
    let text = Growing::default();
    let shared = Arc::clone(&text);
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Some(length) = read(&mut buffer) {
            daemon::lock(&shared).push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
    });
    text
}
