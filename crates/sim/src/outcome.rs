//! What requests want and how they end. Every request ends in exactly one outcome.

/// What a request wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum RequestKind {
    /// Data: from a database, if there is one.
    #[default]
    Read,
    /// A change of data.
    Write,
    /// A file that the web server has itself.
    Static,
}

impl RequestKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Static];

    /// The kind's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Static => "static file",
        }
    }
}

/// The one way in which a request ended, as its client saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The work was done and the answer arrived.
    Answered,
    /// The connection was refused: no process listens at that address. Nothing was done.
    Refused,
    /// Nobody answered in time. Whether it was done is unknown.
    TimedOut,
    /// The server's queue was full, so it turned the request away.
    QueueFull,
    /// A node that runs could not or would not do it: a balancer that believes no server up ("503 Service
    /// Unavailable"), a database that takes no writes.
    Rejected,
    /// A process died with the request inside it. Whether it was done is unknown.
    Lost,
    /// A firewall dropped it, without a word: its sender waited in vain and gave up.
    Dropped,
}

impl Outcome {
    /// All outcomes, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Answered,
        Self::Refused,
        Self::TimedOut,
        Self::QueueFull,
        Self::Rejected,
        Self::Lost,
        Self::Dropped,
    ];

    /// The outcome's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::TimedOut => "timed out",
            Self::QueueFull => "queue full",
            Self::Rejected => "rejected",
            Self::Lost => "lost",
            Self::Dropped => "dropped by the firewall",
        }
    }

    /// The outcome's name where names are keys, as in JSON.
    pub const fn key(self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::QueueFull => "queue_full",
            Self::Dropped => "dropped",
            other => other.name(),
        }
    }
}

/// How many requests were sent and how they ended. `sent` is always the sum of the ended and those in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Requests that clients sent.
    pub sent: u64,
    /// The same for each kind of request.
    sent_of: [u64; RequestKind::ALL.len()],
    /// For each kind of request, how many ended in each way.
    ended: [[u64; Outcome::ALL.len()]; RequestKind::ALL.len()],
    /// How often clients sent a request once more: it stays one request and ends once.
    pub retries: u64,
    /// Reads that a database answered.
    pub reads: u64,
    /// Of these, the ones that missed a write that had been acknowledged before.
    pub stale_reads: u64,
    /// Writes that clients were told are done.
    pub acknowledged_writes: u64,
    /// Of these, the ones that are gone.
    pub lost_writes: u64,
    /// The attackers' requests: in none of the other numbers.
    pub attack: AttackTotals,
}

/// How many requests attackers sent and how they ended. `sent` is always the sum of the ended and those in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttackTotals {
    /// Requests and queries that attackers sent.
    pub sent: u64,
    ended: [u64; Outcome::ALL.len()],
}

impl AttackTotals {
    /// Counts one that ended.
    pub(crate) fn end(&mut self, outcome: Outcome) {
        self.ended[outcome as usize] += 1;
    }

    /// Those that ended so.
    pub const fn of(&self, outcome: Outcome) -> u64 {
        self.ended[outcome as usize]
    }

    /// Those that ended in any way.
    pub fn ended(&self) -> u64 {
        self.ended.iter().sum()
    }

    /// Those that have not ended yet.
    pub fn in_flight(&self) -> u64 {
        self.sent - self.ended()
    }
}

impl Totals {
    /// Counts one request that is sent.
    pub(crate) fn send(&mut self, kind: RequestKind) {
        self.sent += 1;
        self.sent_of[kind as usize] += 1;
    }

    /// Counts one request that ended.
    pub(crate) fn end(&mut self, kind: RequestKind, outcome: Outcome) {
        self.ended[kind as usize][outcome as usize] += 1;
    }

    /// Requests of this kind that were sent.
    pub const fn sent_of(&self, kind: RequestKind) -> u64 {
        self.sent_of[kind as usize]
    }

    /// Requests of this kind that ended so.
    pub const fn ended_so(&self, kind: RequestKind, outcome: Outcome) -> u64 {
        self.ended[kind as usize][outcome as usize]
    }

    /// Requests of this kind that were answered.
    pub const fn answered_of(&self, kind: RequestKind) -> u64 {
        self.ended_so(kind, Outcome::Answered)
    }

    /// Requests of this kind that ended without an answer.
    pub fn failed_of(&self, kind: RequestKind) -> u64 {
        self.ended[kind as usize].iter().sum::<u64>() - self.answered_of(kind)
    }

    /// What was added since `earlier`, which was read in the same run.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        self.each(earlier, |now, before| now - before)
    }

    /// The sum of both.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        self.each(other, |one, other| one + other)
    }

    fn each(&self, other: &Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        let Self {
            sent,
            sent_of,
            ended,
            reads,
            stale_reads,
            acknowledged_writes,
            lost_writes,
            retries,
            attack,
        } = *self;
        Self {
            sent: combine(sent, other.sent),
            sent_of: core::array::from_fn(|kind| combine(sent_of[kind], other.sent_of[kind])),
            ended: core::array::from_fn(|kind| {
                core::array::from_fn(|outcome| combine(ended[kind][outcome], other.ended[kind][outcome]))
            }),
            reads: combine(reads, other.reads),
            stale_reads: combine(stale_reads, other.stale_reads),
            acknowledged_writes: combine(acknowledged_writes, other.acknowledged_writes),
            lost_writes: combine(lost_writes, other.lost_writes),
            retries: combine(retries, other.retries),
            attack: AttackTotals {
                sent: combine(attack.sent, other.attack.sent),
                ended: core::array::from_fn(|outcome| {
                    combine(attack.ended[outcome], other.attack.ended[outcome])
                }),
            },
        }
    }

    /// Requests that ended so.
    pub const fn of(&self, outcome: Outcome) -> u64 {
        let [reads, writes, files] = &self.ended;
        reads[outcome as usize] + writes[outcome as usize] + files[outcome as usize]
    }

    /// How often clients sent a request, the first time and once more.
    pub const fn attempts(&self) -> u64 {
        self.sent + self.retries
    }

    /// Requests that ended in any way.
    pub fn ended(&self) -> u64 {
        self.ended.iter().flatten().sum()
    }

    /// Requests that ended without an answer.
    pub fn failed(&self) -> u64 {
        self.ended() - self.of(Outcome::Answered)
    }

    /// Requests that have not ended yet.
    pub fn in_flight(&self) -> u64 {
        self.sent - self.ended()
    }

    /// Answered share of the ended requests, from 0 to 1; `None` before the first has ended.
    #[expect(clippy::cast_precision_loss, reason = "a share for people to read")]
    pub fn availability(&self) -> Option<f64> {
        let ended = self.ended();
        (ended > 0).then(|| self.of(Outcome::Answered) as f64 / ended as f64)
    }
}
