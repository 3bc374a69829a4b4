//! Why a router did what it did: as data for programs, as a sentence for people.

use alloc::string::{String, ToString};
use core::fmt;
use core::net::Ipv4Addr;

use super::config::{AdvertInterval, Priority};
use super::router::VrrpState;
use crate::time::{SimDuration, SimTime};

/// How long a backup waits for an advert, and what that is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownInterval {
    /// How many adverts may be missed: three, or none once the master has said that it stops.
    pub adverts: u8,
    /// The master's interval between adverts.
    pub interval: AdvertInterval,
    /// What this router waits on top, less for a higher priority.
    pub skew: SimDuration,
}

impl DownInterval {
    /// The whole wait (section 6.1, Active_Down_Interval).
    pub fn total(&self) -> SimDuration {
        self.interval.duration() * u64::from(self.adverts) + self.skew
    }
}

/// Prints the sum with its parts, `3.609 s (3 x 1 s + skew 0.609 s)`; the skew alone as `skew 0.609 s`.
impl fmt::Display for DownInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skew = Seconds(self.skew);
        if self.adverts == 0 {
            return write!(f, "skew {skew}");
        }
        let total = Seconds(self.total());
        write!(f, "{total} ({} x {} + skew {skew})", self.adverts, Seconds(self.interval.duration()))
    }
}

/// A duration as a person reads it: in seconds, to the millisecond.
struct Seconds(SimDuration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_nanos() / 1_000_000;
        write!(f, "{}", SimTime::from_millis(millis))
    }
}

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state left.
    pub from: VrrpState,
    /// The state entered.
    pub to: VrrpState,
    /// Why.
    pub reason: TransitionReason,
}

/// Why a router changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransitionReason {
    /// Initialize to Backup: it was started, and listens for a master first.
    Started {
        /// How long it will listen.
        waits: DownInterval,
    },
    /// Initialize to Master: it was started and owns the virtual address.
    StartedAsOwner,
    /// Backup to Master: nothing was heard for too long.
    MasterSilent {
        /// The master that was heard last; `None` if there was none since the start.
        master: Option<Ipv4Addr>,
        /// How long ago its last advert, or the start, was.
        silent_for: SimDuration,
        /// What it was set to wait.
        waited: DownInterval,
    },
    /// Backup to Master: the master said that it stops.
    MasterResigned {
        /// The master that stopped.
        master: Ipv4Addr,
        /// What was waited since, so that better backups come first.
        waited: DownInterval,
    },
    /// Backup to Master: there is a living master, but it is lower.
    Preempted {
        /// The master that is taken over from.
        master: Ipv4Addr,
        /// Its priority.
        theirs: Priority,
        /// This router's own.
        ours: Priority,
    },
    /// Master to Backup: there is a master of higher priority.
    HigherPriority {
        /// The other master.
        master: Ipv4Addr,
        /// Its priority.
        theirs: Priority,
        /// This router's own.
        ours: Priority,
    },
    /// Master to Backup: there is a master of equal priority with a higher address.
    HigherAddress {
        /// The other master.
        master: Ipv4Addr,
        /// This router's own primary address.
        ours: Ipv4Addr,
        /// The priority of both.
        priority: Priority,
    },
    /// To Initialize: it was stopped cleanly.
    Stopped,
}

impl TransitionReason {
    /// The reason as part of a sentence, with routers called as `name` calls them.
    pub fn to_text(&self, name: impl Fn(Ipv4Addr) -> String) -> String {
        match *self {
            Self::Started { waits } => alloc::format!("started; listens for a master for {waits}"),
            Self::StartedAsOwner => "started as the owner of the address (priority 255)".into(),
            Self::MasterSilent { master, silent_for, waited } => {
                let from = master.map_or_else(|| "any router".into(), name);
                // A driver that was late, or settings changed meanwhile, make the silence longer than the wait.
                if silent_for == waited.total() {
                    return alloc::format!("no advert from {from} for {waited}");
                }
                alloc::format!("no advert from {from} for {}, waiting {waited}", Seconds(silent_for))
            }
            Self::MasterResigned { master, waited } => {
                alloc::format!(
                    "{} stopped (priority 0), and no better backup took over within {waited}",
                    name(master)
                )
            }
            Self::Preempted { master, theirs, ours } => {
                alloc::format!("preempts {}: its priority {theirs} is below {ours}", name(master))
            }
            Self::HigherPriority { master, theirs, ours } => {
                alloc::format!("{} is master with priority {theirs}, above {ours}", name(master))
            }
            Self::HigherAddress { master, ours, priority } => {
                alloc::format!(
                    "{} is master with the same priority {priority} and an address above {ours}",
                    name(master)
                )
            }
            Self::Stopped => "stopped cleanly".into(),
        }
    }
}

/// Prints the reason with routers called by their addresses.
impl fmt::Display for TransitionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(|address| address.to_string()))
    }
}

/// What became of an advert that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A backup goes on waiting: the master lives (section 6.4.2).
    Accepted,
    /// A backup puts up with a lower master until its preempt delay is over.
    Tolerated,
    /// A backup pays no heed to a lower master and will take over from it (section 6.4.2).
    Discarded,
    /// A backup waits no longer than its skew: the master stops (section 6.4.2).
    Resigned,
    /// A master answers a lower one, or one that stops, with its own advert at once (section 6.4.3).
    Asserted,
    /// A master gives way to a higher one (section 6.4.3).
    GaveWay,
}

impl Verdict {
    /// The verdict as part of a sentence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "the master lives",
            Self::Tolerated => "a lower master, put up with until the preempt delay is over",
            Self::Discarded => "a lower master, not heeded",
            Self::Resigned => "the master stops",
            Self::Asserted => "answered by an advert of its own",
            Self::GaveWay => "a higher master",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_the_reason_with_names_and_sums() {
        let second = AdvertInterval::DEFAULT;
        let skew = SimDuration::from_micros(609_375);
        let waited = DownInterval { adverts: 3, interval: second, skew };
        let master = Ipv4Addr::new(10, 0, 0, 1);
        let silent =
            TransitionReason::MasterSilent { master: Some(master), silent_for: waited.total(), waited };
        assert_eq!(silent.to_string(), "no advert from 10.0.0.1 for 3.609 s (3 x 1 s + skew 0.609 s)");
        assert_eq!(
            silent.to_text(|_| "lb-1".into()),
            "no advert from lb-1 for 3.609 s (3 x 1 s + skew 0.609 s)"
        );
        let late =
            TransitionReason::MasterSilent { master: None, silent_for: SimDuration::from_secs(9), waited };
        assert_eq!(
            late.to_string(),
            "no advert from any router for 9 s, waiting 3.609 s (3 x 1 s + skew 0.609 s)"
        );
        let waited = DownInterval { adverts: 0, interval: second, skew };
        assert_eq!(
            TransitionReason::MasterResigned { master, waited }.to_string(),
            "10.0.0.1 stopped (priority 0), and no better backup took over within skew 0.609 s"
        );
    }
}
