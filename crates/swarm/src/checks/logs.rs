//! Two logs say the same as far as they share their history, and a replica has nothing that its primary has not.

use std::collections::BTreeMap;

use understudy_core::Lsn;
use understudy_core::replication::{History, Wal};
use understudy_sim::Plan;
use understudy_sim::ids::NodeId;
use understudy_sim::view::{DatabaseRole, NodeDetail};

use super::{Checker, Sight};

/// Watches every pair of logs. What was compared once is not compared again until one of the two goes back or turns
/// onto another history.
#[derive(Clone, Debug, Default)]
pub struct LogPrefix {
    pairs: BTreeMap<(NodeId, NodeId), Compared>,
}

/// How far a pair was compared, and what the two were then.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Compared {
    up_to: Lsn,
    ends: (Lsn, Lsn),
    histories: (History, History),
}

impl Checker for LogPrefix {
    fn name(&self) -> &'static str {
        "log prefix"
    }

    fn check(&mut self, plan: &Plan, sight: &Sight<'_>) -> Result<(), String> {
        for (index, &(one, log)) in sight.logs.iter().enumerate() {
            for &(other, other_log) in &sight.logs[index + 1..] {
                let names = (plan.name(one), plan.name(other));
                self.compare((one, other), names, log, other_log)?;
                for (replica, primary, ahead) in
                    [(one, other, log.end() > other_log.end()), (other, one, other_log.end() > log.end())]
                {
                    if ahead && log.history() == other_log.history() && follows(sight, replica, primary) {
                        return Err(format!(
                            "{} follows {} on the same history, and its log is longer",
                            plan.name(replica),
                            plan.name(primary)
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

impl LogPrefix {
    fn compare(
        &mut self,
        pair: (NodeId, NodeId),
        names: (&str, &str),
        one: &Wal,
        other: &Wal,
    ) -> Result<(), String> {
        let ends = (one.end(), other.end());
        let before = self.pairs.get(&pair).filter(|before| {
            (&before.histories.0, &before.histories.1) == (one.history(), other.history())
                && before.ends.0 <= ends.0
                && before.ends.1 <= ends.1
        });
        if before.is_some_and(|before| before.ends == ends) {
            return Ok(());
        }
        let parting = one.history().parts_from(other.history()).unwrap_or(Lsn(u64::MAX));
        let shared = ends.0.min(ends.1).min(parting);
        let from = before.map_or(Lsn::ZERO, |before| before.up_to).max(one.start()).max(other.start());
        let records = |log: &Wal| {
            log.after(from).take_while(|record| record.end <= shared).copied().collect::<Vec<_>>()
        };
        let (ours, theirs) = (records(one), records(other));
        if ours != theirs {
            let place = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
            return Err(format!(
                "the logs of {} and {} share their history up to {shared} and differ {}",
                names.0,
                names.1,
                place.map_or_else(
                    || format!("in length: {} and {} records from {from} on", ours.len(), theirs.len()),
                    |(ours, theirs)| format!("there: {ours:?} and {theirs:?}")
                )
            ));
        }
        let histories = (one.history().clone(), other.history().clone());
        self.pairs.insert(pair, Compared { up_to: shared.max(from), ends, histories });
        Ok(())
    }
}

fn follows(sight: &Sight<'_>, replica: NodeId, primary: NodeId) -> bool {
    let role = |id: NodeId| match sight.snapshot.nodes[id.get()].detail {
        NodeDetail::Database { role, .. } => Some(role),
        _ => None,
    };
    role(replica) == Some(DatabaseRole::Replica { follows: Some(primary) })
        && role(primary) == Some(DatabaseRole::Primary)
}
