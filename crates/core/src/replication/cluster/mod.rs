//! Several nodes wired together: the smallest driver of this module, and the example of how to write one.
//!
//! Messages, flushes and replays wait as [`Step`]s until they are taken, in whatever order the caller likes as long
//! as each wire keeps its own; [`settle`](Cluster::settle) takes them all. A wire can be cut (the connection breaks
//! and no new one opens) or stalled (what is sent arrives later). A disk or a replay can be held up. Nothing takes
//! time by itself: [`pass`](Cluster::pass) lets it go by.

mod wiring;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use crate::replication::commit::{Acknowledged, CommitLevel};
use crate::replication::message::{ToPrimary, ToReplica};
use crate::replication::node::Node;
use crate::replication::primary::{Primary, PrimaryConfig, WriteRefused};
use crate::replication::replica::{NotPromoted, Replica, ReplicaConfig, Rewound};
use crate::replication::routing::Position;
use crate::replication::wal::{Record, Recycled};
use crate::replication::{Key, NodeId, SyncRule, Write, WriteId};
use crate::{Lsn, SimDuration, SimTime};

/// Bytes of every write's record.
const WRITE_BYTES: u32 = 100;

/// Something that can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The oldest message on this wire arrives.
    Deliver {
        /// From this node.
        from: NodeId,
        /// At that node.
        to: NodeId,
    },
    /// The node's disk has flushed what it was asked to.
    Flush(NodeId),
    /// The replica has replayed what it was asked to.
    Replay(NodeId),
}

#[derive(Clone, Debug)]
enum Message {
    ToPrimary(ToPrimary),
    ToReplica(ToReplica),
}

/// Nodes and the wires between them. See the [module](crate::replication) for an example.
#[derive(Clone, Debug)]
pub struct Cluster {
    now: SimTime,
    config: PrimaryConfig,
    nodes: BTreeMap<NodeId, Node>,
    down: BTreeSet<NodeId>,
    cut: BTreeSet<(NodeId, NodeId)>,
    stalled: BTreeSet<(NodeId, NodeId)>,
    held: BTreeSet<Step>,
    wires: BTreeMap<(NodeId, NodeId), VecDeque<Message>>,
    flushes: BTreeMap<NodeId, Lsn>,
    replays: BTreeMap<NodeId, Lsn>,
    writes: BTreeMap<WriteId, Position>,
    last_write: WriteId,
    acknowledged: Vec<Acknowledged>,
}

/// The wire between two nodes, whichever way round.
fn wire(one: NodeId, other: NodeId) -> (NodeId, NodeId) {
    (one.min(other), one.max(other))
}

impl Cluster {
    /// A new, empty database with its replicas, which connect at once. A replica that is promoted later gets the
    /// same settings as the first primary.
    pub fn new(
        primary: NodeId,
        config: PrimaryConfig,
        replicas: impl IntoIterator<Item = (NodeId, ReplicaConfig)>,
    ) -> Self {
        let mut cluster = Self {
            now: SimTime::ZERO,
            config: config.clone(),
            nodes: BTreeMap::from([(primary, Node::Primary(Primary::new(primary, config)))]),
            down: BTreeSet::new(),
            cut: BTreeSet::new(),
            stalled: BTreeSet::new(),
            held: BTreeSet::new(),
            wires: BTreeMap::new(),
            flushes: BTreeMap::new(),
            replays: BTreeMap::new(),
            writes: BTreeMap::new(),
            last_write: WriteId(0),
            acknowledged: Vec::new(),
        };
        for (node, config) in replicas {
            cluster.nodes.insert(node, Node::Replica(Replica::new(node, config)));
            cluster.follow(node, Some(primary));
        }
        cluster
    }

    /// The present.
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// The nodes, by number.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The node as a primary, if it is one.
    pub fn primary(&self, node: NodeId) -> Option<&Primary> {
        self.nodes.get(&node)?.as_primary()
    }

    /// The node as a replica, if it is one.
    pub fn replica(&self, node: NodeId) -> Option<&Replica> {
        self.nodes.get(&node)?.as_replica()
    }

    /// Commits a write on `node`, which must be a primary.
    pub fn write(&mut self, node: NodeId, key: Key, level: CommitLevel) -> Result<WriteId, WriteRefused> {
        let now = self.now;
        let write = Write { id: WriteId(self.last_write.0 + 1), key };
        let primary = self.primary_mut(node);
        let lsn = primary.handle_write(now, write, WRITE_BYTES, level)?;
        let timeline = primary.wal().history().current();
        self.last_write = write.id;
        self.writes.insert(write.id, Position { timeline, lsn });
        self.drain(node);
        Ok(write.id)
    }

