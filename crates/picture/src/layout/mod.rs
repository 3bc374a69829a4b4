//! Where everything on the stage stands, for any topology and any size of window. Plain numbers: no browser.
//!
//! Tiers run left to right where there is room and top to bottom on a phone. A balancer's links leave it on parallel
//! leads, each with the lamp that shows what the balancer believes; then they fan out to the servers. Room for cards
//! and lamps is set aside here; other words get a place only where they cover nothing, which is why labels cannot
//! overlap. What does not fit makes the drawing larger than its window, and the window shows it from further away.

mod labels;
mod measures;
mod routes;
mod tiers;

use crate::geometry::{Flow, Point, Rect, Size, Track};
use crate::topology::Topology;
use measures::{DENSE, Measures, PHONE, PHONE_SNUG, ROOMY, SNUG};

/// Below this width the tiers run top to bottom, in pixels.
pub const NARROW: f64 = 600.0;
/// A window of this size shows a drawing as it is; a larger one shows it larger.
const ORDINARY: Size = Size { w: 1_000.0, h: 430.0 };
/// The most that a small drawing is enlarged.
const LARGEST: f64 = 2.4;
/// A drawing with room for words is taken down to this before they are left out.
const STILL_ROOMY: f64 = 0.88;
/// And one without, before its cards are made narrow.
const STILL_SNUG: f64 = 0.88;
/// Narrow cards say less: they have to be so much larger on the screen.
const WORTH_IT: f64 = 1.1;

/// Everything's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// How large the drawing is.
    pub size: Size,
    /// Which way the tiers run.
    pub flow: Flow,
    /// Whether lamps have words.
    pub roomy: bool,
    /// Whether cards leave out what the heading above them says.
    pub dense: bool,
    /// Each node's card, in scenario order.
    pub cards: Vec<Card>,
    /// Each link, in scenario order.
    pub links: Vec<Wire>,
    /// The room for the heading of each tier. None on a phone.
    pub headings: Vec<Option<Rect>>,
    /// The room for what the listener of each tap reads, in the order of the taps.
    pub overheard: Vec<Option<Rect>>,
    /// The room for the words "lb-1 believes" above the lamps of a node, in scenario order.
    pub captions: Vec<Option<Rect>>,
}

/// A node's card.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Card {
    /// Its box.
    pub rect: Rect,
    /// Whether it is too narrow for icon and text side by side.
    pub compact: bool,
    /// Whether it is too narrow for role and rate side by side.
    pub tight: bool,
}

/// A link's track and the room for what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    /// The way that requests take.
    pub track: Track,
    /// The room for its lamp.
    pub lamp: Option<Rect>,
    /// The room for the words of a failure at the far end; without it the node's card says them.
    pub mark: Option<Rect>,
    /// The room for what is said of the link itself: that it is cut, or what is on it in reduced motion.
    pub label: Option<Rect>,
    /// The room for a number that a panel refers to it by.
    pub badge: Option<Rect>,
}

/// How a drawing is shown at first: as large as its window allows, within reason.
pub fn fit(size: Size, flow: Flow, window: Size) -> f64 {
    match flow {
        Flow::Across => (window.w / size.w).min(window.h / size.h).min(LARGEST),
        Flow::Down => (window.w / size.w).min(1.0),
    }
}

/// Places `topology` for a window of this size.
pub fn lay_out(topology: &Topology, window: Size) -> Layout {
    if window.w < NARROW {
        let roomy = place(topology, window, &PHONE);
        let shown = |layout: &Layout| fit(layout.size, Flow::Down, window);
        if shown(&roomy) >= STILL_ROOMY {
            return roomy;
        }
        let snug = place(topology, window, &PHONE_SNUG);
        return if shown(&snug) > WORTH_IT * shown(&roomy) { snug } else { roomy };
    }
    let enlarged = (window.w / ORDINARY.w).min(window.h / ORDINARY.h).clamp(1.0, LARGEST);
    let room = Size { w: window.w / enlarged, h: window.h / enlarged };
    let roomy = place(topology, room, &ROOMY);
    if fit(roomy.size, Flow::Across, window) >= STILL_ROOMY {
        return roomy;
    }
    let shown = |layout: &Layout| fit(layout.size, Flow::Across, window);
    let snug = from_away(topology, room, &SNUG);
    if shown(&snug) >= STILL_SNUG {
        return snug;
    }
    let dense = from_away(topology, room, &DENSE);
    if shown(&dense) > WORTH_IT * shown(&snug) { dense } else { snug }
}

/// Places `topology` for a window that shows all of it: seen from further away there is more room in the direction in
/// which it was not needed.
fn from_away(topology: &Topology, room: Size, measures: &Measures) -> Layout {
    let near = place(topology, room, measures);
    let away = fit(near.size, Flow::Across, room).min(1.0);
    place(topology, Size { w: room.w / away, h: room.h / away }, measures)
}

fn place(topology: &Topology, room: Size, measures: &Measures) -> Layout {
    let ports = routes::Ports::of(topology);
    let placed = tiers::place(topology, &ports, room, measures);
    let mut layout = Layout {
        size: placed.size,
        flow: measures.flow,
        roomy: measures.roomy,
        dense: measures.dense,
        links: Vec::new(),
        headings: vec![None; topology.tiers.len()],
        captions: vec![None; topology.nodes.len()],
        overheard: Vec::new(),
        cards: placed.cards.clone(),
    };
    layout.links = routes::wires(topology, &ports, &placed, measures);
    labels::place(topology, &ports, &placed, measures, &mut layout);
    layout
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("a stage has few nodes"))
}

/// The part of a point that runs with the flow, and the part that runs with a tier.
const fn split(flow: Flow, point: Point) -> (f64, f64) {
    match flow {
        Flow::Across => (point.x, point.y),
        Flow::Down => (point.y, point.x),
    }
}

/// The point that is so far with the flow and so far with the tier.
const fn join(flow: Flow, main: f64, cross: f64) -> Point {
    match flow {
        Flow::Across => Point::new(main, cross),
        Flow::Down => Point::new(cross, main),
    }
}

#[cfg(test)]
mod tests;
