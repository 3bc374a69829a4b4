//! Database nodes, links with delay, clients: what the manager acts upon, in simulated time.

use std::collections::{BTreeMap, BTreeSet};
use std::format;
use std::string::String;
use std::vec::Vec;

use understudy_core::failover::{
    CallId, Command, Durability, FailoverConfig, FailoverManager, FailoverOutput, FenceId, Fencing,
    Instruction, NodeIndex, Report, Role, Step,
};
use understudy_core::{LogPosition, Lsn, SimDuration, SimTime, TimelineId};

/// How many bytes of log each record takes.
const RECORD_BYTES: usize = 0x100;
/// How often a node sends what its followers lack.
const SEND_EVERY: SimDuration = SimDuration::from_millis(100);

/// A record: the timeline it was written on, and the client's write; 0 for the record that starts a timeline.
type Record = (TimelineId, u32);

/// A database node.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) up: bool,
    pub(super) role: Role,
    pub(super) log: Vec<Record>,
    pub(super) lease_until: SimTime,
    /// How often it has started: what was sent to an earlier life does not arrive.
    life: u32,
    /// The latest call it has received.
    call: CallId,
    /// How many records each replica has confirmed since this node was last made primary.
    confirmed: Vec<usize>,
}

impl Node {
    fn position(&self) -> LogPosition {
        let timeline = self.log.last().map_or(TimelineId::FIRST, |record| record.0);
        LogPosition { timeline, lsn: Lsn((self.log.len() * RECORD_BYTES) as u64) }
    }

    fn become_role(&mut self, role: Role) {
        if role != self.role {
            self.role = role;
            self.confirmed.fill(0);
        }
    }

    fn carry_out(&mut self, instruction: Instruction) {
        match instruction {
            Instruction::StopReceiving => self.become_role(Role::Replica { following: None }),
            Instruction::Demote => self.become_role(Role::Demoted),
            Instruction::Promote { timeline } if self.position().timeline < timeline => {
                self.log.push((timeline, 0));
                self.become_role(Role::Primary);
            }
            // A promotion onto a timeline that it has seen already changes nothing.
            Instruction::Report | Instruction::Promote { .. } => {}
            Instruction::Resume { timeline } => {
                assert_eq!(self.position().timeline, timeline, "a node resumes the timeline that it led");
                self.become_role(Role::Primary);
            }
            Instruction::Rewind { to } => {
                self.become_role(Role::Demoted);
                self.log.truncate(usize::try_from(to.lsn.0).expect("short") / RECORD_BYTES);
                assert_eq!(self.position(), to, "rewinds to the end of a record");
            }
            Instruction::Follow { primary } => {
                self.become_role(Role::Replica { following: Some(primary) });
            }
        }
    }
}

/// What is on its way or due.
#[derive(Clone, Debug)]
enum Event {
    Call { node: NodeIndex, life: u32, call: CallId, instruction: Instruction, lease_until: Option<SimTime> },
    Answer { node: NodeIndex, report: Report },
    Refused { node: NodeIndex, call: CallId },
    Records { from: NodeIndex, to: NodeIndex, life: u32, start: usize, records: Vec<Record> },
    Confirm { from: NodeIndex, to: NodeIndex, life: u32, count: usize },
    Send,
    Device { node: NodeIndex, request: FenceId },
}

/// What a test can do to the cluster.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Crash(u16),
    Restart(u16),
    /// Calls to the node, answers from it: which of them are lost from now on.
    CutManager(u16, bool, bool),
    CutNodes(u16, u16, bool),
    Write(u16),
    DeviceWorks(bool),
    Command(Command),
}

/// The cluster, its manager and its clients.
pub(super) struct Cluster {
    pub(super) manager: FailoverManager,
    pub(super) nodes: Vec<Node>,
    pub(super) now: SimTime,
    /// What clients were told is safe.
    pub(super) acknowledged: BTreeSet<u32>,
    queue: BTreeMap<(SimTime, u64), Event>,
    sequence: u64,
    /// When the last message on each link arrives: links keep the order.
    last_arrival: BTreeMap<(usize, usize), SimTime>,
    calls_lost: Vec<bool>,
    answers_lost: Vec<bool>,
    cut: BTreeSet<(u16, u16)>,
    device_works: bool,
    /// When the device last cut each node off.
    pub(super) device_cut: BTreeMap<NodeIndex, SimTime>,
    /// Whether a node that is down is noticed at once.
    refuses: bool,
    noise: u64,
    delay_ms: u64,
    writes: u32,
    /// Everything the manager put out, with the time.
    pub(super) seen: Vec<(SimTime, FailoverOutput)>,
}

