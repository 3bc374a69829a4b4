//! Active health checks: how a balancer finds out that a server died.
//!
//! The checker sends a probe, waits for its answer, waits an interval, and sends the next. `fall` failed checks in
//! a row turn a server that is up into one that is down, `rise` passed ones turn it back. In between it is believed
//! what it was before: this is the window in which requests are still sent to a dead machine.
//!
//! Follows HAProxy (configuration manual 2.6, section 5.2: `inter`, `fastinter`, `downinter`, `rise`, `fall`,
//! `observe`, `on-error`, `error-limit`; section 4.2: `timeout check`). Four of its rules surprise:
//!
//! - The interval runs from the *end* of a check to the start of the next. A server that hangs is therefore checked
//!   less often than one that refuses: each check of it lasts as long as its timeout.
//! - Which interval it is depends on what is believed after the check: see [`HealthConfig::interval_while`].
//! - A server starts in use, but its first check decides alone: one failure takes it down, whatever `fall` says.
//! - Without `check_timeout` a check may last one `interval`, even while checks are `fast_interval` apart.
//!
//! # How it is driven
//!
//! Besides the [crate]'s contract: on [`HealthOutput::SendProbe`] connect to the server. Say
//! [`handle_probe_connected`](HealthChecker::handle_probe_connected) when the connection stands, and
//! [`handle_probe_result`](HealthChecker::handle_probe_result) when the outcome is known; timeouts are the
//! checker's own. For a check that only connects, the connection is the outcome.

mod belief;
mod config;
mod reason;

use alloc::collections::VecDeque;

pub use belief::{Belief, Pips};
pub use config::{HealthConfig, Observe, OnError};
pub use reason::{Cause, CheckOutcome, Failure, Reason};

use crate::time::{SimDuration, SimTime};

/// Number of a probe, so that an answer that comes late is not taken for that of the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProbeId(u32);

/// What the driver must do or know. Drain with [`HealthChecker::poll_output`] after every input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthOutput {
    /// Send this probe to the server now.
    SendProbe(ProbeId),
    /// A check ended and was judged.
    Judged {
        /// The probe that ended with it: its connection can be closed. `None` if failed requests were judged while
        /// no probe was out.
        probe: Option<ProbeId>,
        /// How it ended.
        outcome: CheckOutcome,
        /// Whether the server went into or out of use with it.
        turned: bool,
        /// What is believed now, and why.
        reason: Reason,
    },
}

/// What the checker waits for, and since when.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The first check.
    First,
    /// The next check, since the last one ended.
    Idle { since: SimTime },
    /// The probe's connection, since the probe was sent.
    Connecting { since: SimTime },
    /// The probe's answer. `since` is what its limit counts from: the connection if there is a `check_timeout`, else
    /// the sending.
    Answering { since: SimTime },
}

/// Checks one server. See the [module](self) for the rules and how it is driven.
#[derive(Clone, Debug)]
pub struct HealthChecker {
    config: HealthConfig,
    belief: Belief,
    cause: Cause,
    since: Option<SimTime>,
    last: Option<CheckOutcome>,
    phase: Phase,
    deadline: SimTime,
    last_probe: ProbeId,
    /// Failed requests in a row, for `observe`.
    request_errors: u32,
    /// Failed requests ask for a short wait once the check that is out has ended.
    urgent: bool,
    outputs: VecDeque<HealthOutput>,
}

impl HealthChecker {
    /// A checker that takes its server to be up and sends its first probe at `first_check`. For a pool, spread these
    /// with [`HealthConfig::first_check_offset`].
    pub fn new(config: HealthConfig, first_check: SimTime) -> Self {
        config.assert_valid();
        Self {
            config,
            belief: Belief::Unchecked,
            cause: Cause::Start,
            since: None,
            last: None,
            phase: Phase::First,
            deadline: first_check,
            last_probe: ProbeId(0),
            request_errors: 0,
            urgent: false,
            outputs: VecDeque::new(),
        }
    }

    /// The settings in force.
    pub const fn config(&self) -> HealthConfig {
        self.config
    }

    /// What is believed of the server.
    pub const fn belief(&self) -> Belief {
        self.belief
    }

    /// What is believed of the server, and why.
    pub const fn reason(&self) -> Reason {
        let threshold = if self.belief.in_use() { self.config.fall } else { self.config.rise };
        Reason { belief: self.belief, cause: self.cause, since: self.since, last: self.last, threshold }
    }

