//! How many requests ended how, over time: what the charts draw.

use alloc::collections::VecDeque;

use understudy_core::{SimDuration, SimTime};

use crate::outcome::Outcome;

/// Length of one bucket.
pub const BUCKET: SimDuration = SimDuration::from_millis(500);
/// How many buckets are kept: the newest two minutes.
pub const KEPT: usize = 240;

/// What ended in one bucket of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Requests that were answered.
    pub answered: u32,
    /// Requests that ended in any other way.
    pub failed: u32,
}

/// The newest buckets of a run; the last one is still filling.
#[derive(Clone, Debug)]
pub struct History {
    buckets: VecDeque<Bucket>,
    /// Number of the first bucket kept, counted from the start of the run.
    first: u64,
}

impl Default for History {
    fn default() -> Self {
        Self { buckets: VecDeque::from([Bucket::default()]), first: 0 }
    }
}

impl History {
    /// Each bucket kept with the instant at which it starts, oldest first.
    pub fn buckets(&self) -> impl ExactSizeIterator<Item = (SimTime, Bucket)> {
        let first = self.first;
        self.buckets
            .iter()
            .enumerate()
            .map(move |(index, bucket)| (SimTime::ZERO + BUCKET * (first + index as u64), *bucket))
    }

    /// Opens buckets up to the one of `now`.
    pub(crate) fn advance_to(&mut self, now: SimTime) {
        let wanted = now.as_nanos() / BUCKET.as_nanos();
        // After a long silence all that is kept is empty: no need to walk there.
        let skip = wanted.saturating_sub(self.first + (KEPT + self.buckets.len()) as u64);
        if skip > 0 {
            self.buckets.clear();
            self.first = wanted - KEPT as u64;
        }
        while self.first + (self.buckets.len() as u64) <= wanted {
            if self.buckets.len() == KEPT {
                self.buckets.pop_front();
                self.first += 1;
            }
            self.buckets.push_back(Bucket::default());
        }
    }

    pub(crate) fn end(&mut self, now: SimTime, outcome: Outcome) {
        self.advance_to(now);
        let bucket = self.buckets.back_mut().expect("the bucket of now was opened");
        match outcome {
            Outcome::Answered => bucket.answered += 1,
            _ => bucket.failed += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_kept_for_two_minutes_and_count_what_ended_in_them() {
        let mut history = History::default();
        history.end(SimTime::from_millis(499), Outcome::Answered);
        history.end(SimTime::from_millis(500), Outcome::Lost);
        let mut buckets = history.buckets();
        assert_eq!(buckets.next(), Some((SimTime::ZERO, Bucket { answered: 1, failed: 0 })));
        assert_eq!(buckets.next(), Some((SimTime::from_millis(500), Bucket { answered: 0, failed: 1 })));
        drop(buckets);

        for after in [119_999, 120_000, 500_000] {
            history.advance_to(SimTime::from_millis(after));
            let (newest, _) = history.buckets().last().expect("there is always a bucket");
            assert_eq!(newest, SimTime::from_millis(after / 500 * 500));
            assert_eq!(history.buckets().len(), KEPT);
        }
    }
}
