//! The calls that are under way: a request is a chain of them, one for each hop.
//!
//! A client calls the balancer, the balancer a web server, that one an application server, and so on. A call is made
//! over one link, worked on at its far end, and answered over the same link. Each has a slot that is used again when
//! it is over. Whoever gives up on a call only stops waiting: the call itself goes on, in vain, as it does in life.
//!
//! Where queues are long, most calls have left the processor's cache when their turn comes. So what every hop looks at
//! fills one cache line, and what hardly any call needs lies elsewhere.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use understudy_core::balancer::{ServerIndex, Tried};
use understudy_core::replication::Key;
use understudy_core::{LogPosition, Lsn, SimTime, TimelineId};

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

/// One hop of a request that is under way: one cache line.
#[derive(Clone, Copy, Debug)]
// In this order, in which no two neighbours are copied as one piece from where they were just written one by one: the
// processor would wait for that.
#[repr(C, align(64))]
pub(crate) struct Call {
    /// The request's: see [`Request`].
    pub(crate) number: RequestNumber,
    /// When the call was made.
    pub(crate) made_at: SimTime,
    /// The request's.
    pub(crate) sent_at: SimTime,
    pub(crate) caller: Caller,
    /// `None` in a free slot.
    stage: Option<Stage>,
    generation: u32,
    pub(crate) key: Key,
    /// The link that it was made over.
    pub(crate) link: LinkId,
    /// The node at the far end of the link.
    pub(crate) callee: NodeId,
    pub(crate) kind: RequestKind,
    pub(crate) attempt: u8,
    /// Whether it failed further on, and the node at the far end only says so: that one lives and is not to blame.
    pub(crate) passed_on: bool,
    marks: u8,
}

/// What of [`Rest`] is the call's own.
mod mark {
    /// It has a position.
    pub(super) const POSITION: u8 = 1;
    /// It has been to a balancer, and more is to be known of it than the one attempt that was made.
    pub(super) const TRIED: u8 = 2;
    /// It has tried so many servers that they lie on the heap. Stays when the call is over, for whoever is next.
    pub(super) const TRIED_MANY: u8 = 4;
}

const _: () = assert!(size_of::<Call>() == 64, "a call fills one cache line");

/// What is asked of few calls. What an earlier call left there stays until this one has something to put in its place,
/// and is not looked at.
#[derive(Clone, Debug)]
struct Rest {
    /// The request's.
    position: LogPosition,
    /// At a balancer: the servers that it was sent to.
    tried: Tried,
}

impl Default for Rest {
    fn default() -> Self {
        let position = LogPosition { timeline: TimelineId(0), lsn: Lsn::ZERO };
        Self { position, tried: Tried::default() }
    }
}

impl Call {
    const FREE: Self = Self {
        number: RequestNumber(0),
        sent_at: SimTime::ZERO,
        made_at: SimTime::ZERO,
        caller: Caller::Nobody,
        stage: None,
        generation: 0,
        key: Key(0),
        link: LinkId(0),
        callee: NodeId(0),
        kind: RequestKind::Read,
        attempt: 0,
        passed_on: false,
        marks: 0,
    };

    const fn has(&self, mark: u8) -> bool {
        self.marks & mark != 0
    }

    /// Where it is in its life.
    #[inline]
    pub(crate) fn stage(&self) -> Stage {
        // Only calls that are under way are handed out.
        self.stage.unwrap_or(Stage::Gone)
    }

    #[inline]
    pub(crate) const fn set_stage(&mut self, stage: Stage) {
        self.stage = Some(stage);
    }

    /// Whether the node at the far end has it and has not answered.
    pub(crate) const fn is_inside(&self) -> bool {
        matches!(self.stage, Some(Stage::Inside | Stage::Waiting(_)))
    }
}

/// All calls that are under way, in slots.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    slots: Vec<Call>,
    /// In the same places.
    rest: Vec<Rest>,
    free: Vec<u32>,
    /// Instead of the slots while packed: their generations, and those in use.
    packed: Option<Box<Packed>>,
}

/// There have been more calls under way at some time than there are now: only those are kept.
#[derive(Clone, Debug)]
struct Packed {
    generations: Vec<u32>,
    held: Vec<u32>,
    calls: Vec<Call>,
    /// Of those that have been to a balancer or have a position.
    rest: Vec<(u32, Rest)>,
}

