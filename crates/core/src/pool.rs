//! Who of a pool serves: everybody, or the active servers with standbys behind them.
//!
//! In an active-active pool all servers take turns. In an active-passive one the standbys wait: they serve only
//! while no active server is up, or for requests that have tried every active one, as the mode says. What "up"
//! means, health checks decide ([`Pool::mark_down`], [`Pool::mark_up`]); who of those that serve gets a request, the
//! [`Balancer`] decides.
//!
//! The mode can be switched while the pool runs. Nothing that is under way is touched: a request stays on its
//! server, its connection is counted there until it ends, and only the next pick goes by the new mode.
//!
//! Follows HAProxy 2.6 (configuration manual, `server ... backup` and `option allbackups`) and nginx (`backup`).

use alloc::vec::Vec;

use crate::balancer::{
    Algorithm, Balancer, Decision, Outcome, PassedOver, Request, RetryLimits, ServerConfig, ServerIndex,
    Tried, Weight,
};
use crate::time::SimTime;

/// How the servers of a pool share the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// All serve, standbys too.
    #[default]
    ActiveActive,
    /// The standbys serve when the active servers cannot.
    ActivePassive(Standbys),
}

/// Which standbys step in, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standbys {
    /// While no active server is up, the first standby that is up, alone: HAProxy by default.
    FirstAlone,
    /// While no active server is up, all standbys: HAProxy with `option allbackups`.
    All,
    /// For each request that no active server is left for: nginx.
    PerRequest,
}

/// A balancer over active servers and standbys. See [`Balancer`] for how it is driven.
#[derive(Clone, Debug)]
pub struct Pool {
    balancer: Balancer,
    mode: Mode,
    /// In pool order.
    standbys: Vec<ServerIndex>,
}

impl Pool {
    /// A pool of these servers, all believed up; those that are set `backup` are its standbys.
    pub fn new<C: Into<ServerConfig>>(
        mode: Mode,
        algorithm: Algorithm,
        servers: impl IntoIterator<Item = C>,
    ) -> Self {
        let balancer = Balancer::new(algorithm, servers);
        let standbys = balancer.servers().filter(|&server| balancer.config(server).backup).collect();
        let mut pool = Self { balancer, mode, standbys };
        pool.arrange();
        pool
    }

    /// The same pool with limits on how long a request goes from server to server.
    #[must_use]
    pub fn with_retry_limits(self, limits: RetryLimits) -> Self {
        Self { balancer: self.balancer.with_retry_limits(limits), ..self }
    }

    /// How the servers share the work now.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Shares the work in another way from the next pick on.
    pub fn switch(&mut self, mode: Mode) {
        self.mode = mode;
        self.arrange();
    }

    /// Makes a server a standby or an active server from the next pick on; false if it was so already.
    pub fn set_standby(&mut self, server: ServerIndex, standby: bool) -> bool {
        match (self.standbys.binary_search(&server), standby) {
            (Err(place), true) => self.standbys.insert(place, server),
            (Ok(place), false) => {
                self.standbys.remove(place);
                self.balancer.set_standing_by(server, false);
                self.balancer.set_backup(server, false);
            }
            _ => return false,
        }
        self.arrange();
        true
    }

    /// Picks by another algorithm from the next pick on: see [`Balancer::set_algorithm`].
    pub fn set_algorithm(&mut self, algorithm: Algorithm) {
        self.balancer.set_algorithm(algorithm);
    }

    /// Changes a server's share of the turns: see [`Balancer::set_weight`].
    pub fn set_weight(&mut self, server: ServerIndex, weight: Weight) {
        self.balancer.set_weight(server, weight);
    }

    /// Whether a server is a standby, whatever the mode.
    pub fn is_standby(&self, server: ServerIndex) -> bool {
        self.standbys.binary_search(&server).is_ok()
    }

    /// The balancer in here, to look at.
    pub const fn balancer(&self) -> &Balancer {
        &self.balancer
    }

    /// Takes a server into use again after its health checks turned up.
    pub fn mark_up(&mut self, server: ServerIndex) {
        self.balancer.mark_up(server);
        self.arrange();
    }

