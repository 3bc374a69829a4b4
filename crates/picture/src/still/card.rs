//! A node's card in a still picture: the truth about it, as on the stage.

use understudy_sim::ids::NodeId;
use understudy_sim::plan::Plan;
use understudy_sim::view::{RecordState, Snapshot, Truth};

use super::svg::{self, Anchor, Ink, Paint, Svg, Type};
use crate::card::{
    CELLS, HOT_PERMILLE, MOST_SQUARES, State, is_backup, log, name_size, rate, role, shortened,
};
use crate::geometry::{Point, Rect, px};
use crate::icons;
use crate::kinds::look;
use crate::layout::{Card, Layout};
use crate::words::short_lsn;

/// The measures of what is on a card, which are those of the stage's style sheet.
struct Inside {
    pad: f64,
    icon: f64,
    /// From the left edge to the words.
    words: f64,
    name: f64,
    role: f64,
    ring: f64,
}

const ROOMY: Inside = Inside { pad: 12.0, icon: 21.0, words: 44.0, name: 15.5, role: 12.5, ring: 24.0 };
const SNUG: Inside = Inside { pad: 9.0, icon: 18.0, words: 35.0, name: 14.5, role: 12.0, ring: 21.0 };
const DENSE: Inside = Inside { pad: 7.0, icon: 15.0, words: 27.0, name: 14.5, role: 12.0, ring: 20.0 };
const COMPACT: Inside = Inside { pad: 10.0, icon: 21.0, words: 10.0, name: 15.5, role: 12.5, ring: 24.0 };

/// The rows of a card from top to bottom, each as high as it is.
enum Row {
    /// Icon and ring side by side, where the card is too narrow for more.
    Icon(f64),
    Name(f64),
    Words {
        words: String,
        x: f64,
        h: f64,
    },
    Cells(f64),
    Queue(f64),
}

impl Row {
    const fn height(&self) -> f64 {
        match self {
            Self::Icon(h) | Self::Name(h) | Self::Words { h, .. } | Self::Cells(h) | Self::Queue(h) => *h,
        }
    }
}

/// A card that is being drawn.
struct Drawing<'a> {
    svg: &'a mut Svg,
    card: Card,
    inside: &'static Inside,
    state: State,
    colours: Colours,
}

/// The colours of a state.
struct Colours {
    border: Ink,
    ground: Ink,
    icon: Ink,
    role: Ink,
}

pub(super) fn draw(svg: &mut Svg, layout: &Layout, plan: &Plan, snapshot: &Snapshot, id: NodeId, name: &str) {
    let Some(node) = plan.node(id) else { return };
    let card = layout.cards[id.get()];
    let look = look(&node.kind);
    let inside = match (card.compact, layout.dense, layout.roomy) {
        (true, ..) => &COMPACT,
        (_, true, _) => &DENSE,
        (_, _, true) => &ROOMY,
        _ => &SNUG,
    };
    let state = State::of(id, is_backup(id, plan), snapshot);
    let colours = colours(&state);
    let (standby, dead) = (state.standby, matches!(state.truth, Truth::Down { .. }));
    let gap = if card.compact { 3.0 } else { 2.0 };
    let mut drawing = Drawing { svg, card, inside, state, colours };
    drawing.ground(standby, dead, name);
    let words = words_of(layout, &card, inside, plan, snapshot, id);
    let rows = rows(&card, inside, &drawing.state, words, look.has_log);
    let icon = look.icon;
    let (timeline, records) = log(id, snapshot);
    let height: f64 = rows.iter().map(Row::height).sum::<f64>()
        + gap * f64::from(u32::try_from(rows.len()).unwrap_or(1) - 1);
    let mut y = card.rect.y + (card.rect.h - height) / 2.0;
    if !card.compact {
        // The icon stands beside the first two rows, or the first on a narrow card.
        let beside = if layout.dense { 1 } else { 2 };
        let tall: f64 = rows.iter().take(beside).map(Row::height).sum::<f64>()
            + gap * (f64::from(u32::try_from(beside).unwrap_or(1)) - 1.0);
        drawing.icon(icon, y + tall / 2.0);
    }
    for row in rows {
        let h = row.height();
        match row {
            Row::Icon(_) => {
                drawing.icon(icon, y + h / 2.0);
                drawing.ring(y + h / 2.0);
            }
            Row::Name(_) => {
                drawing.name(&node.name, y + h / 2.0, dead);
                if !card.compact {
                    drawing.ring(y + h / 2.0);
                }
            }
            Row::Words { words, x, .. } => drawing.role(&words, x, y + h / 2.0),
            Row::Cells(_) => {
                let cells =
                    records.iter().rev().take(CELLS).map(|record| (short_lsn(record.lsn), record.state));
                drawing.cells(timeline, &cells.collect::<Vec<_>>(), y + h / 2.0);
            }
            Row::Queue(_) => drawing.queue(y + h / 2.0),
        }
        y += h + gap;
    }
    drawing.on_the_edge(&node.dependability.groups.join(", "));
}

