//! A plan as the audit looks at it: what is answered when something is lost, without running anything.
//!
//! The question is asked backwards. What a node answers follows from what those behind it answer, and from how it
//! chooses among them: a balancer leaves out what its checks find dead, a server with several databases does not.
//! [`System::outcome`] asks the clients' side, and gets the shares of their requests by how they end.
//!
//! Nothing here is random and nothing takes time. How long it takes until everybody has reacted is in
//! [`crate::interruption`].

use alloc::vec::Vec;

use understudy_sim::Plan;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{ClientsPlan, NodeKind, PlanLink, ports};

use crate::addresses::{Addresses, Ranking};
use crate::cluster::{Cluster, Databases};
use crate::losses::Losses;
use crate::service::Service;
use crate::shares::Shares;
use crate::walk::{Base, Walk};

/// Who reacts to a loss: all in the end, but not all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reactions {
    /// Balancers take out the servers that their checks find dead.
    pub health_checks: bool,
    /// The next balancer takes a virtual address over.
    pub addresses: bool,
    /// The failover manager promotes a replica.
    pub failover: bool,
}

impl Reactions {
    /// Everybody has reacted.
    pub const ALL: Self = Self { health_checks: true, addresses: true, failover: true };
    /// Nobody has yet.
    pub const NONE: Self = Self { health_checks: false, addresses: false, failover: false };
}

/// A client population and what it sends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Population {
    /// The clients.
    pub clients: NodeId,
    /// Requests per second for each service.
    pub rates: [f64; 3],
}

/// A plan, and all about it that no loss changes.
#[derive(Clone, Debug)]
pub struct System<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) populations: Vec<Population>,
    pub(crate) ranking: Ranking,
    pub(crate) start: Addresses,
    pub(crate) databases: Databases,
    /// All nodes, those that call before those that are called.
    pub(crate) downstream: Vec<NodeId>,
    /// Whether anybody writes.
    pub(crate) writes: bool,
    /// By node: from the log record to the acknowledgement, in seconds; 0 for all but databases.
    pub(crate) commit_takes_s: Vec<f64>,
    /// The share of the reads that come from populations that write as well.
    pub(crate) readers_who_write: f64,
    /// By link: whether the firewall at its end drops what comes along it.
    pub(crate) closed: Vec<bool>,
    /// What is answered with nothing lost.
    pub(crate) base: Option<Base>,
}

/// How the requests of each client population end.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// In the order of [`System::populations`]; `None` for services that the population does not ask for.
    pub populations: Vec<[Option<Shares>; 3]>,
    rates: Vec<[f64; 3]>,
}

impl Outcome {
    /// How the requests for a service end, over all populations; `None` if nobody asks for it.
    pub fn service(&self, service: Service) -> Option<Shares> {
        let index = service.index();
        let (mut sum, mut rate) = (Shares::NONE, 0.0);
        for (shares, rates) in self.populations.iter().zip(&self.rates) {
            if let Some(shares) = shares[index] {
                sum += shares.of(rates[index]);
                rate += rates[index];
            }
        }
        (rate > 0.0).then(|| sum.of(1.0 / rate))
    }

    /// The answered share of a service; 0 if nobody asks for it.
    pub fn answered(&self, service: Service) -> f64 {
        self.service(service).map_or(0.0, |shares| shares.answered)
    }
}

/// The state of everything that reacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) addresses: Addresses,
    pub(crate) cluster: Cluster,
    pub(crate) health_checks: bool,
}

/// How far from the clients a kind of node stands: callers before those that they call.
pub(crate) fn tier(kind: &NodeKind) -> u8 {
    match kind {
        NodeKind::Clients(_) => 0,
        NodeKind::Firewall(_) => 1,
        NodeKind::LoadBalancer(_) => 2,
        NodeKind::WebServer(_) => 3,
        NodeKind::ApplicationServer(_) => 4,
        NodeKind::Database(_) => 5,
        NodeKind::FailoverManager(_)
        | NodeKind::Dns(_)
        | NodeKind::Monitor(_)
        | NodeKind::Attacker(_)
        | NodeKind::Eavesdropper(_) => 6,
    }
}

