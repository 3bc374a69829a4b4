//! How the open scenario works, and what can be changed about it while it runs: one table, one entry for each control.
//!
//! An entry says which nodes it is about, how its present value is read from the snapshot, and which commands set
//! another. So the panel shows what the simulator says, also when an earlier instant is shown, and a new mode is one
//! entry here. Every value is a number: 0 and 1 of a switch, the place of a choice, the count of a number.

use understudy_core::balancer::Algorithm;
use understudy_core::failover::{self, Fencing};
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{NextTier, NodeKind, Plan};
use understudy_sim::scenario::{self, Behaviour, PoolMode, ReadRoute};
use understudy_sim::view::{DatabaseRole, NodeDetail, Sends, Snapshot};
use understudy_sim::{Command, SimDuration};

/// How a control looks.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// On or off.
    Switch,
    /// One of some, as the plan allows.
    Choice(fn(&Plan) -> &'static [&'static str]),
    /// A number in a unit, from the least to the most.
    Number(&'static str, u64, u64),
}

/// One control.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// The heading that it stands under.
    pub group: &'static str,
    /// What it is called; a node's name is added where there is one control for each.
    pub label: &'static str,
    /// What it does, in a line.
    pub help: &'static str,
    /// How it looks.
    pub kind: Kind,
    /// Whether each node has a control of its own.
    pub each: bool,
    /// The nodes that it is about; the control is not shown if there are none.
    pub targets: fn(&Plan) -> Vec<NodeId>,
    /// Its present value, for one of them.
    pub read: fn(&Plan, &Snapshot, NodeId) -> Option<u64>,
    /// The commands that set a value.
    pub set: fn(&Scene<'_>, &[NodeId], u64) -> Vec<Command>,
}

/// The world that a command is for.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Its plan.
    pub plan: &'a Plan,
    /// How it stands.
    pub snapshot: &'a Snapshot,
}

const ALGORITHMS: [(Algorithm, &str); 6] = [
    (Algorithm::RoundRobin, "round robin"),
    (Algorithm::LeastConnections, "least connections"),
    (Algorithm::RandomTwo, "random of two"),
    (Algorithm::IpHash, "IP hash"),
    (Algorithm::Maglev, "Maglev hash"),
    (Algorithm::PeakEwma, "peak EWMA"),
];

