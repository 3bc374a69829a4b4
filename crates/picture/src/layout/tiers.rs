//! Cards: how large each is, and where it stands in its tier.

use super::measures::Measures;
use super::routes::{Arc, Ports, outer_arcs};
use super::{Card, count, join};
use understudy_core::sort;

use crate::geometry::{Flow, Point, Rect, Size};
use crate::topology::{Runs, Slot, Topology};

/// A tier's cards are at most this wide where it has one card only, top to bottom.
const LONE_W: f64 = 300.0;
const LONE_H: f64 = 68.0;
const LONE_LOG_H: f64 = 96.0;
/// And this wide where it has several.
const SHARED_W: f64 = 176.0;
/// Below this width role and rate do not fit on one line.
const TIGHT_W: f64 = 170.0;
/// The widest drawing, left to right.
const WIDEST: f64 = 1_500.0;
/// The room in front of a tier that links around use.
pub(super) const LANE: f64 = 12.0;
/// Between the tiers and those that stand aside: the links around run there.
pub(super) const CHANNEL: f64 = 40.0;
/// From a card's edge to the first and last port on it.
const EDGE: f64 = 14.0;

/// Where the cards are, and what the routes need to know of it.
pub(super) struct Placed {
    pub(super) size: Size,
    pub(super) cards: Vec<Card>,
    /// Where each tier begins and ends along the flow.
    pub(super) spans: Vec<(f64, f64)>,
    /// Room in front of each tier for arcs and links around.
    pub(super) strips: Vec<f64>,
    /// Where each passing link is in its tier: by tier, then (link, middle).
    pub(super) passes: Vec<Vec<(usize, f64)>>,
    /// The upper edge of those that stand aside.
    pub(super) aside_top: f64,
}

/// The extent of each slot of each tier along the tier, and of the tier along the flow.
struct Extents {
    nodes: Vec<f64>,
    tiers: Vec<f64>,
}

pub(super) fn has_lamps(topology: &Topology, ports: &Ports, node: usize) -> bool {
    ports.out[node].iter().any(|link| topology.links[*link].checked)
}

/// From one link that leaves a node to the next.
pub(super) fn out_pitch(topology: &Topology, ports: &Ports, node: usize, measures: &Measures) -> f64 {
    if has_lamps(topology, ports, node) { measures.lamp_pitch } else { measures.out_pitch }
}

/// From one link that reaches a node to the next: further apart where each has room for words.
pub(super) fn in_pitch(ports: &Ports, node: usize, measures: &Measures) -> f64 {
    if ports.into[node].len() <= super::labels::MOST_MARKS { measures.in_pitch } else { 8.0 }
}

fn side(links: usize, pitch: f64) -> f64 {
    (count(links) - 1.0).max(0.0) * pitch + 2.0 * EDGE
}

fn extents(topology: &Topology, ports: &Ports, room: Size, measures: &Measures) -> Extents {
    let mut nodes = vec![0.0; topology.nodes.len()];
    let mut tiers = Vec::new();
    let passes = |tier: usize| topology.tiers[tier].len() - topology.nodes_of(tier).count();
    // From the last tier back: a lone balancer spans the tier after it.
    for tier in (0..topology.tiers.len()).rev() {
        let cards: Vec<usize> = topology.nodes_of(tier).collect();
        let any_log = cards.iter().any(|node| topology.nodes[*node].has_log);
        let card = if any_log { measures.log_card } else { measures.card };
        for &node in &cards {
            let lamps = has_lamps(topology, ports, node);
            let outs = ports.out[node].len();
            nodes[node] = match measures.flow {
                Flow::Across => {
                    let out = if lamps { side(outs, measures.lamp_pitch) } else { side(outs, 4.0) };
                    card.h.max(out).max(side(ports.into[node].len(), in_pitch(ports, node, measures)))
                }
                Flow::Down => {
                    let width = room.w - 2.0 * measures.margin - count(passes(tier)) * measures.pass;
                    let fit = width / count(cards.len()) - measures.gap;
                    let fit = fit.min(if cards.len() > 1 { SHARED_W } else { LONE_W });
                    let wanted = if lamps { count(outs) * measures.lamp_pitch + 2.0 * EDGE } else { 0.0 };
                    fit.max(card.w).max(if cards.len() > 1 { wanted } else { 0.0 })
                }
            };
        }
        if let ([lone], Flow::Down, true) = (&cards[..], measures.flow, tier + 1 < topology.tiers.len())
            && has_lamps(topology, ports, *lone)
        {
            let below: f64 = topology.nodes_of(tier + 1).map(|node| nodes[node] + measures.gap).sum();
            nodes[*lone] = nodes[*lone].max(below - measures.gap);
        }
        tiers.push(match measures.flow {
            Flow::Across => card.w,
            Flow::Down if cards.len() > 1 => card.h,
            Flow::Down if any_log => LONE_LOG_H,
            Flow::Down => LONE_H,
        });
    }
    tiers.reverse();
    Extents { nodes, tiers }
}