impl Cluster {
    /// A healthy cluster whose first node is primary. Every message takes up to `delay_ms`
    /// milliseconds, by a stream of `seed`.
    pub(super) fn new(config: FailoverConfig, delay_ms: u64, seed: u64) -> Self {
        let count = config.nodes.len();
        let node = |role| Node {
            up: true,
            role,
            log: Vec::new(),
            lease_until: SimTime::ZERO,
            life: 0,
            call: CallId(0),
            confirmed: std::vec![0; count],
        };
        let mut nodes = std::vec![node(Role::Replica { following: Some(NodeIndex(0)) }); count];
        nodes[0] = node(Role::Primary);
        let mut cluster = Self {
            manager: FailoverManager::new(config, NodeIndex(0), TimelineId::FIRST, SimTime::ZERO),
            nodes,
            now: SimTime::ZERO,
            acknowledged: BTreeSet::new(),
            queue: BTreeMap::new(),
            sequence: 0,
            last_arrival: BTreeMap::new(),
            calls_lost: std::vec![false; count],
            answers_lost: std::vec![false; count],
            cut: BTreeSet::new(),
            device_works: true,
            device_cut: BTreeMap::new(),
            refuses: false,
            noise: seed,
            delay_ms,
            writes: 0,
            seen: Vec::new(),
        };
        cluster.push(cluster.now, Event::Send);
        cluster
    }

    /// The same, where a connection to a node that is down is refused instead of timing out.
    pub(super) fn refusing(mut self) -> Self {
        self.refuses = true;
        self
    }

    pub(super) fn accepts_writes(&self, node: usize) -> bool {
        let leases = matches!(self.manager.config().fencing, Fencing::Lease { .. });
        let node = &self.nodes[node];
        node.up && node.role == Role::Primary && (!leases || self.now < node.lease_until)
    }

    /// Acknowledged writes that whoever leads the newest timeline does not have.
    pub(super) fn lost(&self) -> Vec<u32> {
        let newest = self.nodes.iter().map(|node| node.position().timeline).max();
        let leads = |node: &&Node| node.role == Role::Primary && Some(node.position().timeline) == newest;
        let Some(leader) = self.nodes.iter().find(leads) else { return Vec::new() };
        let has = |write: &u32| leader.log.iter().any(|(_, id)| id == write);
        self.acknowledged.iter().copied().filter(|write| !has(write)).collect()
    }

    /// Lets everything happen that is due by `until`, calling `look` after each event.
    pub(super) fn run(&mut self, until: SimTime, mut look: impl FnMut(&mut Self)) {
        self.drain();
        loop {
            let event = self.queue.first_key_value().map(|(&(at, _), _)| at);
            let timer = self.manager.poll_timeout();
            let Some(next) = event.into_iter().chain(timer).min().filter(|&next| next <= until) else {
                break;
            };
            self.now = self.now.max(next);
            if event.is_some_and(|event| event <= next) {
                let (_, event) = self.queue.pop_first().expect("just seen");
                self.happen(event);
            } else {
                self.manager.handle_timeout(self.now);
                let armed = self.manager.poll_timeout();
                assert!(
                    armed.is_none_or(|next| next > self.now),
                    "a timer that was handled is not due again"
                );
            }
            self.drain();
            look(self);
        }
        self.now = until;
    }

    pub(super) fn act(&mut self, act: Act) {
        match act {
            Act::Crash(node) => self.crash(node.into()),
            Act::Restart(node) => self.nodes[usize::from(node)].up = true,
            Act::CutManager(node, calls, answers) => {
                self.calls_lost[usize::from(node)] = calls;
                self.answers_lost[usize::from(node)] = answers;
            }
            Act::CutNodes(one, two, cut) => {
                for pair in [(one, two), (two, one)] {
                    if cut {
                        self.cut.insert(pair)
                    } else {
                        self.cut.remove(&pair)
                    };
                }
            }
            Act::Write(node) => self.write(node.into()),
            Act::DeviceWorks(works) => self.device_works = works,
            Act::Command(command) => self.manager.handle_command(self.now, command),
        }
        self.drain();
    }

    fn crash(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        node.up = false;
        node.life += 1;
        node.become_role(Role::Demoted);
        node.lease_until = SimTime::ZERO;
    }

    fn write(&mut self, node: usize) {
        if self.accepts_writes(node) {
            self.writes += 1;
            let timeline = self.nodes[node].position().timeline;
            self.nodes[node].log.push((timeline, self.writes));
            self.acknowledge(node);
        }
    }

