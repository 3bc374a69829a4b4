//! The name look-up of a client population: asks its DNS servers, and keeps the answer until its time is over.
//!
//! A query is a datagram, so nobody says when it is lost: after [`TIMEOUT`] the next server is asked, and after
//! [`ATTEMPTS`] rounds the look-up has failed; both are the defaults of resolv.conf(5). The next request starts
//! another one. While no address is known, requests wait.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use super::ground::Ground;
use crate::calls::{CallId, Caller, Request, Stage};
use crate::event::{Body, Wake};
use crate::ids::{LinkId, NodeId};
use crate::log::Fact;
use crate::view::NameLookup;

/// How long one server is waited for.
const TIMEOUT: SimDuration = SimDuration::from_secs(5);
/// How often each server is asked.
const ATTEMPTS: u32 = 2;

#[derive(Clone, Debug)]
pub(super) struct Resolver {
    id: NodeId,
    /// The links to the servers, in the order in which they are asked.
    servers: Vec<LinkId>,
    /// The links by which requests leave: an address is that of a node at the end of one.
    entries: Vec<LinkId>,
    answer: Option<Answer>,
    /// The query under way and which attempt at it, from 0.
    asked: Option<(u32, u32)>,
    queries: u32,
    waiting: VecDeque<CallId>,
}

#[derive(Clone, Copy, Debug)]
struct Answer {
    /// The link to the first address; `None` if there was no address in it.
    entry: Option<LinkId>,
    valid_until: SimTime,
}

impl Resolver {
    pub(super) fn new(id: NodeId, servers: &[LinkId], entries: &[LinkId]) -> Self {
        Self {
            id,
            servers: servers.to_vec(),
            entries: entries.to_vec(),
            answer: None,
            asked: None,
            queries: 0,
            waiting: VecDeque::new(),
        }
    }

    /// The link to the address of the answer that is valid now. Without one it asks.
    pub(super) fn entry(&mut self, ground: &mut Ground) -> Option<LinkId> {
        if let Some(answer) = self.answer
            && answer.valid_until > ground.now
        {
            return answer.entry;
        }
        if self.asked.is_none() {
            self.queries += 1;
            self.ask(ground, self.queries, 0);
        }
        None
    }

    fn ask(&mut self, ground: &mut Ground, query: u32, attempt: u32) {
        self.asked = Some((query, attempt));
        let server = self.servers[attempt as usize % self.servers.len()];
        ground.send_from(self.id, server, Body::DnsQuery { query });
        ground.wake(TIMEOUT, self.id, Wake::Lookup { query, attempt });
    }

    /// Keeps a request until there is an address.
    pub(super) fn hold(&mut self, ground: &mut Ground, request: &Request) -> CallId {
        let call = ground.prepare_call(self.entries[0], Caller::Clients, request, Stage::Resolving);
        self.waiting.push_back(call);
        call
    }

    /// Nobody has answered an attempt in time.
    pub(super) fn attempt_over(&mut self, ground: &mut Ground, query: u32, attempt: u32) {
        if self.asked != Some((query, attempt)) {
            return;
        }
        let attempts = ATTEMPTS * u32::try_from(self.servers.len()).expect("the number of links was checked");
        if attempt + 1 < attempts {
            self.ask(ground, query, attempt + 1);
        } else {
            self.asked = None;
            self.waiting.retain(|&call| ground.calls.get(call).is_some());
            ground.note(Fact::LookupFailed { clients: self.id });
        }
    }

    /// An answer came. Returns the requests that waited, if it has an address.
    pub(super) fn take_answer(
        &mut self,
        ground: &Ground,
        query: u32,
        addresses: &[NodeId],
        ttl: SimDuration,
    ) -> VecDeque<CallId> {
        if self.asked.is_none_or(|(asked, _)| asked != query) {
            return VecDeque::new();
        }
        self.asked = None;
        let link_to =
            |node: &NodeId| self.entries.iter().copied().find(|&entry| ground.plan.link(entry).to == *node);
        let entry = addresses.iter().find_map(link_to);
        self.answer = Some(Answer { entry, valid_until: ground.now + ttl });
        if entry.is_some() { core::mem::take(&mut self.waiting) } else { VecDeque::new() }
    }

    pub(super) fn view(&self, ground: &Ground) -> NameLookup {
        let waiting = self.waiting.iter().filter(|&&call| ground.calls.get(call).is_some()).count();
        let valid = self.answer.filter(|answer| answer.valid_until > ground.now);
        NameLookup {
            address: valid.and_then(|answer| answer.entry).map(|entry| ground.plan.link(entry).to),
            valid_until: self.answer.map(|answer| answer.valid_until),
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            asking: self.asked.is_some(),
        }
    }
}
