//! Active health checks: how a balancer finds out that a server died.
//!
//! Every `interval` the checker sends one probe. `fall` failed probes in a row turn a server that is up into one
//! that is down, `rise` passed ones turn it back. In between it is believed what it was before: this is the
//! window in which requests are still sent to a dead machine.
//!
//! Follows HAProxy's `check`, `inter`, `rise` and `fall` (configuration manual, section 5.2), with its counter:
//! `health` runs from 0 to `rise + fall - 1`, the server is up at `rise` and above, a passed probe counts one up
//! (straight to the top once the server is up), a failed one counts one down (straight to the bottom once it is
//! down).

use alloc::collections::VecDeque;

use crate::time::{SimDuration, SimTime};

/// How often to probe and how many results in a row turn the belief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthConfig {
    /// Time from the start of one probe to the start of the next.
    pub interval: SimDuration,
    /// Passed probes in a row that turn a down server up; at least 1.
    pub rise: u32,
    /// Failed probes in a row that turn an up server down; at least 1.
    pub fall: u32,
}

impl Default for HealthConfig {
    /// HAProxy's defaults: every 2 s, fall 3, rise 2.
    fn default() -> Self {
        Self { interval: SimDuration::from_secs(2), rise: 2, fall: 3 }
    }
}

/// What the checker believes of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// In use, last probe passed.
    Up,
    /// In use, though the last `failed` probes failed.
    GoingDown {
        /// Failed probes in a row.
        failed: u32,
    },
    /// Out of use, last probe failed.
    Down,
    /// Out of use, though the last `passed` probes passed.
    GoingUp {
        /// Passed probes in a row.
        passed: u32,
    },
}

impl Belief {
    /// Whether requests are sent to a server of which this is believed.
    pub const fn in_use(self) -> bool {
        matches!(self, Self::Up | Self::GoingDown { .. })
    }
}

/// Number of a probe, so that an answer that comes late is not taken for that of the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProbeId(u32);

/// What the driver must do or know. Drain with [`HealthChecker::poll_output`] after every input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthOutput {
    /// Send this probe to the server now.
    SendProbe(ProbeId),
    /// A probe was judged; this is what is believed since.
    Judged {
        /// Whether the probe passed.
        passed: bool,
        /// What is believed now.
        belief: Belief,
        /// Whether the server went into or out of use with this probe.
        turned: bool,
    },
}

/// Checks one server. See the [module](self) for the rules and the [crate](crate) for how it is driven.
#[derive(Clone, Debug)]
pub struct HealthChecker {
    config: HealthConfig,
    /// HAProxy's counter: in use at `rise` and above.
    health: u32,
    next_check: SimTime,
    last_probe: ProbeId,
    awaiting: bool,
    outputs: VecDeque<HealthOutput>,
}

impl HealthChecker {
    /// A checker that believes its server up and sends its first probe at `first_check`.
    pub fn new(config: HealthConfig, first_check: SimTime) -> Self {
        assert!(config.rise >= 1 && config.fall >= 1, "rise and fall count probes: at least 1");
        assert!(!config.interval.is_zero(), "an interval of zero would probe without end");
        Self {
            config,
            health: config.rise + config.fall - 1,
            next_check: first_check,
            last_probe: ProbeId(0),
            awaiting: false,
            outputs: VecDeque::new(),
        }
    }

    /// The settings in force.
    pub const fn config(&self) -> HealthConfig {
        self.config
    }

