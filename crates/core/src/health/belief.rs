//! What is believed of a server, and how one more result changes it.
//!
//! HAProxy keeps a counter `health` from 0 to `rise + fall - 1`, the server being in use at `rise` and above. A
//! [`Belief`] says the same in words; [`Belief::pips`] gives HAProxy's numbers back.

use super::config::{HealthConfig, OnError};

/// What the checker believes of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// In use on trust: no check has ended yet. The first one decides, whatever `rise` and `fall` are.
    Unchecked,
    /// In use, last check passed.
    Up,
    /// In use, though the last `failed` checks failed.
    GoingDown {
        /// Failed checks in a row, at least 1 and less than `fall`.
        failed: u32,
    },
    /// Out of use, last check failed.
    Down,
    /// Out of use, though the last `passed` checks passed.
    GoingUp {
        /// Passed checks in a row, at least 1 and less than `rise`.
        passed: u32,
    },
}

/// How far a server is from being turned: HAProxy's "2/3 UP".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pips {
    /// How many are lit: in use, failures that it takes to go down; out of use, checks passed so far.
    pub lit: u32,
    /// Of how many: in use `fall`, out of use `rise`.
    pub of: u32,
}

impl Belief {
    /// Whether requests are sent to a server of which this is believed.
    pub const fn in_use(self) -> bool {
        matches!(self, Self::Unchecked | Self::Up | Self::GoingDown { .. })
    }

    /// How near the belief is to turning. The lamp of a server that is down is empty.
    pub const fn pips(self, config: &HealthConfig) -> Pips {
        match self {
            Self::Unchecked => Pips { lit: 1, of: config.fall },
            Self::Up => Pips { lit: config.fall, of: config.fall },
            Self::GoingDown { failed } => Pips { lit: config.fall - failed, of: config.fall },
            Self::Down => Pips { lit: 0, of: config.rise },
            Self::GoingUp { passed } => Pips { lit: passed, of: config.rise },
        }
    }

    /// What is believed after one more check passed.
    #[must_use]
    pub(super) const fn after_pass(self, config: &HealthConfig) -> Self {
        let passed = match self {
            Self::Unchecked | Self::Up | Self::GoingDown { .. } => return Self::Up,
            Self::Down => 1,
            Self::GoingUp { passed } => passed + 1,
        };
        if passed >= config.rise { Self::Up } else { Self::GoingUp { passed } }
    }

    /// What is believed after one more check failed.
    #[must_use]
    pub(super) const fn after_failure(self, config: &HealthConfig) -> Self {
        let failed = match self {
            Self::Unchecked | Self::Down | Self::GoingUp { .. } => return Self::Down,
            Self::Up => 1,
            Self::GoingDown { failed } => failed + 1,
        };
        if failed >= config.fall { Self::Down } else { Self::GoingDown { failed } }
    }

    /// What is believed after too many failed requests in a row.
    #[must_use]
    pub(super) const fn after_request_errors(self, on_error: OnError, config: &HealthConfig) -> Self {
        let failed = match self {
            Self::GoingDown { failed } => failed,
            Self::Unchecked | Self::Up | Self::Down | Self::GoingUp { .. } => 0,
        };
        match (on_error, self) {
            (OnError::FastInterval, belief) => belief,
            (OnError::SuddenDeath, Self::Up | Self::GoingDown { .. }) if failed + 1 < config.fall => {
                Self::GoingDown { failed: config.fall - 1 }
            }
            (OnError::SuddenDeath | OnError::FailCheck, belief) => belief.after_failure(config),
            (OnError::MarkDown, _) => Self::Down,
        }
    }

    /// The same belief under other thresholds. New settings alone never turn a server: a count that would have
    /// reached its threshold stays one short of it.
    #[must_use]
    pub(super) const fn under(self, config: &HealthConfig) -> Self {
        match self {
            Self::GoingDown { failed } if failed >= config.fall => match config.fall - 1 {
                0 => Self::Up,
                failed => Self::GoingDown { failed },
            },
            Self::GoingUp { passed } if passed >= config.rise => match config.rise - 1 {
                0 => Self::Down,
                passed => Self::GoingUp { passed },
            },
            belief => belief,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(rise: u32, fall: u32) -> HealthConfig {
        HealthConfig { rise, fall, ..HealthConfig::default() }
    }

    #[test]
    fn the_first_check_decides_alone() {
        let config = config(5, 5);
        assert_eq!(Belief::Unchecked.after_failure(&config), Belief::Down);
        assert_eq!(Belief::Unchecked.after_pass(&config), Belief::Up);
    }

    #[test]
    fn one_result_to_the_contrary_starts_the_count_again() {
        let config = config(3, 3);
        assert_eq!(Belief::GoingDown { failed: 2 }.after_pass(&config), Belief::Up);
        assert_eq!(Belief::GoingUp { passed: 2 }.after_failure(&config), Belief::Down);
    }

    #[test]
    fn pips_are_those_that_haproxy_logs() {
        let config = config(2, 3);
        for (belief, lit, of) in [
            (Belief::Unchecked, 1, 3),
            (Belief::Up, 3, 3),
            (Belief::GoingDown { failed: 1 }, 2, 3),
            (Belief::Down, 0, 2),
            (Belief::GoingUp { passed: 1 }, 1, 2),
        ] {
            assert_eq!(belief.pips(&config), Pips { lit, of }, "{belief:?}");
        }
    }

    #[test]
    fn request_errors_weigh_as_asked_for() {
        let config = config(2, 4);
        for (on_error, from_up, from_shaky) in [
            (OnError::FastInterval, Belief::Up, Belief::GoingDown { failed: 3 }),
            (OnError::FailCheck, Belief::GoingDown { failed: 1 }, Belief::Down),
            (OnError::SuddenDeath, Belief::GoingDown { failed: 3 }, Belief::Down),
            (OnError::MarkDown, Belief::Down, Belief::Down),
        ] {
            assert_eq!(Belief::Up.after_request_errors(on_error, &config), from_up, "{on_error:?}");
            let shaky = Belief::GoingDown { failed: 3 };
            assert_eq!(shaky.after_request_errors(on_error, &config), from_shaky, "{on_error:?}");
        }
    }

    #[test]
    fn lower_thresholds_leave_a_server_where_it_is() {
        assert_eq!(Belief::GoingDown { failed: 4 }.under(&config(2, 3)), Belief::GoingDown { failed: 2 });
        assert_eq!(Belief::GoingDown { failed: 4 }.under(&config(2, 1)), Belief::Up);
        assert_eq!(Belief::GoingUp { passed: 4 }.under(&config(3, 2)), Belief::GoingUp { passed: 2 });
        assert_eq!(Belief::GoingUp { passed: 4 }.under(&config(1, 2)), Belief::Down);
        assert_eq!(Belief::Unchecked.under(&config(1, 1)), Belief::Unchecked);
    }
}
