//! Links: where each leaves and arrives, and the way between that touches no card.

use super::measures::Measures;
use super::tiers::{CHANNEL, LANE, Placed, has_lamps, in_pitch, out_pitch};
use super::{Wire, count, join, split};
use understudy_core::sort;

use crate::geometry::{Flow, Piece, Point, Rect, Track};
use crate::topology::{Joint, Runs, Slot, Topology};

/// How far the arc to the next card bulges, and how much further each further one.
const BULGE: f64 = 34.0;
const FURTHER: f64 = 18.0;
const MOST_BULGE: f64 = 120.0;
/// The corners of links that run around.
const CORNER: f64 = 7.0;

/// The links that leave a node and those that reach it along the flow, each in the order of what stands at their
/// other ends: links that leave side by side then do not cross at once. And the links beside each tier.
pub(super) struct Ports {
    pub(super) out: Vec<Vec<usize>>,
    pub(super) into: Vec<Vec<usize>>,
    arcs: Vec<Vec<Arc>>,
    /// The place of each node in its tier, and the tier.
    places: Vec<Option<(usize, usize)>>,
}

/// A link beside a tier.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    pub(super) link: usize,
    /// The one that stands first, and the other.
    first: usize,
    second: usize,
    /// How many places they are apart.
    span: usize,
    /// Whether they are neighbours in a tier that has others after it: then it runs straight.
    straight: bool,
}

impl Arc {
    fn bulge(&self) -> f64 {
        (BULGE + FURTHER * (count(self.span) - 1.0)).min(MOST_BULGE)
    }

    /// How far it is from its tier at most: a cubic curve reaches three quarters of its control points.
    pub(super) fn reach(&self) -> f64 {
        if self.straight { 0.0 } else { self.bulge() * 0.75 + 4.0 }
    }
}

/// The arcs of the last tier: they have its outer side to themselves.
pub(super) fn outer_arcs(ports: &Ports, tiers: usize) -> impl Iterator<Item = &Arc> {
    ports.arcs.get(tiers.wrapping_sub(1)).into_iter().flatten()
}

impl Ports {
    pub(super) fn of(topology: &Topology) -> Self {
        let nodes = topology.nodes.len();
        let mut places = vec![None; nodes];
        let mut slots: Vec<(Slot, usize, usize)> = Vec::new();
        for (tier, all) in topology.tiers.iter().enumerate() {
            for (place, slot) in all.iter().enumerate() {
                slots.push((*slot, tier, place));
                if let Slot::Node(node) = slot {
                    places[*node] = Some((tier, place));
                }
            }
        }
        // The place of a link in a tier: where it passes, or that of the node at its end.
        let passing = |link: usize, tier: usize| {
            slots.iter().find(|(slot, at, _)| *at == tier && *slot == Slot::Pass(link)).map(|slot| slot.2)
        };
        let (mut out, mut into) = (vec![Vec::new(); nodes], vec![Vec::new(); nodes]);
        let mut arcs = vec![Vec::new(); topology.tiers.len()];
        for (index, link) in topology.links.iter().enumerate() {
            let (Some((first, from)), Some((last, to))) = (places[link.from], places[link.to]) else {
                continue;
            };
            match link.run {
                Runs::Along => {
                    let next = if first + 1 == last { to } else { passing(index, first + 1).unwrap_or(0) };
                    let before = if first + 1 == last { from } else { passing(index, last - 1).unwrap_or(0) };
                    out[link.from].push((next, index));
                    into[link.to].push((before, index));
                }
                Runs::Beside => {
                    let (first_node, second) =
                        if from < to { (link.from, link.to) } else { (link.to, link.from) };
                    let span = from.abs_diff(to);
                    let straight = span == 1 && first + 1 < topology.tiers.len();
                    arcs[first].push(Arc { link: index, first: first_node, second, span, straight });
                }
                Runs::Around => {}
            }
        }
        let sorted = |mut ends: Vec<(usize, usize)>| {
            sort::by_key(&mut ends, |(place, link)| ((*place as u128) << 64) | *link as u128);
            ends.into_iter().map(|(_, link)| link).collect()
        };
        Self {
            out: out.into_iter().map(sorted).collect(),
            into: into.into_iter().map(sorted).collect(),
            arcs,
            places,
        }
    }

    /// The arcs in front of a tier.
    pub(super) fn inner_arcs(&self, tier: usize) -> impl Iterator<Item = &Arc> {
        let last = self.arcs.len() - 1;
        self.arcs[tier].iter().filter(move |arc| tier != last && !arc.straight)
    }

