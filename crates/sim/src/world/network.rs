//! The network: links that take time, lose what is sent while they are cut, and hosts that refuse for the dead.

use understudy_core::{SimDuration, SimTime};

use super::ground::Ground;
use crate::calls::{CallId, Caller, Stage};
use crate::event::{Body, Event, Message};
use crate::follow::HopStep;
use crate::ids::{Direction, LinkId, NodeId};
use crate::log::Fact;
use crate::meter::RateMeter;
use crate::outcome::Outcome;
use crate::post::Letter;
use crate::view::Truth;

/// What is true of one link.
#[derive(Clone, Debug, Default)]
pub(super) struct LinkState {
    pub(super) cut_forward: bool,
    pub(super) cut_back: bool,
    /// Time that a message takes beyond the link's latency.
    pub(super) delay: SimDuration,
    /// Packets lost in a million, each way.
    pub(super) loss_ppm: u32,
    calls: RateMeter,
}

impl LinkState {
    const fn is_cut(&self, direction: Direction) -> bool {
        match direction {
            Direction::Forward => self.cut_forward,
            Direction::Back => self.cut_back,
        }
    }

    /// Calls that were made over it in the last second.
    pub(super) fn rate_per_s(&self, now: SimTime) -> u32 {
        self.calls.per_second(now)
    }
}

/// What the network makes of a message that reaches the end of its link.
pub(super) enum Delivery {
    /// The node gets it.
    To(NodeId),
    /// The node will never know: nothing more happens.
    Over,
}

impl Ground {
    /// Sets how many packets a link loses; false if it was so already.
    pub(super) fn set_loss(&mut self, link: LinkId, loss_ppm: u32) -> bool {
        core::mem::replace(&mut self.links[link.get()].loss_ppm, loss_ppm) != loss_ppm
    }

    /// Puts a message on a link.
    pub(super) fn send(&mut self, link: LinkId, direction: Direction, body: Body) {
        let latency = self.plan.link(link).latency + self.links[link.get()].delay;
        let message = Message { link, direction, sent_at: self.now, body };
        self.queue.schedule(self.now + latency, Event::Deliver(message));
    }

    /// Sends a message to the node at the other end of a link.
    pub(super) fn send_from(&mut self, from: NodeId, link: LinkId, body: Body) {
        let direction = if self.plan.link(link).from == from { Direction::Forward } else { Direction::Back };
        self.send(link, direction, body);
    }

    /// Sends a letter to the node at the other end of a link.
    pub(super) fn post_from(
        &mut self,
        from: NodeId,
        link: LinkId,
        letter: Letter,
        body: impl FnOnce(crate::event::LetterId) -> Body,
    ) {
        let letter = self.post.put(letter);
        self.send_from(from, link, body(letter));
    }

    pub(super) fn send_call(&mut self, call: CallId) {
        let link = self.calls.get(call).expect("it was just made").link;
        let now = self.now;
        self.links[link.get()].calls.count(now);
        self.send(link, Direction::Forward, Body::Call(call));
    }

    /// The node at the far end of a call answers it.
    pub(super) fn answer(&mut self, call: CallId, outcome: Outcome) {
        let Some(held) = self.calls.get_mut(call) else { return };
        held.stage = Stage::Answering;
        let (link, request) = (held.link, held.request.number);
        self.hop(request, HopStep::SentBack(link, outcome));
        self.send(link, Direction::Back, Body::Answer(call, outcome));
    }

    /// Decides what becomes of a message at the end of its link.
    pub(super) fn arrive(&mut self, message: &Message) -> Delivery {
        if self.links[message.link.get()].is_cut(message.direction) {
            if let Body::Call(call) | Body::Answer(call, _) = message.body {
                self.hop_of(call, HopStep::Vanished(message.link));
            }
            self.lose(message.body);
            return Delivery::Over;
        }
        let link = self.plan.link(message.link);
        let to = match message.direction {
            Direction::Forward => link.to,
            Direction::Back => link.from,
        };
        match self.truths[to.get()] {
            Truth::Up | Truth::Stopping { .. } => {
                if let Body::Call(call) = message.body {
                    self.hop_of(call, HopStep::Arrived(to));
                }
                Delivery::To(to)
            }
            Truth::Down { .. } => {
                self.meet_dead(to, message);
                Delivery::Over
            }
            Truth::Hung { .. } => {
                self.meet_hung(message);
                Delivery::Over
            }
        }
    }

    /// A message that nobody will ever get.
    fn lose(&mut self, body: Body) {
        match body {
            Body::Call(call) | Body::Answer(call, _) => self.lose_call(call),
            other => {
                if let Some(letter) = other.letter() {
                    self.post.take(letter);
                }
            }
        }
    }

    /// A call will never be answered. If somebody waits for it, it is kept until they give up.
    pub(super) fn lose_call(&mut self, call: CallId) {
        match self.calls.get_mut(call) {
            Some(held) if held.caller == Caller::Nobody => {
                self.calls.remove(call);
            }
            Some(held) => held.stage = Stage::Gone,
            None => {}
        }
    }

    /// A message meets a node whose process does not run. Its host refuses connections; what belonged to a
    /// connection that died with the process goes nowhere.
    fn meet_dead(&mut self, node: NodeId, message: &Message) {
        match message.body {
            Body::Call(call) => {
                self.fail(node, Some(message.link), call, Outcome::Refused);
                self.note(Fact::Refused { node, count: 1, retried: 0 });
                self.answer(call, Outcome::Refused);
            }
            Body::Probe { server, probe, incarnation, .. } => {
                let answer = Body::ProbeAnswer { server, probe, incarnation, passed: false };
                self.send(message.link, Direction::Back, answer);
            }
            Body::Control(letter) => {
                if let Letter::Instruction { call, .. } = self.post.take(letter) {
                    self.post_from(node, message.link, Letter::Refused { call }, Body::Control);
                }
            }
            Body::Replication(letter) => {
                self.post.take(letter);
                self.send_from(node, message.link, Body::HangUp);
            }
            other => self.lose(other),
        }
    }

    /// A message meets a node whose process is frozen: its host accepts connections, and nobody ever answers.
    fn meet_hung(&mut self, message: &Message) {
        match message.body {
            Body::Call(call) => {
                if let Some(held) = self.calls.get_mut(call) {
                    held.stage = Stage::Inside;
                }
            }
            Body::Probe { server, probe, incarnation, connect_only: true } => {
                let answer = Body::ProbeAnswer { server, probe, incarnation, passed: true };
                self.send(message.link, Direction::Back, answer);
            }
            other => self.lose(other),
        }
    }

    /// The process of `node` ended: its host closes the connections of the calls that were inside it. Returns how
    /// many requests were lost with it.
    pub(super) fn reset_connections(&mut self, node: NodeId) -> u64 {
        let inside = self.calls.find_all(|call| call.callee == node && call.is_inside());
        for &call in &inside {
            if let Some(&Stage::Waiting(child)) = self.calls.get(call).map(|held| &held.stage) {
                self.abandon(child);
            }
            if self.calls.get(call).is_some_and(|held| held.caller != Caller::Nobody) {
                self.fail(node, None, call, Outcome::Lost);
            }
            self.answer(call, Outcome::Lost);
        }
        inside.len() as u64
    }
}
