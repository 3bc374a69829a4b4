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
use understudy_sim::plan::{NodeKind, PlanNode};

use crate::bind::{flag, text};
use crate::browser;
use crate::driver::{Lab, Run};
use crate::playback::Speed;
use crate::words;
use geometry::{Flow, Point, Size, decimal, px};
use layout::lay_out;
use topology::Topology;

/// Before the window was measured.
const UNMEASURED: Size = Size { w: 1_000.0, h: 480.0 };

/// The stage and its legend.
pub fn stage() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let window = NodeRef::<html::Div>::new();
    let size = browser::size::of(window);
    view! {
        <section class="stage" aria-label="The topology">
            <div class="stage-window" node_ref=window>
                {move || board(lab.run.get(), size)}
            </div>
            {legend::legend()}
        </section>
    }
}

/// The drawing of one scenario.
fn board(run: Run, size: ReadSignal<Option<Size>>) -> impl IntoView {
    let topology = Topology::of(&run.plan());
    let headings = headings(&run, &topology);
    let layout = Memo::new(move |_| lay_out(&topology, size.get().unwrap_or(UNMEASURED)));
    let plan = run.plan();
    let nodes: Vec<NodeId> = plan.nodes().map(|(id, _)| id).collect();
    let links: Vec<LinkId> = plan.links().map(|(id, _)| id).collect();
    let lamps: Vec<LinkId> = links.iter().copied().filter(|id| lamp::of(&plan, *id).is_some()).collect();
    let balancers = || nodes.iter().copied().filter(|id| plan.node(*id).is_some_and(is_balancer));
    let style = text(move || {
        layout.with(|layout| {
            let scale = decimal(layout.scale, 3);
            format!("width:{}px;height:{}px;--s:{scale}", px(layout.size.w), px(layout.size.h))
        })
    });
    let down = flag(move || layout.with(|layout| layout.flow == Flow::Down));
    view! {
        <div class="board" class:down=down style=style>
            <svg class="wires" aria-hidden="true">
                {links.iter().map(|id| link::wire(run, *id, layout)).collect_view()}
            </svg>
            {canvas::canvas(run, layout)}
            {headings
                .into_iter()
                .enumerate()
                .map(|(tier, words)| {
                    label("tier", words.into(), move || layout.with(|layout| layout.headings.get(tier).copied()))
                })
                .collect_view()}
            {balancers()
                .map(|id| {
                    let words = format!("{} believes", run.name(id));
                    label("tier believes", words, move || layout.with(|layout| layout.captions[id.get()]))
                })
                .collect_view()} {nodes.iter().map(|id| node::card(run, *id, layout)).collect_view()}
            {lamps.into_iter().map(|id| lamp::lamp(run, id, layout)).collect_view()}
            {links.iter().map(|id| mark::at_link(run, *id, layout)).collect_view()}
            {links.into_iter().map(|id| link::on_the_way(run, id, layout)).collect_view()} {menu::menu(run, layout)}
        </div>
    }
}

fn is_balancer(node: &PlanNode) -> bool {
    matches!(node.kind, NodeKind::LoadBalancer(_))
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

/// Words at a place of the layout, where it has one for them.
fn label(
    class: &'static str,
    words: String,
    at: impl Fn() -> Option<Point> + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let style = text(move || {
        let Point { x, y } = at().unwrap_or_default();
        format!("left:{}px;top:{}px", px(x), px(y))
    });
    view! {
        <span class=class hidden=flag(move || at().is_none()) style=style>
            {words}
        </span>
    }
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
