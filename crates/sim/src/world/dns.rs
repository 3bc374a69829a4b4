//! A DNS server: lists the addresses that it gives out, in an order that moves on with every query (round-robin DNS).
//!
//! It checks nobody's health: it gives out a dead node's address as gladly as any other.

use alloc::vec;
use alloc::vec::Vec;

use understudy_core::SimTime;

use super::ground::Ground;
use crate::event::Body;
use crate::ids::{LinkId, NodeId};
use crate::meter::RateMeter;
use crate::plan::DnsPlan;
use crate::post::Letter;
use crate::view::NodeDetail;

#[derive(Clone, Debug)]
pub(super) struct Dns {
    id: NodeId,
    settings: DnsPlan,
    /// Whether each record is given out, in the order of the records.
    on: Vec<bool>,
    /// Queries so far: by so much the order of the answer is turned.
    answered: u64,
    queries: RateMeter,
}

impl Dns {
    pub(super) fn new(id: NodeId, settings: &DnsPlan) -> Self {
        Self {
            id,
            on: vec![true; settings.records.len()],
            answered: 0,
            queries: RateMeter::default(),
            settings: settings.clone(),
        }
    }

    pub(super) fn take_query(&mut self, ground: &mut Ground, link: LinkId, query: u32) {
        let mut addresses: Vec<NodeId> = self.records().filter(|(_, on)| *on).map(|(node, _)| node).collect();
        if !addresses.is_empty() {
            let turn = self.answered % addresses.len() as u64;
            addresses.rotate_left(usize::try_from(turn).expect("below the number of records"));
        }
        self.answered += 1;
        self.queries.count(ground.now);
        let letter = Letter::Addresses { query, addresses, ttl: self.settings.ttl };
        ground.post_from(self.id, link, letter, Body::DnsAnswer);
    }

    fn records(&self) -> impl Iterator<Item = (NodeId, bool)> {
        self.settings.records.iter().copied().zip(self.on.iter().copied())
    }

    /// Takes a record out or puts it back; false if it was so already.
    pub(super) fn set_record(&mut self, node: NodeId, on: bool) -> bool {
        let record = self.settings.records.iter().position(|&record| record == node);
        record.is_some_and(|index| core::mem::replace(&mut self.on[index], on) != on)
    }

    pub(super) fn view(&self, now: SimTime) -> (u32, NodeDetail) {
        let detail = NodeDetail::Dns { records: self.records().collect(), answered: self.answered };
        (self.queries.per_second(now), detail)
    }
}
