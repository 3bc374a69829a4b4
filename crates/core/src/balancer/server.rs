//! One server of a balancer's pool: what it was given, and the account of its failures.
//!
//! nginx has no health checks of its own. It judges a server by the requests it sends there anyway: after
//! `max_fails` of them failed, the server is left alone for `fail_timeout`; then one request at a time may try it,
//! and the first that succeeds clears the account. Each failure also takes `weight / max_fails` from the
//! server's effective weight, which comes back one by one with every turn it takes part in.
//!
//! Follows `ngx_http_upstream_rr_peer_t` and its use in nginx 1.22 (`src/http/ngx_http_upstream_round_robin.c`;
//! directive `server` of `ngx_http_upstream_module`), to the second: nginx's clock for this ticks in whole
//! seconds, so a `fail_timeout` of 10 s ends with the 11th tick after the failure, between 10 and 11 s later.

use core::fmt;

use crate::time::{SimDuration, SimTime};

/// Position of a server in its balancer's pool, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerIndex(pub u16);

impl ServerIndex {
    /// As an index into a slice kept in pool order.
    pub const fn get(self) -> usize {
        self.0 as usize
    }

    pub(super) fn of(index: usize) -> Self {
        Self(u16::try_from(index).expect("a pool holds at most 65,535 servers: checked when it was built"))
    }
}

/// The position in digits, from 0.
impl fmt::Display for ServerIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Share of the turns that a server gets, relative to the others'; at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct Weight(pub u32);

/// What a server is given in the configuration: the parameters of nginx's `server` directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct ServerConfig {
    /// Its share of the requests.
    pub weight: Weight,
    /// Failed requests after which it is left alone for a while; 0 keeps no account.
    pub max_fails: u32,
    /// For how long it is left alone, and for how long a failure counts. nginx takes whole seconds.
    pub fail_timeout: SimDuration,
    /// Most requests it may have at once; `None` for no limit.
    pub max_connections: Option<u32>,
    /// Never used.
    pub down: bool,
    /// Used only by requests that found no other server.
    pub backup: bool,
}

impl Default for ServerConfig {
    /// nginx's defaults: weight 1, one failure in 10 s, no limit.
    fn default() -> Self {
        Self {
            weight: Weight(1),
            max_fails: 1,
            fail_timeout: SimDuration::from_secs(10),
            max_connections: None,
            down: false,
            backup: false,
        }
    }
}

impl From<Weight> for ServerConfig {
    fn from(weight: Weight) -> Self {
        Self { weight, ..Self::default() }
    }
}

/// How one attempt at a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server answered.
    Answered {
        /// From the pick to the answer.
        took: SimDuration,
    },
    /// The server refused, broke off, timed out, or answered what counts as a failure.
    Failed,
    /// The client left, or the balancer gave up for a reason that says nothing about the server.
    Abandoned,
}

/// nginx's cached clock: `now` without the fraction of a second.
pub(super) const fn whole_second(now: SimTime) -> SimTime {
    const NANOS_PER_SEC: u64 = 1_000_000_000;
    SimTime::from_secs(now.as_nanos() / NANOS_PER_SEC)
}

/// A server with its account. Instants in here are whole seconds.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) config: ServerConfig,
    /// The configured weight, wide enough to add up.
    pub(super) weight: i64,
    /// nginx's `effective_weight`: the weight less what recent failures took from it.
    pub(super) effective_weight: i64,
    /// nginx's `current_weight`: how overdue the server's turn is.
    pub(super) current_weight: i64,
    /// Attempts that were sent to it and have not ended.
    pub(super) connections: u32,
    /// Believed down by health checks since.
    pub(super) down_since: Option<SimTime>,
    /// Kept out of the rotation by the pool's mode.
    pub(super) standing_by: bool,
    /// Neither set down, nor believed down, nor standing by: one test for the hot path.
    pub(super) in_service: bool,
    pub(super) fails: u32,
    /// nginx's `accessed`: the last failure.
    failed_at: SimTime,
    /// nginx's `checked`: the last failure, or the first pick after `fail_timeout` had passed since.
    checked_at: SimTime,
    /// Whether the balancer has counted it as [unusual](Self::is_unusual).
    pub(super) counted_unusual: bool,
}

impl Server {
    pub(super) fn new(config: ServerConfig) -> Self {
        assert!(config.weight.0 >= 1, "a server's weight is at least 1");
        let weight = i64::from(config.weight.0);
        Self {
            config,
            weight,
            effective_weight: weight,
            current_weight: 0,
            connections: 0,
            down_since: None,
            standing_by: false,
            in_service: !config.down,
            fails: 0,
            failed_at: SimTime::ZERO,
            checked_at: SimTime::ZERO,
            counted_unusual: false,
        }
    }

    /// Whether a request may be sent here, leaving aside what that request has tried.
    pub(super) fn is_usable(&self, second: SimTime) -> bool {
        self.in_service && !self.is_suspended(second) && !self.is_full()
    }

