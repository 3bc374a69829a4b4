//! What would mend each weakness, as an edited scenario where a scenario can say it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use understudy_core::SimDuration;
use understudy_sim::Plan;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;
use understudy_sim::scenario::{Node, ReadRoute, Scenario};

use crate::data::Data;
use crate::edit::Edit;
use crate::finder::all_of;
use crate::findings::{Cost, Fix};
use crate::interruption::{Reaction, SAME};
use crate::losses::{Component, Losses};
use crate::monitoring::Monitoring;
use crate::security::{Exposure, Readable};
use crate::system::{Reactions, System};
use crate::weakness::{Effect, Weakness};

fn fix(what: impl Into<String>, edit: Edit) -> Option<Fix> {
    let Edit { scenario, added } = edit;
    // A fix that would not make sense is none.
    Plan::build(&scenario).ok()?;
    Some(Fix {
        what: what.into(),
        cost: Cost { nodes: added, latency_per_write: None },
        scenario: Some(scenario),
        preview: None,
    })
}

fn in_words(what: impl Into<String>) -> Fix {
    Fix { what: what.into(), cost: Cost::default(), scenario: None, preview: None }
}

/// What would mend a weakness, or the like weaknesses of several components, each lost on its own.
pub(crate) fn of_weakness(plan: &Plan, scenario: &Scenario, alike: &[&Weakness]) -> Option<Fix> {
    let first = alike.first()?;
    if let Some(group) = &first.group {
        return Some(in_words(format!("Put one of each kind of node elsewhere than in {group}.")));
    }
    let &[component] = &first.components[..] else { return None };
    match (component, first.effect) {
        (_, Effect::Interrupts) => of_interruption(plan, scenario, alike),
        (Component::Node(id), _) => of_node(plan, scenario, id),
        (Component::Link(link), _) => {
            let link = plan.link(link);
            let (from, to) = (plan.name(link.from), plan.name(link.to));
            Some(in_words(if alike.len() > 1 {
                "Lay each of these links twice, over switches of their own, and bond the two: both would have to fail."
                    .to_string()
            } else {
                format!(
                    "Lay the link from {from} to {to} twice, over switches of their own, and bond the two; or give \
                     {from} a second way that does not lead over it."
                )
            }))
        }
    }
}

/// What makes a third of a pair: another of the first that can be doubled.
pub(crate) fn of_pair(plan: &Plan, scenario: &Scenario, pair: &Weakness) -> Option<Fix> {
    let nodes = pair.components.iter().filter_map(|component| match *component {
        Component::Node(id) => Some(id),
        Component::Link(_) => None,
    });
    for id in nodes {
        let mut edit = Edit::new(scenario);
        let name = plan.name(id);
        let Some(twin) = edit.twin(name) else { continue };
        edit.rank_below(&twin);
        let Some(fix) = fix(format!("Add a third, {twin}, beside {name}."), edit) else { continue };
        let after = Plan::build(fix.scenario.as_ref()?).ok()?;
        let lost = pair.components.iter().filter_map(|component| match *component {
            Component::Node(id) => Some(Component::Node(after.find(plan.name(id))?)),
            Component::Link(_) => None,
        });
        let lost: Vec<Component> = lost.collect();
        let answered =
            System::new(&after).outcome(&Losses::of(&after, &lost), Reactions::ALL).answered(pair.service);
        if answered > SAME {
            return Some(fix);
        }
    }
    let is_manager = |component: &Component| match *component {
        Component::Node(id) => {
            matches!(plan.node(id).map(|node| &node.kind), Some(NodeKind::FailoverManager(_)))
        }
        Component::Link(_) => false,
    };
    pair.components.iter().any(is_manager).then(|| {
        in_words(
            "Run the failover manager as three that vote, which go on without any one of them. Here it is one node.",
        )
    })
}

