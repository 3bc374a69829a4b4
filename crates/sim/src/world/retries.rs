//! What clients do about a request that failed: try again after a while, within a budget.
//!
//! The budget is a bucket of tokens, as in Finagle (`RetryBudget`) and gRPC (proposal A6, retry throttling): every
//! request puts a share of a token in, every retry takes a whole one out, and the bucket holds [`FULL`] of them and
//! starts full. When everything fails, that share of the requests is tried again and no more, so that retries cannot
//! bury a service that is only just coming back.
//!
//! The wait before each retry doubles and is left to chance, as the AWS architecture blog's "Exponential Backoff And
//! Jitter" (2015) recommends: from anywhere between nothing and the whole of it ("full jitter").

use alloc::vec::Vec;

use understudy_core::SimDuration;

use crate::calls::Request;
use crate::plan::RetryPlan;
use crate::rng::Rng;
use crate::scenario::Jitter;

/// How many retries the budget holds at most: Finagle's reserve, 10 a second for 10 s.
const FULL: u32 = 100;
const TOKEN: u32 = 1_000_000;

#[derive(Clone, Debug)]
pub(super) struct Retries {
    plan: RetryPlan,
    draws: Rng,
    /// In millionths of a retry.
    budget: u32,
    /// The requests that wait to be tried again, by a number that is used again.
    waiting: Vec<Option<Request>>,
    free: Vec<u32>,
}

impl Retries {
    pub(super) const fn new(plan: RetryPlan, draws: Rng) -> Self {
        Self { plan, draws, budget: FULL * TOKEN, waiting: Vec::new(), free: Vec::new() }
    }

    /// A request is sent for the first time.
    pub(super) fn deposit(&mut self) {
        self.budget = (self.budget + self.plan.budget_ppm).min(FULL * TOKEN);
    }

    /// A request failed. If it is to be tried again: under which number it waits, and for how long.
    pub(super) fn try_again(&mut self, request: Request) -> Option<(u32, SimDuration)> {
        if request.attempt >= self.plan.attempts || self.budget < TOKEN {
            return None;
        }
        self.budget -= TOKEN;
        let wait = self.draw_wait(request.attempt);
        let again = Some(Request { attempt: request.attempt + 1, ..request });
        let number = if let Some(number) = self.free.pop() {
            self.waiting[number as usize] = again;
            number
        } else {
            self.waiting.push(again);
            u32::try_from(self.waiting.len() - 1).expect("fewer than 4 billion requests wait")
        };
        Some((number, wait))
    }

    /// The wait of a request is over.
    pub(super) fn take(&mut self, number: u32) -> Option<Request> {
        let request = self.waiting.get_mut(number as usize)?.take()?;
        self.free.push(number);
        Some(request)
    }

    /// How many requests wait.
    pub(super) fn count(&self) -> u64 {
        (self.waiting.len() - self.free.len()) as u64
    }

    /// How long to wait after the attempt of this number, from 1.
    fn draw_wait(&mut self, attempt: u8) -> SimDuration {
        let backoff = self.plan.backoff;
        let doubled = 1_u64.checked_shl(u32::from(attempt) - 1).unwrap_or(u64::MAX);
        let longest = (backoff.base * doubled).min(backoff.max).as_nanos();
        let fixed = match backoff.jitter {
            Jitter::Full => 0,
            Jitter::Equal => longest / 2,
            Jitter::None => return SimDuration::from_nanos(longest),
        };
        SimDuration::from_nanos(fixed + self.draws.below(longest - fixed + 1))
    }
}

#[cfg(test)]
mod tests {
    use understudy_core::SimTime;
    use understudy_core::replication::Key;

    use super::*;
    use crate::ids::RequestNumber;
    use crate::outcome::RequestKind;
    use crate::scenario::Backoff;

    const REQUEST: Request = Request {
        number: RequestNumber(1),
        kind: RequestKind::Read,
        attempt: 1,
        key: Key(0),
        sent_at: SimTime::ZERO,
        position: None,
    };

    fn retries(jitter: Jitter) -> Retries {
        let backoff = Backoff { base: SimDuration::from_millis(100), max: SimDuration::from_secs(1), jitter };
        let plan = RetryPlan { attempts: 100, budget_ppm: 200_000, backoff };
        Retries::new(plan, Rng::for_purpose(1, "test"))
    }

    #[test]
    fn the_wait_doubles_up_to_its_limit_and_jitter_shortens_it() {
        for (attempt, millis) in [(1, 100), (2, 200), (4, 800), (5, 1_000), (99, 1_000)] {
            let longest = SimDuration::from_millis(millis);
            assert_eq!(retries(Jitter::None).draw_wait(attempt), longest);
            for (jitter, shortest) in [(Jitter::Full, 0), (Jitter::Equal, millis / 2)] {
                let mut retries = retries(jitter);
                let waits: Vec<SimDuration> = (0..500).map(|_| retries.draw_wait(attempt)).collect();
                let shortest = SimDuration::from_millis(shortest);
                assert!(waits.iter().all(|wait| (shortest..=longest).contains(wait)));
                let width = longest.as_nanos() - shortest.as_nanos();
                let (least, most) = (waits.iter().min(), waits.iter().max());
                assert!(least.is_some_and(|wait| wait.as_nanos() - shortest.as_nanos() < width / 20));
                assert!(most.is_some_and(|wait| longest.as_nanos() - wait.as_nanos() < width / 20));
            }
        }
    }

    #[test]
    fn when_everything_fails_a_share_of_all_is_tried_again() {
        let mut retries = retries(Jitter::Full);
        let mut again = 0;
        for _ in 0..1_000 {
            retries.deposit();
            again += u32::from(retries.try_again(REQUEST).is_some());
        }
        assert_eq!(again, 100 + 200 - 1, "the bucket was full, so the first share was spilt");
        assert_eq!(retries.count(), u64::from(again));
        assert!(retries.take(0).is_some_and(|request| request.attempt == 2) && retries.take(0).is_none());
    }

    #[test]
    fn no_request_is_tried_more_often_than_it_may() {
        let mut retries = retries(Jitter::Full);
        assert!(retries.try_again(Request { attempt: 99, ..REQUEST }).is_some());
        assert!(retries.try_again(Request { attempt: 100, ..REQUEST }).is_none());
    }
}
