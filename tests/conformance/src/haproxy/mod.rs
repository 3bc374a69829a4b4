//! HAProxy beside our health checker.
//!
//! One real HAProxy checks servers of ours that stop, hang and come back on scripts, all at once. Its trace says when
//! each of its checks started and ended and what it made of it, its log when a server went into or out of use. Ours
//! gets the same results and must count the same, turn at the same checks, and want each check and each timeout at
//! the same time.

mod case;
mod observe;
mod replay;
mod server;
mod session;
mod trace;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddrV4;
use std::thread;
use std::time::{Duration, Instant};

use understudy_core::health::HealthConfig;
use understudy_core::{SimDuration, SimTime};

use crate::daemon::{self, Program, Scratch};
use crate::options::Options;
use crate::random::Random;
use crate::report::{Compared, Report};
use case::{Case, Kind, millis};
use replay::Outcome;
use server::Servers;
use session::{Running, Seen};
use trace::Check;

const RANDOM_CASES: usize = 30;
/// A busy machine may delay HAProxy; cases that differ in their timing alone are run again, this often in all. What
/// counts are the checks that are at another time each time: a delay falls anywhere, a true difference does not.
const ATTEMPTS: usize = 4;
/// After the scripts, so that their last consequences are seen.
const AFTERMATH: Duration = Duration::from_millis(500);
/// HAProxy spreads the first checks of all servers over this if one of them has it as its interval: it is the
/// shortest that counts for that.
const SPREAD: SimDuration = SimDuration::from_secs(1);

const OVERSTAYS: &str = "A server that accepts and never answers: ours fails the check after `timeout check`, as the \
    manual says; HAProxy up to `min(timeout connect, inter)` after the start of the check where that is later, for it \
    does not move the timer of a check that has connected. This is a bug of HAProxy's, mended in 3.2.1 and 2.8.16 \
    (\"BUG/MEDIUM: check: Requeue healthchecks on I/O events to handle check timeout\"). Count and turns are the same.";

/// Runs HAProxy and compares.
pub fn run(options: Options) -> Result<Report, String> {
    let (component, reference) = ("health", "HAProxy");
    let haproxy = match Program::find("haproxy", "-v") {
        Ok(program) => program,
        Err(missing) => return Ok(Report::skipped(component, reference, missing)),
    };
    let mut report = Report::new(component, reference, haproxy.version.clone());
    report.differences.push(OVERSTAYS.to_owned());
    report.compared = compare_scripts(&haproxy, options, &mut report.mismatches)?;
    report.compared.push(compare_observe(&haproxy, &mut report.mismatches)?);
    Ok(report)
}

fn compare_scripts(
    haproxy: &Program,
    options: Options,
    mismatches: &mut Vec<String>,
) -> Result<Vec<Compared>, String> {
    let unhurried = case::unhurried();
    let lasts = unhurried.iter().map(Case::lasts).max().expect("there are cases");
    let mut random = Random::new(options.seed);
    let random = (0..RANDOM_CASES).map(|number| case::random(&mut random, number, lasts));
    let mut pending: Vec<Case> = unhurried.into_iter().chain(random).collect();
    let mut untimely: BTreeMap<String, BTreeMap<usize, String>> = BTreeMap::new();
    let by_hand = pending.len() - RANDOM_CASES;

    let (mut same_by_hand, mut same_random) = (0, 0);
    let mut spread = None;
    for attempt in 1..=ATTEMPTS {
        let session = play(haproxy, &pending)?;
        if spread.is_none() {
            let (compared, differences) = session.compare_spread(&pending);
            if !differences.is_empty() && attempt < ATTEMPTS {
                continue;
            }
            spread = Some(compared);
            mismatches.extend(differences);
        }
        let mut again = Vec::new();
        for case in pending {
            let Outcome { mismatches: wrong, timing, .. } = session.compare(&case);
            let untimely = untimely.entry(case.name.clone()).or_insert_with(|| timing.clone());
            untimely.retain(|check, _| timing.contains_key(check));
            if wrong.is_empty() && untimely.is_empty() {
                *if case.unhurried { &mut same_by_hand } else { &mut same_random } += 1;
            } else if wrong.is_empty() && attempt < ATTEMPTS {
                again.push(case);
            } else {
                let all: Vec<String> = wrong.into_iter().chain(untimely.values().cloned()).collect();
                mismatches.push(format!("{case}:\n{}", all.join("\n")));
            }
        }
        pending = again;
        if pending.is_empty() {
            break;
        }
    }
    let what = "each check's count and each turn equal, each interval and timeout within 60 ms";
    Ok(vec![
        Compared {
            what: format!(
                "servers stopped, hung, failing and started again on a script: {what}, each turn foreseen from the \
                 script alone"
            ),
            cases: by_hand,
            same: same_by_hand,
        },
        Compared {
            what: format!("servers on random scripts with random settings: {what}"),
            cases: RANDOM_CASES,
            same: same_random,
        },
        spread.expect("at least one attempt was made"),
    ])
}

