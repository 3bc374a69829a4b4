//! The calls that are under way: a request is a chain of them, one for each hop.
//!
//! A client calls the balancer, the balancer a web server, that one an application server, and so on. A call is made
//! over one link, worked on at its far end, and answered over the same link. Each has a slot that is used again when
//! it is over. Whoever gives up on a call only stops waiting: the call itself goes on, in vain, as it does in life.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use understudy_core::balancer::Tried;
use understudy_core::replication::Key;
use understudy_core::{LogPosition, SimTime};

use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::outcome::RequestKind;

/// A handle to a call. It dies with the call: whatever comes late and carries it finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallId {
    slot: u32,
    generation: u32,
}

impl CallId {
    /// As one word, for the trace.
    pub(crate) const fn word(self) -> u64 {
        ((self.generation as u64) << 32) | self.slot as u64
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.slot, self.generation)
    }
}

/// Who waits for the answer to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The clients that sent the request.
    Clients,
    /// The attacker that sent it.
    Attacker,
    /// A call that is being worked on and needs this one.
    Call(CallId),
    /// Nobody any more.
    Nobody,
}

/// Where a call is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// With its clients, who do not know the address yet.
    Resolving,
    /// On its way over the link.
    Going,
    /// Inside the node at the far end, waiting for a worker or being worked on.
    Inside,
    /// Inside it, waiting for the answer to another call.
    Waiting(CallId),
    /// Its answer is on the way back.
    Answering,
    /// It, or its answer, was lost on the way: whoever waits waits in vain.
    Gone,
    /// A firewall dropped it: whoever waits waits in vain.
    Dropped,
}

/// What a request wants. All calls of its chain share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) number: RequestNumber,
    pub(crate) kind: RequestKind,
    /// How often its clients have sent it, from 1.
    pub(crate) attempt: u8,
    /// The row that it reads or writes.
    pub(crate) key: Key,
    /// When its clients sent it.
    pub(crate) sent_at: SimTime,
    /// For a read: the newest write of its own session, which it must not miss if the route promises so. For a
    /// write that was done: where it is in the log.
    pub(crate) position: Option<LogPosition>,
}

/// One hop of a request that is under way.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) request: Request,
    pub(crate) caller: Caller,
    /// The link that it was made over.
    pub(crate) link: LinkId,
    /// The node at the far end of the link.
    pub(crate) callee: NodeId,
    pub(crate) stage: Stage,
    /// When it was made.
    pub(crate) made_at: SimTime,
    /// Whether it failed further on, and the node at the far end only says so: that one lives and is not to blame.
    pub(crate) passed_on: bool,
    /// At a balancer: the servers that it was sent to.
    pub(crate) tried: Tried,
}

impl Call {
    /// Whether the node at the far end has it and has not answered.
    pub(crate) const fn is_inside(&self) -> bool {
        matches!(self.stage, Stage::Inside | Stage::Waiting(_))
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    slots: Vec<(u32, Option<Call>)>,
    free: Vec<u32>,
    /// Instead of the slots while packed: their generations, and those in use.
    packed: Option<Box<Packed>>,
}

/// There have been more calls under way at some time than there are now: only those are kept.
#[derive(Clone, Debug)]
struct Packed {
    generations: Vec<u32>,
    held: Vec<(u32, Call)>,
}

impl Calls {
    #[inline]
    pub(crate) fn insert(&mut self, call: Call) -> CallId {
        if let Some(slot) = self.free.pop() {
            let (generation, held) = &mut self.slots[slot as usize];
            *held = Some(call);
            return CallId { slot, generation: *generation };
        }
        let slot = u32::try_from(self.slots.len()).expect("fewer than 4 billion calls under way");
        self.slots.push((0, Some(call)));
        CallId { slot, generation: 0 }
    }

    /// A small copy, to be kept and not used until [`Self::unpack`].
    pub(crate) fn packed(&self) -> Self {
        let generations = self.slots.iter().map(|(generation, _)| *generation).collect();
        let held = (0..).zip(&self.slots).filter_map(|(slot, (_, held))| Some((slot, held.clone()?)));
        let packed = Packed { generations, held: held.collect() };
        Self { slots: Vec::new(), free: self.free.clone(), packed: Some(Box::new(packed)) }
    }

    /// Makes it usable again.
    pub(crate) fn unpack(&mut self) {
        let Some(packed) = self.packed.take() else { return };
        self.slots = packed.generations.into_iter().map(|generation| (generation, None)).collect();
        for (slot, call) in packed.held {
            self.slots[slot as usize].1 = Some(call);
        }
    }

    /// Bytes that it takes when packed.
    pub(crate) fn packed_bytes(&self) -> usize {
        let under_way = self.slots.len() - self.free.len();
        under_way * size_of::<(u32, Call)>() + self.slots.len() * 4 + self.free.len() * 4
    }

    /// The call, unless it is over.
    #[inline]
    pub(crate) fn get(&self, id: CallId) -> Option<&Call> {
        let (generation, held) = &self.slots[id.slot as usize];
        held.as_ref().filter(|_| *generation == id.generation)
    }

    /// The call, unless it is over.
    #[inline]
    pub(crate) fn get_mut(&mut self, id: CallId) -> Option<&mut Call> {
        let (generation, held) = &mut self.slots[id.slot as usize];
        held.as_mut().filter(|_| *generation == id.generation)
    }

    /// Ends the call and frees its slot.
    #[inline]
    pub(crate) fn remove(&mut self, id: CallId) -> Option<Call> {
        self.get(id)?;
        let (generation, held) = &mut self.slots[id.slot as usize];
        *generation = generation.wrapping_add(1);
        self.free.push(id.slot);
        held.take()
    }

    /// Ends the call and frees its slot, after a last look: without moving all of it out.
    #[inline]
    pub(crate) fn end<R>(&mut self, id: CallId, look: impl FnOnce(&Call) -> R) -> Option<R> {
        let seen = look(self.get(id)?);
        let (generation, held) = &mut self.slots[id.slot as usize];
        *generation = generation.wrapping_add(1);
        self.free.push(id.slot);
        *held = None;
        Some(seen)
    }

    /// How many calls there are for which `wanted` holds. Walks over all.
    pub(crate) fn count(&self, wanted: impl Fn(&Call) -> bool) -> usize {
        self.slots.iter().filter_map(|(_, held)| held.as_ref()).filter(|call| wanted(call)).count()
    }

    /// Whether `wanted` holds for any call. Walks over all: for rare events only.
    pub(crate) fn any(&self, wanted: impl Fn(&Call) -> bool) -> bool {
        self.slots.iter().filter_map(|(_, held)| held.as_ref()).any(wanted)
    }

    /// The calls for which `wanted` holds, in order of their requests. Walks over all: for rare events only.
    pub(crate) fn find_all(&self, wanted: impl Fn(&Call) -> bool) -> Vec<CallId> {
        let mut found: Vec<(RequestNumber, CallId)> = (0..)
            .zip(&self.slots)
            .filter_map(|(slot, (generation, held))| {
                let call = held.as_ref().filter(|call| wanted(call))?;
                Some((call.request.number, CallId { slot, generation: *generation }))
            })
            .collect();
        understudy_core::sort::by_key(&mut found, |(number, id)| {
            (u128::from(number.0) << 64) | u128::from(id.slot)
        });
        found.into_iter().map(|(_, id)| id).collect()
    }
}