impl Calls {
    /// A new call. Written straight into its slot: one that is put together elsewhere and then copied in one piece makes
    /// the processor wait for the pieces.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is handed on as a whole is copied as a whole")]
    pub(crate) fn insert(
        &mut self,
        request: &Request,
        caller: Caller,
        link: LinkId,
        far_end: NodeId,
        stage: Stage,
        made_at: SimTime,
    ) -> CallId {
        let slot = self.free.pop().unwrap_or_else(|| self.add_slot());
        let call = &mut self.slots[slot as usize];
        call.number = request.number;
        call.sent_at = request.sent_at;
        call.made_at = made_at;
        call.caller = caller;
        call.stage = Some(stage);
        call.key = request.key;
        call.link = link;
        call.callee = far_end;
        call.kind = request.kind;
        call.attempt = request.attempt;
        call.passed_on = false;
        let (generation, had_tried_many) = (call.generation, call.has(mark::TRIED_MANY));
        call.marks = 0;
        if had_tried_many {
            self.rest[slot as usize].tried = Tried::default();
        }
        let id = CallId { slot, generation };
        if request.position.is_some() {
            self.set_position(id, request.position);
        }
        id
    }

    #[cold]
    fn add_slot(&mut self) -> u32 {
        let slot = u32::try_from(self.slots.len()).expect("fewer than 4 billion calls under way");
        self.slots.push(Call::FREE);
        self.rest.push(Rest::default());
        slot
    }

    /// A small copy, to be kept and not used until [`Self::unpack`].
    pub(crate) fn packed(&self) -> Self {
        let generations = self.slots.iter().map(|call| call.generation).collect();
        let held: Vec<u32> =
            (0..).zip(&self.slots).filter(|(_, call)| call.stage.is_some()).map(|(slot, _)| slot).collect();
        let calls = held.iter().map(|&slot| self.slots[slot as usize]).collect();
        let rest = held.iter().filter_map(|&slot| {
            let (call, rest) = (&self.slots[slot as usize], &self.rest[slot as usize]);
            (call.marks != 0).then(|| (slot, rest.clone()))
        });
        let packed = Packed { generations, calls, rest: rest.collect(), held };
        Self { free: self.free.clone(), packed: Some(Box::new(packed)), ..Self::default() }
    }

    /// Makes it usable again.
    pub(crate) fn unpack(&mut self) {
        let Some(packed) = self.packed.take() else { return };
        self.slots =
            packed.generations.into_iter().map(|generation| Call { generation, ..Call::FREE }).collect();
        self.rest = vec![Rest::default(); self.slots.len()];
        for (slot, call) in packed.held.into_iter().zip(packed.calls) {
            self.slots[slot as usize] = call;
        }
        for (slot, rest) in packed.rest {
            self.rest[slot as usize] = rest;
        }
    }

    /// Bytes that it takes when packed, at most.
    pub(crate) fn packed_bytes(&self) -> usize {
        let under_way = self.slots.len() - self.free.len();
        let each = size_of::<u32>() + size_of::<Call>() + size_of::<(u32, Rest)>();
        under_way * each + (self.slots.len() + self.free.len()) * size_of::<u32>()
    }

    /// The call, unless it is over.
    #[inline]
    pub(crate) fn get(&self, id: CallId) -> Option<&Call> {
        // A generation that was handed out is the slot's for as long as the call is under way.
        Some(&self.slots[id.slot as usize]).filter(|call| call.generation == id.generation)
    }

    /// The call, unless it is over.
    #[inline]
    pub(crate) fn get_mut(&mut self, id: CallId) -> Option<&mut Call> {
        Some(&mut self.slots[id.slot as usize]).filter(|call| call.generation == id.generation)
    }

    /// What the call's request wants.
    #[inline]
    pub(crate) fn request(&self, id: CallId) -> Option<Request> {
        let &Call { number, sent_at, key, kind, attempt, .. } = self.get(id)?;
        Some(Request { number, kind, attempt, key, sent_at, position: self.position(id) })
    }

    /// Its [`Request::position`].
    #[inline]
    pub(crate) fn position(&self, id: CallId) -> Option<LogPosition> {
        self.get(id)?.has(mark::POSITION).then(|| self.rest[id.slot as usize].position)
    }

