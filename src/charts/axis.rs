//! The stretch of simulated time that the scrubber and every chart share.

use understudy_sim::{SimDuration, SimTime};

/// Lengths of the axis that the reader chooses from; the last shows the whole run.
pub const SPANS: [(&str, u64); 4] = [("1 min", 60), ("5 min", 300), ("30 min", 1_800), ("whole run", 0)];

/// The shortest axis of all: a young run does not jump about.
const LEAST_S: u64 = 60;

/// A stretch of time, drawn from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeAxis {
    /// Its left end.
    pub from: SimTime,
    /// Its right end.
    pub to: SimTime,
}

impl Default for TimeAxis {
    fn default() -> Self {
        Self { from: SimTime::ZERO, to: SimTime::from_secs(LEAST_S) }
    }
}

impl TimeAxis {
    /// How long it is.
    pub const fn length(self) -> SimDuration {
        self.to.since(self.from)
    }

    /// The axis `span_s` seconds long (0: the whole run) that shows `now` of a run that has been played up to `end`.
    /// It stays where it is as long as `now` is on it, so that nothing moves under the reader's hand.
    pub fn follow(self, span_s: u64, now: SimTime, end: SimTime) -> Self {
        if span_s == 0 {
            return Self { from: SimTime::ZERO, to: SimTime::from_secs(round_length_s(end)) };
        }
        let span = SimDuration::from_secs(span_s);
        let fits = self.length() == span;
        if fits && self.from <= now && now <= self.to {
            return self;
        }
        // Time that passes pushes the axis on; a leap back puts its instant in the middle.
        let reached =
            if fits && now < self.from { now + SimDuration::from_nanos(span.as_nanos() / 2) } else { now };
        let to = reached.max(SimTime::ZERO + span);
        Self { from: SimTime::from_nanos(to.as_nanos() - span.as_nanos()), to }
    }

    /// How far along the axis an instant is: 0 at the left end, 1 at the right, beyond where it is not on it.
    pub fn share(self, at: SimTime) -> f64 {
        let (from, length) = (self.from.as_secs_f64(), self.length().as_secs_f64());
        (at.as_secs_f64() - from) / length.max(1e-9)
    }

    /// The instant so far along the axis.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share from 0 to 1 of it")]
    pub fn at(self, share: f64) -> SimTime {
        let nanos = share.clamp(0.0, 1.0) * self.length().as_secs_f64() * 1e9;
        self.from + SimDuration::from_nanos(nanos.round() as u64)
    }

    /// Whether an instant is on it.
    pub fn shows(self, at: SimTime) -> bool {
        self.from <= at && at <= self.to
    }

    /// Round instants to write along it, at most eight.
    pub fn ticks(self) -> Vec<SimTime> {
        let seconds = self.length().as_nanos() / 1_000_000_000;
        let gap = GAPS_S.into_iter().find(|gap| seconds / gap <= 6).unwrap_or(86_400);
        let first = self.from.as_nanos().div_ceil(gap * 1_000_000_000) * gap;
        (0..8).map(|tick| SimTime::from_secs(first + tick * gap)).filter(|at| self.shows(*at)).collect()
    }
}

/// Gaps between ticks that people count in.
const GAPS_S: [u64; 12] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600];

/// The length of an axis that holds the whole run and grows in steps.
fn round_length_s(end: SimTime) -> u64 {
    let seconds = end.as_nanos().div_ceil(1_000_000_000);
    let mut length = LEAST_S;
    while length < seconds {
        length *= 2;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> SimTime {
        SimTime::from_secs(seconds)
    }

    #[test]
    fn it_starts_with_a_minute_and_slides_when_time_runs_out_of_it() {
        let axis = TimeAxis::default();
        assert_eq!(axis.follow(60, s(30), s(30)), axis);
        let later = axis.follow(60, s(75), s(75));
        assert_eq!((later.from, later.to), (s(15), s(75)));
    }

    #[test]
    fn it_does_not_move_under_the_hand_and_shows_what_a_leap_back_leads_to() {
        let axis = TimeAxis { from: s(100), to: s(160) };
        assert_eq!(axis.follow(60, s(120), s(160)), axis);
        let back = axis.follow(60, s(50), s(160));
        assert_eq!((back.from, back.to), (s(20), s(80)));
        assert_eq!(axis.follow(60, s(3), s(160)).from, s(0), "there is nothing before the start");
    }

    #[test]
    fn another_length_is_taken_at_once_and_the_whole_run_fits() {
        let axis = TimeAxis { from: s(100), to: s(160) };
        assert_eq!(axis.follow(300, s(120), s(160)), TimeAxis { from: s(0), to: s(300) });
        assert_eq!(axis.follow(0, s(120), s(160)), TimeAxis { from: s(0), to: s(240) });
        assert_eq!(axis.follow(0, s(1), s(1)), TimeAxis::default());
    }

    #[test]
    fn shares_and_instants_are_two_ways_to_say_the_same() {
        let axis = TimeAxis { from: s(100), to: s(160) };
        assert!((axis.share(s(130)) - 0.5).abs() < 1e-12);
        assert!(axis.share(s(40)) < 0.0);
        for seconds in 100..=160 {
            assert_eq!(axis.at(axis.share(s(seconds))), s(seconds));
        }
        assert_eq!(axis.at(7.0), s(160));
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(TimeAxis::default().ticks(), [0, 10, 20, 30, 40, 50, 60].map(s));
        assert_eq!(TimeAxis { from: s(15), to: s(75) }.ticks(), [20, 30, 40, 50, 60, 70].map(s));
        for length in [60, 120, 240, 300, 1_800, 7_680, 1_000_000] {
            let ticks = TimeAxis { from: s(7), to: s(7 + length) }.ticks();
            assert!((3..=8).contains(&ticks.len()), "{length}: {}", ticks.len());
        }
    }
}
