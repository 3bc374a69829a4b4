//! The request that is followed: what happened to it, a sentence for each hop.

use leptos::prelude::*;
use understudy_sim::Outcome;
use understudy_sim::follow::{Hop, HopStep, hop_sentence};
use understudy_sim::ids::RequestNumber;

use crate::bind::text;
use crate::lab::Run;
use crate::words::{clock, grouped};

/// The list of hops of request `number`.
pub fn followed(run: Run, number: RequestNumber) -> impl IntoView {
    let standing = text(move || {
        run.followed.with(|followed| {
            match followed.as_ref().filter(|one| one.request == number && !one.hops.is_empty()) {
                None => String::from("It is not under way at this instant."),
                Some(one) => match one.outcome {
                    None => format!("A {}, under way.", one.kind.name()),
                    Some(outcome) => format!("A {}: {}.", one.kind.name(), outcome.name()),
                },
            }
        })
    });
    let hops = move || {
        let plan = run.plan();
        run.followed.with(|followed| {
            let hops = followed.iter().filter(|one| one.request == number).flat_map(|one| &one.hops);
            hops.map(|Hop { at, step }| {
                let bad = match step {
                    HopStep::Failed { .. } | HopStep::Vanished(_) => true,
                    HopStep::SentBack(_, outcome) | HopStep::Ended(_, outcome) => {
                        *outcome != Outcome::Answered
                    }
                    _ => false,
                };
                view! {
                    <li class:bad=bad>
                        <time>{clock(*at)}</time>
                        <span>{hop_sentence(*step, &plan)}</span>
                    </li>
                }
            })
            .collect_view()
        })
    };
    view! {
        <section class="followed" aria-label="The request that is followed">
            <h2>{format!("Request {}", grouped(number.0))}</h2>
            <p class="quiet">{standing}</p>
            <ol>{hops}</ol>
        </section>
    }
}
