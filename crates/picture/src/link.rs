//! Links: how each looks, and what is said of it.

use understudy_sim::ids::LinkId;
use understudy_sim::plan::{NodeKind, Plan};
use understudy_sim::view::LinkView;
use understudy_sim::{SimDuration, Snapshot};

use crate::geometry::{Point, Rect, px};
use crate::words;

/// How a link looks at the moment.
#[expect(clippy::struct_excessive_bools, reason = "each is a class of its own in the style sheet")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// Nothing is sent along it: the balancer believes its far end down, or only keeps it in reserve.
    pub idle: bool,
    /// One end does not run.
    pub dead: bool,
    /// Nothing gets through, one way or both.
    pub cut: bool,
    /// What goes over it is encrypted.
    pub tls: bool,
}

impl Looks {
    /// The looks of a link whose ends these are.
    pub fn of(snapshot: &Snapshot, id: LinkId, ends: [usize; 2]) -> Self {
        let link = &snapshot.links[id.get()];
        Self {
            idle: link.belief.is_some_and(|belief| !belief.in_use()),
            dead: ends.iter().any(|end| !snapshot.nodes[*end].truth.is_up()),
            cut: link.cut_forward || link.cut_back,
            tls: link.tls,
        }
    }
}

/// Straight down from the link, then across to the card, with a ring around the link: it takes nothing from it.
pub fn tap_path(card: Rect, at: Point) -> String {
    /// The arcs below have it too.
    const RING: f64 = 6.0;
    let below = card.y >= at.y;
    let (from, to) = (at.y + if below { RING } else { -RING }, if below { card.y } else { card.bottom() });
    let x = at.x.max(card.x + RING).min(card.right() - RING);
    let turn = to - if below { 2.0 * RING } else { -2.0 * RING };
    let (left, middle) = (px(at.x - RING), px(at.y));
    let ring = format!("M{left} {middle}a6 6 0 1 0 12 0a6 6 0 1 0-12 0");
    let line = [(at.x, from), (at.x, turn), (x, turn), (x, to)].map(|(x, y)| format!("{} {}", px(x), px(y)));
    format!("{ring}M{}", line.join("L"))
}

/// What a link's label says of its state: nothing while all is usual.
pub fn state(link: &LinkView) -> String {
    let cut = match (link.cut_forward, link.cut_back) {
        (true, true) => "cut",
        (true, false) => "cut one way",
        (false, true) => "no way back",
        (false, false) => "",
    };
    if !cut.is_empty() {
        cut.into()
    } else if link.loss_ppm > 0 {
        format!("loses {}", words::percent(link.loss_ppm))
    } else if link.delay > SimDuration::ZERO {
        format!("+{}", words::duration(link.delay))
    } else {
        String::new()
    }
}

/// Whether an attacker is at the near end of a link, so that nothing but attacks goes along it.
pub fn is_attack_path(plan: &Plan, id: LinkId) -> bool {
    matches!(plan.node(plan.link(id).from).map(|node| &node.kind), Some(NodeKind::Attacker(_)))
}

/// Whether both ends of a link are databases, so that a log goes along it.
pub fn joins_databases(plan: &Plan, id: LinkId) -> bool {
    let link = plan.link(id);
    [link.from, link.to]
        .iter()
        .all(|end| matches!(plan.node(*end).map(|node| &node.kind), Some(NodeKind::Database(_))))
}
