//! From the run to the signals that components read: what moves in every frame, what is read a few times a second.
//!
//! No frame is asked for while time stands still and nothing is being looked for.

use std::ops::Range;
use std::rc::Rc;

use leptos::prelude::*;
use understudy_sim::ids::NodeId;
use understudy_sim::view::NodeDetail;

use super::Player;
use super::run::{FRAMES_A_SHARE, SHARES};
use crate::browser::now_ms;
use crate::stage::MOST_DRAWN;

impl Player {
    pub(super) fn ask_frame(self) {
        let asked = self
            .driver
            .try_update_value(|driver| driver.asleep || std::mem::replace(&mut driver.frame_asked, true));
        if asked == Some(false) {
            request_animation_frame(move || self.on_frame());
        }
    }

    fn on_frame(self) {
        let now = now_ms();
        // A figure that is gone from the page has no player any more.
        let Some(calm) = self.calm.try_get_untracked() else { return };
        let due = self.driver.try_update_value(|driver| {
            driver.frame_asked = false;
            // Whether another instant was being looked for.
            let was_behind = driver.is_behind();
            driver.step(now);
            (driver.due(now, calm), was_behind)
        });
        let Some((due, was_behind)) = due else { return };
        if due.frame {
            self.publish_frame();
            self.publish_share();
        }
        if due.glance {
            self.publish_glance();
        }
        // The first choice is explained at once.
        if due.why || self.run.get_untracked().why.with_untracked(Vec::is_empty) {
            self.publish_why();
        }
        let (is_behind, stops) = self.driver.with_value(|driver| (driver.is_behind(), driver.has_to_stop()));
        if stops && self.playing.get_untracked() {
            self.stop_at(None);
            return self.set_playing(false);
        }
        if !is_behind && was_behind {
            self.publish_all();
        }
        if self.playing.get_untracked() || is_behind {
            self.ask_frame();
        }
    }

    /// Tells everything there is to see, now.
    pub fn publish_all(&self) {
        self.publish_frame();
        self.publish_shares(0..SHARES);
        self.publish_glance();
        self.publish_why();
    }

    fn publish_frame(&self) {
        let run = self.run.get_untracked();
        let (snapshot, standing) = self.driver.with_value(|driver| {
            let followed = driver.timeline.sim().followed();
            if run.followed.with_untracked(|shown| shown.as_ref() != followed) {
                run.followed.set(followed.cloned());
            }
            let snapshot = driver.timeline.sim().snapshot_with(MOST_DRAWN);
            driver.tell(|companion| companion.frame(&driver.timeline, &snapshot));
            (snapshot, driver.standing())
        });
        run.frame.set(Rc::new(snapshot));
        set_if_new(run.standing, standing);
    }

    /// Tells the share of a large stage whose turn it is.
    fn publish_share(&self) {
        let turn = self.driver.try_update_value(|driver| {
            driver.turn = (driver.turn + 1) % (SHARES * FRAMES_A_SHARE);
            driver.turn
        });
        if let Some(turn) = turn.filter(|turn| turn % FRAMES_A_SHARE == 0) {
            self.publish_shares(turn / FRAMES_A_SHARE..turn / FRAMES_A_SHARE + 1);
        }
    }

    fn publish_shares(&self, shares: Range<usize>) {
        let run = self.run.get_untracked();
        if run.has_many_nodes() {
            let snapshot = run.frame.get_untracked();
            for share in run.shares.with_value(|all| all[shares].to_vec()) {
                share.set(snapshot.clone());
            }
        }
    }

    /// Tells what is read.
    pub fn publish_glance(&self) {
        let run = self.run.get_untracked();
        let snapshot = run.frame.get_untracked();
        run.glance.set(snapshot.clone());
        let (standing, kept) = self.driver.with_value(|driver| {
            driver.tell(|companion| companion.glance(&driver.timeline, &snapshot));
            (driver.standing(), driver.playback.kept_permille())
        });
        set_if_new(run.standing, standing);
        set_if_new(self.kept, kept);
    }

    fn publish_why(&self) {
        let run = self.run.get_untracked();
        let choices = run.frame.with_untracked(|snapshot| {
            let choice = |id: NodeId| match &snapshot.nodes[id.get()].detail {
                NodeDetail::LoadBalancer { last_choice: Some(choice), .. } => Some((id, choice.clone())),
                _ => None,
            };
            let nodes = run.plan.with_value(|plan| plan.nodes().map(|(id, _)| id).collect::<Vec<_>>());
            nodes.into_iter().filter_map(choice).collect::<Vec<_>>()
        });
        run.why.set(choices);
    }
}

/// Tells only those who read it, and only if there is something to tell.
pub fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|shown| *shown != value) {
        signal.set(value);
    }
}
