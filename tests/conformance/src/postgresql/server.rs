//! A real PostgreSQL server: its programs, its data, its start and stop, and its clients.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::daemon::{self, Process, run, wait_for};

/// The socket's name in its directory, for port 5432. No network port is used at all.
pub(super) const SOCKET: &str = ".s.PGSQL.5432";
/// Longest wait for a server to do what it was told.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Where Debian's packages install the programs, by version.
const INSTALLED: &str = "/usr/lib/postgresql";

/// The programs of one installed version, and who runs them: the server refuses to be root.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    directory: PathBuf,
    user: Option<(u32, u32)>,
}

impl Programs {
    /// The newest version that is installed; an error says what is missing.
    pub(super) fn find() -> Result<Self, String> {
        let versions =
            fs::read_dir(INSTALLED).map_err(|_| format!("PostgreSQL is not installed in {INSTALLED}"))?;
        let directory = versions
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
                let bin = path.join("bin");
                bin.join("initdb").exists().then_some((version, bin))
            })
            .max()
            .map(|(_, bin)| bin)
            .ok_or_else(|| format!("no PostgreSQL server in {INSTALLED}: only its client is installed"))?;
        let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let user = if root { Some(postgres_user()?) } else { None };
        Ok(Self { directory, user })
    }

    /// What the server says of its version: `15.20`.
    pub(super) fn version(&self) -> Result<String, String> {
        let said = run(&mut self.command("postgres", &["--version"]))?;
        daemon::version(&said).ok_or_else(|| format!("postgres does not say its version: {said}"))
    }

    /// A command of these programs, run by the right user.
    pub(super) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.directory.join(program));
        command.args(arguments).current_dir("/");
        for variable in ["PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS", "PGSERVICE"] {
            command.env_remove(variable);
        }
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives a file or directory to the user who runs the programs.
    pub(super) fn own(&self, path: &Path) -> Result<(), String> {
        let Some((user, group)) = self.user else { return Ok(()) };
        chown(path, Some(user), Some(group)).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Makes the data of a new database, small segments and checksums (which `pg_rewind` wants) and all.
    pub(super) fn make_data(&self, data: &Path) -> Result<(), String> {
        let data = data.display().to_string();
        let arguments =
            ["-D", &data, "-U", "postgres", "-A", "trust", "-k", "-N", "--wal-segsize=1", "--locale=C"];
        run(&mut self.command("initdb", &arguments)).map(drop)
    }
}

/// The user that Debian's packages make for the server.
fn postgres_user() -> Result<(u32, u32), String> {
    let users = fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
    let ids = users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':');
        let user = fields.nth(1)?.parse().ok()?;
        Some((user, fields.next()?.parse().ok()?))
    });
    ids.ok_or_else(|| "there is no user postgres to run the server, which refuses to be root".to_owned())
}

/// How a server is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Sessions end, the log is flushed: a fast shutdown.
    Fast,
    /// At once, as in a crash: an immediate shutdown.
    Crash,
}

/// A server, and its directory. Crashed when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    programs: Programs,
    /// Holds its data, its configuration, its log and its socket.
    home: PathBuf,
    settings: BTreeMap<&'static str, String>,
    process: Option<Process>,
}

impl Server {
    /// A server on a copy of `template`'s data, not started.
    pub(super) fn new(programs: &Programs, home: &Path, template: &Path) -> Result<Self, String> {
        let made = |error| format!("{}: {error}", home.display());
        fs::create_dir_all(home).map_err(made)?;
        programs.own(home)?;
        let data = home.join("data").display().to_string();
        run(Command::new("cp").args(["-a", &template.display().to_string(), &data]))?;
        let settings = [
            ("listen_addresses", String::new()),
            ("unix_socket_directories", home.display().to_string()),
            ("fsync", "off".to_owned()),
            ("shared_buffers", "2MB".to_owned()),
            ("max_connections", "60".to_owned()),
            ("max_wal_senders", "8".to_owned()),
            ("max_wal_size", "2MB".to_owned()),
            ("min_wal_size", "2MB".to_owned()),
            ("autovacuum", "off".to_owned()),
            ("log_checkpoints", "off".to_owned()),
            ("checkpoint_timeout", "1h".to_owned()),
            ("bgwriter_lru_maxpages", "0".to_owned()),
            ("wal_retrieve_retry_interval", "100ms".to_owned()),
            ("wal_receiver_status_interval", "1s".to_owned()),
        ];
        let settings = settings.into_iter().collect();
        Ok(Self { programs: programs.clone(), home: home.to_owned(), settings, process: None })
    }

