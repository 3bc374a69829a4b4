//! The window with the address of this moment.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::bind::{flag, text};
use crate::browser;
use crate::icons::{self, icon};
use crate::lab::Lab;
use crate::lab::share::Shared;
use crate::panels::header::save;

/// The field with the address.
const FIELD: &str = "shared-address";

/// The window.
#[derive(Clone, Copy)]
pub struct Share {
    dialog: NodeRef<html::Dialog>,
    shared: RwSignal<Shared>,
    copied: RwSignal<bool>,
}

impl Share {
    /// Closed.
    pub fn new() -> Self {
        Self {
            dialog: NodeRef::new(),
            shared: RwSignal::new(Shared::default()),
            copied: RwSignal::new(false),
        }
    }

    /// Stops time and opens the window with the address of this instant.
    pub fn open(self, lab: Lab) {
        lab.set_playing(false);
        self.copied.set(false);
        spawn_local(async move {
            self.shared.set(lab.share().await);
            if let Some(dialog) = self.dialog.get_untracked()
                && !dialog.open()
            {
                let _ = dialog.show_modal();
            }
        });
    }
}

/// The window.
pub fn dialog() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let Share { dialog, shared, copied } = expect_context::<Share>();
    let none = flag(move || shared.with(|shared| shared.query.is_none()));
    let some = flag(move || !none.get());
    let address = text(move || {
        shared.with(|shared| {
            shared
                .query
                .as_ref()
                .map(|query| browser::absolute(&format!("./lab.html?{query}")))
                .unwrap_or_default()
        })
    });
    let words = text(move || shared.with(|shared| shared.words.clone()));
    let copy = move |_| {
        browser::copy(FIELD);
        copied.set(true);
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <dialog class="window" node_ref=dialog aria-labelledby="share-title">
            <div class="window-top">
                <h2 id="share-title">"Share this moment"</h2>
                <button type="button" class="round" aria-label="Close" on:click=close>
                    {icon(icons::CLOSE)}
                </button>
            </div>
            <div class="shared" hidden=none>
                <input id=FIELD type="text" readonly aria-label="Address of this moment" prop:value=address />
                <button type="button" on:click=copy>"Copy"</button>
            </div>
            <p>{words}</p>
            <p hidden=some>
                <button type="button" on:click=move |_| save(lab)>"Save the run as a file"</button>
            </p>
            <p class="quiet" role="status">
                {text(move || String::from(if copied.get() { "Copied." } else { "" }))}
            </p>
        </dialog>
    }
}
