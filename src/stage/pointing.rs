//! What the reader points at, with pointer or keyboard, and the small text beside it.

use leptos::prelude::*;
use understudy_sim::Snapshot;
use understudy_sim::ids::{Direction, LinkId, NodeId};
use understudy_sim::view::{Cargo, Flight};
use wasm_bindgen::JsCast;

use super::canvas;
use super::geometry::{Point, Rect, Size, px};
use super::layout::{Layout, NARROW};
use super::view::View;
use crate::bind::{flag, text};
use crate::player::Run;
use crate::selection::Selection;
use crate::words::{cargo_label, link_label, node_label};

/// How near the pointer must be to something that moves, in pixels of the screen.
const NEAR: f64 = 11.0;

/// A thing that is pointed at.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A node or a link.
    Thing(Selection),
    /// Something on its way.
    Flight(Cargo, LinkId, Direction),
    /// A lamp, by what it says.
    Lamp(String),
}

/// What is pointed at, and where the text about it goes in the window.
#[derive(Clone, Debug, PartialEq)]
pub struct Pointed {
    /// The thing.
    pub target: Target,
    /// Below and right of here.
    pub at: Point,
}

impl Target {
    /// What a click on it pins.
    pub const fn selection(&self) -> Option<Selection> {
        match self {
            Self::Thing(selection) => Some(*selection),
            Self::Flight(cargo, link, _) => match canvas::number(*cargo) {
                Some(number) => Some(Selection::Request(number)),
                None => Some(Selection::Link(*link)),
            },
            Self::Lamp(_) => None,
        }
    }

    fn words(&self, run: Run, snapshot: &Snapshot) -> String {
        match self {
            Self::Thing(Selection::Node(id)) => node_label(*id, &run.plan(), snapshot),
            Self::Thing(Selection::Link(id)) => link_label(*id, &run.plan(), snapshot),
            Self::Thing(Selection::Request(_)) => String::new(),
            Self::Flight(cargo, link, direction) => cargo_label(*cargo, *link, *direction, &run.plan()),
            Self::Lamp(words) => words.clone(),
        }
    }
}

/// The node, link or lamp that this element is or is in.
pub fn thing_at(target: Option<web_sys::EventTarget>) -> Option<Target> {
    let element = target?.dyn_into::<web_sys::Element>().ok()?;
    let control = element.closest("[id^='node-'], [id^='link-'], [data-says]").ok()??;
    if let Some(words) = control.get_attribute("data-says") {
        return Some(Target::Lamp(words));
    }
    let id = control.id();
    let (kind, number) = id.split_once('-')?;
    let number = number.parse().ok()?;
    Some(Target::Thing(match kind {
        "node" => Selection::Node(NodeId(number)),
        _ => Selection::Link(LinkId(number)),
    }))
}

/// What moves nearest to a point of the window, if anything is near.
pub fn flight_at(
    snapshot: &Snapshot,
    layout: &Layout,
    hidden: &[bool],
    view: View,
    at: Point,
) -> Option<Target> {
    let seen = |flight: &&Flight| hidden.get(flight.link.get()) != Some(&true);
    let away = |flight: &Flight| view.to_window(canvas::place(layout, flight, snapshot.now)).distance(at);
    let near = snapshot.flights.iter().filter(seen).map(|flight| (away(flight), flight));
    let (distance, flight) = near.min_by(|one, other| one.0.total_cmp(&other.0))?;
    (distance < NEAR).then_some(Target::Flight(flight.cargo, flight.link, flight.direction))
}

/// Where the text about a card goes: below or above it, where there is more room.
pub fn beside(card: Rect, view: View, window: Size) -> Point {
    let below = view.to_window(Point::new(card.middle().x, card.bottom()));
    if below.y > window.h / 2.0 { view.to_window(Point::new(card.middle().x, card.y)) } else { below }
}

/// The small text beside what is pointed at.
pub fn tip(run: Run, pointed: RwSignal<Option<Pointed>>, window: ReadSignal<Option<Size>>) -> impl IntoView {
    let words = text(move || {
        pointed.with(|pointed| match pointed {
            Some(pointed) => run.glance.with(|snapshot| pointed.target.words(run, snapshot)),
            None => String::new(),
        })
    });
    let style = text(move || {
        let size = window.get().unwrap_or_default();
        pointed.with(|pointed| {
            let at = pointed.as_ref().map_or(Point::default(), |pointed| pointed.at);
            let y = if at.y > size.h / 2.0 { "calc(-100% - 12px)" } else { "12px" };
            if size.w < NARROW {
                return format!(
                    "left:8px;right:8px;width:fit-content;margin:auto;top:{}px;transform:translate(0,{y})",
                    px(at.y)
                );
            }
            // Away from the nearer side, so that it stays in the window.
            let x = if at.x > size.w / 2.0 { "calc(-100% - 8px)" } else { "8px" };
            format!("left:{}px;top:{}px;transform:translate({x},{y})", px(at.x), px(at.y))
        })
    });
    view! {
        <div class="tip" prop:style=style hidden=flag(move || pointed.with(Option::is_none)) aria-hidden="true">
            {words}
        </div>
    }
}
