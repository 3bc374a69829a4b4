//! Routers on a network that delays adverts and can be cut, on a virtual clock. Machines can be killed and come
//! back. Shared with the conformance tests, which hold it against real daemons on a real network.

use std::collections::BTreeMap;
use std::format;
use std::string::String;
use std::vec::Vec;

use understudy_core::vrrp::{Advert, VrrpConfig, VrrpOutput, VrrpRouter, VrrpState};
use understudy_core::{SimDuration, SimTime};

/// One machine.
struct Node {
    config: VrrpConfig,
    /// `None` while the machine, or the process on it, is dead.
    router: Option<VrrpRouter>,
    /// Whether the virtual address is on its interface.
    holds: bool,
    /// Machines in the same segment hear each other.
    segment: usize,
}

/// One output, by whom and when.
pub(crate) struct Entry {
    pub(crate) at: SimTime,
    pub(crate) router: usize,
    pub(crate) output: VrrpOutput,
}

/// The network and all that is on it.
pub(crate) struct Lan {
    now: SimTime,
    nodes: Vec<Node>,
    /// By arrival, then in the order of sending: the receiver and the advert.
    in_flight: BTreeMap<(SimTime, u64), (usize, Advert)>,
    sent: u64,
    /// Taken in turn, one for each delivery.
    delays: Vec<SimDuration>,
    log: Vec<Entry>,
}

impl Lan {
    /// Machines that are off, one for each configuration, all in one segment.
    pub(crate) fn new(configs: Vec<VrrpConfig>, delays: Vec<SimDuration>) -> Self {
        assert!(!delays.is_empty(), "a network needs a delay, if only zero");
        let node = |config| Node { config, router: None, holds: false, segment: 0 };
        let nodes = configs.into_iter().map(node).collect();
        Self { now: SimTime::ZERO, nodes, in_flight: BTreeMap::new(), sent: 0, delays, log: Vec::new() }
    }

    pub(crate) fn now(&self) -> SimTime {
        self.now
    }

    /// Everything that routers did so far.
    pub(crate) fn log(&self) -> &[Entry] {
        &self.log
    }

