//! Tiers from left to right: for every window that is wide enough.

use super::{Card, Ends, Layout, Mark, Wire, count};
use crate::stage::geometry::{Flow, Point, Rect, Size, Track};
use crate::stage::topology::Topology;

// Sizes at scale 1, in pixels.
const CARD_W: f64 = 196.0;
const LEAST_CARD_W: f64 = 138.0;
const CARD_H: f64 = 76.0;
const CARD_GAP: f64 = 36.0;
/// Cards of a tier are at most this far apart, from middle to middle.
const PITCH: f64 = 168.0;
/// Below this width role and rate do not fit on one line.
const TIGHT_W: f64 = 190.0;
const MARGIN: f64 = 28.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 22.0;
const WIDEST: f64 = 1_240.0;
/// From a card up to the heading above it: clear of the mark on the card's upper edge.
const HEADING_LIFT: f64 = 13.0;
/// Links that leave a balancer, one below the other, each with a lamp above it.
const LAMP_PITCH: f64 = 34.0;
const LAMP_W: f64 = 104.0;
const LAMP_H: f64 = 18.0;
const LAMP_X: f64 = 12.0;
/// From the wire up to the lamp's lower edge: clear of what moves along the wire.
const LAMP_LIFT: f64 = 7.0;
/// How far a link with a lamp runs straight.
const LEAD: f64 = 118.0;
/// Least room between two tiers, beyond the lead.
const LEAST_GAP: f64 = 60.0;
const LEAST_CURVE: f64 = 86.0;
/// Links without lamps, one below the other.
const OUT_PITCH: f64 = 18.0;
/// Links that reach a card: their marks stand above each other.
const IN_PITCH: f64 = 20.0;
const MARK_W: f64 = 112.0;
const MARK_H: f64 = 18.0;
/// From the card to a mark beside it, and from the wire up to it.
const MARK_X: f64 = 12.0;
const MARK_LIFT: f64 = 8.0;

/// The widths of cards and of the gaps between tiers.
struct Columns {
    card_w: f64,
    gaps: Vec<f64>,
    left: f64,
    /// How wide all of it is; wider than the window when even the least widths do not fit.
    w: f64,
}

impl Columns {
    fn of(window: Size, scale: f64, lamps_after: &[bool]) -> Self {
        let tiers = count(lamps_after.len() + 1);
        let least: Vec<f64> = lamps_after
            .iter()
            .map(|lamps| if *lamps { LEAD + LEAST_CURVE } else { LEAST_GAP } * scale)
            .collect();
        let least_sum: f64 = least.iter().sum();
        let full = (window.w - 2.0 * MARGIN * scale).min(WIDEST * scale);
        let card_w = (CARD_W * scale).min((full - least_sum) / tiers).max(LEAST_CARD_W);
        let surplus = (full - least_sum - card_w * tiers).max(0.0);
        // What is left over goes to the gaps, twice as much to those in which links fan out.
        let weight = |lamps: bool| if lamps { 2.0 } else { 1.0 };
        let weights: f64 = lamps_after.iter().map(|lamps| weight(*lamps)).sum();
        let gaps: Vec<f64> = least
            .iter()
            .zip(lamps_after)
            .map(|(gap, lamps)| gap + surplus * weight(*lamps) / weights)
            .collect();
        let content = card_w * tiers + gaps.iter().sum::<f64>();
        let w = window.w.max(content + 2.0 * MARGIN);
        Self { card_w, gaps, left: (w - content) / 2.0, w }
    }
}

