//! The books of writes, kept by nobody in the world: which were acknowledged, and which of these are gone.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use understudy_core::replication::{
    AcknowledgedWrite, Freshness, History, Key, Ledger, View, Write, WriteId,
};
use understudy_core::{LogPosition, Lsn, SimTime};

use crate::calls::CallId;

#[derive(Clone, Debug, Default)]
pub(super) struct Writes {
    last: u64,
    ledger: Ledger,
    /// Writes that a database has and whose clients wait to be told.
    pending: BTreeMap<WriteId, Pending>,
    /// The history that goes on, once there is more than one.
    goes_on: Option<History>,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    call: CallId,
    key: Key,
    position: LogPosition,
}

impl Writes {
    /// A new write to `key`.
    pub(super) fn begin(&mut self, key: Key) -> Write {
        self.last += 1;
        Write { id: WriteId(self.last), key }
    }

    /// A database has taken the write; `call` is to be answered once it is acknowledged.
    pub(super) fn taken(&mut self, write: Write, position: LogPosition, call: CallId) {
        self.pending.insert(write.id, Pending { call, key: write.key, position });
    }

    /// The write is acknowledged. Returns the call that is to be answered and where the write is in the log.
    pub(super) fn acknowledged(&mut self, now: SimTime, id: WriteId) -> Option<(CallId, LogPosition)> {
        let Pending { call, key, position } = self.pending.remove(&id)?;
        self.ledger.acknowledge(AcknowledgedWrite { write: Write { id, key }, position, at: now });
        Some((call, position))
    }

    /// The write will never be acknowledged. Returns the call that waits for it.
    pub(super) fn abandoned(&mut self, id: WriteId) -> Option<CallId> {
        self.pending.remove(&id).map(|pending| pending.call)
    }

    /// Whether the client of a write waits to be told.
    pub(super) fn is_pending(&self, id: WriteId) -> bool {
        self.pending.contains_key(&id)
    }

    /// Whether a record lies on the history that goes on.
    pub(super) fn goes_on_with(&self, position: LogPosition) -> bool {
        self.goes_on.as_ref().is_none_or(|history| history.contains(position.timeline, position.lsn))
    }

    /// What a read of `key` misses on a node that sees `view`.
    pub(super) fn freshness(&self, now: SimTime, key: Key, view: View<'_>) -> Freshness {
        self.ledger.freshness(now, key, view)
    }

    /// Every database has replayed and flushed the log up to `floor`, on one history: what lies before is no longer
    /// needed.
    pub(super) fn all_have(&mut self, floor: Lsn) {
        self.ledger.all_have(floor);
    }

    /// The log goes on along `history`. Returns how many acknowledged writes are gone with that.
    pub(super) fn settle(&mut self, history: &History) -> u64 {
        self.goes_on = Some(history.clone());
        self.ledger.settle(history).len() as u64
    }

    /// How many acknowledged writes would be gone if the log beyond `position` were lost.
    pub(super) fn would_lose_after(&self, position: LogPosition) -> u64 {
        self.ledger.clone().lose_after(position).len() as u64
    }

    /// A primary crashed and lost its log beyond `position`. Returns how many acknowledged writes are gone with it.
    pub(super) fn lose_after(&mut self, position: LogPosition) -> u64 {
        self.ledger.lose_after(position).len() as u64
    }

    /// The acknowledged writes that are not gone.
    pub(super) fn standing(&self) -> Vec<AcknowledgedWrite> {
        self.ledger.standing().collect()
    }
}
