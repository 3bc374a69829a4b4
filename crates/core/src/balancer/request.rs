//! What a balancer looks at in a request, and the arithmetic it spreads requests with.

use core::net::{IpAddr, Ipv4Addr};

/// The parts of a request that an algorithm may go by. Round robin and least connections look at none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks: `ip_hash` goes by this.
    pub client: IpAddr,
    /// What is asked for, or by whom, as a number of the caller's choice: Maglev goes by this.
    pub key: u64,
    /// A random number, fresh for each request: random of two and peak EWMA draw with this, anew for each retry.
    pub random: u64,
}

impl Request {
    /// A request by `client`, whose address is also its key.
    pub fn new(client: IpAddr, random: u64) -> Self {
        let key = match client {
            IpAddr::V4(address) => u64::from(address.to_bits()),
            IpAddr::V6(address) => address
                .segments()
                .iter()
                .fold(0, |key: u64, &segment| mix(key.wrapping_add(u64::from(segment) + 1))),
        };
        Self { client, key, random }
    }

    /// The same request with another key.
    #[must_use]
    pub const fn with_key(self, key: u64) -> Self {
        Self { key, ..self }
    }
}

impl Default for Request {
    /// A request by nobody in particular, for the algorithms that do not care.
    fn default() -> Self {
        Self { client: IpAddr::V4(Ipv4Addr::UNSPECIFIED), key: 0, random: 0 }
    }
}

/// Turns a number into one that looks like a random other; different numbers stay different.
///
/// The finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
pub(super) const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// As many draws as it takes from the one random number that a pick was given.
pub(super) struct Draws(u64);

impl Draws {
    /// The draws of a request's first attempt (0), or of one of its retries.
    pub(super) fn new(random: u64, attempt: usize) -> Self {
        let attempt = u64::try_from(attempt).expect("a pool holds at most 65,535 servers");
        Self(random.wrapping_add(mix(attempt)))
    }

    /// A number from 0 to `bound - 1`. Off from uniform by less than `bound / 2^64`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let wide = u128::from(mix(self.0)) * u128::from(bound);
        (wide >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_below_their_bound_and_reach_all_of_it() {
        let mut draws = Draws::new(1, 0);
        let mut seen = [0_u32; 7];
        for _ in 0..7_000 {
            seen[usize::try_from(draws.below(7)).expect("below 7")] += 1;
        }
        assert!(seen.iter().all(|&count| (850..1_150).contains(&count)), "{seen:?}");
    }

    #[test]
    fn a_clients_address_is_its_key_unless_another_is_given() {
        let client = IpAddr::from([10, 0, 0, 7]);
        assert_eq!(Request::new(client, 0).key, Request::new(client, 9).key);
        assert_ne!(Request::new(client, 0).key, Request::new(IpAddr::from([10, 0, 0, 8]), 0).key);
        assert_eq!(Request::new(client, 0).with_key(5).key, 5);
    }
}
