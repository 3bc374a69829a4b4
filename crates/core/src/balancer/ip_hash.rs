//! IP hash: requests of one client network go to one server, as long as that is up.
//!
//! Follows nginx 1.22, `ngx_http_upstream_ip_hash_module` (directive `ip_hash`): the first three octets of an IPv4
//! address, or the whole IPv6 address, are hashed onto the servers laid out by weight, those out of service
//! included. A server that cannot be used is passed over by hashing on from where the hash stands, so that only
//! the requests of that server move; after 20 such steps the request takes its turn by round robin.
//!
//! The hash has 6,271 values. This is nginx's: with some hundreds of servers shares are only roughly equal, and what
//! lies beyond a total weight of 6,271 gets no request but by round robin. Flat with equal weights; with unequal ones
//! a place is found by binary search, where nginx walks along the list.

use core::net::IpAddr;

use super::reason::{Because, Choice};
use super::shares::Shares;
use super::turn::Turn;

/// What the hash of every request starts with.
pub(super) const START: u16 = 89;
const FACTOR: u32 = 113;
const MODULUS: u32 = 6_271;

pub(super) fn pick(turn: &mut Turn<'_>, shares: &Shares, client: IpAddr) -> Option<Choice> {
    if turn.backups || turn.has_given_up() || shares.count() < 2 {
        return None;
    }
    let mut hash = turn.tried.address_hash;
    loop {
        hash = match client {
            IpAddr::V4(address) => hash_on(hash, &address.octets()[..3]),
            IpAddr::V6(address) => hash_on(hash, &address.octets()),
        };
        let index = shares.at(u64::from(hash) % shares.total());
        if turn.may_use(index) {
            turn.tried.address_hash = hash;
            return Some(Choice { index, because: Because::ClientAddress });
        }
        if !turn.miss() {
            return None;
        }
    }
}

fn hash_on(hash: u16, bytes: &[u8]) -> u16 {
    let hash = bytes.iter().fold(u32::from(hash), |hash, &byte| (hash * FACTOR + u32::from(byte)) % MODULUS);
    u16::try_from(hash).expect("below the modulus")
}