    /// The directory of its socket: the host for its clients.
    pub(super) fn host(&self) -> &Path {
        &self.home
    }

    /// Its data directory.
    pub(super) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// Whether it was started and not stopped.
    pub(super) fn runs(&self) -> bool {
        self.process.is_some()
    }

    /// Notes a setting, in force from the next start or reload.
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.settings.insert(name, value.into());
    }

    /// Makes it start as a standby.
    pub(super) fn make_standby(&self) -> Result<(), String> {
        let signal = self.data().join("standby.signal");
        daemon::write(&signal, "")?;
        self.programs.own(&signal)
    }

    /// Starts it and waits until it answers.
    pub(super) fn start(&mut self) -> Result<(), String> {
        self.write_settings()?;
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log_path());
        let log = log.map_err(|error| format!("{}: {error}", self.log_path().display()))?;
        let data = self.data().display().to_string();
        let configuration = format!("config_file={}", self.home.join("postgresql.conf").display());
        let mut command = self.programs.command("postgres", &["-D", &data, "-c", &configuration]);
        self.process = Some(Process::start_with_log(&mut command, log)?);
        let answers = wait_for(PATIENCE, || self.ask("select 1").ok());
        answers.map(drop).ok_or_else(|| format!("the server does not answer:\n{}", self.log_from(0)))
    }

    /// Stops it and waits until it has ended.
    pub(super) fn stop(&mut self, how: Stop) -> Result<(), String> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let signal = match how {
            Stop::Fast => "INT",
            Stop::Crash => "QUIT",
        };
        process.signal(signal)?;
        if process.wait_for_end(PATIENCE) {
            Ok(())
        } else {
            Err(format!("the server did not stop:\n{}", self.log_from(0)))
        }
    }

    /// Brings the settings into force, and waits until new sessions see them all.
    pub(super) fn reload(&mut self, seen: (&str, &str)) -> Result<(), String> {
        self.write_settings()?;
        let process = self.process.as_ref().ok_or("a server that is stopped cannot reload")?;
        process.signal("HUP")?;
        let (name, value) = seen;
        let question = format!("select current_setting('{name}')");
        let in_force = || self.ask(&question).is_ok_and(|answer| answer == value).then_some(());
        wait_for(PATIENCE, in_force).ok_or_else(|| format!("{name} did not become {value}"))
    }

    /// Asks a question, as a session of its own, and returns the answer.
    pub(super) fn ask(&self, question: &str) -> Result<String, String> {
        run(&mut self.client(question))
    }

    /// A client that runs `statement` in a session of its own.
    pub(super) fn client(&self, statement: &str) -> Command {
        let host = self.host().display().to_string();
        let arguments = [
            "-h",
            &host,
            "-U",
            "postgres",
            "-d",
            "postgres",
            "-AtqX",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            statement,
        ];
        self.programs.command("psql", &arguments)
    }

    /// Rewinds its data to what `source` has, with `pg_rewind`.
    pub(super) fn rewind(&self, source: &Self) -> Result<(), String> {
        let data = self.data().display().to_string();
        let source = format!("host={} user=postgres dbname=postgres", source.host().display());
        let configuration = self.home.join("postgresql.conf").display().to_string();
        let arguments =
            ["-D", &data, "--source-server", &source, "--no-sync", "--config-file", &configuration];
        run(&mut self.programs.command("pg_rewind", &arguments)).map(drop)
    }

    /// How long its log is now.
    pub(super) fn log_length(&self) -> usize {
        fs::metadata(self.log_path()).map_or(0, |log| usize::try_from(log.len()).unwrap_or(0))
    }

    /// What its log says from `start` on.
    pub(super) fn log_from(&self, start: usize) -> String {
        let log = fs::read(self.log_path()).unwrap_or_default();
        String::from_utf8_lossy(log.get(start..).unwrap_or_default()).into_owned()
    }

    fn log_path(&self) -> PathBuf {
        self.home.join("log")
    }

    fn write_settings(&self) -> Result<(), String> {
        let mut text = String::new();
        for (name, value) in &self.settings {
            writeln!(text, "{name} = '{}'", value.replace('\'', "''")).expect("a string takes everything");
        }
        daemon::write(&self.home.join("postgresql.conf"), &text)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // On the way out nobody is left to tell.
        let _ = self.stop(Stop::Crash);
    }
}
