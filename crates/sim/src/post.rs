//! Letters: what a message carries when it does not fit into the message itself.

use alloc::boxed::Box;
use alloc::vec::Vec;

use understudy_core::alerting::Counters;
use understudy_core::failover::{CallId, Instruction, Report};
use understudy_core::replication::{ToPrimary, ToReplica};
use understudy_core::vrrp::Advert;
use understudy_core::{Lsn, SimDuration, SimTime};

use crate::event::LetterId;
use crate::ids::NodeId;

/// What is inside.
#[derive(Clone, Debug)]
pub(crate) enum Letter {
    Advert(Advert),
    ToReplica(ToReplica),
    ToPrimary(ToPrimary),
    /// What the failover manager asks of a database.
    Instruction {
        call: CallId,
        instruction: Instruction,
        lease_until: Option<SimTime>,
        /// Whether a primary may take writes only while it holds a lease.
        leases: bool,
    },
    /// A database's answer.
    Report(Report),
    /// The database's process does not run: the call could not be delivered.
    Refused {
        call: CallId,
    },
    /// A DNS server's answer.
    Addresses {
        query: u32,
        addresses: Vec<NodeId>,
        ttl: SimDuration,
    },
    /// What a monitor's target counted.
    Counters {
        target: u16,
        scrape: u32,
        counters: Box<Counters>,
        log: Option<LogSample>,
    },
}

/// How far a database's log has come, as it tells a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogSample {
    pub(crate) takes_writes: bool,
    pub(crate) end: Lsn,
    pub(crate) replayed: Lsn,
}

/// The letters that are on their way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Post {
    slots: Vec<Option<Letter>>,
    free: Vec<u32>,
}

impl Post {
    pub(crate) fn put(&mut self, letter: Letter) -> LetterId {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = Some(letter);
            return LetterId(slot);
        }
        let slot = u32::try_from(self.slots.len()).expect("fewer than 4 billion letters under way");
        self.slots.push(Some(letter));
        LetterId(slot)
    }

    /// Takes a letter out. Each is taken once, by whoever the message reaches.
    pub(crate) fn take(&mut self, id: LetterId) -> Letter {
        self.free.push(id.0);
        self.slots[id.0 as usize].take().expect("each letter is taken once")
    }

    pub(crate) fn get(&self, id: LetterId) -> Option<&Letter> {
        self.slots[id.0 as usize].as_ref()
    }
}
