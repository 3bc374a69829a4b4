//! The inside of one node, when somebody asks for it.

use understudy_core::{LogPosition, Lsn};

use super::database::Database;
use super::{Node, World};
use crate::event::{Event, Wake};
use crate::ids::NodeId;
use crate::inspect::{IfLost, Inspection, Timer, TimerKind};

/// How many timers and waiting requests are told.
const MOST_TOLD: usize = 12;

impl World {
    /// What is inside a node.
    pub(crate) fn look_inside(&self, id: NodeId) -> Inspection {
        let Some(node) = self.nodes.get(id.get()) else { return Inspection::default() };
        let mut inside = Inspection::default();
        if self.ground.is_up(id) {
            self.scheduled_for(id, &mut inside);
        }
        match node {
            Node::LoadBalancer(balancer) if self.ground.is_up(id) => {
                balancer.inspect(&self.ground, &mut inside);
            }
            Node::Server(server) => inside.queue = server.waiting(&self.ground, MOST_TOLD),
            Node::Database(database) => {
                inside.queue = database.waiting(&self.ground, MOST_TOLD);
                inside.if_lost = self.if_lost(id);
            }
            _ => {}
        }
        inside.timers.truncate(MOST_TOLD);
        inside
    }

    /// What a node is going to be woken for. A balancer's components say that themselves: an alarm of theirs may be
    /// set too early, and then finds nothing to do.
    fn scheduled_for(&self, id: NodeId, inside: &mut Inspection) {
        let own = self.ground.incarnation(id);
        let timer = |event: &Event| match *event {
            Event::Wake { node, incarnation, wake } if node == id && incarnation == own => Some(match wake {
                Wake::ServiceDone(_) => TimerKind::WorkDone,
                Wake::Deadline => TimerKind::GiveUp,
                Wake::Flushed(..) => TimerKind::Flush,
                Wake::Replayed(..) => TimerKind::Replay,
                Wake::Lease => TimerKind::Lease,
                Wake::Manager => TimerKind::Manager,
                Wake::Fenced { victim, .. } => TimerKind::Fence(victim),
                Wake::OverloadOver => TimerKind::OverloadOver,
                Wake::Start => TimerKind::Start,
                Wake::Check(_) | Wake::Vrrp | Wake::Replication => return None,
                _ => TimerKind::Other,
            }),
            _ => None,
        };
        for one in self.ground.queue.iter() {
            if let Some(kind) = timer(&one.event) {
                inside.add(Timer { at: one.at, kind });
            }
        }
    }

    /// What would be gone with a primary.
    fn if_lost(&self, id: NodeId) -> Option<IfLost> {
        let Node::Database(database) = self.nodes.get(id.get())? else { return None };
        database.as_leader()?;
        let position = |database: &Database| LogPosition {
            timeline: database.history().current(),
            lsn: database.reached().0,
        };
        let others =
            self.ground.plan.databases().iter().filter(|&&other| other != id && self.ground.is_up(other));
        let positions = others.filter_map(|&other| match &self.nodes[other.get()] {
            Node::Database(replica) => Some((position(replica), other)),
            _ => None,
        });
        let best = positions.max();
        let flushed = best.map_or(Lsn::ZERO, |(position, _)| position.lsn);
        let kept = LogPosition { lsn: flushed, ..position(database) };
        let writes = self.ground.writes.would_lose_after(kept);
        Some(IfLost { best: best.map(|(_, node)| node), flushed, writes })
    }
}
