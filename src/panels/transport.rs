//! The transport: start, stop, how fast, and the simulated clock.

use leptos::prelude::*;

use crate::bind::text;
use crate::driver::{KEEPS_UP_PERMILLE, Lab};
use crate::icons::{self, icon};
use crate::playback::SPEEDS;
use crate::stage::most_drawn_note;
use crate::words::clock;

/// The row of controls.
pub fn transport() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let sign = text(move || String::from(if lab.playing.get() { icons::PAUSE } else { icons::PLAY }));
    let word = text(move || String::from(if lab.playing.get() { "Pause" } else { "Play" }));
    let time = text(move || lab.run.get().frame.with(|snapshot| clock(snapshot.now)));
    view! {
        <section class="transport" aria-label="Time">
            <button type="button" class="round" aria-label="Start again" title="Start again" on:click=move |_| lab.restart()>
                {icon(icons::RESTART)}
            </button>
            <button type="button" class="play" aria-label=word on:click=move |_| lab.toggle()>
                {icon(sign)}
                <span class="words">{word}</span>
            </button>
            <span class="clock" role="timer" aria-label="Simulated time" aria-live="off">{time}</span>
            {speed(lab)}
            {note(lab)}
        </section>
    }
}

fn speed(lab: Lab) -> impl IntoView {
    let choose = move |event| {
        if let Ok(index) = event_target_value(&event).parse() {
            lab.set_speed(index);
        }
    };
    let option = |(index, speed): (usize, &crate::playback::Speed)| {
        view! {
            <option value=index.to_string() selected=index == lab.speed.get_untracked()>
                {speed.label}
            </option>
        }
    };
    view! {
        <label class="speed">
            <span class="words">"Speed"</span>
            <select aria-label="Speed" on:change=choose>
                {SPEEDS.iter().enumerate().map(option).collect_view()}
            </select>
        </label>
    }
}

/// What the reader should know of the clock: that it is slow, or that not every request is drawn.
fn note(lab: Lab) -> impl IntoView {
    let said = text(move || {
        let kept = lab.kept.get();
        if lab.playing.get() && kept < KEEPS_UP_PERMILLE {
            let tenths = kept / 100;
            return format!(
                "Running at {}.{} of this speed: this machine cannot keep up.",
                tenths / 10,
                tenths % 10
            );
        }
        let run = lab.run.get();
        let sample = run.glance.with(|snapshot| snapshot.sample);
        most_drawn_note(sample, SPEEDS[lab.speed.get()], lab.calm.get())
    });
    view! { <span class="note">{said}</span> }
}
