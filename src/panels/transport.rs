//! The transport: start, stop, step, how fast, the simulated clock, and what stands beside it.

use leptos::prelude::*;

use crate::bind::{aria, flag, text};
use crate::icons::{self, icon};
use crate::lab::Lab;
use crate::player::KEEPS_UP_PERMILLE;
use crate::player::playback::SPEEDS;
use crate::stage::most_drawn_note;
use crate::words::clock;

/// The row of controls.
pub fn transport() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let sign = text(move || String::from(if lab.playing.get() { icons::PAUSE } else { icons::PLAY }));
    let word = text(move || String::from(if lab.playing.get() { "Pause" } else { "Play" }));
    let time = text(move || lab.run.get().frame.with(|snapshot| clock(snapshot.now)));
    let has_ghost = flag(move || lab.run.get().difference.with(Option::is_some));
    let round = |name: &'static str, path: &'static str, act: fn(Lab)| {
        view! {
            <button type="button" class="round" aria-label=name title=name on:click=move |_| act(lab)>
                {icon(path.to_string())}
            </button>
        }
    };
    view! {
        <section class="transport" aria-label="Time">
            {round("Start again", icons::RESTART, |lab| lab.restart())}
            {round("One event back (,)", icons::STEP_BACK, |lab| lab.step(false))}
            <button type="button" class="play" aria-label=word on:click=move |_| lab.toggle()>
                {icon(sign)}
                <span class="words">{word}</span>
            </button>
            {round("One event on (.)", icons::STEP, |lab| lab.step(true))}
            <span class="clock" role="timer" aria-label="Simulated time" aria-live="off">{time}</span>
            {speed(lab)}
            <span class="note">{note(lab)}</span>
            <span class="grow"></span>
            <button type="button" class="danger surprise" title="Break something at random (U)" on:click=move |_| lab.surprise()>
                "Surprise me"
            </button>
            <button
                type="button"
                class="what-if"
                aria-pressed=aria(has_ghost)
                title="Keep this run as a ghost and go on with a fork of it (W)"
                on:click=move |_| lab.what_if()
            >
                "What if\u{2026}"
            </button>
        </section>
    }
}

fn speed(lab: Lab) -> impl IntoView {
    let choose = move |event| {
        if let Ok(index) = event_target_value(&event).parse() {
            lab.set_speed(index);
        }
    };
    let option = |(index, speed): (usize, &crate::player::playback::Speed)| {
        let chosen = flag(move || lab.speed.get() == index);
        view! {
            <option value=index.to_string() prop:selected=chosen>
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
fn note(lab: Lab) -> crate::bind::Text {
    text(move || {
        let run = lab.run.get();
        if run.standing.with(|standing| standing.seeking) {
            return String::from("Looking for that instant\u{2026}");
        }
        let kept = lab.kept.get();
        if lab.playing.get() && kept < KEEPS_UP_PERMILLE {
            let tenths = kept / 100;
            return format!(
                "Running at {}.{} of this speed: this machine cannot keep up.",
                tenths / 10,
                tenths % 10
            );
        }
        let sample = run.glance.with(|snapshot| snapshot.sample);
        most_drawn_note(sample, SPEEDS[lab.speed.get()], lab.calm.get())
    })
}
