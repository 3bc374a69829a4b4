//! The stage: the topology with everything that moves on it. It draws what the snapshot says and nothing else.
//!
//! Three layers in one window: links (SVG), what moves along them (canvas), and cards, lamps and marks (HTML, because
//! text, keyboard and screen reader come with it). [`layout`] sets everything's place on the drawing, [`mod@view`] says
//! which part of the drawing the window shows.

mod address;
pub mod badge;
mod canvas;
mod lamp;
mod legend;
mod link;
mod mark;
mod menu;
mod node;
mod pointing;
mod roving;
mod setting;
mod surface;
mod view;

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use understudy_picture::card;
pub use understudy_picture::{geometry, kinds, layout, topology};
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::Plan;
use understudy_sim::view::{NodeDetail, Overheard, Sample};
use understudy_sim::{RequestKind, SimDuration};

use crate::bind::{flag, text};
use crate::browser;
use crate::player::playback::Speed;
use crate::player::{Player, Run};
use crate::words;
pub use canvas::MOST_DRAWN;
use geometry::{Flow, Rect, Size, px, style};
use layout::{Layout, lay_out};
use pointing::{Pointed, Target};
pub use setting::{Lit, Setting};
use surface::Surface;
use topology::{Runs, Topology, headings};
use view::View;

/// Before the window was measured.
const UNMEASURED: Size = Size { w: 1_000.0, h: 480.0 };

/// The stage and its legend.
pub fn stage() -> impl IntoView {
    let player = expect_context::<Player>();
    let window = NodeRef::<html::Div>::new();
    let size = browser::size::of(window, player.setting.expected);
    let label = match player.setting.figure {
        None => String::from("The topology"),
        Some(number) => format!("Figure {}", number + 1),
    };
    view! {
        <section class="stage" aria-label=label>
            <div class="stage-window" node_ref=window>
                {move || board(player.run.get(), size)}
            </div>
            {player.setting.figure.is_none().then(legend::legend)}
        </section>
    }
}

/// Letters are at least so large on the screen, in pixels, while all of the drawing is shown.
const LEAST_LETTER: f64 = 10.6;
/// A drawing that is smaller than this is looked at in parts: its cards have no room for larger letters.
const LEAST_FIT: f64 = 0.74;

