//! Where everything on the stage stands, for any topology and any size of window. Plain numbers: no browser.
//!
//! Tiers run left to right where there is room and top to bottom on a phone. A balancer's links leave it on parallel
//! leads, each with the lamp that shows what the balancer believes; then they fan out to the servers. All room for
//! text is set aside here, which is why labels cannot overlap. What does not fit makes the stage larger than its
//! window, never smaller than can be read.

use super::geometry::{Flow, Point, Rect, Size, Track};
use super::topology::Topology;

/// Below this width the tiers run top to bottom, in pixels.
pub const NARROW: f64 = 600.0;

/// Everything's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// How large the drawing is; at least as large as the window in the direction in which it does not flow.
    pub size: Size,
    /// Which way the tiers run.
    pub flow: Flow,
    /// Size of text and cards, as a multiple of their size in a window of ordinary width.
    pub scale: f64,
    /// Each node's card, in scenario order.
    pub cards: Vec<Card>,
    /// Each link, in scenario order.
    pub links: Vec<Wire>,
    /// Where the heading of each tier starts: its left end and baseline. None on a phone.
    pub headings: Vec<Point>,
    /// Where the words "lb-1 believes" start above the lamps of a node, in scenario order. None on a phone.
    pub captions: Vec<Option<Point>>,
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
    /// Where a failure at the far end is marked: the mark's lower right corner across, its lower middle down.
    pub mark: Point,
    /// Where the number of requests on the way is written in reduced motion: the middle of that label.
    pub count: Point,
}

/// Sizes at scale 1, in pixels.
mod across {
    pub(super) const CARD_W: f64 = 196.0;
    /// Below this width role and rate do not fit on one line, in pixels.
    pub(super) const TIGHT_W: f64 = 190.0;
    pub(super) const CARD_H: f64 = 76.0;
    pub(super) const CARD_GAP: f64 = 34.0;
    pub(super) const PITCH: f64 = 168.0;
    pub(super) const MARGIN: f64 = 28.0;
    pub(super) const TOP: f64 = 40.0;
    pub(super) const BOTTOM: f64 = 22.0;
    pub(super) const LAMP_PITCH: f64 = 34.0;
    pub(super) const LAMP_W: f64 = 104.0;
    pub(super) const LAMP_H: f64 = 18.0;
    /// From the wire up to the lamp's lower edge: clear of what moves along the wire.
    pub(super) const LAMP_LIFT: f64 = 7.0;
    pub(super) const LEAD: f64 = 124.0;
    pub(super) const WIDEST: f64 = 1_220.0;
    /// From a card up to the heading above it: clear of the mark on the card's upper edge.
    pub(super) const HEADING_LIFT: f64 = 13.0;
}
mod down {
    pub(super) const CARD_W: f64 = 300.0;
    pub(super) const CARD_H: f64 = 68.0;
    pub(super) const COMPACT_W: f64 = 176.0;
    pub(super) const LEAST_W: f64 = 96.0;
    pub(super) const COMPACT_H: f64 = 112.0;
    pub(super) const CARD_GAP: f64 = 8.0;
    pub(super) const MARGIN: f64 = 12.0;
    pub(super) const TIER_GAP: f64 = 58.0;
    pub(super) const LAMP_GAP: f64 = 132.0;
    pub(super) const LAMP_W: f64 = 50.0;
    pub(super) const LAMP_H: f64 = 34.0;
    pub(super) const LEAD: f64 = 52.0;
}

/// Places `topology` in a window of this size.
pub fn lay_out(topology: &Topology, window: Size) -> Layout {
    if window.w < NARROW { lay_down(topology, window) } else { lay_across(topology, window) }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("a stage has few nodes"))
}

/// The links that leave a node and those that reach it, each in the order in which the nodes at their other ends
/// stand in their tier: links that leave side by side then never cross each other.
struct Ends {
    out: Vec<Vec<usize>>,
    into: Vec<Vec<usize>>,
}

impl Ends {
    fn of(topology: &Topology) -> Self {
        let nodes = topology.node_count();
        let (mut out, mut into) = (vec![Vec::new(); nodes], vec![Vec::new(); nodes]);
        for (index, link) in topology.links.iter().enumerate() {
            out[link.from].push(index);
            into[link.to].push(index);
        }
        for links in &mut out {
            links.sort_by_key(|link| topology.links[*link].to);
        }
        for links in &mut into {
            links.sort_by_key(|link| topology.links[*link].from);
        }
        Self { out, into }
    }