    /// How far from the middle of its side the link is attached.
    fn offset(links: &[usize], link: usize, pitch: f64) -> f64 {
        let place = links.iter().position(|other| *other == link).unwrap_or(0);
        (count(place) - (count(links.len()) - 1.0) / 2.0) * pitch
    }
}

/// The way of each link, and its lamp.
pub(super) fn wires(topology: &Topology, ports: &Ports, placed: &Placed, measures: &Measures) -> Vec<Wire> {
    let wire = |(index, link): (usize, &Joint)| {
        let mut lamp = None;
        let track = match link.run {
            Runs::Along => {
                let start = start(topology, ports, placed, measures, index);
                lamp = link.checked.then_some(Rect {
                    x: start.x + measures.lamp_at.x,
                    y: start.y + measures.lamp_at.y,
                    w: measures.lamp.w,
                    h: measures.lamp.h,
                });
                along(topology, ports, placed, measures, index, start)
            }
            Runs::Beside => beside(ports, placed, measures, index),
            Runs::Around => around(topology, placed, measures, index),
        };
        Wire { track, lamp, mark: None, label: None, badge: None }
    };
    topology.links.iter().enumerate().map(wire).collect()
}

/// How much further along the tier lamps reach than their links: both together stand in the middle.
fn aside(measures: &Measures, checked: bool) -> f64 {
    if checked && measures.flow == Flow::Down { measures.lamp_at.x + 4.0 } else { 0.0 }
}

/// Where a link leaves its node.
fn start(topology: &Topology, ports: &Ports, placed: &Placed, measures: &Measures, index: usize) -> Point {
    let flow = measures.flow;
    let link = topology.links[index];
    let (from, outs) = (placed.cards[link.from].rect, &ports.out[link.from]);
    let (begin, middle) = (split(flow, Point::new(from.x, from.y)).1, split(flow, from.middle()).1);
    let extent = if flow == Flow::Across { from.h } else { from.w };
    let end = begin + extent;
    let main = split(flow, Point::new(from.right(), from.bottom())).0;
    let aside = aside(measures, has_lamps(topology, ports, link.from));
    if flow == Flow::Down {
        // Straight down where the card above reaches that far.
        let below = |link: usize| split(flow, placed.cards[topology.links[link].to].rect.middle()).1 - aside;
        let next = |link: &usize| {
            let (tier, next) =
                (ports.places[topology.links[*link].from], ports.places[topology.links[*link].to]);
            matches!((tier, next), (Some(one), Some(other)) if one.0 + 1 == other.0)
        };
        let fits = |link: &usize| begin + 12.0 <= below(*link) && below(*link) <= end - 12.0;
        if outs.iter().all(|out| next(out) && fits(out)) {
            return join(flow, main, below(index));
        }
    }
    let room = (extent - 20.0) / (count(outs.len()) - 1.0).max(1.0);
    let pitch = out_pitch(topology, ports, link.from, measures).min(room);
    join(flow, main, middle - aside + Ports::offset(outs, index, pitch))
}

fn along(
    topology: &Topology,
    ports: &Ports,
    placed: &Placed,
    measures: &Measures,
    index: usize,
    start: Point,
) -> Track {
    let flow = measures.flow;
    let link = topology.links[index];
    let to = placed.cards[link.to].rect;
    let (first, last) = match (ports.places[link.from], ports.places[link.to]) {
        (Some(from), Some(to)) => (from.0, to.0),
        _ => (0, 0),
    };
    let mut pieces = Vec::new();
    let mut at = start;
    if link.checked {
        let (main, cross) = split(flow, start);
        at = join(flow, main + measures.lead, cross);
        pieces.push(Piece::Line(at));
    }
    for tier in first + 1..last {
        let passing = placed.passes[tier].iter().find(|pass| pass.0 == index).map_or(0.0, |pass| pass.1);
        let (enter, leave) = placed.spans[tier];
        pieces.push(Piece::flowing(flow, at, join(flow, enter, passing)));
        at = join(flow, leave, passing);
        pieces.push(Piece::Line(at));
    }
    let extent = if flow == Flow::Across { to.h } else { to.w };
    let ins = &ports.into[link.to];
    let room = (extent - 20.0) / (count(ins.len()) - 1.0).max(1.0);
    let offset = Ports::offset(ins, index, in_pitch(ports, link.to, measures).min(room));
    let (main, _) = split(flow, Point::new(to.x, to.y));
    let end = join(flow, main, split(flow, to.middle()).1 - aside(measures, link.checked) + offset);
    pieces.push(Piece::flowing(flow, at, end));
    Track::new(start, &pieces)
}

