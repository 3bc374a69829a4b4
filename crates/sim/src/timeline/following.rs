//! Following a request wherever the timeline goes.
//!
//! A world notes the hops of a request only while it is told to. When somebody begins to follow one in the middle of
//! its way, the time from before it was sent is run once more on the side, and from then on its story belongs to the
//! timeline: every copy of the world that is shown is told what of it had happened by then.

use understudy_core::SimTime;

use super::{CATCH_UP_STEPS, Timeline};
use crate::follow::Followed;
use crate::ids::RequestNumber;
use crate::sim::Sim;

impl Timeline {
    /// Follows a request that is under way in the shown world, from where its client sent it, or nobody; see
    /// [`Sim::follow`]. False if it is not under way. A story that began more than [`CATCH_UP_STEPS`] after the nearest
    /// copy of the world is told from here on only.
    pub fn follow(&mut self, request: Option<RequestNumber>) -> bool {
        self.story = None;
        let found = self.shown.sim.follow(request);
        if let Some(story) = self.shown.sim.followed().and_then(|partly| self.told_from_start(partly)) {
            self.shown.sim.set_followed(Some(story));
        }
        self.learn();
        found
    }

    /// The story of a request up to the shown moment.
    fn told_from_start(&self, partly: &Followed) -> Option<Followed> {
        let before = self.keyframes.last_that(|moment| moment.sim.now() < partly.sent_at);
        let mut moment = self.copy(before);
        let shown = self.shown.sim.steps();
        let missing = shown.checked_sub(moment.sim.steps()).filter(|missing| *missing <= CATCH_UP_STEPS)?;
        moment.sim.set_followed(Some(partly.anew()));
        let _ = moment.run_until(&self.commands, self.now(), missing);
        moment.sim.followed().filter(|_| moment.sim.steps() == shown).cloned()
    }

    /// The shown moment is about to be left: what it knows of the request is kept, if it is more than was known.
    pub(super) fn learn(&mut self) {
        let hops = |story: &Followed| story.hops.len();
        let known = self.story.as_ref().map_or(0, hops);
        if let Some(story) = self.shown.sim.followed().filter(|story| hops(story) >= known) {
            self.story = Some(story.clone());
        }
    }

    /// The shown moment is about to be left for a later one, after so many steps: the rest of the request's story
    /// until then is run first.
    pub(super) fn learn_until(&mut self, steps: u64) {
        let is_open = |sim: &Sim| sim.followed().is_some_and(|story| story.outcome.is_none());
        let stop = steps.min(self.shown.sim.steps().saturating_add(CATCH_UP_STEPS));
        while self.shown.sim.steps() < stop && is_open(&self.shown.sim) {
            if self.shown.step(&self.commands, SimTime::MAX).is_none() {
                break;
            }
        }
        self.learn();
    }

    /// From an instant on, the run is another one: the story may be too.
    pub(super) fn doubt_from(&mut self, at: SimTime) {
        if let Some(story) = &mut self.story
            && story.hops.iter().any(|hop| hop.at >= at)
        {
            let known = story.hops.iter().take_while(|hop| hop.at < at).last().map(|hop| hop.at);
            *story = known.map_or_else(|| story.anew(), |last| story.by(last));
        }
    }
}
