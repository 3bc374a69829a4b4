//! A load balancer's choice of server for each request.
//!
//! Every request takes a turn: of the servers that are in service, one is picked by the balancer's [`Algorithm`].
//! If that one refuses, the request goes on to another, until one answers or none is left. The balancer also
//! learns from this: a server that failed too often is left alone for a while, and those that answer slowly or
//! have much to do may be spared, as the algorithm says.
//!
//! Follows nginx 1.22 (`ngx_http_upstream_module`): weights and effective weights, `down`, `backup`, `max_fails` and
//! `fail_timeout`, `max_conns`, and `proxy_next_upstream` with its limits. On the same pool, the same requests and
//! the same failures it picks the server that nginx picks. Maglev and peak EWMA, which nginx lacks, follow the
//! sources that their modules name; everything else around them is as in nginx.
//!
//! # How it is driven
//!
//! For each request make a [`Tried`]. [`Balancer::pick`] answers where the request goes; when that attempt has
//! ended, [`Balancer::handle_result`] is told how, once for every pick. After a failure, pick again with the same
//! `Tried`. Health checks and the pool take servers out of and into service with [`Balancer::mark_down`],
//! [`Balancer::mark_up`] and [`Balancer::set_standing_by`]; requests that are under way stay where they are.
//! There are no outputs to poll and no timers: time matters only when a request comes.

mod algorithm;
mod ip_hash;
mod least_connections;
mod maglev;
mod method;
mod peak_ewma;
mod reason;
mod request;
mod round_robin;
mod server;
mod shares;
mod standings;
mod tried;
mod turn;
mod two_choices;

use alloc::vec::Vec;

pub use algorithm::{Algorithm, UnknownAlgorithm};
use method::Method;
use reason::Choice;
pub use reason::{Because, Decision, NotSent, PassedOver};
pub use request::Request;
pub use server::{Outcome, ServerConfig, ServerIndex, Weight};
use server::{Server, whole_second};
pub use tried::Tried;
use turn::Turn;

use crate::time::{SimDuration, SimTime};

/// How long a request may go from server to server: nginx's `proxy_next_upstream_tries` and `_timeout`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetryLimits {
    /// Most servers that one request tries, the first included; `None` for all there are.
    pub tries: Option<u32>,
    /// How long after its first pick a request may still be sent to another server; `None` for ever.
    pub timeout: Option<SimDuration>,
}

/// A pool of servers and whose turn it is. See the [module](self) for how it is driven.
#[derive(Clone, Debug)]
pub struct Balancer {
    algorithm: Algorithm,
    servers: Vec<Server>,
    method: Method,
    limits: RetryLimits,
    has_backups: bool,
    /// How many servers are [unusual](Server::is_unusual).
    unusual: usize,
}

impl Balancer {
    /// A balancer over these servers, all believed up.
    pub fn new<C: Into<ServerConfig>>(algorithm: Algorithm, servers: impl IntoIterator<Item = C>) -> Self {
        let servers: Vec<Server> = servers.into_iter().map(|config| Server::new(config.into())).collect();
        assert!(u16::try_from(servers.len()).is_ok(), "a pool holds at most 65,535 servers");
        let method = Method::new(algorithm, &servers);
        let has_backups = servers.iter().any(|server| server.config.backup);
        let mut balancer =
            Self { algorithm, servers, method, limits: RetryLimits::default(), has_backups, unusual: 0 };
        (0..balancer.servers.len()).for_each(|index| balancer.count(index));
        balancer
    }

    /// The same balancer with limits on how long a request goes from server to server.
    #[must_use]
    pub fn with_retry_limits(self, limits: RetryLimits) -> Self {
        Self { limits, ..self }
    }

    /// What it picks by.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// How many servers the pool has, in use or not.
    pub fn server_count(&self) -> usize {
        self.servers.len()
    }

    /// Every server, in pool order.
    pub fn servers(&self) -> impl Iterator<Item = ServerIndex> + use<> {
        (0..self.servers.len()).map(ServerIndex::of)
    }

    /// What a server was given.
    pub fn config(&self, server: ServerIndex) -> ServerConfig {
        self.servers[server.get()].config
    }

    /// Attempts that were sent to a server and have not ended.
    pub fn connections(&self, server: ServerIndex) -> u32 {
        self.servers[server.get()].connections
    }

    /// Whether a server is neither set down nor believed down.
    pub fn is_up(&self, server: ServerIndex) -> bool {
        !self.config(server).down && self.down_since(server).is_none()
    }