    /// What is believed of the server.
    pub fn belief(&self) -> Belief {
        let top = self.config.rise + self.config.fall - 1;
        match self.health {
            0 => Belief::Down,
            passed if passed < self.config.rise => Belief::GoingUp { passed },
            health if health == top => Belief::Up,
            health => Belief::GoingDown { failed: top - health },
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted next.
    pub const fn poll_timeout(&self) -> Option<SimTime> {
        Some(self.next_check)
    }

    /// The next thing for the driver to do, or `None` when all is done.
    pub fn poll_output(&mut self) -> Option<HealthOutput> {
        self.outputs.pop_front()
    }

    /// Time has come: a probe that is still unanswered has failed, and the next one starts.
    pub fn handle_timeout(&mut self, now: SimTime) {
        if now < self.next_check {
            return;
        }
        if self.awaiting {
            self.judge(false);
        }
        self.last_probe = ProbeId(self.last_probe.0.wrapping_add(1));
        self.awaiting = true;
        self.next_check = now + self.config.interval;
        self.outputs.push_back(HealthOutput::SendProbe(self.last_probe));
    }

    /// The answer to a probe came in. Answers to earlier probes are ignored: they were judged already.
    pub fn handle_probe_result(&mut self, probe: ProbeId, passed: bool) {
        if self.awaiting && probe == self.last_probe {
            self.awaiting = false;
            self.judge(passed);
        }
    }

    fn judge(&mut self, passed: bool) {
        let was_in_use = self.belief().in_use();
        let HealthConfig { rise, fall, .. } = self.config;
        if passed {
            self.health = if self.health + 1 >= rise { rise + fall - 1 } else { self.health + 1 };
        } else {
            self.health = if self.health > rise { self.health - 1 } else { 0 };
        }
        let belief = self.belief();
        let turned = belief.in_use() != was_in_use;
        self.outputs.push_back(HealthOutput::Judged { passed, belief, turned });
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn checker(rise: u32, fall: u32) -> HealthChecker {
        let config = HealthConfig { interval: SimDuration::from_secs(2), rise, fall };
        HealthChecker::new(config, SimTime::ZERO)
    }

    /// Lets `results` come in, one a check, and returns what was believed after each.
    fn run(checker: &mut HealthChecker, results: &[bool]) -> Vec<(Belief, bool)> {
        let mut seen = Vec::new();
        for &result in results {
            let due = checker.poll_timeout().expect("a checker always has a next check");
            checker.handle_timeout(due);
            while let Some(output) = checker.poll_output() {
                match output {
                    HealthOutput::SendProbe(probe) => checker.handle_probe_result(probe, result),
                    HealthOutput::Judged { belief, turned, .. } => seen.push((belief, turned)),
                }
            }
        }
        seen
    }

    #[test]
    fn takes_fall_failures_in_a_row_to_go_down_and_rise_passes_to_come_back() {
        let mut checker = checker(2, 3);
        assert_eq!(
            run(&mut checker, &[true, false, false, false, false, true, true]),
            [
                (Belief::Up, false),
                (Belief::GoingDown { failed: 1 }, false),
                (Belief::GoingDown { failed: 2 }, false),
                (Belief::Down, true),
                (Belief::Down, false),
                (Belief::GoingUp { passed: 1 }, false),
                (Belief::Up, true),
            ]
        );
    }

    #[test]
    fn one_pass_forgives_the_failures_before_it() {
        let mut checker = checker(2, 3);
        let beliefs = run(&mut checker, &[false, false, true, false, false]);
        assert_eq!(beliefs[2], (Belief::Up, false));
        assert!(beliefs.iter().all(|(belief, turned)| belief.in_use() && !turned));
    }

    #[test]
    fn a_probe_unanswered_until_the_next_one_has_failed() {
        let mut checker = checker(1, 1);
        checker.handle_timeout(SimTime::ZERO);
        let Some(HealthOutput::SendProbe(first)) = checker.poll_output() else { panic!("no probe") };
        checker.handle_timeout(SimTime::from_secs(2));
        assert_eq!(
            checker.poll_output(),
            Some(HealthOutput::Judged { passed: false, belief: Belief::Down, turned: true })
        );
        checker.handle_probe_result(first, true);
        assert!(matches!(checker.poll_output(), Some(HealthOutput::SendProbe(_))));
        assert_eq!(checker.poll_output(), None, "the late answer to the first probe counts no more");
        assert_eq!(checker.belief(), Belief::Down);
    }

    #[test]
    fn checks_come_an_interval_apart() {
        let mut checker = checker(2, 3);
        for check in 0..4 {
            assert_eq!(checker.poll_timeout(), Some(SimTime::from_secs(2 * check)));
            run(&mut checker, &[true]);
        }
    }
}