/// Every control, in the order in which they are shown.
pub const MODES: [Mode; 21] = [
    Mode {
        group: "Web tier",
        label: "Servers are",
        help: "Active-passive: standbys serve only while no active server is up.",
        kind: Kind::Choice(|_| &["active-active", "active-passive", "active-passive, all standbys"]),
        each: false,
        targets: pooling,
        read: |_, snapshot, id| balancer(snapshot, id).map(|(mode, ..)| place(&PoolMode::ALL, mode)),
        set: set_pool,
    },
    Mode {
        group: "Web tier",
        label: "Algorithm",
        help: "How a balancer picks the server for a request.",
        kind: Kind::Choice(|_| {
            &["round robin", "least connections", "random of two", "IP hash", "Maglev hash", "peak EWMA"]
        }),
        each: false,
        targets: pooling,
        read: |_, snapshot, id| balancer(snapshot, id).map(|(_, algorithm, _)| place(&ALGORITHMS, algorithm)),
        set: |_, all, value| {
            let Some((algorithm, _)) = at(&ALGORITHMS, value) else { return Vec::new() };
            all.iter().map(|&balancer| Command::SetAlgorithm { balancer, algorithm }).collect()
        },
    },
    Mode {
        group: "Web tier",
        label: "Retry",
        help: "A refused request goes to the next server instead of back to the reader.",
        kind: Kind::Switch,
        each: false,
        targets: pooling,
        read: |_, snapshot, id| match snapshot.nodes[id.get()].detail {
            NodeDetail::LoadBalancer { retry, .. } => Some(u64::from(retry)),
            _ => None,
        },
        set: |_, all, value| {
            all.iter().map(|&balancer| Command::SetRetry { balancer, on: value == 1 }).collect()
        },
    },
    Mode {
        group: "Health checks",
        label: "Every",
        help: "Time from the end of a check to the next: shorter finds a death sooner and costs more.",
        kind: Kind::Number("ms", 100, 60_000),
        each: false,
        targets: balancers,
        read: |_, snapshot, id| Some(millis(balancer(snapshot, id)?.2.0)),
        set: |scene, all, value| health(scene, all, |set| set.0 = SimDuration::from_millis(value)),
    },
    Mode {
        group: "Health checks",
        label: "Fall",
        help: "Failed checks in a row that take a server out.",
        kind: Kind::Number("checks", 1, 100),
        each: false,
        targets: balancers,
        read: |_, snapshot, id| Some(balancer(snapshot, id)?.2.1.into()),
        set: |scene, all, value| health(scene, all, |set| set.1 = count(value)),
    },
    Mode {
        group: "Health checks",
        label: "Rise",
        help: "Passed checks in a row that put it back.",
        kind: Kind::Number("checks", 1, 100),
        each: false,
        targets: balancers,
        read: |_, snapshot, id| Some(balancer(snapshot, id)?.2.2.into()),
        set: |scene, all, value| health(scene, all, |set| set.2 = count(value)),
    },
    Mode {
        group: "Load balancers",
        label: "Second balancer",
        help: "The one that takes the virtual IP over when the master falls silent.",
        kind: Kind::Switch,
        each: false,
        targets: second_balancer,
        read: |_, snapshot, id| Some(u64::from(snapshot.nodes[id.get()].truth.is_up())),
        set: |_, all, value| {
            all.iter().map(|&id| if value == 1 { Command::Revive(id) } else { Command::Stop(id) }).collect()
        },
    },
    Mode {
        group: "Database",
        label: "Reads go to",
        help: "Replicas share the work, but what they show may be a little old.",
        kind: Kind::Choice(|_| &["the primary", "the replicas", "all", "read your writes"]),
        each: false,
        targets: with_databases,
        read: |_, snapshot, id| match snapshot.nodes[id.get()].detail {
            NodeDetail::Server { reads: Some(reads), .. } => Some(place(&ReadRoute::ALL, reads)),
            _ => None,
        },
        set: |_, _, value| {
            at(&ReadRoute::ALL, value).map(|(reads, _)| Command::SetAllReads(reads)).into_iter().collect()
        },
    },
    Mode {
        group: "Database",
        label: "Commit waits for",
        help: "A write that a replica has too survives the primary; the client waits longer.",
        kind: Kind::Choice(|plan| {
            &["nobody", "any 1 replica", "any 2 replicas"][..plan.databases().len().clamp(1, 3)]
        }),
        each: false,
        targets: |plan| if plan.databases().len() > 1 { plan.databases().to_vec() } else { Vec::new() },
        read: |_, snapshot, id| match snapshot.nodes[id.get()].detail {
            NodeDetail::Database { role: DatabaseRole::Primary, sync_replicas, .. } => {
                Some(sync_replicas.into())
            }
            _ => None,
        },
        set: |_, _, value| vec![Command::SetCommit { replicas: count(value) }],
    },
    Mode {
        group: "Database",
        label: "Automatic failover",
        help: "The failover manager promotes a replica by itself when the primary is gone.",
        kind: Kind::Switch,
        each: false,
        targets: managers,
        read: |_, snapshot, id| match snapshot.nodes[id.get()].detail {
            NodeDetail::FailoverManager { mode, .. } => Some(u64::from(mode == failover::Mode::Automatic)),
            _ => None,
        },
        set: |_, all, value| {
            let mode = if value == 1 { failover::Mode::Automatic } else { failover::Mode::Manual };
            let command = failover::Command::SetMode(mode);
            all.iter().map(|&manager| Command::Manage { manager, command }).collect()
        },
    },
    Mode {
        group: "Database",
        label: "Fencing",
        help: "How the old primary is stopped for sure; without it, two may take writes.",
        kind: Kind::Choice(|_| &["none", "a device cuts its power", "its lease runs out"]),
        each: false,
        targets: managers,
        read: |_, snapshot, id| match snapshot.nodes[id.get()].detail {
            NodeDetail::FailoverManager { fencing, .. } => Some(match fencing {
                Fencing::None => 0,
                Fencing::Device { .. } => 1,
                Fencing::Lease { .. } => 2,
            }),
            _ => None,
        },
        set: |_, all, value| {
            let Some((fencing, _)) = at(&scenario::Fencing::ALL, value) else { return Vec::new() };
            all.iter().map(|&manager| Command::SetFencing { manager, fencing }).collect()
        },
    },
    Mode {
        group: "Guard rails",
        label: "Firewall",
        help: "Lets through what goes to the open port; off, it lets everything through.",
        kind: Kind::Switch,
        each: false,
        targets: |plan| of_kind(plan, |kind| matches!(kind, NodeKind::Firewall(_))),
        read: |_, snapshot, id| match snapshot.nodes[id.get()].detail {
            NodeDetail::Firewall { on, .. } => Some(u64::from(on)),
            _ => None,
        },
        set: |_, all, value| {
            all.iter().map(|&firewall| Command::SetFirewall { firewall, on: value == 1 }).collect()
        },
    },
    Mode {
        group: "Guard rails",
        label: "HTTPS",
        help: "What clients send is encrypted up to the first balancer or server.",
        kind: Kind::Switch,
        each: false,
        targets: clients,
        read: |plan, snapshot, id| {
            let mut links = plan.links().filter(|(_, link)| link.from == id).map(|(link, _)| link);
            let carries_data = |link: &LinkId| {
                let link = &snapshot.links[link.get()];
                link.tls || link.readable
            };
            links.find(carries_data).map(|link| snapshot.links[link.get()].tls.into())
        },
        set: |_, _, value| vec![Command::SetHttps { on: value == 1 }],
    },
    Mode {
        group: "Guard rails",
        label: "Monitoring",
        help: "The monitor asks every node for its counters and calls somebody when they are bad.",
        kind: Kind::Switch,
        each: false,
        targets: |plan| of_kind(plan, |kind| matches!(kind, NodeKind::Monitor(_))),
        read: |_, snapshot, id| match snapshot.nodes[id.get()].detail {
            NodeDetail::Monitor { on, .. } => Some(u64::from(on)),
            _ => None,
        },
        set: |_, all, value| {
            all.iter().map(|&monitor| Command::SetMonitoring { monitor, on: value == 1 }).collect()
        },
    },
    Mode {
        group: "Attack",
        label: "The attacker",
        help: "Tries ports, floods the entries, or asks the databases directly.",
        kind: Kind::Choice(|_| &["does nothing", "scans ports", "floods", "queries databases"]),
        each: false,
        targets: |plan| of_kind(plan, |kind| matches!(kind, NodeKind::Attacker(_))),
        read: |_, snapshot, id| match snapshot.nodes[id.get()].detail {
            NodeDetail::Attacker { behaviour, .. } => Some(place(&Behaviour::ALL, behaviour)),
            _ => None,
        },
        set: |_, all, value| {
            let Some((behaviour, _)) = at(&Behaviour::ALL, value) else { return Vec::new() };
            all.iter().map(|&attacker| Command::Attack { attacker, behaviour }).collect()
        },
    },
    Mode {
        group: "Traffic",
        label: "Requests per second",
        help: "On average; the gaps are random (Poisson).",
        kind: Kind::Number("/s", 1, 100_000),
        each: true,
        targets: clients,
        read: |_, snapshot, id| match sends(snapshot, id)? {
            (Sends::Every(gap), ..) => Some((1_000_000_000 + gap.as_nanos() / 2) / gap.as_nanos().max(1)),
            (Sends::Users(_), ..) => None,
        },
        set: |_, all, value| {
            let mean_gap = SimDuration::from_nanos(1_000_000_000 / value.max(1));
            all.iter().map(|&clients| Command::SetRate { clients, mean_gap }).collect()
        },
    },
    Mode {
        group: "Traffic",
        label: "Writes",
        help: "Share of the requests that change data.",
        kind: Kind::Number("%", 0, 100),
        each: true,
        targets: |plan| if plan.databases().is_empty() { Vec::new() } else { clients(plan) },
        read: |_, snapshot, id| Some(u64::from(sends(snapshot, id)?.1) / 10_000),
        set: |scene, all, value| {
            // Static files have their share already.
            let rest = |id: NodeId| match scene.plan.node(id).map(|node| &node.kind) {
                Some(NodeKind::Clients(clients)) => 1_000_000 - clients.static_ppm,
                _ => 1_000_000,
            };
            let set = |&clients: &NodeId| Command::SetWrites {
                clients,
                writes_ppm: count(value * 10_000).min(rest(clients)),
            };
            all.iter().map(set).collect()
        },
    },
    Mode {
        group: "Traffic",
        label: "Burst",
        help: "Ten times as many requests for five seconds.",
        kind: Kind::Switch,
        each: false,
        targets: clients,
        read: |_, snapshot, id| Some(u64::from(sends(snapshot, id)?.2 > 1)),
        set: |_, all, value| {
            let times = if value == 1 { crate::acts::OVERLOAD_TIMES } else { 1 };
            let lasts = crate::acts::OVERLOAD_LASTS;
            all.iter().map(|&clients| Command::Overload { clients, times, lasts }).collect()
        },
    },
    Mode {
        group: "Links",
        label: "Balancers hear each other",
        help: "Cut them off from each other, and both believe that they are master.",
        kind: Kind::Switch,
        each: false,
        targets: second_balancer,
        read: |plan, snapshot, _| {
            let cut = |link: &LinkId| {
                let link = &snapshot.links[link.get()];
                link.cut_forward || link.cut_back
            };
            Some(u64::from(!crate::acts::between_balancers(plan).iter().any(cut)))
        },
        set: |scene, _, value| {
            let cut = value == 0;
            let links = crate::acts::between_balancers(scene.plan).into_iter();
            links.map(|link| Command::Cut { link, forward: cut, back: cut }).collect()
        },
    },
    Mode {
        group: "Weights",
        label: "",
        help: "",
        kind: Kind::Number("parts", 1, 1_000),
        each: true,
        targets: pooled,
        read: |_, snapshot, id| pool_entry(snapshot, id).map(|(weight, _)| weight.into()),
        set: |_, all, value| {
            all.iter().map(|&server| Command::SetWeight { server, weight: count(value) }).collect()
        },
    },
    Mode {
        group: "Standbys",
        label: "",
        help: "",
        kind: Kind::Switch,
        each: true,
        targets: pooled,
        read: |_, snapshot, id| pool_entry(snapshot, id).map(|(_, standby)| standby.into()),
        set: |_, all, value| {
            all.iter().map(|&server| Command::SetStandby { server, on: value == 1 }).collect()
        },
    },
];

