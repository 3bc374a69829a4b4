//! A still picture: one instant of a run as an SVG, for where nothing runs. It looks as the stage does.
//!
//! What stands where comes from [`layout`](crate::layout), and how each thing looks from the modules beside it, as on
//! the stage. Fonts cannot be measured here, so words get the room that common ones need.

mod card;
mod svg;

use understudy_core::health::Belief;
use understudy_sim::plan::Plan;
use understudy_sim::view::{NodeDetail, Snapshot};

use crate::address::{holders, shared};
use crate::failing::{self, Failing};
use crate::flight::{SIGNS, Sign, place};
use crate::geometry::{Flow, Point, Rect, Size, px};
use crate::lamp::{Pip, glyph, pips};
use crate::layout::{Layout, lay_out};
use crate::link::{Looks, is_attack_path, joins_databases, state, tap_path};
use crate::topology::{Runs, Topology, headings};
use crate::words::belief_word;
use svg::{Ink, Paint, Svg, Type};

/// How long a failure stays marked, in nanoseconds of the run.
const STAYS: u64 = 1_500_000_000;

/// One instant of a run as an SVG for a window of this size. `name` tells it apart from others on the same page.
pub fn still(plan: &Plan, snapshot: &Snapshot, window: Size, name: &str) -> String {
    let topology = Topology::of(plan);
    let layout = lay_out(&topology, window);
    let mut picture = Picture {
        plan,
        snapshot,
        failing: failing::failing(snapshot, &layout, STAYS),
        topology,
        layout,
        svg: Svg::default(),
    };
    picture.open(name, window);
    picture.links();
    picture.headings();
    picture.flights();
    picture.cards(name);
    picture.lamps();
    picture.addresses();
    picture.said_of_links();
    picture.svg.raw("</g></svg>");
    picture.svg.text_so_far()
}

/// What is being drawn.
struct Picture<'a> {
    plan: &'a Plan,
    snapshot: &'a Snapshot,
    topology: Topology,
    layout: Layout,
    failing: Vec<Failing>,
    svg: Svg,
}

