//! The map: every node where the stage will draw it, tier by tier. A node is chosen by pressing it, and moved within its
//! tier by dragging it or with Alt and an arrow key.

use std::fmt::Write;

use leptos::prelude::*;
use understudy_sim::json::Json;
use wasm_bindgen::JsCast;

use super::document::{self, About};
use super::session::{Editor, focus_soon, part_id};
use crate::bind::{Flag, Text, aria, flag, part, text};
use crate::stage::topology::Slot;

/// The height of a row, in pixels: a card and the space to the next.
const ROW: usize = 52;
const ROW_PX: f64 = 52.0;
/// The width of the drawing, in units of its own.
const WIDE: usize = 1_000;
/// How much of a column is card, in parts per thousand.
const CARD: usize = 860;

/// How high a link is that passes a tier.
const PASS: usize = 14;

/// A node on the map, or a link from node to node that passes a tier.
#[derive(Clone, Copy, PartialEq)]
struct Spot {
    /// The node twice, or the ends of the link.
    ends: (usize, usize),
    column: usize,
    /// Its middle, in pixels from the top.
    y: usize,
}

/// Where everything is.
#[derive(Clone, PartialEq)]
struct Map {
    columns: usize,
    height: usize,
    spots: Vec<Spot>,
}

fn map(json: &Json) -> Map {
    let drawn = document::drawn(json);
    let ends = |slot: &Slot| match *slot {
        Slot::Node(node) => (node, node),
        Slot::Pass(link) => (drawn.links[link].from, drawn.links[link].to),
    };
    let aside = drawn.aside.iter().map(|node| (*node, *node)).collect::<Vec<_>>();
    let tiers = drawn.tiers.iter().map(|tier| tier.iter().map(ends).collect()).chain([aside]);
    let tiers: Vec<Vec<(usize, usize)>> = tiers.filter(|tier: &Vec<_>| !tier.is_empty()).collect();
    let room = |ends: &(usize, usize)| if ends.0 == ends.1 { ROW } else { PASS };
    let height_of = |tier: &Vec<(usize, usize)>| tier.iter().map(room).sum::<usize>();
    let height = tiers.iter().map(height_of).max().unwrap_or(0).max(ROW);
    let mut spots = Vec::new();
    for (column, tier) in tiers.iter().enumerate() {
        let mut top = (height - height_of(tier)) / 2;
        for ends in tier {
            spots.push(Spot { ends: *ends, column, y: top + room(ends) / 2 });
            top += room(ends);
        }
    }
    Map { columns: tiers.len().max(1), height, spots }
}

impl Map {
    fn nodes(&self) -> impl Iterator<Item = &Spot> {
        self.spots.iter().filter(|spot| spot.ends.0 == spot.ends.1)
    }

    /// The lines of the links that `fits` chooses, as one path.
    fn lines(&self, json: &Json, fits: impl Fn(usize, &str, &str) -> bool) -> String {
        let nodes = document::nodes(json);
        let spot = |name: &str| {
            self.nodes().find(|spot| nodes.get(spot.ends.0).is_some_and(|(other, _)| *other == name))
        };
        let side = |column: usize, share: usize| (column * 1_000 + share) * WIDE / (self.columns * 1_000);
        let mut path = String::new();
        for (place, (from, to)) in document::links(json).into_iter().enumerate() {
            let (Some(one), Some(other)) = (spot(from), spot(to)) else { continue };
            if !fits(place, from, to) {
                continue;
            }
            let (left, right) = if one.column <= other.column { (one, other) } else { (other, one) };
            let (mut x, mut y) = (side(left.column, CARD), left.y);
            // Writing into a String cannot fail.
            let _ = write!(path, "M{x} {y}");
            let ends = (one.ends.0, other.ends.0);
            let passes = self.spots.iter().filter(|spot| spot.ends == ends && ends.0 != ends.1);
            for spot in passes.chain([right]) {
                // Links within a tier run beside it.
                let is_beside = spot.column == left.column;
                let end = if is_beside { x } else { side(spot.column, 0) };
                let bend = if is_beside { side(left.column, 960) } else { usize::midpoint(x, end) };
                let _ = write!(path, "C{bend} {y} {bend} {0} {end} {0}", spot.y);
                (x, y) = (side(spot.column, CARD), spot.y);
                if spot.ends == ends {
                    let _ = write!(path, "H{x}");
                }
            }
        }
        path
    }
}

