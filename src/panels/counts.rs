//! The live counts: how requests ended, and that the sum balances.

use leptos::prelude::*;
use understudy_sim::{Outcome, Totals};

use crate::driver::Lab;
use crate::words::grouped;

/// Outcomes that have their place even while nothing ended so.
const ALWAYS: [Outcome; 3] = [Outcome::Answered, Outcome::Refused, Outcome::Lost];

/// The counts.
pub fn counts() -> AnyView {
    let lab = expect_context::<Lab>();
    let totals = Memo::new(move |_| lab.run.get().glance.with(|snapshot| snapshot.totals));
    view! {
        <section class="counts" aria-label="How requests ended">
            <h2>"Requests so far"</h2>
            <dl>{Outcome::ALL.map(|outcome| count(totals, outcome)).into_iter().collect_view()}</dl>
            <p class="sum">
                {move || grouped(totals.get().sent)} " sent = " {move || grouped(totals.get().ended())} " ended + "
                {move || grouped(totals.get().in_flight())} " on the way"
            </p>
            <p class="sum">{move || share(totals.get())}</p>
        </section>
    }
    .into_any()
}

fn count(totals: Memo<Totals>, outcome: Outcome) -> AnyView {
    let number = move || totals.with(|totals| totals.of(outcome));
    let bad = outcome != Outcome::Answered;
    view! {
        <div
            class=format!("count {}", outcome.key())
            class:bad=move || { bad && number() > 0 }
            hidden=move || { number() == 0 && !ALWAYS.contains(&outcome) }
        >
            <dt>{outcome.name()}</dt>
            <dd>{move || grouped(number())}</dd>
        </div>
    }
    .into_any()
}

/// The answered share of what ended, in percent with one decimal, rounded down: 100 % means all.
fn share(totals: Totals) -> String {
    if totals.ended() == 0 {
        return String::from("None has ended yet.");
    }
    let permille = totals.of(Outcome::Answered) * 1_000 / totals.ended();
    format!("{}.{}\u{202f}% of these were answered", permille / 10, permille % 10)
}
