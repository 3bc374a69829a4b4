//! HAProxy's `observe layer4` and `on-error`: requests that fail while all checks pass.
//!
//! Each server here has its checks on a port that answers and its requests on one that refuses. Two rounds of requests
//! are sent; what HAProxy counts at the start of its next check, and when that check comes, must be ours.

use std::fmt::Write as _;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use understudy_core::health::{CheckOutcome, HealthChecker, HealthConfig, HealthOutput, Observe, OnError};
use understudy_core::{SimDuration, SimTime};

use super::session::{Running, now};
use super::trace::Check;
use crate::daemon::{Program, Scratch};

const MODES: [(&str, OnError); 4] = [
    ("fastinter", OnError::FastInterval),
    ("fail-check", OnError::FailCheck),
    ("sudden-death", OnError::SuddenDeath),
    ("mark-down", OnError::MarkDown),
];
const ERROR_LIMIT: u32 = 2;
/// Long enough that the requests and the check that they bring forward fall between two others.
const INTERVAL: SimDuration = SimDuration::from_millis(1_500);
const FAST_INTERVAL: SimDuration = SimDuration::from_millis(300);
/// When the requests are sent, and when the run ends.
const ROUNDS: [Duration; 2] = [Duration::from_millis(2_500), Duration::from_millis(4_700)];
const END: Duration = Duration::from_millis(6_500);

#[derive(Clone, Debug)]
struct Case {
    name: String,
    mode: &'static str,
    config: HealthConfig,
    entry: SocketAddrV4,
}

/// Runs HAProxy once; the number of cases, and what differs.
pub(super) fn run(haproxy: &Program, ip: Ipv4Addr) -> Result<(usize, Vec<String>), String> {
    let alive = TcpListener::bind(SocketAddrV4::new(ip, 0)).map_err(|error| error.to_string())?;
    let alive_port = alive.local_addr().map_err(|error| error.to_string())?.port();
    let cases = cases(ip)?;
    // Free again at once: nothing listens there, and nobody else uses this address.
    let dead = free_port(ip)?;

    let scratch = Scratch::new("haproxy-observe")?;
    let start = Instant::now();
    let running = Running::start(haproxy, &scratch, &configuration(&cases, dead, alive_port))?;
    let mut requests = Vec::new();
    for round in ROUNDS {
        thread::sleep(round.saturating_sub(start.elapsed()));
        for case in &cases {
            let mut times = Vec::new();
            for _ in 0..ERROR_LIMIT {
                request(case.entry)?;
                times.push(now()?);
            }
            requests.push((case.name.clone(), times));
        }
    }
    thread::sleep(END.saturating_sub(start.elapsed()));
    let seen = running.stop()?;
    let differences = cases.iter().filter_map(|case| {
        let times =
            requests.iter().filter(|(name, _)| *name == case.name).flat_map(|(_, times)| times).copied();
        let checks = seen.checks.get(&case.name).map_or(&[][..], Vec::as_slice);
        let differences = compare(case, checks, times.collect());
        (!differences.is_empty()).then(|| format!("{case:?}:\n{}", differences.join("\n")))
    });
    Ok((cases.len(), differences.collect()))
}

fn free_port(ip: Ipv4Addr) -> Result<SocketAddrV4, String> {
    let listener = TcpListener::bind(SocketAddrV4::new(ip, 0)).map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    Ok(SocketAddrV4::new(ip, port))
}

fn cases(ip: Ipv4Addr) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for (mode, on_error) in MODES {
        for (fast_interval, fall) in [(Some(FAST_INTERVAL), 3), (None, 3), (Some(FAST_INTERVAL), 1)] {
            let config = HealthConfig {
                interval: INTERVAL,
                fast_interval,
                fall,
                observe: Some(Observe { error_limit: ERROR_LIMIT, on_error }),
                ..HealthConfig::default()
            };
            let name = format!("{mode}-{}", cases.len());
            cases.push(Case { name, mode, config, entry: free_port(ip)? });
        }
    }
    Ok(cases)
}

fn configuration(cases: &[Case], dead: SocketAddrV4, alive_port: u16) -> String {
    let mut text = "  retries 0\n  timeout connect 1s\nbackend lead\n".to_owned();
    // Checked before the cases are: time to switch the trace on.
    for number in 0..cases.len() / 2 {
        writeln!(text, "  server lead-{number} {dead} check inter 1500ms").expect("a string takes all");
    }
    for Case { name, mode, config, entry } in cases {
        let fast = config.fast_interval.map_or_else(String::new, |fast| format!("fastinter {fast:#}"));
        writeln!(
            text,
            "listen pool-{name}\n  bind {entry}\n  server {name} {dead} check port {alive_port} inter {inter}ms {fast} \
             rise {} fall {} observe layer4 error-limit {ERROR_LIMIT} on-error {mode}",
            config.rise,
            config.fall,
            inter = super::case::millis(config.interval),
        )
        .expect("a string takes all");
    }
    text
}

/// One request, which fails: HAProxy closes the connection once the server has refused its own.
fn request(entry: SocketAddrV4) -> Result<(), String> {
    let mut stream = TcpStream::connect(entry).map_err(|error| format!("{entry}: {error}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).map_err(|error| error.to_string())?;
    // It ends by a close or by a reset: both say that it is over.
    drop(stream.read(&mut [0; 16]));
    Ok(())
}

fn compare(case: &Case, checks: &[Check], requests: Vec<SimTime>) -> Vec<String> {
    let mut differences = Vec::new();
    let Some(first) = checks.first().filter(|check| check.first) else {
        return vec!["the trace lacks the first check".to_owned()];
    };
    let mut checker = HealthChecker::new(case.config, first.start);
    let mut requests = requests.into_iter().peekable();
    for (number, check) in (1..).zip(checks) {
        while let Some(time) = requests.next_if(|time| *time < check.start) {
            // A server out of use gets no requests.
            if checker.belief().in_use() {
                checker.handle_request(time, false);
            }
        }
        while checker.poll_output().is_some() {}
        let ours = checker.belief().pips(&case.config);
        if ours != check.before {
            differences.push(format!("before check {number}: HAProxy {:?}, ours {ours:?}", check.before));
        }
        let due = checker.poll_timeout().expect("a checker always waits for something");
        if !super::replay::near(due, check.start) {
            differences.push(format!("check {number}: HAProxy at {}, ours at {due}", check.start));
        }
        let start = due.max(check.start);
        checker.handle_timeout(start);
        let Some(HealthOutput::SendProbe(probe)) = checker.poll_output() else {
            differences.push(format!("check {number}: ours was not sent"));
            return differences;
        };
        if check.status != "L4OK" {
            differences.push(format!("check {number}: {}, though the server is well", check.status));
        }
        checker.handle_probe_result(start, probe, CheckOutcome::Passed);
        while checker.poll_output().is_some() {}
    }
    if requests.peek().is_some() {
        differences.push("no check came after the last requests".to_owned());
    }
    differences
}
