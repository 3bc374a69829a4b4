//! Random scenarios: every kind of node, one to about fifteen of them, random settings.
//!
//! What is generated is healthy when nothing is broken: no server is busy for more than a fifth of its time, queues are
//! long enough, and timeouts are much longer than the work. Whatever fails after healing is then a mistake of ours.

mod around;
mod traffic;

use std::net::Ipv4Addr;

use understudy_core::{SimDuration, SimTime};
use understudy_sim::distribution::Distribution;
use understudy_sim::rng::Rng;
use understudy_sim::scenario::{
    Algorithm, CheckPasses, Database, Dependability, FailoverManager, Fencing, HealthCheck, Link,
    LoadBalancer, Node, PoolMode, ReadRoute, Role, Scenario, Server, VirtualIp,
};

/// Draws for one purpose.
#[derive(Clone, Debug)]
pub(crate) struct Dice(Rng);

impl Dice {
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        Self(Rng::for_purpose(seed, purpose))
    }

    /// A whole number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.0.below(high - low + 1)
    }

    fn count(&mut self, low: u32, high: u32) -> u32 {
        u32::try_from(self.between(u64::from(low), u64::from(high))).expect("at most a u32")
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.0.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.0.below(from.len() as u64)).expect("an index")]
    }

    pub(crate) fn millis(&mut self, low: u64, high: u64) -> SimDuration {
        SimDuration::from_millis(self.between(low, high))
    }

    /// An instant before `end`, to the millisecond.
    pub(crate) fn instant(&mut self, end: SimDuration) -> SimTime {
        SimTime::from_millis(self.0.below((end.as_nanos() / 1_000_000).max(1)))
    }

    fn work(&mut self) -> Distribution {
        self.time(15)
    }

    fn jitter(&mut self) -> Distribution {
        self.time(10)
    }

    fn time(&mut self, most_ms: u64) -> Distribution {
        let mean = self.millis(1, most_ms);
        match self.0.below(3) {
            0 => Distribution::Constant(mean),
            1 => Distribution::Exponential(mean),
            _ => Distribution::Uniform { min: SimDuration::ZERO, max: mean },
        }
    }
}

/// A scenario under construction.
struct Draft {
    dice: Dice,
    nodes: Vec<Node>,
    links: Vec<Link>,
}

/// The random scenario of a seed, without faults.
pub fn generate(seed: u64) -> Scenario {
    let mut draft = Draft { dice: Dice::new(seed, "swarm/scenario"), nodes: Vec::new(), links: Vec::new() };
    let databases = draft.databases();
    let applications = draft.applications(&databases);
    let servers = draft.web_servers(&applications, &databases);
    draft.manager(&databases);
    let entry = draft.balancers(&servers);
    let entry = draft.firewall(&entry);
    draft.clients(&entry);
    draft.name_servers();
    draft.guard_links();
    draft.monitor();
    draft.attacker();
    draft.encrypt();
    draft.eavesdropper();
    let Draft { nodes, links, .. } = draft;
    Scenario {
        title: format!("Swarm, seed {seed}"),
        summary: String::new(),
        arranged: false,
        nodes,
        links,
        groups: Vec::new(),
        script: Vec::new(),
    }
}

impl Draft {
    fn link(&mut self, from: &str, to: &str) {
        let latency = self.dice.millis(1, 20);
        let jitter = self.dice.chance(25).then(|| self.dice.jitter());
        self.links.push(Link {
            from: from.into(),
            to: to.into(),
            latency,
            jitter,
            loss: 0.0,
            through: None,
            tls: false,
        });
    }

    fn link_all(&mut self, from: &str, to: &[String]) {
        for to in to {
            self.link(from, to);
        }
    }

    fn databases(&mut self) -> Vec<String> {
        let count = self.dice.pick(&[0, 0, 1, 2, 3, 3, 4]);
        let names: Vec<String> = (1..=count).map(|number| format!("db-{number}")).collect();
        // One rule for all of them, as the one that is promoted goes on with its own.
        let sync_replicas = if self.dice.chance(50) { self.dice.count(0, count.max(1) - 1) } else { 0 };
        for (index, name) in names.iter().enumerate() {
            let database = Database {
                dependability: Dependability::default(),
                name: name.clone(),
                role: if index == 0 { Role::Primary } else { Role::Replica },
                workers: self.dice.count(4, 16),
                queue_limit: self.dice.count(32, 64),
                read_time: self.dice.work(),
                write_time: self.dice.work(),
                flush_time: Distribution::Constant(self.dice.millis(0, 3)),
                replay_time: Distribution::Constant(self.dice.millis(0, 2)),
                sync_replicas,
            };
            self.nodes.push(Node::Database(database));
            self.link_all(name, &names[index + 1..]);
        }
        names
    }

    fn server(&mut self, name: &str) -> Server {
        Server {
            dependability: Dependability::default(),
            name: name.into(),
            workers: self.dice.count(4, 8),
            queue_limit: self.dice.count(32, 64),
            service_time: self.dice.work(),
            reads: self.dice.pick(&ReadRoute::ALL).0,
            timeout: self.dice.millis(1_000, 3_000),
            weight: self.dice.count(1, 3),
            standby: self.dice.chance(25),
        }
    }