pub(super) fn lay_out(topology: &Topology, window: Size) -> Layout {
    let ends = Ends::of(topology);
    let tiers = &topology.tiers;
    let scale = (window.w / 1_000.0).min(window.h / 430.0).clamp(0.88, 2.6);
    let has_lamps = |node: usize| ends.out[node].iter().any(|link| topology.links[*link].checked);
    let lamps_after: Vec<bool> =
        tiers[..tiers.len() - 1].iter().map(|tier| tier.iter().any(|node| has_lamps(*node))).collect();
    let columns = Columns::of(window, scale, &lamps_after);

    // Rows: as far apart as the window allows, within reason; a card is as high as its links need.
    let height = |node: usize| {
        let out_pitch = if has_lamps(node) { LAMP_PITCH } else { OUT_PITCH };
        let side = |links: usize, pitch: f64| (count(links) - 1.0) * pitch + 28.0;
        CARD_H.max(side(ends.out[node].len(), out_pitch)).max(side(ends.into[node].len(), IN_PITCH)) * scale
    };
    let tallest = tiers.iter().map(Vec::len).max().unwrap_or(1);
    let room = window.h - (TOP + BOTTOM) * scale;
    let pitch = (room / count(tallest)).clamp((CARD_H + CARD_GAP) * scale, PITCH * scale);
    let slot = |node: usize| pitch.max(height(node) + CARD_GAP * scale);
    let stack = |tier: &[usize]| tier.iter().map(|node| slot(*node)).sum::<f64>();
    let content = tiers.iter().map(|tier| stack(tier)).fold(0.0, f64::max);
    let size = Size { w: columns.w, h: window.h.max(content + (TOP + BOTTOM) * scale) };
    let centre = TOP * scale + (size.h - (TOP + BOTTOM) * scale) / 2.0;

    let mut cards = vec![Card::default(); topology.node_count()];
    let mut headings = Vec::new();
    let mut x = columns.left;
    for (index, tier) in tiers.iter().enumerate() {
        let mut y = centre - stack(tier) / 2.0;
        for node in tier {
            let h = height(*node);
            let rect = Rect { x, y: y + (slot(*node) - h) / 2.0, w: columns.card_w, h };
            cards[*node] = Card { rect, compact: false, tight: columns.card_w < TIGHT_W * scale.max(1.0) };
            y += slot(*node);
        }
        let first = tier.first().map_or(0.0, |node| cards[*node].rect.y);
        headings.push(Point::new(x, first - HEADING_LIFT * scale));
        x += columns.card_w + columns.gaps.get(index).copied().unwrap_or(0.0);
    }

    let links: Vec<Wire> =
        (0..topology.links.len()).map(|link| wire(topology, &ends, &cards, link, scale)).collect();
    let caption = |node: usize| {
        let first = ends.out[node].first().filter(|_| has_lamps(node))?;
        links[*first].lamp.map(|lamp| Point::new(lamp.x, lamp.y - 9.0 * scale))
    };
    let captions = (0..cards.len()).map(caption).collect();
    Layout { size, flow: Flow::Across, scale, cards, links, headings, captions }
}

fn wire(topology: &Topology, ends: &Ends, cards: &[Card], index: usize, scale: f64) -> Wire {
    let link = topology.links[index];
    let (from, to) = (cards[link.from].rect, cards[link.to].rect);
    let (outs, ins) = (&ends.out[link.from], &ends.into[link.to]);
    let out_pitch = if link.checked { LAMP_PITCH } else { OUT_PITCH } * scale;
    let start = Point::new(from.right(), from.middle().y + Ends::offset(outs, index, out_pitch));
    let end = Point::new(to.x, to.middle().y + Ends::offset(ins, index, IN_PITCH * scale));
    let track = Track::new(Flow::Across, start, if link.checked { LEAD * scale } else { 0.0 }, end);
    let lamp = link.checked.then(|| Rect {
        x: start.x + LAMP_X * scale,
        y: start.y - (LAMP_LIFT + LAMP_H) * scale,
        w: LAMP_W * scale,
        h: LAMP_H * scale,
    });
    let free_from = lamp.map_or(start.x, |lamp| lamp.right());
    let mark_x = end.x - (MARK_X + MARK_W) * scale;
    let on_card = mark_x < free_from;
    let (x, y) = if on_card {
        let below = Ends::place(ins, index) * MARK_H * scale;
        (to.x + 8.0 * scale, to.bottom() - 5.0 * scale + below)
    } else {
        (mark_x, end.y - (MARK_LIFT + MARK_H) * scale)
    };
    let mark = Mark { rect: Rect { x, y, w: MARK_W * scale, h: MARK_H * scale }, on_card };
    let middle = f64::midpoint(free_from, end.x);
    let count =
        (0..=50).map(|step| track.at(f64::from(step) / 50.0, 0.0)).find(|at| at.x >= middle).unwrap_or(end);
    Wire { track, lamp, mark, count }
}
