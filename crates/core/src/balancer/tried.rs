//! What one request has been through so far.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::server::ServerIndex;
use crate::time::SimTime;

/// Attempts that are kept without allocating: hardly a request needs more.
const INLINE: usize = 4;

/// The servers that one request has tried so far, in order; each is tried at most once.
///
/// Make one for each request, hand it to every pick for that request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    count: u16,
    /// The first ones, or all of them once `more` is there.
    first: [ServerIndex; INLINE],
    more: Option<Box<More>>,
    /// When the request asked for its first server.
    pub(super) started: SimTime,
    pub(super) picked_at: SimTime,
    /// nginx's `rrp->peers`: a request that went on to the backups does not come back.
    pub(super) on_backups: bool,
    /// Candidates that a hash or a draw came upon and that could not be used.
    pub(super) misses: u8,
    /// How far `ip_hash` has come, for its next candidate.
    pub(super) address_hash: u16,
}

/// For the rare request that fails on one server after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct More {
    order: Vec<ServerIndex>,
    /// One bit for each server.
    seen: Vec<u64>,
}

impl Default for Tried {
    fn default() -> Self {
        Self {
            count: 0,
            first: [ServerIndex(0); INLINE],
            more: None,
            started: SimTime::ZERO,
            picked_at: SimTime::ZERO,
            on_backups: false,
            misses: 0,
            address_hash: super::ip_hash::START,
        }
    }
}

impl Tried {
    /// What a request has been through that was sent to `server` at `at`, and nowhere before or since.
    pub fn once(server: ServerIndex, at: SimTime) -> Self {
        let mut tried = Self { started: at, picked_at: at, ..Self::default() };
        tried.note(server);
        tried
    }

    /// Whether there is nothing to know but the server and the instant: [`Self::once`] makes the same again.
    #[inline]
    pub const fn is_once(&self) -> bool {
        self.count == 1
            && self.started.as_nanos() == self.picked_at.as_nanos()
            && !self.on_backups
            && self.misses == 0
            && self.address_hash == super::ip_hash::START
    }

    /// Whether the request was on `server` already.
    pub fn contains(&self, server: ServerIndex) -> bool {
        match &self.more {
            None => self.first[..self.count()].contains(&server),
            Some(more) => more.seen.get(server.get() / 64).is_some_and(|word| word & bit(server) != 0),
        }
    }

    /// How many servers were tried.
    pub fn count(&self) -> usize {
        usize::from(self.count)
    }

    /// Whether they are more than are kept without allocating.
    pub const fn are_many(&self) -> bool {
        self.more.is_some()
    }

    /// The servers, in the order they were tried.
    pub fn iter(&self) -> impl Iterator<Item = ServerIndex> {
        let servers = self.more.as_ref().map_or(&self.first[..], |more| &more.order);
        servers[..self.count()].iter().copied()
    }

    /// The server that the request is on, or was on last.
    pub fn last(&self) -> Option<ServerIndex> {
        self.iter().last()
    }

    /// When the request was sent to the server it is on, or was on last.
    pub const fn picked_at(&self) -> SimTime {
        self.picked_at
    }

    pub(super) fn note(&mut self, server: ServerIndex) {
        let count = self.count();
        if count < INLINE {
            self.first[count] = server;
        } else {
            let first = self.first;
            let more = self.more.get_or_insert_with(|| {
                let mut more = More::default();
                for server in first {
                    more.note(server);
                }
                Box::new(more)
            });
            more.note(server);
        }
        self.count += 1;
    }
}

impl More {
    fn note(&mut self, server: ServerIndex) {
        self.order.push(server);
        let word = server.get() / 64;
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        self.seen[word] |= bit(server);
    }
}

fn bit(server: ServerIndex) -> u64 {
    1 << (server.0 % 64)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn a_first_attempt_is_made_again_from_its_server_and_its_instant() {
        use crate::balancer::{Algorithm, Balancer, Outcome, Request, Weight};
        use crate::time::SimDuration;

        for algorithm in Algorithm::ALL {
            let mut balancer = Balancer::new(algorithm, [Weight(1); 3]);
            let mut made_again = 0;
            for number in 0..300 {
                let now = SimTime::ZERO + SimDuration::from_millis(number * 700);
                let request = Request { random: number << 54, ..Request::default() }.with_key(number);
                let mut tried = Tried::default();
                assert!(!tried.is_once());
                let server = balancer.pick(now, &request, &mut tried).expect("one is left");
                if tried.is_once() {
                    assert_eq!(tried, Tried::once(server, now));
                    made_again += 1;
                }
                let outcome = if number % 20 == 0 { Outcome::Failed } else { Outcome::Abandoned };
                balancer.handle_result(now, server, outcome);
                if balancer.pick(now, &request, &mut tried).is_some_and(|second| {
                    balancer.handle_result(now, second, Outcome::Abandoned);
                    true
                }) {
                    assert!(!tried.is_once(), "two servers were tried");
                }
            }
            assert_eq!(made_again > 0, algorithm != Algorithm::IpHash, "{algorithm}");
        }
    }

    #[test]
    fn remembers_many_as_well_as_few() {
        let mut tried = Tried::default();
        let servers = [7, 0, 65_534, 64, 63, 128, 1].map(ServerIndex);
        for (count, &server) in servers.iter().enumerate() {
            assert!(!tried.contains(server));
            assert_eq!(tried.count(), count);
            tried.note(server);
            assert_eq!(tried.last(), Some(server));
            for &other in &servers {
                assert_eq!(tried.contains(other), servers[..=count].contains(&other));
            }
        }
        assert_eq!(tried.iter().collect::<Vec<_>>(), servers);
    }
}
