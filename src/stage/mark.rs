//! Marks where requests failed: a cross and the reason in words, for as long as the eye needs.

use leptos::prelude::*;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::{Outcome, Snapshot};

use super::geometry::style;
use super::layout::Layout;
use crate::bind::{Flag, Text, flag, text};
use crate::driver::{Lab, Run};
use crate::playback::SPEEDS;

/// How long a mark stays, on the reader's clock.
const STAYS_MS: f64 = 1_800.0;

/// What failed at one place lately: the newest reason and how many failed for it.
fn lately(snapshot: &Snapshot, speed: usize, node: NodeId, link: Option<LinkId>) -> Option<(Outcome, usize)> {
    let window = SPEEDS[speed].nanos_in(STAYS_MS);
    let recent = || {
        let young = |at: understudy_sim::SimTime| snapshot.now.since(at).as_nanos() <= window;
        snapshot.failures.iter().rev().filter(move |failure| young(failure.at))
    };
    let here = || recent().filter(|failure| failure.node == node && failure.link == link);
    let reason = here().next()?.outcome;
    Some((reason, here().filter(|failure| failure.outcome == reason).count()))
}

fn words((reason, count): (Outcome, usize)) -> String {
    if count > 1 { format!("{} \u{d7}{count}", reason.name()) } else { reason.name().into() }
}

fn mark(run: Run, node: NodeId, link: Option<LinkId>, on_card: Flag, style: Text) -> impl IntoView {
    let speed = expect_context::<Lab>().speed;
    let failed = move || run.frame.with(|snapshot| lately(snapshot, speed.get(), node, link));
    view! {
        <span class="mark" class:on-card=on_card hidden=flag(move || failed().is_none()) style=style aria-hidden="true">
            <span>
                <svg viewBox="0 0 12 12">
                    <path d="M2 2l8 8M10 2l-8 8" />
                </svg>
                {text(move || failed().map_or(String::new(), words))}
            </span>
        </span>
    }
}

/// The mark at the far end of a link.
pub fn at_link(run: Run, id: LinkId, layout: Memo<Layout>) -> impl IntoView {
    let to = run.plan().link(id).to;
    let room = move || layout.with(|layout| layout.links[id.get()].mark);
    mark(run, to, Some(id), flag(move || room().on_card), text(move || style(room().rect)))
}

/// The mark on a node, for what was inside it.
pub fn inside(run: Run, id: NodeId) -> impl IntoView {
    mark(run, id, None, flag(|| true), text(String::new))
}
