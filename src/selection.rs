//! What the reader has pinned: the thing that the panel is about and that the stage marks.

use understudy_sim::ids::{LinkId, NodeId, RequestNumber};

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
}
