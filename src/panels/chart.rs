//! The chart: requests per second over the last minute, answered and failed.

use leptos::prelude::*;

use super::series::{Frame, SHOWN_S, Second, Turn, in_words, turns};
use crate::bind::text;
use crate::driver::Lab;
use crate::stage::geometry::px;

/// The drawing's size in its own units, as in its `viewBox`; it is stretched to the panel, lines keep their width.
const W: f64 = 600.0;
const H: f64 = 100.0;

/// The chart with its axes and words.
pub fn chart() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let path = move |shape: fn(&Frame, &[Second]) -> String| {
        text(move || lab.run.get().series.with(|seconds| shape(&Frame::around(seconds, W, H), seconds)))
    };
    let top = move || lab.run.get().series.with(|seconds| Frame::around(seconds, W, H).top);
    let words = text(move || lab.run.get().series.with(|seconds| in_words(seconds)));
    let turns = move || {
        let run = lab.run.get();
        let turns = run.series.with(|seconds| run.log.with(|log| turns(log, seconds)));
        turns.into_iter().map(turn).collect_view()
    };
    view! {
        <figure class="chart">
            <figcaption>
                <h2>"Requests per second"</h2>
                <span class="key answered">"answered"</span>
                <span class="key failed">"failed"</span>
            </figcaption>
            <div class="plot" role="img" aria-label=words>
                <span class="y most">{text(move || top().to_string())}</span>
                <span class="y half">{text(move || (top() / 2).to_string())}</span>
                <span class="y zero">"0"</span>
                <svg viewBox="0 0 600 100" preserveAspectRatio="none" aria-hidden="true">
                    <path class="grid" d="M0 0H600M0 50H600M0 100H600" />
                    <path class="area" d=path(|frame, seconds| frame.area(seconds, |second| second.failed)) />
                    <path
                        class="line failed"
                        d=path(|frame, seconds| frame.line_above_floor(seconds, |second| second.failed))
                    />
                    <path class="line answered" d=path(|frame, seconds| frame.line(seconds, |second| second.answered)) />
                </svg>
                {turns}
                <span class="x from">{format!("{SHOWN_S} s ago")}</span>
                <span class="x middle">{format!("{} s", SHOWN_S / 2)}</span>
                <span class="x to">"now"</span>
            </div>
        </figure>
    }
}

/// The line and label of a turning point.
fn turn(Turn { x, label, left, row }: Turn) -> impl IntoView {
    view! {
        <span class=if left { "turn left" } else { "turn" } style=format!("left:{}%;padding-top:{}px", px(x), row * 13)>
            {label}
        </span>
    }
}
