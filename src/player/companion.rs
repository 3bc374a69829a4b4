//! What is built on a player is told of what happens to the run.

use understudy_sim::{SimTime, Snapshot, Timeline};

use super::Run;

/// Told by the player, in the middle of its work: set signals, keep values, but do not call the player back from
/// here. What is of no interest is left out.
pub trait Companion {
    /// Another scenario is being opened; signals made now live as long as the page.
    fn opened(&self, _run: Run) {}

    /// Another run of the open scenario is shown from now on.
    fn taken(&self) {}

    /// Commands are about to be given.
    fn before_commands(&self, _timeline: &Timeline) {}

    /// A frame's share of work, as long as `in_budget` says so, now that the run has come to `shown`.
    fn work(&self, _shown: SimTime, _in_budget: &dyn Fn() -> bool) {}

    /// Whether there is work left, so that another frame is wanted although time may stand still.
    fn is_behind(&self, _shown: SimTime) -> bool {
        false
    }

    /// A new frame is being shown: for what moves.
    fn frame(&self, _timeline: &Timeline, _snapshot: &Snapshot) {}

    /// A new glance is being shown, a few times a second: for what is read.
    fn glance(&self, _timeline: &Timeline, _snapshot: &Snapshot) {}
}
