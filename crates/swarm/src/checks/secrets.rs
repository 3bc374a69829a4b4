//! What goes over an encrypted link is not read by who listens there.

use std::collections::BTreeMap;

use understudy_sim::Plan;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;
use understudy_sim::view::NodeDetail;

use super::{Checker, Sight};

/// Watches each eavesdropper whose links are all encrypted.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// What each had read at the last look, and whether all its links were encrypted then.
    before: BTreeMap<NodeId, (u64, bool)>,
}

impl Checker for Secrets {
    fn name(&self) -> &'static str {
        "secrets"
    }

    fn check(&mut self, plan: &Plan, sight: &Sight<'_>) -> Result<(), String> {
        for ((id, node), view) in plan.nodes().zip(&sight.snapshot.nodes) {
            let (NodeKind::Eavesdropper(eavesdropper), NodeDetail::Eavesdropper { readable, .. }) =
                (&node.kind, &view.detail)
            else {
                continue;
            };
            let encrypted = eavesdropper.links.iter().all(|link| sight.snapshot.links[link.get()].tls);
            let (read, was_encrypted) =
                self.before.insert(id, (*readable, encrypted)).unwrap_or((*readable, false));
            if was_encrypted && encrypted && *readable > read {
                return Err(format!("{} read what went over an encrypted link", node.name));
            }
        }
        Ok(())
    }
}
