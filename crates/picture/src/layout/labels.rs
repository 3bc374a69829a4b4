//! Words: headings, captions, marks and what is said of a link, each only where it covers nothing.

use super::measures::Measures;
use super::routes::Ports;
use super::tiers::{Placed, has_lamps};
use super::{Layout, count};
use crate::geometry::{Flow, Rect, Size};
use crate::topology::{Runs, Topology};

/// A node with more links than this that reach it says failures itself.
pub(super) const MOST_MARKS: usize = 3;
/// From a card up to the heading above it: clear of what sits on the card's edge.
const HEADING_LIFT: f64 = 14.0;
const HEADING_H: f64 = 17.0;
/// A link that passes through a tier stays so much further below its heading than a card.
const PASS_LIFT: f64 = 7.0;
/// A heading that is wider than its tier is at most so much wider, and ends so far before the next tier.
const HEADING_W: f64 = 40.0;
const HEADING_GAP: f64 = 6.0;
/// From the wire up to the words beside it.
const MARK_LIFT: f64 = 9.0;
/// What a listener reads, in two lines.
const OVERHEARD: Size = Size { w: 196.0, h: 38.0 };
/// From a line to the middle of a number beside it.
const BESIDE: f64 = 23.0;
/// A number on a link.
const BADGE: Size = Size { w: 26.0, h: 24.0 };
/// What sits on a card's upper and lower edge reaches this far beyond it.
pub(super) const ON_EDGE: f64 = 12.0;

pub(super) fn place(
    topology: &Topology,
    ports: &Ports,
    placed: &Placed,
    measures: &Measures,
    layout: &mut Layout,
) {
    let mut taken: Vec<Rect> = layout
        .cards
        .iter()
        .map(|card| {
            let Rect { x, y, w, h } = card.rect;
            Rect { x, y: y - ON_EDGE, w, h: h + 2.0 * ON_EDGE }
        })
        .chain(layout.links.iter().filter_map(|link| link.lamp))
        .collect();
    let within = Rect { x: 0.0, y: 0.0, w: placed.size.w, h: placed.size.h };
    let mut take = |rect: Rect| {
        let inside = rect.x >= 0.0
            && rect.y >= 0.0
            && rect.right() <= within.right()
            && rect.bottom() <= within.bottom();
        let free = inside && !taken.iter().any(|other| other.overlaps(&rect));
        if free {
            taken.push(rect);
        }
        free.then_some(rect)
    };
    if measures.flow == Flow::Across {
        // All in one row, above whatever is highest: a link that passes is no rule under a heading.
        let in_tiers = |node: &usize| topology.nodes[*node].tier.is_some();
        let tops = (0..topology.nodes.len()).filter(in_tiers).map(|node| layout.cards[node].rect.y);
        let passes = placed.passes.iter().flatten().map(|pass| pass.1 - PASS_LIFT);
        let y = tops.chain(passes).fold(f64::MAX, f64::min) - HEADING_LIFT - HEADING_H;
        for (tier, (begin, end)) in placed.spans.iter().enumerate() {
            // It may reach over the gap that follows, where nothing else is.
            let next = placed.spans.get(tier + 1).map_or(*end, |next| next.0 - HEADING_GAP);
            let mut try_to = |end: f64| take(Rect { x: *begin, y, w: end - begin, h: HEADING_H });
            layout.headings[tier] = try_to(next.min(end + HEADING_W)).or_else(|| try_to(*end));
        }
    }
    if measures.roomy && measures.flow == Flow::Across {
        for node in 0..topology.nodes.len() {
            let first = ports.out[node].first().filter(|_| has_lamps(topology, ports, node));
            let lamp = first.and_then(|link| layout.links[*link].lamp);
            layout.captions[node] =
                lamp.and_then(|lamp| take(Rect { x: lamp.x, y: lamp.y - 24.0, w: lamp.w, h: 16.0 }));
        }
    }
    for index in 0..topology.links.len() {
        let link = topology.links[index];
        let ins = &ports.into[link.to];
        if link.run != Runs::Along || ins.len() > MOST_MARKS {
            continue;
        }
        let to = layout.cards[link.to].rect;
        let end = layout.links[index].track.at(1.0, 0.0);
        let Size { w, h } = measures.mark;
        let tier = placed.spans.iter().position(|span| span.0 <= to.middle().x && to.middle().x <= span.1);
        let rect = match measures.flow {
            Flow::Across => {
                let strip = tier.map_or(0.0, |tier| placed.strips[tier]);
                Rect { x: to.x - strip - w, y: end.y - MARK_LIFT - h, w, h }
            }
            Flow::Down => {
                let place = ins.iter().position(|other| *other == index).unwrap_or(0);
                let w = w.min(to.w);
                let up = ON_EDGE + (count(place) + 1.0) * h;
                Rect { x: to.middle().x - w / 2.0, y: to.y - up, w, h }
            }
        };
        layout.links[index].mark = take(rect);
    }
    for wire in &mut layout.links {
        let shares = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];
        wire.label = shares
            .iter()
            .map(|share| Rect::around(wire.track.at(*share, 0.0), measures.label))
            .find_map(&mut take);
    }
    layout.overheard = topology
        .taps
        .iter()
        .map(|(listener, _)| {
            let Rect { x, y, w, h } = layout.cards[*listener].rect;
            let beside =
                Rect { x: x + w + 8.0, y: y + (h - OVERHEARD.h) / 2.0, w: OVERHEARD.w, h: OVERHEARD.h };
            let left = Rect { x: x - 8.0 - OVERHEARD.w, ..beside };
            let below = Rect { x: x.min(within.w - OVERHEARD.w).max(0.0), y: y + h + ON_EDGE, ..beside };
            let above = Rect { y: y - ON_EDGE - OVERHEARD.h, ..below };
            [beside, left, below, above].into_iter().find_map(&mut take)
        })
        .collect();
    for wire in &mut layout.links {
        // On the line, or close beside it; near its middle, or further and further from there.
        let shares = (1..24).map(|step| f64::from(if step % 2 == 0 { 24 + step } else { 24 - step }) / 48.0);
        let mut spots = [0.0, -BESIDE, BESIDE]
            .into_iter()
            .flat_map(|side| shares.clone().map(move |share| (share, side)));
        wire.badge = spots.find_map(|(share, side)| take(Rect::around(wire.track.at(share, side), BADGE)));
    }
}
