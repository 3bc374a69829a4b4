//! What the reader does on the stage: pan, zoom, point, pin, walk with the arrow keys.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};
use leptos::prelude::*;
use understudy_sim::ids::Direction;
use wasm_bindgen::JsCast;

use super::geometry::{Flow, Point, Size};
use super::pointing::{self, Pointed, Target, flight_at, thing_at};
use super::roving::{self, Arrow};
use super::topology::Topology;
use super::view::View;
use super::{Laid, UNMEASURED, link, node};
use crate::bind::press;
use crate::browser::{self, now_ms};
use crate::icons::{self, icon};
use crate::player::{Player, Run};
use crate::selection::Selection;

/// One press of a zoom button or key.
const STEP: f64 = 1.3;
/// How much one pixel of a wheel zooms.
const WHEEL: f64 = 0.0015;
/// A pointer that has gone less far meant to click.
const DRAG: f64 = 4.0;
/// How long a change of view takes, for readers who did not ask for less motion.
const GLIDE_MS: f64 = 160.0;

/// The state of the stage that its handlers share.
#[derive(Clone, Copy)]
pub struct Surface {
    pub(super) player: Player,
    pub(super) run: Run,
    pub(super) layout: Laid,
    pub(super) view: RwSignal<View>,
    pub(super) size: ReadSignal<Option<Size>>,
    pub(super) pointed: RwSignal<Option<Pointed>>,
    pub(super) hidden: Memo<Vec<bool>>,
}

/// Pointers that are down on the stage.
#[derive(Clone, Debug, Default)]
struct Hands {
    down: Vec<(i32, Point)>,
    /// How far they went, so that the end of a drag is no click.
    went: f64,
}

thread_local! {
    static HANDS: std::cell::RefCell<Hands> = std::cell::RefCell::default();
}

/// The place of an event in the stage's window.
fn place(event: &MouseEvent) -> Point {
    let target = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let corner = target.map(|element| element.get_bounding_client_rect());
    let (x, y) = corner.map_or((0.0, 0.0), |rect| (rect.left(), rect.top()));
    Point::new(f64::from(event.client_x()) - x, f64::from(event.client_y()) - y)
}

impl Surface {
    fn window(self) -> Size {
        self.size.get_untracked().unwrap_or(UNMEASURED)
    }

    /// Shows another part: at once, or gliding there.
    fn go(self, view: View) {
        if self.player.calm.get_untracked() {
            self.view.set(view);
        } else {
            glide(self.view, self.view.get_untracked(), view, now_ms());
        }
    }

    /// Enlarges by `factor` around the middle.
    fn zoom(self, factor: f64) {
        let window = self.window();
        self.go(self.view.get_untracked().zoomed(factor, Point::new(window.w / 2.0, window.h / 2.0)));
    }

    /// Shows all of it.
    fn fit(self) {
        self.go(self.layout.with_untracked(|layout| View::fit(layout, self.window())));
    }

    pub(super) fn wheel(self, event: &WheelEvent) {
        if self.player.setting.figure.is_some() {
            return;
        }
        // Where the page itself scrolls, the wheel is the page's unless the reader means to zoom.
        let scrolls =
            document().document_element().is_some_and(|root| root.scroll_height() > root.client_height() + 1);
        if scrolls && !event.ctrl_key() {
            return;
        }
        event.prevent_default();
        let factor = (-event.delta_y() * if event.ctrl_key() { 4.0 * WHEEL } else { WHEEL }).exp();
        let at = place(event);
        self.view.update(|view| *view = view.zoomed(factor, at));
    }

    pub(super) fn press(self, event: &PointerEvent) {
        // A figure stays where it is: what looks like a drag scrolls the page or marks text.
        if self.player.setting.figure.is_some() {
            return;
        }
        let at = place(event);
        HANDS.with_borrow_mut(|hands| {
            if hands.down.is_empty() {
                hands.went = 0.0;
            }
            hands.down.retain(|(id, _)| *id != event.pointer_id());
            hands.down.push((event.pointer_id(), at));
        });
    }

