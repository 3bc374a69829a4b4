//! What can be done to a node or a link at this moment: the same for menus, the inspector and the keyboard.

use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{NodeKind, Plan};
use understudy_sim::rng::Rng;
use understudy_sim::view::{NodeDetail, Snapshot};
use understudy_sim::{Command, SimDuration};

use crate::selection::Selection;
use crate::stage::kinds::look;

/// What is to be done, whatever to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// End the process.
    Kill,
    /// End it with a request inside.
    KillMidRequest,
    /// Freeze it.
    Hang,
    /// Slow it down, or let it run as usual.
    Slow,
    /// Stop it cleanly and start it again.
    Restart,
    /// Stop it cleanly.
    Stop,
    /// Start it again; heal the link.
    Mend,
    /// Cut every link of the node; cut the link.
    Cut,
    /// Cut the link in one direction.
    CutOneWay,
    /// Make the link slow.
    Delay,
    /// Make the link lossy.
    Lose,
    /// Send more.
    Overload,
}

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Which.
    pub verb: Verb,
    /// What is written on its control: "Kill", "Heal".
    pub label: &'static str,
    /// Its key.
    pub key: &'static str,
    /// Whether it breaks something.
    pub breaks: bool,
    /// The commands that do it, in order.
    pub commands: Vec<Command>,
}

/// How many times as long a slowed node takes.
pub const SLOW_TIMES: u32 = 5;
/// How many times as much overloaded clients send.
pub const OVERLOAD_TIMES: u32 = 10;
/// How long an overload lasts.
pub const OVERLOAD_LASTS: SimDuration = SimDuration::from_secs(5);
/// Packets in a million that a lossy link loses.
pub const LOSS_PPM: u32 = 200_000;
/// What a delayed link takes longer.
pub const DELAY: SimDuration = SimDuration::from_millis(200);

/// What can be done to what is selected, at this moment.
pub fn of(selection: Selection, plan: &Plan, snapshot: &Snapshot) -> Vec<Act> {
    match selection {
        Selection::Node(id) => of_node(id, plan, snapshot),
        Selection::Link(id) => of_link(id, plan, snapshot),
        Selection::Request(_) => Vec::new(),
    }
}

fn of_node(id: NodeId, plan: &Plan, snapshot: &Snapshot) -> Vec<Act> {
    let (Some(node), Some(view)) = (plan.node(id), snapshot.nodes.get(id.get())) else { return Vec::new() };
    let mut acts = Vec::new();
    let mut act = |verb, label, key, breaks, commands| acts.push(Act { verb, label, key, breaks, commands });
    if let NodeDetail::Clients { times, .. } = view.detail {
        let (label, times) = if times > 1 { ("As much as usual", 1) } else { ("Overload", OVERLOAD_TIMES) };
        let command = Command::Overload { clients: id, times, lasts: OVERLOAD_LASTS };
        act(Verb::Overload, label, "O", times > 1, vec![command]);
        return acts;
    }
    let works =
        matches!(node.kind, NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) | NodeKind::Database(_));
    let has_requests = works || matches!(node.kind, NodeKind::LoadBalancer(_) | NodeKind::Firewall(_));
    if !look(&node.kind).can_die {
        // Whoever is not ours has machines that nobody here can stop.
    } else if view.truth.is_up() {
        act(Verb::Kill, "Kill", "K", true, vec![Command::Kill(id)]);
        if has_requests {
            act(Verb::KillMidRequest, "Kill mid-request", "M", true, vec![Command::KillMidRequest(id)]);
        }
        act(Verb::Hang, "Freeze", "H", true, vec![Command::Hang(id)]);
        if works {
            let is_slow = view.slowness > 1;
            let (label, times) = if is_slow { ("As fast as usual", 1) } else { ("Slow down", SLOW_TIMES) };
            act(Verb::Slow, label, "S", !is_slow, vec![Command::Slow { node: id, times }]);
        }
        act(Verb::Stop, "Stop", "P", true, vec![Command::Stop(id)]);
        act(Verb::Restart, "Restart", "B", true, vec![Command::Restart(id)]);
    } else {
        act(Verb::Mend, "Revive", "R", false, vec![Command::Revive(id)]);
    }
    let links = || plan.links().filter(|(_, link)| link.from == id || link.to == id).map(|(link, _)| link);
    let is_cut = |link: LinkId| snapshot.links[link.get()].cut_forward && snapshot.links[link.get()].cut_back;
    let cut = !links().all(is_cut);
    let to_change = links().filter(|link| is_cut(*link) != cut);
    let commands = to_change.map(|link| Command::Cut { link, forward: cut, back: cut }).collect();
    act(Verb::Cut, if cut { "Cut off" } else { "Connect again" }, "X", cut, commands);
    acts
}