    /// Since when a server is believed down by health checks; `None` if it is believed up.
    pub fn down_since(&self, server: ServerIndex) -> Option<SimTime> {
        self.servers[server.get()].down_since
    }

    /// How overdue a server's turn is (nginx's `current_weight`); `None` where the algorithm does not go by it, or
    /// keeps it for whole groups of servers.
    pub fn current_weight(&self, server: ServerIndex) -> Option<i64> {
        let goes_by_it = matches!(self.method, Method::RoundRobin | Method::LeastConnections);
        goes_by_it.then(|| self.servers[server.get()].current_weight)
    }

    /// The latency that peak EWMA reckons with for a server, zero before its first answer; `None` for the other
    /// algorithms, which keep none.
    pub fn average_latency(&self, server: ServerIndex, now: SimTime) -> Option<SimDuration> {
        self.method.average_latency(server, now)
    }

    /// Takes a server into use again after its health checks turned up.
    pub fn mark_up(&mut self, server: ServerIndex) {
        self.change(server, |server| server.down_since = None);
    }

    /// Takes a server out of use after its health checks turned down.
    pub fn mark_down(&mut self, server: ServerIndex, now: SimTime) {
        self.change(server, |server| {
            server.down_since.get_or_insert(now);
        });
    }

    /// Keeps a server out of the rotation, up or not, or lets it back in: for the pool's standbys.
    pub fn set_standing_by(&mut self, server: ServerIndex, standing_by: bool) {
        self.change(server, |server| server.standing_by = standing_by);
    }

    /// Makes a server a backup or a primary while running. Requests under way are not concerned.
    pub fn set_backup(&mut self, server: ServerIndex, backup: bool) {
        if self.config(server).backup != backup {
            self.change(server, |server| server.config.backup = backup);
            self.has_backups = self.servers.iter().any(|server| server.config.backup);
        }
    }

    /// Picks by another algorithm from the next pick on. All turns begin anew, as after a reload of nginx; requests under
    /// way and the account of failures stay.
    pub fn set_algorithm(&mut self, algorithm: Algorithm) {
        self.algorithm = algorithm;
        self.method = Method::new(algorithm, &self.servers);
        self.servers.iter_mut().for_each(Server::begin_turns);
    }

    /// Changes a server's share of the turns from the next pick on: HAProxy's `set server ... weight`. All turns
    /// begin anew; what failures took from its weight stays taken, so long as there is as much.
    pub fn set_weight(&mut self, server: ServerIndex, weight: Weight) {
        self.servers[server.get()].set_weight(weight);
        self.servers.iter_mut().for_each(Server::begin_turns);
        self.method.weights_changed(&self.servers);
    }

    fn change(&mut self, server: ServerIndex, change: impl FnOnce(&mut Server)) {
        let index = server.get();
        let server = &mut self.servers[index];
        let before = (server.in_service, server.config.backup);
        change(server);
        server.refresh();
        if before != (server.in_service, server.config.backup) {
            self.method.server_changed(index, server);
            self.method.membership_changed(&self.servers);
        }
        self.count(index);
    }

    /// Keeps the count of unusual servers after a change of one.
    fn count(&mut self, index: usize) {
        let server = &mut self.servers[index];
        let (was, is) = (server.counted_unusual, server.is_unusual());
        server.counted_unusual = is;
        self.unusual = self.unusual + usize::from(is) - usize::from(was);
    }

    /// Whether a request that was sent nowhere yet could be sent to every server: known without looking at each.
    pub const fn all_are_usable(&self) -> bool {
        self.unusual == 0
    }

    /// Picks the server for a request that has tried `tried` so far and notes it there; `None` when it can be
    /// sent nowhere. Each pick is followed by one [`Self::handle_result`].
    pub fn pick(&mut self, now: SimTime, request: &Request, tried: &mut Tried) -> Option<ServerIndex> {
        self.choose(now, request, tried).ok().map(|choice| ServerIndex::of(choice.index))
    }

    /// An attempt that [`Self::pick`] sent to `server` has ended.
    pub fn handle_result(&mut self, now: SimTime, server: ServerIndex, outcome: Outcome) {
        // nginx keeps no account of a server that is alone: there is nowhere else to go.
        let alone = self.servers.len() == 1;
        self.method.handle_result(now, server, outcome);
        let index = server.get();
        let server = &mut self.servers[index];
        server.connections = server
            .connections
            .checked_sub(1)
            .expect("each pick has one result, and none comes without a pick");
        match outcome {
            _ if alone => {}
            Outcome::Failed => server.blame(whole_second(now)),
            Outcome::Answered { .. } | Outcome::Abandoned => server.forgive(),
        }
        self.method.server_changed(index, server);
        self.count(index);
    }