    pub(super) fn moved(self, event: &PointerEvent) {
        let at = place(event);
        let moved = HANDS.with_borrow_mut(|hands| {
            let hand = hands.down.iter().position(|(id, _)| *id == event.pointer_id())?;
            let from = std::mem::replace(&mut hands.down[hand].1, at);
            hands.went += from.distance(at);
            let other = hands.down.iter().find(|(id, _)| *id != event.pointer_id()).map(|(_, at)| *at);
            Some((from, other, hands.went))
        });
        let Some((from, other, went)) = moved else { return self.point(event, at) };
        let (size, window) = (self.layout.with_untracked(|layout| layout.size), self.window());
        match other {
            // Two fingers: what is between them stays between them.
            Some(other) => {
                let factor = at.distance(other) / from.distance(other).max(1.0);
                let middle = other.towards(at, 0.5);
                let (x, y) = ((at.x - from.x) / 2.0, (at.y - from.y) / 2.0);
                self.view.update(|view| *view = view.zoomed(factor, middle).moved(x, y, size, window));
            }
            None if went > DRAG => {
                if let Some(element) =
                    event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                {
                    let _ = element.set_pointer_capture(event.pointer_id());
                }
                self.pointed.set(None);
                // One finger on a phone scrolls the page along the drawing.
                let along = self.layout.with_untracked(|layout| layout.flow == Flow::Down);
                let y = if along && event.pointer_type() == "touch" { 0.0 } else { at.y - from.y };
                self.view.update(|view| *view = view.moved(at.x - from.x, y, size, window));
            }
            None => {}
        }
    }

    fn point(self, event: &PointerEvent, at: Point) {
        let thing = thing_at(event.target());
        // What moves lies on links; cards and lamps lie on what moves.
        let covered = matches!(thing, Some(Target::Thing(Selection::Node(_)) | Target::Lamp(_)));
        let flight = || {
            self.run.frame.with_untracked(|snapshot| {
                self.layout.with_untracked(|layout| {
                    self.hidden.with_untracked(|hidden| {
                        flight_at(snapshot, layout, hidden, self.view.get_untracked(), at)
                    })
                })
            })
        };
        let target = if covered { thing } else { flight().or(thing) };
        let pointed = target.map(|target| {
            let at = match target {
                Target::Thing(Selection::Node(id)) => self.beside(id.get()),
                _ => at,
            };
            Pointed { target, at }
        });
        if self.pointed.with_untracked(|before| *before != pointed) {
            self.pointed.set(pointed);
        }
    }

    /// Where the text about a node goes.
    fn beside(self, node: usize) -> Point {
        let card = self.layout.with_untracked(|layout| layout.cards[node].rect);
        pointing::beside(card, self.view.get_untracked(), self.window())
    }

    pub(super) fn release(event: &PointerEvent) {
        HANDS.with_borrow_mut(|hands| hands.down.retain(|(id, _)| *id != event.pointer_id()));
    }

    pub(super) fn leave(self) {
        let idle = HANDS.with_borrow(|hands| hands.down.is_empty());
        if idle {
            self.pointed.set(None);
        }
    }

    /// Pins what was clicked on, if it is not a control that does something itself.
    pub(super) fn click(self, event: &MouseEvent) {
        if HANDS.with_borrow(|hands| hands.went > DRAG) {
            return;
        }
        let thing = thing_at(event.target());
        if matches!(thing, Some(Target::Thing(Selection::Node(_)) | Target::Lamp(_))) {
            return;
        }
        let pointed = self.pointed.get_untracked().map(|pointed| pointed.target);
        if let Some(selection) = pointed.or(thing).as_ref().and_then(Target::selection) {
            self.player.pin(selection);
        }
    }

    /// Shows what the keyboard is on, and says what it is.
    pub(super) fn focus(self, target: Option<web_sys::EventTarget>) {
        // What a pointer presses is in sight; moving the drawing under it would spoil a drag.
        if HANDS.with_borrow(|hands| !hands.down.is_empty()) {
            return;
        }
        let Some(target) = thing_at(target) else { return };
        let layout = self.layout.get_untracked();
        let part = match target {
            Target::Thing(Selection::Node(id)) => Some(layout.cards[id.get()].rect),
            _ => None,
        };
        if let Some(part) = part {
            let (before, window) = (self.view.get_untracked(), self.window());
            // A phone's page scrolls there by itself.
            if layout.flow == Flow::Across && before.showing(part, window) != before {
                self.go(before.showing(part, window));
            }
        }
        let at = match target {
            Target::Thing(Selection::Link(id)) => {
                self.view.get_untracked().to_window(layout.links[id.get()].track.at(0.5, 0.0))
            }
            Target::Thing(Selection::Node(id)) => self.beside(id.get()),
            Target::Lamp(_) | Target::Thing(_) | Target::Flight(..) => return,
        };
        self.pointed.set(Some(Pointed { target, at }));
    }

