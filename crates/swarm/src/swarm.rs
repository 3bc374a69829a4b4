//! Many trials, one seed after the other, on several threads.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::checks::Violation;
use crate::phases::{Passed, Trial};

/// What a swarm came to.
#[derive(Clone, Debug, Default)]
pub struct Result {
    /// Trials that passed.
    pub passed: u64,
    /// Their events and requests together.
    pub total: Passed,
    /// The trials that failed, in order of their seeds.
    pub failed: Vec<(u64, Violation)>,
}

/// Runs the trials of `seeds`; `progress` is told now and then how many have ended. Ends early after `most_failures`.
pub fn run(seeds: Range<u64>, jobs: usize, most_failures: usize, progress: &(dyn Fn(u64) + Sync)) -> Result {
    let (next, ended) = (AtomicU64::new(seeds.start), AtomicU64::new(0));
    let work = || {
        let mut result = Result::default();
        while result.failed.len() < most_failures {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            match Trial::generate(seed).run() {
                Ok(Passed { steps, requests }) => {
                    result.passed += 1;
                    result.total.steps += steps;
                    result.total.requests += requests;
                }
                Err(violation) => result.failed.push((seed, violation)),
            }
            progress(ended.fetch_add(1, Ordering::Relaxed) + 1);
        }
        result
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        let mut all = Result::default();
        for worker in workers {
            let part = worker.join().expect("a trial's panic is caught");
            all.passed += part.passed;
            all.total.steps += part.total.steps;
            all.total.requests += part.total.requests;
            all.failed.extend(part.failed);
        }
        all.failed.sort_by_key(|(seed, _)| *seed);
        all
    })
}
