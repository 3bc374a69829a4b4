//! The table view: the facts of the stage and the charts as tables, in a window of its own.

use leptos::html;
use leptos::prelude::*;

use super::inspector::section;
use crate::bind::{part, text};
use crate::facts::{self, Row, Section};
use crate::icons::{self, icon};
use crate::lab::Lab;
use crate::words::clock;

/// The window.
#[derive(Clone, Copy)]
pub struct Table {
    dialog: NodeRef<html::Dialog>,
    /// Whether it is open: nothing is put into it while nobody sees it.
    is_open: RwSignal<bool>,
}

impl Table {
    /// Closed.
    pub fn new() -> Self {
        Self { dialog: NodeRef::new(), is_open: RwSignal::new(false) }
    }

    /// Opens the window, or closes it.
    pub fn toggle(self) {
        let Some(dialog) = self.dialog.get_untracked() else { return };
        if dialog.open() {
            dialog.close();
        } else {
            self.is_open.set(true);
            let _ = dialog.show_modal();
        }
    }
}

/// The latest values of every line of every chart.
fn charts(lab: Lab) -> Section {
    let run = lab.run.get();
    let now = run.standing.with(|standing| standing.now);
    let rows = run.charts.with(|charts| {
        let mut rows = Vec::new();
        for (lane, values) in run.lanes().iter().zip(charts) {
            for (line, samples) in lane.lines.iter().zip(values) {
                let value = samples.at(now).or_else(|| samples.last());
                let value = value.map_or_else(|| String::from("\u{2013}"), |value| lane.unit.write(value));
                rows.push(Row { cells: vec![format!("{}, {}", lane.title, line.name), value], tone: "" });
            }
        }
        rows
    });
    Section { title: "Charts".into(), heads: vec!["Line", "Now"], rows, ..Section::default() }
}

/// The window's contents.
pub fn dialog() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let table = lab.table;
    let sections = Memo::new(move |_| {
        if !table.is_open.get() {
            return Vec::new();
        }
        let run = lab.run.get();
        let plan = run.plan();
        let (nodes, links) =
            run.glance.with(|snapshot| (facts::table(&plan, snapshot), facts::link_table(&plan, snapshot)));
        vec![nodes, links, charts(lab)]
    });
    let title =
        text(move || format!("Everything at {}", lab.run.get().glance.with(|snapshot| clock(snapshot.now))));
    view! {
        <dialog
            class="window wide"
            node_ref=table.dialog
            aria-labelledby="table-title"
            on:close=move |_| table.is_open.set(false)
        >
            <div class="window-top">
                <h2 id="table-title">{title}</h2>
                <button type="button" class="round" aria-label="Close the table" on:click=move |_| table.toggle()>
                    {icon(icons::CLOSE)}
                </button>
            </div>
            <div class="tables" tabindex="0" role="region" aria-label="Tables">
                {part(move || sections.get().into_iter().map(section).collect_view())}
            </div>
        </dialog>
    }
}