/// Servers that others make up for: try another at once. Where that is done, and for takeovers: find out sooner.
fn of_interruption(plan: &Plan, scenario: &Scenario, alike: &[&Weakness]) -> Option<Fix> {
    let mut edit = Edit::new(scenario);
    let mut without = Vec::new();
    let mut sooner = Vec::new();
    for interruption in &alike[0].interruptions {
        match interruption.by {
            Reaction::HealthChecks => {
                let lost = |id: NodeId| alike.iter().any(|one| one.components == [Component::Node(id)]);
                for (id, node) in plan.nodes() {
                    if let NodeKind::LoadBalancer(balancer) = &node.kind
                        && !balancer.retry
                        && balancer.pool.iter().any(|&link| lost(plan.link(link).to))
                    {
                        edit.retry(plan.name(id));
                        without.push(plan.name(id));
                    }
                }
                if without.is_empty() && edit.check_sooner() {
                    sooner.push("balancers check their servers every second");
                }
            }
            Reaction::AddressTakeover => {
                if edit.advertise_sooner() {
                    sooner.push("balancers advertise their address five times as often");
                }
            }
            Reaction::Failover => {
                if edit.fail_over_sooner() {
                    sooner.push("the manager check the databases twice as often");
                }
            }
        }
    }
    if !without.is_empty() {
        let what = format!("Let {} try the next server when one refuses the connection.", all_of(&without));
        return fix(what, edit);
    }
    if sooner.is_empty() {
        return None;
    }
    let what = format!(
        "Let {}: it takes over sooner, and a pause or a lost message is sooner taken for a death.",
        all_of(&sooner)
    );
    fix(what, edit)
}

fn of_node(plan: &Plan, scenario: &Scenario, id: NodeId) -> Option<Fix> {
    let name = plan.name(id);
    match &plan.node(id)?.kind {
        NodeKind::Clients(_) | NodeKind::Monitor(_) | NodeKind::Attacker(_) | NodeKind::Eavesdropper(_) => {
            None
        }
        NodeKind::Dns(_) => {
            let mut edit = Edit::new(scenario);
            edit.twin(name)?;
            fix(
                format!("Add a second DNS server beside {name}, which clients ask when the first is silent."),
                edit,
            )
        }
        NodeKind::LoadBalancer(_) => of_balancer(plan, scenario, id),
        NodeKind::Firewall(_) => {
            let mut edit = Edit::new(scenario);
            edit.twin(name)?;
            fix(
                format!(
                    "Add a second firewall beside {name}. Clients use both in turn, so this leaves half of them \
                     without an answer when one fails; a pair that shares an address would leave none."
                ),
                edit,
            )
        }
        NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) => of_server(plan, scenario, id),
        NodeKind::Database(_) => of_database(plan, scenario),
        NodeKind::FailoverManager(_) => {
            let mut edit = Edit::new(scenario);
            edit.fence();
            fix(
                format!(
                    "Fence by a device instead of a lease: the primary then goes on while {name} is away, at the \
                     price that nobody promotes a replica meanwhile."
                ),
                edit,
            )
        }
    }
}

fn of_balancer(plan: &Plan, scenario: &Scenario, id: NodeId) -> Option<Fix> {
    let name = plan.name(id).to_string();
    let senders = |of: NodeId| -> Vec<NodeId> {
        plan.links().filter(|(_, link)| link.to == of).map(|(_, link)| link.from).collect()
    };
    let own = senders(id);
    let mut edit = Edit::new(scenario);
    let shares = |id: NodeId| crate::addresses::balancer(plan, id).is_some_and(|one| one.vrrp.is_some());
    let beside = plan.nodes().map(|(other, _)| other).find(|&other| {
        other != id
            && crate::addresses::balancer(plan, other).is_some()
            && senders(other).iter().any(|sender| own.contains(sender))
    });
    match beside {
        Some(other) if shares(id) == shares(other) => {
            let other_name = plan.name(other).to_string();
            if !shares(id) {
                edit.share_address(&[name.clone(), other_name.clone()]);
            }
            edit.link(&name, &other_name);
            // Either must reach all servers and be reached by all who send.
            let is_balancer = |id: NodeId| crate::addresses::balancer(plan, id).is_some();
            for (_, link) in plan.links() {
                let (from, to) = (plan.name(link.from), plan.name(link.to));
                for (one, twin) in [(id, &other_name), (other, &name)] {
                    if link.from == one && !is_balancer(link.to) {
                        edit.link(twin, to);
                    }
                    if link.to == one && !is_balancer(link.from) {
                        edit.link(from, twin);
                    }
                }
            }
            fix(
                format!(
                    "Let {name} and {other_name} share a virtual address, linked with each other, with the same servers \
                     and with all who send to them, so that either takes over from the other."
                ),
                edit,
            )
        }
        _ => {
            let twin = edit.twin(&name)?;
            edit.share_address(&[name.clone(), twin.clone()]);
            fix(
                format!("Add a second balancer, {twin}, that shares a virtual address with {name} (VRRP)."),
                edit,
            )
        }
    }
}

