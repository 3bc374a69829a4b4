//! What the lab shows of the scenario that is open, beside what its stage shows.

use std::ops::Deref;

use leptos::prelude::*;
use understudy_sim::SimTime;
use understudy_sim::inspect::Inspection;

use super::ghost::Difference;
use crate::charts::axis::TimeAxis;
use crate::charts::lanes::{Lane, lanes};
use crate::charts::marks::Mark;
use crate::charts::samples::Samples;
use crate::guide::Past;
use crate::panels::log::Line;
use crate::player;

/// What can be seen of the scenario that is open. Another scenario is another `Run`.
#[derive(Clone, Copy)]
pub struct Run {
    /// What the stage shows of it.
    stage: player::Run,
    /// The stretch that scrubber and charts show.
    pub axis: RwSignal<TimeAxis>,
    /// The log, newest first.
    pub log: RwSignal<Vec<Line>>,
    /// What was broken so far.
    pub past: RwSignal<Past>,
    /// The turning points of the whole run, in order of time.
    pub marks: RwSignal<Vec<Mark>>,
    /// The charts there are.
    pub(super) lanes: StoredValue<Vec<Lane>>,
    /// What they show, line by line.
    pub charts: RwSignal<Vec<Vec<Samples>>>,
    /// The same of the run that was kept as a ghost; empty if there is none.
    pub ghost_charts: RwSignal<Vec<Vec<Samples>>>,
    /// The stretches in which nobody measured anything.
    pub gaps: RwSignal<Vec<(SimTime, SimTime)>>,
    /// Whether nobody measures at the end of the run.
    pub is_dark: RwSignal<bool>,
    /// What differs between this run and the ghost; `None` if there is none.
    pub difference: RwSignal<Option<Difference>>,
    /// The inside of the selected node.
    pub inside: RwSignal<Inspection>,
}

impl Deref for Run {
    type Target = player::Run;

    fn deref(&self) -> &player::Run {
        &self.stage
    }
}

impl Run {
    pub(super) fn new(stage: player::Run) -> Self {
        Self {
            lanes: StoredValue::new(lanes(&stage.plan())),
            stage,
            axis: RwSignal::new(TimeAxis::default()),
            log: RwSignal::new(Vec::new()),
            past: RwSignal::new(Past::default()),
            marks: RwSignal::new(Vec::new()),
            charts: RwSignal::new(Vec::new()),
            ghost_charts: RwSignal::new(Vec::new()),
            gaps: RwSignal::new(Vec::new()),
            is_dark: RwSignal::new(false),
            difference: RwSignal::new(None),
            inside: RwSignal::new(Inspection::default()),
        }
    }

    /// The charts there are.
    pub fn lanes(&self) -> Vec<Lane> {
        self.lanes.get_value()
    }
}
