//! Time passes: when a bucket of the metrics is full, the world is read; and the books of writes forget what every
//! database has.
//!
//! A bucket is closed when time has passed its end, before anything later happens: what is read is how the world
//! was at its end, whether it is an event, a command or the clock that passes it.

use alloc::vec;
use alloc::vec::Vec;

use understudy_core::{Lsn, SimTime};

use super::database::Database;
use super::ground::Ground;
use super::{Node, World};
use crate::metrics::series::FIRST_WIDTH;
use crate::metrics::{Lag, Metrics, Reading, WorkTotals};
use crate::outcome::Totals;

/// Bytes that a node has on the heap, about: names of purposes, pools, logs.
const PER_NODE: usize = 512;
/// Bytes that a node has for each event that is to come, about: whom it waits for, and until when.
const PER_EVENT: usize = 32;

impl World {
    pub(crate) const fn metrics(&self) -> &Metrics {
        &self.ground.metrics
    }

    pub(crate) const fn totals(&self) -> &Totals {
        &self.ground.totals
    }

    /// A copy to be kept and not run until it is unpacked.
    pub(crate) fn packed(&mut self) -> Self {
        // Most of the calls' slots may be empty: they are not copied.
        let calls = core::mem::take(&mut self.ground.calls);
        let mut copy = self.clone();
        copy.ground.calls = calls.packed();
        self.ground.calls = calls;
        copy
    }

    /// Makes a packed copy usable.
    pub(crate) fn unpack(&mut self) {
        self.ground.calls.unpack();
    }

    /// Bytes of a packed copy, about: without what copies share.
    pub(crate) fn packed_bytes(&self) -> usize {
        let Ground { calls, queue, links, metrics, .. } = &self.ground;
        let of_nodes = self.nodes.len() * (size_of::<Node>() + PER_NODE);
        let of_queue = queue.bytes() + queue.iter().count() * PER_EVENT;
        of_nodes + of_queue + size_of_val(&**links) + calls.packed_bytes() + metrics.own_bytes()
    }

    /// The clock goes on to `now`; nothing happened in between.
    #[inline]
    pub(super) fn pass(&mut self, now: SimTime) {
        if now > self.ground.next_reading {
            self.read_up_to(now);
        }
        self.ground.now = now;
    }

    #[cold]
    fn read_up_to(&mut self, now: SimTime) {
        while self.ground.metrics.open_until() < now {
            let end = self.ground.metrics.open_until();
            let reading = Reading { work: self.work(end), lag: self.lag(end) };
            self.ground.metrics.close(&self.ground.totals, &reading);
        }
        if let Some(floor) = self.replayed_by_all() {
            self.ground.writes.all_have(floor);
        }
        let readings = now.as_nanos().div_ceil(FIRST_WIDTH.as_nanos());
        self.ground.next_reading = SimTime::from_nanos(readings.saturating_mul(FIRST_WIDTH.as_nanos()));
    }

    /// What each node's workers have done by `at`.
    pub(crate) fn work(&self, at: SimTime) -> Vec<WorkTotals> {
        let work = |node: &Node| match node {
            Node::Server(server) => server.work(at),
            Node::Database(database) => database.work(at),
            _ => WorkTotals::default(),
        };
        self.nodes.iter().map(work).collect()
    }

    fn databases(&self) -> impl Iterator<Item = &Database> {
        self.ground.plan.databases().iter().filter_map(|id| match &self.nodes[id.get()] {
            Node::Database(database) => Some(database),
            _ => None,
        })
    }

    /// How far each database is behind the primary: the one of the newest history, if there are two.
    fn lag(&self, at: SimTime) -> Vec<Lag> {
        let logs = self.databases().filter_map(Database::accepted_log);
        let Some(log) = logs.max_by_key(|log| log.history().current()) else {
            return vec![Lag::default(); self.ground.plan.databases().len()];
        };
        let lag = |database: &Database| {
            let (_, replayed) = database.reached();
            let missing = log.after(replayed).next();
            Lag {
                bytes: log.end().bytes_since(replayed),
                time: missing.map(|record| at.since(record.inserted_at)).unwrap_or_default(),
            }
        };
        self.databases().map(lag).collect()
    }

    /// Up to where every database has replayed and flushed the log, if all follow one history.
    fn replayed_by_all(&self) -> Option<Lsn> {
        let history = self.databases().next()?.history();
        if self.databases().any(|database| database.history() != history) {
            return None;
        }
        self.databases().map(Database::reached).map(|(flushed, seen)| flushed.min(seen)).min()
    }
}
