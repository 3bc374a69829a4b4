//! A firewall in the path: hands on what comes in on the open port, and its answer back.

use understudy_core::SimTime;

use super::ground::Ground;
use super::uplink::Uplink;
use crate::calls::{CallId, Caller, Stage};
use crate::ids::LinkId;
use crate::meter::RateMeter;
use crate::outcome::Outcome;
use crate::view::NodeDetail;

#[derive(Clone, Debug)]
pub(super) struct Firewall {
    uplink: Uplink,
    passed: RateMeter,
}

impl Firewall {
    pub(super) fn new(ground: &Ground, links: &[LinkId]) -> Self {
        Self { uplink: Uplink::new(&ground.plan, links), passed: RateMeter::default() }
    }

    pub(super) fn take_call(&mut self, ground: &mut Ground, call: CallId) {
        let Some(held) = ground.calls.get(call) else { return };
        let request = held.request;
        self.passed.count(ground.now);
        let link = self.uplink.choose(ground);
        let child = ground.call(link, Caller::Call(call), request);
        if let Some(held) = ground.calls.get_mut(call) {
            held.stage = Stage::Waiting(child);
        }
    }

    /// Hands an answer back. It keeps nothing about the calls through it.
    pub(super) fn take_answer(&mut self, ground: &mut Ground, child: CallId, outcome: Outcome) {
        let waiting = ground.waiting_for(child);
        let Some(over) = ground.calls.remove(child) else { return };
        self.uplink.heard(over.link);
        let Some(call) = waiting else { return };
        if let Some(held) = ground.calls.get_mut(call) {
            held.request.position = over.request.position;
        }
        ground.answer(call, outcome);
    }

    pub(super) fn learn(&mut self, link: LinkId) {
        self.uplink.learn(link);
    }

    pub(super) fn view(&self, now: SimTime) -> (u32, NodeDetail) {
        (self.passed.per_second(now), NodeDetail::Firewall)
    }
}