/// The drawing of one scenario.
#[expect(clippy::too_many_lines, reason = "most of it is the order of what is drawn, which is one list")]
fn board(run: Run, size: ReadSignal<Option<Size>>) -> impl IntoView {
    let player = expect_context::<Player>();
    let plan = run.plan();
    let topology = Rc::new(Topology::of(&plan));
    let headings = headings(&plan, &topology);
    let layout = {
        let topology = StoredValue::new_local(topology.clone());
        Memo::new(move |_| topology.with_value(|it| lay_out(it, size.get().unwrap_or(UNMEASURED))))
    };
    let view = RwSignal::new(View::fit(&layout.get_untracked(), size.get_untracked().unwrap_or(UNMEASURED)));
    let pointed = RwSignal::new(None::<Pointed>);
    let hidden = hidden(player, &plan, &topology, pointed);
    let surface = Surface { player, run, layout, view, size, pointed, hidden };
    // All of it is shown at first, and again when the window's size changes, unless the reader has chosen a part.
    Effect::new(move |before: Option<(View, Flow)>| {
        let window = size.get().unwrap_or(UNMEASURED);
        let (fit, flow) = layout.with(|layout| (View::fit(layout, window), layout.flow));
        if before.is_none_or(|before| before.0 == view.get_untracked() || before.1 != flow) {
            view.set(fit);
        }
        (fit, flow)
    });
    let nodes: Vec<NodeId> = plan.nodes().map(|(id, _)| id).collect();
    let links: Vec<LinkId> = plan.links().map(|(id, _)| id).collect();
    let lamps: Vec<LinkId> = links.iter().copied().filter(|id| topology.links[id.get()].checked).collect();
    let failing = mark::lately(run, layout);
    let shown = text(move || {
        let (drawing, flow) = layout.with(|layout| (layout.size, layout.flow));
        let (w, h, view) = (px(drawing.w), px(drawing.h), view.get().style());
        // Letters are as large as can be read where all of the drawing is shown.
        let fit = layout::fit(drawing, flow, size.get().unwrap_or(UNMEASURED));
        let least = px(LEAST_LETTER / fit.max(LEAST_FIT));
        format!("width:{w}px;height:{h}px;--least:{least}px;{view}")
    });
    let down = flag(move || layout.with(|layout| layout.flow == Flow::Down));
    let snug = flag(move || layout.with(|layout| !layout.roomy));
    let dense = flag(move || layout.with(|layout| layout.dense));
    let many = run.has_many_nodes();
    let far = flag(move || view.get().zoom < 0.45);
    // A phone's page is as long as the drawing; elsewhere the drawing makes do with the window.
    let tall = text(move || {
        layout.with(|layout| match layout.flow {
            Flow::Across => String::new(),
            Flow::Down => {
                let zoom = layout::fit(layout.size, layout.flow, size.get().unwrap_or(UNMEASURED));
                format!("min-height:{}px", px(layout.size.h * zoom))
            }
        })
    });
    let runs = |id: LinkId| topology.links[id.get()].run;
    let wires = links.iter().map(|id| link::wire(run, *id, runs(*id), layout, hidden)).collect_view();
    let captions =
        nodes.iter().filter(|id| lamps.iter().any(|link| plan.link(*link).from == **id)).map(|id| {
            let id = *id;
            let words = format!("{} believes", run.name(id));
            label("tier believes", words, move || layout.with(|layout| layout.captions[id.get()]))
        });
    let headings = headings.into_iter().enumerate().map(|(tier, words)| {
        label("tier", words.into(), move || {
            layout.with(|layout| layout.headings.get(tier).copied().flatten())
        })
    });
    let on_the_way = {
        let links = links.clone();
        move || {
            player.calm.get().then(|| {
                links.iter().map(|id| link::on_the_way(run, *id, layout, hidden, pointed)).collect_view()
            })
        }
    };
    let surface_topology = topology.clone();
    view! {
        <div
            class="surface"
            class:down=down
            prop:style=tall
            on:wheel=move |event| surface.wheel(&event)
            on:pointerdown=move |event| surface.press(&event)
            on:pointermove=move |event| surface.moved(&event)
            on:pointerup=move |event| Surface::release(&event)
            on:pointercancel=move |event| Surface::release(&event)
            on:pointerleave=move |_| surface.leave()
            on:click=move |event| surface.click(&event)
            on:focusin=move |event| surface.focus(event.target())
            on:focusout=move |_| pointed.set(None)
            on:keydown=move |event| surface.key(&event, &surface_topology)
        >
            <svg class="wires" prop:style=shown role="group" aria-label="Links">
                {wires}
                {topology.taps.iter().map(|tap| link::tap(*tap, layout)).collect_view()}
            </svg>
            {canvas::canvas(run, layout, view, size, hidden)}
            <div class="board" class:down=down class:snug=snug class:dense=dense class:many=many class:far=far prop:style=shown>
                {headings.collect_view()}
                {captions.collect_view()}
                {nodes.iter().map(|id| node::card(run, *id, layout, failing)).collect_view()}
                {address::shared(&plan).into_iter().map(|shared| address::pills(run, shared, layout)).collect_view()}
                {lamps.into_iter().map(|id| lamp::lamp(run, id, layout)).collect_view()}
                {links
                    .iter()
                    .filter(|id| runs(**id) == Runs::Along)
                    .map(|id| mark::at_link(*id, layout, failing))
                    .collect_view()}
                {links.iter().map(|id| link::said(run, *id, layout)).collect_view()}
                {on_the_way}
                {badge::on_links(layout, hidden)}
                {topology.taps.iter().enumerate().map(|(place, tap)| overheard(run, layout, place, tap.0)).collect_view()}
            </div>
            {menu::menu(run, layout, view, size)}
            {pointing::tip(run, pointed, size)}
            {sample_note(run, player)}
        </div>
        {player.setting.figure.is_none().then(|| surface::controls(&surface))}
    }
}

