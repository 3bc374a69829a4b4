//! Numbers on parts of the drawing that a panel refers to them by, and parts that are lit because the panel speaks of
//! them. Whoever provides [`Notes`] decides what they mean.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use understudy_sim::ids::NodeId;
use wasm_bindgen::JsCast;

use super::geometry::style;
use super::layout::Layout;
use crate::bind::{Flag, flag, part, text};
use crate::selection::Selection;

/// A number on a part of the drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The part.
    pub part: Selection,
    /// The number.
    pub number: usize,
    /// How many more are about the same part.
    pub more: usize,
    /// The style sheet's name for its looks.
    pub class: &'static str,
    /// What it is, in words: `finding 3, critical`.
    pub words: String,
}

/// What is noted on the drawing.
#[derive(Clone, Copy)]
pub struct Notes {
    /// The numbers.
    pub badges: Memo<Vec<Badge>>,
    /// The parts that are lit.
    pub lit: Memo<Vec<Selection>>,
    /// The number that the reader asked for.
    pub asked: RwSignal<Option<usize>>,
}

fn of(part: Selection) -> impl Fn() -> Option<Badge> + Copy + Send + Sync + 'static {
    let notes = use_context::<Notes>();
    move || notes?.badges.with(|badges| badges.iter().find(|badge| badge.part == part).cloned())
}

/// Whether a part is lit.
pub fn is_lit(part: Selection) -> Flag {
    let notes = use_context::<Notes>();
    flag(move || notes.is_some_and(|notes| notes.lit.with(|lit| lit.contains(&part))))
}

/// What a part's accessible name says of its number; empty if it has none.
pub fn said(part: Selection) -> Memo<String> {
    let badge = of(part);
    Memo::new(move |_| badge().map_or(String::new(), |badge| format!(", {}", badge.words)))
}

/// A second edge shows that there is more.
fn class(badge: &Badge) -> String {
    format!("badge {}{}", badge.class, if badge.more > 0 { " more" } else { "" })
}

/// The number on a card, in the place of its icon. A click on it asks for what it refers to.
pub fn on_node(id: NodeId) -> impl IntoView {
    let badge = of(Selection::Node(id));
    part(move || {
        badge().map(|badge| {
            view! {
                <span class=class(&badge) data-number=badge.number.to_string() aria-hidden="true">
                    {badge.number}
                </span>
            }
        })
    })
}

/// Asks for what a number refers to, if the click was on one.
pub fn clicked(event: &MouseEvent, notes: Option<Notes>) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let badge = element.and_then(|element| element.closest("[data-number]").ok().flatten());
    let number = badge.and_then(|badge| badge.get_attribute("data-number")?.parse().ok());
    match (notes, number) {
        (Some(notes), Some(number)) => {
            notes.asked.set(Some(number));
            true
        }
        _ => false,
    }
}

/// The entry of a node's menu that asks for what its number refers to.
pub fn in_menu(id: NodeId, close: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let notes = use_context::<Notes>();
    let badge = of(Selection::Node(id))();
    notes.zip(badge).map(|(notes, badge)| {
        let number = badge.number;
        let ask = move |_| {
            close();
            notes.asked.set(Some(number));
        };
        view! {
            <button type="button" role="menuitem" tabindex="-1" on:click=ask>
                {format!("Show {}", badge.words)}
            </button>
        }
    })
}

/// The numbers on links.
pub fn on_links(layout: Memo<Layout>, hidden: Memo<Vec<bool>>) -> impl IntoView {
    let notes = use_context::<Notes>();
    part(move || {
        let notes = notes?;
        let badges = notes.badges.get();
        let on_links = badges.into_iter().filter_map(|badge| Some((badge.part.link()?, badge)));
        let button = move |(id, badge): (understudy_sim::ids::LinkId, Badge)| {
            let number = badge.number;
            let room = move || layout.with(|layout| layout.links[id.get()].badge);
            let absent = flag(move || room().is_none() || hidden.with(|hidden| hidden[id.get()]));
            view! {
                <button
                    type="button"
                    class=class(&badge)
                    prop:style=text(move || style(room().unwrap_or_default()))
                    hidden=absent
                    aria-label=badge.words.clone()
                    data-says=badge.words.clone()
                    on:click=move |_| notes.asked.set(Some(number))
                >
                    {number}
                </button>
            }
        };
        Some(on_links.map(button).collect_view())
    })
}
