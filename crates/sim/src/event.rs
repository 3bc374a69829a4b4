//! What can happen in a world, apart from commands.

use understudy_core::SimTime;
use understudy_core::balancer::ServerIndex;
use understudy_core::health::ProbeId;
use understudy_core::{Lsn, TimelineId};

use crate::calls::CallId;
use crate::ids::{Direction, LinkId, NodeId};
use crate::outcome::Outcome;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A client sends its next request.
    Emit { clients: NodeId },
    /// A message reaches the end of its link.
    Deliver(Message),
    /// Something that a node set itself is due. Void when the node was started anew in the meantime.
    Wake { node: NodeId, incarnation: Incarnation, wake: Wake },
}

/// What fills a place until there is an event for it.
impl Default for Event {
    fn default() -> Self {
        Self::Emit { clients: NodeId(0) }
    }
}

/// What a node set itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// A worker is done with a call.
    ServiceDone(CallId),
    /// The oldest call that the node waits for has waited long enough.
    Deadline,
    /// A health checker's time has come.
    Check(ServerIndex),
    /// The VRRP router's time has come.
    Vrrp,
    /// A database's log is flushed up to here.
    Flushed(TimelineId, Lsn),
    /// A replica has replayed its log up to here.
    Replayed(TimelineId, Lsn),
    /// The replication's time has come.
    Replication,
    /// The primary's lease may have run out.
    Lease,
    /// The failover manager's time has come.
    Manager,
    /// The fencing device has cut a node's power.
    Fenced { victim: NodeId, request: u32 },
    /// A question for an address was not answered in time.
    Lookup { query: u32, attempt: u32 },
    /// A monitor's target is to be scraped.
    Scrape { target: u16, round: u32 },
    /// A scrape was not answered in time.
    ScrapeOver { target: u16, scrape: u32 },
    /// An attacker's time has come.
    Attack { round: u32 },
    /// A port did not answer in time.
    PortOver { attempt: u32 },
    /// The wait before a retry is over.
    Retry(u32),
    /// An overload may be over.
    OverloadOver,
    /// It is time to see whether a node that stops is empty.
    Stop,
    /// A node that was stopped starts again.
    Start,
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
    /// A call is made.
    Call(CallId),
    /// A call is answered, or its failure told.
    Answer(CallId, Outcome),
    /// A health check; one that only connects passes as soon as the host accepts.
    Probe { server: ServerIndex, probe: ProbeId, incarnation: Incarnation, connect_only: bool },
    /// What came of it.
    ProbeAnswer { server: ServerIndex, probe: ProbeId, incarnation: Incarnation, passed: bool },
    /// A balancer of a virtual address says that it is master; the letter is in the post.
    Advert(LetterId),
    /// Who holds the virtual address? Answered by who does, with what a gratuitous ARP says.
    ArpRequest,
    /// The sender holds the virtual address now.
    GratuitousArp,
    /// Replication between two databases; the letter is in the post.
    Replication(LetterId),
    /// The other end of a replication connection is gone.
    HangUp,
    /// The failover manager's call to a database or its report; the letter is in the post.
    Control(LetterId),
    /// The failover manager tells an application server where writes go.
    Route(Option<NodeId>),
    /// Clients ask for an address.
    DnsQuery { query: u32 },
    /// The addresses; the letter is in the post.
    DnsAnswer(LetterId),
    /// A monitor asks for counters.
    Scrape { target: u16, scrape: u32 },
    /// The counters; the letter is in the post.
    Scraped(LetterId),
    /// The host of a monitor's target refused the connection.
    ScrapeRefused { target: u16, scrape: u32 },
    /// An attacker tries a port.
    PortProbe { attacker: NodeId, attempt: u32, port: u16 },
    /// What came of it.
    PortAnswer { attacker: NodeId, attempt: u32, port: u16, open: bool },
}

impl Body {
    /// Whether it belongs to a replication connection, which is broken without it.
    pub(crate) const fn is_of_stream(self) -> bool {
        matches!(self, Self::Replication(_) | Self::HangUp)
    }

    /// Whether nobody sends it again if it is lost.
    pub(crate) const fn is_datagram(self) -> bool {
        matches!(
            self,
            Self::Advert(_)
                | Self::ArpRequest
                | Self::GratuitousArp
                | Self::DnsQuery { .. }
                | Self::DnsAnswer(_)
        )
    }

    /// Whether it stays behind what was sent before it: it goes along one connection, or is one of a series.
    pub(crate) const fn is_in_order(self) -> bool {
        match self {
            Self::Call(_)
            | Self::Answer(..)
            | Self::Probe { .. }
            | Self::ProbeAnswer { .. }
            | Self::DnsQuery { .. }
            | Self::DnsAnswer(_)
            | Self::Scrape { .. }
            | Self::Scraped(_)
            | Self::ScrapeRefused { .. }
            | Self::PortProbe { .. }
            | Self::PortAnswer { .. } => false,
            Self::Advert(_)
            | Self::ArpRequest
            | Self::GratuitousArp
            | Self::Replication(_)
            | Self::HangUp
            | Self::Control(_)
            | Self::Route(_) => true,
        }
    }

    /// The letter that belongs to the message.
    pub(crate) const fn letter(self) -> Option<LetterId> {
        match self {
            Self::Advert(letter)
            | Self::Replication(letter)
            | Self::Control(letter)
            | Self::DnsAnswer(letter)
            | Self::Scraped(letter) => Some(letter),
            _ => None,
        }
    }
}

/// A handle to what a message carries when it does not fit into the message itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LetterId(pub(crate) u32);
