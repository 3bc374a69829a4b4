//! What holds for every alert and every history of evaluations, and for every set of counts.

use proptest::prelude::*;
use understudy_core::alerting::{Alert, AlertConfig, AlertOutput, AlertState, BOUNDS, Counters, Series};
use understudy_core::{SimDuration, SimTime};

/// Evaluations: the gap before each, and whether it finds it so.
fn evaluations() -> impl Strategy<Value = Vec<(u64, bool)>> {
    proptest::collection::vec((1..10_u64, proptest::bool::weighted(0.7)), 1..60)
}

const fn secs(secs: u64) -> SimDuration {
    SimDuration::from_secs(secs)
}

proptest! {
    /// By the whole history, which the alert does not keep: it fires when it has been so for `hold` without a break.
    #[test]
    fn it_fires_exactly_when_it_has_been_so_for_long_enough(history in evaluations(), hold in 0..20_u64) {
        let mut alert = Alert::new(AlertConfig { hold: secs(hold), keep_firing: SimDuration::ZERO });
        let (mut now, mut so_since) = (SimTime::ZERO, None);
        for (gap, so) in history {
            now += secs(gap);
            so_since = so.then(|| so_since.unwrap_or(now));
            alert.handle_evaluation(now, so);
            let fires = so_since.is_some_and(|since| now.since(since) >= secs(hold));
            prop_assert_eq!(alert.state().is_firing(), fires);
            prop_assert_eq!(alert.state().since(), so_since);
        }
    }

    /// Whoever only hears the outputs knows the state.
    #[test]
    fn the_outputs_tell_every_change(history in evaluations(), hold in 0..20_u64, keep in 0..20_u64) {
        let mut alert = Alert::new(AlertConfig { hold: secs(hold), keep_firing: secs(keep) });
        let (mut now, mut firing, mut active) = (SimTime::ZERO, false, false);
        for (gap, so) in history {
            now += secs(gap);
            alert.handle_evaluation(now, so);
            match alert.poll_output() {
                Some(AlertOutput::Pending) => {
                    prop_assert!(!active);
                    active = true;
                }
                Some(AlertOutput::Fired { held }) => {
                    prop_assert!(!firing && held >= secs(hold));
                    (firing, active) = (true, true);
                }
                Some(AlertOutput::Cleared) => {
                    prop_assert!(active && !firing);
                    active = false;
                }
                Some(AlertOutput::Resolved { .. }) => {
                    prop_assert!(firing && !so);
                    (firing, active) = (false, false);
                }
                None => {}
            }
            prop_assert_eq!(alert.poll_output(), None);
            prop_assert_eq!(alert.state().is_firing(), firing);
            prop_assert_eq!(alert.state() != AlertState::Inactive, active);
        }
    }

    #[test]
    fn an_alert_that_fires_outlasts_gaps_shorter_than_its_keep(keep in 1..20_u64, gap in 1..40_u64) {
        let mut alert = Alert::new(AlertConfig { hold: SimDuration::ZERO, keep_firing: secs(keep) });
        alert.handle_evaluation(SimTime::from_secs(1), true);
        alert.handle_evaluation(SimTime::from_secs(1 + gap), false);
        prop_assert_eq!(alert.state().is_firing(), gap < keep);
    }

    /// The estimate lies in the same bucket as the true quantile, and grows with the share that is asked for.
    #[test]
    fn a_quantile_is_off_by_one_bucket_at_most(
        mut times in proptest::collection::vec(0..20_000_u64, 1..200),
        ppm in 1..=1_000_000_u32,
        more in 0..500_000_u32,
    ) {
        let mut counters = Counters::default();
        for &ms in &times {
            counters.count(false, SimDuration::from_millis(ms));
        }
        times.sort_unstable();
        let rank = (times.len() as u64 * u64::from(ppm)).div_ceil(1_000_000).max(1);
        let exact = SimDuration::from_millis(times[usize::try_from(rank - 1).expect("it is short")]);
        let estimate = counters.quantile(ppm).expect("there are some");
        let bucket = BOUNDS.partition_point(|bound| *bound < exact);
        let upper = BOUNDS.get(bucket).copied().unwrap_or(SimDuration::from_secs(10));
        let lower = if bucket == 0 { SimDuration::ZERO } else { BOUNDS[bucket - 1] };
        prop_assert!((lower..=upper).contains(&estimate), "{estimate} for {exact}");
        prop_assert!(counters.quantile(ppm.saturating_add(more)).expect("some") >= estimate);
    }

    /// Over a run of samples without a restart nothing is counted twice or missed; a restart loses what was counted
    /// between the last sample and the end, and makes nothing up.
    #[test]
    fn the_increase_is_what_was_counted_between_the_samples(
        steps in proptest::collection::vec((0..50_u32, proptest::bool::weighted(0.1)), 2..40),
    ) {
        let (mut counters, mut series) = (Counters::default(), Series::new(secs(1_000)));
        let (mut counted, mut restarts) = (0_u64, 0);
        series.push(SimTime::ZERO, counters);
        let end = SimTime::from_secs(steps.len() as u64);
        for (second, (requests, restart)) in (1..).zip(steps) {
            if restart {
                counters = Counters::default();
                restarts += 1;
            }
            (0..requests).for_each(|number| counters.count(number % 3 == 0, SimDuration::ZERO));
            counted += u64::from(requests);
            series.push(SimTime::from_secs(second), counters);
        }
        let grown = series.increase(end, secs(1_000)).expect("two samples at least");
        prop_assert!(grown.requests() <= counted && grown.failed() <= grown.requests());
        if restarts == 0 {
            prop_assert_eq!(grown.requests(), counted);
        }
    }
}
