//! The scenario as it stands: what the file says, with the modes that were changed since.
//!
//! The audit is asked about the system as it is set up at the shown instant. What is broken at the moment is no part of
//! that: a dead server is a fault, a firewall that is off is a weakness.

use understudy_core::balancer::Algorithm;
use understudy_core::failover::{Fencing, Mode};
use understudy_sim::SimDuration;
use understudy_sim::scenario::{self, Node, PoolMode, ReadRoute, Scenario};
use understudy_sim::view::{NodeDetail, Sends, Snapshot};

/// What can be changed about a node while it runs, as far as the audit asks for it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Setting {
    /// Nothing that matters.
    None,
    /// Whether a firewall filters, a monitor watches.
    On(bool),
    /// A population's time between two requests, and its writes in a million.
    Sends(Option<SimDuration>, u32),
    /// A balancer's retry, algorithm, pool mode, and check interval, fall, rise.
    Balances(bool, Algorithm, PoolMode, SimDuration, u32, u32),
    /// Where a server's reads go.
    Reads(ReadRoute),
    /// What a database's commits wait for while it is the primary.
    Commits(u32),
    /// Whether a manager acts by itself, and how it fences.
    Manages(bool, scenario::Fencing),
}

/// The modes of a world, small enough to be compared a few times a second.
#[derive(Clone, Debug, PartialEq)]
pub struct Modes {
    nodes: Vec<Setting>,
    /// Weight and standby of each server of a pool.
    pools: Vec<(usize, u32, bool)>,
    encrypted: Vec<bool>,
}

impl Modes {
    /// Those of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut pools = Vec::new();
        let nodes = snapshot.nodes.iter().map(|node| {
            if let NodeDetail::LoadBalancer { pool, .. } = &node.detail {
                pools.extend(pool.iter().map(|entry| (entry.server.get(), entry.weight, entry.standby)));
            }
            setting(&node.detail)
        });
        Self {
            nodes: nodes.collect(),
            pools,
            encrypted: snapshot.links.iter().map(|link| link.tls).collect(),
        }
    }

    /// The scenario with these modes, and nothing that happens by itself.
    pub fn applied_to(&self, scenario: &Scenario) -> Scenario {
        let mut scenario = Scenario { script: Vec::new(), ..scenario.clone() };
        for (node, setting) in scenario.nodes.iter_mut().zip(&self.nodes) {
            apply(node, *setting);
        }
        for &(server, weight, standby) in &self.pools {
            if let Some(Node::WebServer(server) | Node::ApplicationServer(server)) =
                scenario.nodes.get_mut(server)
            {
                (server.weight, server.standby) = (weight, standby);
            }
        }
        for (link, tls) in scenario.links.iter_mut().zip(&self.encrypted) {
            link.tls = *tls;
        }
        scenario
    }
}

fn setting(detail: &NodeDetail) -> Setting {
    match detail {
        NodeDetail::Firewall { on, .. } | NodeDetail::Monitor { on, .. } => Setting::On(*on),
        NodeDetail::Clients { sends, writes_ppm, .. } => {
            let gap = match sends {
                Sends::Every(gap) => Some(*gap),
                Sends::Users(_) => None,
            };
            Setting::Sends(gap, *writes_ppm)
        }
        NodeDetail::LoadBalancer { retry, algorithm, mode, health, .. } => {
            Setting::Balances(*retry, *algorithm, *mode, health.interval, health.fall, health.rise)
        }
        NodeDetail::Server { reads: Some(reads), .. } => Setting::Reads(*reads),
        NodeDetail::Database { sync_replicas, .. } => Setting::Commits(*sync_replicas),
        NodeDetail::FailoverManager { mode, fencing, .. } => {
            let fencing = match fencing {
                Fencing::None => scenario::Fencing::None,
                Fencing::Device { .. } => scenario::Fencing::Device,
                Fencing::Lease { .. } => scenario::Fencing::Lease,
            };
            Setting::Manages(*mode == Mode::Automatic, fencing)
        }
        _ => Setting::None,
    }
}