    /// How far from the middle of its node's side the link with this place among `links` is attached.
    fn offset(links: &[usize], link: usize, pitch: f64) -> f64 {
        let place = links.iter().position(|other| *other == link).expect("the link ends here");
        (count(place) - (count(links.len()) - 1.0) / 2.0) * pitch
    }
}

fn lay_across(topology: &Topology, window: Size) -> Layout {
    use across::{
        BOTTOM, CARD_GAP, CARD_H, CARD_W, HEADING_LIFT, LAMP_H, LAMP_LIFT, LAMP_PITCH, LAMP_W, LEAD, MARGIN, PITCH, TIGHT_W, TOP, WIDEST,
    };
    let ends = Ends::of(topology);
    let scale = (window.w / 1_000.0).min(window.h / 430.0).clamp(0.88, 1.7);
    let has_lamps = |node: usize| ends.out[node].iter().any(|link| topology.links[*link].checked);
    let height = |node: usize| {
        let ports = count(ends.out[node].len());
        if has_lamps(node) { CARD_H.max((ports - 1.0) * LAMP_PITCH + 32.0) * scale } else { CARD_H * scale }
    };
    // Columns: cards of equal width; a gap that holds lamps is wider.
    let tiers = &topology.tiers;
    let gaps: Vec<f64> = tiers[..tiers.len() - 1]
        .iter()
        .map(|tier| if tier.iter().any(|node| has_lamps(*node)) { 2.0 } else { 1.0 })
        .collect();
    let card_w = (CARD_W * scale).min((window.w - 2.0 * MARGIN) / (count(tiers.len()) + 1.35));
    let full = (window.w - 2.0 * MARGIN * scale).min(WIDEST * scale);
    let free = (full - card_w * count(tiers.len())).max((LEAD + 40.0) * scale * 1.5);
    let share = free / gaps.iter().sum::<f64>().max(1.0);
    let left = (window.w - full) / 2.0;
    // Rows: as far apart as the window allows, within reason.
    let tallest = tiers.iter().map(Vec::len).max().unwrap_or(1);
    let room = window.h - (TOP + BOTTOM) * scale;
    let pitch = (room / count(tallest)).clamp((CARD_H + CARD_GAP) * scale, PITCH * scale);
    let stack = |tier: &[usize]| -> f64 {
        tier.iter().map(|node| height(*node).max(pitch - CARD_GAP * scale) + CARD_GAP * scale).sum()
    };
    let content = tiers.iter().map(|tier| stack(tier)).fold(0.0, f64::max);
    let size = Size { w: window.w, h: window.h.max(content + (TOP + BOTTOM) * scale) };
    let centre = TOP * scale + (size.h - (TOP + BOTTOM) * scale) / 2.0;

    let mut cards = vec![Card::default(); topology.node_count()];
    let mut headings = Vec::new();
    let mut x = left;
    let top_of = |tier: &Vec<usize>| centre - stack(tier) / 2.0;
    for (index, tier) in tiers.iter().enumerate() {
        let mut y = top_of(tier);
        for node in tier {
            let slot = height(*node).max(pitch - CARD_GAP * scale) + CARD_GAP * scale;
            let h = height(*node);
            let rect = Rect { x, y: y + (slot - h) / 2.0, w: card_w, h };
            cards[*node] = Card { rect, compact: false, tight: card_w < TIGHT_W * scale.max(1.0) };
            y += slot;
        }
        let first = tier.first().map_or(0.0, |node| cards[*node].rect.y);
        headings.push(Point::new(x, first - HEADING_LIFT * scale));
        x += card_w + gaps.get(index).copied().unwrap_or(0.0) * share;
    }

    let links = (topology.links.iter().enumerate())
        .map(|(index, link)| {
            let (from, to) = (cards[link.from].rect, cards[link.to].rect);
            let out_pitch = if link.checked { LAMP_PITCH * scale } else { 18.0 * scale };
            let start = Point::new(from.right(), from.middle().y + Ends::offset(&ends.out[link.from], index, out_pitch));
            let in_pitch = (18.0 * scale).min(to.h * 0.7 / count(ends.into[link.to].len()));
            let end = Point::new(to.x, to.middle().y + Ends::offset(&ends.into[link.to], index, in_pitch));
            let lead = if link.checked { LEAD * scale } else { 0.0 };
            let track = Track::new(Flow::Across, start, lead, end);
            let lamp = link.checked.then(|| Rect {
                x: start.x + 12.0 * scale,
                y: start.y - (LAMP_LIFT + LAMP_H) * scale,
                w: LAMP_W * scale,
                h: LAMP_H * scale,
            });
            let mark = Point::new(end.x - 14.0 * scale, end.y - 10.0 * scale);
            let count = track.at(if link.checked { 0.72 } else { 0.5 }, 0.0);
            Wire { track, lamp, mark, count }
        })
        .collect::<Vec<_>>();
    let captions = (0..cards.len())
        .map(|node| {
            let first = ends.out[node].first().filter(|_| has_lamps(node))?;
            links[*first].lamp.map(|lamp| Point::new(lamp.x, lamp.y - 10.0 * scale))
        })
        .collect();
    Layout { size, flow: Flow::Across, scale, cards, links, headings, captions }
}