    fn acknowledge(&mut self, node: usize) {
        let primary = &self.nodes[node];
        if primary.role != Role::Primary {
            return;
        }
        let safe_count = match self.manager.config().durability {
            Durability::Asynchronous => primary.log.len(),
            Durability::AnyOf { required } => {
                let mut confirmed = primary.confirmed.clone();
                confirmed.sort_unstable_by(|one, two| two.cmp(one));
                confirmed[usize::from(required) - 1]
            }
        };
        let leading = primary.position().timeline;
        let safe = primary.log[..safe_count].iter().filter(|record| record.0 == leading && record.1 > 0);
        self.acknowledged.extend(safe.map(|record| record.1));
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Call { node, life, call, instruction, lease_until } => {
                let index = node.get();
                if !self.nodes[index].up || self.nodes[index].life != life || self.calls_lost[index] {
                    return;
                }
                let it = &mut self.nodes[index];
                it.call = call;
                it.lease_until = it.lease_until.max(lease_until.unwrap_or_default());
                it.carry_out(instruction);
                let report = Report { call, role: it.role, position: it.position(), whole_at: None };
                self.send((index, usize::MAX), Event::Answer { node, report });
            }
            Event::Answer { node, report } if !self.answers_lost[node.get()] => {
                self.manager.handle_report(self.now, node, report);
            }
            Event::Answer { .. } => {}
            Event::Refused { node, call } => self.manager.handle_call_failed(self.now, node, call),
            Event::Records { from, to, life, start, records } => {
                let it = &mut self.nodes[to.get()];
                let receives = it.up && it.life == life && it.role == Role::Replica { following: Some(from) };
                if !receives || self.cut.contains(&(from.0, to.0)) || it.log.len() != start {
                    return;
                }
                it.log.extend(records);
                let count = it.log.len();
                let life = self.nodes[from.get()].life;
                self.send((to.get(), from.get()), Event::Confirm { from: to, to: from, life, count });
            }
            Event::Confirm { from, to, life, count } => {
                let it = &mut self.nodes[to.get()];
                if it.up && it.life == life && it.role == Role::Primary && !self.cut.contains(&(from.0, to.0))
                {
                    it.confirmed[from.get()] = it.confirmed[from.get()].max(count);
                    self.acknowledge(to.get());
                }
            }
            Event::Send => {
                self.send_records();
                self.push(self.now + SEND_EVERY, Event::Send);
            }
            Event::Device { node, request } => {
                if self.device_works {
                    self.crash(node.get());
                    self.device_cut.insert(node, self.now);
                }
                self.manager.handle_fence_result(self.now, request, self.device_works);
            }
        }
    }

    fn send_records(&mut self) {
        for to in 0..self.nodes.len() {
            let Role::Replica { following: Some(from) } = self.nodes[to].role else { continue };
            let (sender, receiver) = (&self.nodes[from.get()], &self.nodes[to]);
            let sends = sender.up && matches!(sender.role, Role::Primary | Role::Demoted);
            if sends && sender.log.starts_with(&receiver.log) {
                let start = receiver.log.len();
                let (life, records) = (receiver.life, sender.log[start..].to_vec());
                let to = NodeIndex(u16::try_from(to).expect("few"));
                self.send((from.get(), to.get()), Event::Records { from, to, life, start, records });
            }
        }
    }

    /// Carries out what the manager asks.
    fn drain(&mut self) {
        while let Some(output) = self.manager.poll_output() {
            self.seen.push((self.now, output.clone()));
            match output {
                FailoverOutput::Call { node, call, instruction, lease_until } => {
                    let index = node.get();
                    let life = self.nodes[index].life;
                    if self.refuses && !self.nodes[index].up {
                        self.send((usize::MAX, index), Event::Refused { node, call });
                    } else {
                        let event = Event::Call { node, life, call, instruction, lease_until };
                        self.send((usize::MAX, index), event);
                    }
                }
                FailoverOutput::Fence { node, request } => {
                    self.send((usize::MAX, usize::MAX), Event::Device { node, request });
                }
                FailoverOutput::SetRoute { .. } | FailoverOutput::Step(_) => {}
            }
        }
    }

    /// Delivers on a link, after all that was sent on it before.
    fn send(&mut self, link: (usize, usize), event: Event) {
        // Knuth's MMIX constants: any stream does, it only has to be the same everywhere.
        self.noise =
            self.noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let delay = SimDuration::from_millis((self.noise >> 33) % (self.delay_ms + 1));
        let before = self.last_arrival.get(&link).copied().unwrap_or_default();
        let arrival = before.max(self.now + delay);
        self.last_arrival.insert(link, arrival);
        self.push(arrival, event);
    }

    fn push(&mut self, at: SimTime, event: Event) {
        self.sequence += 1;
        self.queue.insert((at, self.sequence), event);
    }

    /// The trace: what was decided and ordered, without the calls that say nothing new.
    pub(super) fn trace(&self) -> String {
        let name = |node: NodeIndex| &self.manager.config().nodes[node.get()].name;
        let mut told = BTreeMap::new();
        let lines = self.seen.iter().filter_map(|(at, output)| {
            let line = match output {
                FailoverOutput::Call { node, instruction, .. } => {
                    let before = told.insert(*node, *instruction).unwrap_or(Instruction::Report);
                    if before == *instruction || *instruction == Instruction::Report {
                        return None;
                    }
                    format!("-> {}: {instruction:?}", name(*node))
                }
                FailoverOutput::Fence { node, request } => {
                    format!("-> device: cut off {}, {request:?}", name(*node))
                }
                FailoverOutput::SetRoute { primary: Some(primary) } => {
                    format!("-> route: {}", name(*primary))
                }
                FailoverOutput::SetRoute { primary: None } => "-> route: none".into(),
                FailoverOutput::Step(step) => self.manager.explain(step),
            };
            Some(format!("{at:#} {line}\n"))
        });
        lines.collect()
    }

    /// The steps so far.
    pub(super) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.seen.iter().filter_map(|(_, output)| match output {
            FailoverOutput::Step(step) => Some(step),
            FailoverOutput::Call { .. } | FailoverOutput::Fence { .. } | FailoverOutput::SetRoute { .. } => {
                None
            }
        })
    }
}
