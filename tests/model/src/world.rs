//! A cluster under its manager, with every link and every fault, as one value.

use std::collections::BTreeSet;

use understudy_core::failover::{
    Command, Durability, FailoverConfig, FailoverManager, FenceId, Fencing, NodeIndex, Output, Phase, Role,
    Step,
};
use understudy_core::{SimTime, TimelineId};

use crate::node::{Node, Record, WriteId};

/// How the manager and one node reach each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// Both ways.
    Up,
    /// Calls arrive, answers do not.
    AnswersLost,
    /// Not at all.
    Cut,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Time passes until the manager's next timer.
    Tick,
    /// A client writes to this node.
    Write(NodeIndex),
    /// The next record reaches a replica, and the replica's answer reaches the node it follows.
    Replicate {
        /// The sender.
        from: NodeIndex,
        /// The receiver.
        to: NodeIndex,
    },
    /// A node stops.
    Crash(NodeIndex),
    /// A stopped node starts again.
    Restart(NodeIndex),
    /// The manager loses contact with a node, wholly or one way.
    CutManager(NodeIndex, Link),
    /// They can talk again.
    HealManager(NodeIndex),
    /// Two nodes lose contact.
    CutNodes(NodeIndex, NodeIndex),
    /// They can talk again.
    HealNodes(NodeIndex, NodeIndex),
    /// The fencing device cuts the node's power and says so.
    DeviceConfirms,
    /// The fencing device says that it could not.
    DeviceFails,
    /// An operator asks for a planned switchover.
    Switchover,
}

/// What may happen, and how often.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Writes by clients.
    pub writes: u8,
    /// Crashes and cuts.
    pub faults: u8,
    /// Planned switchovers.
    pub switchovers: u8,
}

/// The whole state: the manager is the real one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The component under test.
    pub manager: FailoverManager,
    /// The database nodes.
    pub nodes: Vec<Node>,
    /// Manager to node, by node.
    pub links: Vec<Link>,
    /// Pairs of nodes, smaller first, that cannot reach each other.
    pub cut: BTreeSet<(NodeIndex, NodeIndex)>,
    /// What the fencing device was asked.
    pub fence: Option<(NodeIndex, FenceId)>,
    /// Which writes a client was told are safe, with the node that said so.
    pub acknowledged: BTreeSet<(WriteId, NodeIndex)>,
    /// Of nodes that both accept writes since then: which acknowledged one beside which other.
    beside: BTreeSet<(NodeIndex, NodeIndex)>,
    writes: u8,
    faults: u8,
    switchovers: u8,
}

impl World {
    /// A healthy cluster whose first node is primary.
    pub fn new(config: FailoverConfig) -> Self {
        let count = config.nodes.len();
        let primary = NodeIndex(0);
        let replica = Node::new(Role::Replica { following: Some(primary) });
        let mut nodes = vec![replica; count];
        nodes[primary.get()] = Node::new(Role::Primary);
        let manager = FailoverManager::new(config, primary, TimelineId::FIRST, SimTime::ZERO);
        let mut world = Self {
            manager,
            nodes,
            links: vec![Link::Up; count],
            cut: BTreeSet::new(),
            fence: None,
            acknowledged: BTreeSet::new(),
            beside: BTreeSet::new(),
            writes: 0,
            faults: 0,
            switchovers: 0,
        };
        // The first round of checks: everyone is known, and the primary holds its lease.
        world.manager.handle_timeout(SimTime::ZERO);
        world.settle(SimTime::ZERO);
        world
    }

    fn leases(&self) -> bool {
        matches!(self.manager.config().fencing, Fencing::Lease { .. })
    }

    /// Whether a node would take a client's write now.
    pub fn accepts_writes(&self, node: NodeIndex) -> bool {
        self.nodes[node.get()].accepts_writes(self.leases(), SimTime::ZERO)
    }

    /// Nodes that would take a client's write now.
    pub fn accepting(&self) -> impl Iterator<Item = NodeIndex> {
        self.indices().filter(|&node| self.accepts_writes(node))
    }

    /// Whether two nodes have each acknowledged a write while the other one accepted writes too.
    pub fn split_brain(&self) -> bool {
        self.beside.iter().any(|&(one, two)| self.beside.contains(&(two, one)))
    }

    /// Acknowledged writes that the primary of the newest timeline does not have.
    pub fn lost(&self) -> Vec<WriteId> {
        let newest = self.nodes.iter().map(|node| node.position().timeline).max();
        let leads = |node: &&Node| node.role == Role::Primary && Some(node.position().timeline) == newest;
        let Some(leader) = self.nodes.iter().find(leads) else { return Vec::new() };
        self.acknowledged.iter().map(|&(write, _)| write).filter(|&write| !leader.has(write)).collect()
    }

    fn indices(&self) -> impl Iterator<Item = NodeIndex> + use<> {
        self.manager.config().indices()
    }

    fn pairs(&self) -> impl Iterator<Item = (NodeIndex, NodeIndex)> + use<> {
        let nodes: Vec<_> = self.indices().collect();
        let all = nodes
            .clone()
            .into_iter()
            .flat_map(move |one| nodes.clone().into_iter().map(move |two| (one, two)));
        all.filter(|(one, two)| one < two)
    }

    fn connected(&self, one: NodeIndex, two: NodeIndex) -> bool {
        !self.cut.contains(&(one.min(two), one.max(two)))
    }