fn lay_down(topology: &Topology, window: Size) -> Layout {
    use down::{
        CARD_GAP, CARD_H, CARD_W, COMPACT_H, COMPACT_W, LAMP_GAP, LAMP_H, LAMP_W, LEAD, LEAST_W, MARGIN, TIER_GAP,
    };
    let ends = Ends::of(topology);
    let widest = topology.tiers.iter().map(Vec::len).max().unwrap_or(1);
    let least = |nodes: usize, card: f64| count(nodes) * (card + CARD_GAP) - CARD_GAP + 2.0 * MARGIN;
    let w = window.w.max(least(widest, LEAST_W));
    let has_lamps = |node: usize| ends.out[node].iter().any(|link| topology.links[*link].checked);

    let mut cards = vec![Card::default(); topology.node_count()];
    let mut y = MARGIN;
    for tier in &topology.tiers {
        let compact = tier.len() > 1;
        let fit = (w - 2.0 * MARGIN + CARD_GAP) / count(tier.len()) - CARD_GAP;
        let card_w = fit.min(if compact { COMPACT_W } else { CARD_W });
        // A lone balancer spans the tier below, so that its links run straight down.
        let card_w = if compact || !tier.iter().any(|node| has_lamps(*node)) { card_w } else { fit };
        let card_h = if compact { COMPACT_H } else { CARD_H };
        let mut x = (w - (card_w + CARD_GAP) * count(tier.len()) + CARD_GAP) / 2.0;
        for node in tier {
            cards[*node] = Card { rect: Rect { x, y, w: card_w, h: card_h }, compact, tight: false };
            x += card_w + CARD_GAP;
        }
        y += card_h + if tier.iter().any(|node| has_lamps(*node)) { LAMP_GAP } else { TIER_GAP };
    }
    let bottom = cards.iter().map(|card| card.rect.bottom()).fold(0.0, f64::max);
    let links = (topology.links.iter().enumerate())
        .map(|(index, link)| {
            let (from, to) = (cards[link.from].rect, cards[link.to].rect);
            let outs = &ends.out[link.from];
            let room = from.w / count(outs.len());
            // Straight down where the card above reaches that far.
            let even = from.middle().x + Ends::offset(outs, index, room.min(40.0));
            let below = to.middle().x;
            let reaches = outs.iter().all(|out| {
                let x = cards[topology.links[*out].to].rect.middle().x;
                from.x + 12.0 <= x && x <= from.right() - 12.0
            });
            let start = Point::new(if reaches { below } else { even }, from.bottom());
            let in_pitch = (16.0_f64).min(to.w * 0.6 / count(ends.into[link.to].len()));
            let end = Point::new(below + Ends::offset(&ends.into[link.to], index, in_pitch), to.y);
            let lead = if link.checked { LEAD } else { 0.0 };
            let track = Track::new(Flow::Down, start, lead, end);
            let lamp =
                link.checked.then(|| Rect { x: start.x + 14.0, y: start.y + 12.0, w: LAMP_W, h: LAMP_H });
            let mark = Point::new(end.x, end.y - 8.0);
            let count = if link.checked { Point::new(end.x, end.y - 48.0) } else { track.at(0.5, 0.0) };
            Wire { track, lamp, mark, count }
        })
        .collect();
    let captions = vec![None; cards.len()];
    let size = Size { w, h: bottom + MARGIN };
    Layout { size, flow: Flow::Down, scale: 1.0, cards, links, headings: Vec::new(), captions }
}