    /// What clients were told, in that order.
    pub fn acknowledged(&self) -> &[Acknowledged] {
        &self.acknowledged
    }

    /// Whether the client was told that its write is done.
    pub fn is_acknowledged(&self, write: WriteId) -> bool {
        self.acknowledged.iter().any(|acknowledged| acknowledged.write == write)
    }

    /// Where a write is in the log; `None` if a crash lost it before it was flushed.
    pub fn position(&self, write: WriteId) -> Option<Position> {
        self.writes.get(&write).copied()
    }

    /// The writes that a read on `node` sees; none if it cannot be read.
    pub fn visible(&self, node: NodeId) -> Vec<WriteId> {
        let Some(view) = self.nodes.get(&node).filter(|_| !self.down.contains(&node)).and_then(Node::view)
        else {
            return Vec::new();
        };
        let hidden =
            |write: WriteId| self.primary(node).is_some_and(|primary| primary.why_waiting(write).is_some());
        let sees = |(write, position): (&WriteId, &Position)| {
            (view.sees(*position) && !hidden(*write)).then_some(*write)
        };
        self.writes.iter().filter_map(sees).collect()
    }

    /// What can happen next.
    pub fn steps(&self) -> Vec<Step> {
        let deliver = |((from, to), messages): (&(NodeId, NodeId), &VecDeque<Message>)| {
            let arrives = !messages.is_empty() && !self.stalled.contains(&wire(*from, *to));
            arrives.then_some(Step::Deliver { from: *from, to: *to })
        };
        let deliveries = self.wires.iter().filter_map(deliver);
        let flushes = self.flushes.keys().copied().map(Step::Flush);
        let replays = self.replays.keys().copied().map(Step::Replay);
        deliveries.chain(flushes).chain(replays).filter(|step| !self.held.contains(step)).collect()
    }

    /// Lets it happen.
    pub fn take(&mut self, step: Step) {
        let now = self.now;
        match step {
            Step::Deliver { from, to } => {
                if let Some(message) = self.wires.get_mut(&(from, to)).and_then(VecDeque::pop_front) {
                    self.deliver(from, to, message);
                }
            }
            Step::Flush(node) => {
                let Some(to) = self.flushes.remove(&node) else { return };
                match self.node_mut(node) {
                    Node::Primary(primary) => primary.handle_flushed(now, to),
                    Node::Replica(replica) => replica.handle_flushed(now, to),
                }
                self.drain(node);
            }
            Step::Replay(node) => {
                let Some(to) = self.replays.remove(&node) else { return };
                if let Node::Replica(replica) = self.node_mut(node) {
                    replica.handle_replayed(now, to);
                }
                self.drain(node);
            }
        }
    }

    /// Lets everything happen that can, without time going by.
    pub fn settle(&mut self) {
        while let Some(step) = self.steps().into_iter().next() {
            self.take(step);
        }
    }

    /// Lets time go by, with everything that happens meanwhile.
    pub fn pass(&mut self, duration: SimDuration) {
        let until = self.now + duration;
        self.settle();
        loop {
            let timeout = |node: &Node| match node {
                Node::Primary(primary) => primary.poll_timeout(),
                Node::Replica(replica) => replica.poll_timeout(),
            };
            let running = self.nodes.values().filter(|node| !self.down.contains(&node.id()));
            let next = running.filter_map(|node| Some((timeout(node)?, node.id()))).min();
            let Some((at, node)) = next.filter(|(at, _)| *at <= until) else { break };
            self.now = self.now.max(at);
            let now = self.now;
            match self.node_mut(node) {
                Node::Primary(primary) => primary.handle_timeout(now),
                Node::Replica(replica) => replica.handle_timeout(now),
            }
            self.drain(node);
            self.settle();
        }
        self.now = until;
    }

    /// Holds a node's flushes or replays, or one direction of a wire, up.
    pub fn hold(&mut self, step: Step) {
        self.held.insert(step);
    }

    /// Lets them go on.
    pub fn let_go(&mut self, step: Step) {
        self.held.remove(&step);
    }

    /// Breaks the connection between two nodes, and lets none open.
    pub fn cut(&mut self, one: NodeId, other: NodeId) {
        self.cut.insert(wire(one, other));
        self.disconnect(one, other);
    }

    /// What two nodes send each other arrives no more until the wire is healed; neither notices by itself.
    pub fn stall(&mut self, one: NodeId, other: NodeId) {
        self.stalled.insert(wire(one, other));
    }

    /// Mends what was cut or stalled. A replica connects again when it next tries.
    pub fn heal(&mut self, one: NodeId, other: NodeId) {
        self.cut.remove(&wire(one, other));
        self.stalled.remove(&wire(one, other));
    }