fn colours(state: &State) -> Colours {
    match state.truth {
        Truth::Down { .. } => {
            Colours { border: svg::FAIL, ground: svg::FAIL_SOFT, icon: svg::FAIL, role: svg::FAIL }
        }
        Truth::Hung { .. } => {
            Colours { border: svg::WARN, ground: svg::WARN_SOFT, icon: svg::INK_2, role: svg::WARN }
        }
        _ => Colours {
            border: svg::LINE_STRONG,
            ground: svg::SURFACE,
            icon: if state.standby { svg::INK_3 } else { svg::INK_2 },
            role: svg::INK_2,
        },
    }
}

/// What stands below the name: one line, or as many as a narrow card needs.
fn words_of(
    layout: &Layout,
    card: &Card,
    inside: &Inside,
    plan: &Plan,
    snapshot: &Snapshot,
    id: NodeId,
) -> Vec<(String, f64)> {
    let (role, rate) = (role(id, plan, snapshot), rate(id, snapshot));
    if layout.dense && !card.compact {
        let role = shortened(&role, id, plan, snapshot);
        let line = [role.as_str(), rate.as_str()].join(" ");
        return wrapped(line.trim(), card.rect.w - 2.0 * inside.pad, inside.role)
            .into_iter()
            .map(|line| (line, inside.pad))
            .collect();
    }
    let line = if rate.is_empty() { role.clone() } else { format!("{role} \u{b7}\u{a0}{rate}") };
    let room = card.rect.w - inside.words - inside.pad;
    if !card.compact && (!card.tight || Type::of(inside.role, svg::INK_2).width(&line) <= 1.2 * room) {
        return vec![(line, inside.words)];
    }
    let lines = if card.compact { wrapped(&role, room, inside.role) } else { vec![role] };
    let lines = lines.into_iter().chain([rate]).filter(|line| !line.is_empty());
    lines.map(|line| (line, inside.words)).collect()
}

