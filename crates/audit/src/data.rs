//! The data: how long a commit takes, what can be lost, how stale a read may be.

use alloc::vec::Vec;

use understudy_core::SimDuration;
use understudy_sim::Plan;
use understudy_sim::ids::NodeId;

use crate::cluster::{database, peer_link};

/// From the log record to the acknowledgement: the primary's own flush, and where commits wait for replicas, the way to
/// the last of those that are waited for, its flush and the way back.
pub(crate) fn commit_takes(plan: &Plan, databases: &[NodeId], primary: NodeId) -> SimDuration {
    let Some(settings) = database(plan, primary) else { return SimDuration::ZERO };
    let own = settings.flush_time.mean();
    let count = settings.primary.rule.count();
    if count == 0 {
        return own;
    }
    let mut ways: Vec<SimDuration> = databases
        .iter()
        .filter_map(|&replica| {
            let link = peer_link(plan, primary, replica)?;
            Some(plan.link(link).latency * 2 + database(plan, replica)?.flush_time.mean())
        })
        .collect();
    ways.sort_unstable();
    ways.get(count - 1).map_or(own, |&slowest| own.max(slowest))
}
