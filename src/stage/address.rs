//! Virtual addresses: a pill that sits on the balancer that holds the address, and moves with it. Two balancers that
//! both hold it are two pills and a conflict.

use leptos::prelude::*;
pub use understudy_picture::address::shared;
use understudy_picture::address::{Shared, holders};

use super::geometry::px;
use super::layout::Layout;
use crate::bind::{flag, text};
use crate::player::Run;

/// The pills of one address: as many as could hold it at once.
pub fn pills(run: Run, shared: Shared, layout: Memo<Layout>) -> impl IntoView {
    let Shared { address, balancers } = shared;
    let count = balancers.len();
    let holders = Memo::new(move |_| run.frame.with(|snapshot| holders(snapshot, &balancers)));
    let pill = move |place: usize| {
        let words = format!("VIP {address}");
        let mine = move || holders.with(|holders| holders.get(place).copied());
        let conflict = flag(move || holders.with(|holders| holders.len() > 1));
        let style = text(move || {
            let Some((id, _)) = mine() else { return String::new() };
            layout.with(|layout| {
                let card = layout.cards[id.get()].rect;
                format!("left:{}px;top:{}px", px(card.middle().x), px(card.y))
            })
        });
        view! {
            <span
                class="pill"
                class:conflict=conflict
                class:mute=flag(move || mine().is_some_and(|(_, up)| !up))
                hidden=flag(move || mine().is_none())
                prop:style=style
                aria-hidden="true"
            >
                {words}
                <b hidden=flag(move || !conflict.get())>" \u{26a0} twice"</b>
            </span>
        }
    };
    (0..count).map(pill).collect_view()
}
