//! Random systems: any tiers, any wiring that makes sense, any settings.

use std::fmt::Write;

use understudy_sim::rng::Rng;
use understudy_sim::{Plan, Scenario};

/// Draws one system from a seed.
pub(crate) struct Draw {
    rng: Rng,
    nodes: Vec<String>,
    links: Vec<String>,
}

impl Draw {
    /// The scenario of a seed, as a file's text.
    pub(crate) fn text(seed: u64) -> String {
        let rng = Rng::for_purpose(seed, "audit/random-system");
        let mut draw = Self { rng, nodes: Vec::new(), links: Vec::new() };
        draw.system();
        format!(
            r#"{{"title":"System {seed}","nodes":[{}],"links":[{}]}}"#,
            draw.nodes.join(",\n"),
            draw.links.join(",\n")
        )
    }

    /// The first `count` seeds from `first` that make sense, each with its plan.
    pub(crate) fn plans(first: u64, count: usize) -> impl Iterator<Item = (u64, Plan)> {
        (first..)
            .filter_map(|seed| Some((seed, Scenario::read("random", &Self::text(seed)).ok()?)))
            .take(count)
    }

    fn below(&mut self, most: u64) -> usize {
        usize::try_from(self.rng.below(most)).expect("small")
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.rng.below(100) < percent
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64)]
    }

    fn link(&mut self, from: &str, to: &str) {
        let latency = 1 + self.below(20);
        self.links.push(format!(r#"{{"from":"{from}","to":"{to}","latency":"{latency}ms"}}"#));
    }

    /// Links each of one tier with most of the next.
    fn join(&mut self, from: &[String], to: &[String], percent: u64) {
        for one in from {
            for other in to {
                if self.chance(percent) {
                    self.link(one, other);
                }
            }
        }
    }

    fn names(&mut self, prefix: &str, least: u64, most: u64) -> Vec<String> {
        let count = least + self.rng.below(most - least + 1);
        (1..=count).map(|number| format!("{prefix}-{number}")).collect()
    }

    fn system(&mut self) {
        let clients = self.clients();
        let firewalls = if self.chance(30) { self.firewalls() } else { Vec::new() };
        let balancers = if self.chance(75) { self.balancers() } else { Vec::new() };
        let webs = self.names("web", 1, 3);
        self.servers("web-server", &webs);
        let databases = if self.chance(70) { self.databases() } else { Vec::new() };
        let apps = if self.chance(60) { self.names("app", 1, 3) } else { Vec::new() };
        self.servers("application-server", &apps);
        let entries = if balancers.is_empty() { &webs } else { &balancers };
        if firewalls.is_empty() {
            self.join(&clients, entries, 90);
        } else {
            self.join(&clients, &firewalls, 100);
            self.join(&firewalls, entries, 90);
        }
        self.join(&balancers, &webs, 85);
        self.join(&webs, &apps, 85);
        let last = if apps.is_empty() { &webs } else { &apps };
        self.join(last, &databases, 85);
        if databases.len() > 1 && self.chance(70) {
            self.manager(&databases, last);
        }
    }

    fn clients(&mut self) -> Vec<String> {
        let names = self.names("clients", 1, 2);
        for name in &names {
            let writes = ["0", "0.3", "0.5"][self.below(3)];
            let files = ["0", "0.2"][self.below(2)];
            self.nodes.push(format!(
                r#"{{"kind":"clients","name":"{name}","rate_per_s":10,"writes":{writes},"static_files":{files}}}"#
            ));
        }
        names
    }

    fn firewalls(&mut self) -> Vec<String> {
        let names = self.names("firewall", 1, 2);
        for name in &names {
            self.nodes.push(format!(r#"{{"kind":"firewall","name":"{name}"}}"#));
        }
        names
    }

    fn balancers(&mut self) -> Vec<String> {
        let names = self.names("lb", 1, 2);
        let shared = names.len() > 1 && self.chance(60);
        let preempt = self.chance(80);
        for (index, name) in names.iter().enumerate() {
            let algorithm =
                self.one(&["round-robin", "least-connections", "random-two", "ip-hash", "maglev"]);
            let (retry, interval, fall) = (self.chance(50), 1 + self.below(2), 1 + self.below(3));
            let passes = self.one(&["answering", "connecting"]);
            let mut node = format!(
                r#"{{"kind":"load-balancer","name":"{name}","algorithm":"{algorithm}","retry":{retry},
                "health_check":{{"interval":"{interval}s","fall":{fall},"passes":"{passes}"}}"#
            );
            if shared {
                let priority = 150 - 50 * index;
                let written = write!(
                    node,
                    r#","virtual_ip":{{"address":"203.0.113.1","priority":{priority},"preempt":{preempt}}}"#
                );
                written.expect("a string takes any text");
            }
            self.nodes.push(node + "}");
        }
        if shared && self.chance(85) {
            self.link("lb-1", "lb-2");
        }
        names
    }

    fn servers(&mut self, kind: &str, names: &[String]) {
        let reads = self.one(&["primary", "all", "replicas", "read-your-writes"]);
        for name in names {
            let weight = 1 + self.below(3);
            self.nodes.push(format!(
                r#"{{"kind":"{kind}","name":"{name}","workers":200,"queue_limit":200,"weight":{weight},
                "service_time":{{"exponential":"10ms"}},"reads":"{reads}","timeout":"2s"}}"#
            ));
        }
    }

    fn databases(&mut self) -> Vec<String> {
        let names = self.names("db", 1, 3);
        let most = names.len() as u64;
        let waits_for = if self.chance(30) { self.rng.below(most) } else { 0 };
        for (index, name) in names.iter().enumerate() {
            let role = if index == 0 { "primary" } else { "replica" };
            self.nodes.push(format!(
                r#"{{"kind":"database","name":"{name}","role":"{role}","workers":5,"queue_limit":10,
                "sync_replicas":{waits_for},"read_time":{{"constant":"5ms"}},"write_time":{{"constant":"8ms"}}}}"#
            ));
        }
        for one in 0..names.len() {
            for other in one + 1..names.len() {
                if self.chance(90) {
                    self.link(&names[one], &names[other]);
                }
            }
        }
        names
    }

    fn manager(&mut self, databases: &[String], servers: &[String]) {
        let fencing = self.one(&["device", "none", "lease"]);
        let (automatic, fall) = (self.chance(80), 2 + self.below(2));
        self.nodes.push(format!(
            r#"{{"kind":"failover-manager","name":"manager","interval":"1s","fall":{fall},
            "fencing":"{fencing}","automatic":{automatic}}}"#
        ));
        self.join(&["manager".to_owned()], databases, 100);
        self.join(&["manager".to_owned()], servers, 85);
    }
}
