//! Following one request: where it went, hop by hop, and what happened to it there.
//!
//! Nobody is followed unless somebody asks, and then a run costs nothing more. Whom a run follows is how it is looked
//! at, not what happens in it: the trace does not know.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use understudy_core::SimTime;

use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::outcome::{Outcome, RequestKind};
use crate::plan::Plan;

/// The most hops that are kept: a request that is tried so often has told its story.
const MOST_HOPS: usize = 128;

/// A request that is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Which.
    pub request: RequestNumber,
    /// What it wants.
    pub kind: RequestKind,
    /// When its client sent it, for the first time.
    pub sent_at: SimTime,
    /// What happened to it so far, oldest first.
    pub hops: Vec<Hop>,
    /// How it ended for its client, once it has.
    pub outcome: Option<Outcome>,
}

/// One thing that happened to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// When.
    pub at: SimTime,
    /// What.
    pub step: HopStep,
}

/// What can happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HopStep {
    /// It was sent along a link.
    Sent(LinkId),
    /// A node has it.
    Arrived(NodeId),
    /// Every worker of the node is busy: it waits.
    Waits(NodeId),
    /// A worker of the node works on it.
    Worked(NodeId),
    /// It met trouble.
    Failed {
        /// At which node.
        node: NodeId,
        /// What kind of trouble.
        outcome: Outcome,
    },
    /// The link was cut: it, or its answer, is gone.
    Vanished(LinkId),
    /// Its answer, or the news of a failure, was sent back along a link.
    SentBack(LinkId, Outcome),
    /// Its client knows.
    Ended(NodeId, Outcome),
}

impl Followed {
    pub(crate) const fn new(request: RequestNumber, kind: RequestKind, sent_at: SimTime) -> Self {
        Self { request, kind, sent_at, hops: Vec::new(), outcome: None }
    }

    /// The same request, of which nothing is known yet.
    pub(crate) const fn anew(&self) -> Self {
        Self::new(self.request, self.kind, self.sent_at)
    }

    /// What of this had happened by an instant.
    pub(crate) fn by(&self, at: SimTime) -> Self {
        let mut known = self.anew();
        for hop in self.hops.iter().take_while(|hop| hop.at <= at) {
            known.note(hop.at, hop.step);
        }
        known
    }

    /// Keeps what happens. What is known already, of the same instant, is not kept twice.
    pub(crate) fn note(&mut self, at: SimTime, step: HopStep) {
        if self.hops.contains(&Hop { at, step }) {
            return;
        }
        if let HopStep::Ended(_, outcome) = step {
            self.outcome = Some(outcome);
        }
        if self.hops.len() < MOST_HOPS {
            self.hops.push(Hop { at, step });
        }
    }

    /// Whether it has gone along this link, either way.
    pub fn went_along(&self, link: LinkId) -> bool {
        self.hops.iter().any(|hop| match hop.step {
            HopStep::Sent(way) | HopStep::SentBack(way, _) | HopStep::Vanished(way) => way == link,
            _ => false,
        })
    }
}

/// Tells a hop in one sentence without a full stop.
pub fn hop_sentence(step: HopStep, plan: &Plan) -> String {
    let name = |node| plan.name(node);
    let ends = |link: LinkId| (plan.name(plan.link(link).from), plan.name(plan.link(link).to));
    match step {
        HopStep::Sent(link) => {
            let (from, to) = ends(link);
            format!("{from} sent it to {to}")
        }
        HopStep::Arrived(node) => format!("{} has it", name(node)),
        HopStep::Waits(node) => format!("it waits: every worker of {} is busy", name(node)),
        HopStep::Worked(node) => format!("a worker of {} began with it", name(node)),
        HopStep::Failed { node, outcome } => match outcome {
            Outcome::Refused => format!("{} refused the connection: no process listens there", name(node)),
            Outcome::TimedOut => format!("no answer came from {} in time", name(node)),
            Outcome::QueueFull => format!("{} turned it away: its queue is full", name(node)),
            Outcome::Lost => format!("the process of {} died with it inside", name(node)),
            other => format!("{} could not do it: {}", name(node), other.name()),
        },
        HopStep::Vanished(link) => {
            let (from, to) = ends(link);
            format!("the link between {from} and {to} is cut: it is gone")
        }
        HopStep::SentBack(link, outcome) => {
            let (from, to) = ends(link);
            if outcome == Outcome::Answered {
                format!("{to} sent its answer back to {from}")
            } else {
                format!("{from} is told that it was not answered: {}", outcome.name())
            }
        }
        HopStep::Ended(node, Outcome::Answered) => format!("{} have their answer", name(node)),
        HopStep::Ended(node, outcome) => format!("for {} it ended: {}", name(node), outcome.name()),
    }
}
