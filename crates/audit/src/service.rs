//! What clients need of a system: three services that fail apart from each other.

use serde::Serialize;
use understudy_sim::RequestKind;

/// One of the things that clients ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// Reading data.
    Reads,
    /// Changing data.
    Writes,
    /// Files that a web server has itself.
    StaticFiles,
}

impl Service {
    /// All of them, in the order in which they are reported.
    pub const ALL: [Self; 3] = [Self::Reads, Self::Writes, Self::StaticFiles];

    /// The requests that ask for it.
    pub const fn request(self) -> RequestKind {
        match self {
            Self::Reads => RequestKind::Read,
            Self::Writes => RequestKind::Write,
            Self::StaticFiles => RequestKind::Static,
        }
    }

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::StaticFiles => "static files",
        }
    }

    /// Its name where names are keys, as in JSON.
    pub const fn key(self) -> &'static str {
        match self {
            Self::StaticFiles => "static-files",
            other => other.name(),
        }
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}
