//! The timers of a router, by name.

use crate::time::SimTime;

/// What a router waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VrrpTimer {
    /// A master's next advert is due (section 6.2, Adver_Timer).
    Advert,
    /// A backup has heard no advert for too long (section 6.2, Active_Down_Timer).
    MasterDown,
    /// A backup has put up with a lower master for long enough: it no longer minds its adverts.
    PreemptDelay,
    /// A new master sends its gratuitous ARP once more.
    GarpDelay,
}

impl VrrpTimer {
    /// Every timer, in the order in which those due at the same instant fire.
    pub const ALL: [Self; 4] = [Self::Advert, Self::MasterDown, Self::PreemptDelay, Self::GarpDelay];

    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Advert => "next advert",
            Self::MasterDown => "master down",
            Self::PreemptDelay => "preempt delay",
            Self::GarpDelay => "second gratuitous ARP",
        }
    }
}

/// When each timer fires, for those that run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Timers([Option<SimTime>; VrrpTimer::ALL.len()]);

impl Timers {
    /// Starts a timer, or starts it anew.
    pub(super) fn arm(&mut self, timer: VrrpTimer, at: SimTime) {
        self.0[timer as usize] = Some(at);
    }

    pub(super) fn cancel(&mut self, timer: VrrpTimer) {
        self.0[timer as usize] = None;
    }

    pub(super) fn cancel_all(&mut self) {
        *self = Self::default();
    }

    /// When a timer fires; `None` when it does not run.
    pub(super) fn get(&self, timer: VrrpTimer) -> Option<SimTime> {
        self.0[timer as usize]
    }

    /// The timers that run, in the order of [`VrrpTimer::ALL`].
    pub(super) fn running(&self) -> impl Iterator<Item = (VrrpTimer, SimTime)> {
        VrrpTimer::ALL.into_iter().filter_map(|timer| Some((timer, self.get(timer)?)))
    }

    /// The timer that fires first.
    pub(super) fn next(&self) -> Option<(VrrpTimer, SimTime)> {
        self.running().min_by_key(|&(timer, at)| (at, timer))
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn the_earliest_fires_first_and_ties_go_by_order() {
        let mut timers = Timers::default();
        assert_eq!(timers.next(), None);
        timers.arm(VrrpTimer::GarpDelay, SimTime::from_secs(2));
        timers.arm(VrrpTimer::PreemptDelay, SimTime::from_secs(1));
        timers.arm(VrrpTimer::Advert, SimTime::from_secs(2));
        assert_eq!(timers.next(), Some((VrrpTimer::PreemptDelay, SimTime::from_secs(1))));
        timers.cancel(VrrpTimer::PreemptDelay);
        assert_eq!(timers.next(), Some((VrrpTimer::Advert, SimTime::from_secs(2))));
        let running: Vec<_> = timers.running().map(|(timer, _)| timer.name()).collect();
        assert_eq!(running, ["next advert", "second gratuitous ARP"]);
        timers.cancel_all();
        assert_eq!(timers.next(), None);
    }
}