    #[inline]
    pub(crate) fn set_position(&mut self, id: CallId, position: Option<LogPosition>) {
        let Some(call) = self.get_mut(id) else { return };
        if let Some(position) = position {
            call.marks |= mark::POSITION;
            self.rest[id.slot as usize].position = position;
        } else {
            call.marks &= !mark::POSITION;
        }
    }

    /// Lets a balancer choose with the servers in hand that it has sent the call to. `last` is the attempt that has just
    /// ended, if one has: the server and when it was sent there. A first attempt is not kept here, as hardly a call needs
    /// a second, and the call that it made knows all of it.
    #[inline]
    pub(crate) fn with_tried<R>(
        &mut self,
        id: CallId,
        last: Option<(ServerIndex, SimTime)>,
        choose: impl FnOnce(&mut Tried) -> R,
    ) -> R {
        let slot = id.slot as usize;
        let mut tried = match last {
            _ if self.slots[slot].has(mark::TRIED) => core::mem::take(&mut self.rest[slot].tried),
            Some((server, at)) => Tried::once(server, at),
            None => Tried::default(),
        };
        let chosen = choose(&mut tried);
        if !tried.is_once() {
            self.keep_tried(slot, tried);
        }
        chosen
    }

    #[cold]
    fn keep_tried(&mut self, slot: usize, tried: Tried) {
        let marks = if tried.are_many() { mark::TRIED | mark::TRIED_MANY } else { mark::TRIED };
        self.slots[slot].marks |= marks;
        self.rest[slot].tried = tried;
    }

    /// Reads calls that will soon be asked for, which fetches those that have left the processor's cache: all at once,
    /// so that it waits for memory once. `with_callers` are fetched with the calls that wait for them; they are at hand.
    #[inline]
    pub(crate) fn fetch<'a>(
        &self,
        calls: impl Iterator<Item = &'a CallId>,
        with_callers: impl Iterator<Item = &'a CallId>,
    ) {
        let generation = |id: CallId| self.slots[id.slot as usize].generation;
        let callers = with_callers.map(|call| match self.slots[call.slot as usize].caller {
            Caller::Call(waiting) => generation(waiting),
            _ => 0,
        });
        core::hint::black_box(
            callers.chain(calls.map(|call| generation(*call))).fold(0, |sum, one| sum ^ one),
        );
    }

    /// Ends the call and frees its slot. Answers how it was.
    pub(crate) fn remove(&mut self, id: CallId) -> Option<Call> {
        self.end(id, |call| *call)
    }

    /// Ends the call and frees its slot, after a last look: without moving all of it out.
    #[inline]
    pub(crate) fn end<R>(&mut self, id: CallId, look: impl FnOnce(&Call) -> R) -> Option<R> {
        let call = self.get_mut(id)?;
        let seen = look(call);
        call.generation = call.generation.wrapping_add(1);
        call.stage = None;
        self.free.push(id.slot);
        Some(seen)
    }

    fn under_way(&self) -> impl Iterator<Item = (u32, &Call)> {
        (0..).zip(&self.slots).filter(|(_, call)| call.stage.is_some())
    }

    /// How many calls there are for which `wanted` holds. Walks over all.
    pub(crate) fn count(&self, wanted: impl Fn(&Call) -> bool) -> usize {
        self.under_way().filter(|(_, call)| wanted(call)).count()
    }

    /// Whether `wanted` holds for any call. Walks over all: for rare events only.
    pub(crate) fn any(&self, wanted: impl Fn(&Call) -> bool) -> bool {
        self.under_way().any(|(_, call)| wanted(call))
    }

    /// The calls for which `wanted` holds, in order of their requests. Walks over all: for rare events only.
    pub(crate) fn find_all(&self, wanted: impl Fn(&Call) -> bool) -> Vec<CallId> {
        let mut found: Vec<(RequestNumber, CallId)> = self
            .under_way()
            .filter(|(_, call)| wanted(call))
            .map(|(slot, call)| (call.number, CallId { slot, generation: call.generation }))
            .collect();
        understudy_core::sort::by_key(&mut found, |(number, id)| {
            (u128::from(number.0) << 64) | u128::from(id.slot)
        });
        found.into_iter().map(|(_, id)| id).collect()
    }
}
