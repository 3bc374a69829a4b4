//! The charts: strips below the scrubber, all on its time axis, with one cursor through all of them.
//!
//! A lane's words give the value of each line where the pointer is, or else at the shown instant: so that moving the
//! scrubber by the keyboard reads the charts too.

use leptos::html;
use leptos::prelude::*;
use understudy_sim::SimTime;

use crate::bind::{Flag, aria, flag, part, text};
use crate::browser::media;
use crate::charts::axis::SPANS;
use crate::charts::lanes::{Lane, Line};
use crate::charts::marks::{self, Cluster};
use crate::charts::samples::{Samples, axis_top};
use crate::lab::{Lab, Run};
use crate::stage::geometry::{decimal, px};
use crate::words::{clock, instant};

/// Positions of the scrubber.
const POSITIONS: f64 = 2_000.0;
/// Least room between two marks, as a share of the axis: 24 pixels of it, and as many of the short one that a narrow
/// window has.
const MARK_GAP: f64 = 0.036;
const NARROW_MARK_GAP: f64 = 0.11;

/// Scrubber and charts.
pub fn lanes() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let track = NodeRef::<html::Div>::new();
    let narrow = media::matches("(max-width: 899px)");
    // Where on the axis the pointer is.
    let pointed = move |client_x: i32| {
        let rect = track.get_untracked()?.get_bounding_client_rect();
        let share = (f64::from(client_x) - rect.left()) / rect.width().max(1.0);
        let axis = lab.run.get_untracked().axis.get_untracked();
        (0.0..=1.0).contains(&share).then(|| axis.at(share))
    };
    view! {
        <section class="lanes" id="charts" aria-label="Time and charts">
            {part(move || scrubber(lab, lab.run.get(), track, narrow))}
            {dark(lab)}
            <div
                class="strips"
                on:pointermove=move |event| lab.hover.set(pointed(event.client_x()))
                on:pointerleave=move |_| lab.hover.set(None)
                on:click=move |event| pointed(event.client_x()).into_iter().for_each(|at| lab.seek(at))
            >
                {part(move || {
                    let run = lab.run.get();
                    run.lanes().into_iter().enumerate().map(|(place, one)| lane(lab, run, place, one)).collect_view()
                })}
                <div class="cursors" aria-hidden="true">
                    {part(move || lab.run.get().gaps.get().into_iter().map(|gap| unmeasured(lab, gap)).collect_view())}
                    <i class="future" prop:style=text(move || at_share(lab, Some(now(lab))))></i>
                    <i class="cursor now" prop:style=text(move || at_share(lab, Some(now(lab))))></i>
                    <i
                        class="cursor hover"
                        prop:style=text(move || at_share(lab, lab.hover.get()))
                        hidden=flag(move || lab.hover.get().is_none())
                    >
                        <span>{text(move || lab.hover.get().map(instant).unwrap_or_default())}</span>
                    </i>
                </div>
            </div>
            {part(move || axis_row(lab, lab.run.get()))}
        </section>
    }
}

fn now(lab: Lab) -> SimTime {
    lab.run.get().standing.with(|standing| standing.now)
}

/// The style that puts an element at an instant of the axis.
fn at_share(lab: Lab, at: Option<SimTime>) -> String {
    let Some(at) = at else { return String::new() };
    let share = lab.run.get().axis.get().share(at);
    format!("left:{}%", decimal(share.clamp(0.0, 1.0) * 100.0, 2))
}

/// What nobody measured is dark, and why; the simulator knows it all the same.
fn dark(lab: Lab) -> impl IntoView {
    let words = text(move || {
        let run = lab.run.get();
        String::from(match (run.is_dark.get(), lab.peeks.get()) {
            (_, true) => "Hatched: what really happened, which nobody measured.",
            (true, _) => "Nobody measures: switch monitoring on. From then on there are charts.",
            (false, _) => "Hatched: nobody measured.",
        })
    });
    let absent = flag(move || {
        let run = lab.run.get();
        run.gaps.with(Vec::is_empty) && !run.is_dark.get()
    });
    view! {
        <div class="dark" hidden=absent>
            <p role="status">{words}</p>
            <button type="button" aria-pressed=aria(flag(move || lab.peeks.get())) on:click=move |_| lab.peek(!lab.peeks.get_untracked())>
                "Show what really happened"
            </button>
        </div>
    }
}

