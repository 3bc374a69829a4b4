//! The brief of the page's address above the findings: its letter, what things cost, and each target, judged by the
//! audit of the design as it stands.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_audit::brief::{Brief, Found, Judged, Target};

use super::findings::share;
use super::{Audit, Done};
use crate::bind::{part, text};
use crate::icons::{self, icon};
use crate::stage::geometry::decimal;
use crate::words::{counted, duration, listed};

/// The brief, if there is one.
pub(super) fn brief(audit: Audit) -> impl IntoView {
    part(move || audit.lab.brief.get().map(|brief| shown(audit, &brief)))
}

fn shown(audit: Audit, brief: &Rc<Brief>) -> impl IntoView + use<> {
    let kept = StoredValue::new_local(brief.clone());
    let judged = move |done: &Done| kept.with_value(|brief| brief.judge(&done.scenario, &done.report));
    let status = text(move || match audit.fitting() {
        Some(done) => {
            let all = judged(&done);
            let met = all.iter().filter(|judged| judged.met).count();
            format!("{met} of {} met", counted(all.len() as u64, "target"))
        }
        None => String::from("Looking\u{2026}"),
    });
    let targets = part(move || {
        let all = audit.fitting().map(|done| judged(&done)).unwrap_or_default();
        kept.with_value(|brief| {
            let each = brief.targets.iter().enumerate();
            each.map(|(place, one)| target(one, all.get(place), brief)).collect_view()
        })
    });
    let letter = brief.letter.iter().map(|words| view! { <p>{words.clone()}</p> }).collect_view();
    let price = |(what, costs): (&str, u32)| {
        view! { <div><dt>{what.replace('-', " ")}</dt><dd>{costs}</dd></div> }
    };
    let prices = brief.prices.iter().map(|one| price((one.kind.word(), one.costs))).collect_view();
    view! {
        <section class="brief" aria-label="Brief">
            <div class="audit-head">
                <h2>"Brief"</h2>
                <span class="quiet" role="status">{status}</span>
            </div>
            <details>
                <summary>"The letter, and what things cost"</summary>
                <blockquote>{letter}</blockquote>
                <p class="quiet">{format!("One more of each, in {}:", brief.unit)}</p>
                <dl>{prices}</dl>
            </details>
            <ol class="targets">{targets}</ol>
            <p class="quiet">"Change the plan with Edit: this list is judged anew."</p>
        </section>
    }
}

fn target(target: &Target, judged: Option<&Judged>, brief: &Brief) -> impl IntoView + use<> {
    let met = judged.is_some_and(|judged| judged.met);
    let (class, path, word) = if met { ("met", icons::RIGHT, "met") } else { ("", icons::CLOSE, "not met") };
    let mark = judged.is_some().then(|| view! { <b>{icon(path.to_string())} {word}</b> });
    let found = judged.map(|judged| found(&judged.found, brief)).unwrap_or_default();
    view! {
        <li class=class>
            {target.text.clone()}
            <span>{mark} {found}</span>
        </li>
    }
}

/// What was found, in a few words.
fn found(found: &Found, brief: &Brief) -> String {
    match found {
        Found::Nothing => String::new(),
        Found::Shares(shares) => {
            let each: Vec<String> =
                shares.iter().map(|(service, one)| [service.name(), " ", &share(*one)].concat()).collect();
            each.join(", ")
        }
        Found::Names(names) => listed(&names.iter().map(String::as_str).collect::<Vec<_>>()),
        Found::Carries(without, per_s) => {
            format!("{} requests a second without {without}", decimal(*per_s, 0))
        }
        Found::Lost(None) => String::from("without a limit"),
        Found::Lost(Some(lost)) => duration(*lost),
        Found::Spent(spent) => format!("{spent} {}", brief.unit),
    }
}
