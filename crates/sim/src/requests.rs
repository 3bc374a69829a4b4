//! The requests that have not ended, each in a slot that is used again when it has.

use alloc::vec::Vec;
use core::fmt;

use understudy_core::balancer::Tried;

use crate::ids::{LinkId, NodeId, RequestNumber};

/// A handle to a request. It dies with the request: a late reply that carries it finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId {
    slot: u32,
    generation: u32,
}

impl RequestId {
    /// As one word, for the trace.
    pub(crate) const fn word(self) -> u64 {
        ((self.generation as u64) << 32) | self.slot as u64
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.slot, self.generation)
    }
}

/// Where a request is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Between its clients and the balancer.
    ToBalancer,
    /// Sent on by the balancer, not yet inside a server.
    ToServer,
    /// Waiting or being served.
    Inside(NodeId),
    /// A server's reply, or its failure, is on the way to the balancer.
    ToBalancerBack,
    /// Its end is on the way to its clients: nothing else can happen to it.
    ToClients,
}

impl Stage {
    /// The stage after a server refused or lost the request. Only the news of its end is left to a request whose
    /// end is on the way already.
    pub(crate) const fn back(self) -> Self {
        match self {
            Self::ToClients => Self::ToClients,
            _ => Self::ToBalancerBack,
        }
    }
}

/// One request that has not ended.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) number: RequestNumber,
    /// The link on which its clients sent it, and hear of its end.
    pub(crate) client_link: LinkId,
    /// The link on which the balancer sent it last.
    pub(crate) server_link: Option<LinkId>,
    /// The balancer that it went through.
    pub(crate) balancer: NodeId,
    /// Servers of that balancer that it was on.
    pub(crate) tried: Tried,
    pub(crate) stage: Stage,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    slots: Vec<(u32, Option<Request>)>,
    free: Vec<u32>,
}

impl Requests {
    pub(crate) fn insert(&mut self, request: Request) -> RequestId {
        if let Some(slot) = self.free.pop() {
            let (generation, held) = &mut self.slots[slot as usize];
            *held = Some(request);
            return RequestId { slot, generation: *generation };
        }
        let slot = u32::try_from(self.slots.len()).expect("fewer than 4 billion requests in flight");
        self.slots.push((0, Some(request)));
        RequestId { slot, generation: 0 }
    }

    /// The request, unless it has ended.
    pub(crate) fn get(&self, id: RequestId) -> Option<&Request> {
        let (generation, held) = &self.slots[id.slot as usize];
        held.as_ref().filter(|_| *generation == id.generation)
    }

    /// The request, unless it has ended.
    pub(crate) fn get_mut(&mut self, id: RequestId) -> Option<&mut Request> {
        let (generation, held) = &mut self.slots[id.slot as usize];
        held.as_mut().filter(|_| *generation == id.generation)
    }

    /// Ends the request and frees its slot.
    pub(crate) fn remove(&mut self, id: RequestId) -> Option<Request> {
        self.get(id)?;
        let (generation, held) = &mut self.slots[id.slot as usize];
        *generation = generation.wrapping_add(1);
        self.free.push(id.slot);
        held.take()
    }

    /// The requests for which `wanted` holds, in order of their numbers. Walks over all: for rare events only.
    pub(crate) fn find_all(&self, wanted: impl Fn(&Request) -> bool) -> Vec<RequestId> {
        let mut found: Vec<(RequestNumber, RequestId)> = (0..)
            .zip(&self.slots)
            .filter_map(|(slot, (generation, held))| {
                let request = held.as_ref().filter(|request| wanted(request))?;
                Some((request.number, RequestId { slot, generation: *generation }))
            })
            .collect();
        found.sort_unstable_by_key(|(number, _)| *number);
        found.into_iter().map(|(_, id)| id).collect()
    }
}
