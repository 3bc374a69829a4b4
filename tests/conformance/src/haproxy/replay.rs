//! Holds our checker against what HAProxy did: the same results at the same times, check by check; and the same
//! script on a clock of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use understudy_core::health::{CheckOutcome, Failure, HealthChecker, HealthConfig, HealthOutput, ProbeId};
use understudy_core::{SimDuration, SimTime};

use super::case::{Behaviour, Case, Kind};
use super::trace::Check;

/// How far apart the two may start or time out a check: HAProxy is late on a busy machine, and makes up for that by a
/// clock that runs fast for a while. The intervals of a case differ by 100 ms or more, so that none is taken for another.
const TOLERANCE: SimDuration = SimDuration::from_millis(60);

/// What came of one case.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Where HAProxy did something else than ours; empty when they agree.
    pub(super) mismatches: Vec<String>,
    /// The checks that HAProxy started or ended at another time, by number.
    pub(super) timing: BTreeMap<usize, String>,
    pub(super) checks: usize,
    /// How often the server went into or out of use.
    pub(super) turns: usize,
}

/// Whether two times are as near as HAProxy's and ours must be.
pub(super) fn near(one: SimTime, other: SimTime) -> bool {
    one.since(other).max(other.since(one)) <= TOLERANCE
}

impl Outcome {
    /// `overstay` is how much later HAProxy may be for a reason of its own.
    fn compare_times(
        &mut self,
        check: usize,
        what: &str,
        theirs: SimTime,
        ours: SimTime,
        overstay: SimDuration,
    ) {
        if theirs + TOLERANCE < ours {
            let apart = ours.since(theirs);
            self.timing.insert(check, format!("check {check}: HAProxy {what} {apart} before ours"));
        } else if theirs > ours + TOLERANCE + overstay {
            let apart = theirs.since(ours);
            self.timing.insert(check, format!("check {check}: HAProxy {what} {apart} after ours"));
        }
    }
}

/// Feeds our checker the results that HAProxy saw. Each check is timed from the end of the one before, as HAProxy had
/// it: a delay in one does not spoil the next.
pub(super) fn feed(case: &Case, checks: &[Check], turns: &[bool]) -> Outcome {
    let mut outcome = Outcome { checks: checks.len(), turns: turns.len(), ..Outcome::default() };
    let Some(first) = checks.first().filter(|check| check.first) else {
        outcome.mismatches.push("the trace lacks the first check".to_owned());
        return outcome;
    };
    let mut checker = HealthChecker::new(case.config, first.start);
    let mut our_turns = Vec::new();
    for (number, check) in (1..).zip(checks) {
        let due = checker.poll_timeout().expect("a checker always waits for something");
        outcome.compare_times(number, "started", check.start, due, SimDuration::ZERO);
        let start = due.max(check.start);
        checker.handle_timeout(start);
        let Some(HealthOutput::SendProbe(probe)) = checker.poll_output() else {
            outcome.mismatches.push(format!("check {number}: ours was not sent"));
            return outcome;
        };
        end_check(case, check, number, &mut checker, (start, probe), &mut outcome);
        let Some(HealthOutput::Judged { turned, reason, .. }) = checker.poll_output() else {
            outcome.mismatches.push(format!("check {number}: ours was not judged"));
            return outcome;
        };
        if turned {
            our_turns.push(reason.belief.in_use());
        }
        let (ours, up) = (reason.belief.pips(&case.config), reason.belief.in_use());
        if (ours, up) != (check.pips, check.up) {
            let word = |up| if up { "UP" } else { "DOWN" };
            outcome.mismatches.push(format!(
                "check {number} ({}): HAProxy {}/{} {}, ours {}/{} {}",
                check.status,
                check.pips.lit,
                check.pips.of,
                word(check.up),
                ours.lit,
                ours.of,
                word(up)
            ));
        }
    }
    if our_turns != turns {
        outcome.mismatches.push(format!("HAProxy logged the turns (up?) {turns:?}, ours are {our_turns:?}"));
    }
    outcome
}