impl Picture<'_> {
    fn open(&mut self, name: &str, window: Size) {
        let Size { w, h } = self.layout.size;
        let (w, h) = (px(w), px(h));
        self.svg.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ");
        self.svg.raw(&format!("{w} {h}\" width=\"{w}\" height=\"{h}\" class=\"still-"));
        self.svg.raw(if self.layout.flow == Flow::Down { "down" } else { "across" });
        // One that fits is as high in every window of its kind; a larger one is made smaller to fit.
        self.svg.raw(if self.layout.size.w <= window.w { " fits" } else { "" });
        self.svg.raw("\" aria-hidden=\"true\" focusable=\"false\"><defs><pattern id=\"");
        self.svg.escaped(name);
        self.svg.raw("-dead\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">");
        let hatch = Paint::line(svg::FAIL, 2.0).with(" stroke-opacity=\".2\"");
        self.svg.path("M-2 2l4-4M-2 10 10-2M6 10l4-4", hatch);
        self.svg.raw("</pattern></defs><g font-family=\"ui-sans-serif, system-ui, sans-serif\">");
    }

    /// The lines of links, and of those who listen. Links of those who only watch are left out, as on the stage.
    fn links(&mut self) {
        for (id, link) in self.plan.links() {
            let joint = self.topology.links[id.get()];
            if joint.run == Runs::Around {
                continue;
            }
            let looks = Looks::of(self.snapshot, id, [link.from.get(), link.to.get()]);
            let path = self.layout.links[id.get()].track.path().to_string();
            if looks.tls {
                let sheath =
                    Paint::line(svg::OK, 9.0).with(" stroke-opacity=\".26\" stroke-linecap=\"round\"");
                self.svg.path(&path, sheath);
            }
            let sort = (joins_databases(self.plan, id), is_attack_path(self.plan, id));
            self.svg.path(&path, wire(looks, joint.run, sort));
        }
        for (listener, link) in self.topology.taps.clone() {
            let wire = &self.layout.links[link].track;
            let path = tap_path(self.layout.cards[listener].rect, wire.at(0.5, 0.0));
            self.svg.path(&path, Paint::line(svg::FAIL, 1.3).dashed("2 3"));
        }
    }

    fn headings(&mut self) {
        let how = Type::of(12.5, svg::INK_2);
        for (words, room) in headings(self.plan, &self.topology).iter().zip(&self.layout.headings) {
            if let Some(room) = room.filter(|_| !words.is_empty()) {
                self.svg.words(words, Point::new(room.x, room.y + 12.5), how.fitting(words, room.w));
            }
        }
        for (id, node) in self.plan.nodes() {
            if let Some(room) = self.layout.captions[id.get()] {
                let words = format!("{} believes", node.name);
                let how = how.italic().fitting(&words, room.w);
                self.svg.words(&words, Point::new(room.x, room.y + 12.5), how);
            }
        }
    }

    /// What is on its way, in the order in which the stage draws it.
    fn flights(&mut self) {
        let order = [
            Sign::Small,
            Sign::Log,
            Sign::ReadReply,
            Sign::WriteReply,
            Sign::Read,
            Sign::Write,
            Sign::Attack,
            Sign::Failure,
        ];
        for wanted in order {
            for flight in &self.snapshot.flights {
                let is_drawn = self.topology.links[flight.link.get()].run != Runs::Around;
                if is_drawn && Sign::of(flight.cargo) == wanted {
                    draw_sign(&mut self.svg, wanted, place(&self.layout, flight, self.snapshot.now));
                }
            }
        }
    }

    fn cards(&mut self, name: &str) {
        for (id, _) in self.plan.nodes() {
            let inside = self.failing.iter().find(|one| one.node == id && one.link.is_none());
            let said = inside.map(failing::words);
            card::draw(&mut self.svg, &self.layout, self.plan, self.snapshot, id, name);
            if let Some(words) = said {
                let rect = self.layout.cards[id.get()].rect;
                let how = Type::of(12.5, svg::FAIL).bold();
                let middle =
                    Point::new(rect.right() - 8.0 - how.width(&words) / 2.0 - 8.0, rect.bottom() + 2.0);
                failure(&mut self.svg, &words, middle, Paint::both(svg::SURFACE, svg::FAIL, 1.3));
            }
        }
    }

    /// What balancers believe, on their side of each link.
    fn lamps(&mut self) {
        for (id, link) in self.plan.links() {
            let Some(room) = self.layout.links[id.get()].lamp else { continue };
            let NodeDetail::LoadBalancer { health, .. } = &self.snapshot.nodes[link.from.get()].detail else {
                continue;
            };
            let belief = self.snapshot.links[id.get()].belief.unwrap_or(Belief::Up);
            let pips = pips(belief, health);
            lamp(&mut self.svg, room, belief, &pips, &self.layout);
        }
    }

    /// Virtual addresses, each on the balancer that holds it.
    fn addresses(&mut self) {
        for address in shared(self.plan) {
            let holders = holders(self.snapshot, &address.balancers);
            for (id, up) in &holders {
                let card = self.layout.cards[id.get()].rect;
                let twice = holders.len() > 1;
                let words = format!("VIP {}{}", address.address, if twice { " \u{26a0} twice" } else { "" });
                let (paint, ink) = match (twice, up) {
                    (true, _) => (Paint::filled(svg::FAIL), svg::SURFACE),
                    (false, true) => (Paint::filled(svg::INK), svg::PAPER),
                    (false, false) => (Paint::both(svg::PAPER, svg::INK_2, 1.3).dashed("4 3"), svg::INK_2),
                };
                let how = Type::of(11.0, ink).bold().mono();
                self.svg.label(&words, Point::new(card.middle().x, card.y), how, paint);
            }
        }
    }

    /// That a link is cut or slow, and what failed at its far end.
    fn said_of_links(&mut self) {
        for (id, _) in self.plan.links() {
            let wire = self.layout.links[id.get()].clone();
            let words = state(&self.snapshot.links[id.get()]);
            if let Some(room) = wire.label.filter(|_| !words.is_empty()) {
                let how = Type::of(12.0, svg::FAIL).bold();
                self.svg.label(&words, room.middle(), how, Paint::both(svg::PAPER, svg::FAIL, 1.0));
            }
            let failed = self.failing.iter().find(|one| one.link == Some(id)).map(failing::words);
            if let (Some(room), Some(words)) = (wire.mark, failed) {
                let how = Type::of(12.5, svg::FAIL).bold();
                let across = self.layout.flow == Flow::Across;
                let x = if across { room.right() - how.width(&words) / 2.0 - 12.0 } else { room.middle().x };
                failure(&mut self.svg, &words, Point::new(x, room.middle().y), Paint::filled(svg::PAPER));
            }
        }
    }
}

/// The line of a link, as the style sheet of the stage has it.
fn wire(looks: Looks, run: Runs, (replication, attack): (bool, bool)) -> Paint {
    let round = " stroke-linecap=\"round\"";
    match looks {
        Looks { cut: true, .. } => Paint::line(svg::FAIL, 1.8).dashed("10 8"),
        Looks { dead: true, idle: true, .. } => Paint::line(svg::FAIL, 1.4).dashed("1.5 6").with(round),
        Looks { dead: true, .. } => Paint::line(svg::FAIL, 1.4).dashed("6 5"),
        Looks { idle: true, .. } => Paint::line(svg::LINE_STRONG, 1.4).dashed("1.5 6").with(round),
        _ if attack => Paint::line(svg::FAIL, 1.8).dashed("1.5 5").with(round),
        _ if replication => Paint::line(svg::REPLICA, 2.0).dashed("1.5 4.5").with(round),
        _ if run == Runs::Beside => Paint::line(svg::LINE_STRONG, 1.4).dashed("2.5 4"),
        _ => Paint::line(svg::LINE_STRONG, 1.4),
    }
}