    /// Whether it failed too often too recently.
    pub(super) fn is_suspended(&self, second: SimTime) -> bool {
        self.fails_too_often() && second.since(self.checked_at) <= self.config.fail_timeout
    }

    /// Whether only time will tell if it may be used.
    pub(super) fn fails_too_often(&self) -> bool {
        self.config.max_fails > 0 && self.fails >= self.config.max_fails
    }

    /// The first second in which it is tried again, if it is suspended.
    pub(super) fn suspended_until(&self) -> SimTime {
        whole_second(self.checked_at + self.config.fail_timeout) + SimDuration::from_secs(1)
    }

    /// Whether anything about it may keep a request away, now or later: it does not serve, is a backup, is full, or has
    /// failed of late.
    pub(super) fn is_unusual(&self) -> bool {
        !self.in_service || self.config.backup || self.fails > 0 || self.is_full()
    }

    /// Whether it has as many requests as it may have.
    pub(super) fn is_full(&self) -> bool {
        self.config.max_connections.is_some_and(|most| self.connections >= most)
    }

    /// Takes part in a turn of the round robin: gains its effective weight, which it returns, and regains one
    /// of what failures took from that.
    pub(super) fn take_part(&mut self) -> i64 {
        let gained = self.effective_weight;
        self.current_weight += gained;
        if self.effective_weight < self.weight {
            self.effective_weight += 1;
        }
        gained
    }

    /// Sets the weight. What failures took from it stays taken, so long as there is as much.
    pub(super) fn set_weight(&mut self, weight: Weight) {
        assert!(weight.0 >= 1, "a server's weight is at least 1");
        let taken = self.weight - self.effective_weight;
        self.config.weight = weight;
        self.weight = i64::from(weight.0);
        self.effective_weight = (self.weight - taken).max(0);
    }

    /// Its turns begin anew: none is overdue.
    pub(super) const fn begin_turns(&mut self) {
        self.current_weight = 0;
    }

    /// An attempt is sent here.
    pub(super) fn begin(&mut self, second: SimTime) {
        self.connections += 1;
        if second.since(self.checked_at) > self.config.fail_timeout {
            self.checked_at = second;
        }
    }

    /// An attempt ended without failing. If it was begun after `fail_timeout` had passed, the server lives again.
    pub(super) fn forgive(&mut self) {
        if self.failed_at < self.checked_at {
            self.fails = 0;
        }
    }

    /// An attempt failed.
    pub(super) fn blame(&mut self, second: SimTime) {
        self.fails = self.fails.saturating_add(1);
        self.failed_at = second;
        self.checked_at = second;
        if self.config.max_fails > 0 {
            let taken = self.weight / i64::from(self.config.max_fails);
            self.effective_weight = (self.effective_weight - taken).max(0);
        }
    }

    /// To be called after a change to anything that [`Self::in_service`] sums up.
    pub(super) fn refresh(&mut self) {
        self.in_service = !self.config.down && self.down_since.is_none() && !self.standing_by;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed_at(nanos: u64) -> Server {
        let mut server = Server::new(ServerConfig { max_fails: 1, ..ServerConfig::default() });
        let second = whole_second(SimTime::from_nanos(nanos));
        server.begin(second);
        server.blame(second);
        server
    }

    #[test]
    fn the_clock_ticks_in_whole_seconds() {
        for nanos in [20_000_000_000, 20_999_999_999] {
            let server = failed_at(nanos);
            assert!(server.is_suspended(whole_second(SimTime::from_nanos(30_999_999_999))));
            assert!(!server.is_suspended(whole_second(SimTime::from_secs(31))));
            assert_eq!(server.suspended_until(), SimTime::from_secs(31));
        }
    }

    #[test]
    fn only_a_success_begun_after_the_timeout_clears_the_account() {
        let mut server = failed_at(20_000_000_000);
        server.forgive();
        assert_eq!(server.fails, 1, "an attempt from before the failure says nothing");
        server.begin(SimTime::from_secs(31));
        server.forgive();
        assert_eq!(server.fails, 0);
    }

    #[test]
    fn one_request_at_a_time_tries_a_server_whose_timeout_has_passed() {
        let mut server = failed_at(20_000_000_000);
        assert!(server.is_usable(SimTime::from_secs(31)));
        server.begin(SimTime::from_secs(31));
        assert!(!server.is_usable(SimTime::from_secs(31)), "the trial is under way");
    }

    #[test]
    fn failures_take_effective_weight_and_turns_bring_it_back() {
        let mut server =
            Server::new(ServerConfig { weight: Weight(6), max_fails: 3, ..ServerConfig::default() });
        for (failures, left) in [(1, 4), (2, 2), (3, 0), (4, 0)] {
            server.blame(SimTime::ZERO);
            assert_eq!(server.effective_weight, left, "after {failures} failures");
        }
        let gains: [i64; 8] = core::array::from_fn(|_| server.take_part());
        assert_eq!(gains, [0, 1, 2, 3, 4, 5, 6, 6]);
    }
}