fn beside(ports: &Ports, placed: &Placed, measures: &Measures, index: usize) -> Track {
    let flow = measures.flow;
    let tier = ports.arcs.iter().position(|arcs| arcs.iter().any(|arc| arc.link == index)).unwrap_or(0);
    let arcs = &ports.arcs[tier];
    let Some(arc) = arcs.iter().find(|arc| arc.link == index) else {
        return Track::new(Point::default(), &[]);
    };
    let (first, second) = (placed.cards[arc.first].rect, placed.cards[arc.second].rect);
    let (begin, end) = placed.spans[tier];
    let low = |rect: Rect| split(flow, Point::new(rect.x, rect.y)).1;
    let high = |rect: Rect| split(flow, Point::new(rect.right(), rect.bottom())).1;
    if arc.straight {
        let main = begin + (end - begin) * 0.22;
        return Track::new(join(flow, main, high(first)), &[Piece::Line(join(flow, main, low(second)))]);
    }
    let outer = tier + 1 == ports.arcs.len();
    let (main, bulge) = if outer { (end, arc.bulge()) } else { (begin, -arc.bulge()) };
    // At one node, from its near end to its far end: arcs back, nearest first; arcs on, furthest first. Then they nest.
    let port = |node: usize, rect: Rect| {
        let mut ends: Vec<(bool, u64, usize)> = arcs
            .iter()
            .filter(|other| !other.straight && (other.first == node || other.second == node))
            .map(|other| {
                let on = other.first == node;
                let span = other.span as u64;
                (on, if on { u64::MAX - span } else { span }, other.link)
            })
            .collect();
        sort::by_key(&mut ends, |(_, rank, link)| (u128::from(*rank) << 64) | *link as u128);
        let place = ends.iter().position(|end| end.2 == index).unwrap_or(0);
        let share = (count(place) + 1.0) / (count(ends.len()) + 1.0);
        // In front of a tier the middle belongs to what arrives.
        let share = if outer {
            share
        } else if ends[place].0 {
            0.86
        } else {
            0.14
        };
        low(rect) + (high(rect) - low(rect)) * share
    };
    let (from, to) = (port(arc.first, first), port(arc.second, second));
    let start = join(flow, main, from);
    let control = |cross: f64| join(flow, main + bulge, cross);
    let curve = Piece::Curve(control(from), control(to), join(flow, main, to));
    Track::new(start, &[curve])
}

/// Out of the node that stands aside, along the channel, up the lane in front of the other's tier.
fn around(topology: &Topology, placed: &Placed, measures: &Measures, index: usize) -> Track {
    let link = topology.links[index];
    let lane = count(index % 6);
    let channel = placed.aside_top - CHANNEL + 12.0 + lane * 4.0;
    // From the channel to the node.
    let leg = |node: usize| -> Vec<Point> {
        let rect = placed.cards[node].rect;
        if topology.nodes[node].tier.is_none() {
            let ends: Vec<usize> = (topology.links.iter().enumerate())
                .filter(|(_, other)| other.run == Runs::Around && (other.from == node || other.to == node))
                .map(|(index, _)| index)
                .collect();
            let pitch = ((rect.w - 24.0) / count(ends.len())).min(12.0);
            let x = rect.middle().x + Ports::offset(&ends, index, pitch);
            return vec![Point::new(x, channel), Point::new(x, rect.y)];
        }
        match measures.flow {
            Flow::Across => {
                let x = rect.x - LANE / 2.0 - 1.0;
                let y = rect.bottom() - 9.0;
                vec![Point::new(x, channel), Point::new(x, y), Point::new(rect.x, y)]
            }
            Flow::Down => {
                let (x, y) = (4.0 + (lane % 3.0) * 3.0, rect.y - LANE / 2.0);
                let to = rect.x + 12.0;
                vec![Point::new(x, channel), Point::new(x, y), Point::new(to, y), Point::new(to, rect.y)]
            }
        }
    };
    let mut stops = leg(link.from);
    stops.reverse();
    stops.extend(leg(link.to));
    Track::cornered(&stops, CORNER)
}
