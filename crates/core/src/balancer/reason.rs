//! Why a request went where it went, as data and in words.
//!
//! Words need names, and the balancer knows its servers by position only: [`Decision::with_names`] and
//! [`PassedOver`]'s `Display` leave the names to the caller.

use alloc::vec::Vec;
use core::fmt;

use super::server::ServerIndex;
use crate::time::{SimDuration, SimTime};

/// Why a server was not picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassedOver {
    /// It is set `down` in its configuration.
    SetDown,
    /// Health checks turned it down at this instant.
    Down {
        /// Since when it is believed down.
        since: SimTime,
    },
    /// It is a standby, and the pool's mode keeps it out for now.
    StandingBy,
    /// It is a backup, and a primary is left to try.
    Backup,
    /// It is a primary, and this request has gone on to the backups.
    LeftForBackups,
    /// Too many of the requests sent to it failed.
    Suspended {
        /// Failed requests on its account.
        fails: u32,
        /// When a request will be sent to it again.
        until: SimTime,
    },
    /// It has as many requests as it may have.
    Full {
        /// Requests under way there.
        connections: u32,
    },
    /// This request was on it already.
    Tried,
}

/// A clause without the server's name: `down since 12.4 s`.
impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetDown => f.write_str("set down in the configuration"),
            Self::Down { since } => write!(f, "down since {since}"),
            Self::StandingBy => f.write_str("standing by, not needed now"),
            Self::Backup => f.write_str("a backup, for when no other is left"),
            Self::LeftForBackups => f.write_str("this request has gone on to the backups"),
            Self::Suspended { fails: 1, until } => write!(f, "1 request failed, not tried before {until}"),
            Self::Suspended { fails, until } => {
                write!(f, "{fails} requests failed, not tried before {until}")
            }
            Self::Full { connections } => write!(f, "full with {connections} requests"),
            Self::Tried => f.write_str("tried by this request already"),
        }
    }
}

/// Why a server was picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// Round robin: no other server's turn is as overdue.
    MostOverdue {
        /// Its credit before it paid.
        credit: i64,
        /// What it paid: the weights of all that took part.
        total: i64,
    },
    /// Least connections.
    FewestConnections {
        /// Requests under way there before this one.
        connections: u32,
        /// How many servers have as few for their weight, this one included.
        tied: usize,
    },
    /// Random of two.
    LessLoadedOfTwo {
        /// Requests under way there before this one.
        connections: u32,
        /// The other server drawn.
        other: ServerIndex,
        /// Requests under way on that one.
        other_connections: u32,
    },
    /// IP hash: the client's network belongs there.
    ClientAddress,
    /// Maglev: the key belongs there.
    KeySlot {
        /// The slot of the table that the key fell on.
        slot: u32,
    },
    /// Peak EWMA.
    SoonerOfTwo {
        /// When it would answer, going by its average and the requests under way there.
        expected: SimDuration,
        /// The other server drawn.
        other: ServerIndex,
        /// When that would answer; `None` when its first answer is being waited for.
        other_expected: Option<SimDuration>,
    },
}

/// Why a request was sent nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// Every server is out of use or tried: nginx's "no live upstreams".
    NoServerLeft,
    /// The request has tried as many servers as it may.
    TriesSpent {
        /// How many that is.
        tries: u32,
    },
    /// The request has been trying for as long as it may.
    TimeSpent {
        /// Since when.
        since: SimTime,
    },
}

impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoServerLeft => f.write_str("no server is left to try"),
            Self::TriesSpent { tries: 1 } => f.write_str("a request may try 1 server"),
            Self::TriesSpent { tries } => write!(f, "a request may try {tries} servers"),
            Self::TimeSpent { since } => write!(f, "it has been trying since {since}"),
        }
    }
}

/// What an algorithm came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    pub(super) index: usize,
    pub(super) because: Because,
}

/// One pick, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Where the request goes and why, or why nowhere.
    pub picked: Result<(ServerIndex, Because), NotSent>,
    /// The servers that could not be picked, in pool order.
    pub passed_over: Vec<(ServerIndex, PassedOver)>,
}

impl Decision {
    /// The decision in words: one sentence on the pick, then one for each server passed over, a line each.
    ///
    /// `names` are in pool order; a server without a name goes by its position.
    pub fn with_names<'a, S: AsRef<str>>(&'a self, names: &'a [S]) -> impl fmt::Display + 'a {
        fmt::from_fn(move |f| {
            let name = |server| Name { server, names };
            match self.picked {
                Ok((server, because)) => {
                    write!(f, "sent to {}: ", name(server))?;
                    write_because(f, because, name)?;
                }
                Err(reason) => write!(f, "not sent: {reason}")?,
            }
            self.passed_over
                .iter()
                .try_for_each(|&(server, reason)| write!(f, "\npassed over {}: {reason}", name(server)))
        })
    }
}

struct Name<'a, S> {
    server: ServerIndex,
    names: &'a [S],
}

impl<S: AsRef<str>> fmt::Display for Name<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names.get(self.server.get()) {
            Some(name) => f.write_str(name.as_ref()),
            None => write!(f, "server {}", self.server),
        }
    }
}

fn write_because<N: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    because: Because,
    name: impl Fn(ServerIndex) -> N,
) -> fmt::Result {
    match because {
        Because::MostOverdue { credit, total } => {
            write!(f, "its turn is the most overdue (credit {credit}; a turn costs {total})")
        }
        Because::FewestConnections { connections, tied } => {
            write!(f, "it has the fewest requests under way for its weight ({connections})")?;
            match tied {
                1 => Ok(()),
                2 => f.write_str(", as has one other, and its turn is the more overdue"),
                _ => write!(f, ", as have {} others, and its turn is the most overdue", tied - 1),
            }
        }
        Because::LessLoadedOfTwo { connections, other, other_connections } => {
            let other = name(other);
            write!(f, "of two drawn at random it is no more loaded for its weight ")?;
            write!(f, "(requests under way: {connections} here, {other_connections} on {other})")
        }
        Because::ClientAddress => f.write_str("the client's network belongs to it"),
        Because::KeySlot { slot } => write!(f, "the request's key belongs to it (slot {slot} of the table)"),
        Because::SoonerOfTwo { expected, other, other_expected } => {
            let other = name(other);
            let expected = rounded(expected);
            f.write_str("of two drawn at random it should answer no later for its weight ")?;
            match other_expected.map(rounded) {
                Some(other_expected) => write!(f, "({expected} here, {other_expected} on {other})"),
                None => write!(f, "({expected} here, and {other} has yet to give its first answer)"),
            }
        }
    }
}

/// To a hundredth of a millisecond: an estimate is no truer than that.
fn rounded(estimate: SimDuration) -> SimDuration {
    const STEP: u64 = 10_000;
    SimDuration::from_nanos((estimate.as_nanos() + STEP / 2) / STEP * STEP)
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_decision_reads_as_sentences() {
        let decision = Decision {
            picked: Ok((ServerIndex(0), Because::MostOverdue { credit: 5, total: 7 })),
            passed_over: alloc::vec![
                (ServerIndex(1), PassedOver::Down { since: SimTime::from_millis(12_400) }),
                (ServerIndex(2), PassedOver::Suspended { fails: 2, until: SimTime::from_secs(23) }),
            ],
        };
        assert_eq!(
            decision.with_names(&["web-1", "web-2"]).to_string(),
            "sent to web-1: its turn is the most overdue (credit 5; a turn costs 7)\n\
             passed over web-2: down since 12.4 s\n\
             passed over server 2: 2 requests failed, not tried before 23 s"
        );
    }
}