    /// Takes a server out of use after its health checks turned down.
    pub fn mark_down(&mut self, server: ServerIndex, now: SimTime) {
        self.balancer.mark_down(server, now);
        self.arrange();
    }

    /// Picks the server for a request: see [`Balancer::pick`].
    pub fn pick(&mut self, now: SimTime, request: &Request, tried: &mut Tried) -> Option<ServerIndex> {
        self.balancer.pick(now, request, tried)
    }

    /// An attempt has ended: see [`Balancer::handle_result`].
    pub fn handle_result(&mut self, now: SimTime, server: ServerIndex, outcome: Outcome) {
        self.balancer.handle_result(now, server, outcome);
    }

    /// What [`Self::pick`] would answer now, and why.
    pub fn explain(&self, now: SimTime, request: &Request, tried: &Tried) -> Decision {
        self.balancer.explain(now, request, tried)
    }

    /// Whether a request that was sent nowhere yet could be sent to every server: known without looking at each.
    pub const fn all_are_usable(&self) -> bool {
        self.balancer.all_are_usable()
    }

    /// Why a request that has tried `tried` would not be sent to `server` now; `None` if it could be.
    pub fn why_not(&self, now: SimTime, server: ServerIndex, tried: &Tried) -> Option<PassedOver> {
        self.balancer.why_not(now, server, tried)
    }

