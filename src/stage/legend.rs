//! The legend: every sign on the stage, in words.

use leptos::prelude::*;
use understudy_sim::plan::NodeKind;

use crate::bind::flag;
use crate::player::Player;

/// A sign as a small picture, and what it means.
const SIGNS: [(&str, &str, &str); 11] = [
    ("request", "M8 4a4 4 0 1 0 0 8 4 4 0 1 0 0-8z", "read"),
    ("write", "M8 2.8 13.2 8 8 13.2 2.8 8z", "write"),
    ("reply", "M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 1 0 0-7z", "answer"),
    ("failed", "M4.5 4.5l7 7M11.5 4.5l-7 7", "failure"),
    ("probe", "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 1 0 0-5z", "health check"),
    ("records", "M8 4.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 1 0 0-6.8z", "log records"),
    ("attack", "M8 3.4 12.6 12H3.4z", "attack"),
    ("attack path", "M2 8h12", "attack path"),
    ("load", "M8 3a5 5 0 1 1-4.7 3.3", "load"),
    ("waiting", "M5.5 5.5h5v5h-5z", "request that waits"),
    ("standby", "M3.5 4.5h9v7h-9z", "standby"),
];

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
