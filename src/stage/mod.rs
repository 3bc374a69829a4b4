//! The stage: the topology with everything that moves on it. It draws what the snapshot says and nothing else.
//!
//! Three layers in one box: links (SVG), what moves along them (canvas), and cards, lamps and marks (HTML, because
//! text, keyboard and screen reader come with it). [`layout`] sets everything's place.

mod canvas;
pub mod geometry;
mod lamp;
pub mod layout;
mod legend;
mod link;
mod mark;
mod menu;
mod node;
pub mod topology;

use leptos::html;
use leptos::prelude::*;
use understudy_sim::ids::{LinkId, NodeId};

use crate::browser;
use crate::driver::{Lab, Run};
use crate::playback::Speed;
use crate::words;
use geometry::{Flow, Size, px};
use layout::{Layout, lay_out};
use topology::Topology;

/// Before the window was measured.
const UNMEASURED: Size = Size { w: 1_000.0, h: 480.0 };

/// The stage and its legend.
#[component]
pub fn Stage() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let window = NodeRef::<html::Div>::new();
    let size = browser::size::of(window);
    view! {
        <section class="stage" aria-label="The topology">
            <div class="stage-window" node_ref=window>
                {move || {
                    let run = lab.run.get();
                    view! { <Board run size /> }
                }}
            </div>
            {legend::legend()}
        </section>
    }
}

/// The drawing of one scenario.
#[component]
fn Board(run: Run, size: ReadSignal<Option<Size>>) -> impl IntoView {
    let topology = Topology::of(&run.plan());
    let headings = headings(&run, &topology);
    let layout = Memo::new(move |_| lay_out(&topology, size.get().unwrap_or(UNMEASURED)));
    let plan = run.plan();
    let nodes: Vec<NodeId> = plan.nodes().map(|(id, _)| id).collect();
    let links: Vec<LinkId> = plan.links().map(|(id, _)| id).collect();
    let style = move || {
        layout.with(|layout| {
            format!("width:{}px;height:{}px;--s:{}", px(layout.size.w), px(layout.size.h), layout.scale)
        })
    };
    view! {
        <div class="board" class:down=move || layout.with(|layout| layout.flow == Flow::Down) style=style>
            <svg class="wires" aria-hidden="true">
                {links.iter().map(|id| link::wire(run, *id, layout)).collect_view()}
            </svg>
            {canvas::canvas(run, layout)}
            {headings.into_iter().enumerate().map(|(tier, text)| heading(layout, tier, text)).collect_view()}
            {nodes.iter().map(|id| caption(run, *id, layout)).collect_view()}
            {nodes.into_iter().map(|id| node::card(run, id, layout)).collect_view()}
            {links.iter().map(|id| lamp::lamp(run, *id, layout)).collect_view()}
            {links.iter().map(|id| mark::at_link(run, *id, layout)).collect_view()}
            {links.into_iter().map(|id| link::on_the_way(run, id, layout)).collect_view()}
            {menu::menu(run, layout)}
        </div>
    }
}

/// The words above each tier.
fn headings(run: &Run, topology: &Topology) -> Vec<&'static str> {
    let plan = run.plan();
    let heading = |tier: &Vec<usize>| {
        let first = tier.first().and_then(|node| plan.nodes().nth(*node));
        first.map_or("", |(_, node)| words::kind_heading(&node.kind, tier.len() > 1))
    };
    topology.tiers.iter().map(heading).collect()
}

fn heading(layout: Memo<Layout>, tier: usize, text: &'static str) -> AnyView {
    let at = move || layout.with(|layout| layout.headings.get(tier).copied());
    view! {
        <span
            class="tier"
            hidden=move || at().is_none()
            style=move || at().map(|at| format!("left:{}px;top:{}px", px(at.x), px(at.y)))
        >
            {text}
        </span>
    }
    .into_any()
}

/// "lb-1 believes", above a balancer's lamps.
fn caption(run: Run, id: NodeId, layout: Memo<Layout>) -> Option<AnyView> {
    let has_pool = matches!(run.plan().node(id)?.kind, understudy_sim::plan::NodeKind::LoadBalancer(_));
    let at = move || layout.with(|layout| layout.captions[id.get()]);
    has_pool.then(|| {
        view! {
            <span
                class="tier believes"
                hidden=move || at().is_none()
                style=move || at().map(|at| format!("left:{}px;top:{}px", px(at.x), px(at.y)))
            >
                {run.name(id)}
                " believes"
            </span>
        }
        .into_any()
    })
}

/// What to say when not every request can be drawn; empty while every one is.
pub fn most_drawn_note(flights: usize, speed: Speed, calm: bool) -> String {
    if calm {
        String::new()
    } else if flights > canvas::MOST_DRAWN {
        format!("Drawing 1 of {} requests.", flights.div_ceil(canvas::MOST_DRAWN))
    } else if speed.nanos_in(1_000.0) > 1_000_000_000 {
        String::from("Too fast to draw every request; every one is counted.")
    } else {
        String::new()
    }
}
