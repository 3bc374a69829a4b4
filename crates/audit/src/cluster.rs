//! The databases after a loss: who takes writes, whether these can be acknowledged, and who knows.
//!
//! A replica covers its primary only where a failover manager acts by itself, runs, reaches a candidate, and tells the
//! servers that write. With synchronous commit a write also needs enough replicas that follow whoever is primary.

use alloc::vec;
use alloc::vec::Vec;

use understudy_core::failover::{Fencing, Mode};
use understudy_sim::Plan;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{DatabasePlan, ManagerPlan, NextTier, NodeKind};

use crate::losses::Losses;

/// What of the plan the databases' fate depends on.
#[derive(Clone, Debug)]
pub(crate) struct Databases {
    all: Vec<NodeId>,
    first_primary: Option<NodeId>,
    manager: Option<NodeId>,
    /// Servers that have databases, with the links to them.
    writers: Vec<(NodeId, Vec<LinkId>)>,
}

/// A database that takes writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepting {
    pub(crate) node: NodeId,
    /// Too few replicas follow it: no write is ever acknowledged, and each keeps its worker.
    pub(crate) hangs: bool,
    /// Some server sends its writes there.
    pub(crate) written_to: bool,
}

/// The databases once everybody has reacted who will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// Who takes writes: at most the old primary and the new one.
    pub(crate) accepting: Vec<Accepting>,
    /// The replica that was promoted.
    pub(crate) promoted: Option<NodeId>,
    /// The old primary, if the fencing device cut its power.
    pub(crate) powered_off: Option<NodeId>,
    /// The old primary, if its lease has run out: it runs, and nothing can be read or written there.
    pub(crate) fenced: Option<NodeId>,
    /// The replicas that the manager told to stop following the old primary.
    left: Vec<NodeId>,
    /// By node: whether the manager has told it where writes go now.
    told: Vec<bool>,
    first_primary: Option<NodeId>,
}

pub(crate) fn database(plan: &Plan, id: NodeId) -> Option<&DatabasePlan> {
    match &plan.node(id)?.kind {
        NodeKind::Database(database) => Some(database),
        _ => None,
    }
}

/// The link between two databases.
pub(crate) fn peer_link(plan: &Plan, one: NodeId, other: NodeId) -> Option<LinkId> {
    let peers = &database(plan, one)?.peers;
    peers.iter().copied().find(|&link| plan.link(link).other_end(one) == other)
}

impl Databases {
    pub(crate) fn new(plan: &Plan) -> Self {
        let all = plan.databases().to_vec();
        let is_first = |&id: &NodeId| database(plan, id).is_some_and(|database| database.is_primary);
        let manager = plan.nodes().find(|(_, node)| matches!(node.kind, NodeKind::FailoverManager(_)));
        let writers = plan.nodes().filter_map(|(id, node)| match &node.kind {
            NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => match &server.next_tier {
                NextTier::Databases { links, .. } => Some((id, links.clone())),
                NextTier::Nothing | NextTier::Servers(_) => None,
            },
            _ => None,
        });
        Self {
            writers: writers.collect(),
            first_primary: all.iter().copied().find(is_first),
            manager: manager.map(|(id, _)| id),
            all,
        }
    }

    pub(crate) fn all(&self) -> &[NodeId] {
        &self.all
    }

    pub(crate) const fn first_primary(&self) -> Option<NodeId> {
        self.first_primary
    }

