//! Maglev: consistent hashing by one look into a table. Requests with one key go to one server; when a server
//! leaves, its keys are spread over the others and hardly any other key moves.
//!
//! Follows Eisenbud et al., "Maglev: a fast and reliable software network load balancer" (NSDI 2016), section 3.4:
//! every server has its own order of preference over all slots of the table, and the servers take turns claiming
//! the slot they like best of those still free. A heavier server takes more of the turns, as the section allows.
//! The table has 65,537 slots or, from 656 servers, 655,373: the paper's two sizes, more than 100 for each server.
//!
//! A pick is flat: it reads one slot. The table is made anew, in time that grows with its size, when the set of
//! servers in service changes. A server that failed too often or is full keeps its slots, for that passes: only
//! the requests concerned look into another slot each, and by round robin after 20 such looks.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use super::reason::{Because, Choice};
use super::request::mix;
use super::server::{Server, ServerIndex};
use super::turn::Turn;

/// A prime more than 100 times the servers of an ordinary pool.
const SMALL_TABLE: u32 = 65_537;
/// The same for a large one.
const LARGE_TABLE: u32 = 655_373;
const MOST_LOOKS: u64 = 21;

/// The table, made when it is first needed and shared between copies of the balancer.
#[derive(Clone, Debug)]
pub(super) struct Maglev {
    table: Option<Arc<[u16]>>,
}

impl Maglev {
    pub(super) const fn new() -> Self {
        Self { table: None }
    }

    /// The servers in service are others than before.
    pub(super) fn membership_changed(&mut self) {
        self.table = None;
    }

    pub(super) fn pick(&mut self, turn: &mut Turn<'_>, key: u64) -> Option<Choice> {
        if turn.backups {
            return None;
        }
        let table = self.table.get_or_insert_with(|| build(turn.servers).into());
        let slots = u64::try_from(table.len()).expect("one of two sizes");
        if slots == 0 {
            return None;
        }
        for look in 0..MOST_LOOKS {
            let slot = mix(key.wrapping_add(look.wrapping_mul(0x9E37_79B9_7F4A_7C15))) % slots;
            let index = usize::from(table[usize::try_from(slot).expect("below the table's length")]);
            if turn.may_use(index) {
                let slot = u32::try_from(slot).expect("below the table's length");
                return Some(Choice { index, because: Because::KeySlot { slot } });
            }
        }
        None
    }
}

/// One server's way through the table.
struct Preference {
    server: ServerIndex,
    weight: u64,
    /// The slot it likes best of those it has not looked at.
    slot: u32,
    /// From one preferred slot to the next; as the table's length is prime, this comes by every slot.
    skip: u32,
    turns: u64,
}

/// Fills the table; empty when no primary is in service.
fn build(servers: &[Server]) -> Vec<u16> {
    let slots = if servers.len() <= 655 { SMALL_TABLE } else { LARGE_TABLE };
    let mut preferences: Vec<Preference> = servers
        .iter()
        .enumerate()
        .filter(|(_, server)| server.in_service && !server.config.backup)
        .map(|(index, server)| preference(ServerIndex::of(index), server.config.weight.0, slots))
        .collect();
    let Some(heaviest) = preferences.iter().map(|preference| preference.weight).max() else {
        return Vec::new();
    };
    let mut table = vec![0; slots as usize];
    // A bit for each slot fits the cache where the table does not: nearly all the time goes into finding free slots.
    let mut claimed = vec![0_u64; slots.div_ceil(64) as usize];
    let mut free = slots;
    for round in 1.. {
        for preference in &mut preferences {
            // The heaviest has a turn in every round, the others in as many as their weight allows.
            if preference.turns * heaviest >= preference.weight * round {
                continue;
            }
            preference.turns += 1;
            let slot = preference.claim(&mut claimed, slots);
            table[slot as usize] = preference.server.0;
            free -= 1;
            if free == 0 {
                return table;
            }
        }
    }
    unreachable!("the heaviest server claims a slot in every round")
}

impl Preference {
    /// Claims the slot that the server likes best of those still free; one is.
    fn claim(&mut self, claimed: &mut [u64], slots: u32) -> u32 {
        loop {
            let slot = self.slot;
            self.slot += self.skip;
            if self.slot >= slots {
                self.slot -= slots;
            }
            let (word, bit) = (&mut claimed[slot as usize / 64], 1 << (slot % 64));
            if *word & bit == 0 {
                *word |= bit;
                return slot;
            }
        }
    }
}

/// The paper hashes the server's name twice; here its position stands for the name, and stays while it is down.
fn preference(server: ServerIndex, weight: u32, slots: u32) -> Preference {
    let hash = mix(u64::from(server.0).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let below = |number: u64, bound: u32| u32::try_from(number % u64::from(bound)).expect("below the bound");
    Preference {
        server,
        weight: u64::from(weight),
        slot: below(hash >> 32, slots),
        skip: 1 + below(mix(hash), slots - 1),
        turns: 0,
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::super::server::{ServerConfig, Weight};
    use super::*;

    fn servers(weights: &[u32]) -> Vec<Server> {
        weights.iter().map(|&weight| Server::new(ServerConfig::from(Weight(weight)))).collect()
    }

    fn slots_of(table: &[u16], server: u16) -> usize {
        table.iter().filter(|&&owner| owner == server).count()
    }

    #[test]
    fn equal_servers_have_equal_parts_of_the_table_to_one_slot() {
        for count in [1, 2, 3, 10, 100] {
            let table = build(&servers(&vec![1; count]));
            let parts: Vec<usize> =
                (0..count).map(|server| slots_of(&table, u16::try_from(server).expect("small"))).collect();
            let (least, most) = (parts.iter().min().expect("some"), parts.iter().max().expect("some"));
            assert!(most - least <= 1, "{count} servers: {least} to {most} slots");
        }
    }

    #[test]
    fn a_servers_part_of_the_table_is_as_its_weight() {
        let table = build(&servers(&[5, 3, 2]));
        for (server, weight) in [(0, 5), (1, 3), (2, 2)] {
            let due = table.len() * weight / 10;
            assert!(slots_of(&table, server).abs_diff(due) <= 5, "server {server} of weight {weight}");
        }
    }

    #[test]
    fn a_large_pool_has_a_large_table() {
        assert_eq!(build(&servers(&[1; 655])).len(), SMALL_TABLE as usize);
        assert_eq!(build(&servers(&[1; 656])).len(), LARGE_TABLE as usize);
        assert!(build(&[]).is_empty());
    }
}
