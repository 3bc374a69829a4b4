//! Tells screen readers of turning points, and of nothing else: one sentence at a time, and not while another is
//! being read.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use crate::bind::text;
use crate::browser::now_ms;
use crate::lab::Lab;

/// The least time between two announcements, on the reader's clock.
const GAP_MS: f64 = 1_500.0;

/// The live region.
pub fn announcer() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let said = RwSignal::new(String::new());
    let last = StoredValue::new((0_u64, 0.0_f64));
    let speak = move || {
        let run = lab.run.get_untracked();
        let turning = run.log.with_untracked(|log| log.iter().find(|line| line.turns()).cloned());
        let Some(line) = turning else {
            said.set(String::new());
            return last.set_value((0, now_ms()));
        };
        // Number 0 stands for nothing said yet.
        if last.get_value().0 != line.id + 1 {
            last.set_value((line.id + 1, now_ms()));
            said.set(line.words);
        }
    };
    Effect::new(move |_| {
        lab.run.get().log.track();
        let wait = GAP_MS - (now_ms() - last.get_value().1);
        if wait > 0.0 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at most the gap, and positive"
            )]
            Timeout::new(wait as u32, speak).forget();
        } else {
            speak();
        }
    });
    view! {
        <p class="unseen" role="status" aria-live="polite">
            {text(move || said.get())}
        </p>
    }
}