fn of_kind(plan: &Plan, is: fn(&NodeKind) -> bool) -> Vec<NodeId> {
    plan.nodes().filter(|(_, node)| is(&node.kind)).map(|(id, _)| id).collect()
}

fn balancers(plan: &Plan) -> Vec<NodeId> {
    of_kind(plan, |kind| matches!(kind, NodeKind::LoadBalancer(_)))
}

/// Balancers with a choice.
fn pooling(plan: &Plan) -> Vec<NodeId> {
    of_kind(plan, |kind| matches!(kind, NodeKind::LoadBalancer(balancer) if balancer.pool.len() > 1))
}

fn clients(plan: &Plan) -> Vec<NodeId> {
    of_kind(plan, |kind| matches!(kind, NodeKind::Clients(_)))
}

fn managers(plan: &Plan) -> Vec<NodeId> {
    of_kind(plan, |kind| matches!(kind, NodeKind::FailoverManager(_)))
}

fn with_databases(plan: &Plan) -> Vec<NodeId> {
    of_kind(plan, |kind| match kind {
        NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => {
            matches!(&server.next_tier, NextTier::Databases { links, .. } if links.len() > 1)
        }
        _ => false,
    })
}

/// The servers that some balancer has a choice of, each once, as long as they are few enough to be listed.
fn pooled(plan: &Plan) -> Vec<NodeId> {
    let mut servers = Vec::new();
    for id in pooling(plan) {
        let Some(NodeKind::LoadBalancer(balancer)) = plan.node(id).map(|node| &node.kind) else { continue };
        for link in &balancer.pool {
            let server = plan.link(*link).to;
            if !servers.contains(&server) {
                servers.push(server);
            }
        }
    }
    if servers.len() > 8 { Vec::new() } else { servers }
}

