//! What is known of a system with nothing lost, so that a look at a loss starts from there.
//!
//! What a node answers follows from what is behind it. So a loss changes the answers of those who call what is lost, of
//! those who call these, and of nobody else, unless an address or a database role moves.

use alloc::vec;
use alloc::vec::Vec;

use understudy_sim::Plan;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, PlanLink};

use super::{Known, Walk};
use crate::losses::{Component, Losses};
use crate::system::{Reactions, Settled, System};

/// The answers with nothing lost, as long as every queue has room.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    settled: Settled,
    known: Vec<Known>,
    well: Vec<Option<bool>>,
    /// By node: who has a link to it.
    callers: Vec<Vec<NodeId>>,
}

impl Base {
    /// `None` where what is answered depends on how much arrives even so.
    pub(crate) fn of(system: &System<'_>) -> Option<Self> {
        let losses = Losses::none(system.plan);
        let settled = system.settle(&losses, Reactions::ALL);
        let mut walk = Walk::unseen(system, &losses, settled, 1.0);
        walk.by_population();
        if !walk.is_known {
            return None;
        }
        let mut callers = vec![Vec::new(); system.plan.nodes().len()];
        for (_, link) in system.plan.links() {
            callers[link.to.get()].push(link.from);
        }
        Some(Self { known: walk.known, well: walk.well, settled: walk.settled, callers })
    }

    /// Whether everybody believes and does the same as with nothing lost.
    fn holds(&self, settled: &Settled) -> bool {
        self.settled.addresses == settled.addresses && self.settled.cluster == settled.cluster
    }

    /// By node: whether a loss may change what it answers.
    fn touched(&self, plan: &Plan, losses: &Losses) -> Vec<bool> {
        let mut touched = vec![false; plan.nodes().len()];
        let mut next: Vec<NodeId> = Vec::new();
        let cut = |next: &mut Vec<NodeId>, link: &PlanLink| {
            next.push(link.from);
            // A replica that nothing reaches has not seen what was written.
            if matches!(plan.node(link.from).map(|node| &node.kind), Some(NodeKind::Database(_))) {
                next.push(link.to);
            }
        };
        if losses.has_guards() {
            plan.links().filter(|(id, _)| losses.has_link(*id)).for_each(|(_, link)| cut(&mut next, link));
        }
        for component in losses.lost() {
            match *component {
                Component::Link(id) => cut(&mut next, plan.link(id)),
                Component::Node(id) => next.push(id),
            }
        }
        while let Some(id) = next.pop() {
            if !core::mem::replace(&mut touched[id.get()], true) {
                next.extend(&self.callers[id.get()]);
            }
        }
        touched
    }
}

impl Walk<'_> {
    /// Forgets all answers but those that no loss and no full queue can have changed.
    pub(super) fn forget(&mut self) {
        let has_room = !self.overloads_are_known && self.admitted.iter().all(|&admitted| admitted >= 1.0);
        let base = self.system.base.as_ref().filter(|base| has_room && base.holds(&self.settled));
        let Some(base) = base else {
            self.known.fill([None; 3]);
            self.well.fill(None);
            return;
        };
        self.known.clone_from(&base.known);
        self.well.clone_from(&base.well);
        for (index, touched) in base.touched(self.plan, self.losses).into_iter().enumerate() {
            if touched {
                self.known[index] = [None; 3];
                self.well[index] = None;
            }
        }
    }
}