fn draw_sign(svg: &mut Svg, sign: Sign, at: Point) {
    const COLOURS: [Ink; 5] = [svg::READ, svg::WRITE, svg::REPLICA, svg::PROBE, svg::FAIL];
    let (arm, colour) = SIGNS[sign as usize];
    let colour = COLOURS[colour];
    let paint = Paint::both(if sign.is_hollow() { svg::PAPER } else { colour }, colour, 1.6);
    let to = |x: f64, y: f64| format!("{} {}", px(at.x + x * arm), px(at.y + y * arm));
    match sign {
        Sign::Failure => {
            let path = format!("M{}L{}M{}L{}", to(-1.0, -1.0), to(1.0, 1.0), to(1.0, -1.0), to(-1.0, 1.0));
            svg.path(&path, Paint::line(colour, 2.2));
        }
        Sign::Attack => svg.path(&format!("M{}L{}L{}z", to(0.0, -1.0), to(0.87, 0.6), to(-0.87, 0.6)), paint),
        _ if sign.is_diamond() => {
            let path = format!("M{}L{}L{}L{}z", to(0.0, -1.0), to(1.0, 0.0), to(0.0, 1.0), to(-1.0, 0.0));
            svg.path(&path, paint);
        }
        _ => svg.disc(at, arm - 0.8, paint),
    }
}

/// A cross and a reason in words.
fn failure(svg: &mut Svg, words: &str, middle: Point, paint: Paint) {
    let how = Type::of(12.5, svg::FAIL).bold();
    let width = how.width(words);
    svg.rect(Rect::around(middle, Size { w: width + 24.0, h: 18.0 }), 5.0, paint);
    let left = middle.x - width / 2.0 - 6.0;
    let cross = Paint::line(svg::FAIL, 2.4).with(" stroke-linecap=\"round\"");
    svg.placed("M2 2l8 8M10 2l-8 8", Point::new(left - 3.0, middle.y - 5.0), 0.8, cross);
    svg.words(words, Point::new(left + 9.0, middle.y + 4.5), how);
}

/// A lamp: its glyph, its word where there is room, and its pips.
fn lamp(svg: &mut Svg, room: Rect, belief: Belief, row: &[Pip], layout: &Layout) {
    let ink = match belief {
        Belief::Unchecked | Belief::Up => svg::OK,
        Belief::Down => svg::FAIL,
        Belief::GoingDown { .. } | Belief::GoingUp { .. } => svg::WARN,
    };
    let down = layout.flow == Flow::Down;
    let y = if down { room.y + 7.0 } else { room.middle().y };
    let corner = Point::new(room.x, y - 6.2);
    let paint = match belief {
        Belief::Unchecked | Belief::Up => Paint::both(ink, ink, 1.5),
        Belief::GoingDown { .. } => Paint::both(ink, ink, 1.5).with(" fill-rule=\"evenodd\""),
        _ => Paint::line(ink, 1.5),
    };
    svg.placed(glyph(belief), corner, 1.04, paint);
    let word = belief_word(belief);
    let how = Type::of(12.5, if ink == svg::OK { svg::INK } else { ink });
    let how = if ink == svg::OK { how } else { how.bold() };
    let mut x = room.x + 17.5;
    if down {
        svg.words(word, Point::new(room.x, y + 20.0), how);
    } else if layout.roomy {
        svg.words(word, Point::new(x, y + 4.3), how);
        x += how.width(word) + 5.0;
    }
    for pip in row {
        let rect = Rect { x, y: y - 4.5, w: 4.5, h: 9.0 };
        match pip {
            Pip::Full => svg.rect(rect, 1.5, Paint::both(svg::INK_2, svg::INK_2, 1.0)),
            Pip::Empty => svg.rect(rect, 1.5, Paint::line(svg::INK_3, 1.0)),
            Pip::Crossed => {
                svg.rect(rect, 1.5, Paint::line(svg::FAIL, 1.0));
                let (left, right) = (px(rect.x), px(rect.right()));
                let (top, bottom) = (px(rect.y), px(rect.bottom()));
                svg.path(&format!("M{left} {top}L{right} {bottom}"), Paint::line(svg::FAIL, 1.4));
            }
        }
        x += 7.0;
    }
}

#[cfg(test)]
mod tests;