    pub(super) fn key(self, event: &KeyboardEvent, topology: &Topology) {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        match event.key().as_str() {
            "+" | "=" | "-" | "0" if self.player.setting.figure.is_some() => {}
            "+" | "=" => self.zoom(STEP),
            "-" => self.zoom(1.0 / STEP),
            "0" => self.fit(),
            "f" | "F" => self.follow_newest(event),
            "Enter" | " " => {
                if let Some(Target::Thing(selection @ Selection::Link(_))) = thing_at(event.target()) {
                    event.prevent_default();
                    self.player.pin(selection);
                }
            }
            key => self.walk(event, key, topology),
        }
    }

    fn walk(self, event: &KeyboardEvent, key: &str, topology: &Topology) {
        let Some(Target::Thing(from)) = thing_at(event.target()) else { return };
        let next = self.layout.with_untracked(|layout| {
            let arrow = Arrow::of(key, layout.flow)?;
            event.prevent_default();
            roving::step(topology, layout, from, arrow)
        });
        match next {
            Some(Selection::Node(id)) => browser::focus(&node::element_id(self.player.setting, id)),
            Some(Selection::Link(id)) => focus_line(&link::element_id(self.player.setting, id)),
            _ => {}
        }
    }

    /// Follows the newest request on the link, or on one that leads to or from the node, that the keyboard is on.
    fn follow_newest(self, event: &KeyboardEvent) {
        let Some(Target::Thing(at)) = thing_at(event.target()) else { return };
        let plan = self.run.plan();
        let newest = self.run.frame.with_untracked(|snapshot| {
            let here = snapshot.flights.iter().filter(|flight| match at {
                Selection::Link(id) => flight.link == id,
                Selection::Node(id) => plan.link(flight.link).from == id || plan.link(flight.link).to == id,
                Selection::Request(_) => false,
            });
            let newest = |going: bool| {
                let here =
                    here.clone().filter(move |flight| (flight.direction == Direction::Forward) == going);
                here.filter_map(|flight| super::canvas::number(flight.cargo)).max()
            };
            // One that is still on its way there has more to tell than one that comes back.
            newest(true).or_else(|| newest(false))
        });
        if let Some(number) = newest {
            self.player.pin(Selection::Request(number));
        }
    }
}

/// Moves the keyboard to a line: SVG, so not an `HtmlElement`.
fn focus_line(id: &str) {
    let line = document().get_element_by_id(id).and_then(|line| line.dyn_into::<web_sys::SvgElement>().ok());
    if let Some(line) = line {
        let _ = line.focus();
    }
}

fn glide(view: RwSignal<View>, from: View, to: View, since: f64) {
    let share = ((now_ms() - since) / GLIDE_MS).clamp(0.0, 1.0);
    // Fast at first, slow at the end.
    view.set(if share >= 1.0 { to } else { from.towards(to, 1.0 - (1.0 - share).powi(3)) });
    if share < 1.0 {
        request_animation_frame(move || glide(view, from, to, since));
    }
}

/// The buttons that zoom.
pub fn controls(surface: &Surface) -> impl IntoView + use<> {
    let surface = *surface;
    view! {
        <div class="zoom" role="group" aria-label="Zoom">
            <button type="button" class="round" aria-label="Closer" title="Closer (+)" on:click=press(move |_| surface.zoom(STEP))>
                {icon(icons::CLOSER)}
            </button>
            <button type="button" class="round" aria-label="Further away" title="Further away (-)" on:click=press(move |_| surface.zoom(1.0 / STEP))>
                {icon(icons::FURTHER)}
            </button>
            <button type="button" class="round" aria-label="Show all of it" title="Show all of it (0)" on:click=press(move |_| surface.fit())>
                {icon(icons::FIT)}
            </button>
        </div>
    }
}
