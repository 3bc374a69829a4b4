//! What one router is set to, and the limits of each setting.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::net::Ipv4Addr;

use super::reason::DownInterval;
use crate::time::SimDuration;

/// Nanoseconds in a centisecond, the unit of time on the wire.
const NANOS_PER_CENTI: u64 = 10_000_000;

/// How many adverts may be missed before the master is taken for dead (section 6.1).
const MISSED_ADVERTS: u8 = 3;

/// Who is to be master: the highest (section 6.1, Priority).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct Priority(u8);

impl Priority {
    /// The router that owns the virtual address as its own: master whenever it runs.
    pub const OWNER: Self = Self(255);
    /// The RFC's default.
    pub const DEFAULT: Self = Self(100);

    /// A priority from 1 to 255. 0 is none: a master says it when it stops.
    pub const fn new(priority: u8) -> Result<Self, VrrpConfigError> {
        if priority == 0 { Err(VrrpConfigError::PriorityZero) } else { Ok(Self(priority)) }
    }

    /// As a number, 1 to 255.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Whether this is the address owner's.
    pub const fn is_owner(self) -> bool {
        self.0 == Self::OWNER.0
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The time between two adverts, in whole centiseconds as the wire carries it: 10 ms to 40.95 s (section 5.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct AdvertInterval(u16);

impl AdvertInterval {
    /// The RFC's default: 1 s.
    pub const DEFAULT: Self = Self(100);
    /// The most that the wire's 12 bits hold.
    const MAX_CENTIS: u16 = 0xFFF;

    /// The interval nearest to `duration` in whole centiseconds, halves rounded up.
    pub const fn new(duration: SimDuration) -> Result<Self, VrrpConfigError> {
        let centis = duration.as_nanos().saturating_add(NANOS_PER_CENTI / 2) / NANOS_PER_CENTI;
        if centis == 0 || centis > Self::MAX_CENTIS as u64 {
            return Err(VrrpConfigError::Interval(duration));
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most MAX_CENTIS, checked above")]
        Ok(Self(centis as u16))
    }

    /// As the wire carries it, 1 to 4095.
    pub const fn centis(self) -> u16 {
        self.0
    }

    /// As a length of time.
    pub const fn duration(self) -> SimDuration {
        SimDuration::from_nanos(self.0 as u64 * NANOS_PER_CENTI)
    }
}

/// The settings of one router for one virtual router (section 6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct VrrpConfig {
    /// Number of the virtual router on its network; adverts of others are not heard.
    pub vrid: u8,
    /// This router's own address: the source of its adverts, and what decides between equal priorities.
    pub primary: Ipv4Addr,
    /// The virtual addresses that the master holds.
    pub addresses: Vec<Ipv4Addr>,
    /// Who is to be master.
    pub priority: Priority,
    /// Time between two adverts while master.
    pub interval: AdvertInterval,
    /// Whether to take over from a living master of lower priority (section 6.1, Preempt_Mode). An owner always does.
    pub preempt: bool,
    /// How long to put up with a living master of lower priority before taking over from it; counted from its
    /// first advert. keepalived's `preempt_delay`; the RFC has none, so zero by default.
    pub preempt_delay: SimDuration,
    /// How long after a takeover the gratuitous ARP is sent once more, for hosts that missed the first. keepalived's
    /// `garp_master_delay`, there 5 s by default; the RFC sends it once, so `None` by default.
    pub garp_delay: Option<SimDuration>,
}

impl VrrpConfig {
    /// The RFC's defaults for the router at `primary`: priority 100, an advert every second, preempting.
    pub fn new(vrid: u8, primary: Ipv4Addr, address: Ipv4Addr) -> Self {
        Self {
            vrid,
            primary,
            addresses: vec![address],
            priority: Priority::DEFAULT,
            interval: AdvertInterval::DEFAULT,
            preempt: true,
            preempt_delay: SimDuration::ZERO,
            garp_delay: None,
        }
    }

    /// Whether this router takes over from a living master of lower priority. The address owner does whatever the
    /// setting says (section 6.1, Preempt_Mode).
    pub const fn preempts(&self) -> bool {
        self.preempt || self.priority.is_owner()
    }

    /// Skew_Time for a master that advertises every `interval`: `(256 - priority) x interval / 256` (section 6.1).
    pub fn skew(&self, interval: AdvertInterval) -> SimDuration {
        let parts = 256 - u64::from(self.priority.get());
        SimDuration::from_nanos(parts * interval.duration().as_nanos() / 256)
    }

    /// Master_Down_Interval for a master that advertises every `interval`: three of them and the skew (section 6.1).
    pub fn down_interval(&self, interval: AdvertInterval) -> DownInterval {
        DownInterval { adverts: MISSED_ADVERTS, interval, skew: self.skew(interval) }
    }
}

/// Why a setting cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VrrpConfigError {
    /// Priority 0 means "I stop" on the wire.
    PriorityZero,
    /// The interval is not one that the wire can carry.
    Interval(SimDuration),
}

impl fmt::Display for VrrpConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PriorityZero => f.write_str(
                "a VRRP priority of 0 is kept for a master that stops; give 1 to 254, or 255 for the address owner",
            ),
            Self::Interval(given) => {
                write!(f, "a VRRP advert interval of {given} does not fit; give 10 ms to 40.95 s, like \"1s\"")
            }
        }
    }
}

impl core::error::Error for VrrpConfigError {}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    fn config(priority: u8) -> VrrpConfig {
        let mut config = VrrpConfig::new(1, Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 100));
        config.priority = Priority::new(priority).expect("not 0");
        config
    }

    #[test]
    fn the_higher_the_priority_the_shorter_the_wait() {
        for (priority, skew_us, down_us) in [
            (255, 3_906, 3_003_906),
            (254, 7_812, 3_007_812),
            (100, 609_375, 3_609_375),
            (1, 996_093, 3_996_093),
        ] {
            let config = config(priority);
            let micros = |duration: SimDuration| duration.as_nanos() / 1_000;
            assert_eq!(micros(config.skew(AdvertInterval::DEFAULT)), skew_us, "priority {priority}");
            assert_eq!(micros(config.down_interval(AdvertInterval::DEFAULT).total()), down_us);
        }
    }

    #[test]
    fn an_interval_is_rounded_to_what_the_wire_carries() {
        for (given_ms, centis) in [(10, 1), (14, 1), (15, 2), (1_000, 100), (40_950, 4_095)] {
            let interval = AdvertInterval::new(SimDuration::from_millis(given_ms)).expect("fits");
            assert_eq!(interval.centis(), centis, "{given_ms} ms");
        }
        for given_ms in [0, 4, 40_956, 100_000] {
            let error = AdvertInterval::new(SimDuration::from_millis(given_ms)).expect_err("does not fit");
            assert!(error.to_string().contains("10 ms to 40.95 s"), "{error}");
        }
    }

    #[test]
    fn no_router_has_priority_zero_and_the_owner_always_preempts() {
        assert_eq!(Priority::new(0), Err(VrrpConfigError::PriorityZero));
        let mut owner = config(255);
        owner.preempt = false;
        assert!(owner.preempts());
        let mut other = config(254);
        other.preempt = false;
        assert!(!other.preempts());
    }
}
