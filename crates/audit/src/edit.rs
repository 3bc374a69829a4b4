//! Changes to a scenario that mend it: each returns the edited scenario and leaves the given one alone.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use understudy_core::SimDuration;
use understudy_sim::scenario::{
    AlertCondition, AlertRule, Algorithm, Database, Dependability, FailoverManager, Fencing, Firewall,
    HealthCheck, Link, LoadBalancer, Monitor, Node, PoolMode, Role, Scenario, VirtualIp,
};

/// A scenario that is being mended.
pub(crate) struct Edit {
    pub(crate) scenario: Scenario,
    /// Nodes that were added.
    pub(crate) added: u32,
}

/// The name without the number at its end.
fn stem(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-')
}

impl Edit {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self { scenario: Scenario { script: Vec::new(), ..scenario.clone() }, added: 0 }
    }

    pub(crate) fn node(&self, name: &str) -> Option<&Node> {
        self.scenario.nodes.iter().find(|node| node.name() == name)
    }

    fn node_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.scenario.nodes.iter_mut().find(|node| node.name() == name)
    }

    fn names(&self, wanted: impl Fn(&Node) -> bool) -> Vec<String> {
        self.scenario.nodes.iter().filter(|node| wanted(node)).map(|node| node.name().to_string()).collect()
    }

    /// A name like this one that is not taken.
    fn fresh_name(&self, like: &str) -> String {
        let stem = stem(like);
        let stem = if stem.is_empty() { like } else { stem };
        (2..u32::MAX)
            .map(|number| format!("{stem}-{number}"))
            .find(|name| self.node(name).is_none())
            .expect("numbers do not run out")
    }

    pub(crate) fn is_linked(&self, one: &str, other: &str) -> bool {
        let joins =
            |link: &Link| (link.from == one && link.to == other) || (link.from == other && link.to == one);
        self.scenario.links.iter().any(joins)
    }

    /// Links two nodes, if they are not linked yet. As fast as the links that either has.
    pub(crate) fn link(&mut self, from: &str, to: &str) {
        if self.is_linked(from, to) {
            return;
        }
        let near = |link: &&Link| link.to == to || link.from == from;
        let latency =
            self.scenario.links.iter().find(near).map_or(SimDuration::from_millis(1), |link| link.latency);
        self.scenario.links.push(plain_link(from, to, latency));
    }

    /// Adds a node like `name`, with the same links. Returns what it is called. It stands apart: in none of the groups.
    pub(crate) fn twin(&mut self, name: &str) -> Option<String> {
        let twin = self.fresh_name(name);
        let place = self.scenario.nodes.iter().position(|node| node.name() == name)?;
        let mut node = self.scenario.nodes[place].clone();
        rename(&mut node, &twin);
        self.scenario.nodes.insert(place + 1, node);
        let copies: Vec<Link> = self
            .scenario
            .links
            .iter()
            .filter_map(|link| {
                let from = if link.from == name { twin.clone() } else { link.from.clone() };
                let to = if link.to == name { twin.clone() } else { link.to.clone() };
                (link.from == name || link.to == name).then(|| Link { from, to, ..link.clone() })
            })
            .collect();
        self.scenario.links.extend(copies);
        self.added += 1;
        Some(twin)
    }

    /// Lets balancers share a virtual address, the first being master, and links them so that they hear each other.
    pub(crate) fn share_address(&mut self, balancers: &[String]) {
        let address = self.fresh_address();
        for (index, name) in balancers.iter().enumerate() {
            let lower = u8::try_from(index).unwrap_or(u8::MAX).saturating_mul(10);
            if let Some(Node::LoadBalancer(balancer)) = self.node_mut(name) {
                balancer.virtual_ip = Some(VirtualIp {
                    address,
                    priority: 150_u8.saturating_sub(lower).max(1),
                    advert_interval: SimDuration::from_secs(1),
                    preempt: true,
                    held_at_start: false,
                });
            }
        }
        for (index, one) in balancers.iter().enumerate() {
            for other in &balancers[index + 1..] {
                self.link(one, other);
            }
        }
    }

    fn fresh_address(&self) -> Ipv4Addr {
        let taken = |address: Ipv4Addr| {
            self.scenario.nodes.iter().any(|node| match node {
                Node::LoadBalancer(balancer) => {
                    balancer.virtual_ip.as_ref().is_some_and(|shared| shared.address == address)
                }
                _ => false,
            })
        };
        (10..=254)
            .map(|last| Ipv4Addr::new(203, 0, 113, last))
            .find(|&address| !taken(address))
            .unwrap_or(Ipv4Addr::new(203, 0, 113, 10))
    }

    /// Puts a pair of balancers in front of servers, in the place of those who sent to these themselves.
    pub(crate) fn balance(&mut self, senders: &[String], servers: &[String]) {
        let mut pair = Vec::new();
        for _ in 0..2 {
            let name = self.fresh_balancer_name();
            self.scenario.nodes.push(Node::LoadBalancer(LoadBalancer {
                name: name.clone(),
                dependability: Dependability::default(),
                algorithm: Algorithm::default(),
                health_check: HealthCheck::default(),
                retry: true,
                timeout: SimDuration::from_secs(5),
                pool_mode: PoolMode::default(),
                virtual_ip: None,
            }));
            self.added += 1;
            pair.push(name);
        }
        let sent = |link: &Link| senders.contains(&link.from) && servers.contains(&link.to);
        let former: Vec<Link> = self.scenario.links.iter().filter(|link| sent(link)).cloned().collect();
        self.scenario.links.retain(|link| !sent(link));
        for balancer in &pair {
            for sender in senders {
                let latency = former.iter().find(|link| link.from == *sender).map(|link| link.latency);
                let latency = latency.unwrap_or(SimDuration::from_millis(1));
                self.scenario.links.push(plain_link(sender, balancer, latency));
            }
            for server in servers {
                let latency = SimDuration::from_millis(1);
                self.scenario.links.push(plain_link(balancer, server, latency));
            }
        }
        self.share_address(&pair);
    }

    fn fresh_balancer_name(&self) -> String {
        (1..u32::MAX)
            .map(|number| format!("lb-{number}"))
            .find(|name| self.node(name).is_none())
            .expect("numbers do not run out")
    }

    /// Lets a balancer try the next server when one refuses.
    pub(crate) fn retry(&mut self, balancer: &str) {
        if let Some(Node::LoadBalancer(balancer)) = self.node_mut(balancer) {
            balancer.retry = true;
        }
    }

    /// Gives a balancer a lower rank than all others have, if it shares an address, and links it with them.
    pub(crate) fn rank_below(&mut self, balancer: &str) {
        let ranks = self.scenario.nodes.iter().filter_map(|node| match node {
            Node::LoadBalancer(one) => Some(one.virtual_ip.as_ref()?.priority),
            _ => None,
        });
        let lowest = ranks.min().unwrap_or(1);
        let Some(Node::LoadBalancer(own)) = self.node_mut(balancer) else { return };
        let Some(shared) = &mut own.virtual_ip else { return };
        shared.priority = lowest.saturating_sub(10).max(1);
        shared.held_at_start = false;
        for other in self.names(|node| matches!(node, Node::LoadBalancer(_))) {
            if other != balancer {
                self.link(&other, balancer);
            }
        }
    }

    /// Lets balancers that check more seldom check every second. Whether there are any.
    pub(crate) fn check_sooner(&mut self) -> bool {
        let mut any = false;
        for node in &mut self.scenario.nodes {
            if let Node::LoadBalancer(LoadBalancer { health_check, .. }) = node
                && health_check.interval > SimDuration::from_secs(1)
            {
                health_check.interval = SimDuration::from_secs(1);
                any = true;
            }
        }
        any
    }

    /// Lets balancers that advertise every second or more seldom do so five times as often. Whether there are any.
    pub(crate) fn advertise_sooner(&mut self) -> bool {
        let mut any = false;
        for node in &mut self.scenario.nodes {
            if let Node::LoadBalancer(LoadBalancer { virtual_ip: Some(shared), .. }) = node
                && shared.advert_interval >= SimDuration::from_secs(1)
            {
                // Adverts count in hundredths of a second.
                let hundredths = shared.advert_interval.as_nanos() / 50_000_000;
                shared.advert_interval = SimDuration::from_millis(10) * hundredths;
                any = true;
            }
        }
        any
    }

    /// Lets a manager that checks every second or more seldom check twice as often. Whether there is one.
    pub(crate) fn fail_over_sooner(&mut self) -> bool {
        let mut any = false;
        for node in &mut self.scenario.nodes {
            if let Node::FailoverManager(manager) = node
                && manager.interval >= SimDuration::from_secs(1)
            {
                manager.interval = SimDuration::from_nanos(manager.interval.as_nanos() / 2);
                any = true;
            }
        }
        any
    }

    /// Databases, a manager that acts, and all who must know: so many replicas, all linked.
    pub(crate) fn cover_primary(&mut self, replicas: usize) {
        let is_database = |node: &Node| matches!(node, Node::Database(_));
        let primary = self.scenario.nodes.iter().find_map(|node| match node {
            Node::Database(database) if database.role == Role::Primary => Some(database.name.clone()),
            _ => None,
        });
        let Some(primary) = primary else { return };
        while self.names(is_database).len() < replicas + 1 {
            let Some(twin) = self.twin(&primary) else { return };
            if let Some(Node::Database(database)) = self.node_mut(&twin) {
                database.role = Role::Replica;
            }
            self.link(&primary, &twin);
        }
        let databases = self.names(is_database);
        for (index, one) in databases.iter().enumerate() {
            for other in &databases[index + 1..] {
                self.link(one, other);
            }
        }
        let servers: Vec<String> = self
            .names(|node| matches!(node, Node::WebServer(_) | Node::ApplicationServer(_)))
            .into_iter()
            .filter(|server| databases.iter().any(|database| self.is_linked(server, database)))
            .collect();
        for server in &servers {
            for database in &databases {
                self.link(server, database);
            }
        }
        let manager = self.manager();
        for other in databases.iter().chain(&servers) {
            self.link(&manager, other);
        }
    }

    /// The failover manager, which acts by itself; one is added if there is none.
    fn manager(&mut self) -> String {
        for node in &mut self.scenario.nodes {
            if let Node::FailoverManager(manager) = node {
                manager.automatic = true;
                return manager.name.clone();
            }
        }
        let name = if self.node("manager").is_some() { self.fresh_name("manager") } else { "manager".into() };
        self.scenario.nodes.push(Node::FailoverManager(FailoverManager {
            name: name.clone(),
            dependability: Dependability::default(),
            interval: SimDuration::from_secs(1),
            fall: 3,
            fencing: Fencing::Device,
            automatic: true,
        }));
        self.added += 1;
        name
    }

    /// Lets the manager make sure that the old primary has stopped.
    pub(crate) fn fence(&mut self) {
        for node in &mut self.scenario.nodes {
            if let Node::FailoverManager(manager) = node {
                manager.fencing = Fencing::Device;
            }
        }
    }

    /// Lets commits wait for so many replicas.
    pub(crate) fn commit_on(&mut self, replicas: u32) {
        for node in &mut self.scenario.nodes {
            if let Node::Database(Database { sync_replicas, .. }) = node {
                *sync_replicas = replicas;
            }
        }
    }

    /// Switches a firewall on, and closes a port.
    pub(crate) fn switch_on(&mut self, firewall: &str, port: u16) {
        if let Some(Node::Firewall(firewall)) = self.node_mut(firewall) {
            firewall.on = true;
            firewall.allow.retain(|&open| open != port);
        }
    }

    /// Puts a firewall into the link between two nodes; one that is there already if possible. Returns its name.
    pub(crate) fn stand_between(&mut self, one: &str, other: &str) -> Option<String> {
        let existing = self.names(|node| matches!(node, Node::Firewall(firewall) if firewall.on));
        let name = existing.into_iter().next().unwrap_or_else(|| {
            let name =
                if self.node("firewall").is_some() { self.fresh_name("firewall") } else { "firewall".into() };
            self.scenario.nodes.push(Node::Firewall(Firewall {
                name: name.clone(),
                dependability: Dependability::default(),
                on: true,
                allow: [80, 443].into(),
                limit_per_source_per_s: None,
            }));
            self.added += 1;
            name
        });
        let joins = |link: &&mut Link| link.from == one && link.to == other;
        self.scenario.links.iter_mut().find(joins)?.through = Some(name.clone());
        Some(name)
    }

    /// Limits what a single sender may send through a firewall to twice what the busiest population sends; false if there
    /// is no such firewall.
    pub(crate) fn limit(&mut self, firewall: &str) -> bool {
        let rates = self.scenario.nodes.iter().map(|node| match node {
            Node::Clients(clients) => clients.rate_per_s.unwrap_or(0.0),
            _ => 0.0,
        });
        // A population stands for many people, but sends as one here: it must not be limited itself.
        let limit = rates.fold(1.0, f64::max) * 2.0;
        match self.node_mut(firewall) {
            Some(Node::Firewall(firewall)) => {
                firewall.on = true;
                firewall.limit_per_source_per_s = Some(limit);
                true
            }
            _ => false,
        }
    }

    /// Uses TLS on a link.
    pub(crate) fn encrypt(&mut self, from: &str, to: &str) {
        for link in self.scenario.links.iter_mut().filter(|link| link.from == from && link.to == to) {
            link.tls = true;
        }
    }

    /// Lets a monitor watch nodes; one is added if none is named. Returns its name.
    pub(crate) fn watch(&mut self, monitor: Option<&str>, nodes: &[String]) -> String {
        let name = monitor.map_or_else(
            || if self.node("monitor").is_some() { self.fresh_name("monitor") } else { "monitor".into() },
            ToString::to_string,
        );
        if let Some(Node::Monitor(monitor)) = self.node_mut(&name) {
            monitor.on = true;
        } else {
            self.scenario.nodes.push(Node::Monitor(Monitor {
                name: name.clone(),
                dependability: Dependability::default(),
                on: true,
                interval: SimDuration::from_secs(5),
                timeout: SimDuration::from_secs(2),
                rules: [AlertRule { when: AlertCondition::TargetDown, hold: SimDuration::from_secs(5) }]
                    .into(),
            }));
            self.added += 1;
        }
        for node in nodes.iter().filter(|node| **node != name) {
            self.link(&name, node);
        }
        name
    }
}

/// A link in plain text, straight, that loses nothing.
fn plain_link(from: &str, to: &str, latency: SimDuration) -> Link {
    Link { from: from.into(), to: to.into(), latency, tls: false, through: None, jitter: None, loss: 0.0 }
}

fn rename(node: &mut Node, to: &str) {
    let (name, dependability) = match node {
        Node::Clients(node) => (&mut node.name, &mut node.dependability),
        Node::Firewall(node) => (&mut node.name, &mut node.dependability),
        Node::LoadBalancer(node) => (&mut node.name, &mut node.dependability),
        Node::WebServer(node) | Node::ApplicationServer(node) => (&mut node.name, &mut node.dependability),
        Node::Database(node) => (&mut node.name, &mut node.dependability),
        Node::FailoverManager(node) => (&mut node.name, &mut node.dependability),
        Node::Dns(node) => (&mut node.name, &mut node.dependability),
        Node::Monitor(node) => (&mut node.name, &mut node.dependability),
        Node::Attacker(node) => (&mut node.name, &mut node.dependability),
        Node::Eavesdropper(node) => (&mut node.name, &mut node.dependability),
    };
    *name = to.into();
    dependability.groups.clear();
}