/// The links that are not drawn now: those of the ones that only watch, until one of their ends is pointed at or
/// pinned.
fn hidden(
    player: Player,
    plan: &Rc<Plan>,
    topology: &Rc<Topology>,
    pointed: RwSignal<Option<Pointed>>,
) -> Memo<Vec<bool>> {
    let kept = StoredValue::new_local((plan.clone(), topology.clone()));
    Memo::new(move |_| {
        let selected = player.selected.get();
        let pointed = pointed.with(|pointed| match pointed.as_ref().map(|pointed| &pointed.target) {
            Some(Target::Thing(selection)) => Some(*selection),
            _ => None,
        });
        kept.with_value(|(plan, topology)| {
            let touched = |link: usize| {
                let joint = topology.links[link];
                let ends = plan.links().nth(link).map(|(id, link)| (id, [link.from, link.to]));
                let Some((id, ends)) = ends else { return false };
                [Some(selected), pointed].into_iter().flatten().any(|selection| {
                    let watcher = ends.iter().zip([joint.from, joint.to]);
                    let mut watchers = watcher.filter(|(_, node)| topology.nodes[*node].tier.is_none());
                    selection.link() == Some(id) || watchers.any(|(end, _)| selection.node() == Some(*end))
                })
            };
            (0..topology.links.len())
                .map(|link| topology.links[link].run == Runs::Around && !touched(link))
                .collect()
        })
    })
}

/// Words at a place of the layout, where it has one for them.
fn label(
    class: &'static str,
    words: String,
    at: impl Fn() -> Option<Rect> + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <span class=class hidden=flag(move || at().is_none()) prop:style=text(move || style(at().unwrap_or_default()))>
            {words}
        </span>
    }
}

/// What the listener of a tap has read last: a password in plain text, or that there is nothing to read.
fn overheard(run: Run, layout: Laid, place: usize, listener: usize) -> impl IntoView {
    let room = move || layout.with(|layout| layout.overheard.get(place).copied().flatten());
    let newest = Memo::new(move |_| {
        run.glance.with(|snapshot| match &snapshot.nodes[listener].detail {
            // A log-in stays until the next one: it is what the listener waits for.
            NodeDetail::Eavesdropper { overheard, readable, unreadable, .. } => {
                let is_log_in = |heard: &&Overheard| heard.kind == RequestKind::Write;
                let heard = overheard.iter().rev().find(is_log_in).or(overheard.last());
                let is_fresh = |heard: &&Overheard| snapshot.now.since(heard.at) < SimDuration::from_secs(3);
                match heard.filter(is_fresh) {
                    Some(heard) => Some((true, heard.line.clone())),
                    None if readable + unreadable > 0 => {
                        Some((false, String::from("encrypted: nothing to read")))
                    }
                    None => None,
                }
            }
            _ => None,
        })
    });
    let words = text(move || newest.get().map(|(_, line)| line).unwrap_or_default());
    let absent = flag(move || room().is_none() || newest.with(Option::is_none));
    view! {
        <span
            class="overheard"
            class:readable=flag(move || newest.with(|newest| newest.as_ref().is_some_and(|(readable, _)| *readable)))
            hidden=absent
            prop:style=text(move || style(room().unwrap_or_default()))
        >
            <span>{words}</span>
        </span>
    }
}

/// Says on the stage that only a sample is drawn.
fn sample_note(run: Run, player: Player) -> impl IntoView {
    let one_of = Memo::new(move |_| run.frame.with(|snapshot| snapshot.sample.one_of));
    let absent = flag(move || one_of.get() == 1 || player.calm.get());
    view! {
        <p class="sample-note" hidden=absent>
            {text(move || format!("1 of {} drawn", words::grouped(one_of.get())))}
        </p>
    }
}

/// What to say when not every request can be drawn; empty while every one is.
pub fn most_drawn_note(sample: Sample, speed: Speed, calm: bool) -> String {
    if calm {
        String::new()
    } else if sample.one_of > 1 {
        format!("Drawing 1 of {} requests.", words::grouped(sample.one_of))
    } else if speed.nanos_in(1_000.0) > 1_000_000_000 {
        String::from("Too fast to draw every request; every one is counted.")
    } else {
        String::new()
    }
}

/// What the layout is for the parts that only need it.
type Laid = Memo<Layout>;
