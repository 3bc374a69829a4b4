//! One alert: whether what it is raised for is so, has been so for long enough, or is over.

use crate::{SimDuration, SimTime};

/// An alert's settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertConfig {
    /// How long it must be so until the alert fires (Prometheus: `for`). Zero fires at once.
    pub hold: SimDuration,
    /// How long it must be over until a firing alert is resolved (Prometheus: `keep_firing_for`).
    pub keep_firing: SimDuration,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertState {
    /// It is not so.
    #[default]
    Inactive,
    /// It is so, and not yet for long enough.
    Pending {
        /// Since the evaluation that first found it so.
        since: SimTime,
    },
    /// It has been so for long enough: somebody is called.
    Firing {
        /// Since the evaluation that first found it so.
        since: SimTime,
        /// When it fired.
        fired_at: SimTime,
    },
}

impl AlertState {
    /// Since when it has been so, if it is.
    pub const fn since(self) -> Option<SimTime> {
        match self {
            Self::Inactive => None,
            Self::Pending { since } | Self::Firing { since, .. } => Some(since),
        }
    }

    /// Whether somebody is called.
    pub const fn is_firing(self) -> bool {
        matches!(self, Self::Firing { .. })
    }
}

/// A change of an alert's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertOutput {
    /// It is so; the alert waits whether it lasts.
    Pending,
    /// It did not last: nobody was called.
    Cleared,
    /// It lasted.
    Fired {
        /// How long it has been so.
        held: SimDuration,
    },
    /// It fired, and is over.
    Resolved {
        /// How long it fired.
        fired_for: SimDuration,
    },
}

/// One alert.
#[derive(Clone, Copy, Debug)]
pub struct Alert {
    config: AlertConfig,
    state: AlertState,
    /// While it fires: the last evaluation that found it so.
    last_so: SimTime,
    output: Option<AlertOutput>,
}

impl Alert {
    /// An alert that is inactive.
    pub const fn new(config: AlertConfig) -> Self {
        Self { config, state: AlertState::Inactive, last_so: SimTime::ZERO, output: None }
    }

    /// Where it stands.
    pub const fn state(&self) -> AlertState {
        self.state
    }

    /// The rule was evaluated at `now`: it is so, or not. A rule that says nothing, for want of data, is not so.
    pub fn handle_evaluation(&mut self, now: SimTime, so: bool) {
        let before = self.state;
        self.state = if so { self.found_so(now) } else { self.found_over(now) };
        self.output = match (before, self.state) {
            (AlertState::Inactive, AlertState::Pending { .. }) => Some(AlertOutput::Pending),
            (AlertState::Pending { .. }, AlertState::Inactive) => Some(AlertOutput::Cleared),
            (AlertState::Inactive | AlertState::Pending { .. }, AlertState::Firing { since, .. }) => {
                Some(AlertOutput::Fired { held: now.since(since) })
            }
            (AlertState::Firing { fired_at, .. }, AlertState::Inactive) => {
                Some(AlertOutput::Resolved { fired_for: now.since(fired_at) })
            }
            _ => None,
        };
    }

    fn found_so(&mut self, now: SimTime) -> AlertState {
        self.last_so = now;
        match self.state {
            AlertState::Firing { .. } => self.state,
            AlertState::Inactive | AlertState::Pending { .. } => {
                let since = self.state.since().unwrap_or(now);
                if now.since(since) >= self.config.hold {
                    AlertState::Firing { since, fired_at: now }
                } else {
                    AlertState::Pending { since }
                }
            }
        }
    }

    fn found_over(&self, now: SimTime) -> AlertState {
        match self.state {
            AlertState::Firing { .. } if now.since(self.last_so) < self.config.keep_firing => self.state,
            _ => AlertState::Inactive,
        }
    }

    /// The change that the evaluation made, if it made one.
    pub const fn poll_output(&mut self) -> Option<AlertOutput> {
        self.output.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> SimDuration {
        SimDuration::from_secs(secs)
    }

    /// What an alert says at evaluations a second apart.
    fn outputs(config: AlertConfig, so: &[bool]) -> std::vec::Vec<Option<AlertOutput>> {
        let mut alert = Alert::new(config);
        let said = so.iter().zip(0..).map(|(&so, second)| {
            alert.handle_evaluation(SimTime::from_secs(second), so);
            alert.poll_output()
        });
        said.collect()
    }

    #[test]
    fn a_hiccup_calls_nobody() {
        let config = AlertConfig { hold: secs(2), ..AlertConfig::default() };
        let said = outputs(config, &[false, true, true, false, true, false]);
        let (pending, cleared) = (Some(AlertOutput::Pending), Some(AlertOutput::Cleared));
        assert_eq!(said, [None, pending, None, cleared, pending, cleared]);
    }

    #[test]
    fn what_lasts_fires_once_and_is_resolved() {
        let config = AlertConfig { hold: secs(2), ..AlertConfig::default() };
        let said = outputs(config, &[true, true, true, true, false, false]);
        let fired = Some(AlertOutput::Fired { held: secs(2) });
        let resolved = Some(AlertOutput::Resolved { fired_for: secs(2) });
        assert_eq!(said, [Some(AlertOutput::Pending), None, fired, None, resolved, None]);
    }

    #[test]
    fn without_a_hold_the_first_evaluation_fires() {
        let said = outputs(AlertConfig::default(), &[true, false]);
        let fired = Some(AlertOutput::Fired { held: SimDuration::ZERO });
        assert_eq!(said, [fired, Some(AlertOutput::Resolved { fired_for: secs(1) })]);
    }

    #[test]
    fn a_firing_alert_is_kept_over_a_gap() {
        let config = AlertConfig { hold: SimDuration::ZERO, keep_firing: secs(2) };
        let said = outputs(config, &[true, false, true, false, false]);
        let fired = Some(AlertOutput::Fired { held: SimDuration::ZERO });
        assert_eq!(said, [fired, None, None, None, Some(AlertOutput::Resolved { fired_for: secs(4) })]);
    }
}
