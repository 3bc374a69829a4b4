//! The panel: the whole in words, then the findings by rank, each with its proof, what would mend it, and what that
//! would change.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_audit::findings::Level;
use understudy_audit::markdown;

use super::findings::{Item, Overall, about, level_look, share};
use super::fix::Preview;
use super::{Audit, Done};
use crate::bind::{aria, flag, part, text};
use crate::browser;
use crate::icons::{self, icon};
use crate::words::{counted, listed};

/// As many findings are listed at once; the others are asked for.
const LISTED: usize = 40;

fn element_id(number: usize) -> String {
    format!("finding-{number}")
}

/// Moves the keyboard to a finding, once it is there.
pub fn show(number: usize) {
    request_animation_frame(move || {
        let id = element_id(number);
        if let Some(element) = browser::element(&id) {
            let item = element.parent_element().unwrap_or_else(|| element.clone().into());
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            item.scroll_into_view_with_scroll_into_view_options(&options);
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = element.focus_with_options(&options);
        }
    });
}

/// The panel.
pub fn panel() -> impl IntoView {
    let audit = expect_context::<Audit>();
    let all = RwSignal::new(false);
    let status = text(move || match audit.fitting() {
        _ if audit.is_busy.get() => String::from("Looking\u{2026}"),
        Some(done) => counted(done.items.len() as u64, "finding"),
        None => String::new(),
    });
    view! {
        <section class="audit" id="audit" aria-label="Audit" tabindex="-1">
            {super::brief::brief(audit)}
            {part(move || audit.is_open.get().then(|| view! {
                <div class="audit-head">
                    <h2>"Audit"</h2>
                    <span class="quiet" role="status">{status}</span>
                </div>
                <p class="quiet">"What is weak here as it is set up now, whatever is broken at the moment."</p>
                {part(move || audit.fitting().map(|done| whole(audit, &done)))}
                {part(move || audit.fitting().map(|done| findings(audit, &done, all)))}
            }))}
        </section>
    }
}

/// What is tried out at the moment, and the way back.
pub fn bar() -> impl IntoView {
    let lab = expect_context::<Audit>().lab;
    let why = text(move || lab.trials.with(|trials| trials.last().cloned().unwrap_or_default()));
    view! {
        <div class="trial" role="status" hidden=flag(move || lab.trials.with(Vec::is_empty))>
            <p>{why}</p>
            <button type="button" on:click=move |_| lab.take_back()>
                {icon(icons::UNDO)}
                "Back to the run before"
            </button>
        </div>
    }
}

/// The whole in words, and ways to take it along.
fn whole(audit: Audit, done: &Rc<Done>) -> impl IntoView + use<> {
    let Overall { services, capacity } = done.overall.clone();
    let service = |(name, answered, down, alone): (&'static str, f64, f64, Vec<String>)| {
        let names: Vec<&str> = alone.iter().map(String::as_str).collect();
        let weak = match &names[..] {
            [] => format!("No single node ends {name}."),
            [one] => format!("{one} alone ends {name}."),
            several => format!("Each of {} alone ends {name}.", listed(several)),
        };
        view! {
            <div>
                <dt>{name}</dt>
                <dd>
                    <b>{share(answered)}</b> " answered, down " <b>{about(down)}</b> " a month. "
                    <span class="weak">{weak}</span>
                </dd>
            </div>
        }
    };
    let (sent, carries, worst) = capacity;
    let per_s = |rate: f64| crate::stage::geometry::decimal(rate, 0);
    let load = match (carries, worst) {
        (None, _) => format!("Clients send {} requests per second.", per_s(sent)),
        (Some(carries), None) => format!(
            "Clients send {} requests per second. With everything up it carries {}.",
            per_s(sent),
            per_s(carries)
        ),
        (Some(carries), Some((lost, left))) => format!(
            "Clients send {} requests per second. With everything up it carries {}, without {lost} {}.",
            per_s(sent),
            per_s(carries),
            per_s(left)
        ),
    };
    let kept = StoredValue::new_local(done.clone());
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let text = kept.with_value(|done| markdown::write(&done.report));
        browser::file::copy(&text, move |done| {
            copied.set(done);
            if !done {
                browser::file::offer("understudy-audit.md", &text_again(kept));
            }
        });
    };
    let _ = audit;
    view! {
        <dl class="services">{services.into_iter().map(service).collect_view()}</dl>
        <p class="load">{load}</p>
        <div class="acts">
            <button type="button" on:click=copy>
                {text(move || String::from(if copied.get() { "Copied" } else { "Copy as Markdown" }))}
            </button>
            <button type="button" on:click=move |_| browser::file::offer("understudy-audit.md", &text_again(kept))>
                "Download report"
            </button>
        </div>
    }
}

