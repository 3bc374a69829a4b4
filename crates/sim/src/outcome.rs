//! How a request ends. Every request ends in exactly one outcome.

/// The one way in which a request ended, as its client saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A server did the work and its reply arrived.
    Answered,
    /// The connection was refused: no process listens at that address. Nothing was done.
    Refused,
    /// The server's queue was full, so it turned the request away.
    QueueFull,
    /// The balancer believed no server up and answered "503 Service Unavailable" itself.
    Rejected,
    /// The server (or balancer) died with the request inside it.
    Lost,
}

impl Outcome {
    /// All outcomes, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Answered, Self::Refused, Self::QueueFull, Self::Rejected, Self::Lost];

    /// The outcome's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::QueueFull => "queue full",
            Self::Rejected => "rejected",
            Self::Lost => "lost",
        }
    }

    /// The outcome's name where names are keys, as in JSON.
    pub const fn key(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            other => other.name(),
        }
    }
}

/// How many requests were sent and how they ended. `sent` is always the sum of the ended and those in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Requests that clients sent.
    pub sent: u64,
    ended: [u64; Outcome::ALL.len()],
}

impl Totals {
    /// Counts one request that ended.
    pub(crate) fn end(&mut self, outcome: Outcome) {
        self.ended[outcome as usize] += 1;
    }

    /// Requests that ended so.
    pub const fn of(&self, outcome: Outcome) -> u64 {
        self.ended[outcome as usize]
    }

    /// Requests that ended in any way.
    pub fn ended(&self) -> u64 {
        self.ended.iter().sum()
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
