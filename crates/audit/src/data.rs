//! The data: what can be lost, for how long writes stop, and how stale a read may be.
//!
//! - *RPO*, what is lost, is a length of time: the acknowledged writes of that long are gone. With asynchronous commit
//!   it is what was on the way to the replica that is promoted when the primary's host went down; a process that dies
//!   alone loses nothing that it had sent. Cut off from the manager, a primary goes on acknowledging until it is fenced.
//!   With synchronous commit it is nothing, if as many replicas are heard before one is promoted.
//! - *RTO*, how long writes stop, is the failover's time, or until somebody repairs the primary.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use serde::Serialize;
use understudy_core::SimDuration;
use understudy_core::failover::{Fencing, Mode};
use understudy_sim::Plan;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NextTier, NodeKind};
use understudy_sim::scenario::ReadRoute;

use crate::cluster::{database, peer_link};
use crate::dependability;
use crate::interruption::{Reaction, Takes};
use crate::losses::{Component, Losses};
use crate::service::Service;
use crate::system::System;

/// What the data risk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Data {
    /// The primary at the start.
    pub primary: String,
    /// Replicas that a write waits for.
    pub sync_replicas: usize,
    /// Acknowledged writes of that long are lost when the primary's host goes down and a replica takes over.
    pub rpo_if_lost: SimDuration,
    /// Acknowledged writes of that long are lost when the manager cannot reach a primary that lives, and replaces it;
    /// `None` if nothing ends that: two primaries, until somebody steps in.
    pub rpo_if_cut_off: Option<SimDuration>,
    /// For how long writes stop when the primary dies.
    pub rto: Rto,
    /// What each commit mode would mean here.
    pub modes: Vec<CommitMode>,
    /// How stale the reads of each server are.
    pub stale_reads: Vec<StaleReads>,
}

/// For how long writes stop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rto {
    /// Until a replica has taken over, if one does.
    pub failover: Option<Takes>,
    /// Until the primary is repaired, if none does.
    pub repair: SimDuration,
}

/// A commit mode: how many replicas a write waits for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CommitMode {
    /// How many; 0 is asynchronous.
    pub sync_replicas: usize,
    /// What a write takes from the log record to the acknowledgement.
    pub commit_takes: SimDuration,
    /// Acknowledged writes of that long are lost with the primary's host.
    pub rpo_if_lost: SimDuration,
    /// How many replicas may be down until writes stop.
    pub spare_replicas: usize,
}

/// How stale the reads of one server are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StaleReads {
    /// The server.
    pub server: String,
    /// How its reads are routed.
    pub route: &'static str,
    /// How far behind the primary the replicas are that it reads from.
    pub lag: SimDuration,
    /// The share of its reads that miss an acknowledged write, on average.
    pub share: f64,
}

/// From the log record to the acknowledgement: the primary's own flush, and where commits wait for replicas, the way to
/// the last of those that are waited for, its flush and the way back.
pub(crate) fn commit_takes(plan: &Plan, databases: &[NodeId], primary: NodeId) -> SimDuration {
    let count = database(plan, primary).map_or(0, |settings| settings.primary.rule.count());
    commit_with(plan, databases, primary, count)
}

fn commit_with(plan: &Plan, databases: &[NodeId], primary: NodeId, count: usize) -> SimDuration {
    let Some(settings) = database(plan, primary) else { return SimDuration::ZERO };
    let own = settings.flush_time.mean();
    if count == 0 {
        return own;
    }
    let mut ways: Vec<SimDuration> = databases
        .iter()
        .filter_map(|&replica| {
            let link = peer_link(plan, primary, replica)?;
            Some(plan.link(link).latency * 2 + database(plan, replica)?.flush_time.mean())
        })
        .collect();
    ways.sort_unstable();
    ways.get(count - 1).map_or(own, |&slowest| own.max(slowest))
}

