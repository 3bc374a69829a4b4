//! The network: links that take time, lose what is sent while they are cut, and hosts that refuse for the dead.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use understudy_core::alerting::Counters;
use understudy_core::{SimDuration, SimTime};

use super::ground::Ground;
use super::impairment::Impairment;
use crate::calls::{Call, CallId, Caller, Stage};
use crate::event::{Body, Event, Message};
use crate::follow::HopStep;
use crate::ids::{Direction, LinkId, NodeId};
use crate::log::Fact;
use crate::meter::RateMeter;
use crate::outcome::Outcome;
use crate::plan::{NodeKind, ports};
use crate::post::Letter;
use crate::view::Truth;

/// What is true of one link.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not, whatever the others are")]
pub(super) struct LinkState {
    pub(super) cut_forward: bool,
    pub(super) cut_back: bool,
    /// Whether a firewall or an eavesdropper looks at what passes.
    pub(super) inspected: bool,
    /// Whether the node at its end counts the calls that it answers, for a monitor.
    pub(super) counted: bool,
    /// Whether what goes over it is encrypted.
    pub(super) tls: bool,
    /// Time that a message takes beyond the link's latency.
    pub(super) delay: SimDuration,
    /// Whether something was taken out of a replication connection, by a cut or because it was sent again in vain too
    /// often: it is broken.
    lost_of_stream: bool,
    /// Time that a message takes, all in all: asked for every message, so kept here.
    takes: SimDuration,
    /// What makes it worse than a wire; most links have none.
    impairment: Option<Box<Impairment>>,
    calls: RateMeter,
}

impl LinkState {
    pub(super) fn new(latency: SimDuration) -> Self {
        Self { takes: latency, ..Self::default() }
    }

    /// Packets lost in a million, each way.
    pub(super) fn loss_ppm(&self) -> u32 {
        self.impairment.as_ref().map_or(0, |impairment| impairment.loss_ppm)
    }