fn of_link(link: LinkId, plan: &Plan, snapshot: &Snapshot) -> Vec<Act> {
    let Some(view) = snapshot.links.get(link.get()).filter(|_| link.get() < plan.links().len()) else {
        return Vec::new();
    };
    let mut acts = Vec::new();
    let mut act = |verb, label, key, breaks, command| {
        acts.push(Act { verb, label, key, breaks, commands: vec![command] });
    };
    let cut = |forward, back| Command::Cut { link, forward, back };
    match (view.cut_forward, view.cut_back) {
        (false, false) => {
            act(Verb::Cut, "Cut", "X", true, cut(true, true));
            act(Verb::CutOneWay, "Cut one way", "1", true, cut(true, false));
        }
        (forward, back) => {
            act(Verb::Mend, "Heal", "R", false, cut(false, false));
            if forward != back {
                act(Verb::CutOneWay, "Cut the other way", "1", true, cut(back, forward));
            }
        }
    }
    let is_slow = !view.delay.is_zero();
    let (label, delay) = if is_slow { ("No delay", SimDuration::ZERO) } else { ("Delay", DELAY) };
    act(Verb::Delay, label, "D", !is_slow, Command::Delay { link, delay });
    let is_lossy = view.loss_ppm > 0;
    let (label, loss_ppm) = if is_lossy { ("No loss", 0) } else { ("Lose packets", LOSS_PPM) };
    act(Verb::Lose, label, "L", !is_lossy, Command::Lose { link, loss_ppm });
    acts
}

/// The act that a key means for what is selected, if it means one now. Overload needs no selection: it is the clients
/// that send.
pub fn by_verb(verb: Verb, selection: Selection, plan: &Plan, snapshot: &Snapshot) -> Option<Act> {
    let find = |selection| of(selection, plan, snapshot).into_iter().find(|act| act.verb == verb);
    find(selection).or_else(|| {
        let mut clients = plan.nodes().filter(|(_, node)| matches!(node.kind, NodeKind::Clients(_)));
        clients.next().filter(|_| verb == Verb::Overload).and_then(|(id, _)| find(Selection::Node(id)))
    })
}

/// The links between balancers that share an address: cutting them makes two masters.
pub fn between_balancers(plan: &Plan) -> Vec<LinkId> {
    let is_balancer = |id| matches!(plan.node(id).map(|node| &node.kind), Some(NodeKind::LoadBalancer(_)));
    plan.links()
        .filter(|(_, link)| is_balancer(link.from) && is_balancer(link.to))
        .map(|(id, _)| id)
        .collect()
}

