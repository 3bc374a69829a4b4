//! Links: the line, what is said of it, and in reduced motion the number of requests on it.

use leptos::prelude::*;
use understudy_picture::link::{Looks, is_attack_path, joins_databases, state, tap_path};
use understudy_sim::ids::LinkId;
use understudy_sim::view::Traffic;

use super::badge;
use super::geometry::style;
use super::layout::Layout;
use super::legend;
use super::pointing::{Pointed, Target};
use super::setting::Setting;
use super::topology::Runs;
use crate::bind::{flag, text};
use crate::player::{Player, Run};
use crate::selection::Selection;
use crate::words::{self, counted};

/// The id of a link's line in the page.
pub fn element_id(setting: &Setting, id: LinkId) -> String {
    setting.id("link", id.get())
}

/// The line that a link is drawn as, and the wider one that can be pointed at. Dotted where the balancer sends
/// nothing, dashed where an end is dead.
pub fn wire(
    run: Run,
    id: LinkId,
    runs: Runs,
    layout: Memo<Layout>,
    hidden: Memo<Vec<bool>>,
) -> impl IntoView {
    let player = expect_context::<Player>();
    let plan = run.plan();
    let ends = [plan.link(id).from.get(), plan.link(id).to.get()];
    let shown = run.shown(id.get());
    let looks = Memo::new(move |_| shown.with(|snapshot| Looks::of(snapshot, id, ends)));
    let path = text(move || layout.with(|layout| layout.links[id.get()].track.path().to_string()));
    let label =
        text(move || run.written(id.get()).with(|snapshot| words::link_label(id, &run.plan(), snapshot)));
    let class = match runs {
        Runs::Along => "wire",
        Runs::Beside => "wire beside",
        Runs::Around => "wire around",
    };
    let kind = match (joins_databases(&plan, id), is_attack_path(&plan, id)) {
        (true, _) => format!("{class} replication"),
        (_, true) => format!("{class} attack"),
        _ => class.into(),
    };
    let went = Memo::new(move |_| {
        run.followed.with(|followed| followed.as_ref().is_some_and(|one| one.went_along(id)))
    });
    view! {
        <g class:hidden-link=flag(move || hidden.with(|hidden| hidden[id.get()]))>
            <path
                class="hit"
                id=element_id(player.setting, id)
                role="button"
                tabindex="-1"
                aria-label=label
                d=path
            />
            <path class="sheath" class:on=flag(move || looks.get().tls) d=path />
            <path
                class=kind
                class:idle=flag(move || looks.get().idle)
                class:dead=flag(move || looks.get().dead)
                class:cut=flag(move || looks.get().cut)
                class:selected=flag(move || player.selected.get() == Selection::Link(id))
                class:went=flag(move || went.get())
                class:lit=badge::is_lit(Selection::Link(id))
                d=path
            />
        </g>
    }
}

/// The line from somebody who listens to the link that they listen on.
pub fn tap((listener, link): (usize, usize), layout: Memo<Layout>) -> impl IntoView {
    let path = text(move || {
        layout.with(|layout| tap_path(layout.cards[listener].rect, layout.links[link].track.at(0.5, 0.0)))
    });
    view! { <path class="tap" d=path /> }
}

fn each(traffic: Traffic) -> [(&'static str, u32, &'static str); 4] {
    [
        ("request", traffic.requests, "request"),
        ("reply", traffic.replies, "reply"),
        ("probe", traffic.checks, "health check"),
        ("records", traffic.others, "other message"),
    ]
}

fn in_words(traffic: Traffic) -> String {
    let on_the_way = each(traffic).into_iter().filter(|(_, count, _)| *count > 0);
    let parts: Vec<String> = on_the_way.map(|(_, count, noun)| counted(count.into(), noun)).collect();
    if parts.is_empty() { String::from("nothing") } else { parts.join(", ") }
}

/// What is said of a link where there is room: that it is cut or slow.
pub fn said(run: Run, id: LinkId, layout: Memo<Layout>) -> impl IntoView {
    let shown = run.shown(id.get());
    let said = Memo::new(move |_| shown.with(|snapshot| state(&snapshot.links[id.get()])));
    let room = move || layout.with(|layout| layout.links[id.get()].label);
    move || {
        let words = said.get();
        room().filter(|_| !words.is_empty()).map(|room| {
            view! {
                <span class="link-state" prop:style=style(room)>
                    <span>{words}</span>
                </span>
            }
        })
    }
}

/// The numbers on a link with the signs of the legend, for readers who asked for less motion.
pub fn on_the_way(
    run: Run,
    id: LinkId,
    layout: Memo<Layout>,
    hidden: Memo<Vec<bool>>,
    pointed: RwSignal<Option<Pointed>>,
) -> impl IntoView {
    let plan = run.plan();
    let ends = [plan.link(id).from, plan.link(id).to].map(|end| run.name(end)).join(" to ");
    let now = Memo::new(move |_| run.frame.with(|snapshot| snapshot.links[id.get()].traffic));
    let label = text(move || format!("On the way from {ends}: {}", in_words(now.get())));
    let room = move || layout.with(|layout| layout.links[id.get()].label);
    let absent = flag(move || room().is_none() || hidden.with(|hidden| hidden[id.get()]));
    // A short link lies below its numbers, and what shows that it has the focus with it.
    let link = Target::Thing(Selection::Link(id));
    let is_pointed =
        flag(move || pointed.with(|pointed| pointed.as_ref().is_some_and(|pointed| pointed.target == link)));
    let each_kind = each(Traffic::default()).map(|(class, ..)| {
        let count = move || {
            each(now.get()).into_iter().find(|(other, ..)| *other == class).map_or(0, |(_, count, _)| count)
        };
        view! {
            <span hidden=flag(move || count() == 0)>{legend::sign(class)} {text(move || count().to_string())}</span>
        }
    });
    view! {
        <span class="on-the-way" role="img" aria-label=label hidden=absent prop:style=text(move || style(room().unwrap_or_default()))>
            <span class="numbers" class:pointed=is_pointed>
                {each_kind.into_iter().collect_view()}
                <span hidden=flag(move || now.get() != Traffic::default())>"0"</span>
            </span>
        </span>
    }
}