fn of_server(plan: &Plan, scenario: &Scenario, id: NodeId) -> Option<Fix> {
    let name = plan.name(id);
    let mut edit = Edit::new(scenario);
    let direct: Vec<NodeId> = plan
        .links()
        .filter(|(_, link)| link.to == id)
        .filter(|(_, link)| {
            matches!(
                plan.node(link.from).map(|node| &node.kind),
                Some(NodeKind::Clients(_) | NodeKind::Firewall(_))
            )
        })
        .map(|(_, link)| link.from)
        .collect();
    // Who sends to servers in turn without asking whether they are alive needs somebody to do that.
    if direct.is_empty() {
        let twin = edit.twin(name)?;
        return fix(format!("Add another server, {twin}, beside {name}."), edit);
    }
    let mut servers: Vec<String> = plan
        .links()
        .filter(|(_, link)| direct.contains(&link.from))
        .map(|(_, link)| plan.name(link.to).to_string())
        .collect();
    servers.sort();
    servers.dedup();
    if let [_] = servers[..] {
        servers.push(edit.twin(name)?);
    }
    let senders: Vec<String> = direct.iter().map(|&sender| plan.name(sender).to_string()).collect();
    edit.balance(&senders, &servers);
    fix(
        format!(
            "Put a pair of load balancers with a virtual address in front of {}, which check whether each is alive.",
            servers.join(" and ")
        ),
        edit,
    )
}

fn of_database(plan: &Plan, scenario: &Scenario) -> Option<Fix> {
    let sync = plan.nodes().find_map(|(_, node)| match &node.kind {
        NodeKind::Database(database) if database.is_primary => Some(database.primary.rule.count()),
        _ => None,
    })?;
    let mut edit = Edit::new(scenario);
    // One may be lost, and commits still find as many as they wait for.
    edit.cover_primary(sync + 1);
    let what = if sync == 0 {
        "Let an automatic failover manager watch the databases, with at least one replica, linked to all databases and \
         to every server that writes."
            .to_string()
    } else {
        format!(
            "Keep {} replicas, so that commits, which wait for {sync}, go on when one database is lost; an automatic \
             failover manager linked to all databases and to every server that writes.",
            sync + 1
        )
    };
    fix(what, edit)
}

/// Another of a node that is saturated.
pub(crate) fn more_of(plan: &Plan, scenario: &Scenario, name: &str) -> Option<Fix> {
    let id = plan.find(name)?;
    match &plan.node(id)?.kind {
        NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) => of_server(plan, scenario, id),
        NodeKind::Database(_) => {
            Some(in_words(format!("Give {name} more workers, or send reads to replicas.")))
        }
        _ => None,
    }
}

/// Commits that wait for a replica.
pub(crate) fn synchronous(plan: &Plan, scenario: &Scenario, data: &Data) -> Option<Fix> {
    let mut edit = Edit::new(scenario);
    edit.cover_primary(2);
    edit.commit_on(1);
    let mut fix = fix(
        "Let commits wait for one replica, and keep two, so that writes go on when one is lost.".to_string(),
        edit,
    )?;
    let database = plan.find(&data.primary)?;
    let after = Plan::build(fix.scenario.as_ref()?).ok()?;
    let takes = |plan: &Plan, id| crate::data::commit_takes(plan, plan.databases(), id);
    let before = takes(plan, database);
    let with = takes(&after, after.find(&data.primary)?);
    fix.cost.latency_per_write = Some(with.saturating_sub(before)).filter(|more| *more > SimDuration::ZERO);
    Some(fix)
}

