//! The queue of what is going to happen: ordered by (time, sequence), first in first out on ties.

use alloc::collections::BinaryHeap;
use core::cmp::Ordering;

use understudy_core::SimTime;

use crate::event::Event;

/// An event and its key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheduled {
    pub(crate) at: SimTime,
    pub(crate) sequence: u64,
    pub(crate) event: Event,
}

impl Scheduled {
    const fn key(&self) -> (SimTime, u64) {
        (self.at, self.sequence)
    }
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The earliest is the greatest, as the heap gives the greatest first.
impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct EventQueue {
    heap: BinaryHeap<Scheduled>,
    next_sequence: u64,
}

impl EventQueue {
    #[inline]
    pub(crate) fn schedule(&mut self, at: SimTime, event: Event) {
        self.heap.push(Scheduled { at, sequence: self.next_sequence, event });
        self.next_sequence += 1;
    }

    /// When the next event is due.
    #[inline]
    pub(crate) fn next_at(&self) -> Option<SimTime> {
        self.heap.peek().map(|scheduled| scheduled.at)
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Scheduled> {
        self.heap.pop()
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