#[cfg(test)]
mod tests {
    use super::super::topology::Joint;
    use super::*;

    /// Clients, balancers that each send to every server, and servers.
    fn topology(balancers: usize, servers: usize) -> Topology {
        let first_server = 1 + balancers;
        let mut links: Vec<Joint> =
            (1..first_server).map(|balancer| Joint { from: 0, to: balancer, checked: false }).collect();
        for from in 1..first_server {
            links.extend((first_server..first_server + servers).map(|to| Joint { from, to, checked: true }));
        }
        let tiers =
            vec![vec![0], (1..first_server).collect(), (first_server..first_server + servers).collect()];
        Topology { tiers, links }
    }

    const WINDOWS: [Size; 7] = [
        Size { w: 320.0, h: 300.0 },
        Size { w: 390.0, h: 500.0 },
        Size { w: 700.0, h: 430.0 },
        Size { w: 1_120.0, h: 520.0 },
        Size { w: 1_120.0, h: 260.0 },
        Size { w: 1_600.0, h: 900.0 },
        Size { w: 3_400.0, h: 1_700.0 },
    ];

    #[test]
    fn nothing_overlaps_and_nothing_is_cut_off() {
        for (balancers, servers) in [(1, 1), (1, 3), (1, 8), (2, 4), (1, 20)] {
            for window in WINDOWS {
                let case = format!("{balancers} balancers, {servers} servers in {window:?}");
                let layout = lay_out(&topology(balancers, servers), window);
                let cards = layout.cards.iter().map(|card| card.rect);
                let boxes: Vec<Rect> =
                    cards.chain(layout.links.iter().filter_map(|link| link.lamp)).collect();
                for (index, one) in boxes.iter().enumerate() {
                    for other in &boxes[index + 1..] {
                        assert!(!one.overlaps(other), "{case}: {one:?} and {other:?}");
                    }
                    let inside = one.x >= 0.0
                        && one.y >= 0.0
                        && one.right() <= layout.size.w + 0.5
                        && one.bottom() <= layout.size.h + 0.5;
                    assert!(inside, "{case}: {one:?} leaves {:?}", layout.size);
                }
            }
        }
    }

    #[test]
    fn tiers_run_across_when_wide_and_down_on_a_phone() {
        let topology = topology(1, 3);
        let wide = lay_out(&topology, Size { w: 1_120.0, h: 520.0 });
        assert!(wide.cards[0].rect.right() < wide.cards[1].rect.x);
        assert!(wide.cards[1].rect.right() < wide.cards[2].rect.x);
        let phone = lay_out(&topology, Size { w: 390.0, h: 500.0 });
        assert!(phone.cards[0].rect.bottom() < phone.cards[1].rect.y);
        assert_eq!(phone.size.w, 390.0, "no sideways scrolling on a phone");
    }

    #[test]
    fn links_end_at_their_cards_and_lamps_stand_at_the_balancer() {
        for window in WINDOWS {
            let topology = topology(1, 3);
            let layout = lay_out(&topology, window);
            for (wire, link) in layout.links.iter().zip(&topology.links) {
                let (from, to) = (layout.cards[link.from].rect, layout.cards[link.to].rect);
                let (start, end) = (wire.track.at(0.0, 0.0), wire.track.at(1.0, 0.0));
                assert!(start.y >= from.y && start.y <= from.bottom() && start.x <= from.right() + 0.5);
                assert!(end.y >= to.y - 0.5 && end.y <= to.bottom() && end.x >= to.x - 0.5);
                if let Some(lamp) = wire.lamp {
                    let middle = lamp.middle();
                    let near = (middle.x - start.x).hypot(middle.y - start.y);
                    let far = (middle.x - end.x).hypot(middle.y - end.y);
                    assert!(near < far, "the lamp shows what the balancer believes: it stands there");
                }
            }
        }
    }

    #[test]
    fn more_servers_than_fit_make_the_stage_larger_not_the_cards_smaller() {
        let layout = lay_out(&topology(1, 20), Size { w: 1_120.0, h: 400.0 });
        assert!(layout.size.h > 1_000.0);
        assert!(layout.cards.iter().all(|card| card.rect.h >= 60.0));
    }
}