    /// Everything that can happen now.
    pub fn actions(&self, bounds: &Bounds) -> Vec<Action> {
        let mut actions = vec![Action::Tick];
        if self.fence.is_some() {
            actions.extend([Action::DeviceConfirms, Action::DeviceFails]);
        }
        if self.switchovers < bounds.switchovers && *self.manager.phase() == Phase::Watching {
            actions.push(Action::Switchover);
        }
        let fault = self.faults < bounds.faults;
        for node in self.indices() {
            if self.writes < bounds.writes && self.accepts_writes(node) {
                actions.push(Action::Write(node));
            }
            if !self.nodes[node.get()].up {
                actions.push(Action::Restart(node));
            } else if fault {
                actions.push(Action::Crash(node));
            }
            if self.links[node.get()] != Link::Up {
                actions.push(Action::HealManager(node));
            } else if fault {
                actions.extend([Link::Cut, Link::AnswersLost].map(|link| Action::CutManager(node, link)));
            }
            for from in self.indices() {
                if self.connected(from, node) && self.next_record(from, node).is_some() {
                    actions.push(Action::Replicate { from, to: node });
                }
            }
        }
        for (one, two) in self.pairs() {
            if !self.connected(one, two) {
                actions.push(Action::HealNodes(one, two));
            } else if fault {
                actions.push(Action::CutNodes(one, two));
            }
        }
        actions
    }

    fn next_record(&self, from: NodeIndex, to: NodeIndex) -> Option<Record> {
        self.nodes[to.get()].next_record(from, &self.nodes[from.get()])
    }

    /// Lets one thing happen; what the manager decided, in order.
    pub fn apply(&mut self, action: Action) -> Vec<Step> {
        let mut now = SimTime::ZERO;
        match action {
            Action::Tick => {
                now = self.manager.poll_timeout().expect("the next round of checks is always due");
                self.manager.handle_timeout(now);
            }
            Action::Write(node) => self.write(node),
            Action::Replicate { from, to } => {
                let record = self.next_record(from, to).expect("offered only when there is one");
                self.nodes[to.get()].log.push(record);
                self.acknowledge(from);
            }
            Action::Crash(node) => {
                self.faults += 1;
                self.nodes[node.get()].crash();
            }
            Action::Restart(node) => self.nodes[node.get()].up = true,
            Action::CutManager(node, link) => {
                self.faults += 1;
                self.links[node.get()] = link;
            }
            Action::HealManager(node) => self.links[node.get()] = Link::Up,
            Action::CutNodes(one, two) => {
                self.faults += 1;
                self.cut.insert((one, two));
            }
            Action::HealNodes(one, two) => {
                self.cut.remove(&(one, two));
            }
            Action::DeviceConfirms => {
                let (node, request) = self.fence.take().expect("offered only when asked");
                self.nodes[node.get()].crash();
                self.manager.handle_fence_result(now, request, true);
            }
            Action::DeviceFails => {
                let (_, request) = self.fence.take().expect("offered only when asked");
                self.manager.handle_fence_result(now, request, false);
            }
            Action::Switchover => {
                self.switchovers += 1;
                self.manager.handle_command(now, Command::Switchover { to: None });
            }
        }
        let steps = self.settle(now);
        self.rebase(now);
        let accepting: Vec<_> = self.accepting().collect();
        self.beside.retain(|(one, two)| accepting.contains(one) && accepting.contains(two));
        steps
    }

    fn write(&mut self, node: NodeIndex) {
        self.writes += 1;
        let timeline = self.nodes[node.get()].position().timeline;
        self.nodes[node.get()].log.push(Record::Write(timeline, WriteId(self.writes)));
        self.acknowledge(node);
    }

    /// Tells clients which of their writes are safe now, by the commit rule. Only a primary does, and only
    /// for writes that it took on the timeline that it leads.
    fn acknowledge(&mut self, primary: NodeIndex) {
        let leader = self.nodes[primary.get()].clone();
        if !leader.up || leader.role != Role::Primary {
            return;
        }
        let leading = leader.position().timeline;
        for &record in &leader.log {
            let Record::Write(timeline, write) = record else { continue };
            let holders = self.indices().filter(|&node| {
                let replica = &self.nodes[node.get()];
                replica.role == Role::Replica { following: Some(primary) } && replica.has(write)
            });
            let safe = match self.manager.config().durability {
                Durability::Asynchronous => true,
                Durability::AnyOf { required } => holders.count() >= usize::from(required),
            };
            if timeline == leading && safe && self.acknowledged.insert((write, primary)) {
                let others = self.accepting().filter(|&node| node != primary).map(|other| (primary, other));
                self.beside.extend(others.collect::<Vec<_>>());
            }
        }
    }

    /// Carries out what the manager asks until it asks no more. What cannot be delivered is lost.
    fn settle(&mut self, now: SimTime) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(output) = self.manager.poll_output() {
            match output {
                Output::Call { node, call, instruction, lease_until } => {
                    let link = self.links[node.get()];
                    if !self.nodes[node.get()].up || link == Link::Cut {
                        continue;
                    }
                    let report = self.nodes[node.get()].answer(call, instruction, lease_until);
                    if link == Link::Up {
                        self.manager.handle_report(now, node, report);
                    }
                }
                Output::Fence { node, request } => self.fence = Some((node, request)),
                Output::SetRoute { .. } => {}
                Output::Step(step) => steps.push(step),
            }
        }
        steps
    }

    /// Time begins again at `now`, so that states that differ only in the clock are one.
    fn rebase(&mut self, now: SimTime) {
        self.manager.rebase(now);
        for node in &mut self.nodes {
            node.lease_until =
                node.lease_until.filter(|&until| until > now).map(|until| SimTime::ZERO + until.since(now));
        }
    }
}
