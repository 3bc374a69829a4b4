//! Lamps: what a balancer believes of the server at the other end of a link, drawn on the balancer's side, apart
//! from the truth on the server's card.
//!
//! Shape, word and pips say the same thing. While the server is in use there is a pip for each check that may still
//! fail, and failed ones are crossed; while it is out of use a pip fills for each check that passed.

use leptos::prelude::*;
use understudy_core::health::Belief;
use understudy_picture::lamp::{MOST_PIPS, Pip, class, glyph, of, pips};
use understudy_sim::ids::LinkId;
use understudy_sim::view::NodeDetail;

use super::geometry::style;
use super::layout::Layout;
use crate::bind::{press, text};
use crate::player::{Player, Run};
use crate::selection::Selection;
use crate::words::{belief_sentence, belief_word};

/// The lamp of a link. Choosing it shows the balancer's pool in the panel.
pub fn lamp(run: Run, id: LinkId, layout: Memo<Layout>) -> impl IntoView {
    let player = expect_context::<Player>();
    let plan = run.plan();
    let link = *plan.link(id);
    let first = of(&plan, id).unwrap_or_default();
    let shown = run.shown(id.get());
    // The health checks can be changed while the run goes on.
    let health = Memo::new(move |_| {
        shown.with(|snapshot| match snapshot.nodes[link.from.get()].detail {
            NodeDetail::LoadBalancer { health, .. } => health,
            _ => first,
        })
    });
    let (balancer, server) = (run.name(link.from), run.name(link.to));
    let belief =
        Memo::new(move |_| shown.with(|snapshot| snapshot.links[id.get()].belief).unwrap_or(Belief::Up));
    let belief = move || belief.get();
    let label =
        text(move || format!("{balancer} believes {server} {}", belief_sentence(belief(), &health.get())));
    let style = text(move || style(layout.with(|layout| layout.links[id.get()].lamp).unwrap_or_default()));
    let pips = (0..MOST_PIPS as usize).map(|place| {
        let class = text(move || {
            let class = match pips(belief(), &health.get()).get(place) {
                Some(Pip::Full) => "pip full",
                Some(Pip::Crossed) => "pip crossed",
                Some(Pip::Empty) => "pip",
                None => "",
            };
            class.into()
        });
        view! { <i class=class></i> }
    });
    view! {
        <button
            type="button"
            class=text(move || class(belief()).into())
            prop:style=style
            aria-label=label
            data-says=label
            on:click=press(move |_| player.pin(Selection::Node(link.from)))
        >
            <svg class="glyph" viewBox="0 0 12 12" aria-hidden="true">
                <path d=text(move || glyph(belief()).into()) />
            </svg>
            <span class="word">{text(move || belief_word(belief()).into())}</span>
            <span class="pips">{pips.collect_view()}</span>
        </button>
    }
}