/// Lets the check end as HAProxy's did, by an answer or by the timeout of our own.
fn end_check(
    case: &Case,
    check: &Check,
    number: usize,
    checker: &mut HealthChecker,
    (start, probe): (SimTime, ProbeId),
    outcome: &mut Outcome,
) {
    let result = match check.status.as_str() {
        "L4OK" | "L7OK" => Some(CheckOutcome::Passed),
        "L4CON" => Some(CheckOutcome::Failed(Failure::Refused)),
        "L7STS" => Some(CheckOutcome::Failed(Failure::WrongStatus(503))),
        "SOCKERR" | "L7RSP" => Some(CheckOutcome::Failed(Failure::ConnectionLost)),
        "L7TOUT" => None,
        other => {
            outcome.mismatches.push(format!("check {number}: a result that no server here gives, {other}"));
            return;
        }
    };
    if case.kind == Kind::Http && check.status != "L4CON" {
        checker.handle_probe_connected(start, probe);
    }
    let limit = checker.poll_timeout().expect("a checker always waits for something");
    match result {
        Some(result) if check.end < limit => {
            checker.handle_probe_result(check.end.max(start), probe, result);
            return;
        }
        // It may fail in another way while HAProxy is late to see the timeout.
        Some(CheckOutcome::Failed(_)) | None => {}
        Some(CheckOutcome::Passed) => {
            outcome.mismatches.push(format!("check {number}: passed when ours had timed out"));
        }
    }
    outcome.compare_times(number, "timed out", check.end, limit, overstay(&case.config));
    checker.handle_timeout(check.end.max(limit));
}

/// How much longer than `timeout check` HAProxy may wait for an answer: it sets the shorter timeout when the connection
/// stands, but does not move the check's place in its queue of timers, which it had for the connection's timeout. Unless
/// something else wakes it earlier, it looks then. Mended in 3.2.1 and 2.8.16 ("Requeue healthchecks on I/O events to
/// handle check timeout").
fn overstay(config: &HealthConfig) -> SimDuration {
    config.connect_limit().saturating_sub(config.check_timeout.unwrap_or(config.connect_limit()))
}

/// When the server goes into (true) and out of use if its script is played on a clock that knows no delays.
/// `begin` is when the script begins.
fn predict(case: &Case, begin: SimTime, first_check: SimTime, end: SimTime) -> Vec<(SimTime, bool)> {
    let mut checker = HealthChecker::new(case.config, first_check);
    let mut turns = Vec::new();
    while let Some(now) = checker.poll_timeout().filter(|due| *due < end) {
        checker.handle_timeout(now);
        while let Some(output) = checker.poll_output() {
            match output {
                HealthOutput::SendProbe(probe) => {
                    let elapsed = Duration::from_nanos(now.since(begin).as_nanos());
                    let result = match case.behaviour(elapsed) {
                        Behaviour::Up => CheckOutcome::Passed,
                        Behaviour::Stopped => CheckOutcome::Failed(Failure::Refused),
                        Behaviour::Overloaded => CheckOutcome::Failed(Failure::WrongStatus(503)),
                        Behaviour::Closing => CheckOutcome::Failed(Failure::ConnectionLost),
                        Behaviour::Hung => {
                            checker.handle_probe_connected(now, probe);
                            continue;
                        }
                    };
                    checker.handle_probe_result(now, probe, result);
                }
                HealthOutput::Judged { turned: true, reason, .. } => {
                    turns.push((now, reason.belief.in_use()));
                }
                HealthOutput::Judged { .. } => {}
            }
        }
    }
    turns
}

/// Compares HAProxy's turns with those that ours makes of the script alone. Where a change falls between two checks
/// is chance: the times agree within the longest step that a checker takes.
pub(super) fn foresee(case: &Case, begin: SimTime, checks: &[Check], outcome: &mut Outcome) {
    let (Some(first), Some(last)) = (checks.first(), checks.last()) else { return };
    let predicted = predict(case, begin, first.start, last.end + TOLERANCE);
    let mut up = true;
    let mut theirs = Vec::new();
    for check in checks.iter().filter(|check| std::mem::replace(&mut up, check.up) != check.up) {
        theirs.push((check.end, check.up));
    }
    if predicted.iter().map(|turn| turn.1).ne(theirs.iter().map(|turn| turn.1)) {
        outcome
            .mismatches
            .push(format!("from the script ours makes the turns {predicted:?}, HAProxy {theirs:?}"));
        return;
    }
    let step = case.config.interval.max(case.config.down_interval.unwrap_or_default())
        + case.config.check_timeout.unwrap_or(case.config.interval);
    for (ours, theirs) in predicted.iter().zip(&theirs) {
        let apart = theirs.0.since(ours.0).max(ours.0.since(theirs.0));
        if apart > step + TOLERANCE {
            outcome
                .mismatches
                .push(format!("from the script ours turns at {}, HAProxy at {}", ours.0, theirs.0));
        }
    }
}