fn text_again(kept: StoredValue<Rc<Done>, LocalStorage>) -> String {
    kept.with_value(|done| markdown::write(&done.report))
}

fn level_icon(level: Level) -> impl IntoView {
    let (name, path) = level_look(level);
    view! {
        <span class=format!("level {name}")>{icon(path.to_string())} {name}</span>
    }
}

/// The findings by rank, those of the levels that are chosen.
fn findings(audit: Audit, done: &Rc<Done>, all: RwSignal<bool>) -> impl IntoView + use<> {
    let level = |(place, (level, _)): (usize, (Level, &str))| {
        let count = done.items.iter().filter(|item| item.level == level).count();
        let pressed = aria(flag(move || audit.shown.with(|shown| shown[place])));
        let (name, path) = level_look(level);
        view! {
            <button
                type="button"
                class=format!("level {name}")
                aria-pressed=pressed
                disabled=count == 0
                on:click=move |_| audit.shown.update(|shown| shown[place] = !shown[place])
            >
                {icon(path.to_string())}
                {if level == Level::Critical { format!("{count} {name}") } else { counted(count as u64, name) }}
            </button>
        }
    };
    let levels = Level::ALL.into_iter().enumerate().map(level).collect_view();
    let kept = StoredValue::new_local(done.clone());
    let list = part(move || {
        let done = kept.get_value();
        let shown: Vec<&Item> = done.items.iter().filter(|item| audit.is_shown(item.level)).collect();
        let most = if all.get() { usize::MAX } else { LISTED };
        let opened = audit.open.get();
        let left = shown.iter().skip(most).filter(|item| Some(item.number) != opened).count();
        let listed = shown.into_iter().enumerate();
        let listed = listed.filter(|(place, item)| *place < most || Some(item.number) == opened);
        let more = (left > 0).then(|| {
            view! {
                <button type="button" on:click=move |_| all.set(true)>
                    {format!("Show {left} more")}
                </button>
            }
        });
        view! {
            <ol class="findings">{listed.map(|(_, item)| finding(audit, item)).collect_view()}</ol>
            {more}
        }
    });
    view! {
        <div class="levels" role="group" aria-label="Findings that are shown">{levels}</div>
        {list}
    }
}

fn finding(audit: Audit, item: &Item) -> impl IntoView + use<> {
    let number = item.number;
    let (name, _) = level_look(item.level);
    let is_open = audit.open.get_untracked() == Some(number);
    let point = move |at: Option<usize>| move || audit.pointed.set(at);
    let (enter, leave) = (point(Some(number)), point(None));
    view! {
        <li class:open=is_open on:pointerenter=move |_| enter() on:pointerleave=move |_| leave()>
            <button
                type="button"
                class="finding"
                id=element_id(number)
                aria-expanded=if is_open { "true" } else { "false" }
                on:focus=move |_| audit.pointed.set(Some(number))
                on:blur=move |_| audit.pointed.set(None)
                on:click=move |_| {
                    audit.toggle(number);
                    show(number);
                }
            >
                <span class=format!("badge {name}")>{number}</span>
                {level_icon(item.level)}
                <span class="what">{item.what.clone()}</span>
            </button>
            {is_open.then(|| details(audit, item))}
        </li>
    }
}