fn apply(node: &mut Node, setting: Setting) {
    match (node, setting) {
        (Node::Firewall(firewall), Setting::On(on)) => firewall.on = on,
        (Node::Monitor(monitor), Setting::On(on)) => monitor.on = on,
        (Node::Clients(clients), Setting::Sends(gap, writes_ppm)) => {
            clients.writes = f64::from(writes_ppm) / 1e6;
            // A rate that changes by itself stays as the file says.
            if clients.ramp.is_none()
                && clients.burst.is_none()
                && clients.users.is_none()
                && let Some(gap) = gap
            {
                // The gap is whole nanoseconds: a rate that is the same but for that stays as it was written.
                let rate = 1.0 / gap.as_secs_f64();
                if clients.rate_per_s.is_none_or(|written| (written - rate).abs() > 1e-6 * written) {
                    clients.rate_per_s = Some(rate);
                }
            }
        }
        (Node::LoadBalancer(balancer), Setting::Balances(retry, algorithm, mode, interval, fall, rise)) => {
            balancer.retry = retry;
            balancer.algorithm = match algorithm {
                Algorithm::RoundRobin => scenario::Algorithm::RoundRobin,
                Algorithm::LeastConnections => scenario::Algorithm::LeastConnections,
                Algorithm::RandomTwo => scenario::Algorithm::RandomTwo,
                Algorithm::IpHash => scenario::Algorithm::IpHash,
                Algorithm::Maglev => scenario::Algorithm::Maglev,
                Algorithm::PeakEwma => scenario::Algorithm::PeakEwma,
            };
            balancer.pool_mode = mode;
            let check = &mut balancer.health_check;
            (check.interval, check.fall, check.rise) = (interval, fall, rise);
        }
        (Node::WebServer(server) | Node::ApplicationServer(server), Setting::Reads(reads)) => {
            server.reads = reads;
        }
        (Node::Database(database), Setting::Commits(replicas)) => database.sync_replicas = replicas,
        (Node::FailoverManager(manager), Setting::Manages(automatic, fencing)) => {
            (manager.automatic, manager.fencing) = (automatic, fencing);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use understudy_sim::{Command, Plan, Sim, SimTime};

    use super::*;

    fn started(text: &str) -> (Scenario, Rc<Plan>, Sim) {
        let scenario = Scenario::parse("scene", text).expect("a shipped scenario is right");
        let plan = Rc::new(Plan::build(&scenario).expect("a shipped scenario is right"));
        (scenario, plan.clone(), Sim::new(plan, 1))
    }

    #[test]
    fn at_the_start_it_is_what_the_file_says() {
        for text in [
            include_str!("../../scenarios/classic-stack.json"),
            include_str!("../../scenarios/open-to-the-world.json"),
            include_str!("../../scenarios/two-primaries.json"),
        ] {
            let (scenario, _, mut sim) = started(text);
            sim.run_until(SimTime::from_secs(1), u64::MAX);
            let present = Modes::of(&sim.snapshot()).applied_to(&scenario);
            assert_eq!(present, Scenario { script: Vec::new(), ..scenario });
        }
    }

    #[test]
    fn modes_that_were_changed_are_in_it_and_faults_are_not() {
        let (scenario, plan, mut sim) = started(include_str!("../../scenarios/classic-stack.json"));
        let before = Modes::of(&sim.snapshot());
        for command in ["kill web-1", "cut lb-1 lb-2", "slow db-1 5x"] {
            sim.command(Command::parse(command, &plan).expect("right")).expect("it can be done");
        }
        assert_eq!(Modes::of(&sim.snapshot()), before, "faults change no mode");
        for command in [
            "firewall firewall off",
            "https off",
            "monitoring monitor off",
            "retry lb-1 off",
            "commit any 1",
            "weight web-2 5",
            "reads * primary",
            "automatic manager off",
            "rate Readers 500",
            "writes Readers 0.5",
        ] {
            sim.command(Command::parse(command, &plan).expect("right")).expect("it can be done");
        }
        let present = Modes::of(&sim.snapshot()).applied_to(&scenario);
        let text = serde_json::to_string(&present).expect("it can be written");
        let again = Scenario::parse("present", &text).expect("what is written can be read");
        assert_eq!(again, present);
        let node = |name: &str| present.nodes.iter().find(|node| node.name() == name).expect("there");
        assert!(matches!(node("firewall"), Node::Firewall(firewall) if !firewall.on));
        assert!(matches!(node("monitor"), Node::Monitor(monitor) if !monitor.on));
        assert!(matches!(node("lb-1"), Node::LoadBalancer(balancer) if !balancer.retry));
        assert!(matches!(node("web-2"), Node::WebServer(server) if server.weight == 5));
        assert!(
            matches!(node("app-1"), Node::ApplicationServer(server) if server.reads == ReadRoute::Primary)
        );
        assert!(matches!(node("db-2"), Node::Database(database) if database.sync_replicas == 1));
        assert!(matches!(node("manager"), Node::FailoverManager(manager) if !manager.automatic));
        assert!(matches!(node("Readers"), Node::Clients(clients)
            if clients.rate_per_s == Some(500.0) && (clients.writes - 0.5).abs() < 1e-9));
        assert!(present.links.iter().all(|link| !link.tls));
    }
}
