//! What is on the screen of a figure: its stage, what is said of it, its controls.
//!
//! The still picture stands there until the figure comes near the window, and again on paper. The figure sleeps while
//! it is out of sight: no frame is asked for.

use leptos::prelude::*;
use understudy_address::Controls;
use understudy_lessons::Figure;

use super::living::Living;
use super::page::{self, Page};
use super::{controls, hand_out, sight};
use crate::bind::{flag, part, text};
use crate::player::Player;
use crate::problem::Problem;
use crate::stage::stage;

/// Brings a figure to life, unless it is alive.
pub fn mount(living: Living, page: Page) {
    if living.player.with_untracked(Option::is_some) {
        return;
    }
    let element = living.element();
    match living.figure() {
        Ok(figure) => {
            page::mount(element.clone(), Box::new(move || view(living, &figure, page).into_any()));
            let _ = element.class_list().add_1("alive");
            sleep_out_of_sight(living, page);
        }
        Err(why) => page::mount(element, Box::new(move || broken(why).into_any())),
    }
}

/// What is said where a figure cannot run.
fn broken(why: String) -> impl IntoView {
    view! {
        <p class="problem" role="alert">
            "This figure does not run; the picture is all there is of it. " <code>{why}</code>
        </p>
    }
}

/// Frames are asked for while the figure is in the window. One that wants to starts the first time that it is seen.
fn sleep_out_of_sight(living: Living, page: Page) {
    let element = living.element();
    let mut starts = element.has_attribute("data-on-sight");
    let tell = move |in_sight: bool| {
        let Some(player) = living.player.get_untracked() else { return };
        player.set_asleep(!in_sight);
        if in_sight
            && std::mem::take(&mut starts)
            && !page.calm.get_untracked()
            && !living.locked.get_untracked()
        {
            player.set_playing(true);
        }
    };
    sight::watch(&element, "0px", Box::new(tell));
}

fn view(living: Living, figure: &Figure, page: Page) -> impl IntoView + use<> {
    let player = living.make_player(figure, page.calm);
    provide_context(player);
    provide_context(page.look);
    view! {
        <div class="live">
            {stage()}
            {caption(living)}
            {problems(player)}
            {(living.view().controls != Controls::None).then(|| {
                view! {
                    {controls::controls(living, figure, player)}
                    {hand_out::hand_out(living, figure, player)}
                }
            })}
        </div>
    }
}

/// The sentence that says what is being seen, and to those who do not see it, whenever it is another one.
fn caption(living: Living) -> impl IntoView {
    let sentence = text(move || {
        if living.locked.get() {
            String::from("Answer the question first: then the figure runs, and shows whether you were right.")
        } else {
            living.caption.get().1
        }
    });
    // Its numbers change all the time; who listens is told when there is something else to say.
    let place = Memo::new(move |_| living.caption.with(|caption| caption.0));
    let told = text(move || {
        place.track();
        living.caption.with_untracked(|caption| caption.1.clone())
    });
    view! {
        <p class="caption" aria-hidden="true">{sentence}</p>
        <p class="unseen" role="status">{told}</p>
    }
}

/// What could not be done.
fn problems(player: Player) -> impl IntoView {
    let one = |problem: Problem| view! { <p>{problem.title} ": " {problem.text}</p> };
    let none = flag(move || player.problems.with(Vec::is_empty));
    view! {
        <div class="problem" role="alert" hidden=none>
            {part(move || player.problems.get().into_iter().map(one).collect_view())}
        </div>
    }
}
