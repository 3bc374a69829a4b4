//! What the reader has pinned: the thing that the panel is about and that the stage marks.

use understudy_sim::ids::{LinkId, NodeId, RequestNumber};
use understudy_sim::plan::Plan;

/// A thing on the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// A node.
    Node(NodeId),
    /// A link.
    Link(LinkId),
    /// A request, followed from where it was when it was chosen until it ends.
    Request(RequestNumber),
}

impl Selection {
    /// The node, if it is one.
    pub const fn node(self) -> Option<NodeId> {
        match self {
            Self::Node(id) => Some(id),
            Self::Link(_) | Self::Request(_) => None,
        }
    }

    /// The link, if it is one.
    pub const fn link(self) -> Option<LinkId> {
        match self {
            Self::Link(id) => Some(id),
            Self::Node(_) | Self::Request(_) => None,
        }
    }

    /// The request, if it is one.
    pub const fn request(self) -> Option<RequestNumber> {
        match self {
            Self::Request(number) => Some(number),
            Self::Node(_) | Self::Link(_) => None,
        }
    }

    /// Whether a node is meant: itself, or an end of the link.
    pub fn touches(self, node: NodeId, plan: &Plan) -> bool {
        match self {
            Self::Node(id) => id == node,
            Self::Link(id) => plan.link(id).from == node || plan.link(id).to == node,
            Self::Request(_) => false,
        }
    }
}