fn rates(clients: &ClientsPlan) -> [f64; 3] {
    let rate = clients.rate_per_s();
    let part = |ppm: u32| rate * f64::from(ppm) / 1e6;
    let reads = 1_000_000_u32.saturating_sub(clients.writes_ppm).saturating_sub(clients.static_ppm);
    [part(reads), part(clients.writes_ppm), part(clients.static_ppm)]
}

/// Whether the firewall at the end of a link lets nothing in that comes along it.
fn is_closed(plan: &Plan, link: &PlanLink) -> bool {
    match plan.node(link.to).map(|node| &node.kind) {
        Some(NodeKind::Firewall(firewall)) => {
            let port = if link.tls { ports::HTTPS } else { ports::HTTP };
            firewall.on && !firewall.allow.contains(&port)
        }
        _ => false,
    }
}

impl<'p> System<'p> {
    /// Looks at a plan.
    pub fn new(plan: &'p Plan) -> Self {
        let populations: Vec<Population> = plan
            .nodes()
            .filter_map(|(clients, node)| match &node.kind {
                NodeKind::Clients(settings) => Some(Population { clients, rates: rates(settings) }),
                _ => None,
            })
            .collect();
        let mut downstream: Vec<NodeId> = plan.nodes().map(|(id, _)| id).collect();
        downstream.sort_by_key(|&id| plan.node(id).map(|node| tier(&node.kind)));
        let ranking = Ranking::new(plan);
        let writes = populations.iter().any(|population| population.rates[Service::Writes.index()] > 0.0);
        let reads = |population: &&Population| population.rates[Service::Reads.index()];
        let all: f64 = populations.iter().map(|population| reads(&population)).sum();
        let who_write =
            populations.iter().filter(|population| population.rates[Service::Writes.index()] > 0.0);
        let who_write: f64 = who_write.map(|population| reads(&population)).sum();
        let mut system = Self {
            closed: plan.links().map(|(_, link)| is_closed(plan, link)).collect(),
            base: None,
            commit_takes_s: plan
                .nodes()
                .map(|(id, _)| crate::data::commit_takes(plan, plan.databases(), id).as_secs_f64())
                .collect(),
            readers_who_write: if all > 0.0 { who_write / all } else { 0.0 },
            plan,
            start: ranking.at_the_start(plan),
            ranking,
            databases: Databases::new(plan),
            downstream,
            writes,
            populations,
        };
        system.base = Base::of(&system);
        system
    }

    /// The plan.
    pub const fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// The client populations.
    pub fn populations(&self) -> &[Population] {
        &self.populations
    }

    /// The services that somebody asks for.
    pub fn services(&self) -> impl Iterator<Item = Service> {
        Service::ALL.into_iter().filter(|service| {
            self.populations.iter().any(|population| population.rates[service.index()] > 0.0)
        })
    }

    pub(crate) fn settle(&self, losses: &Losses, reactions: Reactions) -> Settled {
        Settled {
            addresses: if reactions.addresses {
                self.ranking.after(self.plan, losses, &self.start)
            } else {
                self.start.clone()
            },
            cluster: if reactions.failover {
                self.databases.after(self.plan, losses)
            } else {
                self.databases.before(self.plan, losses)
            },
            health_checks: reactions.health_checks,
        }
    }

    /// How requests end after these losses, when those have reacted.
    pub fn outcome(&self, losses: &Losses, reactions: Reactions) -> Outcome {
        self.walk(losses, reactions, 1.0).outcome()
    }

    /// The same with every population sending `load` times as much, and all that was found on the way.
    pub(crate) fn walk<'s>(&'s self, losses: &'s Losses, reactions: Reactions, load: f64) -> Walk<'s> {
        Walk::new(self, losses, self.settle(losses, reactions), load)
    }

    pub(crate) fn outcome_of(&self, populations: Vec<[Option<Shares>; 3]>) -> Outcome {
        Outcome { populations, rates: self.populations.iter().map(|population| population.rates).collect() }
    }
}
