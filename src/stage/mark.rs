//! Marks where requests failed: a cross and the reason in words, for as long as the eye needs.

use leptos::prelude::*;
pub use understudy_picture::failing::Failing;
use understudy_picture::failing::{failing, words};
use understudy_sim::ids::{LinkId, NodeId};

use super::geometry::style;
use super::layout::Layout;
use crate::bind::{Text, flag, text};
use crate::player::playback::SPEEDS;
use crate::player::{Player, Run};

/// How long a mark stays, on the reader's clock.
const STAYS_MS: f64 = 1_800.0;

/// Everything that failed lately, by place.
pub fn lately(run: Run, layout: Memo<Layout>) -> Memo<Vec<Failing>> {
    let speed = expect_context::<Player>().speed;
    Memo::new(move |_| {
        let window = SPEEDS[speed.get()].nanos_in(STAYS_MS);
        run.frame.with(|snapshot| layout.with(|layout| failing(snapshot, layout, window)))
    })
}

fn mark(found: Memo<Option<Failing>>, style: Text) -> impl IntoView {
    view! {
        <span class="mark" hidden=flag(move || found.get().is_none()) prop:style=style aria-hidden="true">
            <span>
                <svg viewBox="0 0 12 12">
                    <path d="M2 2l8 8M10 2l-8 8" />
                </svg>
                {text(move || found.get().as_ref().map_or(String::new(), words))}
            </span>
        </span>
    }
}

/// The mark at the far end of a link.
pub fn at_link(id: LinkId, layout: Memo<Layout>, failing: Memo<Vec<Failing>>) -> impl IntoView {
    let room = move || layout.with(|layout| layout.links[id.get()].mark.unwrap_or_default());
    let found = Memo::new(move |_| failing.with(|all| all.iter().find(|one| one.link == Some(id)).copied()));
    mark(found, text(move || style(room())))
}

/// The mark on a node, for what was inside it and for links that have no room for words.
pub fn inside(id: NodeId, failing: Memo<Vec<Failing>>) -> impl IntoView {
    let here = move |all: &Vec<Failing>| all.iter().find(|one| one.node == id && one.link.is_none()).copied();
    mark(Memo::new(move |_| failing.with(here)), text(String::new))
}
