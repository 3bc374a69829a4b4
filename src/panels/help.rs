//! Help: how to read the picture, and the keys.

use leptos::html;
use leptos::prelude::*;

use crate::bind::Flag;
use crate::browser::storage;
use crate::icons::{self, icon};
use crate::keys::KEYS;

/// Keys that have their meaning by where the keyboard is.
const FIXED: [(&str, &str); 4] = [
    ("Tab", "to the next node, lamp or control"),
    ("Enter", "open the menu of the node"),
    ("Arrows", "through a menu, the marks, the scrubber"),
    ("Esc", "close the menu or this window"),
];

/// Where the reader's choice on single keys is kept.
const KEY: &str = "understudy-keys";

/// The help window and whether single keys are on.
#[derive(Clone, Copy)]
pub struct Help {
    dialog: NodeRef<html::Dialog>,
    /// Whether single keys do anything.
    pub keys_on: RwSignal<bool>,
}

impl Help {
    /// Closed, with the choice that was kept.
    pub fn new() -> Self {
        let keys_on = storage::get(KEY).as_deref() != Some("off");
        Self { dialog: NodeRef::new(), keys_on: RwSignal::new(keys_on) }
    }

    /// Opens the window.
    pub fn open(&self) {
        if let Some(dialog) = self.dialog.get_untracked()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    }

    fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }

    fn switch_keys(self) {
        let on = !self.keys_on.get_untracked();
        self.keys_on.set(on);
        storage::set(KEY, if on { "on" } else { "off" });
    }
}

/// The help window.
pub fn dialog() -> impl IntoView {
    let help = expect_context::<Help>();
    let shown = KEYS.iter().map(|key| (key.shown, key.does));
    let row = |(key, does): (&'static str, &'static str)| {
        view! {
            <div>
                <dt>
                    <kbd>{key}</kbd>
                </dt>
                <dd>{does}</dd>
            </div>
        }
    };
    view! {
        <dialog class="window" node_ref=help.dialog aria-labelledby="help-title">
            <div class="window-top">
                <h2 id="help-title">"How to read this"</h2>
                <button type="button" class="round" aria-label="Close help" on:click=move |_| help.close()>
                    {icon(icons::CLOSE)}
                </button>
            </div>
            <p>
                "Every dot is a request of the simulation. A disc goes out, a ring comes back with the answer, a cross \
                 brings the news of a failure. Small grey rings are health checks."
            </p>
            <p>
                "A card shows what is " <strong>"true"</strong> " of a node. The lamp on a link shows what the load \
                 balancer " <strong>"believes"</strong>
                ": it cannot see a death, it only counts checks that failed. The time between the two is when readers \
                 get errors."
            </p>
            <p>
                "The ring on a server is the share of its workers that were busy in the last second; each small \
                 square is a request that waits for one."
            </p>
            <h3>"Keys"</h3>
            <dl class="keys-table">{FIXED.into_iter().chain(shown).map(row).collect_view()}</dl>
            <label class="switch">
                <input type="checkbox" role="switch" prop:checked=Flag::from(help.keys_on) on:change=move |_| help.switch_keys() />
                "Single keys (Space, K, R, \u{2026}) are on"
            </label>
        </dialog>
    }
}
