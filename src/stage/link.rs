//! Links: the line, and in reduced motion the number of requests on it.

use leptos::prelude::*;
use understudy_sim::Snapshot;
use understudy_sim::ids::{Direction, LinkId};
use understudy_sim::view::Cargo;

use super::geometry::{Point, px};
use super::layout::Layout;
use super::legend;
use crate::bind::{flag, text};
use crate::driver::{Lab, Run};
use crate::words::counted;

/// The line that a link is drawn as. Dotted where the balancer sends nothing, dashed where the far end is dead.
pub fn wire(run: Run, id: LinkId, layout: Memo<Layout>) -> impl IntoView {
    let (from, to) = {
        let plan = run.plan();
        (plan.link(id).from, plan.link(id).to)
    };
    let idle = flag(move || {
        run.frame.with(|snapshot| snapshot.links[id.get()].belief.is_some_and(|belief| !belief.in_use()))
    });
    let dead = flag(move || {
        run.frame.with(|snapshot| [from, to].iter().any(|end| !snapshot.nodes[end.get()].truth.is_up()))
    });
    let path = text(move || layout.with(|layout| layout.links[id.get()].track.path().to_string()));
    view! { <path class="wire" class:idle=idle class:dead=dead d=path /> }
}

/// What is on its way along a link, as counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

    fn each(self) -> [(&'static str, u64, &'static str); 3] {
        [
            ("request", self.requests, "request"),
            ("reply", self.replies, "reply"),
            ("probe", self.checks, "health check"),
        ]
    }

    fn in_words(self) -> String {
        let on_the_way = self.each().into_iter().filter(|(_, count, _)| *count > 0);
        let parts: Vec<String> = on_the_way.map(|(_, count, noun)| counted(count, noun)).collect();
        if parts.is_empty() { String::from("nothing") } else { parts.join(", ") }
    }
}

/// The numbers on a link with the signs of the legend, for readers who asked for less motion.
pub fn on_the_way(run: Run, id: LinkId, layout: Memo<Layout>) -> impl IntoView {
    let calm = expect_context::<Lab>().calm;
    let plan = run.plan();
    let ends = [plan.link(id).from, plan.link(id).to].map(|end| run.name(end)).join(" to ");
    let now = move || run.frame.with(|snapshot| OnTheWay::of(snapshot, id));
    let label = text(move || format!("On the way from {ends}: {}", now().in_words()));
    let style = text(move || {
        let Point { x, y } = layout.with(|layout| layout.links[id.get()].count);
        format!("left:{}px;top:{}px", px(x), px(y))
    });
    let each = OnTheWay::default().each().map(|(class, ..)| {
        let count = move || now().each().into_iter().find(|(other, ..)| *other == class).map_or(0, |(_, count, _)| count);
        view! {
            <span hidden=flag(move || count() == 0)>{legend::sign(class)} {text(move || count().to_string())}</span>
        }
    });
    view! {
        <span class="on-the-way" role="img" aria-label=label hidden=flag(move || !calm.get()) style=style>
            {each.into_iter().collect_view()}
            <span hidden=flag(move || now() != OnTheWay::default())>"0"</span>
        </span>
    }
}