    /// Puts every standby where the mode and the state of the others want it.
    fn arrange(&mut self) {
        let active_up =
            self.balancer.servers().any(|server| !self.is_standby(server) && self.balancer.is_up(server));
        let first_up = self.standbys.iter().copied().find(|&server| self.balancer.is_up(server));
        for &server in &self.standbys {
            let standing_by = match self.mode {
                Mode::ActiveActive | Mode::ActivePassive(Standbys::PerRequest) => false,
                Mode::ActivePassive(Standbys::All) => active_up,
                Mode::ActivePassive(Standbys::FirstAlone) => active_up || first_up != Some(server),
            };
            self.balancer.set_standing_by(server, standing_by);
            self.balancer.set_backup(server, self.mode == Mode::ActivePassive(Standbys::PerRequest));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::time::SimDuration;

    const FIRST_ALONE: Mode = Mode::ActivePassive(Standbys::FirstAlone);
    const ALL: Mode = Mode::ActivePassive(Standbys::All);
    const PER_REQUEST: Mode = Mode::ActivePassive(Standbys::PerRequest);

    /// Active servers 0 and 1, standbys 2 and 3.
    fn pool(mode: Mode) -> Pool {
        let active = ServerConfig::from(Weight(1));
        let standby = ServerConfig { backup: true, ..active };
        Pool::new(mode, Algorithm::RoundRobin, [active, active, standby, standby])
    }

    /// Who answers each of `count` requests; `None` once nobody does.
    fn answers(pool: &mut Pool, count: usize) -> Vec<Option<u16>> {
        let mut answer = || {
            let server = pool.pick(SimTime::ZERO, &Request::default(), &mut Tried::default())?;
            pool.handle_result(SimTime::ZERO, server, Outcome::Answered { took: SimDuration::ZERO });
            Some(server.0)
        };
        (0..count).map(|_| answer()).collect()
    }

    fn down(pool: &mut Pool, server: u16) {
        pool.mark_down(ServerIndex(server), SimTime::ZERO);
    }

    #[test]
    fn in_an_active_active_pool_all_take_turns() {
        assert_eq!(answers(&mut pool(Mode::ActiveActive), 4), [Some(0), Some(1), Some(2), Some(3)]);
    }

    #[test]
    fn standbys_serve_only_while_no_active_server_is_up() {
        for (mode, standbys) in [
            (FIRST_ALONE, [Some(2), Some(2), Some(2)]),
            (ALL, [Some(2), Some(3), Some(2)]),
            (PER_REQUEST, [Some(2), Some(3), Some(2)]),
        ] {
            let mut pool = pool(mode);
            assert_eq!(answers(&mut pool, 3), [Some(0), Some(1), Some(0)], "{mode:?}");
            down(&mut pool, 0);
            assert_eq!(answers(&mut pool, 2), [Some(1), Some(1)], "{mode:?}");
            down(&mut pool, 1);
            assert_eq!(answers(&mut pool, 3), standbys, "{mode:?}");
            down(&mut pool, 2);
            assert_eq!(answers(&mut pool, 2), [Some(3), Some(3)], "{mode:?}");
            down(&mut pool, 3);
            assert_eq!(answers(&mut pool, 1), [None], "{mode:?}");
            pool.mark_up(ServerIndex(2));
            pool.mark_up(ServerIndex(1));
            assert_eq!(answers(&mut pool, 2), [Some(1), Some(1)], "{mode:?}");
        }
    }

    #[test]
    fn only_nginx_sends_one_request_on_to_the_standbys() {
        for (mode, expected) in [(FIRST_ALONE, 2), (ALL, 2), (PER_REQUEST, 4), (Mode::ActiveActive, 4)] {
            let mut pool = pool(mode);
            let mut tried = Tried::default();
            while let Some(server) = pool.pick(SimTime::ZERO, &Request::default(), &mut tried) {
                pool.handle_result(SimTime::ZERO, server, Outcome::Failed);
            }
            assert_eq!(tried.count(), expected, "{mode:?}");
        }
    }

    #[test]
    fn a_switch_leaves_what_is_under_way_where_it_is() {
        let mut pool = pool(Mode::ActiveActive);
        let mut under_way: Vec<Tried> = Vec::new();
        for _ in 0..4 {
            let mut tried = Tried::default();
            pool.pick(SimTime::ZERO, &Request::default(), &mut tried).expect("all serve");
            under_way.push(tried);
        }
        pool.switch(FIRST_ALONE);
        let standby = ServerIndex(3);
        assert_eq!(pool.balancer().connections(standby), 1, "the request there goes on");
        let why = pool.why_not(SimTime::ZERO, standby, &Tried::default());
        assert_eq!(why, Some(PassedOver::StandingBy), "but no new one comes");
        for tried in &under_way {
            let server = tried.last().expect("it was sent");
            pool.handle_result(SimTime::ZERO, server, Outcome::Answered { took: SimDuration::ZERO });
        }
        assert!(pool.balancer().servers().all(|server| pool.balancer().connections(server) == 0));
        assert_eq!(answers(&mut pool, 3), [Some(0), Some(1), Some(0)]);
    }

    #[test]
    fn an_active_server_can_become_a_standby_and_back_in_every_mode() {
        for mode in [Mode::ActiveActive, FIRST_ALONE, ALL, PER_REQUEST] {
            let mut pool = pool(mode);
            assert!(pool.set_standby(ServerIndex(0), true) && !pool.set_standby(ServerIndex(0), true));
            assert!(pool.is_standby(ServerIndex(0)));
            if mode != Mode::ActiveActive {
                assert_eq!(answers(&mut pool, 2), [Some(1), Some(1)], "{mode:?}");
                down(&mut pool, 1);
                assert_eq!(answers(&mut pool, 1), [Some(0)], "the first standby, {mode:?}");
                pool.mark_up(ServerIndex(1));
            }
            assert!(pool.set_standby(ServerIndex(0), false));
            assert!(answers(&mut pool, 2).contains(&Some(0)), "{mode:?}");
        }
    }

    #[test]
    fn a_request_that_had_gone_on_to_the_standbys_may_go_anywhere_after_a_switch() {
        let mut pool = pool(PER_REQUEST);
        down(&mut pool, 0);
        down(&mut pool, 1);
        let mut tried = Tried::default();
        let first = pool.pick(SimTime::ZERO, &Request::default(), &mut tried);
        assert_eq!(first, Some(ServerIndex(2)));
        pool.handle_result(SimTime::ZERO, ServerIndex(2), Outcome::Failed);
        pool.switch(Mode::ActiveActive);
        pool.mark_up(ServerIndex(1));
        while pool.pick(SimTime::ZERO, &Request::default(), &mut tried).is_some() {}
        assert!(tried.contains(ServerIndex(1)), "an active server that is up again");
        assert!(tried.contains(ServerIndex(3)), "a standby that serves like all others now");
    }
}
