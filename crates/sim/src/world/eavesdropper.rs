//! An eavesdropper: copies what passes on the links that it listens on, and reads what is not encrypted.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use understudy_core::SimTime;

use super::ground::Ground;
use crate::event::{Body, Message};
use crate::ids::{LinkId, NodeId};
use crate::outcome::RequestKind;
use crate::payload;
use crate::plan::{EavesdropperPlan, NodeKind};
use crate::view::{NodeDetail, Overheard};

/// How many of the newest requests it keeps.
const KEPT: usize = 8;

#[derive(Clone, Debug)]
pub(super) struct Eavesdropper {
    links: Vec<LinkId>,
    readable: u64,
    unreadable: u64,
    newest: VecDeque<Copied>,
}

/// A request that passed: enough to say what it read like.
#[derive(Clone, Copy, Debug)]
struct Copied {
    at: SimTime,
    link: LinkId,
    request: crate::ids::RequestNumber,
    kind: RequestKind,
    key: u32,
}

impl Eavesdropper {
    pub(super) fn new(settings: &EavesdropperPlan) -> Self {
        Self { links: settings.links.clone(), readable: 0, unreadable: 0, newest: VecDeque::new() }
    }

    /// Something passes on a link, maybe one of its own.
    pub(super) fn hear(&mut self, ground: &Ground, message: &Message) {
        if !self.links.contains(&message.link) {
            return;
        }
        if ground.links[message.link.get()].tls {
            self.unreadable += 1;
            return;
        }
        self.readable += 1;
        if let Body::Call(call) = message.body
            && let Some(held) = ground.calls.get(call)
        {
            if self.newest.len() == KEPT {
                self.newest.pop_front();
            }
            self.newest.push_back(Copied {
                at: ground.now,
                link: message.link,
                request: held.number,
                kind: held.kind,
                key: held.key.0,
            });
        }
    }

    pub(super) fn view(&self, ground: &Ground) -> (u32, NodeDetail) {
        let is_database = |node: NodeId| {
            matches!(ground.plan.node(node).map(|node| &node.kind), Some(NodeKind::Database(_)))
        };
        let read = |copied: &Copied| Overheard {
            at: copied.at,
            link: copied.link,
            request: copied.request,
            kind: copied.kind,
            line: if is_database(ground.plan.link(copied.link).to) {
                payload::sql_line(copied.kind, copied.key)
            } else {
                payload::http_line(copied.request.ordinal(), copied.kind, copied.key)
            },
        };
        let detail = NodeDetail::Eavesdropper {
            readable: self.readable,
            unreadable: self.unreadable,
            overheard: self.newest.iter().map(read).collect(),
        };
        (0, detail)
    }
}
