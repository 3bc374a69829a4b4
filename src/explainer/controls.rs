//! The controls of a figure: time, what its lesson lets the reader do, and settings of which one is on.

use leptos::prelude::*;
use understudy_address::Lock;
use understudy_lessons::{Choice, Figure, Step};
use understudy_sim::{Command, SimTime};

use super::living::Living;
use crate::bind::{Flag, flag, press, text};
use crate::icons::{self, icon};
use crate::player::playback::SPEEDS;
use crate::player::{KEEPS_UP_PERMILLE, Player};
use crate::words::clock;

/// The row of controls, and below it the way along the run.
pub fn controls(living: Living, figure: &Figure, player: Player) -> impl IntoView + use<> {
    let locked = flag(move || living.locked.get());
    let sign = text(move || String::from(if player.playing.get() { icons::PAUSE } else { icons::PLAY }));
    let word = text(move || String::from(if player.playing.get() { "Pause" } else { "Play" }));
    let allowed = living.view();
    let actions = figure.actions.iter().filter(|_| allowed.allows(Lock::Actions));
    let actions = actions.map(|step| action(step, player, locked)).collect_view();
    let choices = figure.choices.iter().enumerate().filter(|_| allowed.allows(Lock::Modes));
    let choices = choices.map(|(place, one)| choice(living, place, one, player, locked));
    let choices = choices.collect_view();
    view! {
        <div class="controls" role="group" aria-label=format!("Controls of figure {}", living.number + 1)>
            <div class="row">
                <button type="button" class="play" disabled=locked on:click=press(move |_| player.toggle())>
                    {icon(sign)} {word}
                </button>
                {actions}
                {choices}
            </div>
            {time(living, figure, player, locked)}
        </div>
    }
}

/// Does what the reader asked for, and lets time pass so that they see what comes of it.
fn carry_out(player: Player, commands: &[Command]) {
    player.commands(commands);
    if !player.playing.get_untracked() {
        player.set_playing(true);
    }
}

fn action(step: &Step, player: Player, locked: Flag) -> impl IntoView + use<> {
    let commands = step.commands.clone();
    view! {
        <button type="button" disabled=locked on:click=press(move |_| carry_out(player, &commands))>
            {step.label.clone()}
        </button>
    }
}

fn choice(
    living: Living,
    place: usize,
    choice: &Choice,
    player: Player,
    locked: Flag,
) -> impl IntoView + use<> {
    let name = format!("choice-{}-{place}", living.number);
    let option = |(number, step): (usize, &Step)| {
        let commands = step.commands.clone();
        let is_on = flag(move || living.chosen.with(|all| all.get(place) == Some(&number)));
        view! {
            <label>
                <input
                    type="radio"
                    name=name.clone()
                    prop:checked=is_on
                    disabled=locked
                    on:change=move |_| carry_out(player, &commands)
                />
                <span>{step.label.clone()}</span>
            </label>
        }
    };
    let options = choice.options.iter().enumerate().map(option).collect_view();
    view! {
        <fieldset class="choice">
            <legend>{choice.label.clone()}</legend>
            {options}
        </fieldset>
    }
}

/// Where the run stands, and how fast it goes on.
fn time(living: Living, figure: &Figure, player: Player, locked: Flag) -> impl IntoView + use<> {
    let run = player.run.get_untracked();
    let planned = figure.stops_at.unwrap_or(figure.until).max(figure.until);
    // What the reader plays beyond it makes the way longer, in steps.
    let end_s = Memo::new(move |_| {
        let end = run.standing.with(|standing| standing.end).max(planned).as_nanos().div_ceil(1_000_000_000);
        if end > planned.as_nanos().div_ceil(1_000_000_000) { end.next_multiple_of(15) } else { end }
    });
    let now = move || run.frame.with(|snapshot| snapshot.now);
    let position = text(move || (now().as_nanos() / 100_000_000).to_string());
    let end = text(move || (end_s.get() * 10).to_string());
    let shown = text(move || clock(now()));
    let moved = move |event| {
        if let Ok(tenths) = event_target_value(&event).parse::<u64>() {
            player.seek(SimTime::from_millis(tenths * 100));
        }
    };
    let speed = text(move || {
        let label = SPEEDS[player.speed.get()].label;
        let ratio = label.split_once(' ').map_or(label, |(ratio, _)| ratio);
        let slow = player.playing.get() && player.kept.get() < KEEPS_UP_PERMILLE;
        // The machine cannot keep up: said, not hidden.
        if slow { format!("below {ratio}") } else { ratio.into() }
    });
    let (no_time, no_speed) = (!living.view().allows(Lock::Time), !living.view().allows(Lock::Speed));
    let change = move |by: isize| {
        let speed = player.speed.get_untracked().saturating_add_signed(by);
        player.set_speed(speed);
    };
    view! {
        <div class="row time">
            <button type="button" class="round" aria-label="Start again" title="Start again" hidden=no_time disabled=locked on:click=press(move |_| living.restart(false))>
                {icon(icons::AGAIN.to_string())}
            </button>
            <input
                type="range"
                hidden=no_time
                aria-label="Time"
                aria-valuetext=shown
                min="0"
                max=end
                prop:value=position
                disabled=locked
                on:input=moved
            />
            <span class="clock">{shown}</span>
            <span class="speed" role="group" aria-label="Speed" hidden=no_speed>
                <button type="button" class="round" aria-label="Slower" title="Slower" on:click=press(move |_| change(-1))>
                    {icon(icons::SLOWER.to_string())}
                </button>
                <output aria-label="Speed">{speed}</output>
                <button type="button" class="round" aria-label="Faster" title="Faster" on:click=press(move |_| change(1))>
                    {icon(icons::FASTER.to_string())}
                </button>
            </span>
        </div>
    }
}
