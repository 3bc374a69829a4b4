//! The databases as an application server knows them: which takes writes, and where reads go.

use alloc::vec::Vec;

use crate::calls::{Call, Request};
use crate::ids::{LinkId, NodeId};
use crate::outcome::{Outcome, RequestKind};
use crate::plan::Plan;
use crate::scenario::ReadRoute;

#[derive(Clone, Debug)]
pub(super) struct Databases {
    links: Vec<LinkId>,
    /// Where writes go, as far as it was told.
    primary: Option<LinkId>,
    reads: ReadRoute,
    next_read: usize,
}

impl Databases {
    pub(super) fn new(plan: &Plan, links: &[LinkId], reads: ReadRoute) -> Self {
        let primary = links.iter().copied().find(|&link| plan.is_first_primary(plan.link(link).to));
        Self { links: links.to_vec(), primary, reads, next_read: 0 }
    }

    pub(super) const fn primary(&self) -> Option<LinkId> {
        self.primary
    }

    pub(super) fn set_primary(&mut self, plan: &Plan, primary: Option<NodeId>) {
        self.primary =
            primary.and_then(|node| self.links.iter().copied().find(|&link| plan.link(link).to == node));
    }

    pub(super) fn set_reads(&mut self, reads: ReadRoute) {
        self.reads = reads;
    }

    /// Where a request goes next. A read that need not see its session's writes forgets where these are.
    pub(super) fn choose(&mut self, request: &mut Request) -> Option<LinkId> {
        if request.kind == RequestKind::Write {
            return self.primary;
        }
        if self.reads != ReadRoute::ReadYourWrites {
            request.position = None;
        }
        match self.reads {
            ReadRoute::Primary => self.primary,
            ReadRoute::All => self.in_turn(|_, _| true),
            ReadRoute::Replicas | ReadRoute::ReadYourWrites => {
                self.in_turn(|primary, link| primary != Some(link)).or(self.primary)
            }
        }
    }

    fn in_turn(&mut self, wanted: impl Fn(Option<LinkId>, LinkId) -> bool) -> Option<LinkId> {
        let count = self.links.len();
        let found = (0..count)
            .map(|step| (self.next_read + step) % count)
            .find(|&index| wanted(self.primary, self.links[index]))?;
        self.next_read = (found + 1) % count;
        Some(self.links[found])
    }

    /// Where a read that ended so is tried again: a replica that cannot be reached, or is too far behind, is no
    /// reason to fail while the primary can be asked.
    pub(super) fn fallback(&self, over: &Call, outcome: Outcome) -> Option<LinkId> {
        let worth_it = matches!(outcome, Outcome::Refused | Outcome::Rejected)
            && over.kind != RequestKind::Write
            && Some(over.link) != self.primary;
        self.primary.filter(|_| worth_it)
    }
}