impl System<'_> {
    /// What the data risk; `None` if there are no databases.
    pub fn data(&self) -> Option<Data> {
        let primary = self.databases.first_primary()?;
        let sync_replicas = database(self.plan, primary)?.primary.rule.count();
        let replicas = self.databases.all().iter().filter(|&&id| id != primary).count();
        let losses = Losses::of(self.plan, &[Component::Node(primary)]);
        let modes = (0..=replicas).map(|count| CommitMode {
            sync_replicas: count,
            commit_takes: commit_with(self.plan, self.databases.all(), primary, count),
            rpo_if_lost: if count == 0 { self.on_the_way(primary) } else { SimDuration::ZERO },
            spare_replicas: replicas - count,
        });
        Some(Data {
            primary: self.plan.name(primary).to_string(),
            sync_replicas,
            rpo_if_lost: if sync_replicas == 0 { self.on_the_way(primary) } else { SimDuration::ZERO },
            rpo_if_cut_off: self.rpo_if_cut_off(sync_replicas),
            rto: Rto {
                failover: self.takes(&losses, Reaction::Failover),
                repair: dependability::of(self.plan, primary)?.mttr,
            },
            modes: modes.collect(),
            stale_reads: self.stale_reads(primary),
        })
    }

    /// What is on its way to the nearest replica; without one, nothing can take over and nothing is given up.
    fn on_the_way(&self, primary: NodeId) -> SimDuration {
        let ways = self.databases.all().iter().filter_map(|&id| peer_link(self.plan, primary, id));
        ways.map(|link| self.plan.link(link).latency).min().unwrap_or(SimDuration::ZERO)
    }

    /// From the moment at which the replicas stop receiving to the fencing.
    fn rpo_if_cut_off(&self, sync_replicas: usize) -> Option<SimDuration> {
        let Some((_, manager)) = self.databases.manager(self.plan) else { return Some(SimDuration::ZERO) };
        if sync_replicas > 0 || manager.config.mode == Mode::Manual || self.databases.all().len() < 2 {
            return Some(SimDuration::ZERO);
        }
        match manager.config.fencing {
            Fencing::None => None,
            Fencing::Device { .. } => Some(SimDuration::from_millis(500)),
            Fencing::Lease { ttl, .. } => {
                let (soonest, _) = manager.config.detection_time();
                Some(ttl.saturating_sub(soonest))
            }
        }
    }

    fn stale_reads(&self, primary: NodeId) -> Vec<StaleReads> {
        let ways = self.way_from_clients();
        let rate: f64 = self.populations.iter().map(|all| all.rates[Service::Writes.index()]).sum();
        let rows = self.plan.nodes().filter_map(|(_, node)| match &node.kind {
            NodeKind::Clients(clients) if clients.writes_ppm > 0 => Some(clients.keys),
            _ => None,
        });
        let writes_per_row = rate / f64::from(rows.max().unwrap_or(1));
        let servers = self.plan.nodes().filter_map(|(id, node)| {
            let (NodeKind::WebServer(server) | NodeKind::ApplicationServer(server)) = &node.kind else {
                return None;
            };
            let NextTier::Databases { links, reads } = &server.next_tier else { return None };
            let asked: Vec<_> = match reads {
                // A session sees its own writes; this model has one session for each population.
                ReadRoute::Primary | ReadRoute::ReadYourWrites => Vec::new(),
                ReadRoute::All => links.clone(),
                ReadRoute::Replicas => {
                    links.iter().copied().filter(|&link| self.plan.link(link).to != primary).collect()
                }
            };
            let (mut share, mut slowest) = (0.0, SimDuration::ZERO);
            for &link in &asked {
                let to = self.plan.link(link).to;
                let Some(lag) = self.lag(primary, to) else { continue };
                slowest = slowest.max(lag);
                // The read itself takes time to get there; a write that was acknowledged before has that much longer.
                let read = database(self.plan, to)?.read_time.mean();
                let head_start = ways[id.get()]? + self.plan.link(link).latency + read;
                let window = lag.saturating_sub(head_start).as_secs_f64();
                share += -libm::expm1(-writes_per_row * window);
            }
            Some(StaleReads {
                server: node.name.clone(),
                route: reads.name(),
                lag: slowest,
                share: share / f64::from(u16::try_from(asked.len().max(1)).unwrap_or(u16::MAX)),
            })
        });
        servers.collect()
    }

    /// How far a replica is behind: the way, its flush, and the replay of one write.
    fn lag(&self, primary: NodeId, replica: NodeId) -> Option<SimDuration> {
        let link = peer_link(self.plan, primary, replica)?;
        let settings = database(self.plan, replica)?;
        Some(self.plan.link(link).latency + settings.flush_time.mean() + settings.replay_time.mean())
    }

    /// The shortest time from a client's sending to the end of a node's own work; `None` where none get.
    fn way_from_clients(&self) -> Vec<Option<SimDuration>> {
        let mut ways: Vec<Option<SimDuration>> = vec![None; self.plan.nodes().len()];
        let links: Vec<_> = self.plan.links().map(|(_, link)| *link).collect();
        for &id in &self.downstream {
            let Some(node) = self.plan.node(id) else { continue };
            let own = match &node.kind {
                NodeKind::Clients(_) => {
                    ways[id.get()] = Some(SimDuration::ZERO);
                    continue;
                }
                NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => {
                    server.service_time.mean()
                }
                _ => SimDuration::ZERO,
            };
            let into = links.iter().filter(|link| link.to == id);
            let shortest = into.filter_map(|link| Some(ways[link.from.get()]? + link.latency)).min();
            ways[id.get()] = shortest.map(|way| way + own);
        }
        ways
    }
}
