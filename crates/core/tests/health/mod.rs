//! The health checker over random inputs, and its golden trace.

#[cfg(not(target_arch = "wasm32"))]
mod properties;

use std::fmt::Write as _;

use understudy_core::health::{
    CheckOutcome, Failure, HealthChecker, HealthConfig, HealthOutput, Observe, OnError, ProbeId,
};
use understudy_core::{SimDuration, SimTime};

use crate::golden;

const REFUSED: CheckOutcome = CheckOutcome::Failed(Failure::Refused);

fn millis(millis: u64) -> SimDuration {
    SimDuration::from_millis(millis)
}

/// A server as the checker meets it in the golden trace.
#[derive(Clone, Copy)]
enum Server {
    /// Connects in 1 ms, answers 2 ms later.
    Up,
    /// Refuses after 1 ms.
    Stopped,
    /// Connects in 1 ms, never answers.
    Hung,
    /// Never lets the connection be made.
    CutOff,
    /// Answers 503.
    Overloaded,
}

/// Runs a checker against servers that change at given times, and writes down all that it asks for and says.
struct Run {
    checker: HealthChecker,
    now: SimTime,
    trace: String,
}

impl Run {
    fn new(config: HealthConfig) -> Self {
        Self { checker: HealthChecker::new(config, SimTime::ZERO), now: SimTime::ZERO, trace: String::new() }
    }

    fn note(&mut self, what: impl std::fmt::Display) {
        writeln!(self.trace, "{:>8}  {what}", self.now.to_string()).expect("a string takes all");
    }

    fn until(&mut self, end: SimDuration, server: Server) {
        let end = SimTime::ZERO + end;
        while let Some(due) = self.checker.poll_timeout().filter(|due| *due < end) {
            self.now = due;
            self.checker.handle_timeout(due);
            self.drain(server);
        }
        self.now = end;
    }

    fn drain(&mut self, server: Server) {
        while let Some(output) = self.checker.poll_output() {
            match output {
                HealthOutput::SendProbe(probe) => {
                    self.note("probe");
                    self.answer(server, probe);
                }
                HealthOutput::Judged { turned, reason, .. } => {
                    let pips = reason.belief.pips(&self.checker.config());
                    let turned = if turned { " TURNED" } else { "" };
                    self.note(format_args!("{}/{}{turned}: {reason}", pips.lit, pips.of));
                }
            }
        }
    }

    fn answer(&mut self, server: Server, probe: ProbeId) {
        let mut later = |millis: u64| {
            self.now += SimDuration::from_millis(millis);
            self.now
        };
        let outcome = match server {
            Server::CutOff => return,
            Server::Stopped => REFUSED,
            Server::Up | Server::Hung | Server::Overloaded => {
                self.checker.handle_probe_connected(later(1), probe);
                match server {
                    Server::Hung => return,
                    Server::Overloaded => CheckOutcome::Failed(Failure::WrongStatus(503)),
                    _ => CheckOutcome::Passed,
                }
            }
        };
        self.checker.handle_probe_result(later(1), probe, outcome);
    }
}

fn golden_trace() -> String {
    let config = HealthConfig {
        interval: millis(400),
        fast_interval: Some(millis(100)),
        down_interval: Some(millis(200)),
        rise: 2,
        fall: 3,
        check_timeout: Some(millis(250)),
        connect_timeout: Some(millis(150)),
        observe: Some(Observe { error_limit: 2, on_error: OnError::SuddenDeath }),
    };
    let mut run = Run::new(config);
    run.note("inter 400ms fastinter 100ms downinter 200ms rise 2 fall 3, timeout check 250ms, connect 150ms");
    for (until, server, what) in [
        (1_000, Server::Up, "the server is up"),
        (2_000, Server::Stopped, "it is stopped"),
        (3_000, Server::Up, "it is started again"),
        (4_500, Server::Hung, "it hangs"),
        (5_500, Server::Up, "it is well"),
        (5_950, Server::Overloaded, "it answers 503"),
        (6_500, Server::Up, "it is well before it is down"),
        (7_500, Server::CutOff, "it is cut off"),
        (9_000, Server::Up, "the cut is healed"),
    ] {
        run.note(format_args!("-- {what}"));
        run.until(millis(until), server);
    }
    run.note("-- two requests fail");
    for _ in 0..2 {
        run.checker.handle_request(run.now, false);
    }
    run.drain(Server::Up);
    run.until(millis(9_700), Server::Up);
    run.note("-- inter is set to 50ms, rise to 1, fall to 1; the server is stopped");
    let brisk = HealthConfig {
        interval: millis(50),
        fast_interval: None,
        down_interval: None,
        rise: 1,
        fall: 1,
        ..config
    };
    run.checker.set_config(run.now, brisk);
    run.until(millis(9_900), Server::Stopped);
    run.trace
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_golden_trace_has_not_changed() {
    golden::check("health", &golden_trace(), include_str!("../golden/health.txt"));
}
