//! The chart: requests per second over the last minute, answered and failed.

use leptos::prelude::*;

use super::series::{Frame, SHOWN_S, Second, Turn, in_words, turns};
use crate::driver::Lab;
use crate::stage::geometry::px;

/// The drawing's size in its own units; it is stretched to the panel, lines keep their width.
const W: f64 = 600.0;
const H: f64 = 100.0;

/// The chart with its axes and words.
pub fn chart() -> AnyView {
    let lab = expect_context::<Lab>();
    let series = Memo::new(move |_| lab.run.get().series.get());
    let path = move |shape: fn(&Frame, &[Second]) -> String| {
        move || series.with(|seconds| shape(&Frame::around(seconds, W, H), seconds))
    };
    let turns = move || {
        let turns = series.with(|seconds| lab.run.get().log.with(|log| turns(log, seconds)));
        turns.into_iter().map(turn).collect_view()
    };
    let top = move || series.with(|seconds| Frame::around(seconds, W, H).top);
    view! {
        <figure class="chart">
            <figcaption>
                <h2>"Requests per second"</h2>
                <span class="key answered">"answered"</span>
                <span class="key failed">"failed"</span>
            </figcaption>
            <div class="plot" role="img" aria-label=move || series.with(|seconds| in_words(seconds))>
                <span class="y most">{top}</span>
                <span class="y half">{move || top() / 2}</span>
                <span class="y zero">"0"</span>
                <svg viewBox=format!("0 0 {W} {H}") preserveAspectRatio="none" aria-hidden="true">
                    <path class="grid" d="M0 0H600M0 50H600M0 100H600" />
                    <path class="area" d=path(|frame, seconds| frame.area(seconds, |second| second.failed)) />
                    <path class="line failed" d=path(|frame, seconds| frame.line_above_floor(seconds, |second| second.failed)) />
                    <path class="line answered" d=path(|frame, seconds| frame.line(seconds, |second| second.answered)) />
                </svg>
                {turns}
                <span class="x from">{SHOWN_S} " s ago"</span>
                <span class="x middle">{SHOWN_S / 2} " s"</span>
                <span class="x to">"now"</span>
            </div>
        </figure>
    }
    .into_any()
}

/// The line and label of a turning point.
fn turn(Turn { x, label, left, row }: Turn) -> AnyView {
    view! {
        <span class="turn" class:left=left style=format!("left:{}%;padding-top:{}px", px(x), row * 13)>
            {label}
        </span>
    }
    .into_any()
}
