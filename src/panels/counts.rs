//! The live counts: how requests ended, and that the sum balances.

use leptos::prelude::*;
use understudy_sim::{Outcome, Totals};

use crate::bind::{flag, text};
use crate::lab::Lab;
use crate::words::grouped;

/// Outcomes that have their place even while nothing ended so.
const ALWAYS: [Outcome; 3] = [Outcome::Answered, Outcome::Refused, Outcome::Lost];

/// The counts.
pub fn counts() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let totals = move || lab.run.get().glance.with(|snapshot| snapshot.totals);
    let sum = text(move || {
        let totals = totals();
        let [sent, ended, in_flight] = [totals.sent, totals.ended(), totals.in_flight()].map(grouped);
        format!("{sent} sent = {ended} ended + {in_flight} on the way")
    });
    view! {
        <section class="counts" aria-label="How requests ended">
            <h2>"Requests so far"</h2>
            <dl>{Outcome::ALL.map(|outcome| count(outcome, move || totals().of(outcome))).into_iter().collect_view()}</dl>
            <p class="sum">{sum}</p>
            <p class="sum">{text(move || share(&totals()))}</p>
        </section>
    }
}

fn count(outcome: Outcome, number: impl Fn() -> u64 + Copy + Send + Sync + 'static) -> impl IntoView {
    let bad = flag(move || outcome != Outcome::Answered && number() > 0);
    let absent = flag(move || number() == 0 && !ALWAYS.contains(&outcome));
    view! {
        <div class=format!("count {}", outcome.key()) class:bad=bad hidden=absent>
            <dt>{outcome.name()}</dt>
            <dd>{text(move || grouped(number()))}</dd>
        </div>
    }
}

/// The answered share of what ended, in percent with one decimal, rounded down: 100 % means all.
fn share(totals: &Totals) -> String {
    if totals.ended() == 0 {
        return String::from("None has ended yet.");
    }
    let permille = totals.of(Outcome::Answered) * 1_000 / totals.ended();
    format!("{}.{}\u{202f}% of these were answered", permille / 10, permille % 10)
}
