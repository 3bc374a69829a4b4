//! What moves along links: which sign it is, and where it is at an instant.

use understudy_sim::ids::Direction;
use understudy_sim::view::{Cargo, Flight};
use understudy_sim::{Outcome, RequestKind, SimTime};

use crate::geometry::Point;
use crate::layout::Layout;

/// Requests keep to one side of a link and replies to the other, this many pixels from its middle.
const LANE: f64 = 3.5;
/// A sign for what moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A read: a disc.
    Read,
    /// A write: a diamond.
    Write,
    /// The answer to a read: a ring.
    ReadReply,
    /// The answer to a write: a hollow diamond.
    WriteReply,
    /// Log records.
    Log,
    /// Health checks and the like.
    Small,
    /// The news of a failure: a cross.
    Failure,
    /// An attacker's request: a triangle.
    Attack,
}

/// How a sign looks: its size, and the place of its colour in the palette.
pub const SIGNS: [(f64, usize); 8] =
    [(5.0, 0), (5.6, 1), (3.8, 0), (4.6, 1), (4.0, 2), (2.7, 3), (4.2, 4), (5.4, 4)];
/// The style sheet's names of the colours in a palette.
pub const COLOURS: [&str; 7] = ["--read", "--write", "--replica", "--probe", "--fail", "--paper", "--ink"];

impl Sign {
    /// The sign of what is on its way.
    pub const fn of(cargo: Cargo) -> Self {
        match cargo {
            Cargo::Request(number, _) if number.is_attack() => Self::Attack,
            Cargo::Request(_, RequestKind::Write) => Self::Write,
            Cargo::Request(..) => Self::Read,
            Cargo::Reply(_, RequestKind::Write, Outcome::Answered) => Self::WriteReply,
            Cargo::Reply(_, _, Outcome::Answered) => Self::ReadReply,
            Cargo::Reply(..)
            | Cargo::ProbeReply { passed: false }
            | Cargo::ScrapeAnswer { passed: false }
            | Cargo::PortAnswer { open: false, .. } => Self::Failure,
            Cargo::Log { records } if records > 0 => Self::Log,
            _ => Self::Small,
        }
    }

    /// Whether it is a diamond rather than a disc.
    pub const fn is_diamond(self) -> bool {
        matches!(self, Self::Write | Self::WriteReply)
    }

    /// Whether only its outline is in its colour.
    pub const fn is_hollow(self) -> bool {
        matches!(self, Self::ReadReply | Self::WriteReply | Self::Small)
    }
}

/// Where something is on the drawing.
pub fn place(layout: &Layout, flight: &Flight, now: SimTime) -> Point {
    let (forward, lane) = match flight.direction {
        Direction::Forward => (true, -LANE),
        Direction::Back => (false, LANE),
    };
    let gone = flight.progress(now.max(flight.sent_at));
    let along = if forward { gone } else { 1.0 - gone };
    layout.links[flight.link.get()].track.at(along, lane)
}
