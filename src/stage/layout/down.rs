//! Tiers from top to bottom: for phones.

use super::{Card, Ends, Layout, Mark, Wire, count};
use crate::stage::geometry::{Flow, Point, Rect, Size, Track};
use crate::stage::topology::Topology;

// In pixels: text is as large on a phone as it is anywhere, so nothing is scaled.
const CARD_W: f64 = 300.0;
const CARD_H: f64 = 68.0;
const COMPACT_W: f64 = 176.0;
const LEAST_W: f64 = 92.0;
const COMPACT_H: f64 = 112.0;
const CARD_GAP: f64 = 8.0;
const MARGIN: f64 = 12.0;
const TIER_GAP: f64 = 58.0;
/// Between a balancer and its servers: lamps, way to go, marks.
const LAMP_GAP: f64 = 132.0;
const LAMP_W: f64 = 50.0;
const LAMP_H: f64 = 34.0;
/// From the wire to its lamp: clear of what moves along the wire.
const LAMP_X: f64 = 14.0;
const LAMP_Y: f64 = 12.0;
/// From one wire with a lamp to the next.
const LAMP_ROOM: f64 = LAMP_X + LAMP_W + 8.0;
const LEAD: f64 = 52.0;
const IN_PITCH: f64 = 16.0;
const MARK_H: f64 = 20.0;

pub(super) fn lay_out(topology: &Topology, window: Size) -> Layout {
    let ends = Ends::of(topology);
    let tiers = &topology.tiers;
    let row = |cards: usize, card: f64| count(cards) * (card + CARD_GAP) - CARD_GAP;
    // A card is at least as wide as the lamps below it, side by side.
    let lamps = |node: usize| ends.out[node].iter().filter(|link| topology.links[**link].checked).count();
    let least = |tier: &[usize]| {
        let most = tier.iter().map(|node| lamps(*node)).max().unwrap_or(0);
        LEAST_W.max(if tier.len() > 1 { count(most) * LAMP_ROOM + 2.0 * LAMP_X } else { 0.0 })
    };
    let widest = tiers.iter().map(|tier| row(tier.len(), least(tier))).fold(0.0, f64::max);
    let w = window.w.max(widest + 2.0 * MARGIN);
    let has_lamps = |tier: &[usize]| {
        tier.iter().flat_map(|node| &ends.out[*node]).any(|link| topology.links[*link].checked)
    };
    let card_w = |tier: &[usize]| {
        let fit = (w - 2.0 * MARGIN + CARD_GAP) / count(tier.len()) - CARD_GAP;
        fit.min(if tier.len() > 1 { COMPACT_W.max(least(tier)) } else { CARD_W })
    };

    let mut cards = vec![Card::default(); topology.node_count()];
    let mut y = MARGIN;
    for (index, tier) in tiers.iter().enumerate() {
        let compact = tier.len() > 1;
        let mut each = card_w(tier);
        if let Some(below) = tiers.get(index + 1).filter(|_| !compact && has_lamps(tier)) {
            // A lone balancer spans the tier below, so that its links run straight down.
            each = each.max(row(below.len(), card_w(below)));
        }
        let h = if compact { COMPACT_H } else { CARD_H };
        let mut x = (w - row(tier.len(), each)) / 2.0;
        for node in tier {
            cards[*node] = Card { rect: Rect { x, y, w: each, h }, compact, tight: false };
            x += each + CARD_GAP;
        }
        y += h + if has_lamps(tier) { LAMP_GAP } else { TIER_GAP };
    }
    let bottom = cards.iter().map(|card| card.rect.bottom()).fold(0.0, f64::max);
    let links = (0..topology.links.len()).map(|link| wire(topology, &ends, &cards, link)).collect();
    let captions = vec![None; cards.len()];
    let size = Size { w, h: bottom + MARGIN };
    Layout { size, flow: Flow::Down, scale: 1.0, cards, links, headings: Vec::new(), captions }
}

fn wire(topology: &Topology, ends: &Ends, cards: &[Card], index: usize) -> Wire {
    let link = topology.links[index];
    let (from, to) = (cards[link.from].rect, cards[link.to].rect);
    let (outs, ins) = (&ends.out[link.from], &ends.into[link.to]);
    // A wire and the lamp to its right stand in the middle of the card below, together.
    let aside = if link.checked { LAMP_X + 4.0 } else { 0.0 };
    let below = |link: usize| cards[topology.links[link].to].rect.middle().x - aside;
    // Straight down where the card above reaches that far, else evenly spread along it.
    let reaches =
        outs.iter().all(|out| from.x + LAMP_X <= below(*out) && below(*out) <= from.right() - LAMP_X);
    let spread = (from.w - 2.0 * LAMP_X) / count(outs.len());
    let even = from.middle().x - aside + Ends::offset(outs, index, spread);
    let start = Point::new(if reaches { below(index) } else { even }, from.bottom());
    let in_pitch = IN_PITCH.min(to.w * 0.6 / count(ins.len()));
    let end = Point::new(to.middle().x - aside + Ends::offset(ins, index, in_pitch), to.y);
    let track = Track::new(Flow::Down, start, if link.checked { LEAD } else { 0.0 }, end);
    let lamp = link.checked.then(|| Rect { x: start.x + LAMP_X, y: start.y + LAMP_Y, w: LAMP_W, h: LAMP_H });
    let up = 4.0 + (Ends::place(ins, index) + 1.0) * MARK_H;
    let mark_w = to.w.min(120.0);
    let rect = Rect { x: to.middle().x - mark_w / 2.0, y: to.y - up, w: mark_w, h: MARK_H };
    let count = if link.checked { Point::new(end.x, end.y - 44.0) } else { track.at(0.5, 0.0) };
    Wire { track, lamp, mark: Mark { rect, on_card: false }, count }
}
