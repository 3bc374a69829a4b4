//! The queue of what is going to happen: ordered by (time, sequence), first in first out on ties.
//!
//! While few events are pending they lie in one sorted list: the next one is at its end, and a new one goes a few places
//! from there. More of them lie in a ring of buckets, as in a calendar: each holds what happens in one short stretch of
//! time, in no order. Only the bucket of the present is sorted, when its time comes, and holds two or three events then; so
//! an event costs about the same however many are pending, where a heap's cost grows with their logarithm. What lies
//! beyond the ring's last bucket waits in a heap until the ring comes near. The one list is a ring whose present never
//! ends. The width of a bucket and the length of the ring follow what goes through: they decide how fast it is, never in
//! which order.
//!
//! Events lie in slots of one vector, and buckets are chains of slots, so that a copy of a world, of which the timeline
//! keeps many, copies a handful of vectors. `docs/PERFORMANCE.md` has what it was measured against.

use alloc::collections::BinaryHeap;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

use understudy_core::SimTime;

/// An event and its key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheduled<E> {
    pub(crate) at: SimTime,
    pub(crate) sequence: u64,
    pub(crate) event: E,
}

/// The end of a chain of slots.
const NONE: u32 = u32::MAX;
/// The sequence of a slot that holds nothing.
const FREE: u64 = u64::MAX;
/// Events between two looks at the width of the buckets.
const LOOK_AFTER: u32 = 1_024;
/// The least and the most buckets.
const BUCKETS: (usize, usize) = (64, 1 << 16);
/// Buckets for each pending event: what is scheduled four times as far ahead as usual still finds its place in the ring.
const PER_EVENT: usize = 2;
/// The narrowest bucket, as a power of two of nanoseconds: numbers of buckets stay far from the end of a `u64`.
const NARROWEST: u32 = 4;
/// The widest one: half a minute.
const WIDEST: u32 = 35;
/// The width of buckets of which two are all of time: everything is in the bucket of the present.
const ALL_TIME: u32 = 63;
/// As many as this many events are kept in one list when they were more.
const FEW: usize = 40;
/// The most that are kept in one list.
const MOST_IN_ONE_LIST: usize = 96;
/// Up to this many are moved one by one, more in one go.
const MOVED_ONE_BY_ONE: usize = 64;

#[derive(Clone, Copy, Debug)]
struct Slot<E> {
    at: SimTime,
    sequence: u64,
    event: E,
    /// The next slot of the same bucket, or the next free one.
    next: u32,
}

/// What an event is sorted by, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at: SimTime,
    sequence: u64,
    slot: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct EventQueue<E> {
    slots: Vec<Slot<E>>,
    first_free: u32,
    len: usize,
    next_sequence: u64,
    /// The bucket of the present, and all that was scheduled for before its end since it was taken up: latest first. The
    /// instants and, in the same places, the slots.
    present: Vec<SimTime>,
    present_slots: Vec<u32>,
    /// The number of that bucket: its time divided by the width.
    current: u64,
    /// The first slot of each bucket that comes after it, by the bucket's number modulo their count.
    ring: Vec<u32>,
    /// One bit for each bucket of the ring: whether it holds anything.
    occupied: Vec<u64>,
    in_ring: usize,
    /// What comes after the last bucket of the ring.
    far: BinaryHeap<Reverse<Key>>,
    /// Buckets are two to the power of this wide, in nanoseconds.
    shift: u32,
    until_look: u32,
    looked_at: SimTime,
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            first_free: NONE,
            len: 0,
            next_sequence: 0,
            present: Vec::new(),
            present_slots: Vec::new(),
            current: SimTime::MAX.as_nanos() >> ALL_TIME,
            ring: vec![NONE; BUCKETS.0],
            occupied: vec![0; BUCKETS.0 / 64],
            in_ring: 0,
            far: BinaryHeap::new(),
            shift: ALL_TIME,
            until_look: LOOK_AFTER,
            looked_at: SimTime::ZERO,
        }
    }
}