    /// Sends one request from server to server, each answering or failing at once as `answers` says, until one
    /// answers. Returns that one; `tried` holds all that were tried.
    pub fn send(
        &mut self,
        now: SimTime,
        request: &Request,
        tried: &mut Tried,
        mut answers: impl FnMut(ServerIndex) -> bool,
    ) -> Option<ServerIndex> {
        while let Some(server) = self.pick(now, request, tried) {
            if answers(server) {
                self.handle_result(now, server, Outcome::Answered { took: SimDuration::ZERO });
                return Some(server);
            }
            self.handle_result(now, server, Outcome::Failed);
        }
        None
    }

    /// What [`Self::pick`] would answer now, and why. Works on a copy, so it costs as much as the pool is large.
    pub fn explain(&self, now: SimTime, request: &Request, tried: &Tried) -> Decision {
        let picked = self
            .clone()
            .choose(now, request, &mut tried.clone())
            .map(|choice| (ServerIndex::of(choice.index), choice.because));
        let passed_over = self
            .servers()
            .filter_map(|server| self.why_not(now, server, tried).map(|reason| (server, reason)))
            .collect();
        Decision { picked, passed_over }
    }

    /// Why a request that has tried `tried` would not be sent to `server` now; `None` if it could be.
    pub fn why_not(&self, now: SimTime, server: ServerIndex, tried: &Tried) -> Option<PassedOver> {
        let own = self.why_not_usable(now, server.get(), tried);
        let on_backups = tried.on_backups && self.has_backups;
        let is_backup = self.servers[server.get()].config.backup;
        own.or_else(|| match (is_backup, on_backups) {
            (false, true) => Some(PassedOver::LeftForBackups),
            (true, false) if self.primary_is_left(now, tried) => Some(PassedOver::Backup),
            _ => None,
        })
    }

    fn primary_is_left(&self, now: SimTime, tried: &Tried) -> bool {
        let mut indices = 0..self.servers.len();
        indices.any(|index| {
            !self.servers[index].config.backup && self.why_not_usable(now, index, tried).is_none()
        })
    }