/// Words in lines of at most this width, broken at plain spaces.
fn wrapped(words: &str, room: f64, size: f64) -> Vec<String> {
    let how = Type::of(size, svg::INK_2);
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if how.width(line) + how.width(word) + size / 3.0 <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

fn rows(card: &Card, inside: &Inside, state: &State, words: Vec<(String, f64)>, has_log: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    if card.compact {
        rows.push(Row::Icon(24.0));
    }
    rows.push(Row::Name(inside.name * 1.25));
    rows.extend(words.into_iter().map(|(words, x)| Row::Words { words, x, h: inside.role * 1.25 }));
    if has_log {
        rows.push(Row::Cells(23.0));
    }
    if state.load_permille.is_some() && !has_log {
        rows.push(Row::Queue(8.0));
    }
    rows
}

impl Drawing<'_> {
    fn ground(&mut self, standby: bool, dead: bool, name: &str) {
        let paint = Paint::both(self.colours.ground, self.colours.border, 1.3);
        self.svg.rect(self.card.rect, 11.0, if standby { paint.dashed("5 4") } else { paint });
        if dead {
            let Rect { x, y, w, h } = self.card.rect;
            let numbers = [x, y, w, h].map(px);
            let [x, y, w, h] = &numbers;
            self.svg.raw(&format!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"11\" fill=\"url(#"
            ));
            self.svg.escaped(name);
            self.svg.raw("-dead)\"/>");
        }
    }

    fn icon(&mut self, path: &str, middle: f64) {
        let corner = Point::new(self.card.rect.x + self.inside.pad, middle - self.inside.icon / 2.0);
        let stroke =
            Paint::line(self.colours.icon, 1.5).with(" stroke-linecap=\"round\" stroke-linejoin=\"round\"");
        self.svg.placed(path, corner, self.inside.icon / 18.0, stroke);
    }

    fn name(&mut self, name: &str, middle: f64, dead: bool) {
        let letters = name.chars().count();
        let fit = name_size(&self.card, letters, self.state.load_permille.is_some());
        let how = Type::of(self.inside.name.min(fit), svg::INK).bold();
        let at = Point::new(self.card.rect.x + self.inside.words, middle + how.size * 0.36);
        self.svg.words(name, at, how);
        if dead {
            let (from, to) = (px(at.x), px(at.x + how.width(name)));
            let y = px(middle + 0.5);
            self.svg.path(&format!("M{from} {y}H{to}"), Paint::line(svg::INK, 1.8));
        }
    }

    fn role(&mut self, words: &str, x: f64, middle: f64) {
        let how = Type::of(self.inside.role, self.colours.role);
        let how = if self.colours.role == svg::INK_2 { how } else { how.bold() };
        let how = how.fitting(words, self.card.rect.w - x - self.inside.pad / 2.0);
        self.svg.words(words, Point::new(self.card.rect.x + x, middle + how.size * 0.36), how);
    }

    /// How busy it is; a dead or frozen one has none.
    fn ring(&mut self, middle: f64) {
        let Some(load) = self.state.load_permille else { return };
        let size = self.inside.ring;
        let centre = Point::new(self.card.rect.right() - self.inside.pad - size / 2.0, middle);
        if matches!(self.state.truth, Truth::Hung { .. }) {
            let clock = Paint::both(svg::WARN_SOFT, svg::WARN, 1.8).with(" stroke-linecap=\"round\"");
            self.svg.placed(icons::CLOCK, Point::new(centre.x - 11.0, centre.y - 11.0), 22.0 / 18.0, clock);
        }
        if self.state.truth != Truth::Up {
            return;
        }
        let (radius, width) = (size * 11.0 / 28.0, size * 4.2 / 28.0);
        self.svg.disc(centre, radius, Paint::line(svg::LINE, width));
        let hot = load >= HOT_PERMILLE;
        let paint =
            Paint::line(if hot { svg::FAIL } else { svg::READ }, if hot { width * 1.4 } else { width });
        if load >= 1_000 {
            self.svg.disc(centre, radius, paint);
        } else if load > 0 {
            let turn = f64::from(load) / 1_000.0 * std::f64::consts::TAU;
            let end = Point::new(centre.x + radius * turn.sin(), centre.y - radius * turn.cos());
            let (r, large) = (px(radius), u8::from(load > 500));
            let path = format!(
                "M{} {}A{r} {r} 0 {large} 1 {} {}",
                px(centre.x),
                px(centre.y - radius),
                px(end.x),
                px(end.y)
            );
            self.svg.path(&path, paint);
        }
    }

    /// Requests that wait: a square each, beyond some a number.
    fn queue(&mut self, middle: f64) {
        // A narrow card needs all its width for them.
        let from = if self.card.tight { self.inside.pad } else { self.inside.words };
        let x = self.card.rect.x + from;
        let shown = self.state.queued.min(MOST_SQUARES);
        for place in 0..shown {
            let rect = Rect { x: x + f64::from(place) * 9.0, y: middle - 3.3, w: 6.5, h: 6.5 };
            self.svg.rect(rect, 0.0, Paint::filled(svg::INK_3));
        }
        if self.state.queued > shown {
            let more = format!("+{}", self.state.queued - shown);
            let at = Point::new(x + f64::from(shown) * 9.0 + 1.0, middle + 4.0);
            self.svg.words(&more, at, Type::of(11.0, svg::INK_2));
        }
    }

    /// The newest records of the log, the newest at the right: what does not fit is the oldest.
    fn cells(&mut self, timeline: u32, records: &[(String, RecordState)], middle: f64) {
        let rect = self.card.rect;
        let (left, right) = (rect.x + self.inside.pad, rect.right() - self.inside.pad);
        let tag = format!("T{timeline}");
        let how = Type::of(11.0, svg::INK_2).bold().mono();
        self.svg.words(&tag, Point::new(left, middle + 6.0), how);
        let least = if self.card.compact { 30.0 } else { 36.0 };
        let mut x = right;
        for (words, state) in records {
            x -= least;
            if x < left + how.width(&tag) + 6.0 {
                break;
            }
            let cell = Rect { x, y: middle - 7.5, w: least, h: 19.0 };
            let (paint, ink) = match state {
                RecordState::Done => (Paint::both(svg::READ_SOFT, svg::READ, 1.2), svg::INK),
                RecordState::OnItsWay => (Paint::line(svg::READ, 1.2).dashed("3 2"), svg::INK),
                RecordState::Lost => (Paint::both(svg::FAIL_SOFT, svg::FAIL, 1.2), svg::FAIL),
            };
            self.svg.rect(cell, 4.0, paint);
            let text = Type::of(11.0, ink).bold().mono().at(Anchor::Middle);
            self.svg.words(words, Point::new(cell.middle().x, cell.middle().y + 4.0), text);
            if *state == RecordState::Lost {
                let (from, to) = ((px(cell.x), px(cell.bottom())), (px(cell.right()), px(cell.y)));
                let line = format!("M{} {}L{} {}", from.0, from.1, to.0, to.1);
                self.svg.path(&line, Paint::line(svg::FAIL, 1.6));
            }
            x -= 3.0;
        }
    }

    /// What it shares its fate with, and that it is slow, on its lower edge.
    fn on_the_edge(&mut self, shares: &str) {
        if !shares.is_empty() {
            let how = Type::of(11.5, svg::INK).bold();
            let middle =
                Point::new(self.card.rect.x + 16.0 + how.width(shares) / 2.0, self.card.rect.bottom() + 4.0);
            self.svg.label(shares, middle, how, Paint::both(svg::PAPER, svg::LINE_STRONG, 1.3));
        }
        if self.state.slowness > 1 {
            let words = format!("{}\u{d7} slower", self.state.slowness);
            let how = Type::of(11.5, svg::WARN).bold();
            let middle =
                Point::new(self.card.rect.x + 16.0 + how.width(&words) / 2.0, self.card.rect.bottom() + 1.0);
            self.svg.label(&words, middle, how, Paint::both(svg::SURFACE, svg::WARN, 1.3));
        }
    }
}