fn details(audit: Audit, item: &Item) -> impl IntoView + use<> {
    let number = item.number;
    let way = |names: &[String]| names.join(" \u{2192} ");
    let [before, after] = &item.ways;
    let is_over = item.answered.is_some_and(|[.., last]| last <= 0.0);
    let ways = (!before.is_empty() && before != after).then(|| {
        let after = if is_over || after.is_empty() { String::from("none is left") } else { way(after) };
        view! {
            <div><dt>"Path before"</dt><dd>{way(before)}</dd></div>
            <div><dt>"Path after"</dt><dd>{after}</dd></div>
        }
    });
    let answered = item.answered.map(|shares| {
        let [before, first, last] = shares.map(share);
        view! {
            <div>
                <dt>"Answered"</dt>
                <dd>{format!("{before} before, {first} at first, {last} in the end")}</dd>
            </div>
        }
    });
    let commands = item.commands.join(", ");
    let others = item.others.iter().cloned().map(|what| view! { <p>{what}</p> }).collect_view();
    let fix = item.fix.clone().map(|fix| {
        let cost = if fix.cost.is_empty() { String::from("no further node") } else { fix.cost };
        let act = fix.can_be_tried.then(|| {
            view! {
                <div class="acts">
                    <button type="button" on:click=move |_| audit.preview_fix(number)>"Preview the fix"</button>
                    <button type="button" on:click=move |_| audit.apply_fix(number)>"Apply the fix"</button>
                </div>
            }
        });
        view! {
            <h3>"What would mend it"</h3>
            <p>{fix.what}</p>
            <p class="quiet">{format!("It costs {cost}.")}</p>
            {act}
            {part(move || audit.preview.get().filter(|preview| preview.number == number).map(|preview| changed(&preview)))}
        }
    });
    view! {
        <div class="details">
            {others}
            <h3>"Proof"</h3>
            <dl>
                {ways}
                {answered}
                <div hidden=commands.is_empty()><dt>"Done"</dt><dd><code>{commands.clone()}</code></dd></div>
            </dl>
            <div class="acts">
                <button type="button" class="go" on:click=move |_| audit.play(number)>
                    {icon(icons::PLAY)}
                    "Play it"
                </button>
            </div>
            {fix}
        </div>
    }
}

/// The audit after a fix beside the one before.
fn changed(preview: &Preview) -> impl IntoView + use<> {
    let row = |name: String, [before, after]: [String; 2], tone: &'static str| {
        view! {
            <tr class=tone><th scope="row">{name}</th><td>{before}</td><td>{after}</td></tr>
        }
    };
    let services = preview.services.iter().map(|(name, shares, down)| {
        let tone = if shares[1] > shares[0] { "better" } else { "" };
        let answered = row(format!("{name} answered"), shares.map(share), tone);
        (answered, row(String::from("down a month"), down.map(about), tone))
    });
    let counts = preview.counts.iter().map(|(level, [before, after])| {
        let tone = if after < before { "better" } else { "" };
        row(level_look(*level).0.into(), [before.to_string(), after.to_string()], tone)
    });
    let numbers: Vec<String> = preview.change.gone.iter().take(12).map(ToString::to_string).collect();
    let names: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let more = preview.change.gone.len().saturating_sub(12);
    let gone = match (preview.mended, names.is_empty(), more) {
        (_, true, _) => String::from("No finding disappears."),
        (_, false, 0) => format!("Gone: {}.", listed(&names)),
        (_, false, more) => format!("Gone: {} and {more} more.", names.join(", ")),
    };
    let stays = if preview.mended { "" } else { "This finding is still there, perhaps less bad." };
    let new = preview.change.new.iter().take(5).map(|(level, what)| {
        view! { <li>{level_icon(*level)} " " {what.clone()}</li> }
    });
    view! {
        <div class="preview" role="status">
            <table aria-label="The audit before and after the fix">
                <thead>
                    <tr><td></td><th scope="col">"Before"</th><th scope="col">"After"</th></tr>
                </thead>
                <tbody>{services.collect_view()}{counts.collect_view()}</tbody>
            </table>
            <p>{gone} " " {stays}</p>
            <p hidden=preview.change.new.is_empty()>"New:"</p>
            <ul>{new.collect_view()}</ul>
        </div>
    }
}
