//! Where requests failed lately, and why.

use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::{Outcome, SimTime, Snapshot};

use crate::layout::Layout;

/// What failed at one place lately: the newest reason and how many failed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Where.
    pub node: NodeId,
    /// The link beside which it is told; `None` if the node's card tells it.
    pub link: Option<LinkId>,
    /// Why.
    pub outcome: Outcome,
    /// How many.
    pub count: usize,
}

/// Everything that failed in so many nanoseconds, by place.
pub fn failing(snapshot: &Snapshot, layout: &Layout, window: u64) -> Vec<Failing> {
    let mut all: Vec<Failing> = Vec::new();
    let young = |at: SimTime| snapshot.now.since(at).as_nanos() <= window;
    for failure in snapshot.failures.iter().rev().take_while(|failure| young(failure.at)) {
        let link = failure.link.filter(|link| layout.links[link.get()].mark.is_some());
        match all.iter_mut().find(|other| other.node == failure.node && other.link == link) {
            Some(known) if known.outcome == failure.outcome => known.count += 1,
            Some(_) => {}
            None => all.push(Failing { node: failure.node, link, outcome: failure.outcome, count: 1 }),
        }
    }
    all
}

/// The reason in words, with the number.
pub fn words(failing: &Failing) -> String {
    let reason = failing.outcome.name();
    if failing.count > 1 { format!("{reason} \u{d7}{}", failing.count) } else { reason.into() }
}
