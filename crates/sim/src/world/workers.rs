//! Workers that serve one call each, and a queue of limited length in front of them: what web servers, application
//! servers and databases have in common.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};

use super::ground::Ground;
use crate::calls::{CallId, Caller, Stage};
use crate::event::Wake;
use crate::follow::HopStep;
use crate::ids::{NodeId, RequestNumber};
use crate::log::Fact;
use crate::meter::{BusyMeter, RateMeter};
use crate::metrics::WorkTotals;
use crate::outcome::Outcome;

/// Calls in a long queue that are fetched together.
const FETCHED_TOGETHER: usize = 16;

#[derive(Clone, Debug)]
pub(super) struct Workers {
    id: NodeId,
    count: u32,
    queue_limit: u32,
    busy: u32,
    queue: VecDeque<CallId>,
    /// Turns until the next calls are fetched.
    until_fetch: usize,
    served: u64,
    answers: RateMeter,
    load: BusyMeter,
}

/// What a pool of workers shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkersView {
    pub(super) busy: u32,
    pub(super) queued: u32,
    pub(super) load_permille: u32,
    pub(super) served: u64,
    pub(super) rate_per_s: u32,
}

impl Workers {
    pub(super) fn new(id: NodeId, count: u32, queue_limit: u32) -> Self {
        Self {
            id,
            count,
            queue_limit,
            busy: 0,
            queue: VecDeque::new(),
            until_fetch: 0,
            served: 0,
            answers: RateMeter::default(),
            load: BusyMeter::default(),
        }
    }

    /// A call came in. True if a worker took it: begin to serve it. Else it waits, or was turned away.
    pub(super) fn admit(&mut self, ground: &mut Ground, call: CallId) -> bool {
        let Some(held) = ground.calls.get_mut(call) else { return false };
        if self.busy < self.count {
            held.set_stage(Stage::Inside);
            self.take_worker(ground.now);
            return true;
        }
        if self.queue.len() < self.queue_limit as usize {
            held.set_stage(Stage::Inside);
            self.queue.push_back(call);
            ground.hop_of(call, HopStep::Waits(self.id));
            return false;
        }
        let link = held.link;
        ground.fail(self.id, Some(link), call, Outcome::QueueFull);
        ground.note(Fact::QueueFull { node: self.id, count: 1 });
        ground.answer(call, Outcome::QueueFull);
        false
    }

    fn take_worker(&mut self, now: SimTime) {
        self.busy += 1;
        self.load.set(now, self.busy);
    }

    /// A worker works on a call for `service_time`, or longer if the node was slowed down.
    pub(super) fn serve(&self, ground: &mut Ground, call: CallId, service_time: SimDuration) {
        ground.hop_of(call, HopStep::Worked(self.id));
        let service_time = service_time * u64::from(ground.slowness(self.id));
        ground.wake(service_time, self.id, Wake::ServiceDone(call));
    }

    /// A worker is free again. If a call waits, the worker takes it: begin to serve that one.
    pub(super) fn release(&mut self, ground: &mut Ground) -> Option<CallId> {
        let next = loop {
            let Some(call) = self.queue.pop_front() else { break None };
            // Whoever gave up on a call that waits has closed the connection: nobody begins to serve it.
            match ground.calls.get(call).map(|held| held.caller) {
                Some(Caller::Nobody) => {
                    ground.calls.remove(call);
                }
                Some(_) => break Some(call),
                None => {}
            }
        };
        if next.is_none() {
            self.busy -= 1;
            self.load.set(ground.now, self.busy);
        }
        self.foresee(ground);
        next
    }

    /// In a long queue calls have left the processor's cache when their turn comes. They, and then those that wait for
    /// them, are fetched a few turns before.
    #[inline]
    fn foresee(&mut self, ground: &Ground) {
        if self.until_fetch > 0 {
            self.until_fetch -= 1;
        } else if self.queue.len() >= 2 * FETCHED_TOGETHER {
            self.until_fetch = FETCHED_TOGETHER - 1;
            let (next, later) = (0..FETCHED_TOGETHER, FETCHED_TOGETHER..2 * FETCHED_TOGETHER);
            ground.calls.fetch(self.queue.range(later), self.queue.range(next));
        }
    }

    /// A call was answered.
    pub(super) fn count_answer(&mut self, now: SimTime) {
        self.served += 1;
        self.answers.count(now);
    }

    /// The process ended, with everything in it.
    pub(super) fn clear(&mut self, now: SimTime) {
        self.busy = 0;
        self.queue.clear();
        self.load.set(now, 0);
    }

    /// The requests that wait, the next first.
    pub(super) fn waiting(&self, ground: &Ground, most: usize) -> Vec<RequestNumber> {
        let number = |call: &CallId| ground.calls.get(*call).map(|held| held.number);
        self.queue.iter().filter_map(number).take(most).collect()
    }

    pub(super) fn totals(&self, now: SimTime) -> WorkTotals {
        WorkTotals {
            workers: self.count,
            queued: u32::try_from(self.queue.len()).expect("the queue's limit is a u32"),
            served: self.served,
            busy_ns: self.load.total_ns(now),
        }
    }

    pub(super) fn view(&self, now: SimTime) -> WorkersView {
        WorkersView {
            busy: self.busy,
            queued: u32::try_from(self.queue.len()).expect("the queue's limit is a u32"),
            load_permille: self.load.permille(now, self.count),
            served: self.served,
            rate_per_s: self.answers.per_second(now),
        }
    }
}
