//! The queue of what is going to happen: ordered by (time, sequence), first in first out on ties.
//!
//! A heap in which each node has four children: half as deep as a binary one, and the four lie side by side in memory.
//! It is one vector, so that a copy of a world, of which the timeline keeps many, copies it in one go. `docs/PERFORMANCE.md`
//! has what it was measured against.

use alloc::vec::Vec;

use understudy_core::SimTime;

use crate::event::Event;

/// Children of each node.
const ARITY: usize = 4;

/// An event and its key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheduled {
    pub(crate) at: SimTime,
    pub(crate) sequence: u64,
    pub(crate) event: Event,
}

impl Scheduled {
    /// Both parts of the key in one number: one comparison, without a branch.
    const fn key(&self) -> u128 {
        (self.at.as_nanos() as u128) << 64 | self.sequence as u128
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct EventQueue {
    /// Each node's key is less than its children's; those of node `i` are at `4 i + 1` to `4 i + 4`.
    heap: Vec<Scheduled>,
    next_sequence: u64,
}

impl EventQueue {
    #[inline]
    pub(crate) fn schedule(&mut self, at: SimTime, event: Event) {
        let new = Scheduled { at, sequence: self.next_sequence, event };
        self.next_sequence += 1;
        let mut hole = self.heap.len();
        self.heap.push(new);
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.heap[parent].key() < new.key() {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = new;
    }

    /// When the next event is due.
    #[inline]
    pub(crate) fn next_at(&self) -> Option<SimTime> {
        self.heap.first().map(|scheduled| scheduled.at)
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Scheduled> {
        let last = self.heap.pop()?;
        let Some(&first) = self.heap.first() else { return Some(last) };
        // The last one looks for its place from the top down.
        let mut hole = 0;
        while let Some(least) = self.least_child(hole)
            && self.heap[least].key() < last.key()
        {
            self.heap[hole] = self.heap[least];
            hole = least;
        }
        self.heap[hole] = last;
        Some(first)
    }

    fn least_child(&self, parent: usize) -> Option<usize> {
        let first = parent * ARITY + 1;
        let children = self.heap.get(first..self.heap.len().min(first + ARITY))?;
        let (mut least, mut key) = (0, children.first()?.key());
        for (index, child) in children.iter().enumerate().skip(1) {
            if child.key() < key {
                (least, key) = (index, child.key());
            }
        }
        Some(first + least)
    }

    /// How many events are scheduled.
    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }

    /// All that is scheduled, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Scheduled> {
        self.heap.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::ids::NodeId;
    use crate::rng::Rng;

    #[test]
    fn the_earliest_comes_first_and_ties_in_order_of_scheduling() {
        let mut rng = Rng::for_purpose(1, "test");
        let mut queue = EventQueue::default();
        let mut expected = Vec::new();
        for sequence in 0..1_000_u64 {
            // Few instants, so that there are many ties.
            let at = SimTime::from_nanos(rng.below(50));
            queue.schedule(at, Event::Emit { clients: NodeId(0) });
            expected.push((at, sequence));
        }
        expected.sort_unstable();
        assert_eq!(queue.next_at(), Some(expected[0].0));
        assert_eq!(queue.iter().count(), 1_000);
        let popped: Vec<_> =
            core::iter::from_fn(|| queue.pop()).map(|next| (next.at, next.sequence)).collect();
        assert_eq!(popped, expected);
        assert_eq!(queue.next_at(), None);
    }

    #[test]
    fn what_is_scheduled_between_two_pops_finds_its_place() {
        let mut rng = Rng::for_purpose(2, "test");
        let mut queue = EventQueue::default();
        let mut now = SimTime::ZERO;
        for _ in 0..40 {
            queue.schedule(now, Event::Emit { clients: NodeId(0) });
        }
        for _ in 0..10_000 {
            let next = queue.pop().expect("as many go in as come out");
            assert!(next.at >= now);
            now = next.at;
            queue.schedule(SimTime::from_nanos(now.as_nanos() + rng.below(100)), next.event);
        }
    }
}
