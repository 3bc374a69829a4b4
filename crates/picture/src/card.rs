//! What a card says, as values that change seldom: the page touches only what did.

use understudy_core::failover::Phase;
use understudy_core::vrrp::VrrpState;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, Plan};
use understudy_sim::scenario::Behaviour;
use understudy_sim::view::{DatabaseRole, LogRecord, NodeDetail, Snapshot, Truth};

use crate::layout::Card;
use crate::words;

/// Queue squares beyond this many are told as a number.
pub const MOST_SQUARES: u32 = 8;
/// From this share of busy workers on, in parts per thousand, a server counts as hot.
pub const HOT_PERMILLE: u32 = 850;
/// The steps of a load ring, in parts per thousand.
pub const LOAD_STEP: u32 = 20;
/// Cells of a log that a card has room for.
pub const CELLS: usize = 5;

/// What is true of a node and can change any moment.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Whether it runs.
    pub truth: Truth,
    /// How many times as long as usual its work takes.
    pub slowness: u32,
    /// Whether it only serves when another does not.
    pub standby: bool,
    /// Requests that wait.
    pub queued: u32,
    /// Busy share of its workers in parts per thousand; `None` for kinds that have none.
    pub load_permille: Option<u32>,
}

impl State {
    /// The state of a node that its balancers keep as a backup, or not.
    pub fn of(id: NodeId, backup: bool, snapshot: &Snapshot) -> Self {
        let node = &snapshot.nodes[id.get()];
        let (queued, load_permille) = match node.detail {
            NodeDetail::Server { queued, load_permille, .. }
            | NodeDetail::Database { queued, load_permille, .. } => (queued, Some(load_permille)),
            _ => (0, None),
        };
        let standby = match &node.detail {
            NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } => !shared.held,
            NodeDetail::Server { .. } => backup,
            _ => false,
        };
        Self { truth: node.truth, slowness: node.slowness, standby, queued, load_permille }
    }
}

/// Whether every balancer that sends to a server keeps it as a backup.
pub fn is_backup(id: NodeId, plan: &Plan) -> bool {
    let mut keeps = plan.nodes().filter_map(|(_, node)| match &node.kind {
        NodeKind::LoadBalancer(balancer) => {
            let place = balancer.pool.iter().position(|link| plan.link(*link).to == id)?;
            Some(balancer.servers.get(place)?.backup)
        }
        _ => None,
    });
    keeps.next().is_some_and(|first| first && keeps.all(|other| other))
}

/// A node's role in words.
pub fn role(id: NodeId, plan: &Plan, snapshot: &Snapshot) -> String {
    let node = &snapshot.nodes[id.get()];
    let kind = plan.node(id).map_or("", |node| node.kind.name());
    if !node.truth.is_up() {
        return words::truth(node.truth);
    }
    match &node.detail {
        NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } => match shared.state {
            VrrpState::Master => "master".into(),
            VrrpState::Backup => "backup".into(),
            VrrpState::Initialize => "starting".into(),
        },
        NodeDetail::Database { role, behind, .. } => match (role, behind) {
            (DatabaseRole::Primary, _) => "primary".into(),
            (DatabaseRole::Demoted, _) => "takes no writes".into(),
            (DatabaseRole::Replica { .. }, Some(behind)) => {
                format!("replica \u{b7} {}", words::behind(*behind))
            }
            (DatabaseRole::Replica { .. }, None) => "replica \u{b7} no primary".into(),
        },
        NodeDetail::FailoverManager { phase, .. } => match phase {
            Phase::Watching => "all is well".into(),
            Phase::Electing(_) => "choosing a primary".into(),
            Phase::Fencing(_) => "fencing".into(),
            Phase::Promoting { .. } => "promoting".into(),
            Phase::Draining(_) => "switching over".into(),
        },
        NodeDetail::Monitor { on: false, .. } => "switched off".into(),
        NodeDetail::Monitor { alerts, .. } => {
            match alerts.iter().filter(|alert| alert.state.is_firing()).count() {
                0 => "no alert".into(),
                firing => format!("{} firing", words::counted(firing as u64, "alert")),
            }
        }
        NodeDetail::Attacker { behaviour, .. } => match behaviour {
            Behaviour::Idle => "idle".into(),
            Behaviour::Scan => "tries ports".into(),
            Behaviour::Flood => "floods".into(),
            Behaviour::Inject => "reads the database".into(),
        },
        NodeDetail::Firewall { on: false, .. } => "lets all through".into(),
        NodeDetail::Eavesdropper { readable, unreadable, .. } => {
            format!("reads {} of {}", words::grouped(*readable), words::grouped(readable + unreadable))
        }
        NodeDetail::Server { .. } if is_backup(id, plan) => "standby".into(),
        _ => kind.into(),
    }
}

/// A role for a narrow card: without what the heading above it says already.
pub fn shortened(role: &str, id: NodeId, plan: &Plan, snapshot: &Snapshot) -> String {
    let kind = plan.node(id).map_or("", |node| node.kind.name());
    if role == kind && !rate(id, snapshot).is_empty() {
        return String::new();
    }
    let short = role.split_once(" \u{b7} ").map_or(role, |(_, rest)| rest);
    if rate(id, snapshot).is_empty() { short.into() } else { format!("{short} \u{b7}\u{a0}") }
}

/// How many requests a second it handles, for kinds that handle any.
pub fn rate(id: NodeId, snapshot: &Snapshot) -> String {
    let node = &snapshot.nodes[id.get()];
    match node.detail {
        NodeDetail::FailoverManager { .. }
        | NodeDetail::Database { .. }
        | NodeDetail::Monitor { .. }
        | NodeDetail::Eavesdropper { .. } => String::new(),
        _ if !node.truth.is_up() => String::new(),
        _ => words::per_s(node.rate_per_s.into()),
    }
}

/// The newest records of a database's log and its timeline.
pub fn log(id: NodeId, snapshot: &Snapshot) -> (u32, Vec<LogRecord>) {
    match &snapshot.nodes[id.get()].detail {
        NodeDetail::Database { records, timeline, .. } => (timeline.0, records.clone()),
        _ => (0, Vec::new()),
    }
}

/// The size of letters in which a name of this length fits its card, in pixels: no name is cut off.
pub fn name_size(card: &Card, letters: usize, has_ring: bool) -> f64 {
    /// The widest common fonts need so much of their size for a bold letter.
    const LETTER: f64 = 0.69;
    let taken = match (card.compact, card.tight) {
        (true, _) => 22.0,
        (false, true) => 36.0 + if has_ring { 24.0 } else { 0.0 },
        (false, false) => 60.0 + if has_ring { 34.0 } else { 0.0 },
    };
    let letters = f64::from(u32::try_from(letters.max(1)).unwrap_or(u32::MAX));
    ((card.rect.w - taken) / (LETTER * letters)).max(8.0)
}
