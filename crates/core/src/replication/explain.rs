//! Reasons as sentences, with the nodes called what the reader calls them.
//!
//! A component knows its nodes by number. Each reason prints as a sentence with `db-1`, `db-2`, ...; whoever has
//! better names asks for [`Explain::named`].

use alloc::string::String;
use core::fmt;

use super::NodeId;

/// Gives a node's name.
pub type Names<'a> = &'a dyn Fn(NodeId) -> String;

/// A reason that a person can be shown.
pub trait Explain {
    /// Writes the reason as one sentence without its full stop.
    fn explain(&self, names: Names<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// The same with the reader's names, to be printed.
    fn named<'a>(&'a self, names: Names<'a>) -> Named<'a, Self>
    where
        Self: Sized,
    {
        Named { reason: self, names }
    }
}

/// A reason and the names to print it with.
pub struct Named<'a, T> {
    reason: &'a T,
    names: Names<'a>,
}

impl<T: Explain> fmt::Display for Named<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.explain(self.names, f)
    }
}

/// Nodes as a list of names: `db-2, db-3`.
pub(super) fn write_list(nodes: &[NodeId], names: Names<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (position, node) in nodes.iter().enumerate() {
        if position > 0 {
            f.write_str(", ")?;
        }
        f.write_str(&names(*node))?;
    }
    Ok(())
}

/// Prints each of these types with the names that go by number.
macro_rules! display_by_number {
    ($($reason:ty),+) => {$(
        impl core::fmt::Display for $reason {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::replication::explain::Explain::explain(self, &|node| alloc::string::ToString::to_string(&node), f)
            }
        }
    )+};
}
pub(super) use display_by_number;
