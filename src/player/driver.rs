//! What runs in a frame: the timeline, within a budget.
//!
//! A frame takes at most [`BUDGET_MS`]; what does not fit is left for the next one, and the clock slows down meanwhile.

use std::rc::Rc;

use leptos::prelude::Owner;
use understudy_sim::command::CommandError;
use understudy_sim::{Command, Progress, SimTime, TimedCommand, Timeline};

use super::Companion;
use super::playback::{Playback, START_SPEED};
use super::run::Standing;
use crate::browser::now_ms;

/// The simulation's share of a frame, in milliseconds of the reader's clock.
const BUDGET_MS: f64 = 8.0;
/// Events between two looks at the clock.
pub(super) const EVENTS_A_LOOK: u64 = 2_000;
/// How often numbers in panels change: often enough to be live, seldom enough to be read.
const GLANCE_MS: f64 = 250.0;
/// How long the explanation of one choice stays.
const WHY_MS: f64 = 2_500.0;
/// How often the stage changes in reduced motion.
const CALM_MS: f64 = 500.0;

pub(super) struct Driver {
    pub(super) timeline: Timeline,
    pub(super) playback: Playback,
    pub(super) companion: Option<Rc<dyn Companion>>,
    /// What happens by itself later, whatever the reader does before.
    pub(super) prepared: Vec<TimedCommand>,
    /// Outlives every event handler: signals of a new run belong to it.
    pub(super) owner: Owner,
    pub(super) last_frame_ms: f64,
    last_calm_ms: f64,
    last_glance_ms: f64,
    last_why_ms: f64,
    pub(super) frame_asked: bool,
    /// Out of sight: no frame is asked for.
    pub(super) asleep: bool,
    /// Where time stops by itself.
    pub(super) stop_at: Option<SimTime>,
    /// Frames since the first share of a large stage had its turn.
    pub(super) turn: usize,
}

/// What is to be published after a frame.
pub(super) struct Due {
    pub(super) frame: bool,
    pub(super) glance: bool,
    pub(super) why: bool,
}

impl Driver {
    pub(super) fn new(timeline: Timeline) -> Self {
        let mut playback = Playback::new(START_SPEED, false);
        playback.move_to(timeline.wanted());
        Self {
            timeline,
            playback,
            companion: None,
            prepared: Vec::new(),
            owner: Owner::current().unwrap_or_default(),
            last_frame_ms: 0.0,
            last_calm_ms: 0.0,
            last_glance_ms: 0.0,
            last_why_ms: 0.0,
            frame_asked: false,
            asleep: false,
            stop_at: None,
            turn: 0,
        }
    }

    /// Runs the timeline up to where the playback wants it, or as far as the frame's budget goes; then the companion
    /// has what is left.
    pub(super) fn step(&mut self, now: f64) {
        let real_ms = now - self.last_frame_ms;
        self.last_frame_ms = now;
        let in_budget = || now_ms() - now <= BUDGET_MS;
        let from = self.timeline.now();
        if self.timeline.wanted() == from {
            let target = self.playback.advance(real_ms);
            let target = self.stop_at.filter(|stop| *stop >= from).map_or(target, |stop| target.min(stop));
            while self.timeline.run_until(target, EVENTS_A_LOOK) == Progress::OutOfBudget {
                if !in_budget() {
                    break;
                }
            }
            // What was not reached is not owed: the clock has slowed down instead.
            let reached = self.timeline.now();
            self.playback.settle(from, reached, real_ms);
            if reached < target {
                let _ = self.timeline.seek(reached, 0);
            }
        } else {
            let wanted = self.timeline.wanted();
            while self.timeline.seek(wanted, EVENTS_A_LOOK) == Progress::OutOfBudget {
                if !in_budget() {
                    break;
                }
            }
            self.playback.move_to(wanted);
        }
        self.tell(|companion| companion.work(self.timeline.now(), &in_budget));
    }

    /// Whether there is work to be done although time may stand still.
    pub(super) fn is_behind(&self) -> bool {
        let now = self.timeline.now();
        self.timeline.wanted() != now
            || self.companion.as_ref().is_some_and(|companion| companion.is_behind(now))
    }

    /// Whether the run has come to where it stops by itself.
    pub(super) fn has_to_stop(&self) -> bool {
        self.stop_at == Some(self.timeline.now())
    }

    /// Tells whoever is built on the player.
    pub(super) fn tell(&self, what: impl FnOnce(&dyn Companion)) {
        if let Some(companion) = &self.companion {
            what(&**companion);
        }
    }

    /// Does something to the world, now. In the past that makes what came after another run; what was prepared for
    /// later stays.
    pub(super) fn command(&mut self, command: Command) -> Result<(), CommandError> {
        if self.prepared.is_empty() {
            self.timeline.command(command).map(|_| ())
        } else {
            self.timeline.command_before(command, &self.prepared)
        }
    }

    /// Another run from now on.
    pub(super) fn take(&mut self, timeline: Timeline) {
        self.playback.move_to(timeline.wanted());
        self.timeline = timeline;
    }

    pub(super) fn standing(&self) -> Standing {
        let (now, end) = (self.timeline.now(), self.timeline.end());
        Standing {
            now,
            end,
            can_undo: self.timeline.can_undo(),
            can_redo: self.timeline.can_redo(),
            seeking: self.timeline.wanted() != now,
        }
    }

    pub(super) fn due(&mut self, now: f64, calm: bool) -> Due {
        let mut every = |last: fn(&mut Self) -> &mut f64, gap: f64| {
            let last = last(self);
            let due = now - *last >= gap;
            if due {
                *last = now;
            }
            due
        };
        let frame = !calm || every(|driver| &mut driver.last_calm_ms, CALM_MS);
        Due {
            frame,
            glance: frame && every(|driver| &mut driver.last_glance_ms, GLANCE_MS),
            why: frame && every(|driver| &mut driver.last_why_ms, WHY_MS),
        }
    }
}
