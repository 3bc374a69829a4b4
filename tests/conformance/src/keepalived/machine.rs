//! A real machine of the network: keepalived on it, and the virtual address coming and going on its interface.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use understudy_core::vrrp::VrrpConfig;

use super::network::{INTERFACE, Network, VIRTUAL, is_virtual};
use crate::daemon::{self, Line, Process, Program};

/// How long a daemon may take for what it does at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// One machine.
#[derive(Debug)]
pub(super) struct Machine {
    index: usize,
    directory: PathBuf,
    daemon: Option<Process>,
    /// What the daemons before this one said.
    said_before: Vec<Line>,
    monitor: Process,
    /// When the daemon was killed or stopped, so that what the reboot does is not taken for its doing.
    dead_since: Option<Instant>,
    /// When the virtual address came, `true`, or left.
    changes: Vec<(Instant, bool)>,
    /// How many of the monitor's lines are among `changes` or ignored.
    seen: usize,
}

impl Machine {
    /// A machine whose daemon is not started yet.
    pub(super) fn new(
        network: &Network,
        index: usize,
        config: &VrrpConfig,
        extra: &str,
        directory: &Path,
    ) -> Result<Self, String> {
        let directory = directory.join(index.to_string());
        fs::create_dir_all(&directory)
            .map_err(|error| format!("{} cannot be made: {error}", directory.display()))?;
        daemon::write(&directory.join("keepalived.conf"), &configuration(config, extra))?;
        let monitor = network.monitor(index)?;
        Ok(Self {
            index,
            directory,
            daemon: None,
            said_before: Vec::new(),
            monitor,
            dead_since: None,
            changes: Vec::new(),
            seen: 0,
        })
    }

    /// Starts the daemon; returns when it is in its first state, which is the Startup event of the RFC.
    pub(super) fn start(&mut self, network: &Network, keepalived: &Program) -> Result<Instant, String> {
        self.collect();
        if let Some(mut old) = self.daemon.take() {
            // One that was stopped cleanly takes a moment to end.
            old.wait_for_end(PATIENCE);
            self.said_before.extend(old.lines());
        }
        // What the monitor says of this is ignored: give it the time to say so.
        self.dead_since.get_or_insert_with(Instant::now);
        network.forget_virtual(self.index)?;
        thread::sleep(Duration::from_millis(50));
        let file = |name: &str| self.directory.join(name).display().to_string();
        // A killed daemon leaves its pid files, and their numbers may be another's by now: a reboot clears them.
        for stale in ["pid", "vrrp.pid"] {
            let _ = fs::remove_file(self.directory.join(stale));
        }
        let mut command = network.command(self.index, &keepalived.path);
        command.args(["--dont-fork", "--log-console", "--log-detail", "--vrrp"]);
        command.args(["--pid", &file("pid"), "--vrrp_pid", &file("vrrp.pid")]);
        command.args(["--use-file", &file("keepalived.conf")]);
        self.collect();
        self.dead_since = None;
        self.daemon = Some(Process::start(&mut command)?);
        self.wait_for_log(0, &["Entering BACKUP STATE", "Entering MASTER STATE"])
    }

    /// Stops the daemon cleanly; returns when it did.
    pub(super) fn stop(&mut self) -> Result<Instant, String> {
        let Some(daemon) = &self.daemon else { return Ok(Instant::now()) };
        let said = daemon.lines().len();
        daemon.signal("TERM")?;
        self.wait_for_log(said, &["Stopping"])
    }

    /// Kills the daemon, all its processes at once.
    pub(super) fn kill(&mut self) {
        self.collect();
        self.dead_since.get_or_insert_with(Instant::now);
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill();
            self.said_before.extend(daemon.lines());
        }
    }

    /// Waits until the daemon has seen its plug pulled, or put back in; returns when.
    pub(super) fn wait_for_carrier(&self, said: usize, up: bool) -> Result<Instant, String> {
        let wanted = if up { "Entering BACKUP STATE" } else { "Entering FAULT STATE" };
        self.wait_for_log(said, &[wanted])
    }

    /// What a person calls it, as in our own log.
    pub(super) fn name(&self) -> String {
        super::lan::name(self.index)
    }

    /// How many lines the daemon has written so far.
    pub(super) fn said(&self) -> usize {
        self.daemon.as_ref().map_or(0, |daemon| daemon.lines().len())
    }

    /// The comings, `true`, and goings of the virtual address by the daemon's doing.
    pub(super) fn changes(&mut self) -> &[(Instant, bool)] {
        self.collect();
        &self.changes
    }

    /// What all daemons of this machine said, for a mismatch.
    pub(super) fn log(&self) -> Vec<Line> {
        let running = self.daemon.as_ref().map(Process::lines).unwrap_or_default();
        [&self.said_before[..], &running].concat()
    }

    fn collect(&mut self) {
        for line in self.monitor.lines().into_iter().skip(self.seen) {
            self.seen += 1;
            if is_virtual(&line.text) && self.dead_since.is_none_or(|dead| line.at < dead) {
                self.changes.push((line.at, !line.text.starts_with("Deleted")));
            }
        }
    }

    /// Waits for one of some texts in the daemon's log after its first `said` lines.
    fn wait_for_log(&self, said: usize, wanted: &[&str]) -> Result<Instant, String> {
        let daemon = self.daemon.as_ref().ok_or("no daemon runs")?;
        let found = daemon
            .wait_for_after(said, PATIENCE, |line| wanted.iter().any(|wanted| line.text.contains(wanted)));
        found
            .map(|line| line.at)
            .ok_or_else(|| format!("keepalived did not say {wanted:?}:\n{}", daemon.said()))
    }
}

/// keepalived's configuration for the same settings as our router's. Without `state`, it starts as the RFC says.
fn configuration(config: &VrrpConfig, extra: &str) -> String {
    let seconds = |duration: understudy_core::SimDuration| {
        let millis = duration.as_nanos() / 1_000_000;
        format!("{}.{:03}", millis / 1_000, millis % 1_000)
    };
    let mut settings = vec![
        format!("interface {INTERFACE}"),
        format!("virtual_router_id {}", config.vrid),
        format!("priority {}", config.priority),
        format!("advert_int {}", seconds(config.interval.duration())),
        extra.to_string(),
    ];
    if !config.preempt {
        settings.push("nopreempt".into());
    }
    if !config.preempt_delay.is_zero() {
        settings.push(format!("preempt_delay {}", seconds(config.preempt_delay)));
    }
    let settings = settings.join("\n    ");
    format!(
        "global_defs {{\n    vrrp_version 3\n}}\nvrrp_instance VIRTUAL {{\n    {settings}\n    \
         virtual_ipaddress {{\n        {VIRTUAL}/32\n    }}\n}}\n"
    )
}