    /// The node crashes: what it had not flushed is lost. Answers that.
    pub fn crash(&mut self, node: NodeId) -> Vec<Record> {
        let now = self.now;
        let lost = match self.node_mut(node) {
            Node::Primary(primary) => primary.handle_crash(now),
            Node::Replica(replica) => replica.handle_restart(now),
        };
        for write in lost.iter().filter_map(Record::write) {
            // A replica's loss is no loss: the primary has it.
            if self.primary(node).is_some() {
                self.writes.remove(&write.id);
            }
        }
        self.drain(node);
        self.down.insert(node);
        self.flushes.remove(&node);
        self.replays.remove(&node);
        let others: Vec<NodeId> = self.nodes.keys().copied().filter(|other| *other != node).collect();
        for other in others {
            self.disconnect(node, other);
        }
        lost
    }

    /// A node that crashed starts again, in the role that it had.
    pub fn start(&mut self, node: NodeId) {
        let now = self.now;
        if !self.down.remove(&node) {
            return;
        }
        match self.node_mut(node) {
            Node::Primary(primary) => primary.handle_restart(),
            Node::Replica(replica) => {
                replica.handle_restart(now);
            }
        }
        self.drain(node);
    }

    /// Fences a primary.
    pub fn fence(&mut self, node: NodeId) {
        let now = self.now;
        self.primary_mut(node).handle_fence(now);
        self.flushes.remove(&node);
        self.drain(node);
    }

    /// Begins the promotion of a replica to the next timeline: it is a primary when its replay is done.
    pub fn promote(&mut self, node: NodeId) -> Result<(), NotPromoted> {
        let promoted = match self.node_mut(node) {
            Node::Primary(_) => Ok(()),
            Node::Replica(replica) => replica.handle_promote(replica.wal().next_timeline()),
        };
        self.drain(node);
        promoted
    }

    /// Lets a replica follow `upstream`.
    pub fn follow(&mut self, node: NodeId, upstream: Option<NodeId>) {
        let now = self.now;
        if let Node::Replica(replica) = self.node_mut(node) {
            replica.handle_upstream(now, upstream);
        }
        self.drain(node);
    }

    /// Makes a primary that was fenced or crashed a replica of `upstream`, with its log as it is.
    pub fn demote(&mut self, node: NodeId, upstream: NodeId) {
        let now = self.now;
        self.down.remove(&node);
        let outputs = self.node_mut(node).demote(now, ReplicaConfig::default());
        for output in outputs {
            self.carry_out_primary(node, output);
        }
        self.flushes.remove(&node);
        self.follow(node, Some(upstream));
    }

    /// Rewinds a replica to what the primary `source` has.
    pub fn rewind(&mut self, node: NodeId, source: NodeId) -> Result<Rewound, Recycled> {
        let now = self.now;
        let source = self.primary(source).expect("only a primary's log is a source").clone();
        let Node::Replica(replica) = self.node_mut(node) else { panic!("only a replica is rewound") };
        let rewound = replica.rewind(now, &source);
        self.drain(node);
        rewound
    }

    /// Rebuilds a replica from a base backup of the primary `source`.
    pub fn rebuild(&mut self, node: NodeId, source: NodeId) {
        let source = self.primary(source).expect("only a primary is backed up").clone();
        self.with_replica(node, |replica, now| replica.rebuild(now, &source));
    }

    /// Sets a primary's rule for synchronous commits.
    pub fn set_rule(&mut self, node: NodeId, rule: SyncRule) {
        self.primary_mut(node).handle_rule(rule);
        self.drain(node);
    }

    /// Pauses a replica's replay.
    pub fn pause(&mut self, node: NodeId) {
        self.with_replica(node, |replica, _| replica.handle_pause());
    }

    /// Lets a replica's replay go on.
    pub fn resume(&mut self, node: NodeId) {
        self.with_replica(node, Replica::handle_resume);
    }

    /// Drives a primary by an input that has no method here.
    pub fn with_primary(&mut self, node: NodeId, input: impl FnOnce(&mut Primary)) {
        input(self.primary_mut(node));
        self.drain(node);
    }

    /// Drives a replica by an input that has no method here.
    pub fn with_replica(&mut self, node: NodeId, input: impl FnOnce(&mut Replica, SimTime)) {
        let now = self.now;
        if let Node::Replica(replica) = self.node_mut(node) {
            input(replica, now);
        }
        self.drain(node);
    }

    fn node_mut(&mut self, node: NodeId) -> &mut Node {
        self.nodes.get_mut(&node).expect("the node is one of the cluster's")
    }

    fn primary_mut(&mut self, node: NodeId) -> &mut Primary {
        self.node_mut(node).as_primary_mut().expect("the node is a primary")
    }
}
