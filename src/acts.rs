//! What can be done to a node or a link at this moment: the same for menus, the inspector and the keyboard.

use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{NodeKind, Plan};
use understudy_sim::view::Snapshot;
use understudy_sim::{Command, SimDuration};

use crate::selection::Selection;

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
/// What a delayed link takes longer.
pub const DELAY: SimDuration = SimDuration::from_millis(200);

impl Act {
    const fn new(verb: Verb, label: &'static str, key: &'static str, breaks: bool, commands: Vec<Command>) -> Self {
        Self { verb, label, key, breaks, commands }
    }
}

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
    if matches!(node.kind, NodeKind::Clients(_)) {
        return acts;
    }
    if view.truth.is_up() {
        acts.push(Act::new(Verb::Kill, "Kill", "K", true, vec![Command::Kill(id)]));
        acts.push(Act::new(Verb::Hang, "Freeze", "H", true, vec![Command::Hang(id)]));
        if matches!(node.kind, NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) | NodeKind::Database(_)) {
            let is_slow = view.slowness > 1;
            let (label, times) = if is_slow { ("As fast as usual", 1) } else { ("Slow down", SLOW_TIMES) };
            acts.push(Act::new(Verb::Slow, label, "S", !is_slow, vec![Command::Slow { node: id, times }]));
        }
    } else {
        acts.push(Act::new(Verb::Mend, "Revive", "R", false, vec![Command::Revive(id)]));
    }
    let links = || plan.links().filter(|(_, link)| link.from == id || link.to == id).map(|(link, _)| link);
    let is_cut = |link: LinkId| {
        let link = &snapshot.links[link.get()];
        link.cut_forward && link.cut_back
    };
    let cut = !links().all(is_cut);
    let commands =
        links().filter(|link| is_cut(*link) != cut).map(|link| Command::Cut { link, forward: cut, back: cut }).collect();
    let label = if cut { "Cut off" } else { "Connect again" };
    acts.push(Act::new(Verb::Cut, label, "X", cut, commands));
    acts
}

fn of_link(link: LinkId, plan: &Plan, snapshot: &Snapshot) -> Vec<Act> {
    let Some(view) = snapshot.links.get(link.get()).filter(|_| link.get() < plan.links().len()) else {
        return Vec::new();
    };
    let mut acts = Vec::new();
    let cut = |forward, back| vec![Command::Cut { link, forward, back }];
    match (view.cut_forward, view.cut_back) {
        (false, false) => {
            acts.push(Act::new(Verb::Cut, "Cut", "X", true, cut(true, true)));
            acts.push(Act::new(Verb::CutOneWay, "Cut one way", "1", true, cut(true, false)));
        }
        (forward, back) => {
            acts.push(Act::new(Verb::Mend, "Heal", "R", false, cut(false, false)));
            if forward != back {
                acts.push(Act::new(Verb::CutOneWay, "Cut the other way", "1", true, cut(back, forward)));
            }
        }
    }
    let is_slow = !view.delay.is_zero();
    let (label, delay) = if is_slow { ("As fast as usual", SimDuration::ZERO) } else { ("Delay", DELAY) };
    acts.push(Act::new(Verb::Delay, label, "D", !is_slow, vec![Command::Delay { link, delay }]));
    acts
}
