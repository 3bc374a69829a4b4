//! The inspector: what is true of the selected thing, what others believe of it, and what can be done to it.

use leptos::prelude::*;

use super::followed;
use crate::acts::{self, Act, Verb};
use crate::bind::{flag, part, text};
use crate::facts::{self, Pair, Row, Section};
use crate::lab::Lab;

/// The panel.
pub fn inspector() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let heading = move |part: fn((String, &'static str)) -> String| {
        text(move || part(facts::heading(lab.selected.get(), &lab.run.get().plan())))
    };
    let acts = Memo::new(move |_| {
        let (run, selected) = (lab.run.get(), lab.selected.get());
        run.frame.with(|snapshot| acts::of(selected, &run.plan(), snapshot))
    });
    let sections = Memo::new(move |_| {
        let (run, selected) = (lab.run.get(), lab.selected.get());
        let plan = run.plan();
        run.inside.with(|inside| {
            run.why.with(|why| {
                run.glance.with(|snapshot| facts::sections(selected, &plan, snapshot, why, inside))
            })
        })
    });
    view! {
        <aside class="inspector" id="inspector" tabindex="0" aria-label="Selected">
            {part(move || lab.selected.get().request().map(|number| followed::followed(lab.run.get(), number)))}
            <div class="about" hidden=flag(move || lab.selected.get().request().is_some())>
                <h2>{heading(|(name, _)| name)} " " <span class="kind">{heading(|(_, kind)| kind.into())}</span></h2>
                <div class="acts">{part(move || acts.get().into_iter().map(|act| button(lab, act)).collect_view())}</div>
            </div>
            {part(move || sections.get().into_iter().map(section).collect_view())}
        </aside>
    }
}

/// The control of one act.
fn button(lab: Lab, act: Act) -> impl IntoView {
    let Act { verb, label, key, commands, .. } = act;
    let kills = verb == Verb::Kill;
    view! {
        <button type="button" class:danger=kills title=format!("{label} ({key})") on:click=move |_| lab.commands(&commands)>
            {label}
        </button>
    }
}

/// A part of the panel. Its elements stay while its values change, so that text can be selected and read.
pub fn section(Section { title, pairs, heads, rows, prose }: Section) -> impl IntoView {
    let label = title.clone();
    let (untitled, unpaired, untabled, silent) =
        (title.is_empty(), pairs.is_empty(), heads.is_empty(), prose.is_empty());
    let pair = |Pair { name, value, tone }: Pair| {
        view! {
            <div class=tone>
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let cells = |cells: Vec<String>| {
        let mut cells = cells.into_iter();
        let name = cells.next();
        let rest = cells.map(|cell| view! { <td>{cell}</td> }).collect_view();
        view! {
            <th scope="row">{name}</th>
            {rest}
        }
    };
    let row = |Row { cells: all, tone }: Row| view! { <tr class=tone>{cells(all)}</tr> };
    let head = |head: &'static str| view! { <th scope="col">{head}</th> };
    view! {
        <section class="part">
            <h3 hidden=untitled>{title}</h3>
            <dl class="pairs" hidden=unpaired>
                {pairs.into_iter().map(pair).collect_view()}
            </dl>
            <table aria-label=label hidden=untabled>
                <thead>
                    <tr>{heads.into_iter().map(head).collect_view()}</tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
            <p class="reasons" hidden=silent>
                {prose}
            </p>
        </section>
    }
}
