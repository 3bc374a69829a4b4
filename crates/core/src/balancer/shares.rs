//! The primaries laid end to end along a line, each as long as its weight, so that a number below the total falls
//! on each as often as its weight says.

use alloc::vec::Vec;

use super::server::Server;

#[derive(Clone, Debug)]
pub(super) struct Shares {
    servers: Vec<u16>,
    /// Where each server's stretch ends.
    ends: Vec<u64>,
    /// The weight that all have, if all have the same.
    equal: Option<u64>,
}

impl Shares {
    /// Primaries in service or not: nginx does not lay them out anew when one fails.
    pub(super) fn of_primaries(servers: &[Server]) -> Self {
        let primaries = || servers.iter().enumerate().filter(|(_, server)| !server.config.backup);
        let weights = || primaries().map(|(_, server)| u64::from(server.config.weight.0));
        let mut end = 0;
        let ends = weights()
            .map(|weight| {
                end += weight;
                end
            })
            .collect();
        let first = weights().next();
        Self {
            servers: primaries()
                .map(|(index, _)| u16::try_from(index).expect("a pool holds at most 65,535 servers"))
                .collect(),
            ends,
            equal: first.filter(|&first| weights().all(|weight| weight == first)),
        }
    }

    /// Lays them out anew if a server became a backup or a primary.
    pub(super) fn membership_changed(&mut self, servers: &[Server]) {
        let is_primary = |&index: &u16| !servers[usize::from(index)].config.backup;
        let primaries = servers.iter().filter(|server| !server.config.backup).count();
        if primaries != self.count() || !self.servers.iter().all(is_primary) {
            *self = Self::of_primaries(servers);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.servers.len()
    }

    /// The length of the line; 0 when there are no primaries.
    pub(super) fn total(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The server on whose stretch `place` falls; `place` is below the total. Equal weights take one division,
    /// unequal ones a binary search.
    pub(super) fn at(&self, place: u64) -> usize {
        let position = match self.equal {
            Some(weight) => usize::try_from(place / weight).expect("below the number of servers"),
            None => self.ends.partition_point(|&end| end <= place),
        };
        usize::from(self.servers[position])
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::super::server::{ServerConfig, Weight};
    use super::*;

    fn layout(weights: &[(u32, bool)]) -> Vec<usize> {
        let servers: Vec<Server> = weights
            .iter()
            .map(|&(weight, backup)| {
                Server::new(ServerConfig { weight: Weight(weight), backup, ..ServerConfig::default() })
            })
            .collect();
        let shares = Shares::of_primaries(&servers);
        (0..shares.total()).map(|place| shares.at(place)).collect()
    }

    #[test]
    fn each_primary_is_as_long_as_its_weight() {
        assert_eq!(layout(&[(3, false), (1, false), (9, true), (2, false)]), [0, 0, 0, 1, 3, 3]);
        assert_eq!(layout(&[(2, false), (5, true), (2, false)]), [0, 0, 2, 2]);
        assert!(layout(&[(5, true)]).is_empty());
    }
}
