//! From the clients down: how much reaches each node, and how much of that finds a worker or a place in the queue.

use alloc::vec;
use alloc::vec::Vec;

use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{NextTier, NodeKind, ServerPlan};
use understudy_sim::scenario::ReadRoute;

use super::{Overload, Turn, Walk, part};
use crate::service::Service;
use crate::workers;

impl Walk<'_> {
    /// From the clients on: how much reaches each node, and how much of that finds a place.
    pub(super) fn flow_down(&mut self) {
        let system = self.system;
        for population in &system.populations {
            for (index, rate) in population.rates.iter().enumerate() {
                self.arriving[population.clients.get()][index] += rate * self.load;
            }
        }
        for &id in &system.downstream {
            if self.is_dead(id) || self.arriving[id.get()].iter().all(|&rate| rate <= 0.0) {
                continue;
            }
            self.admit(id);
            for service in Service::ALL {
                let rate = self.arriving[id.get()][service.index()] * self.admitted[id.get()];
                if rate > 0.0 {
                    self.send_on(id, service, rate);
                }
            }
        }
    }

    /// How many workers the requests that reach a node keep busy, and whether there are enough.
    fn admit(&mut self, id: NodeId) {
        let plan = self.plan;
        let Some(node) = plan.node(id) else { return };
        let (workers, queue_limit) = match &node.kind {
            NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => {
                (server.workers, server.queue_limit)
            }
            NodeKind::Database(database) => (database.workers, database.queue_limit),
            NodeKind::Clients(_)
            | NodeKind::Firewall(_)
            | NodeKind::LoadBalancer(_)
            | NodeKind::FailoverManager(_)
            | NodeKind::Dns(_)
            | NodeKind::Monitor(_)
            | NodeKind::Attacker(_)
            | NodeKind::Eavesdropper(_) => return,
        };
        let mut busy = 0.0;
        for service in Service::ALL {
            let rate = self.arriving[id.get()][service.index()];
            if rate > 0.0 {
                busy += rate * self.holds(id, service);
            }
        }
        self.busy[id.get()] = busy;
        let arriving: f64 = self.arriving[id.get()].iter().sum();
        self.admitted[id.get()] = workers::admitted(busy, workers, queue_limit);
        self.is_known &= self.admitted[id.get()] >= 1.0;
        let (places, overload) = (f64::from(workers) + f64::from(queue_limit), busy / f64::from(workers));
        if self.overloads_are_known {
            if let Some(overload) = self.overloads[id.get()] {
                // While it gets its turns, it is as full as that.
                self.admitted[id.get()] = self.admitted[id.get()].min(overload.admitted);
            }
        } else if overload > 1.0 {
            self.overloads[id.get()] = Some(Overload {
                takes_s: busy / arriving * places / f64::from(workers),
                fills_in_s: places / (arriving * (1.0 - 1.0 / overload)),
                admitted: self.admitted[id.get()],
            });
        }
    }

    /// How long one request keeps a worker of the node, in seconds.
    fn holds(&mut self, id: NodeId, service: Service) -> f64 {
        let plan = self.plan;
        match plan.node(id).map(|node| &node.kind) {
            Some(NodeKind::WebServer(server) | NodeKind::ApplicationServer(server)) => {
                let own = server.service_time.mean().as_secs_f64();
                own + if server.worker_waits { self.waits(id, server, service) } else { 0.0 }
            }
            Some(NodeKind::Database(database)) => match service {
                Service::Writes => {
                    database.write_time.mean().as_secs_f64() + self.system.commit_takes_s[id.get()]
                }
                Service::Reads | Service::StaticFiles => database.read_time.mean().as_secs_f64(),
            },
            _ => 0.0,
        }
    }

    /// How long a worker waits for the next tier.
    fn waits(&mut self, id: NodeId, server: &ServerPlan, service: Service) -> f64 {
        let NextTier::Databases { links, reads } = &server.next_tier else { return 0.0 };
        let primary = self.write_link(id, links);
        let reads = if service == Service::Writes { ReadRoute::Primary } else { *reads };
        let turns = Self::read_turns(links, reads, primary);
        let mut sum = 0.0;
        let share = part(turns.clone().count().max(1));
        for link in turns {
            let to = self.plan.link(link).to;
            let there = 2.0 * self.plan.link(link).latency.as_secs_f64();
            let shares = self.via(link, service);
            let timeout = server.timeout.as_secs_f64();
            let works = if shares.refused >= 1.0 || self.is_dead(to) { 0.0 } else { self.holds(to, service) };
            sum += share * (shares.timed_out * timeout + (1.0 - shares.timed_out) * (there + works));
        }
        sum
    }

    fn send_on(&mut self, id: NodeId, service: Service, rate: f64) {
        let plan = self.plan;
        let Some(node) = plan.node(id) else { return };
        match &node.kind {
            NodeKind::Clients(clients) => {
                let turns = self.uplink_turns(id, &self.addresses_of(clients));
                self.spread(&turns, service, rate, false);
            }
            NodeKind::Firewall(firewall) => {
                let turns = self.uplink_turns(id, &firewall.links);
                self.spread(&turns, service, rate, false);
            }
            NodeKind::LoadBalancer(balancer) => {
                if balancer.vrrp.is_none() || self.settled.addresses.is_master(id) {
                    let turns = self.pool_turns(balancer);
                    self.spread(&turns, service, rate, balancer.retry);
                }
            }
            NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => match &server.next_tier {
                NextTier::Nothing => {}
                NextTier::Servers(_) if service == Service::StaticFiles => {}
                NextTier::Servers(links) if self.all_well(id, links) => {
                    for &link in links {
                        self.send(link, service, rate * part(links.len()));
                    }
                }
                NextTier::Servers(links) => {
                    let in_service = match links.len() {
                        1 => vec![1.0],
                        _ => self.in_service(id, server.timeout, links),
                    };
                    let turns: Vec<Turn> = links
                        .iter()
                        .zip(in_service)
                        .map(|(&link, there)| Turn { link, weight: there })
                        .collect();
                    self.spread(&turns, service, rate, true);
                }
                NextTier::Databases { links, reads } => self.query(id, links, *reads, service, rate),
            },
            NodeKind::Database(_)
            | NodeKind::FailoverManager(_)
            | NodeKind::Dns(_)
            | NodeKind::Monitor(_)
            | NodeKind::Attacker(_)
            | NodeKind::Eavesdropper(_) => {}
        }
    }

    pub(super) fn send(&mut self, link: LinkId, service: Service, rate: f64) {
        self.along[link.get()][service.index()] += rate;
        if !self.is_cut(link) {
            self.arriving[self.plan.link(link).to.get()][service.index()] += rate;
        }
    }

    /// Sends requests in turn; those that are refused go to the others where that is done.
    pub(super) fn spread(&mut self, turns: &[Turn], service: Service, rate: f64, retries: bool) {
        let whole: f64 = turns.iter().map(|turn| turn.weight).sum();
        if whole <= 0.0 {
            return;
        }
        let refused: Vec<f64> = turns.iter().map(|turn| self.via(turn.link, service).refused).collect();
        let again: f64 = turns.iter().zip(&refused).map(|(turn, refused)| turn.weight * refused).sum();
        let left: f64 = turns.iter().zip(&refused).map(|(turn, refused)| turn.weight * (1.0 - refused)).sum();
        for (turn, refused) in turns.iter().zip(&refused) {
            let mut share = turn.weight / whole;
            if retries && left > 0.0 {
                share += again / whole * turn.weight * (1.0 - refused) / left;
            }
            self.send(turn.link, service, rate * share);
        }
    }
}