/// Of the balancers that share an address, the one that is the last to hold it.
fn second_balancer(plan: &Plan) -> Vec<NodeId> {
    let shared = plan.nodes().filter_map(|(id, node)| match &node.kind {
        NodeKind::LoadBalancer(balancer) => Some((balancer.vrrp.as_ref()?.priority, id)),
        _ => None,
    });
    let all: Vec<_> = shared.collect();
    if all.len() < 2 {
        return Vec::new();
    }
    all.iter().min_by_key(|(priority, _)| priority.get()).map(|(_, id)| *id).into_iter().collect()
}

type Health = (SimDuration, u32, u32);

fn balancer(snapshot: &Snapshot, id: NodeId) -> Option<(PoolMode, Algorithm, Health)> {
    match &snapshot.nodes[id.get()].detail {
        NodeDetail::LoadBalancer { mode, algorithm, health, .. } => {
            Some((*mode, *algorithm, (health.interval, health.fall, health.rise)))
        }
        _ => None,
    }
}

fn sends(snapshot: &Snapshot, id: NodeId) -> Option<(Sends, u32, u32)> {
    match snapshot.nodes[id.get()].detail {
        NodeDetail::Clients { sends, writes_ppm, times, .. } => Some((sends, writes_ppm, times)),
        _ => None,
    }
}

