//! How far a long run has come, on one line of the terminal.
//!
//! Nothing is written where nobody watches: standard error has to be a terminal. A run that is over in half a second
//! shows nothing either. The line is gone when the run is over.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use understudy_sim::{Sim, SimTime};

const FIRST_AFTER: Duration = Duration::from_millis(500);
const EVERY: Duration = Duration::from_millis(100);
const WIDTH: usize = 30;

#[derive(Debug)]
pub(crate) struct Progress {
    until: SimTime,
    /// When the line is due next; `None` where nobody watches.
    next: Option<Instant>,
    shown: bool,
}

impl Progress {
    pub(crate) fn new(until: SimTime) -> Self {
        let next = io::stderr().is_terminal().then(|| Instant::now() + FIRST_AFTER);
        Self { until, next, shown: false }
    }

    /// Writes the line anew if it is time to.
    pub(crate) fn show(&mut self, sim: &Sim) {
        let now = Instant::now();
        if self.next.is_some_and(|next| now >= next) {
            self.next = Some(now + EVERY);
            self.shown = true;
            // A terminal that takes no text is no reason to stop the run.
            let _ = write!(io::stderr(), "\r{}\x1b[K", line(sim.now(), self.until, sim.events()));
        }
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(now: SimTime, until: SimTime, events: u64) -> String {
    let permille = u128::from(now.as_nanos()) * 1_000 / u128::from(until.as_nanos().max(1));
    let permille = usize::try_from(permille).unwrap_or(1_000).min(1_000);
    let full = WIDTH * permille / 1_000;
    let (now, until) = (now.as_secs_f64(), until.as_secs_f64());
    format!(
        "[{}{}] {:>3} %  {now:.1} of {until:.1} s  {} k events",
        "#".repeat(full),
        ".".repeat(WIDTH - full),
        permille / 10,
        events / 1_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_it_is() {
        let half = line(SimTime::from_secs(30), SimTime::from_secs(60), 1_234_567);
        assert_eq!(half, "[###############...............]  50 %  30.0 of 60.0 s  1234 k events");
        assert!(line(SimTime::ZERO, SimTime::ZERO, 0).contains("  0 %"));
    }
}