    fn applications(&mut self, databases: &[String]) -> Vec<String> {
        // Somebody has to ask the databases.
        let count = self.dice.between(u64::from(!databases.is_empty()), 3);
        let names: Vec<String> = (1..=count).map(|number| format!("app-{number}")).collect();
        for name in &names {
            let server = self.server(name);
            self.nodes.push(Node::ApplicationServer(server));
            self.link_all(name, databases);
        }
        names
    }

    /// The servers that balancers hand out to: web servers before the application servers, or these themselves.
    fn web_servers(&mut self, applications: &[String], databases: &[String]) -> Vec<String> {
        if !applications.is_empty() && self.dice.chance(30) {
            return applications.to_vec();
        }
        let names: Vec<String> =
            (1..=self.dice.between(1, 4)).map(|number| format!("web-{number}")).collect();
        for name in &names {
            let server = self.server(name);
            self.nodes.push(Node::WebServer(server));
            match applications {
                [] => self.link_all(name, databases),
                some => self.link_all(name, some),
            }
        }
        names
    }

    fn manager(&mut self, databases: &[String]) {
        if databases.len() < 2 || self.dice.chance(25) {
            return;
        }
        let manager = FailoverManager {
            dependability: Dependability::default(),
            name: "manager".into(),
            interval: self.dice.millis(300, 1_000),
            fall: self.dice.count(1, 3),
            fencing: self.dice.pick(&[Fencing::Device, Fencing::Device, Fencing::Lease, Fencing::None]),
            automatic: self.dice.chance(85),
        };
        // Everybody who writes is told where.
        let writers = self.links.iter().filter(|link| link.to == databases[0]).map(|link| link.from.clone());
        let told: Vec<String> = writers.filter(|from| !databases.contains(from)).collect();
        let name = manager.name.clone();
        self.nodes.push(Node::FailoverManager(manager));
        self.link_all(&name, databases);
        self.link_all(&name, &told);
    }

    /// Balancers before the servers: none, one, a pair with a virtual address, or several that clients use in turn.
    fn balancers(&mut self, servers: &[String]) -> Vec<String> {
        let (count, shares) =
            self.dice.pick(&[(0, false), (1, false), (1, false), (2, true), (2, true), (2, false)]);
        let names: Vec<String> = (1..=count).map(|number| format!("lb-{number}")).collect();
        let held = if self.dice.chance(40) { Some(self.dice.pick(&[0, 1])) } else { None };
        for (index, name) in names.iter().enumerate() {
            let balancer = self.balancer(name, shares.then_some(index), held);
            self.nodes.push(Node::LoadBalancer(balancer));
            self.link_all(name, servers);
        }
        if shares {
            self.link(&names[0], &names[1]);
        }
        if names.is_empty() { servers.to_vec() } else { names }
    }

    fn balancer(&mut self, name: &str, share: Option<usize>, held: Option<usize>) -> LoadBalancer {
        let interval = self.dice.millis(200, 1_000);
        LoadBalancer {
            dependability: Dependability::default(),
            name: name.into(),
            algorithm: self.dice.pick(&[
                Algorithm::RoundRobin,
                Algorithm::LeastConnections,
                Algorithm::RandomTwo,
                Algorithm::IpHash,
                Algorithm::Maglev,
                Algorithm::PeakEwma,
            ]),
            health_check: HealthCheck {
                interval,
                fall: self.dice.count(1, 4),
                rise: self.dice.count(1, 3),
                passes: self.dice.pick(&[CheckPasses::Answering, CheckPasses::Connecting]),
            },
            retry: self.dice.chance(50),
            pool_mode: self.dice.pick(&[
                PoolMode::ActiveActive,
                PoolMode::ActiveActive,
                PoolMode::ActivePassive,
                PoolMode::ActivePassiveAll,
            ]),
            timeout: self.dice.millis(2_000, 4_000),
            virtual_ip: share.map(|index| VirtualIp {
                address: Ipv4Addr::new(203, 0, 113, 10),
                priority: self.dice.pick(&[[200, 100], [100, 100], [1, 254], [255, 100]])[index],
                advert_interval: SimDuration::from_millis(self.dice.pick(&[500, 1_000])),
                preempt: self.dice.chance(70),
                held_at_start: held == Some(index),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use understudy_sim::Plan;

    use super::generate;

    #[test]
    fn every_generated_scenario_makes_sense_and_all_kinds_come_up() {
        let mut kinds = std::collections::BTreeSet::new();
        let mut sizes = std::collections::BTreeSet::new();
        for seed in 0..500 {
            let plan =
                Plan::build(&generate(seed)).unwrap_or_else(|problem| panic!("seed {seed}: {problem:?}"));
            kinds.extend(plan.nodes().map(|(_, node)| node.kind.name()));
            sizes.insert(plan.nodes().len());
        }
        assert_eq!(kinds.len(), 11, "{kinds:?}");
        assert!(
            sizes.first().is_some_and(|&least| least <= 3) && sizes.last().is_some_and(|&most| most >= 14)
        );
    }
}