/// A server's weight and whether it stands by, as the first balancer that has it says.
fn pool_entry(snapshot: &Snapshot, server: NodeId) -> Option<(u32, bool)> {
    snapshot.nodes.iter().find_map(|node| match &node.detail {
        NodeDetail::LoadBalancer { pool, .. } => {
            pool.iter().find(|entry| entry.server == server).map(|entry| (entry.weight, entry.standby))
        }
        _ => None,
    })
}

/// Another mode for every balancer. Active-passive means nothing while nobody stands by: then all but the first do.
fn set_pool(scene: &Scene<'_>, all: &[NodeId], value: u64) -> Vec<Command> {
    let Some((mode, _)) = at(&PoolMode::ALL, value) else { return Vec::new() };
    let mut commands: Vec<Command> =
        all.iter().map(|&balancer| Command::SetPool { balancer, mode }).collect();
    let servers = pooled(scene.plan);
    let stands_by = |server: &NodeId| pool_entry(scene.snapshot, *server).is_some_and(|(_, standby)| standby);
    if mode != PoolMode::ActiveActive && !servers.iter().any(stands_by) {
        commands.extend(servers.iter().skip(1).map(|&server| Command::SetStandby { server, on: true }));
    }
    commands
}

/// One of the three numbers of health checks changed on every balancer.
fn health(scene: &Scene<'_>, all: &[NodeId], change: impl Fn(&mut Health)) -> Vec<Command> {
    let set = |&id: &NodeId| {
        let (.., mut health) = balancer(scene.snapshot, id)?;
        change(&mut health);
        let (interval, fall, rise) = health;
        Some(Command::SetHealth { balancer: id, interval, fall, rise })
    };
    all.iter().filter_map(set).collect()
}

fn place<T: PartialEq + Copy>(all: &[(T, &str)], value: T) -> u64 {
    all.iter().position(|(other, _)| *other == value).unwrap_or(0) as u64
}

