//! A firewall: hands on what comes in on an open port, and its answer back; drops the rest without a word.
//!
//! It stands in the path in one of two ways: as a hop of its own, to which requests are sent and which hands them on,
//! or in a link between two others (`through`), where it only lets pass or not. It lets answers pass: it knows the
//! connections that they belong to.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use understudy_core::SimTime;

use super::ground::Ground;
use super::uplink::Uplink;
use crate::calls::{CallId, Caller, Stage};
use crate::event::Body;
use crate::ids::{LinkId, NodeId};
use crate::meter::RateMeter;
use crate::outcome::Outcome;
use crate::plan::{FirewallPlan, SourceLimit, ports};
use crate::view::NodeDetail;

/// How many port probes on their way it remembers the sender of.
const PROBES_KEPT: usize = 256;

#[derive(Clone, Debug)]
pub(super) struct Firewall {
    id: NodeId,
    settings: FirewallPlan,
    uplink: Uplink,
    sources: Vec<Source>,
    /// The port probes that were handed on, and where they came from.
    probes: VecDeque<(NodeId, u32, LinkId)>,
    passed: RateMeter,
    dropped: u64,
}

/// The token bucket of one sender, as the instant at which it is full again.
#[derive(Clone, Copy, Debug)]
struct Source {
    node: NodeId,
    full_at: SimTime,
}

impl Source {
    /// Takes a token, if there is one.
    fn take(&mut self, now: SimTime, limit: SourceLimit) -> bool {
        let full_at = self.full_at.max(now) + limit.gap;
        let has_token = full_at.since(now) <= limit.gap * u64::from(limit.burst);
        if has_token {
            self.full_at = full_at;
        }
        has_token
    }
}

impl Firewall {
    pub(super) fn new(ground: &Ground, id: NodeId, settings: &FirewallPlan) -> Self {
        Self {
            id,
            uplink: Uplink::new(&ground.plan, &settings.links),
            sources: Vec::new(),
            probes: VecDeque::new(),
            passed: RateMeter::default(),
            dropped: 0,
            settings: settings.clone(),
        }
    }

    /// Switches it; false if it was so already.
    pub(super) fn set_on(&mut self, on: bool) -> bool {
        core::mem::replace(&mut self.settings.on, on) != on
    }

    /// The process starts again: what it remembered is gone.
    pub(super) fn restart(&mut self) {
        self.sources.clear();
        self.probes.clear();
    }

    /// Whether it lets through what `source` sends to `port`. It takes the sender's token for that.
    pub(super) fn lets_through(&mut self, now: SimTime, source: NodeId, port: u16) -> bool {
        if !self.settings.on {
            return true;
        }
        let passes = self.settings.allow.contains(&port) && self.has_token(now, source);
        self.dropped += u64::from(!passes);
        passes
    }

    fn has_token(&mut self, now: SimTime, node: NodeId) -> bool {
        let Some(limit) = self.settings.limit_per_source else { return true };
        let index = self.sources.iter().position(|source| source.node == node).unwrap_or_else(|| {
            self.sources.push(Source { node, full_at: now });
            self.sources.len() - 1
        });
        self.sources[index].take(now, limit)
    }

    pub(super) fn take_call(&mut self, ground: &mut Ground, link: LinkId, call: CallId) {
        let Some(request) = ground.calls.request(call) else { return };
        let port = if ground.links[link.get()].tls { ports::HTTPS } else { ports::HTTP };
        let source = ground.plan.link(link).from;
        if !self.lets_through(ground.now, source, port) {
            ground.drop_call(self.id, link, call);
            return;
        }
        self.passed.count(ground.now);
        let link = self.uplink.choose(ground);
        let child = ground.call(link, Caller::Call(call), &request);
        if let Some(held) = ground.calls.get_mut(call) {
            held.set_stage(Stage::Waiting(child));
        }
    }

    /// Hands an answer back. It keeps nothing about the calls through it.
    pub(super) fn take_answer(&mut self, ground: &mut Ground, child: CallId, outcome: Outcome) {
        let (waiting, position) = (ground.waiting_for(child), ground.calls.position(child));
        let Some(link) = ground.calls.end(child, |over| over.link) else { return };
        self.uplink.heard(link);
        let Some(call) = waiting else { return };
        ground.calls.set_position(call, position);
        ground.answer(call, outcome);
    }

    /// Somebody tries a port: if it is open here, whoever is behind answers.
    pub(super) fn take_port_probe(
        &mut self,
        ground: &mut Ground,
        link: LinkId,
        attacker: NodeId,
        attempt: u32,
        port: u16,
    ) {
        if self.settings.links.is_empty() || !self.lets_through(ground.now, attacker, port) {
            return;
        }
        if self.probes.len() == PROBES_KEPT {
            self.probes.pop_front();
        }
        self.probes.push_back((attacker, attempt, link));
        let onward = self.uplink.choose(ground);
        ground.send_from(self.id, onward, Body::PortProbe { attacker, attempt, port });
    }

    pub(super) fn take_port_answer(
        &mut self,
        ground: &mut Ground,
        attacker: NodeId,
        attempt: u32,
        port: u16,
        open: bool,
    ) {
        let is_it = |&(by, number, _): &(NodeId, u32, LinkId)| (by, number) == (attacker, attempt);
        if let Some(index) = self.probes.iter().position(is_it)
            && let Some((_, _, link)) = self.probes.remove(index)
        {
            ground.send_from(self.id, link, Body::PortAnswer { attacker, attempt, port, open });
        }
    }

    pub(super) fn learn(&mut self, link: LinkId) {
        self.uplink.learn(link);
    }

    pub(super) fn view(&self, now: SimTime) -> (u32, NodeDetail) {
        let detail = NodeDetail::Firewall { on: self.settings.on, dropped: self.dropped };
        (self.passed.per_second(now), detail)
    }
}

/// The port that a message is sent to; `None` if it belongs to a connection that stands already, or is none of
/// TCP's or UDP's business.
pub(super) fn port_of(ground: &Ground, to: NodeId, link: LinkId, body: Body) -> Option<u16> {
    use crate::plan::NodeKind;
    let service = || {
        Some(match ground.plan.node(to).map(|node| &node.kind) {
            Some(NodeKind::Database(_)) => ports::DATABASE,
            Some(NodeKind::ApplicationServer(_)) => ports::APPLICATION,
            _ if ground.links[link.get()].tls => ports::HTTPS,
            _ => ports::HTTP,
        })
    };
    match body {
        Body::Call(_) | Body::Probe { .. } => service(),
        Body::Replication(_) => Some(ports::DATABASE),
        Body::Control(_) if ground.plan.link(link).to == to => service(),
        Body::DnsQuery { .. } => Some(ports::DNS),
        Body::Scrape { .. } => Some(ports::METRICS),
        Body::PortProbe { port, .. } => Some(port),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use understudy_core::SimDuration;

    use super::*;

    #[test]
    fn a_bucket_gives_what_it_holds_and_then_what_comes_in() {
        let limit = SourceLimit { gap: SimDuration::from_millis(100), burst: 10 };
        let mut source = Source { node: NodeId(0), full_at: SimTime::from_secs(1) };
        let mut taken =
            |at, tries: u32| (0..tries).filter(|_| source.take(SimTime::from_millis(at), limit)).count();
        assert_eq!(taken(1_000, 50), 10, "a full bucket");
        assert_eq!(taken(1_250, 50), 2, "two came in since");
        assert_eq!(taken(60_000, 50), 10, "it never holds more than it can");
    }
}