/// A fault drawn at random, and what it breaks. The same seed and number draw the same.
pub fn surprise(seed: u64, number: usize, plan: &Plan, snapshot: &Snapshot) -> Option<(Selection, Act)> {
    let nodes = plan.nodes().map(|(id, _)| Selection::Node(id));
    let links = plan.links().map(|(id, _)| Selection::Link(id));
    let mut all: Vec<(Selection, Act)> = Vec::new();
    for thing in nodes.chain(links) {
        let breaking = of(thing, plan, snapshot).into_iter().filter(|act| act.breaks);
        all.extend(breaking.map(|act| (thing, act)));
    }
    let mut draws = Rng::for_purpose(seed, &format!("surprise/{number}"));
    let count = u64::try_from(all.len()).ok().filter(|count| *count > 0)?;
    let place = usize::try_from(draws.below(count)).ok()?;
    Some(all.swap_remove(place))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use understudy_sim::{Scenario, Sim, SimTime};

    use super::*;

    fn sim(text: &str) -> Sim {
        Sim::new(Rc::new(Scenario::read("scene", text).expect("it makes sense")), 7)
    }

    fn labels(sim: &Sim, thing: Selection) -> Vec<&'static str> {
        of(thing, sim.plan(), &sim.snapshot()).iter().map(|act| act.label).collect()
    }

    const WEB: &str = include_str!("../scenarios/three-web-servers.json");
    const PAIR: &str = include_str!("../scenarios/two-balancers.json");

    #[test]
    fn what_was_broken_can_be_mended() {
        let mut sim = sim(WEB);
        let web_2 = Selection::Node(sim.plan().find("web-2").expect("there"));
        for (label, mended_by) in [
            ("Kill", "Revive"),
            ("Freeze", "Revive"),
            ("Slow down", "As fast as usual"),
            ("Cut off", "Connect again"),
        ] {
            for wanted in [label, mended_by] {
                let acts = of(web_2, sim.plan(), &sim.snapshot());
                let act = acts.into_iter().find(|act| act.label == wanted).expect(wanted);
                for command in act.commands {
                    sim.command(command).expect("what is offered can be done");
                }
            }
            assert!(labels(&sim, web_2).contains(&label), "{label} is on offer again");
        }
    }

    #[test]
    fn a_link_is_cut_each_way_and_healed() {
        let mut sim = sim(PAIR);
        let link = between_balancers(sim.plan())[0];
        let thing = Selection::Link(link);
        for (label, cut) in [
            ("Cut one way", (true, false)),
            ("Cut the other way", (false, true)),
            ("Heal", (false, false)),
            ("Cut", (true, true)),
        ] {
            let act = of(thing, sim.plan(), &sim.snapshot()).into_iter().find(|act| act.label == label);
            sim.command(act.expect(label).commands[0]).expect("what is offered can be done");
            let view = sim.snapshot().links[link.get()];
            assert_eq!((view.cut_forward, view.cut_back), cut, "{label}");
        }
    }

    #[test]
    fn everything_on_offer_can_be_done_in_every_scene() {
        for text in [
            WEB,
            PAIR,
            include_str!("../scenarios/primary-and-replicas.json"),
            include_str!("../scenarios/two-primaries.json"),
            include_str!("../scenarios/classic-stack.json"),
        ] {
            let mut sim = sim(text);
            sim.run_until(SimTime::from_secs(2), u64::MAX);
            let nodes = sim.plan().nodes().map(|(id, _)| Selection::Node(id));
            let things: Vec<Selection> =
                nodes.chain(sim.plan().links().map(|(id, _)| Selection::Link(id))).collect();
            for thing in things {
                for act in of(thing, sim.plan(), &sim.snapshot()) {
                    for command in act.commands {
                        sim.command(command).unwrap_or_else(|error| panic!("{}: {error}", act.label));
                    }
                }
            }
        }
    }

    #[test]
    fn surprises_break_something_and_come_again_with_the_same_seed() {
        let sim = sim(WEB);
        let snapshot = sim.snapshot();
        let drawn: Vec<_> = (0..40).filter_map(|number| surprise(7, number, sim.plan(), &snapshot)).collect();
        assert_eq!(drawn.len(), 40);
        assert!(drawn.iter().all(|(_, act)| act.breaks && !act.commands.is_empty()));
        assert!(drawn.iter().any(|first| first != &drawn[0]), "not always the same");
        assert_eq!(surprise(7, 3, sim.plan(), &snapshot).as_ref(), Some(&drawn[3]));
    }
}