/// The room between each tier and the next along the flow.
fn gaps(topology: &Topology, ports: &Ports, strips: &[f64], measures: &Measures) -> Vec<f64> {
    (1..topology.tiers.len())
        .map(|tier| {
            let lamps = topology.nodes_of(tier - 1).any(|node| has_lamps(topology, ports, node));
            let least = if lamps { measures.lead + measures.curve } else { measures.plain };
            least + strips[tier] - LANE
        })
        .collect()
}

pub(super) fn place(topology: &Topology, ports: &Ports, room: Size, measures: &Measures) -> Placed {
    let extents = extents(topology, ports, room, measures);
    let tiers = &topology.tiers;
    let strips: Vec<f64> = (0..tiers.len())
        .map(|tier| ports.inner_arcs(tier).map(Arc::reach).fold(LANE, |most, reach| most.max(reach + 4.0)))
        .collect();
    let outer = outer_arcs(ports, tiers.len()).map(Arc::reach).fold(0.0, f64::max);
    let mut gaps = gaps(topology, ports, &strips, measures);
    let first = strips.first().map_or(0.0, |strip| strip - LANE);
    let natural = extents.tiers.iter().sum::<f64>() + gaps.iter().sum::<f64>() + first + outer;
    // What is left over goes to the gaps, twice as much to those in which links fan out.
    if measures.flow == Flow::Across && !gaps.is_empty() {
        let surplus = (room.w.min(WIDEST) - 2.0 * measures.margin - natural).max(0.0);
        let weight = |gap: f64| if gap >= measures.lead + measures.curve { 2.0 } else { 1.0 };
        let weights: f64 = gaps.iter().map(|gap| weight(*gap)).sum();
        let share = (surplus / weights).min(140.0);
        for gap in &mut gaps {
            *gap += share * weight(*gap);
        }
    }
    let main: f64 = extents.tiers.iter().sum::<f64>() + gaps.iter().sum::<f64>() + first + outer;
    let slots = slots(topology, &extents, room, measures);
    let stack = |tier: usize| slots[tier].iter().sum::<f64>();
    let cross = (0..tiers.len()).map(stack).fold(0.0, f64::max);

    let channel = topology.links.iter().any(|link| link.run == Runs::Around);
    let aside_h = match (topology.aside.is_empty(), channel) {
        (true, false) => 0.0,
        (true, true) => CHANNEL,
        (false, _) => CHANNEL + measures.aside_h + measures.margin,
    };
    let aside_w = match measures.flow {
        Flow::Across => measures.card.w.max(LEAST_ASIDE_W),
        // Side by side as long as their names can be read.
        Flow::Down => {
            let each = (room.w - 2.0 * measures.margin + ASIDE_GAP) / count(topology.aside.len().max(1));
            (each - ASIDE_GAP).max(measures.card.w).min(LEAST_ASIDE_W)
        }
    };
    let aside_row = count(topology.aside.len()) * (aside_w + ASIDE_GAP) - ASIDE_GAP;
    let (w, h) = match measures.flow {
        Flow::Across => (main, cross),
        Flow::Down => (cross, main),
    };
    let size = Size {
        w: room.w.max(w.max(aside_row) + 2.0 * measures.margin),
        h: match measures.flow {
            Flow::Across => room.h.max(measures.top + h + measures.margin + aside_h),
            Flow::Down => measures.top + h + measures.margin + aside_h,
        },
    };
    // The block of the tiers stands in the middle of what is left.
    let spare = size.h - measures.top - measures.margin - aside_h - h;
    let origin = Point::new((size.w - w) / 2.0, measures.top + spare.max(0.0) / 2.0);
    let (mut at, middle) = match measures.flow {
        Flow::Across => (origin.x + first, origin.y + cross / 2.0),
        Flow::Down => (origin.y + first, origin.x + cross / 2.0),
    };

    let mut cards = vec![Card::default(); topology.nodes.len()];
    let (mut spans, mut passes) = (Vec::new(), Vec::new());
    for (index, tier) in tiers.iter().enumerate() {
        let depth = extents.tiers[index];
        let mut along = middle - stack(index) / 2.0;
        let mut passing = Vec::new();
        let shared = topology.nodes_of(index).count() > 1;
        for (slot, extent) in tier.iter().zip(&slots[index]) {
            match *slot {
                Slot::Pass(link) => passing.push((link, along + extent / 2.0)),
                Slot::Node(node) => {
                    let own = extents.nodes[node];
                    let corner = join(measures.flow, at, along + (extent - own) / 2.0);
                    let (w, h) = match measures.flow {
                        Flow::Across => (depth, own),
                        Flow::Down => (own, depth),
                    };
                    let rect = Rect { x: corner.x, y: corner.y, w, h };
                    let compact = measures.flow == Flow::Down && shared;
                    cards[node] = Card { rect, compact, tight: !compact && w < TIGHT_W };
                }
            }
            along += extent;
        }
        spans.push((at, at + depth));
        passes.push(passing);
        at += depth + gaps.get(index).copied().unwrap_or(0.0);
    }
    let aside_top = match measures.flow {
        Flow::Across => middle + cross / 2.0 + CHANNEL,
        Flow::Down => at + outer + CHANNEL,
    };
    let width = Size { w: aside_w, h: measures.aside_h };
    place_aside(topology, &mut cards, Point::new(measures.margin, aside_top), size.w, width);
    Placed { size, cards, spans, strips, passes, aside_top }
}

