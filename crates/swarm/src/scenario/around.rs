//! What stands around the tiers: firewalls, name servers, a monitor, an attacker, an eavesdropper, encryption, and links
//! that lose packets.

use understudy_core::SimDuration;
use understudy_sim::scenario::{
    AlertCondition, AlertRule, Attacker, Behaviour, Dependability, Dns, Eavesdropper, Firewall, Link,
    Monitor, Node,
};

use super::Draft;

impl Draft {
    /// A firewall in the path, if there is one: what clients call.
    pub(super) fn firewall(&mut self, entry: &[String]) -> Vec<String> {
        if self.dice.chance(65) {
            return entry.to_vec();
        }
        let limit = self.dice.chance(40).then(|| f64::from(self.dice.count(50, 200)));
        self.nodes.push(Node::Firewall(Firewall {
            dependability: Dependability::default(),
            name: "firewall".into(),
            on: self.dice.chance(85),
            // Encryption may be switched on and off.
            allow: vec![80, 443],
            limit_per_source_per_s: limit,
        }));
        self.link_all("firewall", entry);
        vec!["firewall".into()]
    }

    /// One or two DNS servers that all clients ask.
    pub(super) fn name_servers(&mut self) {
        if self.dice.chance(65) {
            return;
        }
        let clients = self.named(|node| matches!(node, Node::Clients(_)));
        for number in 1..=self.dice.between(1, 2) {
            let name = format!("dns-{number}");
            let ttl = self.dice.millis(500, 8_000);
            self.nodes.push(Node::Dns(Dns {
                dependability: Dependability::default(),
                name: name.clone(),
                ttl,
                records: Vec::new(),
            }));
            for client in &clients {
                self.link(client, &name);
            }
        }
    }

    /// A firewall inside the links to one tier, and links that lose packets.
    pub(super) fn guard_links(&mut self) {
        if self.dice.chance(30) {
            let limit = self.dice.chance(30).then(|| f64::from(self.dice.count(200, 500)));
            self.nodes.push(Node::Firewall(Firewall {
                dependability: Dependability::default(),
                name: "inner-wall".into(),
                on: self.dice.chance(85),
                allow: vec![80, 443, 5432, 8080],
                limit_per_source_per_s: limit,
            }));
            let tier = self.dice.pick(&["web-", "app-", "db-"]);
            // Some links of the tier, or all of them.
            let share = self.dice.pick(&[50, 100]);
            for index in 0..self.links.len() {
                let link = &self.links[index];
                let outer = ["clients-", "firewall"].iter().any(|name| link.from.starts_with(name));
                if link.to.starts_with(tier) && !outer && self.dice.chance(share) {
                    self.links[index].through = Some("inner-wall".into());
                }
            }
        }
        if self.dice.chance(30) {
            let patient = self
                .nodes
                .iter()
                .all(|node| !matches!(node, Node::FailoverManager(manager) if manager.fall < 3));
            for index in 0..self.links.len() {
                // A manager that gives a database up after one late answer would do so again and again.
                let may_lose = patient || self.links[index].from != "manager";
                if may_lose && self.dice.chance(40) {
                    self.links[index].loss = f64::from(self.dice.count(1, 10)) / 1_000.0;
                }
            }
        }
    }

    pub(super) fn monitor(&mut self) {
        if self.dice.chance(70) {
            return;
        }
        let interval = self.dice.millis(500, 2_000);
        let window = self.dice.millis(1_000, 10_000);
        let rules = [
            AlertCondition::TargetDown,
            AlertCondition::ErrorRateHigh { above: 0.02, window },
            AlertCondition::LatencyHigh { above: SimDuration::from_millis(200), window },
            AlertCondition::ReplicationLagHigh { above_bytes: 1_000 },
            AlertCondition::QpsCollapse { below: 0.5, window },
        ];
        let rules = rules.map(|when| AlertRule { when, hold: self.dice.millis(0, 3_000) });
        self.nodes.push(Node::Monitor(Monitor {
            dependability: Dependability::default(),
            name: "monitor".into(),
            on: self.dice.chance(85),
            interval,
            timeout: interval,
            rules: rules.into(),
        }));
        let targets = self.named(|node| {
            matches!(
                node,
                Node::LoadBalancer(_)
                    | Node::WebServer(_)
                    | Node::ApplicationServer(_)
                    | Node::Database(_)
                    | Node::Dns(_)
            )
        });
        for target in targets {
            if self.dice.chance(80) {
                self.link("monitor", &target);
            }
        }
    }

    /// An attacker at the entry, who may have found a way to a database as well.
    pub(super) fn attacker(&mut self) {
        if self.dice.chance(75) {
            return;
        }
        let is_entry = |link: &&Link| link.from.starts_with("clients-") && !link.to.starts_with("dns-");
        let mut targets: Vec<String> =
            self.links.iter().filter(is_entry).map(|link| link.to.clone()).collect();
        let databases = self.named(|node| matches!(node, Node::Database(_)));
        if !databases.is_empty() && self.dice.chance(50) {
            targets.push(databases[0].clone());
        }
        targets.sort();
        targets.dedup();
        self.nodes.push(Node::Attacker(Attacker {
            dependability: Dependability::default(),
            name: "attacker".into(),
            behaviour: self.dice.pick(&[Behaviour::Idle, Behaviour::Scan]),
            timeout: self.dice.millis(200, 2_000),
            flood_per_s: f64::from(self.dice.count(20, 150)),
            inject_per_s: f64::from(self.dice.count(1, 10)),
            rows_per_query: self.dice.count(1, 100),
        }));
        self.link_all("attacker", &targets);
    }

    /// Which links are encrypted.
    pub(super) fn encrypt(&mut self) {
        let share = self.dice.pick(&[0, 0, 30, 100]);
        for index in 0..self.links.len() {
            self.links[index].tls = self.dice.chance(share);
        }
    }

    pub(super) fn eavesdropper(&mut self) {
        if self.dice.chance(75) {
            return;
        }
        let count = self.dice.between(1, 3);
        let mut listens_on: Vec<[String; 2]> = Vec::new();
        for _ in 0..count {
            let last = self.links.len() as u64 - 1;
            let index = usize::try_from(self.dice.between(0, last)).expect("an index");
            let Link { from, to, .. } = &self.links[index];
            let ends = [from.clone(), to.clone()];
            if !listens_on.contains(&ends) {
                listens_on.push(ends);
            }
        }
        self.nodes.push(Node::Eavesdropper(Eavesdropper {
            dependability: Dependability::default(),
            name: "eve".into(),
            listens_on,
        }));
    }

    /// The names of the nodes that are `wanted`.
    fn named(&self, wanted: impl Fn(&Node) -> bool) -> Vec<String> {
        self.nodes.iter().filter(|node| wanted(node)).map(|node| node.name().to_owned()).collect()
    }
}