/// A stretch of the time axis in which nobody measured.
fn unmeasured(lab: Lab, (from, to): (SimTime, SimTime)) -> impl IntoView {
    let style = text(move || {
        let axis = lab.run.get().axis.get();
        let share = |at: SimTime| axis.share(at).clamp(0.0, 1.0) * 100.0;
        format!("left:{}%;width:{}%", px(share(from)), px(share(to) - share(from)))
    });
    view! { <i class="unmeasured" prop:style=style></i> }
}

/// The slider along the axis with the marks above it.
fn scrubber(lab: Lab, run: Run, track: NodeRef<html::Div>, narrow: ReadSignal<bool>) -> impl IntoView {
    let standing = run.standing;
    let position = text(move || {
        let share = run.axis.get().share(standing.with(|standing| standing.now));
        decimal(share.clamp(0.0, 1.0) * POSITIONS, 0)
    });
    let value =
        text(move || standing.with(|standing| format!("{} of {}", clock(standing.now), clock(standing.end))));
    let played = text(move || {
        let axis = run.axis.get();
        let (now, end) = standing.with(|standing| (axis.share(standing.now), axis.share(standing.end)));
        let percent = |share: f64| decimal(share.clamp(0.0, 1.0) * 100.0, 2);
        format!("--now:{}%;--end:{}%", percent(now), percent(end))
    });
    let moved = move |event| {
        if let Ok(position) = event_target_value(&event).parse::<u32>() {
            let axis = run.axis.get_untracked();
            lab.seek(axis.at(f64::from(position) / POSITIONS));
        }
    };
    let clusters = Memo::new(move |_| {
        let axis = run.axis.get();
        let gap = if narrow.get() { NARROW_MARK_GAP } else { MARK_GAP };
        run.marks.with(|all| marks::cluster(all, axis, gap))
    });
    view! {
        <div class="strip-head">
            <label>
                <span class="unseen">"Length of the time axis"</span>
                <select class="span" on:change=move |event| {
                    if let Ok(index) = event_target_value(&event).parse() {
                        lab.set_span(index);
                    }
                }>
                    {SPANS
                        .iter()
                        .enumerate()
                        .map(|(index, (words, _))| {
                            view! {
                                <option value=index.to_string() selected=index == lab.span.get_untracked()>
                                    {*words}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
        </div>
        <div class="scrubber" prop:style=played>
            <div class="marks" role="group" aria-label="Turning points" node_ref=track>
                {part(move || clusters.get().into_iter().map(|one| mark(lab, one)).collect_view())}
            </div>
            <input
                type="range"
                min="0"
                max=decimal(POSITIONS, 0)
                step="1"
                aria-label="Position in the run"
                aria-valuetext=value
                prop:value=position
                on:input=moved
            />
        </div>
    }
}

/// A mark: a button that leads to its instant.
fn mark(lab: Lab, Cluster { share, at, kind, count, words }: Cluster) -> impl IntoView {
    let label = format!("{}: {words}", instant(at));
    view! {
        <button
            type="button"
            class=format!("mark-at {}", kind.name())
            prop:style=format!("left:{}%", decimal(share * 100.0, 2))
            aria-label=label.clone()
            title=label
            on:click=move |_| lab.seek(at)
        >
            <svg viewBox="0 0 12 12" aria-hidden="true">
                <path d=marks::sign(kind) />
            </svg>
            <span class="more" aria-hidden="true">{(count > 1).then(|| count.to_string())}</span>
        </button>
    }
}

/// The words below the axis.
fn axis_row(lab: Lab, run: Run) -> impl IntoView {
    let ticks = part(move || {
        let axis = run.axis.get();
        let tick = |at: SimTime| {
            let seconds = at.as_nanos() / 1_000_000_000;
            let words = if axis.length().as_nanos() > 600_000_000_000 {
                format!("{}\u{202f}min", seconds / 60)
            } else {
                format!("{seconds}\u{202f}s")
            };
            view! { <span prop:style=format!("left:{}%", px(axis.share(at) * 100.0))>{words}</span> }
        };
        axis.ticks().into_iter().map(tick).collect_view()
    });
    let _ = lab;
    view! { <div class="ticks" aria-hidden="true">{ticks}</div> }
}

/// One chart.
fn lane(lab: Lab, run: Run, place: usize, Lane { title, unit, promise, lines }: Lane) -> impl IntoView {
    let axis = run.axis;
    // The ghost is drawn to the same scale.
    let top = Memo::new(move |_| {
        let most = |charts: &Vec<Vec<Samples>>| {
            let lane = charts.get(place).map_or(&[][..], Vec::as_slice);
            lane.iter().map(|samples| samples.most(axis.get())).fold(0.0, f64::max)
        };
        axis_top(run.charts.with(most).max(run.ghost_charts.with(most)), unit.least_top())
    });
    let path = move |of: RwSignal<Vec<Vec<Samples>>>,
                     line: usize,
                     shape: fn(&Samples, crate::charts::axis::TimeAxis, f64) -> String| {
        text(move || {
            of.with(|charts| {
                let samples = charts.get(place).and_then(|lane| lane.get(line));
                samples.map(|samples| shape(samples, axis.get(), top.get())).unwrap_or_default()
            })
        })
    };
    let reading = move |line: usize| {
        text(move || {
            let value = run.charts.with(|charts| {
                let samples = charts.get(place)?.get(line)?;
                match lab.hover.get() {
                    Some(at) => samples.at(at),
                    None => samples.at(run.standing.with(|standing| standing.now)).or_else(|| samples.last()),
                }
            });
            value.map_or_else(|| String::from("\u{2013}"), |value| unit.write(value))
        })
    };
    let names: Vec<(usize, Line)> = lines.into_iter().enumerate().collect();
    let words = {
        let readings: Vec<_> = names.iter().map(|(line, one)| (one.name.clone(), reading(*line))).collect();
        text(move || {
            let parts: Vec<String> =
                readings.iter().map(|(name, value)| format!("{name} {}", value.get())).collect();
            format!("{title}: {}", parts.join(", "))
        })
    };
    let empty = Memo::new(move |_| {
        run.charts
            .with(|charts| charts.get(place).is_none_or(|lane| lane.iter().all(|line| line.last().is_none())))
    });
    let has_ghost: Flag = flag(move || run.ghost_charts.with(Vec::is_empty));
    let key = |(line, one): &(usize, Line)| {
        view! {
            <span class=format!("key {}", one.class)>
                {one.name.clone()} " " <b>{reading(*line)}</b>
            </span>
        }
    };
    let drawn = |(line, one): &(usize, Line)| {
        let area = matches!(one.class, "failed");
        view! {
            <path class=format!("line ghost {}", one.class) d=path(run.ghost_charts, *line, Samples::line) class:none=has_ghost />
            <path class=format!("area {}", one.class) d=path(run.charts, *line, if area { Samples::area } else { no_area }) />
            <path class=format!("line {}", one.class) d=path(run.charts, *line, Samples::line) />
        }
    };
    view! {
        <div class="strip-head">
            <h3>{title}</h3>
            <span class="keys">{names.iter().map(key).collect_view()}</span>
        </div>
        <div class="plot" role="img" aria-label=words>
            <svg viewBox=PLOT_BOX preserveAspectRatio="none" aria-hidden="true">
                <path class="grid" d="M0 0H1000M0 100H1000" />
                {names.iter().map(drawn).collect_view()}
            </svg>
            <span class="top" aria-hidden="true">{text(move || unit.write(top.get()))}</span>
            <span class="promise" aria-hidden="true" hidden=flag(move || !empty.get() || run.is_dark.get())>{promise}</span>
        </div>
    }
}

/// A plot's own units; see [`crate::charts::samples`].
const PLOT_BOX: &str = "0 0 1000 100";

fn no_area(_: &Samples, _: crate::charts::axis::TimeAxis, _: f64) -> String {
    String::new()
}
