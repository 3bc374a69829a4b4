//! A finding as a run that shows it.

use understudy_sim::command::CommandError;
use understudy_sim::{Plan, SimTime, TimedCommand};

use super::findings::Item;
use crate::player::playback::{SPEEDS, START_SPEED};

/// So long before it begins the reader starts to watch, in seconds.
const BEFORE_S: f64 = 2.0;
/// As long as this on the reader's clock, about, it takes until it shows.
const PATIENCE_S: f64 = 9.0;

/// What is done.
pub fn commands(item: &Item, plan: &Plan) -> Result<Vec<TimedCommand>, CommandError> {
    item.commands.iter().map(|text| TimedCommand::parse(text, plan)).collect()
}

/// The instant to start watching at.
pub fn from(item: &Item, commands: &[TimedCommand]) -> SimTime {
    let begins = commands.iter().map(|timed| timed.at.as_secs_f64()).fold(item.shows_at_s, f64::min);
    seconds(begins - BEFORE_S)
}

/// The speed at which it shows before the reader's patience ends, as an index into [`SPEEDS`].
pub fn speed(item: &Item, from: SimTime) -> usize {
    let real_time =
        SPEEDS.iter().position(|speed| speed.nanos_in(1_000.0) == 1_000_000_000).unwrap_or(START_SPEED);
    let takes = item.shows_at_s - from.as_secs_f64();
    let enough = |index: &usize| {
        #[expect(clippy::cast_precision_loss, reason = "a speed for people")]
        let times = SPEEDS[*index].nanos_in(1_000.0) as f64 / 1e9;
        takes / times <= PATIENCE_S
    };
    (real_time..SPEEDS.len()).find(enough).unwrap_or(SPEEDS.len() - 1)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and minutes at most")]
fn seconds(seconds: f64) -> SimTime {
    SimTime::from_nanos((seconds.max(0.0) * 1e9) as u64)
}