    /// The probe that is out, if one is.
    pub const fn probe_in_flight(&self) -> Option<ProbeId> {
        match self.phase {
            Phase::First | Phase::Idle { .. } => None,
            Phase::Connecting { .. } | Phase::Answering { .. } => Some(self.last_probe),
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted next: for the next probe, or because the one that is
    /// out has been out for too long.
    pub const fn poll_timeout(&self) -> Option<SimTime> {
        Some(self.deadline)
    }

    /// The next thing for the driver to do, or `None` when all is done.
    pub fn poll_output(&mut self) -> Option<HealthOutput> {
        self.outputs.pop_front()
    }

    /// Time has come: the next probe starts, or the one that is out has failed.
    pub fn handle_timeout(&mut self, now: SimTime) {
        if now < self.deadline {
            return;
        }
        match self.phase {
            Phase::First | Phase::Idle { .. } => {
                self.last_probe = ProbeId(self.last_probe.0.wrapping_add(1));
                self.phase = Phase::Connecting { since: now };
                self.set_deadline(now);
                self.outputs.push_back(HealthOutput::SendProbe(self.last_probe));
            }
            Phase::Connecting { .. } => self.end_check(now, CheckOutcome::Failed(Failure::ConnectTimedOut)),
            Phase::Answering { .. } => self.end_check(now, CheckOutcome::Failed(Failure::AnswerTimedOut)),
        }
    }

    /// The probe's connection stands; its answer is awaited from now on. Not needed for a check that only connects.
    pub fn handle_probe_connected(&mut self, now: SimTime, probe: ProbeId) {
        if let Phase::Connecting { since } = self.phase
            && self.awaits(now, probe)
        {
            let since = if self.config.check_timeout.is_some() { now } else { since };
            self.phase = Phase::Answering { since };
            self.set_deadline(now);
        }
    }

    /// A probe's outcome is known. One that comes at its deadline or later, or after its check was judged, is
    /// ignored.
    pub fn handle_probe_result(&mut self, now: SimTime, probe: ProbeId, outcome: CheckOutcome) {
        if self.awaits(now, probe) {
            self.end_check(now, outcome);
        }
    }

    /// A request to the server was answered or failed, for settings that [`observe`](HealthConfig::observe).
    ///
    /// A judgement ends the check that is out as well, without its answer: HAProxy keeps one result for both.
    pub fn handle_request(&mut self, now: SimTime, answered: bool) {
        let Some(Observe { error_limit, on_error }) = self.config.observe else { return };
        self.request_errors = if answered { 0 } else { self.request_errors + 1 };
        if self.request_errors < error_limit {
            return;
        }
        let errors = core::mem::take(&mut self.request_errors);
        let belief = self.belief.after_request_errors(on_error, &self.config);
        if belief != self.belief {
            self.judge(now, CheckOutcome::Failed(Failure::RequestErrors(errors)), belief);
            if self.probe_in_flight().is_some() {
                self.go_idle(now);
            }
        }
        self.hurry(now);
    }

    /// Other settings from now on. What is believed stays, a count that has reached its new threshold stays one
    /// short of it, and times that are running end as if the new settings had held since they began, though not in
    /// the past.
    ///
    /// HAProxy has no such command; it is here for people who turn a knob and watch.
    pub fn set_config(&mut self, now: SimTime, config: HealthConfig) {
        config.assert_valid();
        self.config = config;
        self.belief = self.belief.under(&config);
        self.set_deadline(now);
    }

    fn awaits(&self, now: SimTime, probe: ProbeId) -> bool {
        self.probe_in_flight() == Some(probe) && now < self.deadline
    }

    /// The wait before the next check.
    fn spacing(&self) -> SimDuration {
        match self.config.fast_interval {
            Some(fast) if self.urgent => fast,
            _ => self.config.interval_while(self.belief),
        }
    }

    fn set_deadline(&mut self, now: SimTime) {
        let deadline = match self.phase {
            Phase::First => self.deadline.min(now + self.spacing()),
            Phase::Idle { since } => since + self.spacing(),
            Phase::Connecting { since } => since + self.config.connect_limit(),
            Phase::Answering { since } => since + self.config.check_timeout.unwrap_or(self.config.interval),
        };
        self.deadline = deadline.max(now);
    }

    fn end_check(&mut self, now: SimTime, outcome: CheckOutcome) {
        let belief = match outcome {
            CheckOutcome::Passed => self.belief.after_pass(&self.config),
            CheckOutcome::Failed(_) => self.belief.after_failure(&self.config),
        };
        self.judge(now, outcome, belief);
        self.go_idle(now);
    }

    fn judge(&mut self, now: SimTime, outcome: CheckOutcome, belief: Belief) {
        let before = self.belief;
        let turned = belief.in_use() != before.in_use();
        if turned {
            self.since = Some(now);
        }
        if turned || before == Belief::Unchecked {
            self.cause = self.cause_of(before, outcome);
        }
        if outcome == CheckOutcome::Passed {
            self.request_errors = 0;
        }
        self.belief = belief;
        self.last = Some(outcome);
        let (probe, reason) = (self.probe_in_flight(), self.reason());
        self.outputs.push_back(HealthOutput::Judged { probe, outcome, turned, reason });
    }

    /// What turned the server, of which `before` was believed, or settled what was not checked yet.
    fn cause_of(&self, before: Belief, outcome: CheckOutcome) -> Cause {
        match (before, outcome) {
            (Belief::Unchecked, CheckOutcome::Failed(Failure::RequestErrors(errors))) => {
                Cause::RequestErrors(errors)
            }
            (Belief::Unchecked, outcome) => Cause::FirstCheck(outcome),
            (_, CheckOutcome::Failed(Failure::RequestErrors(errors)))
                if before.after_failure(&self.config) != Belief::Down =>
            {
                Cause::RequestErrors(errors)
            }
            (_, CheckOutcome::Failed(_)) => Cause::Checks { count: self.config.fall, last: outcome },
            (_, CheckOutcome::Passed) => Cause::Checks { count: self.config.rise, last: outcome },
        }
    }

    fn go_idle(&mut self, now: SimTime) {
        self.phase = Phase::Idle { since: now };
        self.set_deadline(now);
        self.urgent = false;
    }

    /// Brings the next check forward after failed requests, if there is a `fast_interval` at all. A check that is out
    /// keeps its time, and the one after it comes early.
    fn hurry(&mut self, now: SimTime) {
        let Some(fast) = self.config.fast_interval else { return };
        if self.probe_in_flight().is_some() {
            self.urgent = true;
        } else {
            self.deadline = self.deadline.min(now + fast);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::*;

    const REFUSED: CheckOutcome = CheckOutcome::Failed(Failure::Refused);

    fn at(millis: u64) -> SimTime {
        SimTime::from_millis(millis)
    }

    /// `inter 1s fastinter 100ms downinter 500ms rise 2 fall 3`.
    fn config() -> HealthConfig {
        HealthConfig {
            interval: SimDuration::from_secs(1),
            fast_interval: Some(SimDuration::from_millis(100)),
            down_interval: Some(SimDuration::from_millis(500)),
            ..HealthConfig::default()
        }
    }

    /// Starts the check that is due and returns when that is, and the probe.
    fn start_check(checker: &mut HealthChecker) -> (SimTime, ProbeId) {
        let due = checker.poll_timeout().expect("a checker always waits for something");
        checker.handle_timeout(due);
        let Some(HealthOutput::SendProbe(probe)) = checker.poll_output() else { panic!("no probe at {due}") };
        (due, probe)
    }

    /// Runs a check that ends with `outcome` in no time; answers when it was and what was said of it.
    fn check(checker: &mut HealthChecker, outcome: CheckOutcome) -> (SimTime, String) {
        let (due, probe) = start_check(checker);
        checker.handle_probe_result(due, probe, outcome);
        (due, said(checker))
    }

    fn said(checker: &mut HealthChecker) -> String {
        let Some(HealthOutput::Judged { reason, .. }) = checker.poll_output() else { panic!("not judged") };
        assert_eq!(checker.poll_output(), None);
        reason.to_string()
    }

    #[test]
    fn a_server_dies_and_comes_back_with_each_check_at_its_time_and_for_its_reason() {
        let mut checker = HealthChecker::new(config(), SimTime::ZERO);
        let log: Vec<String> = [true, true, false, false, false, false, true, true, true]
            .map(|up| if up { CheckOutcome::Passed } else { REFUSED })
            .map(|outcome| check(&mut checker, outcome))
            .iter()
            .map(|(time, reason)| std::format!("{time}: {reason}"))
            .collect();
        assert_eq!(
            log,
            [
                "0 s: the first check passed; up since the start",
                "1 s: the first check passed; up since the start",
                "2 s: 1 of 3 checks failed: connection refused; still up since the start",
                "2.1 s: 2 of 3 checks failed: connection refused; still up since the start",
                "2.2 s: 3 of 3 checks failed: connection refused; down since 2.2 s",
                "2.7 s: 3 of 3 checks failed: connection refused; down since 2.2 s",
                "3.2 s: 1 of 2 checks passed; still down since 2.2 s",
                "3.3 s: 2 of 2 checks passed; up since 3.3 s",
                "4.3 s: 2 of 2 checks passed; up since 3.3 s",
            ]
        );
    }

    #[test]
    fn a_server_that_is_dead_from_the_start_is_down_after_one_check() {
        let mut checker = HealthChecker::new(config(), SimTime::ZERO);
        assert!(checker.belief().in_use(), "a server not checked yet gets requests");
        let (_, reason) = check(&mut checker, REFUSED);
        assert_eq!(reason, "the first check failed: connection refused; down since 0 s");
        assert_eq!(checker.poll_timeout(), Some(at(500)), "and is checked as often as one that is down");
    }

    #[test]
    fn the_interval_runs_from_the_end_of_a_check() {
        let mut checker = HealthChecker::new(config(), SimTime::ZERO);
        let (_, probe) = start_check(&mut checker);
        checker.handle_probe_result(at(300), probe, CheckOutcome::Passed);
        assert_eq!(checker.poll_timeout(), Some(at(1_300)));
    }

    #[test]
    fn a_hung_server_takes_an_interval_to_fail_and_its_late_answer_counts_no_more() {
        let mut checker = HealthChecker::new(config(), SimTime::ZERO);
        let (_, probe) = start_check(&mut checker);
        checker.handle_probe_connected(at(1), probe);
        assert_eq!(checker.poll_timeout(), Some(at(1_000)), "inter, not fastinter, limits the check");
        checker.handle_timeout(at(1_000));
        assert_eq!(said(&mut checker), "the first check failed: no answer in time; down since 1 s");
        checker.handle_probe_result(at(1_001), probe, CheckOutcome::Passed);
        assert_eq!((checker.poll_output(), checker.belief()), (None, Belief::Down));
        assert_eq!(checker.poll_timeout(), Some(at(1_500)));
    }

    #[test]
    fn a_check_timeout_starts_when_the_connection_stands() {
        let config = HealthConfig {
            check_timeout: Some(SimDuration::from_millis(1_500)),
            connect_timeout: Some(SimDuration::from_millis(200)),
            ..config()
        };
        let mut checker = HealthChecker::new(config, SimTime::ZERO);
        let (_, probe) = start_check(&mut checker);
        assert_eq!(checker.poll_timeout(), Some(at(200)));
        checker.handle_probe_connected(at(150), probe);
        assert_eq!(checker.poll_timeout(), Some(at(1_650)), "longer than inter is allowed");
        checker.handle_timeout(at(1_650));
        assert_eq!(said(&mut checker), "the first check failed: no answer in time; down since 1.65 s");

        let (due, _) = start_check(&mut checker);
        checker.handle_timeout(due + SimDuration::from_millis(200));
        assert_eq!(checker.reason().last, Some(CheckOutcome::Failed(Failure::ConnectTimedOut)));
    }

    #[test]
    fn turning_the_knobs_moves_the_next_check_and_never_the_belief() {
        let mut checker = HealthChecker::new(config(), SimTime::ZERO);
        check(&mut checker, CheckOutcome::Passed);
        let slow = HealthConfig { interval: SimDuration::from_secs(9), ..config() };
        checker.set_config(at(400), slow);
        assert_eq!(checker.poll_timeout(), Some(at(9_000)), "as if it had held since the last check");
        checker.set_config(at(5_000), config());
        assert_eq!(checker.poll_timeout(), Some(at(5_000)), "overdue by the new interval: now");

        check(&mut checker, REFUSED);
        check(&mut checker, REFUSED);
        checker.set_config(at(5_110), HealthConfig { fall: 2, ..config() });
        assert_eq!(checker.belief(), Belief::GoingDown { failed: 1 }, "one short of the new fall");
        assert_eq!(checker.poll_output(), None);
    }

    #[test]
    fn failed_requests_bring_the_next_check_forward_once() {
        let observe = Some(Observe { error_limit: 2, on_error: OnError::FastInterval });
        let mut checker = HealthChecker::new(HealthConfig { observe, ..config() }, SimTime::ZERO);
        check(&mut checker, CheckOutcome::Passed);
        checker.handle_request(at(200), false);
        checker.handle_request(at(210), true);
        checker.handle_request(at(220), false);
        assert_eq!(checker.poll_timeout(), Some(at(1_000)), "two in a row it must be");
        checker.handle_request(at(230), false);
        assert_eq!(checker.poll_timeout(), Some(at(330)));
        check(&mut checker, CheckOutcome::Passed);
        assert_eq!(checker.poll_timeout(), Some(at(1_330)), "back to inter");
    }

    #[test]
    fn failed_requests_can_take_a_server_down_and_end_the_check_that_is_out() {
        let observe = Some(Observe { error_limit: 3, on_error: OnError::MarkDown });
        let mut checker = HealthChecker::new(HealthConfig { observe, ..config() }, SimTime::ZERO);
        check(&mut checker, CheckOutcome::Passed);
        let (due, probe) = start_check(&mut checker);
        for _ in 0..3 {
            checker.handle_request(due, false);
        }
        assert_eq!(said(&mut checker), "3 requests in a row failed; down since 1 s");
        checker.handle_probe_result(due, probe, CheckOutcome::Passed);
        assert_eq!(checker.belief(), Belief::Down);
        assert_eq!(checker.poll_timeout(), Some(at(1_100)), "fastinter, once, though it is down");
    }
}
