//! What a person sets: how often to probe, how long to wait for an answer, how many results turn the belief.

use super::belief::Belief;
use crate::time::SimDuration;

/// How often to probe and how many results in a row turn the belief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct HealthConfig {
    /// HAProxy's `inter`: time from the end of one check to the start of the next while the server is fully up.
    /// Also the longest that a check may take when `check_timeout` is not set.
    pub interval: SimDuration,
    /// HAProxy's `fastinter`: the same while the belief is changing or nothing was checked yet; `interval` if
    /// not set.
    pub fast_interval: Option<SimDuration>,
    /// HAProxy's `downinter`: the same while the server is fully down; `interval` if not set.
    pub down_interval: Option<SimDuration>,
    /// Passed checks in a row that turn a down server up; at least 1.
    pub rise: u32,
    /// Failed checks in a row that turn an up server down; at least 1.
    pub fall: u32,
    /// HAProxy's `timeout check`: how long the answer may take once the connection stands.
    pub check_timeout: Option<SimDuration>,
    /// HAProxy's `timeout connect`: how long the connection may take. Counts for checks only together with
    /// `check_timeout`, and never for longer than `interval`.
    pub connect_timeout: Option<SimDuration>,
    /// Whether failed requests count as well as failed checks; `None` if only checks do.
    pub observe: Option<Observe>,
}

/// HAProxy's `observe`: failed requests say something about a server before its next check does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct Observe {
    /// HAProxy's `error-limit`: failed requests in a row that trigger `on_error`; at least 1.
    pub error_limit: u32,
    /// What they trigger.
    pub on_error: OnError,
}

impl Default for Observe {
    /// HAProxy's defaults: ten errors in a row count as one failed check.
    fn default() -> Self {
        Self { error_limit: 10, on_error: OnError::FailCheck }
    }
}

/// HAProxy's `on-error`: what too many failed requests in a row lead to. Each also brings the next check forward
/// if `fast_interval` is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum OnError {
    /// `fastinter`: nothing but the earlier check.
    FastInterval,
    /// `fail-check`: they count as one failed check.
    FailCheck,
    /// `sudden-death`: they count as all the failed checks but the last that it takes to go down.
    SuddenDeath,
    /// `mark-down`: the server is down at once.
    MarkDown,
}

impl Default for HealthConfig {
    /// HAProxy's defaults: every 2 s whatever is believed, fall 3, rise 2, an answer within the interval.
    fn default() -> Self {
        Self {
            interval: SimDuration::from_secs(2),
            fast_interval: None,
            down_interval: None,
            rise: 2,
            fall: 3,
            check_timeout: None,
            connect_timeout: None,
            observe: None,
        }
    }
}

impl HealthConfig {
    /// Time from the end of a check to the start of the next when this is believed after it (configuration
    /// manual, section 5.2, table under `inter`).
    pub fn interval_while(&self, belief: Belief) -> SimDuration {
        match belief {
            Belief::Up => self.interval,
            // With `fall` 1 a server that was never checked has no step between it and fully up: HAProxy's counter
            // cannot tell the two apart.
            Belief::Unchecked if self.fall == 1 => self.interval,
            Belief::Unchecked | Belief::GoingDown { .. } | Belief::GoingUp { .. } => {
                self.fast_interval.unwrap_or(self.interval)
            }
            Belief::Down => self.down_interval.unwrap_or(self.interval),
        }
    }

    /// How long a check waits for its connection (manual, `timeout check`): the smaller of `timeout connect` and
    /// `inter` if `timeout check` is set, else `inter` for connection and answer together.
    pub fn connect_limit(&self) -> SimDuration {
        match (self.check_timeout, self.connect_timeout) {
            (Some(_), Some(connect)) => connect.min(self.interval),
            _ => self.interval,
        }
    }

    /// When the first check of the server at `position` (from 0) of a pool of `count` is due, counted from the
    /// start: the checks of a pool are spread evenly over the interval of a server not checked yet, so that they
    /// do not all arrive at once.
    ///
    /// As HAProxy's `start_checks` does for a pool of equal settings. It spreads over all servers of all pools, and
    /// over the smallest of the intervals of at least 1 s if that is longer than the server's own.
    pub fn first_check_offset(&self, position: usize, count: usize) -> SimDuration {
        assert!(position < count, "a position in a pool of {count} is below {count}, not {position}");
        let spread = u128::from(self.interval_while(Belief::Unchecked).as_nanos());
        let nanos = spread * position as u128 / count as u128;
        SimDuration::from_nanos(u64::try_from(nanos).expect("a part of an interval is no longer than it"))
    }

    pub(super) fn assert_valid(&self) {
        assert!(self.rise >= 1 && self.fall >= 1, "rise and fall count checks: at least 1");
        for interval in [Some(self.interval), self.fast_interval, self.down_interval].into_iter().flatten() {
            assert!(!interval.is_zero(), "an interval of zero would probe without end");
        }
        for timeout in [self.check_timeout, self.connect_timeout].into_iter().flatten() {
            assert!(!timeout.is_zero(), "a timeout of zero would fail every check");
        }
        if let Some(observe) = self.observe {
            assert!(observe.error_limit >= 1, "the error limit counts errors: at least 1");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn millis(config: &HealthConfig, belief: Belief) -> u64 {
        config.interval_while(belief).as_nanos() / 1_000_000
    }

    #[test]
    fn each_belief_has_its_interval_and_the_plain_one_stands_in() {
        let plain = HealthConfig { interval: SimDuration::from_millis(400), ..HealthConfig::default() };
        let tuned = HealthConfig {
            fast_interval: Some(SimDuration::from_millis(100)),
            down_interval: Some(SimDuration::from_millis(900)),
            ..plain
        };
        for (belief, expected) in [
            (Belief::Unchecked, 100),
            (Belief::Up, 400),
            (Belief::GoingDown { failed: 1 }, 100),
            (Belief::Down, 900),
            (Belief::GoingUp { passed: 1 }, 100),
        ] {
            assert_eq!(millis(&tuned, belief), expected, "{belief:?}");
            assert_eq!(millis(&plain, belief), 400, "{belief:?}");
        }
    }

    #[test]
    fn the_connect_timeout_counts_only_beside_a_check_timeout_and_below_the_interval() {
        let [short, long] = [Some(SimDuration::from_millis(300)), Some(SimDuration::from_secs(9))];
        let with = |check_timeout, connect_timeout| {
            HealthConfig { check_timeout, connect_timeout, ..HealthConfig::default() }.connect_limit()
        };
        assert_eq!(with(None, short), SimDuration::from_secs(2));
        assert_eq!(with(short, None), SimDuration::from_secs(2));
        assert_eq!(with(long, short), SimDuration::from_millis(300));
        assert_eq!(with(short, long), SimDuration::from_secs(2));
    }

    #[test]
    fn first_checks_of_a_pool_are_spread_over_the_interval() {
        let config = HealthConfig::default();
        let offsets: Vec<u64> =
            (0..4).map(|server| config.first_check_offset(server, 4).as_nanos() / 1_000_000).collect();
        assert_eq!(offsets, [0, 500, 1_000, 1_500]);
    }
}