/// A manager that makes sure.
pub(crate) fn fencing(plan: &Plan, scenario: &Scenario) -> Option<Fix> {
    let manager = plan.nodes().find(|(_, node)| matches!(node.kind, NodeKind::FailoverManager(_)))?;
    let mut edit = Edit::new(scenario);
    edit.fence();
    fix(
        format!(
            "Let {} cut the old primary's power before it promotes another (a fencing device).",
            manager.1.name
        ),
        edit,
    )
}

/// Reads that see what their session wrote.
pub(crate) fn read_your_writes(scenario: &Scenario, server: &str) -> Option<Fix> {
    let mut edit = Edit::new(scenario);
    let node = edit.scenario.nodes.iter_mut().find(|node| node.name() == server)?;
    let (Node::WebServer(settings) | Node::ApplicationServer(settings)) = node else { return None };
    settings.reads = ReadRoute::ReadYourWrites;
    fix(
        format!(
            "Send the reads of {server} to replicas only when these have replayed the session's last write."
        ),
        edit,
    )
}

/// A firewall in the way that lets through what is meant for everybody. The exposures are alike: one port, one reason.
pub(crate) fn guard(scenario: &Scenario, alike: &[&Exposure]) -> Option<Fix> {
    let mut edit = Edit::new(scenario);
    let first = alike.first()?;
    let what = if let Some(guard) = &first.guard {
        edit.switch_on(guard, first.port);
        format!("Switch {guard} on and do not let port {} through.", first.port)
    } else {
        let guards = alike.iter().map(|exposed| edit.stand_between(&exposed.from, &exposed.node));
        let guards = guards.collect::<Option<Vec<String>>>()?;
        let nodes: Vec<&String> = alike.iter().map(|exposed| &exposed.node).collect();
        format!("Put {} as a firewall between {} and the outside.", all_of(&guards), all_of(&nodes))
    };
    fix(what, edit)
}

/// A limit for each sender.
pub(crate) fn limit(scenario: &Scenario, firewall: &str) -> Option<Fix> {
    let mut edit = Edit::new(scenario);
    edit.limit(firewall)
        .then(|| fix(format!("Let {firewall} limit what a single sender may send."), edit))
        .flatten()
}

/// TLS on these links.
pub(crate) fn encrypt(scenario: &Scenario, links: &[Readable]) -> Option<Fix> {
    let mut edit = Edit::new(scenario);
    for readable in links {
        edit.encrypt(&readable.link[0], &readable.link[1]);
    }
    fix("Use TLS on these links.", edit)
}

/// Somebody who misses a monitor.
pub(crate) fn heartbeat(monitor: &str) -> Fix {
    in_words(format!(
        "Let {monitor} raise an alert that always fires, and something outside that tells somebody when it stops."
    ))
}

/// A monitor that watches these nodes, as far as a monitor can ask them.
pub(crate) fn watch(
    plan: &Plan,
    scenario: &Scenario,
    monitoring: &Monitoring,
    nodes: &[String],
) -> Option<Fix> {
    let can_be_asked = |name: &&String| {
        let node = plan.find(name).and_then(|id| plan.node(id));
        node.is_some_and(|node| {
            matches!(
                node.kind,
                NodeKind::LoadBalancer(_)
                    | NodeKind::WebServer(_)
                    | NodeKind::ApplicationServer(_)
                    | NodeKind::Database(_)
                    | NodeKind::Dns(_)
            )
        })
    };
    let (asked, silent): (Vec<&String>, Vec<&String>) = nodes.iter().partition(can_be_asked);
    let apart = if silent.is_empty() {
        String::new()
    } else {
        format!(" {} tell a monitor nothing: give each a heartbeat that somebody misses.", all_of(&silent))
    };
    if asked.is_empty() {
        return Some(in_words(apart.trim_start()));
    }
    let asked: Vec<String> = asked.into_iter().cloned().collect();
    let mut edit = Edit::new(scenario);
    let existing = monitoring.monitors.first().or(monitoring.switched_off.first());
    let monitor = edit.watch(existing.map(String::as_str), &asked);
    fix(format!("Let {monitor} watch {}.{apart}", all_of(&asked)), edit)
}