    pub(super) const fn is_cut(&self, direction: Direction) -> bool {
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
    /// Marks the links that somebody looks at: what nobody looks at costs nothing.
    pub(super) fn lay_links(&mut self) {
        let plan = Rc::clone(&self.plan);
        let mut watched = vec![false; plan.nodes().len()];
        let mut overheard: Vec<LinkId> = Vec::new();
        for (_, node) in plan.nodes() {
            match &node.kind {
                NodeKind::Monitor(monitor) => {
                    for &link in &monitor.targets {
                        watched[plan.link(link).to.get()] = true;
                    }
                }
                NodeKind::Eavesdropper(eavesdropper) => overheard.extend_from_slice(&eavesdropper.links),
                _ => {}
            }
        }
        for ((id, link), state) in plan.links().zip(&mut self.links) {
            state.inspected = link.through.is_some() || overheard.contains(&id);
            state.counted = watched[link.to.get()];
            state.tls = link.tls;
        }
        if watched.contains(&true) {
            self.counters = vec![Counters::default(); plan.nodes().len()];
        }
    }

    /// Sets how many packets a link loses; false if it was so already. When they are fewer, a connection that was given
    /// up is found out and made anew, as after a cut.
    pub(super) fn set_loss(&mut self, link: LinkId, loss_ppm: u32) -> bool {
        let before = core::mem::replace(&mut self.impairment(link).loss_ppm, loss_ppm);
        let state = &self.links[link.get()];
        if loss_ppm < before && !state.cut_forward && !state.cut_back {
            self.mended(link);
        }
        before != loss_ppm
    }

    /// Sets how much longer everything takes on a link. What was sent in order stays so.
    pub(super) fn set_delay(&mut self, link: LinkId, delay: SimDuration) {
        self.impairment(link);
        let latency = self.plan.link(link).latency;
        let state = &mut self.links[link.get()];
        (state.delay, state.takes) = (delay, latency + delay);
    }

    /// Makes the links that the plan says worse than wires.
    pub(super) fn impair_links(&mut self) {
        let plan = Rc::clone(&self.plan);
        for (id, link) in plan.links() {
            if link.jitter.is_some() || link.loss_ppm > 0 {
                self.impairment(id);
            }
        }
    }

    fn impairment(&mut self, id: LinkId) -> &mut Impairment {
        let (plan, seed) = (&self.plan, self.seed);
        self.links[id.get()].impairment.get_or_insert_with(|| {
            let link = plan.link(id);
            let name = format!("{}>{}", plan.name(link.from), plan.name(link.to));
            Box::new(Impairment::new(link.jitter, link.loss_ppm, seed, &name))
        })
    }

    /// Puts a message on a link.
    pub(super) fn send(&mut self, link: LinkId, direction: Direction, body: Body) {
        if let Some(at) = self.arrival(link, direction, body.is_datagram(), body.is_in_order()) {
            self.deliver_at(at, link, direction, body);
        } else {
            self.lose_on(link, body);
        }
    }

    /// The same for a call or its answer, which most messages are: what they say is put together in its place in the
    /// queue, and nowhere before.
    #[inline]
    fn send_about(&mut self, call: CallId, link: LinkId, direction: Direction, body: Body) {
        if let Some(at) = self.arrival(link, direction, false, false) {
            self.deliver_at(at, link, direction, body);
        } else {
            self.lose_call(call);
        }
    }

    /// When a message arrives that is sent now; `None` if never.
    fn arrival(
        &mut self,
        link: LinkId,
        direction: Direction,
        is_datagram: bool,
        is_in_order: bool,
    ) -> Option<SimTime> {
        let (now, state) = (self.now, &mut self.links[link.get()]);
        match &mut state.impairment {
            Some(impairment) => impairment.arrival(now, state.takes, direction, is_datagram, is_in_order),
            None => Some(now + state.takes),
        }
    }

    #[inline]
    fn deliver_at(&mut self, at: SimTime, link: LinkId, direction: Direction, body: Body) {
        let message = Message { link, direction, sent_at: self.now, body };
        self.queue.schedule(at, Event::Deliver(message));
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
        self.send_about(call, link, Direction::Forward, Body::Call(call));
    }

    /// The node at the far end of a call answers it.
    pub(super) fn answer(&mut self, call: CallId, outcome: Outcome) {
        let Some(held) = self.calls.get_mut(call) else { return };
        held.set_stage(Stage::Answering);
        let (link, callee, made_at) = (held.link, held.callee, held.made_at);
        let request = held.number;
        self.hop(request, HopStep::SentBack(link, outcome));
        if self.links[link.get()].counted && self.truths[callee.get()].is_up() {
            // Since it came in, as far as links were as fast as usual.
            let took = self.now.since(made_at + self.plan.link(link).latency);
            self.counters[callee.get()].count(outcome != Outcome::Answered, took);
        }
        self.send_about(call, link, Direction::Back, Body::Answer(call, outcome));
    }

    /// The link lets everything through again: both ends find out that what was lost is missing, as from TCP's
    /// retransmissions, and connect anew.
    pub(super) fn mended(&mut self, link: LinkId) {
        if core::mem::take(&mut self.links[link.get()].lost_of_stream) {
            self.send(link, Direction::Forward, Body::HangUp);
            self.send(link, Direction::Back, Body::HangUp);
        }
    }

    /// A firewall lets through again what it dropped while it did not run.
    pub(super) fn mended_through(&mut self, firewall: NodeId) {
        let plan = Rc::clone(&self.plan);
        for (id, _) in plan.links().filter(|(_, link)| link.through == Some(firewall)) {
            self.mended(id);
        }
    }

    /// Decides what becomes of a message at the end of its link.
    pub(super) fn arrive(&mut self, message: &Message) -> Delivery {
        let state = &mut self.links[message.link.get()];
        let is_lost = |impairment: &mut Box<Impairment>| impairment.loses(message.direction, message.body);
        if state.is_cut(message.direction) || state.impairment.as_mut().is_some_and(is_lost) {
            match message.body {
                Body::Call(call) | Body::Answer(call, _) => {
                    self.hop_of(call, HopStep::Vanished(message.link));
                }
                _ => {}
            }
            self.lose_on(message.link, message.body);
            return Delivery::Over;
        }
        let link = self.plan.link(message.link);
        let to = match message.direction {
            Direction::Forward => link.to,
            Direction::Back => link.from,
        };
        match self.truths[to.get()] {
            Truth::Up => {
                if let Body::Call(call) = message.body {
                    self.hop_of(call, HopStep::Arrived(to));
                }
                Delivery::To(to)
            }
            Truth::Stopping { .. } => self.meet_stopping(to, message),
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

    /// A firewall drops a message, without a word.
    pub(super) fn drop_message(&mut self, firewall: NodeId, link: LinkId, body: Body) {
        match body {
            Body::Call(call) => self.drop_call(firewall, link, call),
            other => self.lose_on(link, other),
        }
    }

    /// A firewall drops a call, without a word. If somebody waits for it, it is kept until they give up.
    pub(super) fn drop_call(&mut self, firewall: NodeId, link: LinkId, call: CallId) {
        self.fail(firewall, Some(link), call, Outcome::Dropped);
        self.note(Fact::Dropped { node: firewall, count: 1 });
        match self.calls.get_mut(call) {
            Some(held) if held.caller == Caller::Nobody => {
                self.calls.remove(call);
            }
            Some(held) => held.set_stage(Stage::Dropped),
            None => {}
        }
    }

    /// A message that is lost on a link, and with it the replication connection that it belongs to.
    pub(super) fn lose_on(&mut self, link: LinkId, body: Body) {
        self.links[link.get()].lost_of_stream |= body.is_of_stream();
        self.lose(body);
    }

    /// A message that nobody will ever get.
    pub(super) fn lose(&mut self, body: Body) {
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
            Some(held) => held.set_stage(Stage::Gone),
            None => {}
        }
    }

    /// A message meets a node that is stopping: new connections are refused, those that stand go on.
    fn meet_stopping(&mut self, node: NodeId, message: &Message) -> Delivery {
        match message.body {
            Body::Call(_) | Body::Probe { .. } | Body::Control(_) => {
                self.meet_dead(node, message);
                Delivery::Over
            }
            _ => Delivery::To(node),
        }
    }

    /// A message meets a node whose process does not run. Its host refuses connections; what belonged to a
    /// connection that died with the process goes nowhere.
    fn meet_dead(&mut self, node: NodeId, message: &Message) {
        match message.body {
            // A dead firewall is a break in the line: nobody is there who could refuse.
            body if self.is_firewall(node) => self.lose(body),
            Body::Scrape { target, scrape } => {
                self.send_from(node, message.link, Body::ScrapeRefused { target, scrape });
            }
            Body::PortProbe { attacker, attempt, port } => {
                let open = port == ports::SSH;
                self.send_from(node, message.link, Body::PortAnswer { attacker, attempt, port, open });
            }
            Body::Call(call) if self.gave_address_up(node) => self.lose_call(call),
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
                    held.set_stage(Stage::Inside);
                }
            }
            Body::Probe { server, probe, incarnation, connect_only: true } => {
                let answer = Body::ProbeAnswer { server, probe, incarnation, passed: true };
                self.send(message.link, Direction::Back, answer);
            }
            Body::PortProbe { attacker, attempt, port } => {
                let to = self.plan.link(message.link).to;
                self.answer_port(to, message.link, attacker, attempt, port);
            }
            other => self.lose(other),
        }
    }

    /// A host says whether anybody listens on a port. A firewall says nothing for itself.
    pub(super) fn answer_port(
        &mut self,
        node: NodeId,
        link: LinkId,
        attacker: NodeId,
        attempt: u32,
        port: u16,
    ) {
        if !self.is_firewall(node) {
            let open = self.plan.node(node).is_some_and(|node| node.kind.listens_on(port));
            self.send_from(node, link, Body::PortAnswer { attacker, attempt, port, open });
        }
    }

    /// The process of `node` ended: its host closes the connections of the calls that were inside it. Returns how
    /// many requests were lost with it.
    pub(super) fn reset_connections(&mut self, node: NodeId) -> u64 {
        let inside = self.calls.find_all(|call| call.callee == node && call.is_inside());
        if self.is_firewall(node) {
            // What it had handed on finds no way back, and nobody is told.
            for &call in &inside {
                if let Some(Stage::Waiting(child)) = self.calls.get(call).map(Call::stage) {
                    self.abandon(child);
                }
                self.lose_call(call);
            }
            return 0;
        }
        for &call in &inside {
            if let Some(Stage::Waiting(child)) = self.calls.get(call).map(Call::stage) {
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
