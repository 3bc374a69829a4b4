//! The scenario as it stands: what the file says, with the modes that were changed since.
//!
//! The audit is asked about the system as it is set up at the shown instant. What is broken at the moment is no part of
//! that: a dead server is a fault, a firewall that is off is a weakness.
//!
//! Whoever has the simulation need not have the audit: [`Modes::write`] gives the modes as a text of numbers for another
//! program of the same version, whose [`Modes::read`] gives them back.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

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

    /// As numbers with spaces between: those of each node behind its kind, of the pools, of the links.
    pub fn write(&self) -> String {
        let mut text = String::new();
        let mut put = |number: u64| {
            text.push_str(&number.to_string());
            text.push(' ');
        };
        put(self.nodes.len() as u64);
        for setting in &self.nodes {
            setting.put(&mut put);
        }
        put(self.pools.len() as u64);
        for &(server, weight, standby) in &self.pools {
            [server as u64, weight.into(), standby.into()].into_iter().for_each(&mut put);
        }
        put(self.encrypted.len() as u64);
        for &tls in &self.encrypted {
            put(tls.into());
        }
        text
    }

    /// What [`Self::write`] wrote; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let mut numbers = text.split_ascii_whitespace().map_while(|word| word.parse().ok());
        let mut take = || numbers.next();
        let nodes = (0..take()?).map(|_| Setting::take(&mut take)).collect::<Option<_>>()?;
        let pool = |take: &mut dyn FnMut() -> Option<u64>| {
            Some((usize::try_from(take()?).ok()?, u32::try_from(take()?).ok()?, take()? == 1))
        };
        let pools = (0..take()?).map(|_| pool(&mut take)).collect::<Option<_>>()?;
        let encrypted = (0..take()?).map(|_| Some(take()? == 1)).collect::<Option<_>>()?;
        Some(Self { nodes, pools, encrypted })
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

impl Setting {
    fn put(self, put: &mut dyn FnMut(u64)) {
        match self {
            Self::None => put(0),
            Self::On(on) => [1, on.into()].into_iter().for_each(put),
            Self::Sends(gap, writes_ppm) => {
                // No population sends without a pause, so that nought is free to stand for none.
                let gap = gap.map_or(0, SimDuration::as_nanos);
                [2, gap, writes_ppm.into()].into_iter().for_each(put);
            }
            Self::Balances(retry, algorithm, mode, interval, fall, rise) => {
                let algorithm = place(&Algorithm::ALL, algorithm);
                let mode = place(&PoolMode::ALL.map(|(mode, _)| mode), mode);
                let numbers =
                    [3, retry.into(), algorithm, mode, interval.as_nanos(), fall.into(), rise.into()];
                numbers.into_iter().for_each(put);
            }
            Self::Reads(route) => {
                [4, place(&ReadRoute::ALL.map(|(route, _)| route), route)].into_iter().for_each(put);
            }
            Self::Commits(replicas) => [5, replicas.into()].into_iter().for_each(put),
            Self::Manages(automatic, fencing) => {
                let fencing = place(&scenario::Fencing::ALL.map(|(fencing, _)| fencing), fencing);
                [6, automatic.into(), fencing].into_iter().for_each(put);
            }
        }
    }

    fn take(take: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        let small = |number: u64| u32::try_from(number).ok();
        Some(match take()? {
            0 => Self::None,
            1 => Self::On(take()? == 1),
            2 => {
                let gap = take()?;
                Self::Sends((gap > 0).then(|| SimDuration::from_nanos(gap)), small(take()?)?)
            }
            3 => {
                let retry = take()? == 1;
                let algorithm = at(Algorithm::ALL, take()?)?;
                let (mode, _) = at(PoolMode::ALL, take()?)?;
                let interval = SimDuration::from_nanos(take()?);
                Self::Balances(retry, algorithm, mode, interval, small(take()?)?, small(take()?)?)
            }
            4 => Self::Reads(at(ReadRoute::ALL, take()?)?.0),
            5 => Self::Commits(small(take()?)?),
            6 => Self::Manages(take()? == 1, at(scenario::Fencing::ALL, take()?)?.0),
            _ => return None,
        })
    }
}

/// Where a value stands among all that there are.
fn place<T: Copy + PartialEq, const N: usize>(all: &[T; N], value: T) -> u64 {
    all.iter().position(|other| *other == value).unwrap_or_default() as u64
}

/// What stands there.
fn at<T: Copy, const N: usize>(all: [T; N], place: u64) -> Option<T> {
    all.get(usize::try_from(place).ok()?).copied()
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
    use alloc::rc::Rc;

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
            include_str!("../../../scenarios/classic-stack.json"),
            include_str!("../../../scenarios/open-to-the-world.json"),
            include_str!("../../../scenarios/two-primaries.json"),
        ] {
            let (scenario, _, mut sim) = started(text);
            sim.run_until(SimTime::from_secs(1), u64::MAX);
            let modes = Modes::of(&sim.snapshot());
            assert_eq!(Modes::read(&modes.write()).as_ref(), Some(&modes));
            let present = modes.applied_to(&scenario);
            assert_eq!(present, Scenario { script: Vec::new(), ..scenario });
        }
    }

    #[test]
    fn modes_that_were_changed_are_in_it_and_faults_are_not() {
        let (scenario, plan, mut sim) = started(include_str!("../../../scenarios/classic-stack.json"));
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
        let modes = Modes::of(&sim.snapshot());
        assert_eq!(Modes::read(&modes.write()).as_ref(), Some(&modes), "another program knows them as well");
        let present = modes.applied_to(&scenario);
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

    #[test]
    fn numbers_that_mean_nothing_are_no_modes() {
        for text in ["", "1", "1 7", "1 3 1 9 0 1 1 1 0 0", "x", "2 0", "0 1 1 1", "1 5 4294967296 0 0"] {
            assert_eq!(Modes::read(text), None, "{text}");
        }
        assert!(Modes::read("0 0 0").is_some());
    }
}
