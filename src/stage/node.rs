//! Node cards: the truth about each node, and the control that acts on it.

use leptos::prelude::*;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;
use understudy_sim::view::{NodeDetail, NodeView};

use super::geometry::style;
use super::layout::Layout;
use super::mark;
use crate::bind::{aria, flag, text};
use crate::driver::{Lab, Run};
use crate::icons;
use crate::selection::Selection;
use crate::words::{self, node_label};

/// Queue squares beyond this many are told as a number.
const MOST_SQUARES: u32 = 8;
/// From this share of busy workers on, in parts per thousand, a server counts as hot.
const HOT_PERMILLE: u32 = 850;

/// What a server is at.
#[derive(Clone, Copy, Default)]
struct Work {
    queued: u32,
    load_permille: u32,
}

fn work(node: &NodeView) -> Work {
    match node.detail {
        NodeDetail::Server { queued, load_permille, .. } => Work { queued, load_permille },
        _ => Work::default(),
    }
}

/// The id of a node's control in the page.
pub fn element_id(id: NodeId) -> String {
    format!("node-{}", id.get())
}

/// The card of one node.
pub fn card(run: Run, id: NodeId, layout: Memo<Layout>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let plan = run.plan();
    let kind = &plan.node(id).expect("the stage draws the plan's own nodes").kind;
    let (icon, role_name) = (icons::of_kind(kind), kind.name());
    let is_server = matches!(kind, NodeKind::WebServer(_) | NodeKind::ApplicationServer(_));
    let node = move || run.frame.with(|snapshot| snapshot.nodes[id.get()].clone());
    let truth = move || run.frame.with(|snapshot| snapshot.nodes[id.get()].truth);
    let label = text(move || run.frame.with(|snapshot| node_label(id, &run.plan(), snapshot)));
    let place = move || layout.with(|layout| layout.cards[id.get()]);
    let is_open = flag(move || lab.menu.get() == Some(id));
    let open = move |_| {
        lab.selected.set(Selection::Node(id));
        lab.menu.update(|menu| *menu = if *menu == Some(id) { None } else { Some(id) });
    };
    // Its role in words and its rate, or since when it is down.
    let role = text(move || if truth().is_up() { role_name.into() } else { words::truth(truth()) });
    let rate =
        text(move || if truth().is_up() { words::per_s(node().rate_per_s.into()) } else { String::new() });
    view! {
        <button
            type="button"
            class="node"
            class:dead=flag(move || !truth().is_up())
            class:selected=flag(move || lab.selected.get() == Selection::Node(id))
            class:compact=flag(move || place().compact)
            class:tight=flag(move || place().tight)
            id=element_id(id)
            style=text(move || style(place().rect))
            aria-label=label
            aria-haspopup="menu"
            aria-expanded=aria(is_open)
            on:click=open
        >
            {icons::icon(icon)}
            <span class="name">{run.name(id)}</span>
            <span class="role">{role} <span class="rate">{rate}</span></span>
            {is_server.then(|| load_and_queue(move || work(&node())))}
            {mark::inside(run, id)}
        </button>
    }
}

/// A server's load ring and queue.
fn load_and_queue(work: impl Fn() -> Work + Copy + Send + Sync + 'static) -> impl IntoView {
    // One box, as wide as so many squares: the style sheet draws them.
    let squares = text(move || format!("--squares:{}", work().queued.min(MOST_SQUARES)));
    let rest = text(move || match work().queued.saturating_sub(MOST_SQUARES) {
        0 => String::new(),
        more => format!("+{more}"),
    });
    let hot = flag(move || work().load_permille >= HOT_PERMILLE);
    let load = text(move || format!("{} 1000", work().load_permille));
    view! {
        <svg class="ring" class:hot=hot viewBox="0 0 28 28" aria-hidden="true">
            <circle class="track" cx="14" cy="14" r="11" />
            <circle class="load" cx="14" cy="14" r="11" pathLength="1000" stroke-dasharray=load />
        </svg>
        <span class="queue" style=squares>
            {rest}
        </span>
    }
}
