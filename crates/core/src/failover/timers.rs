//! The manager's timers, by name.

use crate::time::SimTime;

/// What can come due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// The next round of health checks.
    Check,
    /// The replicas have had their time to report.
    ReportWindow,
    /// The fencing device did not confirm: ask again.
    FenceRetry,
    /// The last lease that the old primary was given has run out.
    LeaseExpiry,
    /// A planned switchover has taken too long.
    CatchUp,
}

impl Timer {
    /// Every timer; of two due at the same instant the earlier one here goes first.
    pub const ALL: [Self; 5] =
        [Self::Check, Self::ReportWindow, Self::FenceRetry, Self::LeaseExpiry, Self::CatchUp];
}

/// When each timer is due.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Timers([Option<SimTime>; Timer::ALL.len()]);

impl Timers {
    pub(super) const fn set(&mut self, timer: Timer, due: SimTime) {
        self.0[timer as usize] = Some(due);
    }

    pub(super) const fn clear(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    pub(super) fn next(&self) -> Option<SimTime> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes the timer that is due first, if it is due by `now`.
    pub(super) fn pop_due(&mut self, now: SimTime) -> Option<Timer> {
        let due = self.next().filter(|&due| due <= now)?;
        let timer = Timer::ALL.into_iter().find(|&timer| self.0[timer as usize] == Some(due))?;
        self.clear(timer);
        Some(timer)
    }

    /// Counts every deadline from `start` instead of zero.
    pub(super) fn rebase(&mut self, start: SimTime) {
        for due in self.0.iter_mut().flatten() {
            *due = since(*due, start);
        }
    }
}

/// `instant`, counted from `start`; zero if it was before.
pub(super) fn since(instant: SimTime, start: SimTime) -> SimTime {
    SimTime::ZERO + instant.since(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_due_goes_first_and_none_goes_early() {
        let mut timers = Timers::default();
        timers.set(Timer::CatchUp, SimTime::from_secs(2));
        timers.set(Timer::LeaseExpiry, SimTime::from_secs(5));
        timers.set(Timer::Check, SimTime::from_secs(5));
        assert_eq!(timers.pop_due(SimTime::from_secs(1)), None);
        let now = SimTime::from_secs(5);
        for timer in [Timer::CatchUp, Timer::Check, Timer::LeaseExpiry] {
            assert_eq!(timers.pop_due(now), Some(timer));
        }
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn rebased_deadlines_are_as_far_ahead_as_before() {
        let mut timers = Timers::default();
        timers.set(Timer::Check, SimTime::from_secs(7));
        timers.rebase(SimTime::from_secs(5));
        assert_eq!(timers.next(), Some(SimTime::from_secs(2)));
    }
}