    fn why_not_usable(&self, now: SimTime, index: usize, tried: &Tried) -> Option<PassedOver> {
        let server = &self.servers[index];
        if server.config.down {
            Some(PassedOver::SetDown)
        } else if let Some(since) = server.down_since {
            Some(PassedOver::Down { since })
        } else if server.standing_by {
            Some(PassedOver::StandingBy)
        } else if tried.contains(ServerIndex::of(index)) {
            Some(PassedOver::Tried)
        } else if server.is_suspended(whole_second(now)) {
            Some(PassedOver::Suspended { fails: server.fails, until: server.suspended_until() })
        } else if server.is_full() {
            Some(PassedOver::Full { connections: server.connections })
        } else {
            None
        }
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "who only picks has no use for the reasons, and they are not copied then"
    )]
    fn choose(&mut self, now: SimTime, request: &Request, tried: &mut Tried) -> Result<Choice, NotSent> {
        if tried.count() == 0 {
            tried.started = now;
        } else {
            self.check_limits(now, tried)?;
        }
        let second = whole_second(now);
        let backups = tried.on_backups && self.has_backups;
        let mut turn = Turn { servers: &mut self.servers, tried, backups, now, second };
        let mut found = self.method.pick(&mut turn, request);
        if found.is_none() && self.has_backups && !turn.backups {
            turn.backups = true;
            turn.tried.on_backups = true;
            found = self.method.pick(&mut turn, request);
        }
        if let Some(Choice { index, .. }) = found {
            let server = &mut self.servers[index];
            server.begin(second);
            self.method.server_changed(index, server);
            tried.note(ServerIndex::of(index));
            tried.picked_at = now;
            self.count(index);
        }
        found.ok_or(NotSent::NoServerLeft)
    }

    fn check_limits(&self, now: SimTime, tried: &Tried) -> Result<(), NotSent> {
        let since = tried.started;
        match self.limits {
            RetryLimits { tries: Some(most), .. } if tried.count() >= most as usize => {
                Err(NotSent::TriesSpent { tries: most })
            }
            RetryLimits { timeout: Some(timeout), .. } if now.since(since) >= timeout => {
                Err(NotSent::TimeSpent { since })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn round_robin<const N: usize>(weights: [u32; N]) -> Balancer {
        Balancer::new(Algorithm::RoundRobin, weights.map(Weight))
    }

    /// Sends requests that all servers but `dead` answer, and says which did.
    fn answers(balancer: &mut Balancer, count: usize, dead: &[u16]) -> Vec<Option<u16>> {
        let alive = |server: ServerIndex| !dead.contains(&server.0);
        let mut send = || balancer.send(SimTime::ZERO, &Request::default(), &mut Tried::default(), alive);
        (0..count).map(|_| send().map(|server| server.0)).collect()
    }

    fn picks(balancer: &mut Balancer, count: usize) -> Vec<u16> {
        answers(balancer, count, &[]).into_iter().map(|server| server.expect("a server is up")).collect()
    }

    #[test]
    fn equal_servers_take_turns() {
        assert_eq!(picks(&mut round_robin([1; 3]), 7), [0, 1, 2, 0, 1, 2, 0]);
    }

    #[test]
    fn a_heavy_servers_turns_are_spread_out() {
        assert_eq!(picks(&mut round_robin([5, 1, 1]), 7), [0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn a_weight_that_is_changed_counts_from_the_next_pick_on_under_every_algorithm() {
        for algorithm in Algorithm::ALL {
            let mut balancer = Balancer::new(algorithm, [Weight(1); 40]);
            balancer.set_weight(ServerIndex(3), Weight(81));
            let mut sent = 0;
            for number in 0..12_000_u64 {
                // Spread over the whole range, as hashes and draws are.
                let key = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let address = core::net::Ipv4Addr::from(u32::try_from(key >> 32).expect("32 bits"));
                let request =
                    Request { random: key, client: address.into(), ..Request::default() }.with_key(key);
                let picked = balancer.pick(SimTime::ZERO, &request, &mut Tried::default());
                let picked = picked.expect("all are up");
                sent += u32::from(picked == ServerIndex(3));
                let answered = Outcome::Answered { took: SimDuration::from_millis(1) };
                balancer.handle_result(SimTime::ZERO, picked, answered);
            }
            // By turns and hashes 8,100; two draws, give fewer.
            assert!(sent >= 2_000, "{algorithm}: {sent} of 12,000, and 300 before");
        }
    }

    #[test]
    fn another_algorithm_leaves_requests_under_way_where_they_are() {
        for (from, to) in Algorithm::ALL.into_iter().zip(Algorithm::ALL.into_iter().cycle().skip(1)) {
            let mut balancer = Balancer::new(from, [Weight(1); 40]);
            let mut picked = Vec::new();
            for random in 0..60 {
                let request = Request { random, ..Request::default() };
                picked.extend(balancer.pick(SimTime::ZERO, &request, &mut Tried::default()));
            }
            balancer.set_algorithm(to);
            assert_eq!(balancer.algorithm(), to);
            let under_way: u32 = balancer.servers().map(|server| balancer.connections(server)).sum();
            assert_eq!(under_way, 60, "{from} to {to}");
            for server in picked {
                balancer.handle_result(SimTime::ZERO, server, Outcome::Failed);
            }
            assert!(balancer.servers().all(|server| balancer.connections(server) == 0));
        }
    }

    #[test]
    fn a_server_believed_down_is_passed_over_until_it_is_up() {
        let mut balancer = round_robin([1; 3]);
        let since = SimTime::from_secs(3);
        balancer.mark_down(ServerIndex(1), since);
        balancer.mark_down(ServerIndex(1), SimTime::from_secs(9));
        assert_eq!(picks(&mut balancer, 4), [0, 2, 0, 2]);
        let why = balancer.why_not(SimTime::from_secs(9), ServerIndex(1), &Tried::default());
        assert_eq!(why, Some(PassedOver::Down { since }));
        balancer.mark_up(ServerIndex(1));
        let shares = picks(&mut balancer, 300);
        for server in 0..3 {
            assert_eq!(shares.iter().filter(|&&picked| picked == server).count(), 100);
        }
    }

    #[test]
    fn a_retry_goes_to_another_server_until_none_is_left() {
        let mut balancer = round_robin([1; 3]);
        let mut tried = Tried::default();
        let answer = balancer.send(SimTime::ZERO, &Request::default(), &mut tried, |_| false);
        assert_eq!(answer, None);
        assert_eq!(tried.iter().map(|server| server.0).collect::<Vec<_>>(), [0, 1, 2]);
        let decision = balancer.explain(SimTime::ZERO, &Request::default(), &Tried::default());
        assert_eq!(decision.picked, Err(NotSent::NoServerLeft), "all three failed and are left alone");
    }

    #[test]
    fn a_dead_server_costs_a_retry_until_max_fails_and_then_nothing() {
        let mut balancer = round_robin([1; 3]);
        let mut tried = Tried::default();
        balancer.send(SimTime::ZERO, &Request::default(), &mut tried, |server| server.0 != 0);
        assert_eq!(tried.count(), 2, "the first request finds out");
        for _ in 0..4 {
            let mut tried = Tried::default();
            balancer.send(SimTime::ZERO, &Request::default(), &mut tried, |server| server.0 != 0);
            assert_eq!(tried.count(), 1, "the others are spared");
        }
        let why = balancer.why_not(SimTime::ZERO, ServerIndex(0), &Tried::default());
        assert_eq!(why, Some(PassedOver::Suspended { fails: 1, until: SimTime::from_secs(11) }));
        assert_eq!(balancer.why_not(SimTime::from_secs(11), ServerIndex(0), &Tried::default()), None);
    }

    #[test]
    fn backups_serve_when_the_primaries_are_exhausted_and_not_before() {
        let backup = ServerConfig { backup: true, ..ServerConfig::default() };
        let mut balancer =
            Balancer::new(Algorithm::RoundRobin, [backup, Weight(1).into(), Weight(1).into(), backup]);
        assert_eq!(answers(&mut balancer, 3, &[]), [Some(1), Some(2), Some(1)]);
        let why = balancer.why_not(SimTime::ZERO, ServerIndex(0), &Tried::default());
        assert_eq!(why, Some(PassedOver::Backup));
        assert_eq!(answers(&mut balancer, 3, &[1, 2]), [Some(0), Some(3), Some(0)]);
        assert_eq!(answers(&mut balancer, 1, &[0, 1, 2, 3]), [None]);
    }

    #[test]
    fn a_server_alone_is_tried_by_every_request() {
        let mut balancer = round_robin([1]);
        assert_eq!(answers(&mut balancer, 3, &[0]), [None; 3]);
        assert_eq!(answers(&mut balancer, 1, &[]), [Some(0)]);
    }

    #[test]
    fn an_empty_pool_and_a_pool_all_down_answer_none() {
        for algorithm in Algorithm::ALL {
            let mut balancer = Balancer::new(algorithm, [Weight(1); 0]);
            assert_eq!(answers(&mut balancer, 1, &[]), [None], "{algorithm}");
            let mut balancer = Balancer::new(algorithm, [Weight(1); 2]);
            balancer.mark_down(ServerIndex(0), SimTime::ZERO);
            balancer.mark_down(ServerIndex(1), SimTime::ZERO);
            assert_eq!(answers(&mut balancer, 1, &[]), [None], "{algorithm}");
        }
    }

    #[test]
    fn a_full_server_is_passed_over_until_a_request_leaves_it() {
        let full = ServerConfig { max_connections: Some(1), ..ServerConfig::default() };
        let mut balancer = Balancer::new(Algorithm::RoundRobin, [full; 2]);
        let pick = |balancer: &mut Balancer| {
            balancer.pick(SimTime::ZERO, &Request::default(), &mut Tried::default())
        };
        assert_eq!(pick(&mut balancer), Some(ServerIndex(0)));
        assert_eq!(pick(&mut balancer), Some(ServerIndex(1)));
        assert_eq!(pick(&mut balancer), None);
        balancer.handle_result(SimTime::ZERO, ServerIndex(0), Outcome::Abandoned);
        assert_eq!(pick(&mut balancer), Some(ServerIndex(0)));
    }

    #[test]
    fn a_request_tries_no_more_servers_and_no_longer_than_it_may() {
        let limits = RetryLimits { tries: Some(2), timeout: Some(SimDuration::from_secs(1)) };
        let mut balancer = round_robin([1; 9]).with_retry_limits(limits);
        let mut tried = Tried::default();
        balancer.send(SimTime::ZERO, &Request::default(), &mut tried, |_| false);
        assert_eq!(tried.count(), 2);
        let started = SimTime::from_millis(500);
        let mut tried = Tried::default();
        assert!(balancer.pick(started, &Request::default(), &mut tried).is_some());
        let decision = balancer.explain(SimTime::from_millis(1_500), &Request::default(), &tried);
        assert_eq!(decision.picked, Err(NotSent::TimeSpent { since: started }));
    }
}
