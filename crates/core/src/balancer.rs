//! A load balancer's choice of server for each request.
//!
//! Smooth weighted round robin, as nginx does it: every server in use gains its weight in credit, the one with
//! the most credit is picked and pays the sum of all weights. With equal weights this is plain taking turns; with
//! unequal ones a heavy server's turns are spread out instead of coming in a burst.
//!
//! Servers that health checks turned down are passed over, and so is one that this same request has already
//! tried. Follows nginx's `ngx_http_upstream_round_robin` (module `ngx_http_upstream_module`, directive `server`).

use alloc::vec::Vec;

use crate::time::SimTime;

/// Position of a server in its balancer's pool, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerIndex(pub u16);

impl ServerIndex {
    /// As an index into a slice kept in pool order.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// Share of the turns that a server gets, relative to the others'; at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(pub u32);

/// The servers that one request has tried so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried(Vec<ServerIndex>);

impl Tried {
    /// Whether the request was on `server` already.
    pub fn contains(&self, server: ServerIndex) -> bool {
        self.0.contains(&server)
    }

    /// How many servers were tried.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The servers, in the order they were tried.
    pub fn iter(&self) -> impl Iterator<Item = ServerIndex> {
        self.0.iter().copied()
    }
}

/// Why a server was not picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassedOver {
    /// Health checks turned it down at this instant.
    Down {
        /// Since when it is believed down.
        since: SimTime,
    },
    /// This request was on it already.
    Tried,
}

#[derive(Clone, Debug)]
struct Server {
    weight: i64,
    /// nginx's `current_weight`: how long overdue the server's turn is.
    credit: i64,
    down_since: Option<SimTime>,
}

/// A pool of servers and whose turn it is.
#[derive(Clone, Debug)]
pub struct Balancer {
    servers: Vec<Server>,
}

impl Balancer {
    /// A balancer over servers with these weights, all believed up.
    pub fn new(weights: impl IntoIterator<Item = Weight>) -> Self {
        let servers: Vec<Server> = weights
            .into_iter()
            .map(|Weight(weight)| {
                assert!(weight >= 1, "a server's weight is at least 1");
                Server { weight: i64::from(weight), credit: 0, down_since: None }
            })
            .collect();
        assert!(u16::try_from(servers.len()).is_ok(), "a pool holds at most 65,535 servers");
        Self { servers }
    }

    /// How many servers the pool has, in use or not.
    pub fn server_count(&self) -> usize {
        self.servers.len()
    }

    /// Takes a server into use again after its health checks turned up.
    pub fn mark_up(&mut self, server: ServerIndex) {
        self.servers[server.get()].down_since = None;
    }

    /// Takes a server out of use after its health checks turned down.
    pub fn mark_down(&mut self, server: ServerIndex, now: SimTime) {
        self.servers[server.get()].down_since.get_or_insert(now);
    }

    /// Picks the server for a request that has tried `tried` so far and notes it there; `None` when no server is
    /// left to try.
    pub fn pick(&mut self, tried: &mut Tried) -> Option<ServerIndex> {
        let mut total = 0;
        let mut best: Option<usize> = None;
        for index in 0..self.servers.len() {
            if self.passed_over(index, tried).is_some() {
                continue;
            }
            let server = &mut self.servers[index];
            server.credit += server.weight;
            total += server.weight;
            // On equal credit the earlier server wins, as in nginx.
            if best.is_none_or(|best| self.servers[index].credit > self.servers[best].credit) {
                best = Some(index);
            }
        }
        let best = best?;
        self.servers[best].credit -= total;
        let picked = ServerIndex(u16::try_from(best).expect("checked in new"));
        tried.0.push(picked);
        Some(picked)
    }

    /// Why a request that has tried `tried` would not be sent to `server`; `None` if it could be.
    pub fn why_not(&self, server: ServerIndex, tried: &Tried) -> Option<PassedOver> {
        self.passed_over(server.get(), tried)
    }

    fn passed_over(&self, index: usize, tried: &Tried) -> Option<PassedOver> {
        if let Some(since) = self.servers[index].down_since {
            return Some(PassedOver::Down { since });
        }
        // Almost every request is on its first try: skip the search.
        let tried_already = tried.count() > 0 && tried.0.iter().any(|server| server.get() == index);
        tried_already.then_some(PassedOver::Tried)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn picks(balancer: &mut Balancer, count: usize) -> Vec<u16> {
        (0..count).map(|_| balancer.pick(&mut Tried::default()).expect("a server is up").0).collect()
    }

    #[test]
    fn equal_servers_take_turns() {
        let mut balancer = Balancer::new([Weight(1); 3]);
        assert_eq!(picks(&mut balancer, 7), [0, 1, 2, 0, 1, 2, 0]);
    }

    #[test]
    fn a_heavy_servers_turns_are_spread_out() {
        let mut balancer = Balancer::new([Weight(5), Weight(1), Weight(1)]);
        assert_eq!(picks(&mut balancer, 7), [0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn a_server_believed_down_is_passed_over_until_it_is_up() {
        let mut balancer = Balancer::new([Weight(1); 3]);
        balancer.mark_down(ServerIndex(1), SimTime::from_secs(3));
        assert_eq!(picks(&mut balancer, 4), [0, 2, 0, 2]);
        assert_eq!(
            balancer.why_not(ServerIndex(1), &Tried::default()),
            Some(PassedOver::Down { since: SimTime::from_secs(3) })
        );
        balancer.mark_up(ServerIndex(1));
        let shares = picks(&mut balancer, 300);
        for server in 0..3 {
            assert_eq!(shares.iter().filter(|&&picked| picked == server).count(), 100);
        }
    }

    #[test]
    fn a_retry_goes_to_another_server_until_none_is_left() {
        let mut balancer = Balancer::new([Weight(1); 3]);
        let mut tried = Tried::default();
        let mut seen: Vec<u16> =
            core::iter::from_fn(|| balancer.pick(&mut tried)).map(|server| server.0).collect();
        assert_eq!(tried.count(), 3);
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
    }

    #[test]
    fn an_empty_pool_and_a_pool_all_down_answer_none() {
        assert_eq!(Balancer::new([]).pick(&mut Tried::default()), None);
        let mut balancer = Balancer::new([Weight(1)]);
        balancer.mark_down(ServerIndex(0), SimTime::ZERO);
        assert_eq!(balancer.pick(&mut Tried::default()), None);
    }
}
