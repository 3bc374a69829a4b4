//! The figure elsewhere: in the lab at this instant, as an address to send to somebody, as a part of another page.

use leptos::prelude::*;
use understudy_address::{Lock, Run};
use understudy_lessons::Figure;

use super::address::{self, Told};
use super::living::Living;
use crate::bind::{aria, flag, press, text};
use crate::browser;
use crate::player::Player;

/// A link to the lab, and two buttons that show what there is to copy.
pub fn hand_out(living: Living, figure: &Figure, player: Player) -> impl IntoView + use<> {
    let run = living.run().filter(|_| living.view().allows(Lock::Links));
    run.map(|run| view(living, run, figure, player))
}

fn view(living: Living, run: Run, figure: &Figure, player: Player) -> impl IntoView + use<> {
    let (plan, seed) = (figure.plan.clone(), figure.seed);
    let plan = StoredValue::new_local(plan);
    let run = StoredValue::new(run);
    let title = StoredValue::new(plan.with_value(|plan| plan.title().to_string()));
    // As it is at the moment; changes a few times a second.
    let query = text(move || {
        player.run.get().glance.track();
        player.timeline(|timeline| {
            plan.with_value(|plan| {
                run.with_value(|run| {
                    let commands = timeline.commands();
                    address::query(&Told { run, plan, seed, commands, at: timeline.wanted() })
                })
            })
        })
    });
    let lab = text(move || format!("./lab.html?{}", query.get()));
    // What is open to be copied: the text, whose words stay as they were when it was opened.
    let open = RwSignal::new(None::<(bool, String)>);
    let show = move |embed: bool| {
        let text = if embed {
            title.with_value(|title| embed_code(&query.get_untracked(), title))
        } else {
            browser::absolute(&lab.get_untracked())
        };
        open.update(|open| {
            *open =
                if open.as_ref().is_some_and(|open| open.0 == embed) { None } else { Some((embed, text)) };
        });
    };
    let button = |embed: bool, label: &'static str| {
        let is_open = flag(move || open.with(|open| open.as_ref().is_some_and(|open| open.0 == embed)));
        view! {
            <button type="button" class="plain" aria-expanded=aria(is_open) on:click=press(move |_| show(embed))>
                {label}
            </button>
        }
    };
    view! {
        <div class="hand-out">
            <a href=lab>"Open in the lab"</a>
            {button(false, "Share")}
            {button(true, "Embed")}
            {copied(living, open)}
        </div>
    }
}

/// The text to be copied, and the button that does it.
fn copied(living: Living, open: RwSignal<Option<(bool, String)>>) -> impl IntoView {
    let id = format!("copied-{}", living.number);
    let field = id.clone();
    let done = RwSignal::new(false);
    let words = text(move || open.get().map(|open| open.1).unwrap_or_default());
    let label = text(move || {
        let is_embed = open.with(|open| open.as_ref().is_some_and(|open| open.0));
        String::from(if is_embed { "Code for your page" } else { "Address of this moment" })
    });
    Effect::new(move |_| {
        open.track();
        done.set(false);
    });
    let copy = move |_| {
        browser::copy(&field);
        done.set(true);
    };
    view! {
        <div class="copied" hidden=flag(move || open.with(Option::is_none))>
            <label for=id.clone()>{label}</label>
            <input id=id type="text" readonly prop:value=words />
            <button type="button" on:click=press(copy)>"Copy"</button>
            <span role="status">{text(move || String::from(if done.get() { "Copied." } else { "" }))}</span>
        </div>
    }
}

/// What another page needs to show the figure.
fn embed_code(query: &str, title: &str) -> String {
    let address = browser::absolute(&format!("./embed.html?{query}")).replace('&', "&amp;");
    let title = title.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<iframe src=\"{address}\" title=\"{title}\" width=\"100%\" height=\"560\" loading=\"lazy\" style=\"border:0\"></iframe>"
    )
}
