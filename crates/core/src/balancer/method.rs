//! An algorithm at work: the state that it keeps beside that of the servers, and what it is told.

use super::algorithm::Algorithm;
use super::maglev::Maglev;
use super::peak_ewma::PeakEwma;
use super::reason::Choice;
use super::request::Request;
use super::server::{Outcome, Server, ServerIndex};
use super::shares::Shares;
use super::standings::{self, Standings};
use super::turn::Turn;
use super::{ip_hash, least_connections, round_robin, two_choices};
use crate::time::{SimDuration, SimTime};

#[derive(Clone, Debug)]
pub(super) enum Method {
    /// In small pools, visiting every server.
    RoundRobin,
    /// In large ones.
    SortedRoundRobin(Standings),
    LeastConnections,
    RandomTwo(Shares),
    IpHash(Shares),
    Maglev(Maglev),
    PeakEwma(PeakEwma, Shares),
}

impl Method {
    pub(super) fn new(algorithm: Algorithm, servers: &[Server]) -> Self {
        let shares = || Shares::of_primaries(servers);
        match algorithm {
            Algorithm::RoundRobin if servers.len() < standings::WORTHWHILE_FROM => Self::RoundRobin,
            Algorithm::RoundRobin => Self::SortedRoundRobin(Standings::new(servers)),
            Algorithm::LeastConnections => Self::LeastConnections,
            Algorithm::RandomTwo => Self::RandomTwo(shares()),
            Algorithm::IpHash => Self::IpHash(shares()),
            Algorithm::Maglev => Self::Maglev(Maglev::new()),
            Algorithm::PeakEwma => {
                Self::PeakEwma(PeakEwma::new(Algorithm::PEAK_EWMA_DECAY, servers.len()), shares())
            }
        }
    }

    /// Picks one of the servers that may be used. A hash or a draw that comes to nothing takes its turn by round
    /// robin, and so do the backups, except by least connections: as in nginx.
    pub(super) fn pick(&mut self, turn: &mut Turn<'_>, request: &Request) -> Option<Choice> {
        match self {
            Self::SortedRoundRobin(standings) if !turn.backups => standings.pick(turn),
            Self::RoundRobin | Self::SortedRoundRobin(_) => round_robin::pick(turn),
            Self::LeastConnections => least_connections::pick(turn),
            Self::RandomTwo(shares) => {
                two_choices::pick(turn, shares, request.random).or_else(|| round_robin::pick(turn))
            }
            Self::IpHash(shares) => {
                ip_hash::pick(turn, shares, request.client).or_else(|| round_robin::pick(turn))
            }
            Self::Maglev(maglev) => maglev.pick(turn, request.key).or_else(|| round_robin::pick(turn)),
            Self::PeakEwma(ewma, shares) => {
                ewma.pick(turn, shares, request.random).or_else(|| round_robin::pick(turn))
            }
        }
    }

    /// An attempt was sent to a server, or one there has ended and changed its account.
    pub(super) fn server_changed(&mut self, index: usize, server: &mut Server) {
        if let Self::SortedRoundRobin(standings) = self {
            standings.settle(index, server);
        }
    }

    /// A server came into or went out of service, or to or from the backups.
    pub(super) fn membership_changed(&mut self, servers: &[Server]) {
        match self {
            Self::Maglev(maglev) => maglev.membership_changed(),
            Self::RandomTwo(shares) | Self::IpHash(shares) | Self::PeakEwma(_, shares) => {
                shares.membership_changed(servers);
            }
            Self::RoundRobin | Self::SortedRoundRobin(_) | Self::LeastConnections => {}
        }
    }

    /// A server's weight was changed, and all turns begin anew.
    pub(super) fn weights_changed(&mut self, servers: &[Server]) {
        match self {
            Self::SortedRoundRobin(standings) => *standings = Standings::new(servers),
            Self::RandomTwo(shares) | Self::IpHash(shares) | Self::PeakEwma(_, shares) => {
                *shares = Shares::of_primaries(servers);
            }
            Self::Maglev(maglev) => maglev.membership_changed(),
            Self::RoundRobin | Self::LeastConnections => {}
        }
    }

    pub(super) fn handle_result(&mut self, now: SimTime, server: ServerIndex, outcome: Outcome) {
        if let Self::PeakEwma(ewma, _) = self {
            ewma.handle_result(now, server, outcome);
        }
    }

    /// The latency that peak EWMA reckons with.
    pub(super) fn average_latency(&self, server: ServerIndex, now: SimTime) -> Option<SimDuration> {
        match self {
            Self::PeakEwma(ewma, _) => Some(ewma.average(server.get(), now)),
            _ => None,
        }
    }
}