impl<E: Copy + Default> EventQueue<E> {
    #[inline]
    pub(crate) fn schedule(&mut self, at: SimTime, event: E) {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.put(at, sequence, event);
    }

    /// The next event, if it is due by `until`.
    #[inline]
    pub(crate) fn pop_due(&mut self, until: SimTime) -> Option<Scheduled<E>> {
        if self.present.is_empty() && !self.turn(until) {
            return None;
        }
        let at = *self.present.last()?;
        if at > until {
            return None;
        }
        self.present.pop();
        let slot = self.present_slots.pop()?;
        self.len -= 1;
        let held = &mut self.slots[slot as usize];
        let (sequence, event) = (held.sequence, held.event);
        held.sequence = FREE;
        held.next = core::mem::replace(&mut self.first_free, slot);
        self.until_look -= 1;
        if self.until_look == 0 {
            self.look(at);
        }
        Some(Scheduled { at, sequence, event })
    }

    /// Bytes that a copy takes.
    pub(crate) fn bytes(&self) -> usize {
        self.slots.len() * size_of::<Slot<E>>()
            + self.ring.len() * size_of::<u32>()
            + self.present.len() * size_of::<(SimTime, u32)>()
            + self.far.len() * size_of::<Key>()
    }

    /// All that is scheduled, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Scheduled<E>> {
        let held = self.slots.iter().filter(|slot| slot.sequence != FREE);
        held.map(|slot| Scheduled { at: slot.at, sequence: slot.sequence, event: slot.event })
    }

    /// Written straight into its slot: an event that is put together elsewhere and then copied in one piece makes the
    /// processor wait for the pieces.
    #[inline]
    fn put(&mut self, at: SimTime, sequence: u64, event: E) {
        self.len += 1;
        if self.first_free == NONE {
            self.add_slot();
        }
        let slot = self.first_free;
        let free = &mut self.slots[slot as usize];
        self.first_free = free.next;
        free.event = event;
        (free.at, free.sequence) = (at, sequence);
        self.place(at, sequence, slot);
    }

    #[cold]
    fn add_slot(&mut self) {
        self.first_free = u32::try_from(self.slots.len()).expect("fewer than 4 billion events are pending");
        self.slots.push(Slot { at: SimTime::ZERO, sequence: FREE, event: E::default(), next: NONE });
    }

    fn place(&mut self, at: SimTime, sequence: u64, slot: u32) {
        let bucket = self.bucket_of(at);
        if bucket <= self.current {
            self.sort_in(at, sequence, slot);
            if self.shift == ALL_TIME && self.present.len() > MOST_IN_ONE_LIST {
                self.spread_out();
            }
        } else if bucket - self.current < self.ring.len() as u64 {
            let index = self.index_of(bucket);
            self.slots[slot as usize].next = core::mem::replace(&mut self.ring[index], slot);
            self.occupied[index / 64] |= 1 << (index % 64);
            self.in_ring += 1;
        } else {
            self.far.push(Reverse(Key { at, sequence, slot }));
        }
    }

    /// Puts an event into its place in the bucket of the present.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "nearly every event goes through it")]
    fn sort_in(&mut self, at: SimTime, sequence: u64, slot: u32) {
        let goes_before = |slots: &[Slot<E>], other_at: SimTime, other: u32| {
            other_at < at || other_at == at && slots[other as usize].sequence < sequence
        };
        let mut place = self.present.len();
        if place > MOVED_ONE_BY_ONE {
            place = self.present.partition_point(|other| *other > at);
            while self.present.get(place) == Some(&at)
                && self.slots[self.present_slots[place] as usize].sequence > sequence
            {
                place += 1;
            }
            self.present.insert(place, at);
            self.present_slots.insert(place, slot);
            return;
        }
        self.present.push(at);
        self.present_slots.push(slot);
        let (times, slots) = (&mut self.present[..], &mut self.present_slots[..]);
        while let Some(before) = place.checked_sub(1)
            && goes_before(&self.slots, times[before], slots[before])
        {
            times[place] = times[before];
            slots[place] = slots[before];
            place = before;
        }
        times[place] = at;
        slots[place] = slot;
    }

    #[inline]
    const fn bucket_of(&self, at: SimTime) -> u64 {
        at.as_nanos() >> self.shift
    }

    /// The place of a bucket in the ring, whose length is a power of two.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the rest is cut off anyway")]
    const fn index_of(&self, bucket: u64) -> usize {
        bucket as usize & (self.ring.len() - 1)
    }

    /// Takes up the next bucket that holds anything, if it begins by `until`.
    fn turn(&mut self, until: SimTime) -> bool {
        let next = if self.in_ring > 0 {
            self.next_in_ring()
        } else if let Some(Reverse(key)) = self.far.peek() {
            self.bucket_of(key.at)
        } else {
            return false;
        };
        if next > self.bucket_of(until) {
            return false;
        }
        self.current = next;
        self.bring_near();
        let index = self.index_of(next);
        let mut slot = core::mem::replace(&mut self.ring[index], NONE);
        self.occupied[index / 64] &= !(1 << (index % 64));
        while slot != NONE {
            let Slot { at, sequence, next, .. } = self.slots[slot as usize];
            self.sort_in(at, sequence, slot);
            self.in_ring -= 1;
            slot = next;
        }
        true
    }

    /// Lets what the ring has come near to into it.
    fn bring_near(&mut self) {
        while let Some(&Reverse(key)) = self.far.peek()
            && self.bucket_of(key.at) - self.current < self.ring.len() as u64
        {
            self.far.pop();
            self.place(key.at, key.sequence, key.slot);
        }
    }

    /// The number of the first bucket of the ring that holds anything, which there must be.
    fn next_in_ring(&self) -> u64 {
        let start = self.index_of(self.current + 1);
        let mut word = start / 64;
        let mut bits = self.occupied[word] & (u64::MAX << (start % 64));
        while bits == 0 {
            word = (word + 1) & (self.occupied.len() - 1);
            bits = self.occupied[word];
        }
        let index = word * 64 + bits.trailing_zeros() as usize;
        self.current + 1 + (index.wrapping_sub(start) & (self.ring.len() - 1)) as u64
    }

    /// Fits the buckets to what went through since the last look.
    #[cold]
    fn look(&mut self, now: SimTime) {
        let in_one_list = self.shift == ALL_TIME;
        let are_few = self.len <= if in_one_list { MOST_IN_ONE_LIST } else { FEW };
        let shift = if are_few { ALL_TIME } else { self.fitting_shift(now, LOOK_AFTER) };
        let buckets = self.fitting_buckets();
        let fits = if are_few {
            in_one_list
        } else {
            shift.abs_diff(self.shift) < 2 && buckets <= self.ring.len() && buckets * 4 >= self.ring.len()
        };
        // After a crowd most slots are empty, and every copy would carry them.
        let is_sparse = self.slots.len() > 4 * self.len + 1_024;
        self.until_look = LOOK_AFTER;
        self.looked_at = now;
        if !fits || is_sparse {
            self.rebuild(now, shift, buckets);
        }
    }

    /// There are too many for one list.
    #[cold]
    fn spread_out(&mut self) {
        let Some(&next) = self.present.last() else { return };
        let shift = self.fitting_shift(next, LOOK_AFTER - self.until_look);
        self.rebuild(next, shift, self.fitting_buckets());
    }

    /// The width of buckets that hold an event or two, if so many came since the last look.
    fn fitting_shift(&self, now: SimTime, popped: u32) -> u32 {
        let between = now.since(self.looked_at).as_nanos() / u64::from(popped.max(1));
        (u64::BITS - between.leading_zeros()).clamp(NARROWEST, WIDEST)
    }

    fn fitting_buckets(&self) -> usize {
        (self.len * PER_EVENT).next_power_of_two().clamp(BUCKETS.0, BUCKETS.1)
    }

    fn rebuild(&mut self, now: SimTime, shift: u32, buckets: usize) {
        let pending: Vec<Scheduled<E>> = self.iter().collect();
        let current = if shift == ALL_TIME { SimTime::MAX } else { now }.as_nanos() >> shift;
        *self = Self {
            next_sequence: self.next_sequence,
            current,
            ring: vec![NONE; buckets],
            occupied: vec![0; buckets / 64],
            shift,
            looked_at: now,
            ..Self::default()
        };
        for Scheduled { at, sequence, event } in pending {
            self.put(at, sequence, event);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::rng::Rng;

    fn drain(queue: &mut EventQueue<u64>) -> Vec<(SimTime, u64)> {
        core::iter::from_fn(|| queue.pop_due(SimTime::MAX)).map(|next| (next.at, next.event)).collect()
    }

    #[test]
    fn the_earliest_comes_first_and_ties_in_order_of_scheduling() {
        let mut rng = Rng::for_purpose(1, "test");
        // Few instants, so that there are many ties; near and far, so that they lie in all parts of the queue.
        for far in [1, 1_000_000, 1_000_000_000, SimTime::MAX.as_nanos() / 50] {
            let mut queue = EventQueue::default();
            let mut expected = Vec::new();
            for number in 0..1_000_u64 {
                let at = SimTime::from_nanos(rng.below(50) * far);
                queue.schedule(at, number);
                expected.push((at, number));
            }
            expected.sort_unstable();
            assert_eq!(queue.iter().count(), 1_000);
            assert_eq!(drain(&mut queue), expected);
            assert_eq!(queue.iter().count(), 0);
        }
    }

    /// As many go in as come out, `spread` ahead; a plain sorted list must agree.
    fn hold(pending: u64, steps: u64, mut spread: impl FnMut(&mut Rng, u64) -> u64) {
        let mut rng = Rng::for_purpose(2, "test");
        let mut queue = EventQueue::default();
        let mut sorted = std::collections::BTreeSet::new();
        let mut number = 0;
        let mut put = |queue: &mut EventQueue<u64>, sorted: &mut std::collections::BTreeSet<_>, at| {
            queue.schedule(at, number);
            sorted.insert((at, number));
            number += 1;
        };
        for step in 0..pending {
            let at = SimTime::from_nanos(spread(&mut rng, step));
            put(&mut queue, &mut sorted, at);
        }
        for step in 0..steps {
            let (at, number) = sorted.pop_first().expect("as many go in as come out");
            let before = at.as_nanos().checked_sub(1).map(SimTime::from_nanos);
            assert!(
                before.is_none_or(|before| queue.pop_due(before).is_none()),
                "nothing is due before {at}"
            );
            let next = queue.pop_due(at).expect("it is due");
            assert_eq!((next.at, next.sequence, next.event), (at, number, number));
            let at = SimTime::from_nanos(at.as_nanos() + spread(&mut rng, step));
            put(&mut queue, &mut sorted, at);
        }
    }

    #[test]
    fn what_is_scheduled_between_two_pops_finds_its_place() {
        hold(40, 10_000, |rng, _| rng.below(100));
        hold(3, 10_000, |rng, _| rng.below(10_000_000_000));
        hold(500, 10_000, |rng, _| rng.below(30_000_000));
    }

    #[test]
    fn the_buckets_follow_a_pace_that_changes_by_powers_of_ten() {
        hold(200, 40_000, |rng, step| rng.below(10_u64.pow(3 + u32::try_from(step / 5_000).expect("small"))));
        hold(200, 40_000, |rng, step| {
            rng.below(10_u64.pow(10 - u32::try_from(step / 5_000).expect("small")))
        });
    }

    #[test]
    fn a_crowd_that_has_gone_leaves_no_empty_slots_to_copy() {
        let mut queue = EventQueue::default();
        for number in 0..50_000_u64 {
            queue.schedule(SimTime::from_nanos(number), number);
        }
        queue.schedule(SimTime::from_secs(1), 50_000);
        let crowded = queue.bytes();
        for _ in 0..50_000 {
            queue.pop_due(SimTime::MAX).expect("there are more");
        }
        assert!(queue.bytes() < crowded / 10, "{} of {crowded} bytes", queue.bytes());
        assert_eq!(drain(&mut queue), [(SimTime::from_secs(1), 50_000)]);
    }
}
