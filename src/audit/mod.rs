//! The audit on the page: what is weak in the open scenario, played, mended and taken along.
//!
//! [`understudy_audit::present`] says what is audited: the scenario with the modes as they are. The work is done in slices between frames
//! ([`understudy_audit::Sliced`]), and only when that has changed. [`findings`] makes plain data of the report, which
//! [`panel`] and the numbers on the stage ([`crate::stage::badge`]) show; [`play`] makes a run of a finding.

mod brief;
mod findings;
mod fix;
mod panel;
mod play;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use understudy_audit::findings::Level;
use understudy_audit::present::Modes;
use understudy_audit::{Options, Report, Sliced};
use understudy_sim::Plan;
use understudy_sim::plan::Mistake;
use understudy_sim::scenario::Scenario;

use crate::browser::now_ms;
use crate::lab::Lab;
use crate::stage::badge::{Badge, Notes};
use findings::{Item, Overall};
use fix::Preview;
pub use panel::{bar, panel};

/// A slice of work, in milliseconds: a frame has room for it beside its own.
const SLICE_MS: f64 = 5.0;
/// Between two slices.
const REST: Duration = Duration::from_millis(4);
/// A change is waited out so long: whoever turns one wheel often turns the next.
const IDLE: Duration = Duration::from_millis(250);

thread_local! {
    static SLICE_ENDS: Cell<f64> = const { Cell::new(0.0) };
}

fn is_due() -> bool {
    now_ms() >= SLICE_ENDS.get()
}

/// An audit that is done.
pub struct Done {
    scenario: Rc<Scenario>,
    report: Report,
    /// Its findings, by rank.
    items: Vec<Item>,
    overall: Overall,
}

impl Done {
    fn new(scenario: Rc<Scenario>, report: Report) -> Self {
        let plan = Plan::build(&scenario).expect("it was audited");
        Self { items: findings::items(&report, &plan), overall: Overall::of(&report), scenario, report }
    }

    fn item(&self, number: usize) -> Option<&Item> {
        self.items.get(number.checked_sub(1)?)
    }
}

/// What an audit is done for.
enum Purpose {
    Present,
    /// To see what the fix of a finding changes.
    Fix(usize),
}

struct Work {
    purpose: Purpose,
    scenario: Rc<Scenario>,
    audit: Sliced,
}

/// The state of the audit.
#[derive(Clone, Copy)]
pub struct Audit {
    lab: Lab,
    /// Whether the panel is open: nobody else asks for an audit.
    pub is_open: Signal<bool>,
    /// The latest audit that is done.
    done: RwSignal<Option<Rc<Done>>, LocalStorage>,
    /// Whether another is under way.
    is_busy: RwSignal<bool>,
    /// The levels that are shown, the worst first.
    shown: RwSignal<[bool; 3]>,
    /// The finding whose details are open.
    open: RwSignal<Option<usize>>,
    /// The finding that is pointed at.
    pointed: RwSignal<Option<usize>>,
    preview: RwSignal<Option<Rc<Preview>>, LocalStorage>,
    work: StoredValue<Option<Work>, LocalStorage>,
    /// How often something has changed.
    changes: StoredValue<u32>,
}

impl Audit {
    /// The audit of what is open in the lab, whenever `is_open` says that somebody looks.
    pub fn new(lab: Lab, is_open: Signal<bool>) -> Self {
        let audit = Self {
            lab,
            is_open,
            done: RwSignal::new_local(None),
            is_busy: RwSignal::new(false),
            shown: RwSignal::new([true, true, false]),
            open: RwSignal::new(None),
            pointed: RwSignal::new(None),
            preview: RwSignal::new_local(None),
            work: StoredValue::new_local(None),
            changes: StoredValue::new(0),
        };
        let modes = Memo::new(move |_| {
            let run = lab.run.get();
            is_open.get().then(|| run.glance.with(|snapshot| Modes::of(snapshot)))
        });
        Effect::new(move |_| {
            lab.run.track();
            if modes.with(Option::is_some) {
                audit.wait();
            }
        });
        audit
    }

    /// Audits when nothing has changed for a while.
    fn wait(self) {
        let change = self.changes.try_update_value(|changes| {
            *changes += 1;
            *changes
        });
        set_timeout(
            move || {
                if change == Some(self.changes.get_value()) {
                    self.audit_present();
                }
            },
            IDLE,
        );
    }

    fn audit_present(self) {
        let run = self.lab.run.get_untracked();
        let Ok(scenario) = Scenario::parse("the open scenario", &self.lab.scenario()) else { return };
        let scenario = run.glance.with_untracked(|snapshot| Modes::of(snapshot)).applied_to(&scenario);
        let is_known = |done: &Option<Rc<Done>>| done.as_ref().is_some_and(|done| *done.scenario == scenario);
        if self.done.with_untracked(is_known) {
            self.stop(|purpose| matches!(purpose, Purpose::Present));
            return;
        }
        self.preview.set(None);
        self.start(Purpose::Present, Rc::new(scenario));
    }

