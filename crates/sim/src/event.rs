//! What can happen in a world, apart from commands.

use understudy_core::SimTime;
use understudy_core::balancer::ServerIndex;
use understudy_core::health::ProbeId;

use crate::ids::{Direction, LinkId, NodeId};
use crate::outcome::Outcome;
use crate::requests::RequestId;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A client sends its next request.
    Emit { clients: NodeId },
    /// A message reaches the end of its link.
    Deliver(Message),
    /// A worker is done with a request. Void when the server died in the meantime.
    ServiceDone { server: NodeId, request: RequestId, incarnation: Incarnation },
    /// A balancer's next health check of one server is due. Void when the balancer died in the meantime.
    CheckDue { balancer: NodeId, server: ServerIndex, incarnation: Incarnation },
}

/// How often a node was started: what was meant for an earlier life of it is void.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Incarnation(pub(crate) u32);

/// Something on its way along a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) link: LinkId,
    pub(crate) direction: Direction,
    pub(crate) sent_at: SimTime,
    pub(crate) body: Body,
}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Request(RequestId),
    Reply(RequestId, Outcome),
    Probe { server: ServerIndex, probe: ProbeId, incarnation: Incarnation },
    ProbeReply { server: ServerIndex, probe: ProbeId, incarnation: Incarnation, passed: bool },
}
