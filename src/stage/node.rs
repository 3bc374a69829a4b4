//! Node cards: the truth about each node, and the control that acts on it.

use leptos::prelude::*;
use understudy_sim::ids::NodeId;
use understudy_sim::view::{LogRecord, RecordState, Truth};

use super::badge;
use super::card::{self, CELLS, HOT_PERMILLE, LOAD_STEP, MOST_SQUARES, State, name_size};
use super::geometry::{px, style};
use super::kinds::look;
use super::layout::{Card, Layout};
use super::mark::{self, Failing};
use super::setting::Setting;
use crate::bind::{aria, flag, press, text};
use crate::icons;
use crate::player::{Player, Run};
use crate::selection::Selection;
use crate::words::{self, node_label};

/// The id of a node's control in the page.
pub fn element_id(setting: &Setting, id: NodeId) -> String {
    setting.id("node", id.get())
}

/// The card of one node.
pub fn card(run: Run, id: NodeId, layout: Memo<Layout>, failing: Memo<Vec<Failing>>) -> impl IntoView {
    let player = expect_context::<Player>();
    let setting = player.setting;
    let plan = run.plan();
    let look = look(&plan.node(id).expect("the stage draws the plan's own nodes").kind);
    let backup = card::is_backup(id, &plan);
    let shown = run.shown(id.get());
    let state = Memo::new(move |_| shown.with(|snapshot| State::of(id, backup, snapshot)));
    let has = move |ask: fn(&State) -> bool| flag(move || state.with(ask));
    let notes = use_context::<badge::Notes>();
    let finding = badge::said(Selection::Node(id));
    let label = text(move || {
        run.written(id.get()).with(|snapshot| node_label(id, &run.plan(), snapshot)) + &finding.get()
    });
    let place = move || layout.with(|layout| layout.cards[id.get()]);
    let is_open = flag(move || player.menu.get() == Some(id));
    let open = move |event: leptos::ev::MouseEvent| {
        if badge::clicked(&event, notes) {
            return;
        }
        player.pin(Selection::Node(id));
        if !setting.menus || setting.locked.get_untracked() {
            return;
        }
        player.menu.update(|menu| *menu = if *menu == Some(id) { None } else { Some(id) });
    };
    // Its role in words and its rate, or since when it is down.
    let role = text(move || {
        let dense = layout.with(|layout| layout.dense);
        run.written(id.get()).with(|snapshot| {
            let role = card::role(id, &run.plan(), snapshot);
            if dense { card::shortened(&role, id, &run.plan(), snapshot) } else { role }
        })
    });
    let rate = text(move || run.written(id.get()).with(|snapshot| card::rate(id, snapshot)));
    let slow = text(move || match state.with(|state| state.slowness) {
        0 | 1 => String::new(),
        times => format!("{times}\u{d7} slower"),
    });
    // What it falls with: a rack, a power line.
    let shares = plan.node(id).map(|node| node.dependability.groups.join(", ")).filter(|all| !all.is_empty());
    let works = state.with_untracked(|state| state.load_permille.is_some());
    let letters = run.name(id).chars().count();
    view! {
        <button
            type="button"
            class="node"
            class:dead=has(|state| matches!(state.truth, Truth::Down { .. }))
            class:hung=has(|state| matches!(state.truth, Truth::Hung { .. }))
            class:standby=has(|state| state.standby)
            class:with-queue=works
            class:selected=flag(move || player.selected.get() == Selection::Node(id))
            class:badged=flag(move || finding.with(|words| !words.is_empty()))
            class:lit=badge::is_lit(Selection::Node(id))
            class:compact=flag(move || place().compact)
            class:tight=flag(move || place().tight)
            class:has-log=look.has_log
            id=element_id(setting, id)
            data-shares=shares
            prop:style=text(move || {
                let (card, is_noted) = (place(), finding.with(|words| !words.is_empty()));
                format!("{};--fit:{}px", style(card.rect), px(name_size(&beside_number(card, is_noted), letters, works)))
            })
            aria-label=label
            aria-haspopup=setting.menus.then_some("menu")
            aria-expanded=setting.menus.then(|| aria(is_open))
            on:click=press(open)
        >
            {icons::icon(look.icon)}
            {badge::on_node(id)}
            <span class="name">{run.name(id)}</span>
            <span class="role">{role} <span class="rate">{rate}</span></span>
            {works.then(|| load_and_queue(state))}
            {look.has_log.then(|| cells(run, id))}
            <svg class="clock-face" viewBox="0 0 18 18" aria-hidden="true">
                <path d=icons::CLOCK />
            </svg>
            <span class="slow" hidden=has(|state| state.slowness < 2)>{slow}</span>
            {mark::inside(id, failing)}
        </button>
    }
}

/// The card without what a number in the place of its icon takes more than that.
fn beside_number(mut card: Card, is_noted: bool) -> Card {
    if is_noted && !card.compact {
        card.rect.w -= 8.0;
    }
    card
}

/// A server's load ring and queue.
fn load_and_queue(state: Memo<State>) -> impl IntoView {
    let queued = move || state.with(|state| state.queued);
    // In steps that can be seen: each smaller one would be drawn anew for nobody.
    let load = move || state.with(|state| state.load_permille.unwrap_or(0).div_ceil(LOAD_STEP) * LOAD_STEP);
    // One box, as wide as so many squares: the style sheet draws them.
    let squares = text(move || format!("--squares:{}", queued().min(MOST_SQUARES)));
    let rest = text(move || match queued().saturating_sub(MOST_SQUARES) {
        0 => String::new(),
        more => format!("+{more}"),
    });
    let hot = flag(move || load() >= HOT_PERMILLE);
    let load = text(move || format!("{} 1000", load()));
    view! {
        <svg class="ring" class:hot=hot viewBox="0 0 28 28" aria-hidden="true">
            <circle class="track" cx="14" cy="14" r="11" />
            <circle class="load" cx="14" cy="14" r="11" pathLength="1000" stroke-dasharray=load />
        </svg>
        <span class="queue" prop:style=squares>
            {rest}
        </span>
    }
}

/// The newest records of a database's log, newest first: what does not fit is the oldest.
fn cells(run: Run, id: NodeId) -> impl IntoView {
    let log = Memo::new(move |_| run.frame.with(|snapshot| card::log(id, snapshot)));
    let record = move |place: usize| -> Option<LogRecord> {
        log.with(|(_, records)| records.len().checked_sub(place + 1).map(|index| records[index]))
    };
    let cell = move |place: usize| {
        let class = text(move || {
            let class = match record(place).map(|record| record.state) {
                Some(RecordState::Done) => "cell",
                Some(RecordState::OnItsWay) => "cell on-its-way",
                Some(RecordState::Lost) => "cell lost",
                None => "cell none",
            };
            class.into()
        });
        let words = text(move || record(place).map_or(String::new(), |record| words::short_lsn(record.lsn)));
        view! { <span class=class>{words}</span> }
    };
    let timeline = text(move || format!("T{}", log.with(|(timeline, _)| *timeline)));
    view! {
        <span class="log-cells" aria-hidden="true">
            <span class="timeline">{timeline}</span>
            <span class="cells">{(0..CELLS).map(cell).collect_view()}</span>
        </span>
    }
}
