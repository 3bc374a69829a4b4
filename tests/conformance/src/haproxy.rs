//! HAProxy beside our health checker.
//!
//! One real HAProxy checks servers of ours that stop, hang and come back on scripts, all at once. Its trace says when
//! each of its checks started and ended and what it made of it, its log when a server went into or out of use. Ours
//! gets the same results and must count the same, turn at the same checks, and want each check and each timeout at
//! the same time.

mod case;
mod replay;
mod server;
mod trace;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::SocketAddrV4;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use understudy_core::health::HealthConfig;
use understudy_core::{SimDuration, SimTime};

use crate::daemon::{self, Daemon, Scratch};
use crate::options::Options;
use crate::random::Random;
use crate::report::{Compared, Report};
use case::{Case, Kind, millis};
use replay::Outcome;
use server::Servers;
use trace::Check;

const RANDOM_CASES: usize = 30;
/// A busy machine may delay HAProxy; cases that differ in their timing alone are run again, this often in all.
const ATTEMPTS: usize = 3;
/// After the scripts, so that their last consequences are seen.
const AFTERMATH: Duration = Duration::from_millis(500);
/// HAProxy spreads the first checks of all servers over this if one of them has it as its interval: it is the
/// shortest that counts for that.
const SPREAD: SimDuration = SimDuration::from_secs(1);

/// Each start and end of a check, with its result, to where `show events` reads it.
const TRACE_ON: &str =
    "trace check sink buf0; trace check level state; trace check verbosity minimal; trace check start now";

/// Runs HAProxy and compares.
pub(crate) fn run(options: &Options) -> Result<Report, String> {
    let mut report = Report {
        component: "health",
        reference: "HAProxy",
        version: daemon::version("haproxy", "-v"),
        compared: Vec::new(),
        differences: Vec::new(),
        skipped: None,
    };
    if report.version.is_none() {
        report.skipped = Some("haproxy is not installed".to_owned());
        return Ok(report);
    }
    let by_hand = case::unhurried();
    let lasts = by_hand.iter().map(Case::lasts).max().expect("there are cases");
    let mut random = Random::new(options.seed);
    let random = (0..RANDOM_CASES).map(|number| case::random(&mut random, number, lasts));
    let cases: Vec<Case> = by_hand.into_iter().chain(random).collect();

    let mut pending = cases.clone();
    let (mut same, mut failures) = ((0, 0), Vec::new());
    let mut spread = (0, 0);
    for attempt in 1..=ATTEMPTS {
        let session = play(&pending)?;
        if attempt == 1 {
            spread = session.compare_spread(&pending, &mut failures);
        }
        let mut again = Vec::new();
        for case in &pending {
            let outcome = session.compare(case);
            if outcome.mismatches.is_empty() && outcome.timing.is_empty() {
                *if case.unhurried { &mut same.0 } else { &mut same.1 } += 1;
            } else if outcome.mismatches.is_empty() && attempt < ATTEMPTS {
                again.push(case.clone());
            } else {
                let all: Vec<String> = outcome.mismatches.into_iter().chain(outcome.timing).collect();
                failures.push(format!("{case}:\n    {}", all.join("\n    ")));
            }
        }
        pending = again;
        if pending.is_empty() {
            break;
        }
    }
    let compared = |what: &str, cases, same| Compared { what: what.to_owned(), cases, same };
    report.compared = vec![
        compared(
            "servers stopped, hung, failing and started again on a script: each check's count and each turn equal, each \
             interval and timeout within 60 ms, each turn foreseen from the script alone",
            cases.len() - RANDOM_CASES,
            same.0,
        ),
        compared(
            "servers on random scripts with random settings: each check's count and each turn equal, each interval \
             and timeout within 60 ms",
            RANDOM_CASES,
            same.1,
        ),
        compared("spread of the first checks of a pool, within 60 ms", spread.0, spread.1),
    ];
    if failures.is_empty() {
        return Ok(report);
    }
    Err(format!("seed {}: {} cases differ\n{}", options.seed, failures.len(), failures.join("\n")))
}

/// All that was seen of one run of HAProxy.
struct Session {
    /// When the scripts began, on the clock of the trace.
    begin: SimTime,
    checks: BTreeMap<String, Vec<Check>>,
    log: String,
    /// Number of servers before the first of the cases.
    lead: usize,
}

impl Session {
    fn checks(&self, case: &Case) -> &[Check] {
        self.checks.get(&case.name).map_or(&[], Vec::as_slice)
    }

    fn compare(&self, case: &Case) -> Outcome {
        let checks = self.checks(case);
        let mut outcome = replay::feed(case, checks, &self.turns(case));
        if case.unhurried {
            replay::foresee(case, self.begin, checks, &mut outcome);
            // A script that turned nothing would prove nothing.
            if outcome.turns < 2 {
                outcome.mismatches.push(format!("only {} turns in {} checks", outcome.turns, outcome.checks));
            }
        }
        outcome
    }

    /// The turns in HAProxy's log: true for up.
    fn turns(&self, case: &Case) -> Vec<bool> {
        let server = format!("Server pool-{0}/{0} is ", case.name);
        let states = self.log.lines().filter_map(|line| line.split_once(&server));
        states.map(|(_, state)| state.starts_with("UP")).collect()
    }

