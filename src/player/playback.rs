//! How fast the reader's clock turns into simulated time, and what happens when the machine cannot keep up.
//!
//! Every frame asks for a target instant ([`Playback::advance`]) and reports the instant that the simulation
//! reached within its share of the frame ([`Playback::settle`]). When that falls short, the clock slows down: no
//! event is skipped, and [`Playback::kept_permille`] says by how much.

use understudy_sim::SimTime;

/// Simulated time per real time, as a ratio so that slow motion adds up exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed {
    times: u32,
    per: u32,
    /// What people choose it by.
    pub label: &'static str,
}

/// The speeds on offer, slowest first.
pub const SPEEDS: [Speed; 11] = [
    Speed { times: 1, per: 1_000, label: "1/1000" },
    Speed { times: 1, per: 100, label: "1/100" },
    Speed { times: 1, per: 20, label: "1/20" },
    Speed { times: 1, per: 10, label: "1/10" },
    Speed { times: 1, per: 4, label: "1/4" },
    Speed { times: 1, per: 2, label: "1/2" },
    Speed { times: 1, per: 1, label: "1\u{d7} real time" },
    Speed { times: 2, per: 1, label: "2\u{d7}" },
    Speed { times: 5, per: 1, label: "5\u{d7}" },
    Speed { times: 10, per: 1, label: "10\u{d7}" },
    Speed { times: 100, per: 1, label: "100\u{d7}" },
];

/// The speed that a run starts with: single requests can be followed, and a failover does not take minutes.
pub const START_SPEED: usize = 4;

/// The longest step of the reader's clock: a tab that slept goes on where it was instead of leaping ahead.
const LONGEST_STEP_MS: f64 = 100.0;
/// Over how long keeping up is averaged.
const AVERAGED_OVER_MS: f64 = 1_000.0;

impl Speed {
    /// Whether it is this ratio.
    pub const fn is(self, times: u32, per: u32) -> bool {
        self.times == times && self.per == per
    }

    /// How much simulated time passes, in nanoseconds, while the reader's clock goes on by `real_ms`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and below 585 years"
    )]
    pub fn nanos_in(self, real_ms: f64) -> u64 {
        (real_ms.max(0.0) * 1e6 * f64::from(self.times) / f64::from(self.per)) as u64
    }
}

/// Whether time passes, how fast, and up to where.
#[derive(Clone, Debug)]
pub struct Playback {
    speed: usize,
    playing: bool,
    target: SimTime,
    /// What the last step left over, in `1 / per` nanoseconds.
    carry: u64,
    /// Share of the wanted progress that was made lately.
    kept: f64,
}

impl Playback {
    /// Stands at the start of a run.
    pub const fn new(speed: usize, playing: bool) -> Self {
        Self { speed, playing, target: SimTime::ZERO, carry: 0, kept: 1.0 }
    }

    /// Lets time pass, or stops it.
    pub const fn set_playing(&mut self, playing: bool) {
        self.playing = playing;
        self.kept = 1.0;
    }

    /// Chooses one of [`SPEEDS`]; an index beyond the last is the last.
    pub fn set_speed(&mut self, index: usize) {
        self.speed = index.min(SPEEDS.len() - 1);
        self.carry = 0;
        self.kept = 1.0;
    }

    /// Goes on from another instant, at the same speed.
    pub const fn move_to(&mut self, at: SimTime) {
        self.target = at;
        self.carry = 0;
        self.kept = 1.0;
    }

    /// The instant to reach after `real_ms` more of the reader's clock.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a tenth of a second"
    )]
    pub fn advance(&mut self, real_ms: f64) -> SimTime {
        if self.playing {
            let Speed { times, per, .. } = SPEEDS[self.speed];
            let real_nanos = (real_ms.clamp(0.0, LONGEST_STEP_MS) * 1e6) as u64;
            let scaled = real_nanos * u64::from(times) + self.carry;
            self.carry = scaled % u64::from(per);
            self.target = SimTime::from_nanos(self.target.as_nanos() + scaled / u64::from(per));
        }
        self.target
    }

    /// Takes note of how far the simulation came from `from` in the step of `real_ms`: what it did not reach is not
    /// owed, the clock has slowed down instead.
    pub fn settle(&mut self, from: SimTime, reached: SimTime, real_ms: f64) {
        let wanted = self.target.since(from).as_secs_f64();
        if wanted > 0.0 {
            let share = reached.since(from).as_secs_f64() / wanted;
            let weight = (real_ms / AVERAGED_OVER_MS).clamp(0.0, 1.0);
            self.kept += (share - self.kept) * weight;
        }
        self.target = reached;
    }

    /// The share of the chosen speed that was reached lately, in parts per thousand.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share from 0 to 1")]
    pub fn kept_permille(&self) -> u32 {
        (self.kept.clamp(0.0, 1.0) * 1_000.0).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(label: &str) -> usize {
        SPEEDS.iter().position(|speed| speed.label.starts_with(label)).expect("the speed is on offer")
    }

    #[test]
    fn real_time_passes_as_the_readers_clock_does() {
        let mut playback = Playback::new(at("1\u{d7}"), true);
        for _ in 0..60 {
            playback.advance(16.0);
        }
        assert_eq!(playback.advance(40.0), SimTime::from_millis(1_000));
    }

    #[test]
    fn slow_motion_adds_up_to_the_nanosecond() {
        let mut playback = Playback::new(at("1/1000"), true);
        let mut reached = SimTime::ZERO;
        for _ in 0..3_000 {
            // A third of a millisecond is not a whole number of nanoseconds in slow motion.
            reached = playback.advance(1.0 / 3.0);
        }
        assert_eq!(reached.as_nanos(), 3_000 * 333_333 / 1_000);
    }

    #[test]
    fn nothing_passes_while_paused() {
        let mut playback = Playback::new(at("1\u{d7}"), false);
        assert_eq!(playback.advance(50.0), SimTime::ZERO);
        playback.set_playing(true);
        assert_eq!(playback.advance(50.0), SimTime::from_millis(50));
    }

    #[test]
    fn a_tab_that_slept_does_not_leap_ahead() {
        let mut playback = Playback::new(at("1\u{d7}"), true);
        assert_eq!(playback.advance(3_600_000.0), SimTime::from_millis(100));
        assert_eq!(playback.advance(-5.0), SimTime::from_millis(100), "nor does a clock that was set back");
    }

    #[test]
    fn a_slow_machine_slows_the_clock_and_owes_nothing() {
        let mut playback = Playback::new(at("100\u{d7}"), true);
        let mut reached = SimTime::ZERO;
        for _ in 0..400 {
            let from = reached;
            let target = playback.advance(16.0);
            reached = SimTime::from_nanos(u64::midpoint(from.as_nanos(), target.as_nanos()));
            playback.settle(from, reached, 16.0);
        }
        assert!((495..=505).contains(&playback.kept_permille()), "{}", playback.kept_permille());
        assert_eq!(playback.advance(0.0), reached);
        playback.set_speed(at("1\u{d7}"));
        assert_eq!(playback.kept_permille(), 1_000, "a new speed is judged anew");
    }
}
