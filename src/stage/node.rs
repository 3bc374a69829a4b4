//! Node cards: the truth about each node, and the control that acts on it.

use leptos::prelude::*;
use understudy_sim::Snapshot;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;
use understudy_sim::view::{NodeDetail, Truth};

use super::geometry::style;
use super::layout::Layout;
use super::mark;
use crate::driver::{Lab, Run};
use crate::icons;
use crate::words::{self, node_label};

/// Queue squares beyond this many are told as a number.
const MOST_SQUARES: u32 = 8;
/// From this share of busy workers on, in parts per thousand, a server counts as hot.
const HOT_PERMILLE: u32 = 850;

/// What a card shows of its node: when it is equal, nothing is drawn anew.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Face {
    truth: Truth,
    rate_per_s: u32,
    server: Option<Work>,
}

/// What a server is at.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Work {
    queued: u32,
    load_permille: u32,
}

impl Face {
    fn of(snapshot: &Snapshot, id: NodeId) -> Self {
        let node = &snapshot.nodes[id.get()];
        let server = match node.detail {
            NodeDetail::WebServer { queued, load_permille, .. } => Some(Work { queued, load_permille }),
            _ => None,
        };
        Self { truth: node.truth, rate_per_s: node.rate_per_s, server }
    }
}

/// The line below a node's name: its role in words, or since when it is down.
fn role(kind: &str, face: Face) -> String {
    if face.truth.is_up() { kind.into() } else { words::truth(face.truth) }
}

/// How much the node does, after its role.
fn rate(face: Face) -> Option<String> {
    face.truth.is_up().then(|| words::per_s(face.rate_per_s.into()))
}

/// The id of a node's control in the page.
pub fn element_id(id: NodeId) -> String {
    format!("node-{}", id.get())
}

/// The card of one node.
pub fn card(run: Run, id: NodeId, layout: Memo<Layout>) -> Option<AnyView> {
    let lab = expect_context::<Lab>();
    let plan = run.plan();
    let kind = &plan.node(id)?.kind;
    let (icon, role_name) = (icons::of_kind(kind), if matches!(kind, NodeKind::Clients(_)) { "clients" } else { kind.name() });
    let face = Memo::new(move |_| run.frame.with(|snapshot| Face::of(snapshot, id)));
    let label = move || run.frame.with(|snapshot| node_label(id, &run.plan(), snapshot));
    let place = move || layout.with(|layout| layout.cards[id.get()]);
    let style = move || style(place().rect);
    let open = move |_| {
        lab.selected.set(id);
        lab.menu.update(|menu| *menu = if *menu == Some(id) { None } else { Some(id) });
    };
    let is_server = matches!(kind, NodeKind::WebServer(_));
    let card = view! {
        <button
            type="button"
            class="node"
            class:dead=move || !face.get().truth.is_up()
            class:selected=move || lab.selected.get() == id
            class:compact=move || place().compact
            class:tight=move || place().tight
            id=element_id(id)
            style=style
            aria-label=label
            aria-haspopup="menu"
            aria-expanded=move || if lab.menu.get() == Some(id) { "true" } else { "false" }
            on:click=open
        >
            {icons::icon(move || icon)}
            <span class="name">{run.name(id)}</span>
            <span class="role">
                {move || role(role_name, face.get())}
                <span class="rate">{move || rate(face.get())}</span>
            </span>
            {is_server.then(|| work(face))}
            {mark::inside(run, id)}
        </button>
    };
    Some(card.into_any())
}

/// A server's load ring and queue.
fn work(face: Memo<Face>) -> AnyView {
    let load = Memo::new(move |_| face.get().server.unwrap_or_default().load_permille);
    let queued = Memo::new(move |_| face.get().server.unwrap_or_default().queued);
    let squares = move || (0..queued.get().min(MOST_SQUARES)).map(|_| view! { <i></i> }).collect_view();
    let rest = move || {
        let queued = queued.get();
        (queued > MOST_SQUARES).then(|| format!("+{}", queued - MOST_SQUARES))
    };
    view! {
        <svg class="ring" class:hot=move || { load.get() >= HOT_PERMILLE } viewBox="0 0 28 28" aria-hidden="true">
            <circle class="track" cx="14" cy="14" r="11" />
            <circle
                class="load"
                cx="14"
                cy="14"
                r="11"
                pathLength="1000"
                stroke-dasharray=move || format!("{} 1000", load.get())
            />
        </svg>
        <span class="queue">{squares}{rest}</span>
    }
    .into_any()
}