    /// Compares when the first checks came, counted from that of the first case.
    fn compare_spread(&self, cases: &[Case], failures: &mut Vec<String>) -> (usize, usize) {
        let config = HealthConfig { interval: SPREAD, ..HealthConfig::default() };
        let count = self.lead + cases.len();
        let starts: Vec<Option<SimTime>> =
            cases.iter().map(|case| self.checks(case).first().map(|check| check.start)).collect();
        let origin = starts.first().copied().flatten().unwrap_or_default();
        let lead = config.first_check_offset(self.lead, count);
        let mut same = 0;
        for (index, start) in starts.iter().enumerate() {
            let ours = origin + (config.first_check_offset(self.lead + index, count) - lead);
            let apart = start.map(|theirs| theirs.since(ours).max(ours.since(theirs)));
            if apart.is_some_and(|apart| apart <= SimDuration::from_millis(60)) {
                same += 1;
            } else {
                failures.push(format!("first check of server {index} of {count}: {apart:?} apart"));
            }
        }
        (starts.len(), same)
    }
}

/// Runs HAProxy over these cases, all at once.
fn play(cases: &[Case]) -> Result<Session, String> {
    let scratch = Scratch::new("haproxy")?;
    let begin = Instant::now();
    let since_1970 =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(|error| error.to_string())?;
    let servers = Servers::start(cases, daemon::own_loopback(), begin)?;
    // Servers before ours in the configuration are checked before ours: time to switch the trace on.
    let lead = cases.len();
    let config = scratch.path("haproxy.cfg");
    daemon::write(&config, &configuration(cases, &servers.addresses, lead, &scratch))?;
    let log = collect_log(&scratch.path("log"))?;

    let mut haproxy = Daemon::start(
        Command::new("haproxy").arg("-db").arg("-f").arg(&config).stdout(Stdio::null()).stderr(Stdio::null()),
    )?;
    let socket = scratch.path("stats");
    let mut answer = String::new();
    command(&socket, TRACE_ON)?.read_to_string(&mut answer).map_err(|error| error.to_string())?;
    if !answer.trim().is_empty() {
        return Err(format!("haproxy does not trace its checks: {answer}"));
    }
    let trace = collect_trace(&socket)?;
    let lasts = cases.iter().map(Case::lasts).max().unwrap_or_default();
    thread::sleep((lasts + AFTERMATH).saturating_sub(begin.elapsed()));
    if let Some(status) = haproxy.ended() {
        return Err(format!("haproxy ended early, {status}; its configuration was {}", config.display()));
    }
    servers.stop()?;
    drop(haproxy);
    let nanos = u64::try_from(since_1970.as_nanos()).map_err(|error| error.to_string())?;
    let taken =
        |text: &Mutex<String>| text.lock().map(|text| text.clone()).map_err(|error| error.to_string());
    Ok(Session {
        begin: SimTime::from_nanos(nanos),
        checks: trace::checks(&taken(&trace)?),
        log: taken(&log)?,
        lead,
    })
}

fn configuration(cases: &[Case], addresses: &[SocketAddrV4], lead: usize, scratch: &Scratch) -> String {
    let mut text = format!(
        "global\n  nbthread 1\n  log {} local0\n  stats socket {} level admin\n\
         defaults\n  mode tcp\n  log global\n  timeout client 1m\n  timeout server 1m\n",
        scratch.path("log").display(),
        scratch.path("stats").display()
    );
    let mut line = |line: std::fmt::Arguments| writeln!(text, "{line}").expect("a string takes all");
    // The same server over and over; it is not looked at.
    line(format_args!("backend lead"));
    for number in 0..lead {
        let address = addresses[0];
        line(format_args!("  server lead-{number} {address} check inter {}ms", millis(SPREAD)));
    }
    for (case, address) in cases.iter().zip(addresses) {
        let HealthConfig { interval, fast_interval, down_interval, rise, fall, .. } = case.config;
        line(format_args!("backend pool-{}", case.name));
        if case.kind == Kind::Http {
            line(format_args!("  option httpchk"));
        }
        let timeouts = [("check", case.config.check_timeout), ("connect", case.config.connect_timeout)];
        for (name, timeout) in timeouts {
            if let Some(timeout) = timeout {
                line(format_args!("  timeout {name} {}ms", millis(timeout)));
            }
        }
        let option = |name, value: Option<SimDuration>| {
            value.map_or_else(String::new, |value| format!(" {name} {}ms", millis(value)))
        };
        line(format_args!(
            "  server {} {address} check inter {}ms{}{} rise {rise} fall {fall}",
            case.name,
            millis(interval),
            option("fastinter", fast_interval),
            option("downinter", down_interval),
        ));
    }
    text
}

/// Sends a command to HAProxy's stats socket as soon as there is one; answers the connection.
fn command(socket: &Path, command: &str) -> Result<UnixStream, String> {
    let mut stream = daemon::retry(Duration::from_secs(10), || {
        UnixStream::connect(socket)
            .map_err(|error| format!("haproxy's stats socket does not answer: {error}"))
    })?;
    stream.write_all(format!("{command}\n").as_bytes()).map_err(|error| error.to_string())?;
    Ok(stream)
}

/// Follows HAProxy's trace until it ends.
fn collect_trace(socket: &Path) -> Result<Arc<Mutex<String>>, String> {
    let mut stream = command(socket, "show events buf0 -w")?;
    let trace = Arc::new(Mutex::new(String::new()));
    let shared = Arc::clone(&trace);
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            let Ok(mut trace) = shared.lock() else { return };
            trace.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
    });
    Ok(trace)
}

/// Takes HAProxy's log messages for as long as the process runs; there are none once HAProxy is gone.
fn collect_log(path: &Path) -> Result<Arc<Mutex<String>>, String> {
    let socket = UnixDatagram::bind(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let log = Arc::new(Mutex::new(String::new()));
    let shared = Arc::clone(&log);
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 13];
        while let Ok(length) = socket.recv(&mut buffer) {
            let Ok(mut log) = shared.lock() else { return };
            log.push_str(&String::from_utf8_lossy(&buffer[..length]));
            log.push('\n');
        }
    });
    Ok(log)
}