    /// The machines whose interface has the virtual address.
    pub(crate) fn holders(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|&node| self.nodes[node].holds).collect()
    }

    /// The router on a machine; `None` while it is dead.
    pub(crate) fn router(&self, node: usize) -> Option<&VrrpRouter> {
        self.nodes[node].router.as_ref()
    }

    /// Powers a machine on, and starts the router on it. Does nothing to one that runs.
    pub(crate) fn start(&mut self, node: usize) {
        let Node { config, router, holds, .. } = &mut self.nodes[node];
        if router.is_none() {
            *holds = false;
            *router = Some(VrrpRouter::new(config.clone()));
        }
        self.drive(node, VrrpRouter::handle_start);
    }

    /// Stops a router cleanly.
    pub(crate) fn stop(&mut self, node: usize) {
        self.drive(node, VrrpRouter::handle_stop);
        self.nodes[node].router = None;
    }

    /// Kills the process: nobody takes the virtual address off the interface.
    pub(crate) fn kill_process(&mut self, node: usize) {
        self.nodes[node].router = None;
    }

    /// Kills the machine, and with it its interface.
    pub(crate) fn kill_machine(&mut self, node: usize) {
        self.nodes[node].router = None;
        self.nodes[node].holds = false;
    }

    /// Puts each machine into the segment given for it. What is on its way to another segment is lost.
    pub(crate) fn divide(&mut self, segments: &[usize]) {
        for (node, &segment) in self.nodes.iter_mut().zip(segments) {
            node.segment = segment;
        }
        let old = core::mem::take(&mut self.in_flight);
        self.in_flight =
            old.into_iter().filter(|(_, (to, advert))| self.connected(*to, self.sender(*advert))).collect();
    }

    pub(crate) fn connected(&self, a: usize, b: usize) -> bool {
        self.nodes[a].segment == self.nodes[b].segment
    }

    /// Hands an input to the router on a machine, if it lives, and carries out what it answers.
    pub(crate) fn drive(&mut self, node: usize, input: impl FnOnce(&mut VrrpRouter, SimTime)) {
        let Node { router: Some(router), holds, .. } = &mut self.nodes[node] else { return };
        input(router, self.now);
        let mut adverts = Vec::new();
        while let Some(output) = router.poll_output() {
            match output {
                VrrpOutput::SendAdvert(advert) => adverts.push(advert),
                VrrpOutput::AddressTaken(_) => *holds = true,
                VrrpOutput::AddressReleased(_) => *holds = false,
                VrrpOutput::Judged { .. } | VrrpOutput::Transition(_) | VrrpOutput::GratuitousArp(_) => {}
            }
            self.log.push(Entry { at: self.now, router: node, output });
        }
        assert_eq!(
            router.state() == VrrpState::Master,
            *holds,
            "{} holds the address just while it is master",
            name(node)
        );
        for advert in adverts {
            self.send(node, advert);
        }
    }

    /// When something happens next.
    fn next_event(&self) -> Option<SimTime> {
        let arrival = self.in_flight.keys().next().map(|&(at, _)| at);
        let timeouts = self.nodes.iter().filter_map(|node| node.router.as_ref()?.poll_timeout());
        timeouts.chain(arrival).min()
    }

    /// Lets everything happen up to and at `until`, and calls `check` after each event.
    pub(crate) fn run_until(&mut self, until: SimTime, mut check: impl FnMut(&Self)) {
        while let Some(at) = self.next_event().filter(|&at| at <= until) {
            assert!(at >= self.now, "an event in the past");
            self.now = at;
            if let Some(arrived) = self.in_flight.first_entry().filter(|entry| entry.key().0 == at) {
                let (to, advert) = arrived.remove();
                self.drive(to, |router, now| router.handle_advert(now, advert));
            } else {
                for node in 0..self.nodes.len() {
                    self.drive(node, VrrpRouter::handle_timeout);
                }
            }
            check(self);
        }
        self.now = until;
    }

    fn send(&mut self, from: usize, advert: Advert) {
        for to in 0..self.nodes.len() {
            if to != from && self.connected(from, to) {
                let turn = usize::try_from(self.sent).expect("a count of adverts") % self.delays.len();
                self.in_flight.insert((self.now + self.delays[turn], self.sent), (to, advert));
                self.sent += 1;
            }
        }
    }

    fn sender(&self, advert: Advert) -> usize {
        let sent_it = |node: &Node| node.config.primary == advert.source;
        self.nodes.iter().position(sent_it).expect("adverts come from a machine on the network")
    }

    /// One line on what a router did, with routers by their names.
    pub(crate) fn describe(&self, entry: &Entry) -> String {
        let named = |address| {
            let node = self.nodes.iter().position(|node| node.config.primary == address);
            name(node.expect("adverts come from a machine on the network"))
        };
        let what = match entry.output {
            VrrpOutput::Judged { from, verdict } => format!("heard {}: {verdict}", named(from)),
            VrrpOutput::Transition(change) => {
                format!("{} -> {}: {}", change.from, change.to, change.reason.to_text(named))
            }
            VrrpOutput::SendAdvert(advert) => format!("advertises priority {}", advert.priority),
            VrrpOutput::AddressTaken(address) => format!("takes {address}"),
            VrrpOutput::AddressReleased(address) => format!("releases {address}"),
            VrrpOutput::GratuitousArp(address) => format!("tells all that {address} is here"),
        };
        format!("{} {}: {what}", entry.at, name(entry.router))
    }
}

/// What a person calls a machine: the first is `lb-1`.
pub(crate) fn name(node: usize) -> String {
    format!("lb-{}", node + 1)
}
