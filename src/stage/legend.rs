//! The legend: every sign on the stage, in words.

use leptos::prelude::*;
use understudy_picture::signs::SIGNS;
use understudy_sim::plan::NodeKind;

use crate::bind::flag;
use crate::player::Player;

/// How the signs begin that only scenarios with an attacker have.
const ATTACK: &str = "attack";

/// The sign of this class.
pub fn sign(class: &'static str) -> impl IntoView {
    let path = SIGNS.iter().find(|(name, ..)| *name == class).map_or("", |(_, path, _)| *path);
    view! {
        <svg class=format!("sign {class}") viewBox="0 0 16 16" aria-hidden="true">
            <path d=path />
        </svg>
    }
}

/// The row of signs below the stage.
pub fn legend() -> impl IntoView {
    let player = expect_context::<Player>();
    let has_attacker = flag(move || {
        player.run.get().plan().nodes().any(|(_, node)| matches!(node.kind, NodeKind::Attacker(_)))
    });
    let signs = SIGNS.map(|(class, _, meaning)| {
        let absent = flag(move || class.starts_with(ATTACK) && !has_attacker.get());
        view! { <li hidden=absent>{sign(class)} {meaning}</li> }
    });
    view! {
        <ul class="legend" aria-label="Signs">
            {signs.into_iter().collect_view()}
            <li>"On a card: what is true. On a link: what the balancer believes."</li>
        </ul>
    }
}
