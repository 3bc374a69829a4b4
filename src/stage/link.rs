//! Links: the line, and in reduced motion the number of requests on it.

use leptos::prelude::*;
use understudy_sim::Snapshot;
use understudy_sim::ids::{Direction, LinkId};
use understudy_sim::view::Cargo;

use super::geometry::px;
use super::layout::Layout;
use crate::driver::{Lab, Run};
use crate::words::counted;

/// The line that a link is drawn as. Dotted where the balancer sends nothing, dashed where the far end is dead.
pub fn wire(run: Run, id: LinkId, layout: Memo<Layout>) -> AnyView {
    let (from, to) = {
        let plan = run.plan();
        (plan.link(id).from, plan.link(id).to)
    };
    let idle = Memo::new(move |_| {
        run.frame.with(|snapshot| snapshot.links[id.get()].belief.is_some_and(|belief| !belief.in_use()))
    });
    let dead = Memo::new(move |_| {
        run.frame.with(|snapshot| [from, to].iter().any(|end| !snapshot.nodes[end.get()].truth.is_up()))
    });
    view! {
        <path
            class="wire"
            class:idle=idle
            class:dead=dead
            d=move || layout.with(|layout| layout.links[id.get()].track.path().to_string())
        />
    }
    .into_any()
}

/// What is on its way along a link, as counts.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct OnTheWay {
    requests: u64,
    replies: u64,
    checks: u64,
}

impl OnTheWay {
    fn of(snapshot: &Snapshot, link: LinkId) -> Self {
        let mut on_the_way = Self::default();
        for flight in snapshot.flights.iter().filter(|flight| flight.link == link) {
            match (flight.cargo, flight.direction) {
                (Cargo::Probe | Cargo::ProbeReply { .. }, _) => on_the_way.checks += 1,
                (_, Direction::Forward) => on_the_way.requests += 1,
                (_, Direction::Back) => on_the_way.replies += 1,
            }
        }
        on_the_way
    }

    fn in_words(self) -> String {
        let parts = [(self.requests, "request"), (self.replies, "reply"), (self.checks, "check")];
        let parts: Vec<String> =
            parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(count, noun)).collect();
        if parts.is_empty() { String::from("nothing on the way") } else { parts.join(", ") }
    }
}

/// The number of requests on a link in words, for readers who asked for less motion.
pub fn on_the_way(run: Run, id: LinkId, layout: Memo<Layout>) -> AnyView {
    let calm = expect_context::<Lab>().calm;
    let at = move || layout.with(|layout| layout.links[id.get()].count);
    let text = move || run.frame.with(|snapshot| OnTheWay::of(snapshot, id).in_words());
    view! {
        <Show when=move || calm.get()>
            <span class="on-the-way" style=move || format!("left:{}px;top:{}px", px(at().x), px(at().y))>
                {text}
            </span>
        </Show>
    }
    .into_any()
}