    fn stop(self, is_meant: impl Fn(&Purpose) -> bool) {
        let stopped = self.work.try_update_value(|work| {
            let is = work.as_ref().is_some_and(|work| is_meant(&work.purpose));
            if is {
                *work = None;
            }
            is
        });
        if stopped == Some(true) {
            self.is_busy.set(false);
        }
    }

    fn start(self, purpose: Purpose, scenario: Rc<Scenario>) {
        // What a fix changes is audited when the reader asks for it, one by one.
        let options = Options { previews: false, ..Options::default() };
        let audit = Sliced::new((*scenario).clone(), options, is_due);
        let was_idle =
            self.work.try_update_value(|work| work.replace(Work { purpose, scenario, audit }).is_none());
        self.is_busy.set(true);
        if was_idle == Some(true) {
            set_timeout(move || self.go_on(), REST);
        }
    }

    /// A slice.
    fn go_on(self) {
        SLICE_ENDS.set(now_ms() + SLICE_MS);
        let result = self.work.try_update_value(|work| {
            let result = work.as_mut()?.audit.go_on()?;
            work.take().map(|work| (work, result))
        });
        match result.flatten() {
            Some((work, result)) => {
                self.is_busy.set(false);
                self.finish(work, result);
            }
            None if self.work.with_value(Option::is_some) => set_timeout(move || self.go_on(), REST),
            None => {}
        }
    }

    fn finish(self, work: Work, result: Result<Report, Mistake>) {
        // What is open in the lab makes sense.
        let Ok(report) = result else { return };
        let done = Rc::new(Done::new(work.scenario, report));
        match work.purpose {
            Purpose::Present => {
                let open = self.open.get_untracked();
                let before = self.done.get_untracked();
                let key = open.and_then(|open| Some(before.as_ref()?.item(open)?.key.clone()));
                let again = done.items.iter().find(|item| Some(&item.key) == key.as_ref());
                self.open.set(again.map(|item| item.number));
                self.pointed.set(None);
                // Where there is nothing worse, notes are what there is to read.
                if done.items.iter().all(|item| item.level == Level::Note) {
                    self.shown.set([true; 3]);
                }
                self.done.set(Some(done));
            }
            Purpose::Fix(number) => {
                let before = self.done.get_untracked();
                self.preview.set(before.map(|before| Rc::new(Preview::new(number, &before, &done))));
            }
        }
    }

    /// Opens a finding, or closes it.
    fn toggle(self, number: usize) {
        self.preview.set(None);
        self.open.update(|open| *open = if *open == Some(number) { None } else { Some(number) });
    }

    /// The latest audit, if it is of what is on the stage: of the same nodes and links, whatever their modes.
    fn fitting(self) -> Option<Rc<Done>> {
        let plan = self.lab.run.get().plan();
        let fits = |done: &Rc<Done>| {
            let names = done.scenario.nodes.iter().map(understudy_sim::scenario::Node::name);
            done.scenario.links.len() == plan.links().len()
                && names.eq(plan.nodes().map(|(_, node)| &*node.name))
        };
        self.done.get().filter(fits)
    }

    fn item(self, number: usize) -> Option<Item> {
        self.done.with_untracked(|done| done.as_ref()?.item(number).cloned())
    }

    fn is_shown(self, level: Level) -> bool {
        let place = Level::ALL.iter().position(|(other, _)| *other == level).unwrap_or(0);
        self.shown.with(|shown| shown[place])
    }

    /// What the stage notes of it.
    pub fn notes(self) -> Notes {
        let asked = RwSignal::new(None);
        let badges = Memo::new(move |_| if self.is_open.get() { self.badges() } else { Vec::new() });
        let lit = Memo::new(move |_| {
            let number = self.pointed.get().or_else(|| self.open.get());
            let parts = || Some(self.fitting()?.item(number?)?.parts.clone());
            if self.is_open.get() { parts().unwrap_or_default() } else { Vec::new() }
        });
        Effect::new(move |_| {
            if let Some(number) = asked.get() {
                asked.set(None);
                self.preview.set(None);
                self.open.set(Some(number));
                panel::show(number);
            }
        });
        Notes { badges, lit, asked }
    }

    fn badges(self) -> Vec<Badge> {
        let Some(done) = self.fitting() else { return Vec::new() };
        let mut badges: Vec<Badge> = Vec::new();
        for item in done.items.iter().filter(|item| self.is_shown(item.level)) {
            for part in &item.parts {
                if let Some(known) = badges.iter_mut().find(|badge| badge.part == *part) {
                    known.more += 1;
                    continue;
                }
                let class = findings::level_look(item.level).0;
                let words = format!("finding {}, {class}", item.number);
                badges.push(Badge { part: *part, number: item.number, more: 0, class, words });
            }
        }
        for badge in badges.iter_mut().filter(|badge| badge.more > 0) {
            badge.words = format!("{} and {} more", badge.words, badge.more);
        }
        badges
    }
}