fn at<T: Copy>(all: &[(T, &'static str)], place: u64) -> Option<(T, &'static str)> {
    all.get(usize::try_from(place).ok()?).copied()
}

fn count(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn millis(time: SimDuration) -> u64 {
    time.as_nanos() / 1_000_000
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use understudy_sim::{Scenario, Sim, SimTime};

    use super::*;

    const SCENES: [&str; 5] = [
        include_str!("../scenarios/three-web-servers.json"),
        include_str!("../scenarios/two-balancers.json"),
        include_str!("../scenarios/primary-and-replicas.json"),
        include_str!("../scenarios/two-primaries.json"),
        include_str!("../scenarios/classic-stack.json"),
    ];

    fn sim(text: &str) -> Sim {
        Sim::new(Rc::new(Scenario::read("scene", text).expect("it makes sense")), 7)
    }

    fn value(sim: &Sim, mode: &Mode) -> Option<u64> {
        let snapshot = sim.snapshot();
        (mode.targets)(sim.plan()).into_iter().find_map(|id| (mode.read)(sim.plan(), &snapshot, id))
    }

    #[test]
    fn every_value_that_can_be_set_is_then_read() {
        let mut seen = vec![0; MODES.len()];
        for text in SCENES {
            let mut sim = sim(text);
            sim.run_until(SimTime::from_secs(3), u64::MAX);
            for (number, mode) in MODES.iter().enumerate() {
                let targets = (mode.targets)(sim.plan());
                if targets.is_empty() {
                    continue;
                }
                seen[number] += 1;
                let values: Vec<u64> = match mode.kind {
                    Kind::Switch => vec![1, 0, 1],
                    Kind::Choice(options) => (0..options(sim.plan()).len() as u64).rev().collect(),
                    Kind::Number(_, least, most) => {
                        vec![least, u64::midpoint(least, most), most, least.max(5)]
                    }
                };
                for wanted in values {
                    let snapshot = sim.snapshot();
                    let scene = Scene { plan: &Plan::clone(sim.plan()), snapshot: &snapshot };
                    for command in (mode.set)(&scene, &targets, wanted) {
                        sim.command(command).unwrap_or_else(|error| panic!("{}: {error}", mode.label));
                    }
                    // A clean stop takes a moment.
                    sim.run_until(sim.now() + SimDuration::from_millis(20), u64::MAX);
                    // Not every request can write where some ask for static files.
                    let most = if mode.label == "Writes" { 70 } else { u64::MAX };
                    let read = value(&sim, mode).map(|value| value.min(most));
                    assert_eq!(read, Some(wanted.min(most)), "{} {}", mode.group, mode.label);
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 0), "some scene has each of them: {seen:?}");
    }

    #[test]
    fn only_what_a_scenario_can_use_is_shown() {
        let shown = |text: &str| {
            let sim = sim(text);
            let modes = MODES.iter().filter(|mode| !(mode.targets)(sim.plan()).is_empty());
            modes.map(|mode| mode.label).collect::<Vec<_>>()
        };
        let web = shown(SCENES[0]);
        assert!(
            web.contains(&"Algorithm") && !web.contains(&"Reads go to") && !web.contains(&"Second balancer")
        );
        assert!(shown(SCENES[2]).contains(&"Commit waits for"));
    }

    #[test]
    fn active_passive_puts_all_but_one_on_standby_once() {
        let mut sim = sim(SCENES[0]);
        let mode = &MODES[0];
        let targets = (mode.targets)(sim.plan());
        for wanted in [1, 0, 1] {
            let snapshot = sim.snapshot();
            let scene = Scene { plan: &Plan::clone(sim.plan()), snapshot: &snapshot };
            for command in (mode.set)(&scene, &targets, wanted) {
                sim.command(command).expect("it can be set");
            }
        }
        let snapshot = sim.snapshot();
        let standbys: Vec<bool> = pooled(sim.plan())
            .into_iter()
            .filter_map(|id| pool_entry(&snapshot, id).map(|(_, standby)| standby))
            .collect();
        assert_eq!(standbys, [false, true, true]);
    }
}
