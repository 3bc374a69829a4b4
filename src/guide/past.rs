//! What was done in a run so far, as far as the guide needs it: told by the log, never by which button was pressed.

use understudy_sim::ids::NodeId;
use understudy_sim::log::{Entry, Fact};
use understudy_sim::plan::{NodeKind, Plan};

/// What has been broken in a run, and what it cost.
#[expect(clippy::struct_excessive_bools, reason = "each happened or not, whatever the others did")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Whether anything was broken at all.
    pub broke: bool,
    /// Whether a web or application server was.
    pub server: bool,
    /// Whether a balancer was.
    pub balancer: bool,
    /// Whether a database was.
    pub database: bool,
    /// Whether a replica was promoted.
    pub promoted: bool,
    /// Writes that clients were told of and that are gone.
    pub lost_writes: u64,
}

impl Past {
    /// What the entries of a log tell.
    pub fn of<'a>(entries: impl Iterator<Item = &'a Entry>, plan: &Plan) -> Self {
        let mut past = Self::default();
        for entry in entries {
            match entry.fact {
                Fact::Killed { node, .. } | Fact::Hung { node } | Fact::Stopped { node, .. } => {
                    past.note(node, plan);
                }
                Fact::Cut { forward, back, .. } => past.broke |= forward || back,
                Fact::Promoted { lost, .. } => {
                    past.promoted = true;
                    past.lost_writes += lost;
                }
                Fact::Rewound { lost, .. } => past.lost_writes += lost,
                _ => {}
            }
        }
        past
    }

    fn note(&mut self, node: NodeId, plan: &Plan) {
        self.broke = true;
        match plan.node(node).map(|node| &node.kind) {
            Some(NodeKind::WebServer(_) | NodeKind::ApplicationServer(_)) => self.server = true,
            Some(NodeKind::LoadBalancer(_)) => self.balancer = true,
            Some(NodeKind::Database(_)) => self.database = true,
            _ => {}
        }
    }
}
