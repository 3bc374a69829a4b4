//! How long the log is kept: for a while, and longer for replicas that have a slot.
//!
//! At each checkpoint the primary recycles the log except the newest `wal_keep_size` bytes. A replica that was
//! away for longer cannot catch up, unless it has a replication slot: a mark, moved by what the replica reports as
//! flushed, behind which nothing is recycled. A slot of a replica that stays away would fill the disk, so
//! `max_slot_wal_keep_size` bounds what slots hold back; one that falls further behind is lost at the next
//! checkpoint.
//!
//! Follows PostgreSQL's physical replication slots: `restart_lsn`, `wal_status` (view `pg_replication_slots`),
//! settings `wal_keep_size` and `max_slot_wal_keep_size`. A slot is named after its replica, one each. What a crash
//! recovery needs (the log since the last checkpoint) is not modelled apart: see
//! [`WalConfig::checkpoint_every`].

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::NodeId;
use crate::Lsn;

/// How much of the log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct WalConfig {
    /// Bytes kept behind the end in any case: `wal_keep_size`.
    pub wal_keep_size: u64,
    /// Bytes that slots can hold back at most; `None` for no bound: `max_slot_wal_keep_size`.
    pub max_slot_wal_keep_size: Option<u64>,
    /// Bytes of log between two checkpoints: what `max_wal_size` comes to in practice. At least 1.
    pub checkpoint_every: u64,
}

impl Default for WalConfig {
    /// Enough for any run on a page: 64 MiB kept, a checkpoint every 16 MiB, slots without a bound (PostgreSQL's
    /// default for `max_slot_wal_keep_size`).
    fn default() -> Self {
        Self { wal_keep_size: 64 << 20, max_slot_wal_keep_size: None, checkpoint_every: 16 << 20 }
    }
}

/// What a slot does for its replica: PostgreSQL's `wal_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotStatus {
    /// What it needs would be kept without it too.
    Reserved,
    /// It holds back the log.
    Extended,
    /// It is further behind than is allowed, and lost at the next checkpoint unless its replica catches up.
    Unreserved,
    /// What it needs is gone: its replica must be rebuilt.
    Lost,
}

impl fmt::Display for SlotStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reserved => "reserved",
            Self::Extended => "extended",
            Self::Unreserved => "unreserved",
            Self::Lost => "lost",
        })
    }
}

/// The slots of a primary, by replica.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slots {
    /// Position that the log is kept from; `None` once it is lost.
    restart: BTreeMap<NodeId, Option<Lsn>>,
}

impl Slots {
    /// Keeps the log for `replica` from `at` on. A slot that was lost starts anew.
    pub(super) fn create(&mut self, replica: NodeId, at: Lsn) {
        let slot = self.restart.entry(replica).or_insert(None);
        *slot = Some(slot.unwrap_or(at));
    }

    /// Keeps nothing for `replica` any more; answers whether it had a slot.
    pub(super) fn drop(&mut self, replica: NodeId) -> bool {
        self.restart.remove(&replica).is_some()
    }

    /// The replica has the log up to `flush`.
    pub(super) fn advance(&mut self, replica: NodeId, flush: Lsn) {
        if let Some(Some(restart)) = self.restart.get_mut(&replica) {
            *restart = flush.max(*restart);
        }
    }

    /// Whether the replica's slot is lost; `None` if it has none.
    pub(super) fn is_lost(&self, replica: NodeId) -> Option<bool> {
        self.restart.get(&replica).map(Option::is_none)
    }

    /// From where the log is kept for `replica`, if it has a slot that is not lost.
    pub(super) fn restart(&self, replica: NodeId) -> Option<Lsn> {
        self.restart.get(&replica).copied().flatten()
    }

    pub(super) fn status(&self, replica: NodeId, config: WalConfig, end: Lsn) -> Option<SlotStatus> {
        let Some(restart) = self.restart.get(&replica)? else { return Some(SlotStatus::Lost) };
        let behind = end.bytes_since(*restart);
        Some(if behind <= config.wal_keep_size.max(config.checkpoint_every) {
            SlotStatus::Reserved
        } else if config.most_for_slots().is_none_or(|most| behind <= most) {
            SlotStatus::Extended
        } else {
            SlotStatus::Unreserved
        })
    }

    /// A checkpoint at `end`: the slots that it loses, and the position up to which the log can be recycled.
    pub(super) fn checkpoint(&mut self, config: WalConfig, end: Lsn) -> (Vec<NodeId>, Lsn) {
        let mut lost = Vec::new();
        let mut keep_from = end.back(config.wal_keep_size);
        for (replica, slot) in &mut self.restart {
            let Some(restart) = *slot else { continue };
            if config.most_for_slots().is_some_and(|most| end.bytes_since(restart) > most) {
                *slot = None;
                lost.push(*replica);
            } else {
                keep_from = keep_from.min(restart);
            }
        }
        (lost, keep_from)
    }
}

impl WalConfig {
    /// The bound on slots: never less than is kept in any case.
    fn most_for_slots(self) -> Option<u64> {
        self.max_slot_wal_keep_size.map(|most| most.max(self.wal_keep_size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DB_2: NodeId = NodeId(2);
    const CONFIG: WalConfig =
        WalConfig { wal_keep_size: 100, max_slot_wal_keep_size: Some(500), checkpoint_every: 50 };

    #[test]
    fn a_slot_goes_from_reserved_to_lost_as_its_replica_falls_behind() {
        let mut slots = Slots::default();
        slots.create(DB_2, Lsn(1_000));
        assert_eq!(slots.status(DB_2, CONFIG, Lsn(1_100)), Some(SlotStatus::Reserved));
        assert_eq!(slots.status(DB_2, CONFIG, Lsn(1_101)), Some(SlotStatus::Extended));
        assert_eq!(slots.checkpoint(CONFIG, Lsn(1_500)), ([].into(), Lsn(1_000)));
        assert_eq!(slots.status(DB_2, CONFIG, Lsn(1_501)), Some(SlotStatus::Unreserved));
        assert_eq!(slots.checkpoint(CONFIG, Lsn(1_501)), ([DB_2].into(), Lsn(1_401)));
        assert_eq!(slots.status(DB_2, CONFIG, Lsn(1_501)), Some(SlotStatus::Lost));
        slots.advance(DB_2, Lsn(1_501));
        assert_eq!(slots.restart(DB_2), None, "lost stays lost");
    }

    #[test]
    fn without_a_slot_only_the_newest_is_kept() {
        assert_eq!(Slots::default().checkpoint(CONFIG, Lsn(1_000)), ([].into(), Lsn(900)));
        assert_eq!(Slots::default().status(DB_2, CONFIG, Lsn(1_000)), None);
    }

    #[test]
    fn a_replica_that_flushes_moves_its_slot_forward_only() {
        let mut slots = Slots::default();
        slots.create(DB_2, Lsn(100));
        slots.advance(DB_2, Lsn(300));
        slots.advance(DB_2, Lsn(200));
        assert_eq!(slots.restart(DB_2), Some(Lsn(300)));
        assert!(slots.drop(DB_2) && !slots.drop(DB_2));
    }
}