/// Those that stand aside are narrower than this nowhere.
const LEAST_ASIDE_W: f64 = 152.0;
const ASIDE_GAP: f64 = 14.0;

/// How much of its tier each slot takes: as much as the room allows, within reason.
fn slots(topology: &Topology, extents: &Extents, room: Size, measures: &Measures) -> Vec<Vec<f64>> {
    let most = (0..topology.tiers.len()).map(|tier| topology.nodes_of(tier).count()).max().unwrap_or(1);
    let pitch = match measures.flow {
        Flow::Across => {
            let aside =
                if topology.aside.is_empty() { 0.0 } else { CHANNEL + measures.aside_h + measures.margin };
            let passes = |tier: &Vec<Slot>| tier.iter().filter(|slot| matches!(slot, Slot::Pass(_))).count();
            let passing = count(topology.tiers.iter().map(passes).max().unwrap_or(0)) * measures.pass;
            let left = room.h - measures.top - measures.margin - aside - passing;
            (left / count(most)).min(measures.pitch)
        }
        Flow::Down => 0.0,
    };
    let slot = |tier: usize, slot: &Slot| match slot {
        Slot::Pass(_) => measures.pass,
        Slot::Node(node) => {
            // Neighbours that talk to each other need some way between them.
            let beside = topology
                .links
                .iter()
                .any(|link| link.run == Runs::Beside && (link.from == *node || link.to == *node));
            let talks = beside && tier + 1 < topology.tiers.len();
            let talk = match measures.flow {
                // What is said of the link has its room between them.
                Flow::Across => measures.label.h + 2.0 * super::labels::ON_EDGE + 2.0,
                Flow::Down => 34.0,
            };
            let gap = if talks { measures.gap.max(talk) } else { measures.gap };
            pitch.max(extents.nodes[*node] + gap)
        }
    };
    (topology.tiers.iter().enumerate())
        .map(|(tier, all)| all.iter().map(|one| slot(tier, one)).collect())
        .collect()
}

/// Sets those that stand aside below those that they watch, side by side.
fn place_aside(topology: &Topology, cards: &mut [Card], corner: Point, width: f64, size: Size) {
    let wish = |node: usize| {
        let ends = topology.links.iter().filter_map(|link| match (link.from == node, link.to == node) {
            (true, false) => Some(link.to),
            (false, true) => Some(link.from),
            _ => None,
        });
        let watched: Vec<f64> = ends
            .filter(|other| topology.nodes[*other].tier.is_some())
            .map(|other| cards[other].rect.middle().x)
            .collect();
        let tapped = topology.taps.iter().filter(|(listener, _)| *listener == node);
        let heard = tapped.flat_map(|(_, link)| [topology.links[*link].from, topology.links[*link].to]);
        let watched: Vec<f64> =
            watched.into_iter().chain(heard.map(|other| cards[other].rect.middle().x)).collect();
        let sum: f64 = watched.iter().sum();
        if watched.is_empty() { width / 2.0 } else { sum / count(watched.len()) }
    };
    let mut order: Vec<(f64, usize)> = topology.aside.iter().map(|node| (wish(*node), *node)).collect();
    // Nobody wishes to stand left of the drawing: such numbers are in the order of their bits.
    sort::by_key(&mut order, |(wish, _)| wish.max(0.0).to_bits().into());
    let mut left = corner.x;
    let mut places: Vec<(f64, usize)> = Vec::new();
    for (wish, node) in order {
        let x = (wish - size.w / 2.0).max(left);
        places.push((x, node));
        left = x + size.w + ASIDE_GAP;
    }
    let mut right = width - corner.x;
    for (x, node) in places.into_iter().rev() {
        let x = x.min(right - size.w);
        right = x - ASIDE_GAP;
        let rect = Rect { x, y: corner.y, w: size.w, h: size.h };
        let compact = size.h > 100.0;
        cards[node] = Card { rect, compact, tight: !compact && size.w < TIGHT_W };
    }
}