fn compare_observe(haproxy: &Program, mismatches: &mut Vec<String>) -> Result<Compared, String> {
    let mut attempt = 1;
    loop {
        let (cases, differences) = observe::run(haproxy, daemon::own_loopback())?;
        if differences.is_empty() || attempt == ATTEMPTS {
            let what = "requests that fail while checks pass, `observe layer4` with each `on-error`: count and next check";
            let same = cases - differences.len();
            mismatches.extend(differences);
            return Ok(Compared { what: what.to_owned(), cases, same });
        }
        attempt += 1;
    }
}

/// All that was seen of one run over the scripts.
struct Session {
    /// When the scripts began, on the clock of the trace.
    begin: SimTime,
    seen: Seen,
    /// Number of servers before the first of the cases.
    lead: usize,
}

impl Session {
    fn checks(&self, case: &Case) -> &[Check] {
        self.seen.checks.get(&case.name).map_or(&[], Vec::as_slice)
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
        // The next message follows without a line break where the log has none.
        self.seen.log.split(&server).skip(1).map(|state| state.starts_with("UP")).collect()
    }

    /// Compares when the first checks came, counted from that of the first case.
    fn compare_spread(&self, cases: &[Case]) -> (Compared, Vec<String>) {
        let config = HealthConfig { interval: SPREAD, ..HealthConfig::default() };
        let count = self.lead + cases.len();
        let first_check = |case: &Case| self.checks(case).first().map(|check| check.start);
        let origin = cases.first().and_then(first_check).unwrap_or_default();
        let lead = config.first_check_offset(self.lead, count);
        let (mut same, mut failures) = (0, Vec::new());
        for (position, case) in (self.lead..).zip(cases) {
            let ours = origin + (config.first_check_offset(position, count) - lead);
            match first_check(case) {
                Some(theirs) if replay::near(theirs, ours) => same += 1,
                theirs => failures.push(format!(
                    "first check of server {position} of {count}: HAProxy {theirs:?}, ours {ours}, the first {origin}"
                )),
            }
        }
        let what = "when the first checks of many servers start, within 60 ms".to_owned();
        (Compared { what, cases: cases.len(), same }, failures)
    }
}

/// Runs HAProxy over these cases, all at once.
fn play(haproxy: &Program, cases: &[Case]) -> Result<Session, String> {
    let scratch = Scratch::new("haproxy")?;
    let (start, begin) = (Instant::now(), session::now()?);
    let servers = Servers::start(cases, daemon::own_loopback(), start)?;
    // Servers before ours in the configuration are checked before ours: time to switch the trace on.
    let lead = cases.len().max(10);
    let running = Running::start(haproxy, &scratch, &configuration(cases, &servers.addresses, lead))?;
    let lasts = cases.iter().map(Case::lasts).max().unwrap_or_default();
    thread::sleep((lasts + AFTERMATH).saturating_sub(start.elapsed()));
    let seen = running.stop()?;
    servers.stop()?;
    Ok(Session { begin, seen, lead })
}

fn configuration(cases: &[Case], addresses: &[SocketAddrV4], lead: usize) -> String {
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments| writeln!(text, "{line}").expect("a string takes all");
    // The same server over and over; it is not looked at.
    line(format_args!("backend lead"));
    for number in 0..lead {
        line(format_args!("  server lead-{number} {} check inter {}ms", addresses[0], millis(SPREAD)));
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