/// The map, with the scenario as a whole above it.
pub fn parts(editor: Editor) -> impl IntoView {
    let map = Memo::new(move |_| editor.json.with(map));
    let names = Memo::new(move |_| {
        editor.json.with(|json| {
            let label = |word: &str| document::kind(word).map_or("unknown", |kind| kind.label);
            let nodes = document::nodes(json).into_iter();
            nodes.map(|(name, word)| (String::from(name), label(word))).collect::<Vec<_>>()
        })
    });
    let about_name = move || match editor.about.get() {
        About::Node(place) => names.with(|names| names.get(place).map(|(name, _)| name.clone())),
        _ => None,
    };
    let is_marked = move |place: usize, from: &str, to: &str, name: &Option<String>| {
        editor.about.get() == About::Link(place)
            || name.as_ref().is_some_and(|name| name == from || name == to)
    };
    // What those who only watch are linked to is drawn for the one that is chosen: it would hide the rest.
    let is_aside = move |json: &Json, name: &str| {
        let word = document::nodes(json).into_iter().find(|(other, _)| *other == name);
        word.and_then(|(_, word)| document::kind(word)).is_some_and(|kind| kind.tier == super::fields::ASIDE)
    };
    let plain = text(move || {
        let name = about_name();
        editor.json.with(|json| {
            let fits = |place, from: &str, to: &str| {
                !is_marked(place, from, to, &name) && !is_aside(json, from) && !is_aside(json, to)
            };
            map.with(|map| map.lines(json, fits))
        })
    });
    let marked = text(move || {
        let name = about_name();
        let fits = |place, from: &str, to: &str| is_marked(place, from, to, &name);
        editor.json.with(|json| map.with(|map| map.lines(json, fits)))
    });
    let size = text(move || {
        map.with(|map| format!("min-width:{}rem;height:{}px", map.columns * 13 / 2, map.height))
    });
    let bounds = text(move || map.with(|map| format!("0 0 {WIDE} {}", map.height)));
    let dragged = RwSignal::new(None::<Drag>);
    let cards = part(move || {
        let (map, names) = (map.get(), names.get());
        let columns = map.columns;
        let card = |spot: &Spot| {
            let (name, kind) = names.get(spot.ends.0).cloned().unwrap_or_default();
            card(editor, dragged, *spot, columns, name, kind)
        };
        map.nodes().map(card).collect::<Vec<_>>()
    });
    view! {
        <ul class="editor-whole">{item(editor, About::Scenario, "Title, summary, script".into(), "", None)}</ul>
        <div class="editor-map" prop:style=size>
            <svg viewBox=bounds preserveAspectRatio="none" aria-hidden="true">
                <path d=plain />
                <path class="marked" d=marked />
            </svg>
            <ul>{cards}</ul>
        </div>
    }
}

/// A node that is being dragged: which one, where the pointer took it, and how far it is from there.
#[derive(Clone, Copy, PartialEq)]
struct Drag {
    node: usize,
    from: i32,
    by: i32,
}

fn card(
    editor: Editor,
    dragged: RwSignal<Option<Drag>>,
    spot: Spot,
    columns: usize,
    name: String,
    kind: &'static str,
) -> AnyView {
    let Spot { ends: (node, _), column, y } = spot;
    let style = move || {
        let by = dragged.get().filter(|drag| drag.node == node).map_or(0, |drag| drag.by);
        let (left, width) = (column * 10_000 / columns, CARD * 10 / columns);
        let top = y - (ROW - 8) / 2;
        format!(
            "left:{}.{:02}%;width:{}.{:02}%;top:{top}px;translate:0 {by}px",
            left / 100,
            left % 100,
            width / 100,
            width % 100
        )
    };
    item(editor, About::Node(node), name, kind, Some((dragged, text(style))))
}

/// A button that chooses something; a node's can be dragged.
fn item(
    editor: Editor,
    about: About,
    name: String,
    kind: &'static str,
    place: Option<(RwSignal<Option<Drag>>, Text)>,
) -> AnyView {
    let is_wrong: Flag =
        flag(move || editor.wrong.with(|wrong| wrong.iter().any(|wrong| wrong.about == about)));
    let current = aria(flag(move || editor.about.get() == about));
    let said = text(move || String::from(if is_wrong.get() { ", has a mistake" } else { "" }));
    let (dragged, style) = place.unzip();
    let node = if let About::Node(node) = about { node } else { 0 };
    let press = move |event: leptos::ev::PointerEvent| {
        if let (Some(dragged), 0) = (dragged, event.button()) {
            if let Some(element) =
                event.current_target().and_then(|it| it.dyn_into::<web_sys::Element>().ok())
            {
                let _ = element.set_pointer_capture(event.pointer_id());
            }
            dragged.set(Some(Drag { node, from: event.client_y(), by: 0 }));
        }
    };
    let pull = move |event: leptos::ev::PointerEvent| {
        if let Some((dragged, Some(drag))) = dragged.map(|dragged| (dragged, dragged.get_untracked())) {
            dragged.set(Some(Drag { by: event.client_y() - drag.from, ..drag }));
        }
    };
    let release = move |_| {
        let Some(drag) = dragged.and_then(|dragged| dragged.try_update(Option::take).flatten()) else {
            return;
        };
        let rows = (f64::from(drag.by) / ROW_PX).round();
        if rows != 0.0 {
            let (at, _) = editor.json.with_untracked(|json| document::beside(json, node));
            #[expect(clippy::cast_possible_truncation, reason = "a few rows")]
            editor.place(node, at.saturating_add_signed(rows as isize));
        }
    };
    let cancel = move |_| {
        if let Some(dragged) = dragged {
            dragged.set(None);
        }
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        let later = event.key() == "ArrowDown";
        if dragged.is_some() && event.alt_key() && (later || event.key() == "ArrowUp") {
            event.prevent_default();
            step(editor, node, later);
            focus_soon(part_id(editor.about.get_untracked()));
        }
    };
    view! {
        <li class="editor-part" class:wrong=is_wrong prop:style=style.unwrap_or_default()>
            <button
                type="button"
                id=part_id(about)
                aria-current=current
                on:click=move |_| editor.show(about)
                on:pointerdown=press
                on:pointermove=pull
                on:pointerup=release
                on:pointercancel=cancel
                on:keydown=key
            >
                <span>{name}</span>
                <span class="kind">{kind}</span>
                <span class="unseen">{said}</span>
            </button>
        </li>
    }
    .into_any()
}

/// Moves a node by one place within its tier.
pub fn step(editor: Editor, node: usize, later: bool) {
    let (at, _) = editor.json.with_untracked(|json| document::beside(json, node));
    editor.place(node, if later { at + 1 } else { at.saturating_sub(1) });
}
