//! Where everything on the stage stands, for any topology and any size of window. Plain numbers: no browser.
//!
//! Tiers run left to right where there is room and top to bottom on a phone. A balancer's links leave it on parallel
//! leads, each with the lamp that shows what the balancer believes; then they fan out to the servers. All room for
//! text is set aside here, which is why labels cannot overlap. What does not fit makes the stage larger than its
//! window, never smaller than can be read.

mod across;
mod down;

use super::geometry::{Flow, Point, Rect, Size, Track};
use super::topology::Topology;

/// Below this width the tiers run top to bottom, in pixels.
const NARROW: f64 = 600.0;

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
    /// The room for the mark of a failure at the far end.
    pub mark: Mark,
    /// Where the number of requests on the way is written in reduced motion: the middle of that label.
    pub count: Point,
}

/// The room for the mark of a failure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Its box; the words may need less.
    pub rect: Rect,
    /// Whether it stands on the edge of the card, because the link leaves no room.
    pub on_card: bool,
}

/// Places `topology` in a window of this size.
pub fn lay_out(topology: &Topology, window: Size) -> Layout {
    if window.w < NARROW { down::lay_out(topology, window) } else { across::lay_out(topology, window) }
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
        for node in 0..nodes {
            for (index, link) in topology.links.iter().enumerate() {
                if link.to == node {
                    out[link.from].push(index);
                }
                if link.from == node {
                    into[link.to].push(index);
                }
            }
        }
        Self { out, into }
    }

    /// The place of a link among those that end at the same side of the same node.
    fn place(links: &[usize], link: usize) -> f64 {
        count(links.iter().position(|other| *other == link).expect("the link ends here"))
    }

    /// How far from the middle of that side the link is attached.
    fn offset(links: &[usize], link: usize, pitch: f64) -> f64 {
        (Self::place(links, link) - (count(links.len()) - 1.0) / 2.0) * pitch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::topology::Joint;

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
                let lamps = layout.links.iter().filter_map(|link| link.lamp);
                let marks = layout.links.iter().map(|link| link.mark).filter(|mark| !mark.on_card);
                let boxes: Vec<Rect> = cards.chain(lamps).chain(marks.map(|mark| mark.rect)).collect();
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