    /// The failover manager, if there is one.
    pub(crate) fn manager<'p>(&self, plan: &'p Plan) -> Option<(NodeId, &'p ManagerPlan)> {
        let id = self.manager?;
        match &plan.node(id)?.kind {
            NodeKind::FailoverManager(manager) => Some((id, manager)),
            _ => None,
        }
    }

    /// Nobody has reacted yet: the first primary is primary, dead or alive.
    pub(crate) fn before(&self, plan: &Plan, losses: &Losses) -> Cluster {
        let mut cluster = self.nobody(plan);
        if let Some(primary) = self.first_primary
            && !losses.has_node(primary)
        {
            let hangs = self.hangs(plan, losses, primary, |_| true);
            cluster.accept(primary, hangs);
            self.note_writers(plan, losses, &mut cluster);
        }
        cluster
    }

    fn nobody(&self, plan: &Plan) -> Cluster {
        let nodes = plan.nodes().len();
        Cluster {
            accepting: Vec::new(),
            promoted: None,
            powered_off: None,
            fenced: None,
            left: Vec::new(),
            told: vec![false; nodes],
            first_primary: self.first_primary,
        }
    }

    /// Whether too few of the replicas for which `follows` holds can confirm a write to `primary`.
    fn hangs(&self, plan: &Plan, losses: &Losses, primary: NodeId, follows: impl Fn(NodeId) -> bool) -> bool {
        let needed = database(plan, primary).map_or(0, |database| database.primary.rule.count());
        let others = self.all.iter().copied().filter(|&other| other != primary);
        let confirming = others.filter(|&other| follows(other) && streams(plan, losses, primary, other));
        confirming.count() < needed
    }

    /// After these losses, once everybody has reacted who will.
    pub(crate) fn after(&self, plan: &Plan, losses: &Losses) -> Cluster {
        let Some(primary) = self.first_primary else { return self.nobody(plan) };
        let Some((manager, settings)) = self.manager(plan) else { return self.before(plan, losses) };
        let runs = !losses.has_node(manager);
        let link_to = |id: NodeId| {
            let index = self.all.iter().position(|&database| database == id)?;
            settings.databases.get(index).copied()
        };
        let reaches = |id: NodeId| {
            runs && !losses.has_node(id) && link_to(id).is_some_and(|link| !losses.has_link(link))
        };
        let is_lease = matches!(settings.config.fencing, Fencing::Lease { .. });
        if reaches(primary) {
            return self.before(plan, losses);
        }
        let automatic = runs && settings.config.mode == Mode::Automatic;
        let heard: Vec<NodeId> =
            self.all.iter().copied().filter(|&id| id != primary && reaches(id)).collect();
        let enough = heard.len() >= settings.config.replicas_to_hear().unwrap_or(1).max(1);
        if automatic && enough {
            let promoted = self.candidate(plan, &heard).expect("somebody was heard");
            return self.taken_over(plan, losses, settings, promoted, &heard);
        }
        // Nobody is promoted. A manager that looks for a candidate has told those it hears to stop receiving.
        let mut cluster = self.nobody(plan);
        if !losses.has_node(primary) && !is_lease {
            let hangs = self.hangs(plan, losses, primary, |id| !(automatic && heard.contains(&id)));
            cluster.accept(primary, hangs);
            self.note_writers(plan, losses, &mut cluster);
        }
        if automatic {
            cluster.left = heard;
        }
        cluster.fenced = Some(primary).filter(|_| is_lease);
        cluster
    }

    /// Who of these is promoted: one that has received the primary's log, in the order of the plan.
    pub(crate) fn candidate(&self, plan: &Plan, heard: &[NodeId]) -> Option<NodeId> {
        let primary = self.first_primary?;
        let received = |id: &&NodeId| peer_link(plan, primary, **id).is_some();
        heard.iter().find(received).or(heard.first()).copied()
    }

    fn taken_over(
        &self,
        plan: &Plan,
        losses: &Losses,
        settings: &ManagerPlan,
        promoted: NodeId,
        heard: &[NodeId],
    ) -> Cluster {
        let mut cluster = self.nobody(plan);
        cluster.promoted = Some(promoted);
        cluster.left = heard.to_vec();
        let old = self.first_primary.filter(|&primary| !losses.has_node(primary));
        match settings.config.fencing {
            Fencing::Device { .. } => cluster.powered_off = old,
            // Cut off from the manager, it was told nothing and goes on; no replica follows it any more, but for
            // those that the manager cannot reach either.
            Fencing::None => {
                if let Some(node) = old {
                    let hangs = self.hangs(plan, losses, node, |id| !heard.contains(&id));
                    cluster.accept(node, hangs);
                }
            }
            Fencing::Lease { .. } => cluster.fenced = old,
        }
        let hangs = self.hangs(plan, losses, promoted, |id| heard.contains(&id));
        cluster.accept(promoted, hangs);
        for &link in &settings.applications {
            let server = plan.link(link).to;
            cluster.told[server.get()] = !losses.has_link(link);
        }
        self.note_writers(plan, losses, &mut cluster);
        cluster
    }

    /// Notes which of the databases that take writes get any.
    fn note_writers(&self, plan: &Plan, losses: &Losses, cluster: &mut Cluster) {
        for index in 0..cluster.accepting.len() {
            let node = cluster.accepting[index].node;
            cluster.accepting[index].written_to = self.writers.iter().any(|(server, links)| {
                !losses.has_node(*server)
                    && cluster.primary_for(*server) == Some(node)
                    && links.iter().any(|&link| plan.link(link).to == node && !losses.has_link(link))
            });
        }
    }
}

/// Whether log records get from one database to another.
fn streams(plan: &Plan, losses: &Losses, from: NodeId, to: NodeId) -> bool {
    !losses.has_node(to) && peer_link(plan, from, to).is_some_and(|link| !losses.has_link(link))
}

impl Cluster {
    /// Where a server believes writes to go.
    pub(crate) fn primary_for(&self, server: NodeId) -> Option<NodeId> {
        match self.promoted {
            Some(promoted) if self.told[server.get()] => Some(promoted),
            _ => self.first_primary,
        }
    }

    /// Whether a database takes writes, and if so how.
    pub(crate) fn accepts(&self, id: NodeId) -> Option<Accepting> {
        self.accepting.iter().copied().find(|accepting| accepting.node == id)
    }

    fn accept(&mut self, node: NodeId, hangs: bool) {
        self.accepting.push(Accepting { node, hangs, written_to: false });
    }

    /// Of the databases whose writes are acknowledged, the part whose log is, sooner or later, that of `id` as well.
    /// 1 if nothing is acknowledged any more: then nothing can be missing.
    pub(crate) fn has_what_is_written(&self, plan: &Plan, losses: &Losses, id: NodeId) -> f64 {
        let (mut all, mut known) = (0.0, 0.0);
        for accepting in self.accepting.iter().filter(|accepting| accepting.written_to && !accepting.hangs) {
            all += 1.0;
            let follows = self.left.contains(&id) == (self.promoted == Some(accepting.node));
            if accepting.node == id || follows && streams(plan, losses, accepting.node, id) {
                known += 1.0;
            }
        }
        if all > 0.0 { known / all } else { 1.0 }
    }
}
